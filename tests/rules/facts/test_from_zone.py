"""The facts of firms and people as the tables of a zone tell them."""

from __future__ import annotations

import datetime
import math

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from fact_builders import known, number_of, truth_of
from jicheng.errors import InvalidInput, MissingData, Text
from jicheng.rules.facts.dictionary import FactDefinition, FactKind, fact_dictionary
from jicheng.rules.facts.from_zone import facts_of
from jicheng.zone import Zone

INF = math.inf
ZONE = {"id": "z", "name": "示例区", "home": "CHN", "period": 2025}


def firm(name: str, **attributes):
    return {"id": name, "name": name, "kind": "firm", "zone": "z", **attributes}


def row(subject: str, indicator: str, period: int = 2025, **cells):
    return {"subject": subject, "indicator": indicator, "period": period, **cells}


def zone(*, firms=(), indicators=(), titles=(), people=()) -> Zone:
    return Zone.of(
        {
            "zones": [ZONE],
            "organisations": list(firms),
            "indicators": list(indicators),
            "qualifications": list(titles),
            "people": list(people),
        }
    )


def title(
    holder: str, kind: str, start: str | None = "2024-05-01", until: str | None = None, **more
):
    return {"holder": holder, "kind": kind, "valid_from": start, "valid_until": until, **more}


def test_figure_before_the_foundation_is_read_whatever_is_asked():
    made = zone(
        firms=[firm("a", founded=2025), firm("b", founded=2025)],
        indicators=[row("a", "revenue", 2024, value=4.0), row("b", "rd_expense", 2025, value=1.0)],
    )
    facts = facts_of(made, only=["rd_expense"])
    assert facts.is_doubted.tolist() == [True, False]
    assert number_of("sum(rd_expense, 2)", facts_of(made)) == number_of("sum(rd_expense, 2)", facts)


def test_figure_before_the_foundation_is_shown_as_it_was_told():
    made = zone(firms=[firm("a", founded=2025)], indicators=[row("a", "revenue", 2024, value=4.0)])
    facts = facts_of(made)
    assert facts.given("revenue", -1).low.tolist() == [4.0]
    assert number_of("revenue[-1]", facts) == ([0.0], [4.0])


def test_numbers_come_by_year_and_missing_ones_are_unknown():
    facts = facts_of(
        zone(
            firms=[firm("a"), firm("b")],
            indicators=[
                row("a", "revenue", value=5.0), row("a", "revenue", 2024, value=4.0),
                row("b", "revenue", 2026, value=9.0),
            ],
        )
    )  # fmt: skip
    assert facts.year == 2025
    assert number_of("revenue", facts) == ([5.0, 0.0], [5.0, INF])
    assert number_of("revenue[-1]", facts) == ([4.0, 0.0], [4.0, INF])


def test_other_evaluation_year_shifts_the_offsets():
    given = zone(firms=[firm("a")], indicators=[row("a", "revenue", 2024, value=4.0)])
    assert known("revenue", facts_of(given, year=2024)) == [4.0]


def test_intervals_keep_the_natural_range_at_the_end_that_is_not_given():
    facts = facts_of(
        zone(
            firms=[firm("a"), firm("b")],
            indicators=[row("a", "revenue", low=3.0, high=8.0), row("b", "revenue", high=8.0)],
        )
    )
    assert number_of("revenue", facts) == ([3.0, 0.0], [8.0, 8.0])


def test_fact_that_is_not_yearly_is_that_of_the_evaluation_year():
    given = zone(firms=[firm("a")], indicators=[row("a", "niche_years", 2024, value=4.0)])
    assert facts_of(given).missing("niche_years").tolist() == [True]


def test_conditions_are_said_by_number_or_word():
    facts = facts_of(
        zone(
            firms=[firm(name) for name in "abcde"],
            indicators=[
                row("a", "own_brand", value=1.0), row("b", "own_brand", value=0.0),
                row("c", "own_brand", text="是"), row("d", "own_brand", text="No"),
            ],
        )
    )  # fmt: skip
    assert truth_of("own_brand", facts) == [True, False, True, False, None]


