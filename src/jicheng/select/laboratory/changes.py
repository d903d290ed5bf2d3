"""Changes of a pack that one may try: thresholds, points of bands, weights, gates left out.

A change names a place by its path: ``gates/tech_staff`` for the number in a condition,
``indicators/growth/bands/1`` for a band, ``weights/startup/rd_expense`` for a weight. The
changed pack is a trial: its version says so, and what was changed is ours, not official.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from jicheng.conform import nearest
from jicheng.errors import InvalidInput, Text, fault
from jicheng.rules.expression.nodes import Literal
from jicheng.rules.expression.syntax import Expression, parse
from jicheng.rules.facts.dictionary import fact_dictionary
from jicheng.rules.pack.model import (
    Band,
    Banded,
    Case,
    Cases,
    Condition,
    Definition,
    Extension,
    Indicator,
    Options,
    Pack,
    Parts,
    Provenance,
    Weights,
)
from jicheng.rules.score.weights import percentile_indicators

__all__ = ["Change", "adjustable", "changed", "weights_by_stage"]

_TRIAL = "+trial"
_CONDITIONS = ("gates", "conditions", "direct")
_EVERY = "*"  # stage of a weight that is changed in all stages


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of a pack.

    Attributes
    ----------
    path : str
        What is changed: an element, ``<element>/bands/<i>``, ``<element>/cases/<i>`` or
        ``weights/<stage>/<indicator>``, ``*`` for every stage.
    bound : float, optional
        New number of a condition, or bound of a band.
    points : tuple of float, optional
        New lowest and highest points of a band or case; of a weight its points twice.
    is_left_out : bool
        Whether a gate, pass condition or direct pass is left out.
    place : int
        Which of the numbers of a condition, counted from 0 in reading order.
    """

    path: str
    bound: float | None = None
    points: tuple[float, float] | None = None
    is_left_out: bool = False
    place: int = 0


def changed(pack: Pack, changes: Iterable[Change]) -> Pack:
    """Return a pack with some changes made, one after another.

    Raises
    ------
    InvalidInput
        E975 if the pack has no such place, E976 if the change does not fit the place.

    Notes
    -----
    A new weight leaves the other weights of its stage in proportion, so that they still sum
    to the same.
    """
    for change in changes:
        section, _, rest = change.path.partition("/")
        if section in _CONDITIONS:
            pack = _with_conditions(pack, section, change)
        elif section == "indicators" and rest:
            pack = replace(pack, indicators=_reached(pack, pack.indicators, change))
        elif section == "definitions" and rest:
            pack = replace(pack, definitions=_definitions(pack, change))
        elif section == "weights":
            pack = replace(pack, weights=_weights(pack, change))
        else:
            raise _lost(pack, change)
    return pack if pack.version.endswith(_TRIAL) else replace(pack, version=pack.version + _TRIAL)


def adjustable(pack: Pack) -> pl.DataFrame:
    """Return what of a pack can be changed.

    Returns
    -------
    polars.DataFrame
        ``path`` and ``place`` as :class:`Change` names them, ``name``, ``name_en``, ``text``
        (the condition or what a band looks at), ``value`` (the number or bound, empty =
        none), ``points_low``, ``points_high``.
    """
    rows: list[tuple[Any, ...]] = []
    for element in pack.elements():
        names = (element.name.zh, element.name.en)
        if isinstance(element, Condition) and element.when is not None:
            for place, number in enumerate(_numbers(element.when.text)):
                head = (element.path, place, *names)
                rows.append((*head, element.when.text, number.value, None, None))
        if isinstance(element, Definition) and element.value is not None:
            root = element.value.root
            if isinstance(root, Literal):
                head = (element.path, 0, *names)
                rows.append((*head, element.value.text, root.value, None, None))
        rule = element.rule if isinstance(element, Indicator | Definition) else None
        if isinstance(rule, Banded):
            for i, band in enumerate(rule.bands):
                bound = None if band.bound != band.bound else band.bound
                head = (f"{element.path}/bands/{i}", 0, *names)
                rows.append((*head, rule.of.text, bound, band.low, band.high))
        elif isinstance(rule, Cases):
            for i, case in enumerate(rule.cases):
                text = "" if case.when is None else case.when.text
                rows.append(
                    (f"{element.path}/cases/{i}", 0, *names, text, None, case.low, case.high)
                )
    names_of = {one.id: one.name for one in percentile_indicators(pack)}
    for stage, points in weights_by_stage(pack).items():
        for indicator, weight in points.items():
            name = names_of.get(indicator, Text(indicator, indicator))
            head = (f"weights/{stage}/{indicator}", 0, name.zh, name.en)
            rows.append((*head, "", None, weight, weight))
    return pl.DataFrame(rows, schema=_ADJUSTABLE, orient="row")


