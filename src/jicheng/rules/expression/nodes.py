"""What an expression is made of: frozen nodes, nothing of Python's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

__all__ = [
    "FOUNDED", "GROWTH_YEARS", "And", "Arithmetic", "Comparison", "Count", "Extreme", "Floor",
    "Growth", "Literal", "Matches", "Membership", "Name", "Negative", "Node", "Not", "Operator",
    "Or", "OverPositive", "Relation", "Window", "names_of", "parts_of",
]  # fmt: skip

FOUNDED = "founded_year"  # the fact that tells in which years a subject existed
GROWTH_YEARS = 3  # that both formulas of growth look at


class Operator(StrEnum):
    """Arithmetic between two numbers."""

    PLUS = "+"
    MINUS = "-"
    TIMES = "*"
    OVER = "/"


class Relation(StrEnum):
    """A comparison of two numbers; all tolerate what rounding does to a bound."""

    AT_LEAST = ">="
    ABOVE = ">"
    AT_MOST = "<="
    BELOW = "<"
    EQUAL = "=="


@dataclass(frozen=True, slots=True)
class Literal:
    """A number as written."""

    value: float


@dataclass(frozen=True, slots=True)
class Name:
    """A fact, a definition or a result, ``offset`` years from the evaluation year (<= 0)."""

    id: str
    offset: int = 0

    def __str__(self) -> str:
        return f"{self.id}[{self.offset}]" if self.offset else self.id


@dataclass(frozen=True, slots=True)
class Negative:
    """Minus a number."""

    of: Node


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two numbers joined by an operator."""

    operator: Operator
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class OverPositive:
    """A quotient that says something only where its denominator is positive."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two numbers compared."""

    relation: Relation
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Membership:
    """Whether a choice is one of some values, or of the list that a definition names."""

    subject: Name
    values: tuple[str, ...]
    list_name: str = ""


@dataclass(frozen=True, slots=True)
class Matches:
    """Equality of a name and a word: a value if the name is a choice, else another name."""

    subject: Name
    word: Name


@dataclass(frozen=True, slots=True)
class And:
    """All conditions hold."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Some condition holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """A condition does not hold."""

    of: Node


@dataclass(frozen=True, slots=True)
class Window:
    """Sum or mean over the last years, of those in which the subject existed."""

    is_mean: bool
    of: Node
    years: int


@dataclass(frozen=True, slots=True)
class Growth:
    """Mean growth over two years; the official formula has special cases."""

    is_official: bool
    of: Node


@dataclass(frozen=True, slots=True)
class Extreme:
    """The smallest or the largest of some numbers."""

    is_largest: bool
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Floor:
    """The largest whole number that is not above a number."""

    of: Node


@dataclass(frozen=True, slots=True)
class Count:
    """How many of some conditions hold."""

    parts: tuple[Node, ...]


Node: TypeAlias = (
    Literal | Name | Negative | Arithmetic | OverPositive | Comparison | Membership | Matches | And
    | Or | Not | Window | Growth | Extreme | Floor | Count
)  # fmt: skip


def parts_of(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below one."""
    match node:
        case And() | Or() | Extreme() | Count():
            return node.parts
        case Negative() | Not() | Floor() | Window() | Growth():
            return (node.of,)
        case Arithmetic() | OverPositive() | Comparison():
            return (node.left, node.right)
        case Membership() | Matches():
            return (node.subject,)
        case Literal() | Name():
            return ()


def names_of(node: Node, shift: int = 0) -> Iterator[Name]:
    """Yield what a node refers to, each year of it by itself, words of choices left out."""
    match node:
        case Name():
            yield Name(node.id, node.offset + shift)
        case Window() | Growth():
            years = node.years if isinstance(node, Window) else GROWTH_YEARS
            for back in range(years):
                yield from names_of(node.of, shift - back)
            if isinstance(node, Window) or node.is_official:
                yield Name(FOUNDED)
        case Membership():
            yield node.subject
            if node.list_name:
                yield Name(node.list_name)
        case _:
            for part in parts_of(node):
                yield from names_of(part, shift)
