"""When a firm passes, said in amounts of actions: conditions linear in them, joined by and, or.

A formula has no negation: translation pushes it down to the comparisons. So a part that holds
can only help, and it is enough to ask of every part that it holds where it is counted on.
Every leaf is an array over the firms; a formula is made once for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from jicheng.rules.expression.intervals import Flags, Floats

__all__ = [
    "NEVER",
    "All",
    "Any",
    "AtLeast",
    "Best",
    "Counted",
    "Fixed",
    "Formula",
    "Kept",
    "Known",
    "Points",
    "Scored",
    "Steps",
    "Sum",
    "Threshold",
    "Used",
    "actions_of",
    "all_of",
    "any_of",
]


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """True or false whatever is done, shape (n,)."""

    flags: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Threshold:
    """``base + sum(slope * amount) >= 0`` (or > 0).

    Attributes
    ----------
    base : ndarray of float64, shape (n,)
        -inf where it cannot hold.
    slopes : tuple of (int, ndarray)
        Action and what a unit of it adds, shape (n,).
    is_strict : bool
        Whether equality is not enough.
    """

    base: Floats
    slopes: tuple[tuple[int, Floats], ...]
    is_strict: bool = False


@dataclass(frozen=True, slots=True)
class Used:
    """An action is done, or is not done at all."""

    action: int
    is_used: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class All:
    """All parts hold."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Any:
    """Some part holds."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True, eq=False)
class AtLeast:
    """At least so many parts hold."""

    count: int
    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Points of some indicators, weighted, reach a bound (or exceed it)."""

    terms: tuple[tuple[str, float], ...]
    bound: float
    is_strict: bool = False


Formula: TypeAlias = Known | Threshold | Used | All | Any | AtLeast | Scored

NEVER = All((Any(()),))
"""A formula that holds for nobody."""


@dataclass(frozen=True, slots=True, eq=False)
class Fixed:
    """Points that nothing changes, shape (n,)."""

    points: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """The most points whose formula holds; ``levels`` rise, the first needs nothing."""

    levels: tuple[float, ...]
    formulas: tuple[Formula, ...]  # of levels[1:]


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """``each`` points for every part that holds, ``cap`` at most."""

    each: float
    cap: float
    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Sum:
    """The sum of parts, cut off at ``cap``."""

    parts: tuple[Points, ...]
    cap: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Best:
    """The largest of some parts; ``allowed`` tells which count, shape (parts, n)."""

    parts: tuple[Points, ...]
    allowed: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """Points as they are today, shape (n,), if some actions are left alone; else the least."""

    today: Floats
    least: float
    actions: tuple[int, ...]


Points: TypeAlias = Fixed | Steps | Counted | Sum | Best | Kept


def all_of(*parts: Formula) -> Formula:
    """Return the conjunction, with conjunctions inside it opened."""
    flat: list[Formula] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, All) else (part,))
    return flat[0] if len(flat) == 1 else All(tuple(_merged(flat, np.logical_and)))


def any_of(*parts: Formula) -> Formula:
    """Return the disjunction, with disjunctions inside it opened."""
    flat: list[Formula] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Any) else (part,))
    return flat[0] if len(flat) == 1 else Any(tuple(_merged(flat, np.logical_or)))


def _merged(parts: list[Formula], join: np.ufunc) -> Iterator[Formula]:
    """Yield the parts with all that is known joined into one."""
    known = [part.flags for part in parts if isinstance(part, Known)]
    if known:
        yield Known(join.reduce(known))
    yield from (part for part in parts if not isinstance(part, Known))


def actions_of(formula: Formula | Points) -> frozenset[int]:
    """Return the actions that a formula, or points, depend on."""
    match formula:
        case Threshold():
            return frozenset(action for action, _ in formula.slopes)
        case Used():
            return frozenset((formula.action,))
        case Kept():
            return frozenset(formula.actions)
        case Steps():
            return frozenset().union(*map(actions_of, formula.formulas))
        case All() | Any() | AtLeast() | Counted() | Sum() | Best():
            return frozenset[int]().union(*(actions_of(part) for part in formula.parts))
        case Known() | Scored() | Fixed():
            return frozenset()
