"""The shipped taxonomy: complete, in two languages, and consistent with itself."""

from __future__ import annotations

import itertools
import re

import polars as pl
import pytest

from jicheng import taxonomy
from jicheng.schema import zone_tables

HAN = re.compile(r"[\u4e00-\u9fff]")
FOREIGN = re.compile(r"[\u0370-\u052f\u3040-\u30ff\uac00-\ud7af]")


def test_taxonomy_has_the_columns_of_the_zone_table() -> None:
    assert tuple(taxonomy.load().columns) == zone_tables()["capabilities"].names


def test_taxonomy_passes_its_own_checks_unchanged() -> None:
    shipped = taxonomy.load()
    read = taxonomy.checked(shipped.select(taxonomy.COLUMNS), range(2, shipped.height + 2))
    assert read.select(taxonomy.COLUMNS).equals(shipped.select(taxonomy.COLUMNS))


def test_every_capability_has_a_field_and_every_field_capabilities() -> None:
    shipped = taxonomy.load()
    fields = set(shipped.filter(pl.col("parent").is_null())["id"])
    assert set(shipped["parent"].drop_nulls()) == fields
    assert shipped.height == 331


@pytest.mark.parametrize("column", ["description", "description_en", "terms"])
def test_every_capability_is_described(column: str) -> None:
    assert taxonomy.load()[column].null_count() == 0
    assert taxonomy.load()[column].n_unique() == 331


def test_descriptions_keep_to_their_language() -> None:
    shipped = taxonomy.load()
    assert all(HAN.search(text) for text in shipped["description"])
    assert not any(HAN.search(text) for text in shipped["description_en"])
    written = itertools.chain.from_iterable(shipped.select(taxonomy.COLUMNS).iter_rows())
    assert not any(FOREIGN.search(text.replace("Σ-Δ", "")) for text in written if text)


def test_descriptions_say_more_than_the_name() -> None:
    for name, zh, en in taxonomy.load().select("name", "description", "description_en").iter_rows():
        assert len(zh) >= max(20, len(name) + 12), name
        assert len(en.split()) >= 8, name
        assert zh.endswith("。"), name
        assert en.endswith("."), name


def test_terms_are_in_both_languages_and_never_repeat() -> None:
    for name, terms in taxonomy.load().select("id", "terms").iter_rows():
        parts = terms.split(";")
        assert len({part.casefold() for part in parts}) == len(parts), name
        assert 3 <= len(parts) <= 9, name
        assert any(HAN.search(part) for part in parts), name
        assert any(not HAN.search(part) for part in parts), name


def test_patent_class_gives_the_capabilities_that_agree_longest() -> None:
    assert "cap:immersion-control" in taxonomy.by_ipc("G03F 7/20 (2006.01)")
    assert "cap:metal-oxide-resist" not in taxonomy.by_ipc("G03F 7/20")
    assert "cap:metal-oxide-resist" in taxonomy.by_ipc("G03F0007004000")
    assert set(taxonomy.by_ipc("F16H 49/99")) >= {
        "cap:precision-transmission",
        "cap:thin-wall-gear",
    }
    assert taxonomy.by_ipc("A47G 1/00") == ()
    assert not any(name.endswith("-field") for name in taxonomy.by_ipc("G02B"))
