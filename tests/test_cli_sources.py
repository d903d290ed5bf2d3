from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jicheng.cli import main
from jicheng.io.sources import sites
from jicheng.io.sources.folder import read_folder
from source_servers import Asked, Reply, SourceServer, openalex

RECORDINGS = Path(__file__).parent / "io" / "sources" / "recordings"


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(part) for part in arguments])


@pytest.mark.parametrize(
    ("source", "files"),
    [("openalex", ["openalex"]), ("ror", ["ror/version-2.json"]),
     ("gleif", ["gleif/lei2.csv", "gleif/rr.csv"]), ("orcid", ["orcid"]), ("cordis", ["cordis"])],
)  # fmt: skip
def test_import_writes_records(source: str, files: list[str], tmp_path: Path) -> None:
    out = tmp_path / "records"
    result = call("import", source, *(RECORDINGS / file for file in files), "-o", out,
                  "--retrieved", "2026-11-24", "--query", "光刻")  # fmt: skip
    assert result.exit_code == 0, result.output
    made = read_folder(out)
    rows = sum(frame.height for frame in made.as_tables().values())
    assert rows
    for frame in made.as_tables().values():
        assert frame["query"].unique().to_list() in (["光刻"], [])
        assert frame["retrieved"].unique().to_list() in (["2026-11-24"], [])
    assert "jicheng resolve" in result.output


def test_import_of_one_country(tmp_path: Path) -> None:
    result = call("import", "ror", RECORDINGS / "ror/version-2.json", "-o", tmp_path / "r",
                  "--country", "中国")  # fmt: skip
    assert result.exit_code == 0
    assert read_folder(tmp_path / "r").organisations["country"].to_list() == ["CHN"]
    assert "E083" in result.output


def test_import_of_no_country_is_refused(tmp_path: Path) -> None:
    result = call("import", "ror", RECORDINGS / "ror/version-2.json", "-o", tmp_path / "r",
                  "--country", "Atlantis")  # fmt: skip
    assert result.exit_code == 2
    assert "E102" in result.output


def test_import_never_replaces_without_being_told(tmp_path: Path) -> None:
    arguments = ("import", "ror", RECORDINGS / "ror/version-2.json", "-o", tmp_path / "r")
    assert call(*arguments).exit_code == 0
    assert "E606" in call(*arguments).output
    assert call(*arguments, "--replace").exit_code == 0


def test_import_of_a_broken_file_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[{", "utf-8")
    result = call("import", "ror", tmp_path / "x.json", "-o", tmp_path / "r")
    assert result.exit_code == 2
    assert "E081" in result.output
    assert not (tmp_path / "r").exists()


def test_import_of_a_package_with_its_mapping(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "f.csv").write_text("firma\n清河光电\n", "utf-8")
    (folder / "datapackage.json").write_text(
        '{"name": "list", "resources": [{"name": "firms", "path": "f.csv"}]}'
    )
    (tmp_path / "m.toml").write_text(
        '[resources.firms]\ntable = "organisations"\ncolumns = {name = "firma"}\n'
    )
    result = call("import", "package", folder, "-o", tmp_path / "r", "--mapping",
                  tmp_path / "m.toml")  # fmt: skip
    assert result.exit_code == 0, result.output
    assert read_folder(tmp_path / "r").organisations["name"].to_list() == ["清河光电"]


def test_import_with_a_plugin_that_is_absent_is_refused(tmp_path: Path) -> None:
    result = call("import", "plugin", "names", tmp_path / "x", "-o", tmp_path / "r")
    assert result.exit_code == 2
    assert "E088" in result.output


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("OPENALEX_API_KEY", raising=False)
    with SourceServer(openalex).running() as running:
        found = sites.INTERFACES["openalex"]
        near = replace(found, site=replace(found.site, base=running.base))
        monkeypatch.setattr(sites, "INTERFACES", {**sites.INTERFACES, "openalex": near})
        yield running


def test_fetch_stops_resumes_and_writes_records(server: SourceServer, tmp_path: Path) -> None:
    arguments = ("fetch", "openalex", "--query", "etching", "-o", tmp_path / "r")
    first = call(*arguments, "--pages", "2")
    assert first.exit_code == 0, first.output
    assert "--resume" in first.output
    assert read_folder(tmp_path / "r").texts.height == 4
    again = call(*arguments, "--resume")
    assert again.exit_code == 0, again.output
    assert read_folder(tmp_path / "r").texts.height == 6
    assert len(server.asked) == 3
    assert (tmp_path / "r.raw" / "page-000003.json").is_file()


def test_fetch_never_replaces_records(server: SourceServer, tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    result = call("fetch", "openalex", "--query", "etching", "-o", tmp_path / "r")
    assert "E606" in result.output
    assert server.asked == []


def test_fetch_of_nothing_is_refused(server: SourceServer, tmp_path: Path) -> None:
    result = call("fetch", "openalex", "-o", tmp_path / "r")
    assert result.exit_code == 2
    assert "E098" in result.output
    assert server.asked == []


def test_fetch_warns_of_a_missing_key(server: SourceServer, tmp_path: Path) -> None:
    assert "E094" in call("fetch", "openalex", "--query", "x", "-o", tmp_path / "r").output


def test_refused_fetch_keeps_its_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(asked: Asked) -> Reply:
        refused = asked.params["cursor"] == "cursor-2"
        return Reply(403, {"error": "spent"}) if refused else openalex(asked)

    with SourceServer(answer).running() as running:
        found = sites.INTERFACES["openalex"]
        near = replace(found, site=replace(found.site, base=running.base))
        monkeypatch.setattr(sites, "INTERFACES", {"openalex": near})
        result = call("fetch", "openalex", "--query", "x", "-o", tmp_path / "r")
    assert result.exit_code == 2
    assert "E091" in result.output
    assert len(list((tmp_path / "r.raw").glob("page-*.json"))) == 1
