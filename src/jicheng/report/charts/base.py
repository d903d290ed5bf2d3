"""What all charts share: the type, the colours, axes that name their unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jicheng.errors import Text
from jicheng.report import quantities
from jicheng.report.tables import Cell, ReportTable, decimal_cell
from jicheng.report.view import PlanView
from jicheng.report.wording import english, say

__all__ = [
    "COLOURS",
    "CROSS",
    "LANGUAGES",
    "OTHERS",
    "PALETTE",
    "SYMBOLS",
    "Chart",
    "Option",
    "both",
    "category_axis",
    "dated_source",
    "frame",
    "grid",
    "in_language",
    "legend",
    "line_at",
    "money_axis",
    "points_cell",
    "value_axis",
]

LANGUAGES = ("zh", "en")

COLOURS = {
    "chokepoint": "#c92a2a",
    "watch": "#b35c00",
    "safe": "#0b7285",
    "no_data": "#5c6773",
    "accent": "#1f6feb",
    "text": "#1f2937",
    "muted": "#5c6773",
    "line": "#d5dae1",
    "soft": "#9aa5b1",
}
"""Tokens on a white ground; text colours reach a contrast of 4.5 at least."""

PALETTE = ("#1f6feb", "#0b7285", "#b35c00", "#7a4fb5", "#2f9e44", "#1f2937")
"""Colours of things without a verdict, most important first."""

OTHERS = "#9aa5b1"
"""Colour of what is summed up as "others"."""

CROSS = "path://M0,5 H20 V7 H0 Z M9,0 H11 V12 H9 Z"
"""Legend symbol of intervals."""

SYMBOLS = {"chokepoint": "triangle", "watch": "diamond", "safe": "circle", "no_data": "rect"}
"""Shape of each verdict, so that colour is never the only difference."""

_FONTS = '"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif'

Option = dict[str, Any]
"""An ECharts option that JSON can hold."""


@dataclass(frozen=True)
class Chart:
    """One chart, ready to be drawn anywhere.

    Attributes
    ----------
    id : str
        Stable name.
    title, says, alt, source : Text
        Heading, one sentence that says what it means, description for those who
        cannot see it, and where the numbers come from with their date.
    options : mapping of language to Option
        Empty where there is nothing to draw; ``missing`` then says why.
    table : ReportTable
        The same numbers as a table.
    height : int
        Height of the drawing [px].
    missing : Text or None
        Why there is no drawing.
    """

    id: str
    title: Text
    says: Text
    alt: Text
    source: Text
    options: Mapping[str, Option]
    table: ReportTable
    height: int = 360
    missing: Text | None = None


def in_language(text: Text, language: str) -> str:
    """Return the words in a language; Chinese where there is no English."""
    return text.zh if language == "zh" else english(text)


def both(option: Callable[[str], Option]) -> dict[str, Option]:
    """Return the option in every language."""
    return {language: option(language) for language in LANGUAGES}


def dated_source(view: PlanView, *tables: Text) -> Text:
    """Return the tables that a chart shows, with the date of the plan."""
    zh = "、".join(t.zh for t in tables)
    en = ", ".join(english(t) for t in tables)
    return say("chart.source", tables=Text(zh, en), date=view.date or say("not_recorded"))


def frame(alt: str, **option: Any) -> Option:
    """Return an option with what every chart has: font, description, no motion."""
    return {
        "animation": False,
        "textStyle": {"fontFamily": _FONTS, "color": COLOURS["text"]},
        "aria": {"enabled": True, "label": {"description": alt}},
        "tooltip": {
            "renderMode": "richText",
            "confine": True,
            "trigger": "item",
            "formatter": "fmt:lines",
            "borderColor": COLOURS["line"],
            "textStyle": {"fontSize": 12, "lineHeight": 18, "color": COLOURS["text"]},
        },
        **option,
    }


def grid(**edges: int) -> Option:
    """Return the drawing area: names of the axes lie inside it."""
    return {"left": 12, "right": 28, "top": 40, "bottom": 6, "outerBoundsMode": "same", **edges}


def legend(**more: Any) -> Option:
    """Return the legend: on top, from the left."""
    return {
        "top": 4, "left": 0, "itemGap": 18, "itemWidth": 14, "itemHeight": 12,
        "textStyle": {"color": COLOURS["text"]}, **more,
    }  # fmt: skip


def value_axis(name: str, formatter: str, **more: Any) -> Option:
    """Return a value axis with its name in the middle and quiet lines."""
    return {
        "type": "value",
        "name": name,
        "nameLocation": "middle",
        "nameGap": 30,
        "nameTextStyle": {"color": COLOURS["muted"], "fontSize": 12},
        "axisLabel": {"formatter": formatter, "color": COLOURS["muted"], "hideOverlap": True},
        "axisLine": {"show": True, "lineStyle": {"color": COLOURS["soft"]}},
        "splitLine": {"lineStyle": {"color": COLOURS["line"], "width": 0.6}},
        **more,
    }


def money_axis(name: Text, view: PlanView, language: str, **more: Any) -> Option:
    """Return a value axis of money from 0, its unit in the name."""
    unit = in_language(quantities.money_unit(view.currency), language)
    text = f"{in_language(name, language)} ({unit})"
    return value_axis(text, "fmt:wan" if language == "zh" else "fmt:million", min=0, **more)


def category_axis(names: list[str], *, width: int = 200) -> Option:
    """Return a vertical axis of names, first on top, long names wrapped."""
    return {
        "type": "category",
        "data": names,
        "inverse": True,
        "axisTick": {"show": False},
        "axisLine": {"lineStyle": {"color": COLOURS["soft"]}},
        "axisLabel": {
            "color": COLOURS["text"],
            "width": width,
            "overflow": "break",
            "interval": 0,
            "lineHeight": 15,
        },
    }


def line_at(value: float, label: str, *, axis: str) -> Option:
    """Return a threshold line with its label."""
    position = "insideStartTop" if axis == "yAxis" else "end"
    return {axis: value, "label": {"formatter": label, "position": position}}


def points_cell(value: float | None) -> Cell:
    """Return a small error in percentage points, two decimals."""
    return decimal_cell(None if value is None else value * 100, missing="not_computed")
