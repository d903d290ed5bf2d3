from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import jicheng.report
from jicheng.report import PlanView, charts
from plan_builders import make_plan, typed

ALL = (
    charts.quadrant,
    charts.purses,
    charts.front,
    charts.years,
    charts.overrun,
    charts.waterfall,
    charts.sensitivity,
    charts.losses,
    charts.exceedance,
    charts.countries,
    charts.points,
)
RANKED = (
    charts.years,
    charts.overrun,
    charts.waterfall,
    charts.sensitivity,
    charts.losses,
    charts.exceedance,
    charts.countries,
)
STATIC = Path(jicheng.report.__file__).parent / "static"


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)


@pytest.mark.parametrize("chart", ALL, ids=lambda chart: chart.__name__)
def test_option_is_as_committed(
    chart: Callable[[PlanView], charts.Chart], plan: PlanView, golden: Callable[[str, Any], None]
) -> None:
    golden(chart.__name__, chart(plan).options)


@pytest.mark.parametrize("chart", ALL, ids=lambda chart: chart.__name__)
def test_option_is_json_and_names_only_known_functions(
    chart: Callable[[PlanView], charts.Chart], plan: PlanView
) -> None:
    known = set(re.findall(r'"((?:fmt|draw):\w+)"', (STATIC / "chart_functions.js").read_text()))
    for option in chart(plan).options.values():
        assert json.loads(json.dumps(option, allow_nan=False)) == option
        named = {text for text in strings(option) if re.match(r"(fmt|draw):", text)}
        assert named
        assert named <= known
        assert option["animation"] is False
        assert option["aria"]["enabled"] is True
        assert option["aria"]["label"]["description"]


@pytest.mark.parametrize("chart", ALL, ids=lambda chart: chart.__name__)
def test_english_option_has_chinese_only_in_names_without_english(
    chart: Callable[[PlanView], charts.Chart], plan: PlanView
) -> None:
    data_only = {"晶圆检测设备", "社会资本", "集成电路", "低空经济", "生物医药"}
    chinese = {text for text in strings(chart(plan).options["en"])
               if re.search(r"[\u3400-\u9fff]", text)}  # fmt: skip
    assert chinese <= data_only


@pytest.mark.parametrize("chart", ALL, ids=lambda chart: chart.__name__)
def test_chart_without_data_says_why_and_draws_nothing(
    chart: Callable[[PlanView], charts.Chart],
) -> None:
    found = chart(PlanView({}))
    assert found.options == {}
    assert found.missing is not None
    assert found.missing.zh
    assert found.missing.en
    assert found.table.rows == ()


@pytest.mark.parametrize("chart", RANKED, ids=lambda chart: chart.__name__)
def test_ranked_chart_does_not_depend_on_the_order_of_rows(
    chart: Callable[[PlanView], charts.Chart], plan: PlanView
) -> None:
    turned = PlanView(
        {name: frame.reverse() for name, frame in plan.tables.items()},
        plan.zone_tables, plan.manifest,
    )  # fmt: skip
    assert chart(turned).options == chart(plan).options


def test_unscored_technologies_are_counted_and_not_drawn(plan: PlanView) -> None:
    chart = charts.quadrant(plan)
    unscored = plan["chokepoints"].filter(plan["chokepoints"]["verdict"] == "no_data")
    ids = {point["id"] for series in chart.options["zh"]["series"] for point in series["data"]
           if "id" in point}  # fmt: skip
    assert not ids & set(unscored["technology"])
    assert f"{unscored.height} 项没有份额数据" in chart.says.zh


def test_vulnerability_axis_is_logarithmic_under_a_low_threshold() -> None:
    low = make_plan(thresholds={"vulnerability": 0.1, "impact": 0.05})
    assert charts.quadrant(low).options["zh"]["xAxis"]["type"] == "log"
    assert charts.quadrant(make_plan()).options["zh"]["xAxis"]["type"] == "value"


def test_waterfall_steps_end_at_the_total(plan: PlanView) -> None:
    starts, bars = charts.waterfall(plan).options["zh"]["series"]
    total = bars["data"][-1]["value"]
    last_step = starts["data"][-2] + bars["data"][-2]["value"]
    assert last_step == pytest.approx(total)


def test_purse_shows_what_is_left(plan: PlanView) -> None:
    table = charts.purses(plan).table
    for row in table.rows:
        available, paid, left = (cell.value for cell in row[2:5])
        assert available == paid + left


def test_money_of_a_year_is_what_is_committed_and_carried_over(plan: PlanView) -> None:
    option = charts.years(plan).options["zh"]
    bars = [one for one in option["series"] if one["type"] == "bar"]
    drawn = sum(one["data"][0]["value"] for one in bars)
    first = plan["cash"].filter(plan["cash"]["year"] == 2026)
    assert drawn == first["available"].sum()


def test_gates_are_counted_in_the_year_that_follows_them(plan: PlanView) -> None:
    axis = charts.years(plan).options["en"]["xAxis"]["data"]
    assert axis == ["2026", "2027", "2028", "2029\n3 gates"]


def test_purses_beyond_the_palette_are_summed_up() -> None:
    rows = [
        {"year": 2026, "purse": f"purse:{k}", "available": 10.0, "committed": 10.0 - k,
         "expected": 1.0, "carried_over": 0.0}
        for k in range(9)
    ]  # fmt: skip
    series = charts.years(PlanView({"cash": typed("cash", rows)})).options["en"]["series"]
    assert [one["name"] for one in series if one["type"] == "bar"][6] == "3 others"
    assert sum(one["data"][0]["value"] for one in series if one["type"] == "bar") == 54.0


def test_protections_with_the_same_plan_are_one_point(plan: PlanView) -> None:
    points = charts.overrun(plan).options["en"]["series"][1]["data"]
    assert [point["name"] for point in points] == ["Γ = 0 the plan", "Γ = 1", "Γ = 2–3"]


def test_safer_protection_is_told_with_its_price(plan: PlanView) -> None:
    says = charts.overrun(plan).says.en
    assert "In 41.0%" in says
    assert "Γ = 2 lowers this to 3.0% and gives up 0.40%" in says
