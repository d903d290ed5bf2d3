"""Value: what each funded challenge adds, and how far assumptions move the whole."""

from __future__ import annotations

import re
from typing import Any

from jicheng.errors import Text
from jicheng.report import quantities
from jicheng.report.charts.base import (
    COLOURS,
    Chart,
    Option,
    both,
    category_axis,
    dated_source,
    frame,
    grid,
    in_language,
    legend,
    points_cell,
    value_axis,
)
from jicheng.report.tables import (
    Column,
    ReportTable,
    decimal_cell,
    effect_cell,
    text_cell,
)
from jicheng.report.view import PlanView
from jicheng.report.wording import label, name_of, say, table_label

__all__ = ["sensitivity", "waterfall"]

_ROW_HEIGHT = 34
_TORNADO_ROW_HEIGHT = 40
_EDGES = 96


def waterfall(view: PlanView) -> Chart:
    """Return what each funded challenge adds on average over orders; they sum to the plan."""
    rows = sorted(
        (row for row in view.rows("portfolio") if row["is_funded"] and row["shapley"] is not None),
        key=lambda row: (-row["shapley"], row["challenge"]),
    )
    total = sum(row["shapley"] for row in rows)
    says = say("waterfall.says", n=len(rows), total=quantities.effect(total))
    return Chart(
        id="waterfall",
        title=say("waterfall.title"),
        says=says if rows else say("waterfall.missing"),
        alt=say("waterfall.alt", sentence=says),
        source=dated_source(view, table_label("portfolio")),
        options=both(lambda language: _waterfall_option(rows, total, language)) if rows else {},
        table=_waterfall_table(rows),
        height=_EDGES + _ROW_HEIGHT * max(2, len(rows) + 1),
        missing=None if rows else say("waterfall.missing"),
    )


def _waterfall_option(rows: list[dict[str, Any]], total: float, language: str) -> Option:
    whole = in_language(say("waterfall.total"), language)
    names = [*(in_language(name_of(row, row["challenge"]), language) for row in rows), whole]
    shapley = in_language(label("portfolio", "shapley"), language)
    starts: list[float] = []
    bars: list[Option] = []
    for k, row in enumerate(rows):
        text = in_language(quantities.effect(row["shapley"]), language)
        error = "" if not row["shapley_se"] else f" ± {row['shapley_se'] * 100:.2f}%"
        starts.append(sum(r["shapley"] for r in rows[:k]) + min(0.0, row["shapley"]))
        bars.append(_bar(abs(row["shapley"]), names[k], text, f"{shapley}  {text}{error}"))
    text = in_language(quantities.effect(total), language)
    starts.append(0.0)
    bars.append(
        _bar(total, whole, text, f"{whole}  {text}") | {"itemStyle": {"color": COLOURS["text"]}}
    )
    return frame(
        in_language(say("waterfall.alt", sentence=""), language),
        grid=grid(right=56, top=12),
        xAxis=value_axis(in_language(say("waterfall.x"), language), "fmt:percent"),
        yAxis=category_axis(names, width=210),
        series=[
            {
                "type": "bar", "stack": "sum", "silent": True, "barMaxWidth": 18,
                "itemStyle": {"color": "transparent"}, "tooltip": {"show": False}, "data": starts,
            },
            {
                "type": "bar", "stack": "sum", "name": shapley, "barMaxWidth": 18,
                "itemStyle": {"color": COLOURS["accent"]}, "data": bars,
            },
        ],
    )  # fmt: skip


def _bar(value: float, name: str, text: str, line: str, *, position: str = "right") -> Option:
    return {
        "name": name, "value": value, "lines": [line],
        "label": {
            "show": True, "formatter": text, "position": position, "color": COLOURS["text"],
            "fontSize": 11,
        },
    }  # fmt: skip


def _waterfall_table(rows: list[dict[str, Any]]) -> ReportTable:
    return ReportTable.of(
        [
            Column("name", label("portfolio", "name")),
            Column("shapley", label("portfolio", "shapley"), is_number=True),
            Column("shapley_se", label("portfolio", "shapley_se"), is_number=True),
        ],
        [
            [
                text_cell(name_of(row, row["challenge"]), link=row["technology"] or ""),
                effect_cell(row["shapley"]),
                points_cell(row["shapley_se"]),
            ]
            for row in rows
        ],
    )


