"""Whether a file has the shape of a pack: what the JSON Schema finds, said in both languages.

Every keyword that the schema uses has its sentence here; a test holds the two together.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from jicheng.conform import nearest
from jicheng.errors import Fault, Text, Where, fault
from jicheng.rules.pack.tree import Node, Step

__all__ = ["find", "located", "path_text", "repeated_ids", "schema", "structure_faults"]

NESTED = ("parts", "options", "any_of", "all_of")  # lists of elements below an element
MOST_FAULTS = 200  # beyond, nobody reads on
_SECTIONS = {"conditions": "pass", "direct": "direct_pass"}
_TYPES = {
    "string": Text("文本（数字须加引号）", "text (put a number in quotes)"),
    "number": Text("数值", "a number"),
    "integer": Text("整数", "a whole number"),
    "boolean": Text("true 或 false", "true or false"),
    "array": Text("列表（[a, b]）", "a list ([a, b])"),
    "object": Text("“键: 值”的组合（{a: 1}）", "keys with values ({a: 1})"),
    "null": Text("空", "empty"),
}


@cache
def schema() -> dict[str, Any]:
    """Return the published JSON Schema of packs and overlays."""
    text = resources.files("jicheng.rules.pack").joinpath("pack.schema.json").read_text("utf-8")
    made: dict[str, Any] = json.loads(text)
    return made


@cache
def _validator(name: str) -> Draft202012Validator:
    rules = schema() if not name else {"$ref": f"#/$defs/{name}", "$defs": schema()["$defs"]}
    return Draft202012Validator(rules)


def structure_faults(root: Node, kind: str = "") -> list[Fault]:
    """Compare a file with the schema.

    Parameters
    ----------
    root : Node
        The whole file.
    kind : str
        ``"pack"`` or ``"overlay"``; default: an overlay if it has that key, else a pack.

    Returns
    -------
    list of Fault
        E924 to E929 with line and element path, in the order of the file; the first 200.
    """
    found = islice(
        (
            made
            for error in _validator(kind).iter_errors(root.plain())
            for made in _SENTENCES[str(error.validator)](error, root)
        ),
        MOST_FAULTS,
    )
    return sorted(dict.fromkeys(found), key=lambda one: (one.where.row or 0, one.where.column))


def repeated_ids(root: Node) -> list[Fault]:
    """Tell which elements have the id of an earlier one in the same list (E930)."""
    found: list[Fault] = []
    waiting: list[tuple[Node, tuple[Step, ...]]] = [(root, ())]
    while waiting:
        node, steps = waiting.pop()
        lines: dict[str, int] = {}
        for place, one in enumerate(node.items):
            waiting.append((one, (*steps, place)))
            named = one.get("id")
            if named is None:
                continue
            name = str(named.value)
            if name in lines:
                where = named.where(path_text(root, (*steps, place)))
                what = Text(f"第 {lines[name]} 行的要素", f"the element in line {lines[name]}")
                found.append(fault("E930", where=where, name=name, what=what))
            lines.setdefault(name, named.line)
        waiting += [(one, (*steps, key)) for key, one in node.keys.items()]
    return sorted(found, key=lambda one: one.where.row or 0)


def find(root: Node, steps: Sequence[Step]) -> Node:
    """Return the node at the end of some steps."""
    node = root
    for step in steps:
        node = node.keys[step] if isinstance(step, str) else node.items[step]
    return node


def path_text(root: Node, steps: Sequence[Step]) -> str:
    """Write steps for people: elements of a list by their id, without the lists in between."""
    words: list[str] = []
    node = root
    for step in steps:
        node = find(node, [step])
        named = node.keys.get("id") if isinstance(step, int) else None
        if named is not None and isinstance(named.value, str):
            if words and words[-1] in NESTED:
                words.pop()
            if words and words[-1] == "extension":
                words.pop()
            words.append(_shown(named.value))
        else:
            words.append(_shown(step))
    return "/".join(words)


def located(faults: Iterable[Fault], root: Node) -> tuple[Fault, ...]:
    """Give faults the file and line of the element that their path names.

    Sections are called as in the file: ``pass`` and ``direct_pass`` for the ``conditions`` and
    ``direct`` of paths in a pack.
    """
    found = []
    for one in faults:
        section, slash, rest = one.where.column.partition("/")
        path = f"{_SECTIONS.get(section, section)}{slash}{rest}"
        node = _at_path(root, path)
        found.append(replace(one, where=node.where(path)))
    return tuple(found)


def _at_path(root: Node, path: str) -> Node:
    """Return the node of a path, or the last on the way to it."""
    node = root
    for word in filter(None, path.split("/")):
        below = node.keys.get(word) or _named(node.items, word) or _below(node, word)
        if below is None and word.isdigit() and int(word) < len(node.items):
            below = node.items[int(word)]
        if below is None:
            return node
        node = below
    return node


def _named(nodes: Iterable[Node], name: str) -> Node | None:
    return next((one for one in nodes if one.keys and _id_of(one) == name), None)


def _id_of(node: Node) -> str:
    named = node.get("id")
    return "" if named is None else str(named.value)


def _below(node: Node, name: str) -> Node | None:
    """Return the element with an id in the lists below an element."""
    slot = node.get("extension")
    lists = [node.get(key) for key in NESTED] + [slot.get("parts") if slot is not None else None]
    return _named((one for listed in lists if listed is not None for one in listed.items), name)


def _place(error: ValidationError, root: Node, *more: str) -> Where:
    steps = [*error.absolute_path, *more]
    return find(root, steps).where(path_text(root, steps))


def _meaning(rules: Mapping[str, Any]) -> Text:
    """Return what the schema says of a key; its descriptions are English, then Chinese."""
    described = rules
    while "description" not in described and "$ref" in described:
        described = schema()["$defs"][described["$ref"].rsplit("/", 1)[1]]
    english, _, chinese = str(described.get("description", "")).rpartition(". ")
    return Text(chinese, english)


def _unknown_key(error: ValidationError, root: Node) -> Iterator[Fault]:
    known = list(error.schema.get("properties", {}))
    for key in error.instance:
        if key not in known:
            shown = _shown(key)
            near = nearest(shown, known)
            yield fault("E924", where=_place(error, root, key), key=shown, near=near)


def _required(error: ValidationError, root: Node) -> Iterator[Fault]:
    for key in error.validator_value:
        if key not in error.instance:
            yield _lacking(error, root, key)


def _dependent(error: ValidationError, root: Node) -> Iterator[Fault]:
    for key, others in error.validator_value.items():
        for other in others:
            if key in error.instance and other not in error.instance:
                yield _lacking(error, root, other, key)


def _lacking(error: ValidationError, root: Node, key: str, *beside: str) -> Fault:
    meaning = _meaning(_properties(error, key).get(key, {}))
    return fault("E925", where=_place(error, root, *beside), key=key, meaning=meaning)


def _properties(error: ValidationError, key: str) -> Mapping[str, Any]:
    """Return the keys that belong where one is missing: of the definition that has it."""
    own: Mapping[str, Any] = error.schema.get("properties", {})
    if key in own:
        return own
    others = (rules.get("properties", {}) for rules in schema()["$defs"].values())
    fits = (keys for keys in others if key in keys and keys.keys() >= error.instance.keys())
    return next(fits, {})


def _type(error: ValidationError, root: Node) -> Iterator[Fault]:
    wanted = error.validator_value
    names = [wanted] if isinstance(wanted, str) else list(wanted)
    expected = Text(
        "或".join(_TYPES[name].zh for name in names), " or ".join(_TYPES[name].en for name in names)
    )
    yield fault("E926", where=_place(error, root), value=_shown(error.instance), expected=expected)


def _choice(error: ValidationError, root: Node) -> Iterator[Fault]:
    wanted = error.validator_value if error.validator == "enum" else [error.validator_value]
    allowed = [_shown(value) for value in wanted]
    shown = _shown(error.instance)
    yield fault(
        "E927", where=_place(error, root), value=shown,
        near=nearest(shown, allowed), allowed=", ".join(allowed),
    )  # fmt: skip


def _forms(error: ValidationError, root: Node) -> Iterator[Fault]:
    """Exactly one of several forms is wanted, and none is there, or more than one."""
    if not isinstance(error.instance, dict):
        return  # its type is told
    forms = [form["required"] for form in error.validator_value if "required" in form]
    there = [form for form in forms if all(key in error.instance for key in form)]
    if there:
        text = ", ".join(" + ".join(form) for form in there)
        seen = Text(f"同时出现 {text}", f"{text} stand together")
    else:
        seen = Text("一项也没有", "there is none")
    listed = ", ".join(" + ".join(form) for form in forms)
    yield fault("E928", where=_place(error, root), seen=seen, forms=listed)


def _out_of_range(error: ValidationError, root: Node) -> Iterator[Fault]:
    rule = _RULES[str(error.validator)](error)
    yield fault("E929", where=_place(error, root), value=_shown(error.instance), rule=rule)


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value
    return text if len(text) <= 60 else text[:57] + "..."


_RULES: dict[str, Callable[[ValidationError], Text]] = {
    "pattern": lambda error: _meaning(error.schema),
    "minimum": lambda e: Text(f"不小于 {e.validator_value}", f"at least {e.validator_value}"),
    "maximum": lambda e: Text(f"不大于 {e.validator_value}", f"at most {e.validator_value}"),
    "exclusiveMinimum": lambda e: Text(f"大于 {e.validator_value}", f"above {e.validator_value}"),
    "minLength": lambda e: Text("不能为空文本", "not empty"),
    "maxLength": lambda e: Text(
        f"不超过 {e.validator_value} 个字符", f"at most {e.validator_value} characters"
    ),
    "minItems": lambda e: Text(
        f"至少 {e.validator_value} 项", f"a list of at least {e.validator_value}"
    ),
    "maxItems": lambda e: Text(
        f"至多 {e.validator_value} 项", f"a list of at most {e.validator_value}"
    ),
    "minProperties": lambda e: Text(
        f"至少 {e.validator_value} 个键", f"at least {e.validator_value} key"
    ),
}
_SENTENCES: dict[str, Callable[[ValidationError, Node], Iterator[Fault]]] = {
    "additionalProperties": _unknown_key,
    "required": _required,
    "dependentRequired": _dependent,
    "type": _type,
    "enum": _choice,
    "const": _choice,
    "oneOf": _forms,
    **dict.fromkeys(_RULES, _out_of_range),
}
