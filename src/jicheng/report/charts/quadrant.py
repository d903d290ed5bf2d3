"""Vulnerability against impact, with intervals and the thresholds of the verdict."""

from __future__ import annotations

from typing import Any

from jicheng.errors import Text
from jicheng.report import quantities
from jicheng.report.charts.base import (
    COLOURS,
    CROSS,
    SYMBOLS,
    Chart,
    Option,
    both,
    dated_source,
    frame,
    grid,
    in_language,
    legend,
    line_at,
    value_axis,
)
from jicheng.report.tables import (
    Column,
    ReportTable,
    choice_cell,
    decimal_cell,
    share_cell,
    text_cell,
)
from jicheng.report.view import PlanView, Row
from jicheng.report.wording import choice, label, name_of, say, table_label

__all__ = ["quadrant"]

_FLOOR = 0.001
_CEILING = 1.0
_LOG_BELOW = 0.2
_LABEL_LEFT_FROM = 0.7
_LABEL_LEFT_FROM_LOG = 0.3
_LABELLED = 14
_VERDICTS = ("chokepoint", "watch", "safe")


def quadrant(view: PlanView) -> Chart:
    """Return V against mixed I, one point a technology, a cross for its intervals.

    The impact axis is logarithmic from 0.1 %; smaller impacts stand on its floor. So is
    the axis of V where its threshold lies in the lowest fifth.
    Technologies without data are not drawn: they are counted in the sentence.
    """
    rows = [
        row
        for row in view.rows("chokepoints")
        if row["vulnerability"] is not None and row["impact_mixed"] is not None
    ]
    n_missing = view["chokepoints"].height - len(rows)
    n_above = sum(row["verdict"] == "chokepoint" for row in rows)
    says = say("quadrant.says", drawn=len(rows), above=n_above, missing=n_missing)
    return Chart(
        id="quadrant",
        title=say("quadrant.title"),
        says=says,
        alt=say("quadrant.alt", sentence=says),
        source=dated_source(view, table_label("chokepoints")),
        options=both(lambda language: _option(view, rows, language)) if rows else {},
        table=_table(rows),
        height=520,
        missing=None if rows else say("quadrant.missing"),
    )


def _option(view: PlanView, rows: list[dict[str, Any]], language: str) -> Option:
    said = in_language(say("quadrant.alt", sentence=""), language)
    labelled = {
        row["technology"]
        for row in sorted(rows, key=_exposure, reverse=True)[:_LABELLED]
        if row["verdict"] == "chokepoint"
    }
    threshold = view.threshold("vulnerability")
    is_log = threshold is not None and threshold < _LOG_BELOW
    floor = _FLOOR if is_log else 0.0
    series: list[Option] = [_whiskers(rows, floor, language)]
    for verdict in _VERDICTS:
        points = [
            _point(row, floor, language, labelled) for row in rows if row["verdict"] == verdict
        ]
        series.append(_points(verdict, points, language))
    series[1]["markLine"] = _thresholds(view, language)
    series[1]["markArea"] = _corner(view, _end(rows))
    named = [{"name": s["name"]} for s in series[1:]]
    return frame(
        said,
        legend=legend(data=[{"name": series[0]["name"], "icon": CROSS}, *named]),
        grid=grid(left=20, top=48),
        xAxis=value_axis(
            in_language(say("quadrant.x_log" if is_log else "quadrant.x"), language),
            "fmt:decimal",
            type="log" if is_log else "value",
            min=floor,
            max=_end(rows),
        ),
        yAxis=value_axis(
            in_language(say("quadrant.y"), language),
            "fmt:percent",
            type="log",
            min=_FLOOR,
            max=_CEILING,
            nameGap=46,
        ),
        series=series,
    )


def _exposure(row: Row) -> float:
    return float(row["vulnerability"] * max(row["impact_mixed"], _FLOOR))


def _end(rows: list[dict[str, Any]]) -> float:
    """Return the end of the V axis: 1, or more where a trade parameter lifts V."""
    top = max(max(row["vulnerability"], row["vulnerability_high"] or 0.0) for row in rows)
    return 1.0 if top <= 1.0 else float(round(top + 0.1, 1))


def _on_axis(value: float | None, otherwise: float) -> float:
    return max(otherwise if value is None else value, _FLOOR)


def _whiskers(rows: list[dict[str, Any]], floor: float, language: str) -> Option:
    data = [
        {
            "chain": row["chain"],
            "value": [
                max(row["vulnerability"], floor),
                _on_axis(row["impact_mixed"], _FLOOR),
                max(row["vulnerability_low"], floor),
                max(row["vulnerability_high"], floor),
                _on_axis(row["impact_low"], row["impact_mixed"]),
                _on_axis(row["impact_high"], row["impact_mixed"]),
            ],
        }
        for row in rows
        if row["vulnerability_low"] is not None and row["vulnerability_high"] is not None
    ]
    return {
        "type": "custom",
        "name": in_language(say("interval"), language),
        "renderItem": "draw:cross",
        "itemStyle": {"color": COLOURS["soft"]},
        "encode": {"x": [0, 2, 3], "y": [1, 4, 5]},
        "silent": True,
        "tooltip": {"show": False},
        "z": 1,
        "data": data,
    }


