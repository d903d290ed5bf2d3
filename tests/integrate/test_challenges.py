"""Which technologies become challenges, and what each lacks."""

from __future__ import annotations

import polars as pl
import pytest

from builders import make_zone
from jicheng.conform import empty_frame
from jicheng.errors import InvalidInput
from jicheng.integrate.challenges import form_challenges
from jicheng.integrate.settings import ChallengeSettings
from jicheng.schema import plan_tables

TECHNOLOGIES = [
    {"id": f"tech:{x}", "name": f"技术{x}", "name_en": f"Technology {x}",
     "years_low": 3, "years_high": 6}
    for x in "abcd"
]  # fmt: skip


def zone_with(challenges=(), technologies=TECHNOLOGIES, needs=("a", "b", "c", "d")):
    return make_zone(
        technologies=technologies,
        capabilities=[{"id": "cap:x", "name": "能力"}],
        needs=[{"technology": f"tech:{x}", "capability": "cap:x"} for x in needs],
        challenges=challenges,
    )


def verdicts(**verdict):
    return pl.DataFrame(
        {
            "technology": [f"tech:{x}" for x in verdict],
            "verdict": list(verdict.values()),
            "is_priority": [v == "watch" for v in verdict.values()],
        }
    )


def by_id(result):
    return {row["challenge"]: row for row in result.challenges.iter_rows(named=True)}


def row(**cells):
    return {"id": "chal:1", "technology": "tech:a", "cost_low": 10, "cost_high": 20,
            "relief": 0.5} | cells  # fmt: skip


def test_chokepoint_with_a_row_of_the_zone_takes_what_the_row_says():
    given = row(name="攻关甲", years=3, r_fold=2, member_limit=5, lead_kinds="firm;institute",
                small_firm_share=0.25, parallel_teams=2)  # fmt: skip
    made = by_id(form_challenges(zone_with([given]), verdicts(a="chokepoint", b="safe")))
    assert list(made) == ["chal:1"]
    one = made["chal:1"]
    assert (one["name"], one["name_en"]) == ("攻关甲", "Technology a")
    assert (one["years"], one["r_fold"], one["member_limit"]) == (3.0, 2, 5)
    assert (one["lead_kinds"], one["small_firm_share"]) == ("firm;institute", 0.25)
    assert (one["origin"], one["readiness"], one["n_needs"]) == ("chokepoint", "ready", 1)


def test_chokepoint_without_a_row_gets_the_settings_and_stays_without_money():
    settings = ChallengeSettings(years=4.0, member_limit=6, lead_kinds=("firm", "platform"))
    result = form_challenges(zone_with(), verdicts(a="chokepoint"), settings)
    one = by_id(result)["challenge:tech:a"]
    assert (one["years"], one["member_limit"], one["r_fold"]) == (4.0, 6, 1)
    assert one["lead_kinds"] == "firm;platform"
    assert (one["cost_low"], one["relief"], one["readiness"]) == (None, None, "no_cost")
    assert [f.code for f in result.warnings] == ["E332"]


def test_every_row_of_a_technology_becomes_a_challenge():
    rows = [row(id="chal:1"), row(id="chal:2", relief=None)]
    made = by_id(form_challenges(zone_with(rows), verdicts(a="chokepoint")))
    assert {k: v["readiness"] for k, v in made.items()} == {
        "chal:1": "ready",
        "chal:2": "no_relief",
    }


def test_watch_becomes_a_challenge_only_if_asked_and_on_the_front():
    table = verdicts(a="watch", b="watch").with_columns(is_priority=pl.Series([True, None]))
    assert form_challenges(zone_with(), table).challenges.is_empty()
    made = by_id(
        form_challenges(zone_with(), table, ChallengeSettings(include_priority_watch=True))
    )
    assert list(made) == ["challenge:tech:a"]


def test_forced_in_is_listed_with_its_reason():
    result = form_challenges(zone_with(), verdicts(a="safe"), forced_in={"tech:a": "链主急需"})
    one = by_id(result)["challenge:tech:a"]
    assert (one["origin"], one["reason"]) == ("forced", "链主急需")


def test_left_out_is_listed_with_its_reason_and_never_ready():
    result = form_challenges(
        zone_with([row()]), verdicts(a="chokepoint"), left_out={"tech:a": "已有国产"}
    )
    one = by_id(result)["chal:1"]
    assert (one["origin"], one["readiness"], one["reason"]) == (
        "chokepoint",
        "left_out",
        "已有国产",
    )


def test_decisions_in_the_table_count_unless_given_again():
    table = verdicts(a="safe", b="chokepoint").with_columns(
        forced=pl.Series(["mandatory", "excluded"]), reason=pl.Series(["甲", "乙"])
    )
    made = by_id(form_challenges(zone_with(), table, forced_in={"tech:b": "丙"}))
    assert made["challenge:tech:a"]["origin"] == "forced"
    assert made["challenge:tech:b"]["reason"] == "丙"
    assert made["challenge:tech:b"]["readiness"] == "no_cost"


def test_row_about_no_chokepoint_is_listed_only_if_mandatory():
    rows = [
        row(id="chal:1", technology="tech:a"),
        row(id="chal:2", technology="tech:b", decision="mandatory", reason="省里要求"),
        row(id="chal:3", technology="tech:c", decision="excluded"),
    ]
    made = by_id(form_challenges(zone_with(rows), verdicts(a="watch", b="safe", c="watch")))
    assert list(made) == ["chal:2"]
    assert (made["chal:2"]["origin"], made["chal:2"]["reason"]) == ("zone", "省里要求")


@pytest.mark.parametrize(
    ("cells", "technologies", "needs", "readiness"),
    [
        ({}, TECHNOLOGIES, "b", "no_needs"),
        ({"cost_high": None}, TECHNOLOGIES, "a", "no_cost"),
        ({}, [{"id": "tech:a", "name": "甲"}, *TECHNOLOGIES[1:]], "a", "no_years"),
        ({"relief": None}, TECHNOLOGIES, "a", "no_relief"),
        ({}, TECHNOLOGIES, "a", "ready"),
    ],
)
def test_readiness_names_the_first_thing_that_is_missing(cells, technologies, needs, readiness):
    zone = zone_with([row(**cells)], technologies, needs)
    made = by_id(form_challenges(zone, verdicts(a="chokepoint")))
    assert made["chal:1"]["readiness"] == readiness


def test_unknown_technologies_are_all_named_with_near_ones():
    with pytest.raises(InvalidInput) as caught:
        form_challenges(zone_with(), verdicts(a="safe"), forced_in={"tech:x": "r", "x": "r"})
    assert [f.code for f in caught.value.faults] == ["E301", "E301"]
    assert "tech:d" in caught.value.faults[0].hint.en


def test_forced_in_and_left_out_is_refused():
    with pytest.raises(InvalidInput, match="E302"):
        form_challenges(
            zone_with(), verdicts(a="safe"), forced_in={"tech:a": "r"}, left_out={"tech:a": "r"}
        )


def test_table_is_as_the_schema_says_even_when_empty():
    table = form_challenges(make_zone(), verdicts()).challenges
    assert table.schema == empty_frame(plan_tables()["challenges"]).schema
    assert table.is_empty()


def test_order_of_chokepoints_changes_nothing():
    table = verdicts(a="chokepoint", b="chokepoint", c="chokepoint")
    zone = zone_with([row()])
    assert form_challenges(zone, table).challenges.equals(
        form_challenges(zone, table.reverse()).challenges
    )
