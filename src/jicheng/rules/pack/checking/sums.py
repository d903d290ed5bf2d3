"""Points and weights: within their maximum, and adding up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jicheng.conform import nearest
from jicheng.errors import Fault, Text, Where, fault
from jicheng.rules.pack.model import (
    Additive,
    Banded,
    Cases,
    Extension,
    Indicator,
    Judged,
    Options,
    Pack,
    Parts,
    Percentile,
)

__all__ = ["point_faults", "weight_faults"]

_TOLERANCE = 1e-9
_PARTS = Text("各分项", "The parts")
_OPTIONS = Text("各计分方式", "The options")
_LOCAL = Text("补充的指标", "The indicators that fill it")
_ALL = Text("各指标（不含附加分）", "The indicators without bonus")
_BANDS = Text("各档次", "The bands")
_MOST = Text("最高分", "Most points")
_INDICATOR = Text("按位次计分的指标", "percentile indicator")


def point_faults(pack: Pack) -> Iterator[Fault]:
    """Find points outside their maximum and sums that are not what they should be.

    Yields
    ------
    Fault
        E936 points above the maximum or the wrong way round, E937 parts, options, local
        indicators or the whole pack that do not sum to their maximum, E929 a wrong number of
        local indicators or fractions in a pack of whole points; a warning (E937) where no band
        gives the maximum.
    """
    for element in pack.elements():
        if isinstance(element, Indicator):
            yield from _outside(pack, element)
            yield from _unweighed(element)
            yield from _below(element)
            yield from _slot(element)
    yield from _total(pack)


def _at(element: Indicator, key: str = "", line: int = 0) -> Where:
    path = f"{element.path}/{key}" if key else element.path
    return Where(table=element.file, row=line or element.line, column=path)


def _scores(element: Indicator) -> list[tuple[float, float, Where]]:
    """Return lowest and highest points that an indicator names itself, with their places."""
    rule = element.rule
    if isinstance(rule, Banded):
        return [
            (band.low, band.high, _at(element, f"bands/{place}", band.line))
            for place, band in enumerate(rule.bands)
        ]
    if isinstance(rule, Cases):
        return [
            (case.low, case.high, _at(element, f"cases/{place}", case.line))
            for place, case in enumerate(rule.cases)
        ]
    if isinstance(rule, Judged):
        return [(low, high, _at(element, f"judged/{level}")) for level, low, high in rule.levels]
    if isinstance(rule, Additive):
        return [(0.0, rule.cap, _at(element, "additive/cap"))]
    return []


def _outside(pack: Pack, element: Indicator) -> Iterator[Fault]:
    scores = _scores(element)
    for low, high, where in scores:
        shown = f"{low:g}" if low == high else f"[{low:g}, {high:g}]"
        if low > high or high > element.max + _TOLERANCE:
            yield fault("E936", where=where, points=shown, most=f"{element.max:g}")
        elif pack.is_integer and not (low.is_integer() and high.is_integer()):
            rule = Text("整数分（points.integer 为 true）", "whole (points.integer is true)")
            yield fault("E929", where=where, value=shown, rule=rule)
    most = max((high for _, high, _ in scores), default=element.max)
    if isinstance(element.rule, Additive):
        most = min(most, element.rule.each * len(element.rule.of))
    if most < element.max - _TOLERANCE:
        yield _sum(_at(element), _BANDS, most, element.max, is_warning=True)


def _unweighed(element: Indicator) -> Iterator[Fault]:
    """Weights are those of a pack's own indicators: below one, a percentile needs a maximum."""
    if _is_weighed(element) and element.path.count("/") > 1 and element.max == 0:
        yield fault("E925", where=_at(element), key="max", meaning=_MOST)


def _sum(
    where: Where, what: Text, total: float, wanted: float, *, is_warning: bool = False
) -> Fault:
    return fault(
        "E937", where=where, is_warning=is_warning, what=what, total=f"{total:g}",
        wanted=f"{wanted:g}",
    )  # fmt: skip


