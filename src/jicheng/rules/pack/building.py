"""A pack made of the tree of its file, whose shape is known to be right."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from dataclasses import replace
from typing import TypedDict, TypeVar

from jicheng.errors import Fault, InvalidInput, Text, Where, fault
from jicheng.rules.expression.syntax import Expression, parse
from jicheng.rules.pack.model import (
    Additive,
    Band,
    Banded,
    Case,
    Cases,
    Combine,
    Condition,
    Definition,
    Element,
    Extension,
    Formula,
    Group,
    Indicator,
    Judged,
    Missing,
    Options,
    Overlay,
    Pack,
    PackKind,
    Parts,
    Peers,
    Percentile,
    Provenance,
    Rule,
    Side,
    Source,
    Subject,
    Transform,
    Weights,
)
from jicheng.rules.pack.tree import Node
from jicheng.schema import choices

__all__ = ["HEAD", "build", "overlay_of"]

HEAD = ("issuer", "document", "valid", "grants", "points")  # statements with a status of their own
_LEVELS = "judged_level"  # the list of choices that names common levels

_Made = TypeVar("_Made", bound=Element)


class _Common(TypedDict):
    """What every element of a pack has."""

    id: str
    path: str
    name: Text
    status: Provenance
    numbers: Provenance
    note: Text | None
    line: int
    file: str


def build(root: Node, overlays: tuple[Overlay, ...] = ()) -> Pack:
    """Make a pack.

    Parameters
    ----------
    root : Node
        Of the right shape (:func:`jicheng.rules.pack.structure.structure_faults`).
    overlays : tuple of Overlay
        That went into it.

    Raises
    ------
    InvalidInput
        E943 for a date that is none, and what the language of rules refuses (E900 to E919);
        all of them at once.
    """
    builder = _Builder()
    pack = builder.pack(root, overlays)
    if builder.faults:
        raise InvalidInput(builder.faults)
    return pack


def overlay_of(root: Node) -> Overlay:
    """Return who an overlay says it is; its issuer and document hold for all that it fills."""
    head = root.keys["overlay"]
    return Overlay(
        file=root.file,
        name=_words(head, "name", root.file),
        issuer=_text(head.get("issuer"), "text"),
        document=_text(head.get("document"), "text"),
    )


class _Builder:
    """Goes down the tree and collects what is wrong in expressions and dates."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def pack(self, root: Node, overlays: tuple[Overlay, ...]) -> Pack:
        points, grants, valid = (root.get(key) for key in ("points", "grants", "valid"))
        pack = Pack(
            id=_text(root, "id"),
            version=_text(root, "version"),
            name=_words(root, "name", _text(root, "id")),
            kind=PackKind(_text(root, "kind")),
            subject=Subject(_text(root, "subject", Subject.ORGANISATION)),
            jurisdiction=_text(root, "jurisdiction"),
            issuer=_text(root.get("issuer"), "text"),
            document=_text(root.get("document"), "text"),
            valid_from=self._date(valid, "from"),
            valid_until=self._date(valid, "until"),
            total=_number(points, "total", 0.0),
            is_integer=_flag(points, "integer"),
            allows_local=_flag(points, "local"),
            grants=_text(grants, "qualification"),
            grant_years=_number(grants, "years", math.nan) if _has(grants, "years") else None,
            definitions=self._each(root, "definitions", "definitions", self._definition),
            groups=self._each(root, "groups", "groups", self._group),
            gates=self._each(root, "gates", "gates", self._condition),
            indicators=self._each(root, "indicators", "indicators", self._indicator),
            conditions=self._each(root, "pass", "conditions", self._condition),
            direct=self._each(root, "direct_pass", "direct", self._condition),
            peers=_peers(root.get("peers")),
            weights=_weights(root.get("weights")),
            missing=self._each(root, "missing", "missing", self._missing),
            head={key: _status(node) for key in HEAD if (node := root.get(key)) is not None},
            sources=tuple(_source(node) for node in _items(root, "sources")),
            file=root.file,
            overlays=overlays,
            note=_note(root),
        )
        return replace(pack, indicators=_with_weights(pack))

    def _each(
        self, node: Node, key: str, path: str, make: Callable[[Node, str], _Made]
    ) -> tuple[_Made, ...]:
        return tuple(make(one, f"{path}/{_text(one, 'id')}") for one in _items(node, key))

    def _definition(self, node: Node, path: str) -> Definition:
        listed = tuple(str(one.value) for one in _items(node, "choices"))
        value = node.get("value")
        written = None
        if value is not None:
            text = value.value if isinstance(value.value, str) else repr(value.value)
            written = self._parsed(str(text), value.where(f"{path}/value"))
        rule: Banded | Cases | None = None
        if node.get("bands") is not None:
            rule = self._banded(node, path, "value")
        elif node.get("cases") is not None:
            rule = self._cases(node, path, "value")
        return Definition(
            **_common(node, path), choices=listed, value=written, rule=rule,
            unit=_text(node, "unit"),
        )  # fmt: skip

    def _group(self, node: Node, path: str) -> Group:
        return Group(**_common(node, path))

    def _missing(self, node: Node, path: str) -> Element:
        return Element(**_common(node, path))

    def _condition(self, node: Node, path: str) -> Condition:
        return Condition(
            **_common(node, path),
            when=self._expression(node, "when", path) if _has(node, "when") else None,
            any_of=self._each(node, "any_of", path, self._condition),
            all_of=self._each(node, "all_of", path, self._condition),
        )

    def _indicator(self, node: Node, path: str) -> Indicator:
        return Indicator(
            **_common(node, path),
            max=_number(node, "max", 0.0),
            rule=self._rule(node, path),
            cap=_number(node, "cap", math.nan) if _has(node, "cap") else None,
            group=_text(node, "group"),
            is_bonus=_flag(node, "bonus"),
        )

    def _rule(self, node: Node, path: str) -> Rule:  # one line a form
        if _has(node, "bands"):
            return self._banded(node, path, "points")
        if _has(node, "cases"):
            return self._cases(node, path, "points")
        if (judged := node.get("judged")) is not None:
            return _judged(judged)
        if _has(node, "formula"):
            return Formula(self._expression(node, "formula", path))
        if (additive := node.get("additive")) is not None:
            return self._additive(additive, f"{path}/additive")
        if _has(node, "parts"):
            return Parts(self._each(node, "parts", path, self._indicator))
        if _has(node, "options"):
            options = self._each(node, "options", path, self._indicator)
            return Options(options, Combine(_text(node, "combine")))
        if (slot := node.get("extension")) is not None:
            parts = self._each(slot, "parts", path, self._indicator)
            least, most = int(_number(slot, "least", 0)), int(_number(slot, "most", 0))
            return Extension(_text(slot, "filled_by"), least, most, parts)
        if (place := node.get("percentile")) is not None:
            transform = Transform(_text(place, "transform", Transform.IDENTITY))
            return Percentile(self._expression(place, "of", f"{path}/percentile"), transform)
        return Missing()

    def _banded(self, node: Node, path: str, gives: str) -> Banded:
        bands = []
        for band in _items(node, "bands"):
            side = next(side for side in Side if side in band.keys)
            bound = math.nan if side is Side.OTHERWISE else _number(band, side, math.nan)
            bands.append(Band(side, bound, *_score(band.keys[gives]), line=band.line))
        return Banded(self._expression(node, "of", path), tuple(bands))

    def _cases(self, node: Node, path: str, gives: str) -> Cases:
        cases = []
        for place, case in enumerate(_items(node, "cases")):
            when = None
            if _has(case, "when"):
                when = self._expression(case, "when", f"{path}/cases/{place}")
            cases.append(Case(when, *_score(case.keys[gives]), line=case.line))
        return Cases(tuple(cases))

    def _additive(self, node: Node, path: str) -> Additive:
        conditions = tuple(
            self._parsed(str(one.value), one.where(f"{path}/of/{place}"))
            for place, one in enumerate(_items(node, "of"))
        )
        return Additive(_number(node, "each", 0.0), _number(node, "cap", 0.0), conditions)

    def _expression(self, node: Node, key: str, path: str) -> Expression:
        found = node.keys[key]
        return self._parsed(str(found.value), found.where(f"{path}/{key}"))

    def _parsed(self, text: str, where: Where) -> Expression:
        try:
            return parse(text, where=where)
        except InvalidInput as error:
            self.faults.extend(error.faults)
            return parse("0", where=where)

    def _date(self, valid: Node | None, key: str) -> datetime.date | None:
        found = valid.get(key) if valid is not None else None
        if found is None:
            return None
        try:
            return datetime.date.fromisoformat(str(found.value))
        except ValueError:
            path = f"valid/{key}"
            self.faults.append(fault("E943", where=found.where(path), value=found.value))
            return None


