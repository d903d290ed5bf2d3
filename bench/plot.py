"""Draw measurements as a small picture: lines on two logarithmic axes, side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["Line", "Panel", "draw"]

WIDTH, HEIGHT = 360, 270
LEFT, RIGHT, TOP, BOTTOM = 58, 16, 34, 46
INK, FAINT = "#334155", "#e2e8f0"


@dataclass(frozen=True)
class Line:
    """One series: a name, a colour, points above zero."""

    name: str
    colour: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Panel:
    """One picture: title, names of axes, lines, and a limit to hold (nan = none)."""

    title: str
    across: str
    up: str
    lines: Sequence[Line]
    limit: float = math.nan


def draw(panels: Sequence[Panel]) -> str:
    """Return an SVG with the panels side by side."""
    drawn = [
        f'<g transform="translate({k * WIDTH},0)">{_panel(panel)}</g>'
        for k, panel in enumerate(panels)
    ]
    width = WIDTH * len(panels)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" width="{width}" '
        f'height="{HEIGHT}" font-family="sans-serif" font-size="11" fill="{INK}">'
        f'<rect width="{width}" height="{HEIGHT}" fill="#ffffff"/>{"".join(drawn)}</svg>\n'
    )


class _Axis:
    """A logarithmic axis between two ends of the picture."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        self.low, self.high = _decades(values)
        self.start, self.end = start, end

    def __call__(self, value: float) -> float:
        part = (math.log10(value) - self.low) / (self.high - self.low)
        return round(self.start + part * (self.end - self.start), 1)

    def ticks(self) -> list[float]:
        decades = range(math.floor(self.low), math.floor(self.high) + 1)
        inside = [
            [
                step * 10.0**k
                for k in decades
                for step in steps
                if self.low <= math.log10(step * 10.0**k) <= self.high
            ]
            for steps in ((1.0,), (1.0, 2.0, 5.0))
        ]
        return inside[0] if len(inside[0]) > 2 else inside[1]


def _decades(values: Sequence[float]) -> tuple[float, float]:
    low, high = (math.log10(end(values)) for end in (min, max))
    margin = max(0.06 * (high - low), 0.1)
    return low - margin, high + margin


def _panel(panel: Panel) -> str:
    points = [point for line in panel.lines for point in line.points]
    ups = [y for _, y in points] + ([] if math.isnan(panel.limit) else [panel.limit])
    x = _Axis([x for x, _ in points], LEFT, WIDTH - RIGHT)
    y = _Axis(ups, HEIGHT - BOTTOM, TOP)
    parts = [f'<text x="{LEFT}" y="18" font-weight="bold">{escape(panel.title)}</text>']
    for tick in x.ticks():
        parts.append(_rule(x(tick), TOP, x(tick), HEIGHT - BOTTOM))
        parts.append(_text(x(tick), HEIGHT - BOTTOM + 14, _short(tick), "middle"))
    for tick in y.ticks():
        parts.append(_rule(LEFT, y(tick), WIDTH - RIGHT, y(tick)))
        parts.append(_text(LEFT - 5, y(tick) + 4, _short(tick), "end"))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, panel.across, "middle"))
    parts.append(
        f'<text transform="translate(13,{(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" '
        f'text-anchor="middle">{escape(panel.up)}</text>'
    )
    if not math.isnan(panel.limit):
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(panel.limit)}" y2="{y(panel.limit)}" '
            'stroke="#dc2626" stroke-dasharray="5 4"/>'
        )
    parts += [_line(line, x, y, k) for k, line in enumerate(panel.lines)]
    return "".join(parts)


def _line(line: Line, x: _Axis, y: _Axis, place: int) -> str:
    path = " ".join(f"{x(across)},{y(up)}" for across, up in line.points)
    dots = "".join(f'<circle cx="{x(across)}" cy="{y(up)}" r="2.6"/>' for across, up in line.points)
    at = TOP + 12 + 14 * place
    return (
        f'<g stroke="{line.colour}" fill="{line.colour}">'
        f'<polyline points="{path}" fill="none" stroke-width="1.8"/>{dots}'
        f'<text x="{LEFT + 8}" y="{at}" stroke="none">{escape(line.name)}</text></g>'
    )


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{FAINT}"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 1.0 else f"{value:.3g}"