def test_choices_are_understood_by_value_and_label():
    facts = facts_of(
        zone(
            firms=[firm("a", size="small", stage="成长期"), firm("b", stage="growth"), firm("c")],
            indicators=[row("a", "rd_institution_level", text="national")],
        )
    )
    assert truth_of("rd_institution_level == national", facts) == [True, None, None]
    assert truth_of("stage == growth", facts) == [True, True, None]
    assert truth_of("is_sme", facts) == [True, None, None]


def test_text_that_is_no_choice_is_refused_with_the_choices():
    given = zone(firms=[firm("a")], indicators=[row("a", "rd_institution_level", text="galactic")])
    with pytest.raises(InvalidInput) as raised:
        facts_of(given)
    (found,) = raised.value.faults
    assert found.code == "E913"
    assert "galactic" in found.message.zh
    assert "below_city" in found.hint.zh


@pytest.mark.parametrize(
    ("fact", "period", "cells"),
    [
        ("postgraduate_share", 2025, {"value": 45.0}),
        ("staff_total", 2025, {"value": -20.0}),
        ("revenue", 2024, {"value": -5.0}),
        ("revenue", 2025, {"low": -5.0, "high": -2.0}),
    ],
)
def test_number_that_cannot_be_is_refused_with_its_range(fact, period, cells):
    given = zone(firms=[firm("a")], indicators=[row("a", fact, period, **cells)])
    with pytest.raises(InvalidInput) as raised:
        facts_of(given)
    (found,) = raised.value.faults
    assert found.code == "E914"
    for part in ("a", str(period), fact_dictionary()[fact].label.zh, "[0, "):
        assert part in found.message.zh


def test_numbers_that_cannot_be_are_refused_all_at_once():
    given = zone(
        firms=[firm("a"), firm("b")],
        indicators=[row("a", "revenue", value=-1.0), row("b", "postgraduate_share", value=2.0)],
    )
    with pytest.raises(InvalidInput) as raised:
        facts_of(given)
    assert [found.code for found in raised.value.faults] == ["E914", "E914"]


def test_numbers_at_the_ends_of_the_range_are_taken():
    given = zone(
        firms=[firm("a"), firm("b")],
        indicators=[
            row("a", "postgraduate_share", value=1.0), row("b", "postgraduate_share", value=0.0),
            row("a", "net_assets", value=-3.0),
        ],
    )  # fmt: skip
    assert known("postgraduate_share", facts_of(given)) == [1.0, 0.0]


def test_field_outside_the_list_tells_nothing():
    facts = facts_of(zone(firms=[firm("a", field="养鱼")]))
    assert truth_of("tech_field in ['电子信息']", facts) == [None]


def test_months_since_the_foundation_are_an_interval_of_a_year():
    facts = facts_of(zone(firms=[firm("a", founded=2024), firm("b", founded=2025), firm("c")]))
    assert number_of("months_registered", facts) == ([12.0, 0.0, 0.0], [24.0, 12.0, INF])
    assert truth_of("months_registered >= 12", facts) == [True, None, None]


def test_months_that_are_typed_go_before_the_year_of_foundation():
    facts = facts_of(
        zone(
            firms=[firm("a", founded=2025), firm("b", founded=2025)],
            indicators=[row("a", "months_registered", value=7.0)],
        )
    )
    assert number_of("months_registered", facts) == ([7.0, 0.0], [7.0, 12.0])


def test_limit_that_is_typed_replaces_what_the_foundation_tells():
    facts = facts_of(
        zone(
            firms=[firm("a", founded=2020)],
            indicators=[row("a", "months_registered", high=7.0)],
        )
    )
    assert number_of("months_registered", facts) == ([0.0], [7.0])


def test_title_is_held_while_it_is_valid_at_the_end_of_the_year():
    facts = facts_of(
        zone(
            firms=[firm(name) for name in "abcde"],
            titles=[
                title("a", "high_tech_enterprise", "2023-12-01", "2026-11-30"),
                title("b", "high_tech_enterprise", "2022-12-01", "2025-11-30"),
                title("c", "high_tech_enterprise", "2026-02-01", "2029-01-31"),
                title("d", "high_tech_enterprise"),
            ],
        ),
        complete_lists=("high_tech_enterprise",),
    )
    assert truth_of("hte_valid", facts) == [True, False, False, True, False]


