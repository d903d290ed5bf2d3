"""Risk of overrun against the value that protection gives up."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from jicheng.errors import Text
from jicheng.report import quantities
from jicheng.report.charts.base import (
    COLOURS,
    CROSS,
    Chart,
    Option,
    both,
    dated_source,
    frame,
    grid,
    in_language,
    legend,
    points_cell,
    value_axis,
)
from jicheng.report.names import Names
from jicheng.report.tables import (
    Cell,
    Column,
    ReportTable,
    count_cell,
    decimal_cell,
    effect_cell,
    fine_effect_cell,
    money_cell,
    share_cell,
    state_cell,
)
from jicheng.report.view import PlanView, Row
from jicheng.report.wording import label, say, table_label

__all__ = ["overrun"]

_WHOLE = "*"
_BEARABLE = 0.05
"""Risk at which the sentence names a protection, if the plan's own risk is higher."""


def overrun(view: PlanView) -> Chart:
    """Return the probability that bills exceed the money held, against the value given up.

    Every point is the best plan under one protection Gamma: how many overruns the purses
    can bear at once.
    """
    rows = sorted(
        (
            row
            for row in view.rows("overrun")
            if row["purse"] == _WHOLE and None not in (row["p_overrun"], row["price"])
        ),
        key=lambda row: row["gamma"],
    )
    says = _says(rows) if rows else say("overrun.missing")
    return Chart(
        id="overrun",
        title=say("overrun.title"),
        says=says,
        alt=say("overrun.alt", sentence=says),
        source=dated_source(view, table_label("overrun")),
        options=both(lambda language: _option(rows, language)) if rows else {},
        table=_table(rows, view),
        height=320,
        missing=None if rows else say("overrun.missing"),
    )


def _says(rows: list[dict[str, Any]]) -> Text:
    plan = next((row for row in rows if row["is_plan"]), rows[0])
    fields = {"gamma": f"{plan['gamma']:g}", "risk": quantities.share(plan["p_overrun"])}
    safer = next((row for row in rows if row["p_overrun"] <= _BEARABLE), None)
    if safer is None or plan["p_overrun"] <= _BEARABLE:
        return say("overrun.says", **fields)
    return say(
        "overrun.says_safer",
        **fields,
        safer=f"{safer['gamma']:g}",
        lower=quantities.share(safer["p_overrun"]),
        price=quantities.fine_effect(safer["price"] - plan["price"]),
    )


def _option(rows: list[dict[str, Any]], language: str) -> Option:
    points = [_point(same, language) for same in _equal(rows)]
    whiskers = [
        [
            row["price"],
            max(0.0, row["p_overrun"] - row["p_overrun_se"]),
            min(1.0, row["p_overrun"] + row["p_overrun_se"]),
        ]
        for row in rows
        if row["p_overrun_se"] is not None
    ]
    error = in_language(say("front.error"), language)
    name = in_language(say("overrun.line"), language)
    return frame(
        in_language(say("overrun.alt", sentence=""), language),
        legend=legend(data=[{"name": error, "icon": CROSS}, {"name": name}]),
        grid=grid(left=20, right=72, top=44),
        xAxis=value_axis(in_language(say("overrun.x"), language), "fmt:fine_percent", min=0),
        yAxis=value_axis(
            in_language(say("overrun.y"), language), "fmt:percent", min=0, nameGap=46
        ),
        series=[
            {
                "type": "custom", "name": error, "renderItem": "draw:whisker",
                "itemStyle": {"color": COLOURS["soft"]}, "encode": {"x": 0, "y": [1, 2]},
                "silent": True, "tooltip": {"show": False}, "data": whiskers,
            },
            {
                "type": "line", "name": name, "symbol": "circle", "symbolSize": 9,
                "lineStyle": {"color": COLOURS["soft"], "width": 1.5},
                "itemStyle": {"color": COLOURS["accent"]}, "labelLayout": {"hideOverlap": True},
                "data": points,
            },
        ],
    )  # fmt: skip


def _equal(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return neighbouring protections that make the same plan together."""
    same = groupby(rows, key=lambda row: (row["price"], row["p_overrun"]))
    return [list(group) for _, group in same]


def _point(same: list[dict[str, Any]], language: str) -> Option:
    row = same[0]
    protection = "Γ = " + (
        f"{row['gamma']:g}" if len(same) == 1 else f"{row['gamma']:g}–{same[-1]['gamma']:g}"
    )
    is_plan = any(one["is_plan"] for one in same)
    words = (
        f"{protection} {in_language(say('overrun.is_plan'), language)}" if is_plan else protection
    )
    return {
        "name": words,
        "value": [row["price"], row["p_overrun"]],
        "symbol": "diamond" if is_plan else "circle",
        "symbolSize": 14 if is_plan else 9,
        "itemStyle": {"color": COLOURS["watch" if is_plan else "accent"]},
        "label": {
            "show": True, "formatter": words, "color": COLOURS["text"], "fontSize": 12,
            "position": "right" if row["price"] == 0.0 else "top",
        },
        "lines": [
            f"{in_language(label('overrun', key), language)}  {in_language(cell.text, language)}"
            for key, cell in (
                ("p_overrun", share_cell(row["p_overrun"])),
                ("value", effect_cell(row["value"])),
                ("n_funded", count_cell(row["n_funded"])),
            )
        ],
    }  # fmt: skip


def _table(rows: list[dict[str, Any]], view: PlanView) -> ReportTable:
    names = Names.of(view)
    worst: dict[float, Row] = {}
    for row in view.rows("overrun"):
        if row["purse"] == _WHOLE or row["p_overrun"] is None:
            continue
        known = worst.get(row["gamma"])
        if known is None or row["p_overrun"] > known["p_overrun"]:
            worst[row["gamma"]] = row
    return ReportTable.of(
        [
            Column("gamma", label("overrun", "gamma"), is_number=True),
            Column("p_overrun", label("overrun", "p_overrun"), is_number=True),
            Column("p_overrun_se", label("overrun", "p_overrun_se"), say("points"),
                   is_number=True),
            Column("value", label("overrun", "value"), is_number=True),
            Column("price", label("overrun", "price"), is_number=True),
            Column("cost", label("overrun", "cost"), quantities.money_unit(view.currency),
                   is_number=True),
            Column("n_funded", label("overrun", "n_funded"), is_number=True),
            Column("worst", say("overrun.worst"), is_number=True),
        ],
        [
            [
                decimal_cell(row["gamma"], digits=0 if row["gamma"] == int(row["gamma"]) else 1),
                share_cell(row["p_overrun"]),
                points_cell(row["p_overrun_se"]),
                effect_cell(row["value"]),
                fine_effect_cell(row["price"]),
                money_cell(row["cost"]),
                count_cell(row["n_funded"]),
                _worst(worst.get(row["gamma"]), names),
            ]
            for row in rows
        ],
    )  # fmt: skip


def _worst(row: Row | None, names: Names) -> Cell:
    if row is None:
        return state_cell("not_computed")
    cell = share_cell(row["p_overrun"])
    return Cell(cell.text, cell.value, names[row["purse"]])