def _common(node: Node, path: str) -> _Common:
    name = _text(node, "id")
    status = _status(node)
    numbers = node.get("numbers")
    return {
        "id": name,
        "path": path,
        "name": _words(node, "name", name),
        "status": status,
        "numbers": status if numbers is None else Provenance(str(numbers.value)),
        "note": _note(node),
        "line": node.line,
        "file": node.file,
    }


def _judged(node: Node) -> Judged:
    known = {choice.value: choice.label for choice in choices().get(_LEVELS, ())}
    levels, names = [], []
    for level, given in node.keys.items():
        points = given.keys.get("points", given)
        levels.append((level, *_score(points)))
        names.append(_words(given, "name", level, known.get(level)))
    return Judged(tuple(levels), tuple(names))


def _with_weights(pack: Pack) -> tuple[Indicator, ...]:
    """Give percentile indicators without a maximum their largest weight, or an equal share."""
    unset = [one.id for one in pack.indicators if _is_unset(one)]
    by_stage = pack.weights.by_stage.values() if pack.weights is not None else ()
    own = sum(one.max for one in pack.indicators if not one.is_bonus)
    equal = max(0.0, pack.total - own) / max(1, len(unset))

    def most(one: Indicator) -> float:
        return max((weights.get(one.id, 0.0) for weights in by_stage), default=equal)

    return tuple(replace(one, max=most(one)) if one.id in unset else one for one in pack.indicators)