def test_title_is_that_of_the_day_where_one_is_named():
    given = zone(
        firms=[firm("a"), firm("b")],
        titles=[
            title("a", "tech_sme", "2023-12-01", "2028-09-24"),
            title("b", "tech_sme", "2026-02-01", "2030-01-01"),
        ],
    )
    told = {"complete_lists": ("tech_sme",)}
    late = facts_of(given, day=datetime.date(2030, 1, 1), **told)
    assert truth_of("tech_sme_valid", late) == [False, True]
    assert late.year == 2025
    assert truth_of("tech_sme_valid", facts_of(given, **told)) == [True, False]


def test_months_since_the_foundation_count_to_the_day():
    facts = facts_of(zone(firms=[firm("a", founded=2024)]), day=datetime.date(2025, 6, 30))
    assert number_of("months_registered", facts) == ([6.0], [18.0])


def test_title_without_a_row_is_unknown_unless_the_list_is_complete():
    given = zone(firms=[firm("a"), firm("b")], titles=[title("a", "little_giant")])
    assert truth_of("little_giant_valid", facts_of(given)) == [True, None]
    facts = facts_of(given, complete_lists=("little_giant", "tech_sme"))
    assert truth_of("little_giant_valid", facts) == [True, False]
    assert truth_of("tech_sme_valid", facts) == [False, False]


AWARDED = "national_award_years_ago <= 3 and national_award_rank <= {}"


def awarded(*awards: tuple[str | None, int | None]) -> Zone:
    return zone(
        firms=[firm("a"), firm("b")],
        titles=[title("a", "national_award", start, rank=rank) for start, rank in awards],
    )


def in_full(given: Zone):
    return facts_of(given, complete_lists=("national_award",))


def test_award_tells_years_and_rank_and_its_lack_that_there_is_none():
    facts = in_full(awarded(("2023-06-01", 4)))
    assert known("national_award_years_ago", facts) == [2.0, INF]
    assert known("national_award_rank", facts) == [4.0, INF]
    assert truth_of(AWARDED.format(5), facts) == [True, False]
    assert truth_of(AWARDED.format(3), facts) == [False, False]


def test_award_in_a_list_that_is_not_complete_may_not_be_the_last():
    facts = facts_of(awarded(("2019-06-01", 4)))
    assert number_of("national_award_years_ago", facts) == ([0.0, 0.0], [6.0, INF])
    assert number_of("national_award_rank", facts) == ([1.0, 1.0], [4.0, INF])
    assert truth_of(AWARDED.format(5), facts) == [None, None]
    assert truth_of(AWARDED.format(5), facts_of(awarded(("2023-06-01", 4)))) == [True, None]


def test_older_award_within_the_window_counts_where_it_is_better():
    facts = in_full(awarded(("2023-06-01", 1), ("2024-06-01", 4)))
    assert truth_of(AWARDED.format(3), facts)[0] is True


def test_rank_and_years_of_two_awards_do_not_make_one():
    facts = in_full(awarded(("2019-06-01", 1), ("2023-06-01", 4)))
    assert truth_of(AWARDED.format(3), facts)[0] is not True
    assert truth_of(AWARDED.format(5), facts)[0] is True


def test_older_award_beyond_three_years_is_not_certainly_nothing():
    facts = in_full(awarded(("2021-06-01", 1), ("2024-06-01", 9)))
    condition = "national_award_years_ago <= 5 and national_award_rank <= 3"
    assert truth_of(condition, facts) == [None, False]


@pytest.mark.parametrize(("start", "rank"), [(None, 1), ("2024-06-01", None)])
def test_award_without_day_or_rank_leaves_it_open(start, rank):
    assert truth_of(AWARDED.format(3), in_full(awarded((start, rank)))) == [None, False]


@settings(deadline=None, max_examples=60)
@drawn(
    st.lists(
        st.tuples(st.integers(2018, 2025), st.integers(1, 6)),
        min_size=1,
        max_size=4,
        unique_by=lambda award: award[0],
    ),
    st.integers(0, 6),
    st.integers(1, 6),
)
def test_what_holds_for_some_award_is_never_false_and_else_never_true(awards, years, rank):
    facts = in_full(awarded(*((f"{year}-06-01", place) for year, place in awards)))
    holds = any(2025 - year <= years and place <= rank for year, place in awards)
    condition = f"national_award_years_ago <= {years} and national_award_rank <= {rank}"
    assert truth_of(condition, facts)[0] in (holds, None)