_ADJUSTABLE = {
    "path": pl.String, "place": pl.Int64, "name": pl.String, "name_en": pl.String,
    "text": pl.String, "value": pl.Float64, "points_low": pl.Float64, "points_high": pl.Float64,
}  # fmt: skip


def _lost(pack: Pack, change: Change) -> InvalidInput:
    paths = list(dict.fromkeys(adjustable(pack)["path"]))
    near = nearest(change.path, paths, otherwise=", ".join(paths[:8]) or "-")
    return InvalidInput([fault("E975", pack=pack.key, path=change.path, near=near)])


def _misfit(change: Change) -> InvalidInput:
    return InvalidInput([fault("E976", path=change.path)])


def _with_conditions(pack: Pack, section: str, change: Change) -> Pack:
    if not any(element.path == change.path for element in pack.elements()):
        raise _lost(pack, change)
    if section == "gates":
        return replace(pack, gates=_conditions(pack.gates, change))
    if section == "conditions":
        return replace(pack, conditions=_conditions(pack.conditions, change))
    return replace(pack, direct=_conditions(pack.direct, change))


def _conditions(held: Sequence[Condition], change: Change) -> tuple[Condition, ...]:
    kept: list[Condition] = []
    for one in held:
        if one.path == change.path:
            if not change.is_left_out:
                kept.append(_condition(one, change))
        else:
            any_of, all_of = (_conditions(below, change) for below in (one.any_of, one.all_of))
            kept.append(replace(one, any_of=any_of, all_of=all_of))
    return tuple(kept)


def _condition(one: Condition, change: Change) -> Condition:
    if one.when is None or change.bound is None or change.points is not None:
        raise _misfit(change)
    return replace(one, when=_with_number(one.when, change), numbers=Provenance.OURS)


def _reached(pack: Pack, indicators: Sequence[Indicator], change: Change) -> tuple[Indicator, ...]:
    """Return indicators with the change made in the one whose path leads to it."""
    target = next((i for i in indicators if _leads(i.path, change.path)), None)
    if target is None:
        raise _lost(pack, change)
    rule = target.rule
    if isinstance(rule, Parts | Extension) and _goes_below(rule.parts, change):
        made = replace(target, rule=replace(rule, parts=_reached(pack, rule.parts, change)))
    elif isinstance(rule, Options) and _goes_below(rule.options, change):
        made = replace(target, rule=replace(rule, options=_reached(pack, rule.options, change)))
    else:
        made = replace(target, rule=_rule(pack, rule, target.path, change), numbers=Provenance.OURS)
    return tuple(made if one is target else one for one in indicators)


def _leads(path: str, to: str) -> bool:
    return to == path or to.startswith(path + "/")


def _goes_below(parts: Sequence[Indicator], change: Change) -> bool:
    return any(_leads(part.path, change.path) for part in parts)


def _definitions(pack: Pack, change: Change) -> tuple[Definition, ...]:
    target = next((one for one in pack.definitions if _leads(one.path, change.path)), None)
    if target is None:
        raise _lost(pack, change)
    if target.path == change.path:
        if target.value is None or change.bound is None:
            raise _misfit(change)
        value = parse(repr(float(change.bound)), where=target.value.where)
        made = replace(target, value=value, numbers=Provenance.OURS)
    else:
        rule = _rule(pack, target.rule, target.path, change)
        made = replace(target, rule=rule, numbers=Provenance.OURS)
    return tuple(made if one is target else one for one in pack.definitions)


