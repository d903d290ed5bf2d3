from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from builders import technologies
from jicheng.errors import InvalidInput, Where
from jicheng.integrate.profile.needs import ConfirmedNeeds, confirm_needs, propose_needs
from jicheng.integrate.profile.settings import ProfileSettings
from jicheng.zone import Zone
from profile_builders import (
    CATERING_TEXT,
    COATING_TEXT,
    DROPLET,
    MULTILAYER,
    ON,
    text_zone,
    words_classifier,
)

COLUMNS = ("technology", "capability", "confirm", "level", "weight")


def zone_of(**tables: Any) -> Zone:
    told = {
        "tech:mirror": {"description": COATING_TEXT},
        "tech:food": {"description": CATERING_TEXT},
    }
    rows = {
        "technologies": technologies("tech:mirror", "tech:food", **told),
        "capabilities": words_classifier().capabilities,
    }
    return text_zone([], [], **(rows | tables))


def sheet(*rows: tuple[str | None, ...]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


def confirmed(
    zone: Zone, *rows: tuple[str | None, ...], who: str | None = "张三"
) -> ConfirmedNeeds:
    def place(row: int, column: str) -> Where:
        return Where(sheet="需求", row=row + 2, column=column)

    return confirm_needs(zone, sheet(*rows), place, who=who, on=ON)


def faults(*rows: tuple[str | None, ...], who: str | None = "张三") -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        confirmed(zone_of(), *rows, who=who)
    return [(found.code, str(found.where)) for found in caught.value.faults]


def test_proposals_say_what_the_description_speaks_of() -> None:
    found = propose_needs(zone_of(), words_classifier(), ProfileSettings())
    first = found.row(0, named=True)
    assert (first["technology"], first["capability"]) == ("tech:mirror", MULTILAYER)
    assert "tech:food" not in found["technology"].to_list()


def test_technology_with_needs_is_asked_about_only_by_name() -> None:
    zone = zone_of(needs=[{"technology": "tech:mirror", "capability": DROPLET}])
    made = words_classifier(), ProfileSettings()
    assert propose_needs(zone, *made).is_empty()
    asked = propose_needs(zone, *made, ["tech:mirror"])
    assert asked["capability"].to_list() == [MULTILAYER]
    with pytest.raises(InvalidInput, match="E034"):
        propose_needs(zone, *made, ["tech:mirrror"])


def test_only_confirmed_rows_enter_the_zone_exactly() -> None:
    made = confirmed(
        zone_of(),
        ("tech:mirror", MULTILAYER, "是", "0.7", "2.5"),
        ("tech:mirror", DROPLET, "no", "0.4", None),
        ("tech:food", DROPLET, None, "0.4", "1"),
        ("tech:food", MULTILAYER, "Yes", None, None),
    )
    rows = made.zone["needs"].select("technology", "capability", "level", "weight").rows()
    assert rows == [("tech:food", MULTILAYER, None, 1.0), ("tech:mirror", MULTILAYER, 0.7, 2.5)]
    assert set(made.zone["needs"]["source"]) == {"confirmed by 张三 on 2026-11-24"}
    assert (made.n_refused, made.n_open) == (1, 1)


def test_need_that_is_there_stands_and_a_difference_is_told() -> None:
    before = {"technology": "tech:mirror", "capability": MULTILAYER, "level": 0.5, "weight": 1.0}
    zone = zone_of(needs=[before])
    same = confirmed(zone, ("tech:mirror", MULTILAYER, "是", "50%", None))
    other = confirmed(zone, ("tech:mirror", MULTILAYER, "是", "0.9", None))
    for made in (same, other):
        assert made.zone["needs"].equals(zone["needs"])
        assert made.n_kept == 1
    assert [found.code for found in other.warnings] == ["E038"]
    assert same.warnings == ()


def test_every_fault_of_a_sheet_is_named_by_its_cell() -> None:
    found = faults(
        ("tech:mirror", MULTILAYER, "maybe", None, None),
        ("tech:mirrow", MULTILAYER, "是", None, None),
        ("tech:mirror", "cap:x", "是", None, None),
        (None, DROPLET, "否", None, None),
        ("tech:food", DROPLET, "是", None, None),
        ("tech:food", DROPLET, "否", None, None),
    )
    assert sorted(found) == sorted([
        ("E033", "需求:2:confirm"), ("E034", "需求:3:technology"), ("E034", "需求:4:capability"),
        ("E103", "需求:5:technology"), ("E036", "需求:7:capability"),
    ])  # fmt: skip


def test_wrong_numbers_and_unknown_ids_are_told_at_once() -> None:
    found = faults(
        ("tech:mirror", MULTILAYER, "是", "2", None),
        ("tech:food", DROPLET, "是", None, "-1"),
        ("tech:food", "cap:x", "是", None, None),
    )
    assert sorted(found) == sorted([
        ("E111", "需求:2:level"), ("E105", "需求:3:weight"), ("E034", "需求:4:capability"),
    ])  # fmt: skip


def test_confirmed_need_is_taken_back_by_a_later_no() -> None:
    first = confirmed(zone_of(), ("tech:mirror", MULTILAYER, "是", "0.7", None))
    later = confirmed(first.zone, ("tech:mirror", MULTILAYER, "否", None, None))
    assert later.zone["needs"].is_empty()
    assert later.n_removed == 1


def test_need_that_no_sheet_brought_stands_and_that_is_told() -> None:
    zone = zone_of(needs=[{"technology": "tech:mirror", "capability": MULTILAYER, "level": 0.5}])
    made = confirmed(zone, ("tech:mirror", MULTILAYER, "否", None, None))
    assert made.zone["needs"].equals(zone["needs"])
    assert [found.code for found in made.warnings] == ["E068"]


def test_new_needs_without_a_level_are_told() -> None:
    rows = [
        ("tech:mirror", MULTILAYER, "是", "0.7", None),
        ("tech:food", DROPLET, "是", None, None),
    ]
    (told,) = confirmed(zone_of(), *rows).warnings
    assert told.code == "E067"
    assert told.message.en.startswith("1 of the 2")


def test_proposal_carries_the_level_that_its_sentence_states() -> None:
    said = f"需要餐饮。{COATING_TEXT.rstrip('。')}，技术成熟度达到7级。"
    told = technologies("tech:mirror", **{"tech:mirror": {"description": said}})
    found = propose_needs(zone_of(technologies=told), words_classifier(), ProfileSettings())
    row = found.filter(pl.col("capability") == MULTILAYER).row(0, named=True)
    assert row["level"] == 0.78
    assert "7/9" in row["stated"]


@pytest.mark.parametrize(
    ("level", "weight", "code", "column"),
    [
        ("1.2", None, "E111", "level"),
        ("高", None, "E102", "level"),
        ("=1+1", None, "E102", "level"),
        ("nan", None, "E102", "level"),
        (None, "-1", "E105", "weight"),
        (None, "inf", "E102", "weight"),
    ],
)
def test_numbers_that_are_none_are_refused(
    level: str | None, weight: str | None, code: str, column: str
) -> None:
    rows = [("tech:food", DROPLET, "否", None, None), ("tech:mirror", DROPLET, "是", level, weight)]
    assert faults(*rows) == [(code, f"需求:3:{column}")]


@pytest.mark.parametrize("who", [None, "", "  ", "甲" * 61, "a\x00b", "=cmd()", "a\nb"])
def test_confirmation_needs_a_name(who: str | None) -> None:
    row = ("tech:mirror", MULTILAYER, "是", None, None)
    assert [code for code, _ in faults(row, who=who)] == ["E037"]


def test_hostile_cells_never_enter() -> None:
    found = faults(("=HYPERLINK(1)", "\x00", "是", None, None))
    assert [code for code, _ in found] == ["E034", "E034"]
