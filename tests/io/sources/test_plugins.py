from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jicheng.errors import InvalidInput
from jicheng.io.sources import SOURCES, import_files, sources


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Install a package with an entry point, as pip would lay it out."""

    def installed(name: str, value: str, code: str) -> None:
        (tmp_path / "made_up_source.py").write_text(code, "utf-8")
        info = tmp_path / "made_up_source-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: made-up-source\nVersion: 1.0\n"
        )
        (info / "entry_points.txt").write_text(f"[jicheng.sources]\n{name} = {value}\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        importlib.invalidate_caches()

    yield installed
    sys.modules.pop("made_up_source", None)


CODE = (Path(__file__).parent / "sample_plugin.py").read_text("utf-8")


def test_plugin_is_found_and_reads(install, tmp_path: Path) -> None:
    install("names", "made_up_source:Names", CODE)
    file = tmp_path / "list.txt"
    file.write_text("云海大学\n清河光电\n", "utf-8")
    made = import_files(sources()["names"], [file])
    assert sorted(made.organisations["name"]) == ["云海大学", "清河光电"]
    assert made.organisations["licence"].unique().to_list() == ["CC0-1.0"]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("made_up_source:Gone", CODE),
        ("made_up_source:Names", "raise RuntimeError('broken')"),
        ("made_up_source:Names", "class Names:\n    name = 'names'\n"),
        ("made_up_source:Names", CODE.replace('"names"', '"ror"')),
    ],
    ids=["absent", "fails", "no source", "name is taken"],
)
def test_plugin_with_a_fault_is_named(install, value: str, code: str) -> None:
    install("names", value, code)
    with pytest.raises(InvalidInput) as error:
        sources()
    assert error.value.code == "E097"


def test_plugin_that_fails_while_it_reads_is_named(install, tmp_path: Path) -> None:
    install("names", "made_up_source:Names", CODE)
    file = tmp_path / "list.txt"
    file.write_bytes(b"\xff")
    with pytest.raises(InvalidInput) as error:
        import_files(sources()["names"], [file])
    assert error.value.code == "E097"


def test_plugin_that_refuses_a_file_is_heard(install, tmp_path: Path) -> None:
    install("names", "made_up_source:Names", CODE)
    with pytest.raises(InvalidInput) as error:
        import_files(sources()["names"], [tmp_path / "gone.txt"])
    assert error.value.code == "E150"


def test_without_plugins_there_is_what_ships() -> None:
    assert set(sources()) == set(SOURCES)
