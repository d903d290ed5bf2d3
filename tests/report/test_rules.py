"""Points, verdicts, near-misses and policies in the report: intervals, marks, nothing hidden."""

from __future__ import annotations

import polars as pl
import pytest

from jicheng.errors import Text, fault
from jicheng.report import PlanView, charts, render
from jicheng.report.names import Names
from jicheng.report.sections.policies import policies
from jicheng.report.sections.rules import Ladder, ladder
from plan_builders import make_plan, typed
from rules_builders import rule_tables


def ladder_of(plan: PlanView) -> Ladder:
    return ladder(plan, Names.of(plan))


def test_marks_name_draft_rules_demo_weights_and_demo_costs(plan: PlanView) -> None:
    marks = [mark.en for mark in ladder_of(plan).marks]
    assert marks[0].startswith("Draft rules: 4 of 4 rule packs")
    assert marks[1].startswith("Demo weights")
    assert marks[2].startswith("Demo costs")


def test_official_rules_weights_and_costs_carry_no_mark() -> None:
    rows = rule_tables()
    official = {
        name: typed(name, rows[name]).with_columns(
            pl.lit(value=False).alias(mark) for mark in ("is_draft", "is_demo") if mark in columns
        )
        for name, columns in (
            ("verdicts", ("is_draft",)),
            ("points", ("is_draft", "is_demo")),
            ("near_misses", ("is_draft", "is_demo")),
        )
    }
    found = ladder(PlanView(official), Names({}, {}))
    assert found.marks == ()
    assert not any(rung.is_draft for rung in found.rungs)


def test_lists_assumed_complete_are_named_beside_the_marks() -> None:
    told = fault("E618", is_warning=True, kinds=Text("高新技术企业", "High-tech enterprise"))
    row = {"order": 1, "code": told.code, "zh": told.message.zh, "en": told.message.en}
    (mark,) = ladder(PlanView({"warnings": typed("warnings", [row])}), Names({}, {})).marks
    assert mark.zh.startswith("名单假设：")
    assert "高新技术企业" in mark.zh
    assert mark.en.startswith("Assumed lists: ")
    assert "High-tech enterprise" in mark.en


def test_counts_of_a_pack_are_all_firms(plan: PlanView) -> None:
    for rung, row in zip(ladder_of(plan).rungs, plan.rows("verdicts"), strict=True):
        assert sum(n for _, n in rung.counts) == row["n_firms"]


def test_holders_of_a_title_without_a_list_are_no_data_and_not_zero(plan: PlanView) -> None:
    cell = ladder_of(plan).rungs[0].cells[3]
    assert (cell.state, cell.value) == ("no_data", None)


def test_first_firms_show_points_and_both_ranges_of_ranks(plan: PlanView) -> None:
    table = ladder_of(plan).top.table
    assert len(table.rows) == 30
    assert [column.key for column in table.columns][3:5] == ["gaps", "weights"]
    assert table.rows[0][1].text.zh == "云山光学股份有限公司"
    lows = [row[2].value for row in table.rows]
    assert lows == sorted(lows, reverse=True)  # type: ignore[type-var]  # numbers


def test_ranks_under_other_weights_have_no_column_where_not_computed() -> None:
    rows = [{**row, "rank_low": None, "rank_high": None} for row in rule_tables()["points"]]
    found = ladder(PlanView({"points": typed("points", rows)}), Names({}, {}))
    assert "weights" not in [column.key for column in found.top.table.columns]
    assert "drawn" not in found.top.says.en


def test_alike_ways_of_a_title_stand_together_with_their_firms(plan: PlanView) -> None:
    rows = ladder_of(plan).near.table.rows
    assert [row[0].text.en for row in rows] == [
        "Technology SME", "Technology SME", "High-tech enterprise", "Little giant",
    ]  # fmt: skip
    first = rows[0]
    assert first[1].text.en == "Obtain one utility model or software copyright"
    assert first[2].text.en == "Yunshan Optics, Science City Precision"
    assert first[3].value == 1.2


