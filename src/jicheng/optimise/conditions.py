"""Conditions between challenges as rows over what is chosen.

With x the number of options of a challenge that are chosen (0 or 1):

    requires   count x_first <= sum of the others        (all: x_first <= each other)
    at_most    sum x <= count
    together   x_i <= x_next, around the group: all equal

A challenge that cannot be funded counts as 0, one whose money is promised as 1. The
options of one challenge exclude each other; a mandatory one asks for one of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from jicheng.checks.conditions import Condition, settle
from jicheng.errors import Fault, fault
from jicheng.optimise.cases import Case
from jicheng.optimise.problem import Rules

__all__ = ["broken_by", "condition_rows", "contradictions", "option_rows", "rules_of"]

Row = tuple[NDArray[np.float64], float]


def rules_of(
    conditions: Sequence[Condition], options: Sequence[Case], promised: Sequence[str]
) -> Rules | None:
    """Return the rows of conditions and of options; None if there are none.

    Parameters
    ----------
    conditions : sequence of Condition
    options : sequence of Case, length o
        What may be chosen, in the order of the columns.
    promised : sequence of str
        Challenges that are paid for in any case.
    """
    rows = [*option_rows(options)]
    for condition in conditions:
        rows += condition_rows(condition, options, promised)
    if not rows:
        return None
    return Rules(np.array([row for row, _ in rows]), np.array([limit for _, limit in rows]))


def option_rows(options: Sequence[Case]) -> list[Row]:
    """Return rows that keep at most one option of a challenge, and one if mandatory."""
    columns = _columns(options)
    rows: list[Row] = []
    for places in columns.values():
        if places.sum() > 1:
            rows.append((places, 1.0))
            if options[int(np.argmax(places))].decision == "mandatory":
                rows.append((-places, -1.0))
    return rows


def condition_rows(
    condition: Condition, options: Sequence[Case], promised: Sequence[str]
) -> list[Row]:
    """Return the rows of one condition; those that hold for every set are left out."""
    columns = _columns(options)
    nothing = np.zeros(len(options))
    parts = [
        (columns.get(name, nothing), 1.0 if name in promised else 0.0)
        for name in condition.challenges
    ]

    def row(*terms: tuple[float, tuple[NDArray[np.float64], float]], limit: float) -> Row:
        coefficients = sum((factor * part[0] for factor, part in terms), nothing)
        return coefficients, limit - sum(factor * part[1] for factor, part in terms)

    first, others = parts[0], parts[1:]
    if condition.kind == "at_most":
        rows = [row(*((1.0, part) for part in parts), limit=float(condition.count))]
    elif condition.kind == "together":
        pairs = zip(parts, [*others, first], strict=True)
        rows = [row((1.0, one), (-1.0, other), limit=0.0) for one, other in pairs]
    elif condition.count >= len(others):
        rows = [row((1.0, first), (-1.0, other), limit=0.0) for other in others]
    else:
        needed = (float(condition.count), first)
        rows = [row(needed, *((-1.0, other) for other in others), limit=0.0)]
    return [(left, limit) for left, limit in rows if np.maximum(left, 0).sum() > limit]


def _columns(options: Sequence[Case]) -> dict[str, NDArray[np.float64]]:
    columns: dict[str, NDArray[np.float64]] = {}
    for place, option in enumerate(options):
        columns.setdefault(option.challenge, np.zeros(len(options)))[place] = 1.0
    return columns


def contradictions(
    conditions: Sequence[Condition], cases: Sequence[Case], promised: Sequence[str]
) -> tuple[list[Fault], dict[str, bool]]:
    """Return the conditions that what is decided makes impossible (E440), and what follows.

    Parameters
    ----------
    conditions : sequence of Condition
    cases : sequence of Case
        All challenges; those that lack data cannot be funded unless promised.
    promised : sequence of str
        Challenges that are paid for in any case.
    """
    free = {case.challenge for case in cases if case.is_candidate and case.decision != "excluded"}
    decided = {
        name: name in promised
        for condition in conditions
        for name in condition.challenges
        if name not in free
    }
    decided |= {
        case.challenge: True
        for case in cases
        if case.challenge in free and case.decision == "mandatory"
    }
    settled, found = settle(conditions, decided)
    faults = [
        fault("E440", is_warning=True, id=one.condition.id, detail=one.detail) for one in found
    ]
    return faults, settled


def broken_by(conditions: Sequence[Condition], funded: Mapping[str, bool]) -> list[Condition]:
    """Return the conditions that a set of challenges breaks; absent ones are not funded."""
    return [condition for condition in conditions if not _holds(condition, funded)]


def _holds(condition: Condition, funded: Mapping[str, bool]) -> bool:
    states = [funded.get(name, False) for name in condition.challenges]
    if condition.kind == "together":
        return all(states) or not any(states)
    if condition.kind == "at_most":
        return sum(states) <= condition.count
    return not states[0] or sum(states[1:]) >= condition.count
