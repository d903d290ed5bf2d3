"""In which elements two packs differ, place by place; wording and provenance left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any

from jicheng.errors import Text
from jicheng.rules.expression.syntax import Expression
from jicheng.rules.pack.model import Definition, Element, Group, Pack

__all__ = ["Difference", "Kind", "differences", "touches_everything"]

_SHARED = ("weights", "peers")  # places that are no elements and reach others
_UNSAID = {"name", "names", "status", "numbers", "note", "line", "file", "where"}


class Kind(StrEnum):
    """How an element differs."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """An element that is in one pack and not, or not so, in the other.

    Attributes
    ----------
    path : str
        Of the element; ``weights``, ``peers`` and ``points`` stand for themselves.
    kind : Kind
    name : Text
        In the later pack, or the earlier where it is gone.
    before, after : str
        What it says in each, in the language of rules; empty = it is not there.
    """

    path: str
    kind: Kind
    name: Text
    before: str
    after: str


def differences(before: Pack, after: Pack) -> tuple[Difference, ...]:
    """Return all differences, in the order of the later pack, then what is gone."""
    old, new = _said(before), _said(after)
    names = _names(before) | _names(after)
    found = []
    for path in [*new, *(path for path in old if path not in new)]:
        if old.get(path) == new.get(path):
            continue
        kind = Kind.CHANGED if path in old and path in new else Kind.REMOVED
        kind = kind if path in old else Kind.ADDED
        name = names.get(path, Text(path, path))
        found.append(Difference(path, kind, name, old.get(path, ""), new.get(path, "")))
    return tuple(found)


def touches_everything(found: tuple[Difference, ...], before: Pack, after: Pack) -> bool:
    """Whether a difference may change any element: a definition, weights or peers."""
    shared = {
        element.path
        for pack in (before, after)
        for element in pack.elements()
        if isinstance(element, Definition | Group)
    }
    return any(one.path in shared or one.path in _SHARED for one in found)


def _names(pack: Pack) -> dict[str, Text]:
    return {element.path: element.name for element in pack.elements()}


def _said(pack: Pack) -> Mapping[str, str]:
    """Return what each element says by itself, by path."""
    said = {element.path: _text(_plain(element, top=True)) for element in pack.elements()}
    if pack.weights is not None:
        said["weights"] = _text(_plain(pack.weights.by_stage))
    if pack.peers is not None:
        said["peers"] = _text(_plain(pack.peers))
    if pack.total:
        said["points"] = f"total: {pack.total:g}; integer: {pack.is_integer}"
    return said


def _plain(value: Any, *, top: bool = False) -> Any:
    if isinstance(value, Expression):
        return value.text
    if isinstance(value, Element) and not top:
        return value.id  # it stands for itself at its own path
    if is_dataclass(value) and not isinstance(value, type):
        told = {
            each.name: _plain(getattr(value, each.name))
            for each in fields(value)
            if each.name not in _UNSAID | {"id", "path"}
        }
        return {name: part for name, part in told.items() if part not in ("", None, ())}
    if isinstance(value, dict):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, tuple | list):
        return tuple(_plain(part) for part in value)
    if isinstance(value, float):
        return f"{value:g}"
    return value if value is None else str(value)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_text(part)}" for name, part in value.items())
    if isinstance(value, tuple):
        return "[" + ", ".join(_text(part) for part in value) + "]"
    return str(value)