def _plain_sum(parts: Sequence[Indicator]) -> float:
    return sum(part.max for part in parts if not part.is_bonus)


def _below(element: Indicator) -> Iterator[Fault]:
    rule = element.rule
    if isinstance(rule, Parts):
        total = _plain_sum(rule.parts)
        cut = min(total, element.cap) if element.cap is not None else total
        if abs(cut - element.max) > _TOLERANCE:
            yield _sum(_at(element, "parts"), _PARTS, cut, element.max)
    elif isinstance(rule, Options):
        most = max(option.max for option in rule.options)
        if abs(most - element.max) > _TOLERANCE:
            yield _sum(_at(element, "options"), _OPTIONS, most, element.max)
    if element.cap is not None and element.cap > element.max + _TOLERANCE:
        cap = f"{element.cap:g}"
        yield fault("E936", where=_at(element, "cap"), points=cap, most=f"{element.max:g}")


def _slot(element: Indicator) -> Iterator[Fault]:
    slot = element.rule
    if not isinstance(slot, Extension):
        return
    if slot.least > slot.most:
        rule = Text("least 不大于 most", "least at most as large as most")
        yield fault("E929", where=_at(element, "extension"), value=f"{slot.least}", rule=rule)
    if not slot.parts:
        return
    where = _at(element, "extension/parts", slot.parts[0].line)
    if not slot.least <= len(slot.parts) <= slot.most:
        rule = Text(f"{slot.least} 至 {slot.most} 项", f"{slot.least} to {slot.most} indicators")
        yield fault("E929", where=where, value=f"{len(slot.parts)}", rule=rule)
    total = _plain_sum(slot.parts)
    if abs(total - element.max) > _TOLERANCE:
        yield _sum(where, _LOCAL, total, element.max)


def _total(pack: Pack) -> Iterator[Fault]:
    """Compare the sum with the total, where no weights per stage do it."""
    is_weighed = any(map(_is_weighed, pack.indicators))
    if not pack.indicators or (is_weighed and pack.weights and pack.weights.by_stage):
        return
    total = _plain_sum(pack.indicators)
    if abs(total - pack.total) > _TOLERANCE * max(1, len(pack.indicators)):
        yield _sum(Where(table=pack.file, column="points/total"), _ALL, total, pack.total)


def _is_weighed(indicator: Indicator) -> bool:
    return isinstance(indicator.rule, Percentile)


def weight_faults(pack: Pack) -> Iterator[Fault]:
    """Find weights of unknown indicators, and stages whose weights do not sum to the total.

    Yields
    ------
    Fault
        E932 an indicator that the pack does not have or that has points of its own, E938 a stage
        in which indicators lack a weight or the sum is wrong.
    """
    weighed = [one.id for one in pack.indicators if _is_weighed(one)]
    if pack.weights is None:
        return
    fixed = sum(one.max for one in pack.indicators if not (_is_weighed(one) or one.is_bonus))
    bonus = {one.id for one in pack.indicators if one.is_bonus}
    for stage, weights in pack.weights.by_stage.items():
        path = f"weights/by_stage/{stage}"
        where = Where(table=pack.file, row=pack.weights.line, column=path)
        for name in weights:
            if name not in weighed:
                near = nearest(name, weighed, otherwise="-")
                place = Where(table=where.table, row=where.row, column=f"{path}/{name}")
                yield fault("E932", where=place, kind=_INDICATOR, name=name, near=near)
        without = [name for name in weighed if name not in weights]
        total = fixed + sum(
            weight for name, weight in weights.items() if name in weighed and name not in bonus
        )
        if without or abs(total - pack.total) > 1e-6:
            names = ", ".join(without) or "-"
            yield fault(
                "E938", where=where, stage=stage, total=f"{total:g}", wanted=f"{pack.total:g}",
                without=names,
            )  # fmt: skip