def test_many_firms_of_a_way_are_counted() -> None:
    row = rule_tables()["near_misses"][0]
    many = [{**row, "organisation": f"org:{k:03d}", "name": f"企业{k}", "rank": k + 1}
            for k in range(9)]  # fmt: skip
    found = ladder(PlanView({"near_misses": typed("near_misses", many)}), Names({}, {}))
    assert len(found.near.table.rows) == 1
    assert found.near.table.rows[0][2].text.zh == "企业0、企业1、企业2等 9 家"


def test_points_that_experts_must_give_stand_beside_the_way(plan: PlanView) -> None:
    cell = ladder_of(plan).near.table.rows[2][1]
    assert cell.interval is not None
    assert cell.interval.en == "and 12 of 36 points by experts"


def test_way_that_is_not_proved_cheapest_says_so() -> None:
    row = {**rule_tables()["near_misses"][0], "is_proved": False}
    found = ladder(PlanView({"near_misses": typed("near_misses", [row])}), Names({}, {}))
    assert found.near.table.rows[0][3].interval is not None


def test_easy_title_hides_no_other() -> None:
    rows = rule_tables()["near_misses"]
    many = [{**rows[0], "organisation": f"org:{k:03d}", "what": f"办法{k}", "rank": k + 1}
            for k in range(40)]  # fmt: skip
    table = typed("near_misses", [*many, rows[3]])
    found = ladder(PlanView({"near_misses": table}), Names({}, {}))
    titles = [cells[0].text.en for cells in found.near.table.rows]
    assert titles.count("cn.tech_sme@2017") == 4
    assert titles.count("cn.hte@2016") == 1
    assert "40" in found.near.says.en


def test_policies_that_close_first_stand_first(plan: PlanView) -> None:
    part = policies(plan)
    names = [row[0].text.en for row in part.table.rows]
    assert names == ["High-tech award", "Little giant award", "Support of leading talents"]
    assert "exceed their budgets by CNY 0.4 million" in part.says.en


def test_need_of_a_policy_is_a_range_with_its_mark(plan: PlanView) -> None:
    rows = policies(plan).table.rows
    assert rows[0][4].text.zh == "240–3,840"
    assert rows[2][0].state == ""  # rules that are not draft carry no mark
    assert rows[0][0].state == "draft"


def test_unknown_budget_is_no_data_and_not_zero() -> None:
    row = {**rule_tables()["policy_needs"][0], "budget": None}
    part = policies(PlanView({"policy_needs": typed("policy_needs", [row])}))
    assert part.table.rows[0][5].state == "no_data"


def test_loans_beyond_their_volume_are_no_lack_of_money(plan: PlanView) -> None:
    assert "1 lacks money" in policies(plan).says.en


def test_titles_of_demo_figures_say_so(plan: PlanView) -> None:
    found = ladder_of(plan)
    assert charts.points(plan).title.en == "Points by stage (demo weights)"
    assert found.top.title.en == "Firms with most points (demo weights)"
    assert found.near.title.en == "Firms nearest to each title (demo costs)"
    assert {row[0].state for row in found.near.table.rows} == {"draft"}


def test_bars_of_points_count_every_firm_once_at_each_end(plan: PlanView) -> None:
    option = charts.points(plan).options["en"]
    bars = [series for series in option["series"] if series["type"] == "bar"]
    assert len(bars) == 3
    for series in bars:
        assert sum(point["value"][1] for point in series["data"]) == pytest.approx(1.0)


def test_stages_of_points_stand_in_the_order_of_growth(plan: PlanView) -> None:
    titles = [title["text"] for title in charts.points(plan).options["zh"]["title"]]
    assert [title[:3] for title in titles] == ["初创期", "成长期", "稳定期"]


def test_section_without_facts_says_so(with_assets: None) -> None:
    plan = make_plan(without=[*rule_tables()])
    page = render(plan)
    section = page.split('id="rules"')[1].split("</section>")[0]
    assert "nothing was scored or judged" in section
    assert "<table" not in section


def test_many_draft_rules_are_counted_in_the_strip(with_assets: None) -> None:
    page = render(make_plan(draft_rules=["a@1", "b@1", "c@1"]))
    assert "Draft rules: 3 rule packs" in page
