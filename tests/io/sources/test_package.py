from __future__ import annotations

import json
from pathlib import Path

import pytest

from jicheng.errors import InvalidInput
from jicheng.io.sources.package import Mapped, read, read_mapping

FIRMS = "company_name,uscc,phone\n深圳市清河光电有限公司,914403009900000007,0755\n云海大学,,\n"
MAPPING = """
[resources.firms]
table = "organisations"
columns = {name = "company_name", credit_code = "uscc"}
constants = {country = "CHN"}
"""


def package(folder: Path, *resources: dict, **parts: object) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "firms.csv").write_text(FIRMS, "utf-8")
    document = {"name": "a-list", "title": "园区名录",
                "licenses": [{"name": "CC-BY-4.0", "title": "CC BY 4.0"}],
                "resources": list(resources) or [{"name": "firms", "path": "firms.csv"}],
                **parts}  # fmt: skip
    (folder / "datapackage.json").write_text(json.dumps(document), "utf-8")
    return folder


def mapping(tmp_path: Path, text: str = MAPPING) -> dict[str, Mapped]:
    file = tmp_path / "mapping.toml"
    file.write_text(text, "utf-8")
    return read_mapping(file)


def code_of(folder: Path, **options: object) -> str:
    with pytest.raises(InvalidInput) as error:
        read(folder, **options)
    return error.value.code


def test_mapped_package_gives_records_with_licence_and_title(tmp_path: Path) -> None:
    made = read(package(tmp_path / "p"), mapping=mapping(tmp_path), retrieved="2026-11-24")
    rows = made.organisations.sort("name").to_dicts()
    assert [row["name"] for row in rows] == ["云海大学", "深圳市清河光电有限公司"]
    assert rows[1]["credit_code"] == "914403009900000007"
    assert rows[0]["credit_code"] is None
    assert {row["source"] for row in rows} == {"园区名录"}
    assert {row["licence"] for row in rows} == {"CC BY 4.0"}
    assert {row["country"] for row in rows} == {"CHN"}


def test_field_that_no_column_asks_for_stays_out(tmp_path: Path) -> None:
    made = read(package(tmp_path / "p"), mapping=mapping(tmp_path))
    assert made.organisations["telephone"].to_list() == [None, None]


def test_package_in_our_words_needs_no_mapping(tmp_path: Path) -> None:
    folder = package(tmp_path / "p", {"name": "texts", "path": "t.csv"},
                     {"name": "organisations", "path": ["o.csv", "o2.csv"]},
                     {"name": "text_parties", "path": "y.csv"})  # fmt: skip
    (folder / "t.csv").write_text("id;kind;title;extra\nt1;paper;T;x\n")
    (folder / "o.csv").write_text("id,name\no1,甲\n", "utf-8")
    (folder / "o2.csv").write_text("id,name\no2,乙\n", "utf-8")
    (folder / "y.csv").write_text("text,party,role\nt1,o1,author\n")
    made = read(folder)
    assert made.organisations["id"].to_list() == ["o1", "o2"]
    assert made.text_parties.height == made.texts.height == 1


def test_ids_do_not_depend_on_the_order_of_rows(tmp_path: Path) -> None:
    first = read(package(tmp_path / "p"), mapping=mapping(tmp_path)).organisations
    head, *rows = FIRMS.splitlines()
    folder = package(tmp_path / "p")
    (folder / "firms.csv").write_text("\n".join([head, *rows[::-1]]), "utf-8")
    assert read(folder, mapping=mapping(tmp_path)).organisations["id"].equals(first["id"])


def test_resource_without_a_table_is_named(tmp_path: Path) -> None:
    folder = package(tmp_path / "p", {"name": "firms", "path": "firms.csv"},
                     {"name": "dogs", "path": "dogs.csv"})  # fmt: skip
    made = read(folder, mapping=mapping(tmp_path))
    assert [told.code for told in made.warnings] == ["E083"]
    assert "dogs" in made.warnings[0].message.zh


def test_package_of_no_table_is_refused(tmp_path: Path) -> None:
    assert code_of(package(tmp_path / "p")) == "E080"


@pytest.mark.parametrize(
    ("path", "code"),
    [("../firms.csv", "E162"), ("https://x.example/f.csv", "E162"), ("gone.csv", "E150"),
     ("firms.xlsx", "E169"), (None, "E080"), ([], "E080"), ([3], "E080")],
)  # fmt: skip
def test_file_that_cannot_be_read_is_refused(path: object, code: str, tmp_path: Path) -> None:
    folder = package(tmp_path / "p", {"name": "firms", "path": path})
    (folder / "firms.xlsx").write_bytes(b"")
    assert code_of(folder, mapping=mapping(tmp_path)) == code


def test_field_of_the_mapping_that_is_absent_is_refused(tmp_path: Path) -> None:
    asked = {"firms": Mapped("organisations", {"name": "title"})}
    assert code_of(package(tmp_path / "p"), mapping=asked) == "E080"


@pytest.mark.parametrize("text", ["[]", "{", '{"resources": 3}'])
def test_broken_description_is_refused(text: str, tmp_path: Path) -> None:
    folder = package(tmp_path / "p")
    (folder / "datapackage.json").write_text(text)
    assert code_of(folder) == "E161"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x =", "E080"),
        ("x = 1", "E080"),
        ("[resources.firms]\ntable = 'dogs'", "E088"),
        ("[resources.firms]\ntable = 'texts'\ncolumns = {colour = 'c'}", "E088"),
        ("[resources.firms]\ntable = 'texts'\ncolumns = {title = 3}", "E088"),
    ],
)
def test_mapping_with_a_fault_is_refused(text: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as error:
        mapping(tmp_path, text)
    assert error.value.code == code
