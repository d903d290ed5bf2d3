from __future__ import annotations

import csv
import re
import string
from pathlib import Path

import pytest

import jicheng
from jicheng.errors import InvalidInput, Where, fault

SOURCE = Path(jicheng.__file__).parent
ROWS = [
    row
    for file in sorted((SOURCE / "messages").glob("*.csv"))
    for row in csv.DictReader(file.read_text("utf-8").splitlines())
]
AREAS = {
    "zone": "E1",
    "select": "E2",
    "integrate": "E3",
    "optimise": "E4",
    "evaluate": "E5",
    "plan": "E6",
    "intake": "E6",
    "sample": "E7",
    "report": "E8",
    "rules": "E9",
    "retrieval": "E0",
    "sources": "E0",
    "taxonomy": "E0",
    "profile": "E0",
    "match": "E0",
}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("row", ROWS, ids=[row["code"] for row in ROWS])
def test_every_message_speaks_both_languages(row: dict[str, str]) -> None:
    assert all(row[column] for column in ("zh", "en", "hint_zh", "hint_en"))
    assert re.search(r"[\u4e00-\u9fff]", row["zh"] + row["hint_zh"])
    assert not re.search(r"[\u4e00-\u9fff]", row["en"])


def test_codes_are_unique() -> None:
    codes = [row["code"] for row in ROWS]
    assert sorted(set(codes)) == sorted(codes)


def test_codes_start_with_the_number_of_their_area() -> None:
    for file in (SOURCE / "messages").glob("*.csv"):
        for row in csv.DictReader(file.read_text("utf-8").splitlines()):
            assert row["code"].startswith(AREAS[file.stem]), row["code"]


def test_every_code_in_the_source_has_a_message_and_every_message_a_user() -> None:
    used = {
        code
        for file in SOURCE.rglob("*.py")
        for code in re.findall(r'"(E\d{3})"', file.read_text("utf-8"))
    }
    assert used == {row["code"] for row in ROWS}


def test_fault_names_place_message_and_remedy() -> None:
    found = fault("E103", where=Where("supply", "供给", 7, "technology"))
    assert found.in_language("zh") == "E103 [供给:7:technology] 必填项为空 → 请填写该单元格"
    assert found.in_language("en").endswith("Fill in the cell")


def test_error_carries_every_fault() -> None:
    faults = [fault("E103", where=Where(row=row)) for row in (2, 3)]
    error = InvalidInput(faults)
    assert error.faults == tuple(faults)
    assert error.code == "E103"
    assert str(error).count("\n") == 1
