from __future__ import annotations

from jicheng.report import PlanView
from jicheng.report.names import Names
from jicheng.report.sections import defence, portfolio
from jicheng.report.tables import ReportTable, text_cell


def test_decisions_stand_by_price_and_name_what_they_are_about(plan: PlanView) -> None:
    part = defence.decisions(plan, Names.of(plan))
    assert [row[0].text.en for row in part.table.rows] == [
        "High-aperture projection lens",
        "EDA software",
        "High-aperture projection lens (only together with Domestic photoresist resin monomer)",
    ]
    assert "costs most: without it the plan would avoid 0.62% more" in part.says.en


def test_decision_whose_price_was_not_found_has_no_number(plan: PlanView) -> None:
    last = defence.decisions(plan, Names.of(plan)).table.rows[-1]
    assert (last[2].state, last[3].state) == ("not_computed", "not_computed")


def test_plan_without_the_decision_is_told_with_its_proof(plan: PlanView) -> None:
    first, second, _ = defence.decisions(plan, Names.of(plan)).table.rows
    assert first[3].text.en == "would add Millimetre-wave chip; would drop " \
        "High-aperture projection lens"  # fmt: skip
    assert second[3].text.en == "the same"


def test_races_show_further_teams_only_and_compare_with_the_plan(plan: PlanView) -> None:
    part = defence.races(plan, Names.of(plan))
    assert {row[1].value for row in part.table.rows} == {2, 3}
    pays = part.table.rows[0][5]
    assert pays.text.en == "25.5%"
    assert part.table.rows[0][3].interval is not None
    assert "the plan races 1" in part.says.en


def test_parts_without_rows_tell_why() -> None:
    for part in portfolio.parts(PlanView({}), Names({}, {})):
        assert part.table.rows == ()
        assert part.says.zh
        assert part.says.en


def test_long_table_is_parted_into_first_rows_and_the_rest() -> None:
    table = ReportTable.of([], [[text_cell(str(k))] for k in range(10)], ids=[*"abcdefghij"])
    first, rest = table.parted(8)
    assert len(first.rows) == 8
    assert rest is not None
    assert rest.ids == ("i", "j")
    assert first.parted(8) == (first, None)


def test_more_money_tells_all_purses_first_beside_the_slope(plan: PlanView) -> None:
    part = defence.more_money(plan, Names.of(plan))
    assert part.table.rows[0][0].text.en == "all purses"
    assert "the plan chosen anew avoids 0.21% more" in part.says.en
    assert part.says.en.endswith("says 0.36%.")


def test_kept_round_is_told_and_the_gap_of_points_is_no_bound(plan: PlanView) -> None:
    part = defence.joined(plan)
    assert part.says.en.startswith("3 rounds, round 1 is kept (9.20%, 0.30% more")
    assert "no bound on the value" in part.says.en