def sensitivity(view: PlanView) -> Chart:
    """Return how far the value of the plan moves with each assumption, widest first."""
    rows = sorted(
        (
            row
            for row in view.rows("sensitivity")
            if row["value_at_low"] is not None and row["value_at_high"] is not None
        ),
        key=lambda row: (-abs(row["value_at_high"] - row["value_at_low"]), row["parameter"]),
    )
    names = {row["parameter"]: _parameter(view, row["parameter"]) for row in rows}
    first = names[rows[0]["parameter"]] if rows else Text("", "")
    says = say("sensitivity.says", parameter=first)
    return Chart(
        id="sensitivity",
        title=say("sensitivity.title"),
        says=says if rows else say("sensitivity.missing"),
        alt=say("sensitivity.alt", sentence=says),
        source=dated_source(view, table_label("sensitivity")),
        options=both(lambda language: _tornado(rows, names, view, language)) if rows else {},
        table=_sensitivity_table(rows, names),
        height=_EDGES + _TORNADO_ROW_HEIGHT * max(2, len(rows)),
        missing=None if rows else say("sensitivity.missing"),
    )


def _parameter(view: PlanView, name: str) -> Text:
    for row in view.manifest.get("parameters", ()):
        if name in (row["name"], f"{row.get('stage')}.{row['name']}"):
            return Text(row["zh"], row["en"])
    return Text(name, name)


def _short(name: str) -> str:
    """Return a name without what stands in brackets after it; the table has it whole."""
    return re.split(r"\s*[（(]", name, maxsplit=1)[0] or name


def _planned_value(view: PlanView) -> float | None:
    for row in view.rows("value"):
        if row["variant"] == "mixed":
            value: float | None = row["value"]
            return value
    return None


def _tornado(
    rows: list[dict[str, Any]], names: dict[str, Text], view: PlanView, language: str
) -> Option:
    base = _planned_value(view) or 0.0
    labels = [_short(in_language(names[row["parameter"]], language)) for row in rows]

    def side(end: str, colour: str) -> Option:
        name = in_language(say(f"sensitivity.{end}"), language)
        bars = []
        for k, row in enumerate(rows):
            value = row[f"value_at_{end}"]
            text = in_language(quantities.effect(value), language)
            position = "left" if value < base else "right"
            line = f"{name} {row[end]:g}  {text}"
            bars.append(_bar(value, labels[k], text, line, position=position))
        return {
            "type": "bar", "name": name, "barMaxWidth": 18, "barGap": "-100%",
            "itemStyle": {"color": colour}, "data": bars,
        }  # fmt: skip

    ends = [row[f"value_at_{end}"] for row in rows for end in ("low", "high")] + [base]
    room = 0.12 * (max(ends) - min(ends))
    option = frame(
        in_language(say("sensitivity.alt", sentence=""), language),
        legend=legend(),
        grid=grid(top=56),
        xAxis=value_axis(
            in_language(say("sensitivity.x"), language),
            "fmt:percent",
            startValue=base,
            min=max(0.0, min(ends) - room),
            max=max(ends) + room,
            axisLabel={"formatter": "fmt:percent", "showMinLabel": False, "showMaxLabel": False},
        ),
        yAxis=category_axis(labels, width=210) | {"axisLine": {"show": False}},
        series=[side("low", COLOURS["watch"]), side("high", COLOURS["safe"])],
    )
    base_text = in_language(say("sensitivity.base", value=quantities.effect(base)), language)
    option["series"][0]["markLine"] = {
        "symbol": "none", "silent": True, "precision": 6,
        "lineStyle": {"color": COLOURS["text"], "type": "solid", "width": 1},
        "label": {
            "formatter": base_text,
            "color": COLOURS["text"], "fontSize": 11, "position": "start",
        },
        "data": [{"xAxis": base}],
    }  # fmt: skip
    return option


def _sensitivity_table(rows: list[dict[str, Any]], names: dict[str, Text]) -> ReportTable:
    return ReportTable.of(
        [
            Column("parameter", label("sensitivity", "parameter")),
            Column("low", label("sensitivity", "low"), is_number=True),
            Column("value_at_low", label("sensitivity", "value_at_low"), is_number=True),
            Column("high", label("sensitivity", "high"), is_number=True),
            Column("value_at_high", label("sensitivity", "value_at_high"), is_number=True),
        ],
        [
            [
                text_cell(names[row["parameter"]]),
                decimal_cell(row["low"]),
                effect_cell(row["value_at_low"]),
                decimal_cell(row["high"]),
                effect_cell(row["value_at_high"]),
            ]
            for row in rows
        ],
    )
