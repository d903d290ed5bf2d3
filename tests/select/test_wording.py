"""Sentences of the explanations: the same fields in both languages, and none left over."""

from __future__ import annotations

import csv
import re
import string
from importlib import resources
from pathlib import Path

import pytest

import jicheng.select
from jicheng.errors import Text
from jicheng.select.wording import say

ROWS = list(
    csv.DictReader(
        resources.files("jicheng.schema")
        .joinpath("wording", "chokepoints.csv")
        .read_text("utf-8")
        .splitlines()
    )
)


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["key"])
def test_both_languages_have_the_same_fields(row: dict[str, str]) -> None:
    assert row["zh"]
    assert row["en"]
    assert fields(row["zh"]) == fields(row["en"])


def test_keys_occur_once() -> None:
    keys = [row["key"] for row in ROWS]
    assert len(set(keys)) == len(keys)


def test_every_sentence_is_used() -> None:
    folder = Path(str(jicheng.select.__file__)).parent
    code = "\n".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    made = ("label_", "provenance_", "basis_", "need_")  # keys put together from a prefix
    unused = [
        row["key"]
        for row in ROWS
        if not re.search(rf'"{row["key"]}(_assumed)?"', code)
        and not row["key"].startswith(made)
        and row["key"].removesuffix("_assumed") not in code
    ]
    assert unused == []


def test_a_text_goes_into_each_sentence_in_its_language() -> None:
    told = say("assumed", text=Text("中文", "English"))
    assert (told.zh, told.en) == ("假设：中文", "assumed: English")


def test_an_unknown_key_is_an_error_of_the_program() -> None:
    with pytest.raises(KeyError):
        say("no such sentence")