def _rule(pack: Pack, rule: Any, path: str, change: Change) -> Any:
    """Return bands or cases with one of them changed."""
    kind, _, place = change.path.removeprefix(path).strip("/").partition("/")
    if isinstance(rule, Banded) and kind == "bands":
        return replace(rule, bands=_one(pack, rule.bands, place, change, _band))
    if isinstance(rule, Cases) and kind == "cases":
        return replace(rule, cases=_one(pack, rule.cases, place, change, _case))
    raise _lost(pack, change)


def _one(
    pack: Pack, held: Sequence[Any], place: str, change: Change, make: Callable[[Any, Change], Any]
) -> tuple[Any, ...]:
    if not place.isdigit() or int(place) >= len(held):
        raise _lost(pack, change)
    return tuple(make(one, change) if i == int(place) else one for i, one in enumerate(held))


def _band(band: Band, change: Change) -> Band:
    if change.bound is not None:
        if band.bound != band.bound:
            raise _misfit(change)
        band = replace(band, bound=float(change.bound))
    if change.points is not None:
        band = replace(band, low=change.points[0], high=change.points[1])
    return band


def _case(case: Case, change: Change) -> Case:
    if change.bound is not None:
        if case.when is None:
            raise _misfit(change)
        case = replace(case, when=_with_number(case.when, change))
    if change.points is not None:
        case = replace(case, low=change.points[0], high=change.points[1])
    return case


def _weights(pack: Pack, change: Change) -> Weights:
    _, stage, indicator = (*change.path.split("/", 2), "", "")[:3]
    held = weights_by_stage(pack)
    stages = list(held) if stage == _EVERY else [stage]
    if not all(indicator in held.get(one, {}) for one in stages) or not stages:
        raise _lost(pack, change)
    if change.points is None:
        raise _misfit(change)
    weight = float(change.points[0])
    new = {one: _reweighed(held[one], indicator, weight, change) for one in stages}
    line = 0 if pack.weights is None else pack.weights.line
    return Weights({**held, **new}, Provenance.OURS, line)


def weights_by_stage(pack: Pack) -> dict[str, dict[str, float]]:
    """Return the weights of a pack; equal ones in every stage where they are missing."""
    if pack.weights is not None and pack.weights.by_stage:
        return pack.weights.by_stage
    equal = {one.id: one.max for one in percentile_indicators(pack)}
    known = fact_dictionary()
    stage = "" if pack.peers is None else pack.peers.stage
    stages = known[stage].values if stage in known else ("",)
    return dict.fromkeys(stages, equal) if equal else {}


def _reweighed(
    old: dict[str, float], indicator: str, weight: float, change: Change
) -> dict[str, float]:
    """Return weights with one of them given and the others in proportion to the rest."""
    total = sum(old.values())
    rest = total - old[indicator]
    if not 0 <= weight <= total or (rest <= 0 and weight < total):
        raise _misfit(change)
    factor = (total - weight) / rest if rest > 0 else 0.0
    return {name: weight if name == indicator else value * factor for name, value in old.items()}


@dataclass(frozen=True, slots=True)
class _Number:
    """A number that something is compared with, where it stands in the text [bytes]."""

    value: float
    start: int
    end: int


def _numbers(text: str) -> list[_Number]:
    """Return the numbers that a condition compares with, in reading order."""
    found: list[_Number] = []
    for node in ast.walk(ast.parse(text, mode="eval")):
        if isinstance(node, ast.Compare):
            for side in (node.left, *node.comparators):
                number = _number(side)
                if number is not None and side.end_col_offset is not None:
                    found.append(_Number(number, side.col_offset, side.end_col_offset))
    return sorted(found, key=lambda number: number.start)


def _number(node: ast.expr) -> float | None:
    sign = 1.0
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        sign, node = -1.0, node.operand
    is_plain = isinstance(node, ast.Constant) and type(node.value) in (int, float)
    return sign * float(node.value) if is_plain else None  # type: ignore[attr-defined]


def _with_number(when: Expression, change: Change) -> Expression:
    numbers = _numbers(when.text)
    if not 0 <= change.place < len(numbers) or change.bound is None:
        raise _misfit(change)
    old, raw = numbers[change.place], when.text.encode()
    text = raw[: old.start] + repr(float(change.bound)).encode() + raw[old.end :]
    return parse(text.decode(), where=when.where)