def _points(verdict: str, points: list[Option], language: str) -> Option:
    return {
        "type": "scatter",
        "name": in_language(choice("verdict", verdict), language),
        "symbol": SYMBOLS[verdict],
        "symbolSize": 12 if verdict == "chokepoint" else 10,
        "itemStyle": {
            "color": COLOURS[verdict], "opacity": 0.88, "borderColor": "#ffffff", "borderWidth": 1,
        },
        "labelLayout": {"hideOverlap": True},
        "z": 3,
        "data": points,
    }  # fmt: skip


def _point(row: Row, floor: float, language: str, labelled: set[str]) -> Option:
    name = in_language(name_of(row, row["technology"]), language)
    point: Option = {
        "name": name,
        "id": row["technology"],
        "chain": row["chain"],
        "value": [max(row["vulnerability"], floor), _on_axis(row["impact_mixed"], _FLOOR)],
        "lines": _lines(row, language),
    }
    if row["technology"] in labelled:
        edge = _LABEL_LEFT_FROM_LOG if floor > 0 else _LABEL_LEFT_FROM
        side = "left" if row["vulnerability"] > edge else "right"
        point["label"] = {
            "show": True, "formatter": "{b}", "position": side, "fontSize": 11,
            "color": COLOURS["text"], "textBorderColor": "#ffffff", "textBorderWidth": 2,
            "width": 130, "overflow": "truncate",
        }  # fmt: skip
    return point


def _lines(row: Row, language: str) -> list[str]:
    cells = (
        (label("chokepoints", "verdict"), choice_cell("verdict", row["verdict"])),
        (
            label("chokepoints", "vulnerability"),
            decimal_cell(row["vulnerability"], row["vulnerability_low"], row["vulnerability_high"]),
        ),
        (
            label("chokepoints", "impact_mixed"),
            share_cell(row["impact_mixed"], row["impact_low"], row["impact_high"]),
        ),
        (label("chokepoints", "p_chokepoint"), share_cell(row["p_chokepoint"])),
        (label("chokepoints", "evidence"), text_cell(row["evidence"])),
    )
    lines = []
    for head, cell in cells:
        interval = f" [{in_language(cell.interval, language)}]" if cell.interval else ""
        lines.append(f"{in_language(head, language)}  {in_language(cell.text, language)}{interval}")
    return lines


def _thresholds(view: PlanView, language: str) -> Option:
    data = []
    v, i = view.threshold("vulnerability"), view.threshold("impact")
    if v is not None:
        text = say("quadrant.v_line", value=quantities.decimal(v))
        data.append(line_at(v, in_language(text, language), axis="xAxis"))
    if i is not None:
        text = say("quadrant.i_line", value=quantities.share(i))
        data.append(line_at(i, in_language(text, language), axis="yAxis"))
    return {
        "symbol": "none",
        "silent": True,
        "precision": 6,
        "lineStyle": {"color": COLOURS["text"], "type": "dashed", "width": 1},
        "label": {"color": COLOURS["text"], "fontSize": 11},
        "data": data,
    }


def _corner(view: PlanView, end: float) -> Option:
    v, i = view.threshold("vulnerability"), view.threshold("impact")
    if v is None or i is None:
        return {"data": []}
    return {
        "silent": True,
        "itemStyle": {"color": COLOURS["chokepoint"], "opacity": 0.05},
        "data": [[{"xAxis": v, "yAxis": i}, {"xAxis": end, "yAxis": _CEILING}]],
    }


def _table(rows: list[dict[str, Any]]) -> ReportTable:
    heads: tuple[tuple[str, Text, bool], ...] = tuple(
        (name, label("chokepoints", name), name in ("vulnerability", "impact_mixed"))
        for name in ("name", "verdict", "vulnerability", "impact_mixed")
    )
    ordered = sorted(rows, key=lambda row: (-_exposure(row), row["technology"]))
    return ReportTable.of(
        [Column(name, text, is_number=number) for name, text, number in heads],
        [
            [
                text_cell(name_of(row, row["technology"]), link=row["technology"]),
                choice_cell("verdict", row["verdict"]),
                decimal_cell(
                    row["vulnerability"], row["vulnerability_low"], row["vulnerability_high"]
                ),
                share_cell(row["impact_mixed"], row["impact_low"], row["impact_high"]),
            ]
            for row in ordered
        ],
    )