def test_sources_and_groups_come_along():
    facts = facts_of(
        zone(
            firms=[firm("a", size="small"), firm("b")],
            indicators=[
                row("a", "revenue", value=5.0, source="税务"),
                row("b", "revenue", value=1.0),
            ],
        )
    )
    assert facts.sources["revenue"].to_list() == ["税务", ""]
    assert facts.groups["size"].to_list() == ["small", None]
    assert facts.names is not None
    assert facts.names.to_list() == ["a", "b"]


def test_subjects_are_the_firms_of_the_zone_in_the_order_of_the_table():
    given = zone(
        firms=[firm("b"), firm("a"), {**firm("out"), "zone": None},
               {**firm("u"), "kind": "university"}]
    )  # fmt: skip
    assert facts_of(given).subjects.to_list() == ["a", "b"]
    assert facts_of(given, subjects=["u", "b"]).subjects.to_list() == ["u", "b"]


def test_subjects_may_be_people_and_strangers():
    given = zone(
        firms=[firm("a")],
        people=[{"id": "p", "name": "王", "organisation": "a", "level": "杰出"}],
        indicators=[row("p", "won_before", value=1.0)],
        titles=[title("p", "national_award", "2024-01-01", rank=2)],
    )
    facts = facts_of(given, subjects=["p", "nobody"])
    assert truth_of("won_before", facts) == [True, None]
    assert number_of("national_award_rank", facts)[1] == [2.0, INF]
    assert facts.names is not None
    assert facts.names.to_list() == ["王", None]


def test_only_named_facts_are_read_with_what_they_follow_from():
    given = zone(
        firms=[firm("a", size="small")],
        indicators=[row("a", "ip_class1", value=2.0), row("a", "ip_class2", value=1.0),
                    row("a", "revenue", value=5.0)],
    )  # fmt: skip
    facts = facts_of(given, only=["ip_total"])
    assert known("ip_total", facts) == [3.0]
    assert ("revenue", 0) not in facts.numbers


def test_facts_of_a_pack_are_read_like_others():
    judged = FactDefinition(
        name="judged.cn.hte.ip", kind=FactKind.NUMBER, label=Text("评分", "points"),
        unit="points", minimum=0, maximum=8, origin="judged",
    )  # fmt: skip
    given = zone(firms=[firm("a")], indicators=[row("a", "judged.cn.hte.ip", value=7.0)])
    facts = facts_of(given, dictionary=fact_dictionary().with_facts([judged]))
    assert known("judged.cn.hte.ip", facts) == [7.0]


def test_choice_that_is_typed_goes_before_the_attribute():
    facts = facts_of(
        zone(
            firms=[firm("a", size="small"), firm("b", size="small")],
            indicators=[row("a", "size", text="大型")],
        )
    )
    assert truth_of("size == large", facts) == [True, False]


def test_condition_may_come_from_an_attribute():
    may_lead = FactDefinition(
        name="may_lead", kind=FactKind.CONDITION, label=Text("可牵头", "May lead"),
        origin="organisation:may_lead",
    )  # fmt: skip
    given = zone(firms=[firm("a", may_lead=True), firm("b", may_lead=False), firm("c")])
    facts = facts_of(given, dictionary=fact_dictionary().with_facts([may_lead]))
    assert truth_of("may_lead", facts) == [True, False, None]


def test_year_is_the_latest_of_the_figures_where_the_zone_has_no_row():
    alone = Zone.of(
        {"organisations": [{"id": "a", "name": "a", "kind": "firm"}],
         "indicators": [row("a", "revenue", 2023, value=4.0)]}
    )  # fmt: skip
    assert facts_of(alone).year == 2023
    assert known("revenue", facts_of(alone)) == [4.0]


def test_zone_without_any_year_is_refused():
    with pytest.raises(MissingData, match="E134"):
        facts_of(Zone.of({"organisations": [{"id": "a", "name": "a", "kind": "firm"}]}))


def test_zone_without_figures_knows_nothing():
    facts = facts_of(zone(firms=[firm("a")]))
    assert truth_of("revenue > 0 or own_brand or hte_valid", facts) == [None]
    assert facts.year == datetime.date(2025, 1, 1).year
