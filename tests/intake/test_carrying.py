"""Rows that people stated survive in every table, and nothing else is lost unsaid."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from jicheng.errors import InvalidInput
from jicheng.intake.carrying import carry_over
from jicheng.zone import Source, Zone

LIST = "关键技术清单（清单.xlsx）"
TABLES = ("technologies", "links", "supply", "challenges", "organisations", "people")
SOURCES = [Source(LIST, "清单.xlsx", "", "", TABLES)]


def technology(own: str, name: str = "", **more: Any) -> dict[str, Any]:
    return {"id": f"tech:{own}", "name": name or own, "kind": "material", "source": LIST, **more}


def zone(*technologies: dict[str, Any], **tables: Any) -> Zone:
    rows = {"zones": [{"id": "zone:z", "name": "示例", "home": "CHN", "period": 2026}]}
    return Zone.of({**rows, "technologies": list(technologies), **tables}, sources=SOURCES)


def told(old: Zone, new: Zone) -> list[str]:
    return [found.code for found in carry_over(old, new).warnings("zone.replaced.csv")]


@pytest.mark.parametrize("source", ["李工", None])
def test_rows_that_a_person_added_to_a_table_of_lists_survive(source: str | None) -> None:
    own = technology("own", source=source)
    challenge = {"id": "ch:own", "technology": "tech:own", "name": "自选", "source": source}
    link = {"source": "tech:own", "target": "tech:a", "relation": "input", "origin": source}
    old = zone(technology("a"), own, challenges=[challenge], links=[link])
    made = carry_over(old, zone(technology("a")))
    assert made.zone["technologies"]["id"].to_list() == ["tech:a", "tech:own"]
    assert made.zone["challenges"]["id"].to_list() == ["ch:own"]
    assert made.zone["links"]["source"].to_list() == ["tech:own"]
    assert made.kept == {"technologies": 1, "links": 1, "challenges": 1}
    assert made.changes.is_empty()
    assert not made.warnings("")


def test_value_of_a_person_goes_before_the_list_and_is_told() -> None:
    own = technology("a", "光刻胶", source="李工", years_low=3)
    new = zone(technology("a", "光刻胶（清单）", years_low=5, years_high=8))
    made = carry_over(zone(own), new)
    row = made.zone["technologies"].row(0, named=True)
    assert (row["name"], row["years_low"], row["years_high"]) == ("光刻胶", 3, 8)
    assert row["source"] == "李工"
    assert made.conflicts == {"technologies": 2}
    assert made.changes.select("what", "attribute", "before", "now").rows() == [
        ("kept", "name", "光刻胶", "光刻胶（清单）"), ("kept", "years_low", "3.0", "5.0"),
    ]  # fmt: skip
    assert told(zone(own), new) == ["E662"]


def test_row_without_a_source_stays_its_persons_through_two_replacements() -> None:
    new = zone(technology("a", "清单"))
    once = carry_over(zone(technology("a", "我们", source=None)), new).zone
    twice = carry_over(once, new).zone
    assert twice["technologies"]["name"].to_list() == ["我们"]


def test_values_of_lists_that_change_or_go_are_kept_in_the_changes() -> None:
    old = zone(technology("a", "旧名"), technology("b", "乙", years_low=2))
    made = carry_over(old, zone(technology("a", "新名")))
    assert made.zone["technologies"]["name"].to_list() == ["新名"]
    assert ("changed", "tech:a", "name", "旧名", "新名") in made.changes.drop("table").rows()
    assert ("gone", "tech:b", "years_low", "2.0", None) in made.changes.drop("table").rows()
    assert told(old, zone(technology("a", "新名"))) == ["E663"]


def test_stated_row_that_names_what_is_gone_is_dropped_told_and_kept_in_the_changes() -> None:
    challenge = {"id": "ch:own", "technology": "tech:b", "name": "自选", "source": "李工"}
    old = zone(technology("a"), technology("b"), challenges=[challenge])
    made = carry_over(old, zone(technology("a")))
    assert made.zone["challenges"].is_empty()
    assert made.dropped == {"challenges": 1}
    assert ("dropped", "ch:own", "name", "自选", None) in made.changes.drop("table").rows()


def test_what_a_profile_derived_is_left_to_the_next_profile() -> None:
    people = [{"id": "person:p", "name": "甲", "kind": "person"}]
    own = [{"id": "cap:c", "name": "镀膜"}]
    row = {"holder": "person:p", "capability": "cap:c", "level": 0.5}
    derived = {**row, "source": "jicheng.profile.words: bm25"}
    old = zone(technology("a"), people=people, capabilities=own, holdings=[derived])
    made = carry_over(old, zone(technology("a"), people=people))
    assert made.zone["holdings"].is_empty()
    assert made.zone["capabilities"]["id"].to_list() == ["cap:c"]


def test_rows_that_do_not_fit_together_are_refused() -> None:
    own = technology("a", source="李工", years_low=9)
    with pytest.raises(InvalidInput):
        carry_over(zone(own), zone(technology("a", years_high=3)))


def test_order_of_rows_changes_nothing() -> None:
    rows = [technology("own", source=None), technology("a", "甲", source="李工"), technology("b")]
    new = zone(technology("a"), technology("c"))
    one, other = (carry_over(zone(*order), new) for order in (rows, rows[::-1]))
    assert one.zone.content_hash == other.zone.content_hash
    assert one.changes.equals(other.changes)
    assert isinstance(one.changes, pl.DataFrame)
