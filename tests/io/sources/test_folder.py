from __future__ import annotations

import json
from pathlib import Path

import frictionless
import pytest

from jicheng.errors import InvalidInput
from jicheng.io.sources import import_files, sources
from jicheng.io.sources.folder import is_folder, read_folder, write_folder
from jicheng.io.sources.records import Origin, SourceRecords

RECORDINGS = Path(__file__).parent / "recordings"


@pytest.fixture
def records() -> SourceRecords:
    return import_files(sources()["openalex"], [RECORDINGS / "openalex"], retrieved="2026-11-24")


@pytest.fixture
def folder(records: SourceRecords, tmp_path: Path) -> Path:
    write_folder(records, tmp_path / "records")
    return tmp_path / "records"


def document_of(folder: Path) -> dict:
    return json.loads((folder / "datapackage.json").read_text("utf-8"))


def change(folder: Path, **parts: object) -> None:
    text = json.dumps({**document_of(folder), **parts})
    (folder / "datapackage.json").write_text(text, "utf-8")


def code_of(folder: Path) -> str:
    with pytest.raises(InvalidInput) as error:
        read_folder(folder)
    return error.value.code


def test_folder_reads_back_exactly(records: SourceRecords, folder: Path) -> None:
    again = read_folder(folder)
    assert again.origins == records.origins
    for name, frame in records.as_tables().items():
        assert again.as_tables()[name].equals(frame)
    assert [told.message for told in again.warnings] == [w.message for w in records.warnings]


def test_folder_is_a_valid_data_package(folder: Path) -> None:
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert report.valid, report.flatten(["rowNumber", "fieldName", "message"])
    assert [task.name for task in report.tasks] == [
        "organisations", "people", "texts", "text_parties",
    ]  # fmt: skip


def test_package_names_licence_and_lineage(folder: Path) -> None:
    document = document_of(folder)
    assert document["licenses"] == [{"name": "CC0-1.0", "title": "CC0-1.0"}]
    assert document["sources"] == [{"title": "OpenAlex"}]
    lineage = document["jicheng"]["lineage"][0]
    assert (lineage["file"], lineage["retrieved"]) == ("openalex", "2026-11-24")


def test_same_records_give_the_same_bytes(
    records: SourceRecords, folder: Path, tmp_path: Path
) -> None:
    write_folder(records, tmp_path / "again")
    for file in folder.iterdir():
        assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes()


def test_writing_again_replaces_the_folder(records: SourceRecords, folder: Path) -> None:
    write_folder(SourceRecords.of("A", texts=[{"id": "t", "kind": "web", "title": "T"}]), folder)
    assert sorted(file.name for file in folder.iterdir()) == ["datapackage.json", "texts.csv"]


def test_writing_never_removes_what_is_not_of_records(
    records: SourceRecords, tmp_path: Path
) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(InvalidInput) as error:
        write_folder(records, tmp_path)
    assert error.value.code == "E168"
    assert (tmp_path / "letter.txt").read_text() == "mine"


def test_text_of_several_lines_reads_back(tmp_path: Path) -> None:
    made = SourceRecords.of("A", texts=[{"id": "t", "kind": "web", "title": 'a\n"b",c'}])
    write_folder(made, tmp_path / "r")
    assert read_folder(tmp_path / "r").texts["title"].to_list() == ['a\n"b",c']


def test_tables_of_a_zone_travel_with_the_records(tmp_path: Path) -> None:
    made = SourceRecords.of(Origin("A"), tables={"technologies": [{"id": "tech:1", "name": "T"}]})
    write_folder(made, tmp_path / "r")
    assert read_folder(tmp_path / "r").tables["technologies"]["id"].to_list() == ["tech:1"]


def test_zone_and_other_folders_are_no_records(tmp_path: Path) -> None:
    assert not is_folder(tmp_path)
    (tmp_path / "datapackage.json").write_text('{"resources": []}')
    assert not is_folder(tmp_path)
    assert code_of(tmp_path) == "E080"


@pytest.mark.parametrize("text", ["[]", "{", '{"jicheng": 3}', "\ufeffx"])
def test_broken_description_is_no_folder(text: str, tmp_path: Path) -> None:
    (tmp_path / "datapackage.json").write_text(text, "utf-8")
    assert not is_folder(tmp_path)


@pytest.mark.parametrize("path", ["../texts.csv", "/etc/passwd", "https://x.example/t.csv"])
def test_path_that_leads_out_is_refused(path: str, folder: Path) -> None:
    change(folder, resources=[{"name": "texts", "path": path}])
    assert code_of(folder) == "E162"


def test_link_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.csv").write_text("id,kind,title,source\nt,web,T,A\n")
    (folder / "texts.csv").unlink()
    (folder / "texts.csv").symlink_to(tmp_path / "outside.csv")
    assert code_of(folder) == "E163"


def test_missing_table_is_refused(folder: Path) -> None:
    (folder / "texts.csv").unlink()
    assert code_of(folder) == "E150"


def test_unknown_column_is_refused(folder: Path) -> None:
    (folder / "texts.csv").write_text("id,colour\nt,red\n")
    assert code_of(folder) == "E088"


def test_column_named_twice_is_refused(folder: Path) -> None:
    (folder / "texts.csv").write_text("id,id\nt,u\n")
    assert code_of(folder) == "E088"


def test_unknown_table_is_refused(folder: Path) -> None:
    change(folder, resources=[{"name": "dogs", "path": "texts.csv"}])
    assert code_of(folder) == "E088"


def test_text_removed_by_hand_leaves_its_parties_lost(folder: Path) -> None:
    lines = (folder / "texts.csv").read_text("utf-8").splitlines(keepends=True)
    (folder / "texts.csv").write_text("".join(lines[:1] + lines[2:]), "utf-8")
    assert code_of(folder) == "E086"


def test_writing_again_never_removes_what_was_put_beside(
    records: SourceRecords, folder: Path
) -> None:
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(InvalidInput) as error:
        write_folder(records, folder)
    assert error.value.code == "E168"
    assert (folder / "notes.txt").read_text() == "mine"


def test_zone_is_never_replaced_by_records(records: SourceRecords, tmp_path: Path) -> None:
    (tmp_path / "datapackage.json").write_text('{"resources": []}')
    with pytest.raises(InvalidInput) as error:
        write_folder(records, tmp_path)
    assert error.value.code == "E168"


def test_notes_of_a_stranger_cannot_steer_the_terminal(folder: Path) -> None:
    own = document_of(folder)["jicheng"]
    change(folder, jicheng={**own, "notes": [{"code": "E083", "zh": "\x1b[2J\x9b注意", "en": "x"}]})
    assert read_folder(folder).warnings[0].message.zh == "[2J注意"
