"""YAML as a tree whose every node knows its place: plain data only, and little of it.

Scalars follow the core schema of YAML 1.2 (``no`` is a word, ``5e7`` a number, a date a text), so
that a pack means the same to this reader, to an editor with the JSON Schema and to the next
program. Tags, merge keys, several documents and keys that occur twice are refused, and size,
depth, aliases and the tree that aliases unfold to are bounded: a pack comes from strangers.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from jicheng.errors import Fault, InvalidInput, Text, Where, fault

__all__ = ["Node", "Step", "compose", "read_tree"]

Step: TypeAlias = str | int  # a key of a mapping, or a place in a sequence
Scalar: TypeAlias = str | int | float | bool | None

MOST_BYTES = 1_000_000
MOST_DEPTH = 40
MOST_NODES = 20_000  # after aliases are unfolded
LONGEST_NUMBER = 40  # digits; beyond, it is text

_LONGEST_SHOWN = 60

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_MAPPING = yaml.MappingStartEvent
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_NESTED_TOO_DEEP = Text(
    f"嵌套超过 {MOST_DEPTH} 层", f"lists or mappings nested more than {MOST_DEPTH} deep"
)
_TOO_MUCH = Text(
    f"展开后超过 {MOST_NODES} 个值", f"more than {MOST_NODES} values after aliases are unfolded"
)
_TAG = Text("类型标签（!）", "a tag (!)")
_MERGE = Text("合并键（<<）", "a merge key (<<)")
_DOCUMENTS = Text("一个文件含多个文档（---）", "several documents in one file (---)")
_KEY = Text("不是单个词的键", "a key that is not a single word")
_ALIAS = Text(
    "引用了尚未定义的锚点（*）", "an alias (*) of an anchor that is not defined before it"
)


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it stands.

    Attributes
    ----------
    value : str, int, float, bool, None, tuple of Node or dict of str to Node
        A scalar, a sequence or a mapping.
    file : str
        As the user named it.
    line, column : int
        From 1.
    """

    value: Scalar | tuple[Node, ...] | dict[str, Node]
    file: str
    line: int
    column: int

    @property
    def items(self) -> tuple[Node, ...]:
        """Nodes of a sequence; none of anything else."""
        return self.value if isinstance(self.value, tuple) else ()

    @property
    def keys(self) -> dict[str, Node]:
        """Nodes of a mapping by key; none of anything else."""
        return self.value if isinstance(self.value, dict) else {}

    def get(self, key: str) -> Node | None:
        """Return the node at a key; None where there is none or it is null."""
        found = self.keys.get(key)
        return None if found is None or found.value is None else found

    def with_keys(self, keys: dict[str, Node]) -> Node:
        """Return a mapping at the same place."""
        return Node(keys, self.file, self.line, self.column)

    def with_place_of(self, other: Node) -> Node:
        """Return the same value at the place of another."""
        return Node(self.value, other.file, other.line, other.column)

    def plain(self) -> Any:
        """Return plain lists, dicts and scalars, as JSON has them."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, tuple):
            return [node.plain() for node in self.value]
        return self.value

    def where(self, path: str = "") -> Where:
        """Return the place for a fault."""
        return Where(table=self.file, row=self.line or None, column=path)


def read_tree(path: Path, name: str = "") -> Node:
    """Read a YAML file.

    Parameters
    ----------
    path : Path
        Where it is.
    name : str
        What faults and elements call it; default its path.

    Raises
    ------
    InvalidInput
        E920 if it cannot be read as UTF-8 text of at most a megabyte; E921 to E923 as
        :func:`compose` says.
    """
    name = name or str(path)
    try:
        with path.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        reason = Text(error.strerror or str(error), error.strerror or str(error))
        raise InvalidInput.of("E920", where=Where(table=name), reason=reason) from error
    if len(content) > MOST_BYTES:
        reason = Text(f"大于 {MOST_BYTES} 字节", f"it is larger than {MOST_BYTES} bytes")
        raise InvalidInput.of("E920", where=Where(table=name), reason=reason)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = Text("不是 UTF-8 编码", "it is not UTF-8")
        line = content[: error.start].count(b"\n") + 1
        raise InvalidInput.of("E920", where=Where(table=name, row=line), reason=reason) from error
    return compose(text, name)


def compose(text: str, file: str = "") -> Node:
    """Turn YAML text into a tree.

    Raises
    ------
    InvalidInput
        E921 if it is not YAML; E922 for every key that occurs twice in one mapping; E923 for
        a tag, a merge key, a second document, an undefined alias, and beyond the bounds.
    """
    composer = _Composer(file)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            composer.take(event)
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # escapes of no character
        raise _syntax(error, file) from error
    if composer.faults:
        raise InvalidInput(composer.faults)
    return composer.root or Node(None, file, 1, 1)


def _syntax(error: Exception, file: str) -> InvalidInput:
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    line = None if mark is None else mark.line + 1
    column = "?" if mark is None else mark.column + 1
    place = Where(table=file, row=line)
    return InvalidInput([fault("E921", where=place, problem=problem, column=column)])


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being read."""

    event: yaml.Event
    items: list[Node] = field(default_factory=list)
    keys: dict[str, Node] = field(default_factory=dict)
    key: Node | None = None  # of a mapping, waiting for its value


