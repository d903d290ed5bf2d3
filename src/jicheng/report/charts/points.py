"""Innovation points of all firms, by stage: the low and the high end of every interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import Text
from jicheng.report import quantities
from jicheng.report.charts.base import (
    COLOURS,
    Chart,
    Option,
    both,
    dated_source,
    frame,
    in_language,
    legend,
)
from jicheng.report.tables import Column, ReportTable, count_cell, decimal_cell, text_cell
from jicheng.report.view import PlanView
from jicheng.report.wording import choice, label, listed, say, table_label
from jicheng.schema import Choice, choices

__all__ = ["points", "points_of_first_pack"]

_WIDTH = 5.0
"""Points in one bar."""

_TICK = 10.0
"""Points between two numbers on the axis."""

_BAND = 104
"""Height of the drawing of one stage [px]."""


@dataclass(frozen=True, slots=True)
class _Stage:
    """Firms of one stage: how many have their ends in each bar, and where the middle lies."""

    name: Text
    n: int
    n_known: int
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    middle: tuple[float, float]


def points_of_first_pack(view: PlanView) -> pl.DataFrame:
    """Return the rows of the pack that stands first in the table ``points``."""
    rows = view["points"].drop_nulls(["low", "high"])
    return rows if rows.is_empty() else rows.filter(pack=rows["pack"][0])


def points(view: PlanView) -> Chart:
    """Return the distribution of points by stage.

    Bars count the firms by the low end of their points, the line by the high end; where
    all facts are known both agree.
    """
    rows = points_of_first_pack(view)
    stages = _stages(rows)
    says = _says(stages) if stages else say("points.missing")
    return Chart(
        id="points",
        title=say("points.title_demo" if rows["is_demo"].any() else "points.title"),
        says=says,
        alt=say("points.alt", sentence=says),
        source=dated_source(view, table_label("points")),
        options=both(lambda language: _option(stages, language)) if stages else {},
        table=_table(stages),
        height=90 + (_BAND + 22) * len(stages),
        missing=None if stages else say("points.missing"),
    )


def _stages(rows: pl.DataFrame) -> list[_Stage]:
    if rows.is_empty():
        return []
    most = max(float(rows["high"].to_numpy().max()), _WIDTH)
    edges = np.arange(0.0, np.ceil(most / _TICK) * _TICK + _WIDTH, _WIDTH)
    order = [value.value for value in _known_stages()]
    names = rows["stage"].fill_null("").unique().to_list()
    names.sort(key=lambda name: (order.index(name) if name in order else len(order), name))
    return [
        _stage(name, rows.filter(pl.col("stage").fill_null("") == name), edges) for name in names
    ]


def _known_stages() -> tuple[Choice, ...]:
    return choices().get("firm_stage", ())


def _stage(name: str, rows: pl.DataFrame, edges: NDArray[np.float64]) -> _Stage:
    ends = {end: np.clip(rows[end].to_numpy(), 0.0, edges[-1] - 1e-9) for end in ("low", "high")}
    return _Stage(
        choice("firm_stage", name) if name else say("points.no_stage"),
        rows.height,
        int((ends["high"] - ends["low"] < 1e-9).sum()),
        np.histogram(ends["low"], edges)[0],
        np.histogram(ends["high"], edges)[0],
        (float(np.median(ends["low"])), float(np.median(ends["high"]))),
    )


def _says(stages: list[_Stage]) -> Text:
    middles = [
        say("points.middle", stage=stage.name, range=quantities.between(*stage.middle, 1))
        for stage in stages
    ]
    return say(
        "points.says",
        n=quantities.count(sum(stage.n for stage in stages)),
        known=quantities.count(sum(stage.n_known for stage in stages)),
        middles=listed(middles),
    )


def _option(stages: list[_Stage], language: str) -> Option:
    names = [in_language(say(f"points.{end}"), language) for end in ("low", "high")]
    most = max(float(end.max() / stage.n) for stage in stages for end in (stage.low, stage.high))
    series: list[Option] = []
    for k, stage in enumerate(stages):
        series += _drawn(stage, k, names, language)
    last = len(stages) - 1
    return frame(
        in_language(say("points.alt", sentence=""), language),
        legend=legend(data=names, itemGap=14),
        title=[_heading(stage, k, language) for k, stage in enumerate(stages)],
        grid=[
            {"left": 46, "right": 12, "top": _top(k), "height": _BAND - 22}
            for k in range(len(stages))
        ],
        xAxis=[
            {
                "type": "value", "gridIndex": k, "min": 0, "max": len(stage.low) * _WIDTH,
                "interval": _TICK, "splitLine": {"show": False},
                "axisLine": {"show": True, "lineStyle": {"color": COLOURS["soft"]}},
                "axisLabel": {"show": True, "color": COLOURS["muted"], "fontSize": 11,
                              "hideOverlap": True},
                "name": in_language(say("points.x"), language) if k == last else "",
                "nameLocation": "middle", "nameGap": 24,
                "nameTextStyle": {"color": COLOURS["muted"], "fontSize": 12},
            }
            for k, stage in enumerate(stages)
        ],
        yAxis=[
            {
                "type": "value", "gridIndex": k, "min": 0, "max": _rounded(most),
                "interval": _rounded(most) / 2,
                "axisLabel": {"formatter": "fmt:percent", "color": COLOURS["muted"],
                              "fontSize": 11},
                "splitLine": {"lineStyle": {"color": COLOURS["line"], "width": 0.6}},
            }
            for k in range(len(stages))
        ],
        series=series,
    )  # fmt: skip


def _top(k: int) -> int:
    return 80 + k * (_BAND + 22)


def _heading(stage: _Stage, k: int, language: str) -> Option:
    n = quantities.count(stage.n)
    words = in_language(say("points.stage", stage=stage.name, n=n), language)
    style = {"fontSize": 12, "fontWeight": "bold", "color": COLOURS["text"]}
    return {"text": words, "left": 0, "top": _top(k) - 24, "textStyle": style}


def _rounded(share: float) -> float:
    """Return a round share that is not below ``share``."""
    return float(np.ceil(share * 10.0) / 10.0)


def _drawn(stage: _Stage, k: int, names: list[str], language: str) -> list[Option]:
    """Return bars of the low end, and the outline of the high end."""
    axes = {"xAxisIndex": k, "yAxisIndex": k}
    outline = [[i * _WIDTH, n / stage.n] for i, n in enumerate(stage.high.tolist())]
    return [
        {
            "type": "bar", "name": names[0], **axes, "barWidth": "92%", "barCategoryGap": "4%",
            "itemStyle": {"color": COLOURS["accent"], "opacity": 0.55},
            "data": [
                {
                    "value": [(i + 0.5) * _WIDTH, n / stage.n],
                    "name": _bar_name(stage, i, language),
                    "lines": [f"{name}  {quantities.count(int(end[i])).en}"
                              for name, end in zip(names, (stage.low, stage.high), strict=True)],
                }
                for i, n in enumerate(stage.low.tolist())
            ],
        },
        {
            "type": "line", "name": names[1], **axes, "step": "end", "symbol": "none",
            "lineStyle": {"color": COLOURS["watch"], "width": 1.6},
            "itemStyle": {"color": COLOURS["watch"]}, "silent": True, "tooltip": {"show": False},
            "data": [*outline, [len(stage.high) * _WIDTH, outline[-1][1]]],
        },
    ]  # fmt: skip


def _bar_name(stage: _Stage, i: int, language: str) -> str:
    span = say("points.bar", span=f"{i * _WIDTH:g}–{(i + 1) * _WIDTH:g}")
    return f"{in_language(stage.name, language)} · {in_language(span, language)}"


def _table(stages: list[_Stage]) -> ReportTable:
    return ReportTable.of(
        [
            Column("stage", label("points", "stage")),
            Column("n", label("verdicts", "n_firms"), is_number=True),
            Column("known", say("points.known"), is_number=True),
            Column("low", say("points.middle_low"), is_number=True),
            Column("high", say("points.middle_high"), is_number=True),
        ],
        [
            [
                text_cell(stage.name),
                count_cell(stage.n),
                count_cell(stage.n_known),
                decimal_cell(stage.middle[0], digits=1),
                decimal_cell(stage.middle[1], digits=1),
            ]
            for stage in stages
        ],
    )
