"""Charts as data: one definition for the page, the big screen, documents and tests.

A chart is a Python function that returns a :class:`Chart`: an ECharts option of plain
JSON in each language, with title, description, source and the table of the same
numbers. Options hold no JavaScript. Formatters and shapes are named (``"fmt:percent"``,
``"draw:cross"``) and resolved by ``static/chart_functions.js``, wherever it is drawn.
"""

from __future__ import annotations

from jicheng.report.charts.base import COLOURS, Chart
from jicheng.report.charts.contributions import sensitivity, waterfall
from jicheng.report.charts.exposure import countries, exceedance, losses
from jicheng.report.charts.money import front, purses
from jicheng.report.charts.points import points
from jicheng.report.charts.quadrant import quadrant
from jicheng.report.charts.risk import overrun
from jicheng.report.charts.years import years

__all__ = [
    "COLOURS",
    "Chart",
    "countries",
    "exceedance",
    "front",
    "losses",
    "overrun",
    "points",
    "purses",
    "quadrant",
    "sensitivity",
    "waterfall",
    "years",
]
