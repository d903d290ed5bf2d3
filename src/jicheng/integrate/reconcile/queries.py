"""What a client asks, read from JSON that nobody vouches for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from jicheng.errors import InvalidInput, Text

__all__ = ["Extension", "Query", "read_extension", "read_queries"]

_MOST_QUERIES = 500
_LONGEST = 2_000  # characters of a query or a value
_MOST_VALUES = 50
_MOST_CANDIDATES = 50
_MOST_IDS = 5_000
_STRICTNESS = ("any", "should", "all")


@dataclass(frozen=True, slots=True)
class Query:
    """One name to match.

    Attributes
    ----------
    text : str
        The name, or an identifier; empty if only properties are given.
    types : tuple of str
        Types that are wanted; empty = all.
    strictness : str
        ``any`` (one of the types), ``all`` of them, or ``should`` (others come last).
    limit : int
        Most candidates, 1 to 50.
    properties : tuple of (str, tuple of str)
        Values that the candidate should have, by property.
    """

    text: str = ""
    types: tuple[str, ...] = ()
    strictness: str = "any"
    limit: int = 5
    properties: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Extension:
    """Entities whose values of some properties are wanted."""

    ids: tuple[str, ...]
    properties: tuple[str, ...]


def read_queries(text: str) -> dict[str, Query]:
    """Read a batch of queries; raise E098 with what is wrong."""
    return {name: _query(name, said) for name, said in _batch(text).items()}


def read_extension(text: str) -> Extension:
    """Read a request for values; raise E098 with what is wrong."""
    found = _object(text, "extend")
    ids, properties = found.get("ids"), found.get("properties")
    if not isinstance(ids, list) or not isinstance(properties, list) or len(ids) > _MOST_IDS:
        _wrong(
            "extend", Text("需要 ids 与 properties 列表", "it needs lists of ids and properties")
        )
    names = [one.get("id") if isinstance(one, dict) else one for one in properties]
    if not all(isinstance(one, str) for one in (*ids, *names)) or len(names) > _MOST_VALUES:
        _wrong("extend", Text("编号须为文字", "ids must be text"))
    return Extension(tuple(dict.fromkeys(ids)), tuple(dict.fromkeys(map(str, names))))


def _batch(text: str) -> dict[str, Any]:
    found = _object(text, "queries")
    if len(found) > _MOST_QUERIES:
        _wrong(
            "queries", Text(f"一次超过 {_MOST_QUERIES} 条", f"more than {_MOST_QUERIES} at once")
        )
    return found


def _object(text: str, name: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()  # a lone surrogate is no text to answer
    except (ValueError, RecursionError):
        _wrong(name, Text("不是 JSON", "it is no JSON"))
    if not isinstance(found, dict):
        _wrong(name, Text("不是 JSON 对象", "it is no JSON object"))
    return found


def _query(name: str, said: object) -> Query:
    if not isinstance(said, dict):
        _wrong(name, Text("不是对象", "it is no object"))
    text, kinds = said.get("query", ""), said.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    given, limit = said.get("properties", []), said.get("limit", 5)
    strictness = said.get("type_strict", "any")
    if not isinstance(text, str) or len(text) > _LONGEST:
        _wrong(name, Text("query 须为不过长的文字", "query must be a text that is not too long"))
    if not isinstance(kinds, list) or not all(_is_type(kind) for kind in kinds):
        _wrong(name, Text("type 须为文字", "type must be text"))
    if not isinstance(limit, int | float) or not 0 < limit < float("inf"):
        _wrong(name, Text("limit 须为正数", "limit must be a positive number"))
    if strictness not in _STRICTNESS:
        _wrong(name, Text("type_strict 不在取值中", "type_strict is none of its values"))
    properties = _properties(name, given)
    if not text.strip() and not properties:
        _wrong(name, Text("没有 query 也没有 properties", "it has neither query nor properties"))
    types = tuple(kind if isinstance(kind, str) else str(kind["id"]) for kind in kinds)
    most = max(1, min(int(limit), _MOST_CANDIDATES))
    return Query(text.strip(), types, strictness, most, properties)


def _is_type(kind: object) -> bool:
    """Tell whether a type is a text or, as some clients send it, an object with an id."""
    return isinstance(kind, str) or (isinstance(kind, dict) and isinstance(kind.get("id"), str))


def _properties(name: str, given: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(given, list) or len(given) > _MOST_VALUES:
        _wrong(name, Text("properties 须为列表", "properties must be a list"))
    found = []
    for one in given:
        if not isinstance(one, dict) or not isinstance(one.get("pid"), str) or "v" not in one:
            _wrong(name, Text("属性须有 pid 与 v", "a property has pid and v"))
        values = one["v"] if isinstance(one["v"], list) else [one["v"]]
        texts = [_value(name, value) for value in values[:_MOST_VALUES]]
        found.append((one["pid"], tuple(text for text in texts if text)))
    return tuple(found)


def _value(name: str, value: object) -> str:
    """Return a value as text; an entity that was matched before as its id."""
    if isinstance(value, Mapping):
        value = value.get("id")
    if value is None:
        return ""
    if not isinstance(value, str | int | float) or len(str(value)) > _LONGEST:
        _wrong(name, Text("属性值须为文字或数值", "a value is a text or a number"))
    return str(value).strip()


def _wrong(name: str, reason: Text) -> NoReturn:
    shown = name[:40]
    told = Text(f"{shown}：{reason.zh}", f"{shown}: {reason.en}")
    raise InvalidInput.of("E098", reason=told)
