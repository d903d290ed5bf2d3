"""Facts after some actions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jicheng.rules.expression.intervals import Choices, Flags, Floats, Interval, Truth
from jicheng.rules.facts.table import FactTable
from jicheng.select.ladder.settings import Action, Change, Effect

__all__ = ["after", "lowers_unknown", "moves_directly"]


def after(facts: FactTable, actions: Sequence[Action], amounts: Floats) -> FactTable:
    """Return the facts of every firm after its actions.

    A fact that is not known starts at the ends between which it lies. A fact that follows
    from others moves with them, unless it was given itself.

    Parameters
    ----------
    facts : FactTable
        Of n firms.
    actions : sequence of Action
        A of them.
    amounts : ndarray of float64, shape (n, A)
        How much of each.
    """
    numbers: dict[tuple[str, int], Interval] = {}
    conditions: dict[str, Truth] = {}
    choices: dict[str, Choices] = {}
    for place, action in enumerate(actions):
        for change in action.changes:
            amount = amounts[:, place]
            if change.effect is Effect.ADD:
                _add(facts, numbers, change, amount)
            elif change.truth is not None:
                _set_condition(facts, conditions, change, amount > 0)
            else:
                _set_choice(facts, choices, change, amount > 0)
    return facts.with_facts(numbers, conditions, choices)


def moves_directly(facts: FactTable, fact: str) -> Flags:
    """Tell for whom a change of a number counts itself, shape (n,).

    A fact that follows from others and was not given moves with the others only.
    """
    if facts.derivation(fact) is None:
        return np.ones(facts.n, dtype=bool)
    given = facts.given(fact, 0)
    return ~given.is_open if isinstance(given, Interval) else np.zeros(facts.n, dtype=bool)


def lowers_unknown(facts: FactTable, action: Action) -> Flags:
    """Tell for whom an action would take from a fact that may be at its least, shape (n,).

    It cannot be counted on there, and is left alone.
    """
    lowers = np.zeros(facts.n, dtype=bool)
    for change in action.changes:
        given = facts.given(change.fact, 0)
        if change.amount < 0 and isinstance(given, Interval):
            lowers |= given.is_open & (given.low <= facts.range_of(change.fact)[0])
    return lowers


def _add(
    facts: FactTable, numbers: dict[tuple[str, int], Interval], change: Change, amount: Floats
) -> None:
    key = (change.fact, 0)
    base = numbers.get(key) or facts.given(*key)
    if not isinstance(base, Interval):  # it follows from others
        return
    added = np.where(moves_directly(facts, change.fact), amount * change.amount, 0.0)
    if base.is_point:
        numbers[key] = Interval.known(base.low + added)
    else:
        numbers[key] = Interval(base.low + added, base.high + added)


def _set_condition(
    facts: FactTable, conditions: dict[str, Truth], change: Change, is_done: Flags
) -> None:
    base = conditions.get(change.fact) or facts.conditions.get(change.fact)
    base = base or Truth.unknown(facts.n)
    to = bool(change.truth)
    conditions[change.fact] = Truth(
        np.where(is_done, to, base.certainly), np.where(is_done, to, base.possibly)
    )


def _set_choice(
    facts: FactTable, choices: dict[str, Choices], change: Change, is_done: Flags
) -> None:
    base = choices.get(change.fact) or facts.choices.get(change.fact)
    base = base or Choices((), np.full(facts.n, -1, dtype=np.int32))
    values = base.values if change.value in base.values else (*base.values, change.value)
    code = np.int32(values.index(change.value))
    choices[change.fact] = Choices(values, np.where(is_done, code, base.codes).astype(np.int32))