class _Composer:
    """Builds the tree from the events of a parser, in one pass and without recursion."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Node | None = None
        self.faults: list[Fault] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int]] = {}  # node and nodes under it
        self._count = 0
        self._documents = 0
        self._starts: list[int] = []

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise self._refused(event, _DOCUMENTS)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise self._refused(event, _ALIAS)
            node, size = self._anchors[event.anchor]
            self._counted(event, size)
            self._add(Node(node.value, *self._place(event)))
        elif isinstance(event, yaml.ScalarEvent):
            self._begun(event)
            value = str(event.value) if self._awaits_key() else _scalar(event)
            node = Node(value, *self._place(event))
            self._finished(event, node, 1)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begun(event)
            if len(self._open) >= MOST_DEPTH:
                raise self._refused(event, _NESTED_TOO_DEEP)
            self._open.append(_Open(event))
            self._starts.append(self._count)
        elif isinstance(event, yaml.CollectionEndEvent):
            made = self._open.pop()
            size = self._count - self._starts.pop() + 1
            is_mapping = isinstance(event, yaml.MappingEndEvent)
            node = Node(made.keys if is_mapping else tuple(made.items), *self._place(made.event))
            self._finished(made.event, node, size)

    def _awaits_key(self) -> bool:
        parent = self._open[-1] if self._open else None
        return bool(parent and parent.key is None and isinstance(parent.event, _MAPPING))

    def _begun(self, event: yaml.NodeEvent) -> None:
        if getattr(event, "tag", None) not in (None, "!"):
            raise self._refused(event, _TAG)
        self._counted(event, 1)

    def _counted(self, event: yaml.Event, size: int) -> None:
        self._count += size
        if self._count > MOST_NODES:
            raise self._refused(event, _TOO_MUCH)

    def _finished(self, event: yaml.Event, node: Node, size: int) -> None:
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, size)
        self._add(node)

    def _add(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if not isinstance(parent.event, _MAPPING):
            parent.items.append(node)
        elif parent.key is None:
            parent.key = self._as_key(node)
        else:
            key, parent.key = parent.key, None
            name = str(key.value)
            if name in parent.keys:
                first = parent.keys[name].line
                short = name[:_LONGEST_SHOWN]
                self.faults.append(fault("E922", where=key.where(short), key=short, first=first))
            parent.keys.setdefault(name, node)

    def _as_key(self, node: Node) -> Node:
        if isinstance(node.value, dict | tuple):
            raise InvalidInput.of("E923", where=node.where(), feature=_KEY)
        if node.value == "<<":
            raise InvalidInput.of("E923", where=node.where(), feature=_MERGE)
        return node

    def _place(self, event: yaml.Event) -> tuple[str, int, int]:
        return self.file, event.start_mark.line + 1, event.start_mark.column + 1

    def _refused(self, event: yaml.Event, feature: Text) -> InvalidInput:
        place = Where(table=self.file, row=event.start_mark.line + 1)
        return InvalidInput([fault("E923", where=place, feature=feature)])


def _scalar(event: yaml.ScalarEvent) -> Scalar:
    """Return what a scalar says; text in quotes or blocks stays text."""
    text = str(event.value)
    if event.style not in (None, ""):
        return text
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if len(text) <= LONGEST_NUMBER:
        if _INTEGER.match(text):
            return int(text)
        if _DECIMAL.match(text) and math.isfinite(number := float(text)):
            return number
    return text
