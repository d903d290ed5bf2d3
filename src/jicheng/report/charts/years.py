"""Money by year: what each purse commits and keeps for later, what gates are expected to save."""

from __future__ import annotations

import itertools
from typing import Any

from jicheng.errors import Text
from jicheng.report import quantities
from jicheng.report.charts.base import (
    COLOURS,
    OTHERS,
    PALETTE,
    Chart,
    Option,
    both,
    dated_source,
    frame,
    grid,
    in_language,
    legend,
    money_axis,
)
from jicheng.report.names import Names
from jicheng.report.tables import Column, ReportTable, money_cell, text_cell
from jicheng.report.view import PlanView, Row
from jicheng.report.wording import label, say, table_label

__all__ = ["years"]

_HEIGHT = 330
_TWO_LINES = 68
"""Top of the drawing below a legend that may need further lines [px]."""

_NAMED_IN_FULL = 5
"""Entries of a legend that is wrapped; a longer one is leafed through."""

_LEGEND_TEXT = {"color": COLOURS["text"], "width": 104, "overflow": "truncate"}
_MONEY = ("available", "committed", "expected", "carried_over")


def years(view: PlanView) -> Chart:
    """Return what each purse commits in each year and carries over, with gates counted.

    Solid bars are commitments, pale ones what is kept for the next year; a diamond is
    what is expected to be spent, less than committed where a gate may stop a challenge.
    """
    names = Names.of(view)
    rows = sorted(view.rows("cash"), key=lambda row: (row["year"], row["purse"]))
    says = _says(rows, view) if rows else say("years.missing")
    return Chart(
        id="years",
        title=say("years.title"),
        says=says,
        alt=say("years.alt", sentence=says),
        source=dated_source(view, table_label("cash"), table_label("schedule")),
        options=both(lambda language: _option(rows, view, names, language)) if rows else {},
        table=_table(rows, view, names),
        height=_HEIGHT,
        missing=None if rows else say("years.missing"),
    )


def _says(rows: list[dict[str, Any]], view: PlanView) -> Text:
    committed, expected = _by_year(rows, "committed"), _by_year(rows, "expected")
    most = max(committed, key=lambda year: (committed[year], -year))
    total, spent = sum(committed.values()), sum(expected.values())
    fields = {
        "total": quantities.money(total, view.currency),
        "years": quantities.span(min(committed), max(committed)),
        "most": str(most),
        "amount": quantities.money(committed[most], view.currency),
    }
    if total - spent < 1.0:
        return say("years.says_whole", **fields)
    saved = quantities.money(total - spent, view.currency)
    return say("years.says", **fields, saved=saved, n=sum(_gates(view).values()))


def _by_year(rows: list[dict[str, Any]], key: str) -> dict[int, float]:
    found: dict[int, float] = {}
    for row in rows:
        found[row["year"]] = found.get(row["year"], 0.0) + (row[key] or 0.0)
    return found


def _gates(view: PlanView) -> dict[int, int]:
    """Count the gates by the year in which the stage after them would be paid."""
    stages: dict[str, list[Row]] = {}
    for row in sorted(view.rows("schedule"), key=lambda row: (row["challenge"], row["stage"])):
        stages.setdefault(row["challenge"], []).append(row)
    found: dict[int, int] = {}
    for rows in stages.values():
        for before, after in itertools.pairwise(rows):
            if before["is_gate"] and after["year"] is not None:
                found[after["year"]] = found.get(after["year"], 0) + 1
    return found


def _option(rows: list[dict[str, Any]], view: PlanView, names: Names, language: str) -> Option:
    axis = sorted({row["year"] for row in rows})
    gates = _gates(view)
    series: list[Option] = []
    for key, opacity in (("committed", 1.0), ("carried_over", 0.3)):
        for words, colour, purses in _purses(rows, names):
            series.append({
                "type": "bar", "stack": "money", "name": in_language(words, language),
                "barMaxWidth": 34, "itemStyle": {"color": colour, "opacity": opacity},
                "data": [
                    _bar(rows, year, purses, key, in_language(words, language), view, language)
                    for year in axis
                ],
            })  # fmt: skip
    expected = _by_year(rows, "expected")
    name = in_language(label("cash", "expected"), language)
    series.append({
        "type": "scatter", "name": name, "symbol": "diamond", "symbolSize": 12, "z": 5,
        "itemStyle": {"color": COLOURS["text"], "borderColor": "#ffffff", "borderWidth": 1},
        "data": [
            {"value": [k, expected[year]], "name": str(year), "lines": [
                f"{name}  {in_language(quantities.money(expected[year], view.currency), language)}"
            ]}
            for k, year in enumerate(axis)
        ],
    })  # fmt: skip
    named = list(dict.fromkeys(one["name"] for one in series))
    is_short = len(named) <= _NAMED_IN_FULL
    return frame(
        in_language(say("years.alt", sentence=""), language),
        legend=legend(
            type="plain" if is_short else "scroll", textStyle=_LEGEND_TEXT, itemGap=14, data=named
        ),
        grid=grid(left=20, top=_TWO_LINES if is_short else 44),
        xAxis={
            "type": "category",
            "data": [_year(year, gates.get(year, 0), language) for year in axis],
            "axisTick": {"show": False},
            "axisLine": {"lineStyle": {"color": COLOURS["soft"]}},
            "axisLabel": {"color": COLOURS["text"], "lineHeight": 16, "interval": 0},
        },
        yAxis=money_axis(say("years.y"), view, language, nameGap=52),
        series=series,
    )


def _year(year: int, n_gates: int, language: str) -> str:
    return (
        f"{year}\n{in_language(say('years.gates', n=n_gates), language)}" if n_gates else f"{year}"
    )


def _purses(rows: list[dict[str, Any]], names: Names) -> list[tuple[Text, str, frozenset[str]]]:
    """Return name, colour and ids of each purse, the largest first; many as one at the end."""
    total: dict[str, float] = {}
    for row in rows:
        total[row["purse"]] = total.get(row["purse"], 0.0) + (row["committed"] or 0.0)
    ordered = sorted(total, key=lambda purse: (-total[purse], purse))
    n = len(PALETTE)
    found = [
        (names[purse], colour, frozenset([purse]))
        for purse, colour in zip(ordered, PALETTE, strict=False)
    ]
    if len(ordered) > n:
        found.append((say("years.others", n=len(ordered) - n), OTHERS, frozenset(ordered[n:])))
    return found


def _bar(
    rows: list[dict[str, Any]], year: int, purses: frozenset[str], key: str, name: str,
    view: PlanView, language: str,
) -> Option:  # fmt: skip
    value = sum(row[key] or 0.0 for row in rows if row["year"] == year and row["purse"] in purses)
    amount = in_language(quantities.money(value, view.currency), language)
    said = f"{in_language(label('cash', key), language)}  {amount}"
    return {"value": value, "name": f"{name} · {year}", "lines": [said]}


def _table(rows: list[dict[str, Any]], view: PlanView, names: Names) -> ReportTable:
    unit = quantities.money_unit(view.currency)
    return ReportTable.of(
        [
            Column("year", label("cash", "year"), is_number=True),
            Column("purse", label("cash", "purse")),
            *(Column(key, label("cash", key), unit, is_number=True) for key in _MONEY),
        ],
        [
            [
                text_cell(str(row["year"])),
                text_cell(names[row["purse"]]),
                *(money_cell(row[key]) for key in _MONEY),
            ]
            for row in rows
        ],
    )