def _is_unset(indicator: Indicator) -> bool:
    return isinstance(indicator.rule, Percentile) and indicator.max == 0.0


def _peers(node: Node | None) -> Peers | None:
    if node is None:
        return None
    low, high = (float(str(one.value)) for one in _items(node, "quantiles"))
    small = int(_number(node, "small_group", 1))
    return Peers(_text(node, "stage"), _text(node, "field"), small, low, high, _status(node))


def _weights(node: Node | None) -> Weights | None:
    if node is None:
        return None
    stages = node.get("by_stage")
    by_stage = {
        stage: {name: float(str(weight.value)) for name, weight in weights.keys.items()}
        for stage, weights in (stages.keys.items() if stages is not None else ())
    }
    return Weights(by_stage, _status(node), node.line)


def _source(node: Node) -> Source:
    return Source(_text(node, "title"), _text(node, "url"), _text(node, "supports"))


def _has(node: Node | None, key: str) -> bool:
    return node is not None and node.get(key) is not None


def _items(node: Node, key: str) -> tuple[Node, ...]:
    found = node.get(key)
    return () if found is None else found.items


def _text(node: Node | None, key: str, otherwise: str = "") -> str:
    found = node.get(key) if node is not None else None
    return otherwise if found is None else str(found.value)


def _number(node: Node | None, key: str, otherwise: float) -> float:
    found = node.get(key) if node is not None else None
    return otherwise if found is None else float(str(found.value))


def _flag(node: Node | None, key: str) -> bool:
    found = node.get(key) if node is not None else None
    return found is not None and found.value is True


def _status(node: Node) -> Provenance:
    return Provenance(_text(node, "status"))


def _score(node: Node) -> tuple[float, float]:
    """Return lowest and highest points of a number or a pair."""
    ends = [float(str(one.value)) for one in node.items or (node,)]
    return ends[0], ends[-1]


def _words(node: Node, key: str, otherwise: str, known: Text | None = None) -> Text:
    """Return a text in both languages; one that is written once serves for both."""
    found = node.get(key)
    if found is None:
        return known or Text(otherwise, otherwise)
    if isinstance(found.value, str):
        return Text(found.value, found.value)
    zh, en = _text(found, "zh"), _text(found, "en")
    return Text(zh or en, en or zh)


def _note(node: Node) -> Text | None:
    return _words(node, "note", "") if _has(node, "note") else None
