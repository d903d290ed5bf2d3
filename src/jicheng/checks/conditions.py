"""Conditions between challenges: usable, and not against what people decided.

A condition is one of three: the first challenge *requires* the others (or ``count`` of
them), *at most* ``count`` of a group are funded, or a group is funded *together* or not
at all. :func:`settle` follows what decisions and conditions force, one after another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from jicheng.checks.view import ROW, View
from jicheng.errors import Fault, Text, Where, fault

__all__ = [
    "Condition",
    "Contradiction",
    "conditions_against_decisions",
    "read_conditions",
    "reasons_of_conditions",
    "settle",
    "usable_conditions",
]

_DECISIONS = {"mandatory": True, "excluded": False}


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition between challenges.

    Attributes
    ----------
    id : str
    kind : str
        ``requires``, ``at_most`` or ``together``.
    challenges : tuple of str
        Challenges concerned; for ``requires`` the dependent one first.
    count : int
        Most that are funded, or how many of the others are required.
    reason : str
        Why it is set; may be empty.
    """

    id: str
    kind: str
    challenges: tuple[str, ...]
    count: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A condition that cannot hold, and the challenges that are forced in and out."""

    condition: Condition
    forced_in: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def detail(self) -> Text:
        """What stands against it, in both languages."""
        inside, outside = ", ".join(self.forced_in) or "-", ", ".join(self.left_out) or "-"
        return Text(
            f"必须资助 {inside}；不能资助 {outside}",
            f"must be funded {inside}; cannot be funded {outside}",
        )


def read_conditions(frame: pl.DataFrame) -> tuple[Condition, ...]:
    """Return the conditions of a table ``conditions``, sorted by id."""
    names = ("id", "kind", "challenges", "count", "reason")
    return tuple(
        _condition(*row) for row in frame.select(names).drop_nulls("challenges").sort("id").rows()
    )


def _condition(
    name: str, kind: str, challenges: str, count: int | None, reason: str | None
) -> Condition:
    listed = tuple(part for part in challenges.split(";") if part)
    default = len(listed) - 1 if kind == "requires" else 1
    return Condition(name, kind, listed, default if count is None else count, reason or "")


def settle(
    conditions: Iterable[Condition], decided: Mapping[str, bool]
) -> tuple[dict[str, bool], list[Contradiction]]:
    """Follow what decisions and conditions force, until nothing more follows.

    Parameters
    ----------
    conditions : iterable of Condition
    decided : mapping of str to bool
        Challenge to funded (True) or not (False); those that are free are absent.

    Returns
    -------
    settled : dict of str to bool
        The decisions and all that follows from them.
    contradictions : list of Contradiction
        Conditions that cannot hold; what they would force is not followed.

    Notes
    -----
    Unit propagation: it finds every contradiction that follows step by step, not those
    that show only when a free choice is tried both ways.
    """
    settled, found = dict(decided), dict[str, Contradiction]()
    listed = list(conditions)
    is_moving = True
    while is_moving:
        is_moving = False
        for condition in listed:
            if condition.id in found:
                continue
            state = [settled.get(name) for name in condition.challenges]
            forced = _forced(condition, state)
            if forced is None:
                pairs = list(zip(condition.challenges, state, strict=True))
                found[condition.id] = Contradiction(
                    condition,
                    tuple(name for name, value in pairs if value is True),
                    tuple(name for name, value in pairs if value is False),
                )
                continue
            for name, value in forced.items():
                settled[name], is_moving = value, True
    return settled, list(found.values())


def _forced(condition: Condition, state: Sequence[bool | None]) -> dict[str, bool] | None:
    """Return what a condition forces of its free challenges; None if it cannot hold."""
    names = condition.challenges
    free = [name for name, value in zip(names, state, strict=True) if value is None]
    if condition.kind == "together":
        if True in state and False in state:
            return None
        return dict.fromkeys(free, True in state) if True in state or False in state else {}
    if condition.kind == "at_most":
        n_in = sum(value is True for value in state)
        if n_in > condition.count:
            return None
        return dict.fromkeys(free, False) if n_in == condition.count else {}
    others = [name for name, value in zip(names[1:], state[1:], strict=True) if value is not False]
    if state[0] is False or len(others) > condition.count:
        return {}
    if len(others) < condition.count:
        return None if state[0] is True else ({names[0]: False} if state[0] is None else {})
    return dict.fromkeys([n for n in others if n in free], True) if state[0] is True else {}


def usable_conditions(view: View) -> list[Fault]:
    """Refuse conditions of fewer than two challenges, or of a count out of reach (E441)."""
    rows = {condition.id: condition for condition in read_conditions(view["conditions"])}
    wrong = {name: detail for name, c in rows.items() if (detail := _unusable(c)) is not None}
    return _at_rows(view, "challenges", wrong, "E441")


def _unusable(condition: Condition) -> Text | None:
    n = len(set(condition.challenges))
    if n < len(condition.challenges):
        return Text("有项目重复列出", "a challenge is listed twice")
    if n < 2:
        return Text("所列项目少于两个", "fewer than two challenges are listed")
    if condition.kind == "requires" and condition.count > n - 1:
        return Text(
            f"数目 {condition.count} 大于前提项目数 {n - 1}",
            f"its count {condition.count} is more than the {n - 1} challenges required",
        )
    return None


def conditions_against_decisions(view: View) -> list[Fault]:
    """Refuse conditions that the decisions of the challenges make impossible (E440)."""
    decided = {
        name: _DECISIONS[decision]
        for name, decision in view["challenges"].select("id", "decision").drop_nulls().iter_rows()
    }
    usable = [c for c in read_conditions(view["conditions"]) if _unusable(c) is None]
    _, found = settle(usable, decided)
    return _at_rows(view, "challenges", {f.condition.id: f.detail for f in found}, "E440")


def _at_rows(view: View, column: str, details: Mapping[str, Text], code: str) -> list[Fault]:
    frame = view["conditions"]
    rows = {row: name for row, name in frame.select(ROW, "id").iter_rows() if name in details}

    def make(row: int, where: Where) -> Fault:
        return fault(code, where=where, id=rows[row], detail=details[rows[row]])

    return view.faults("conditions", column, rows, make)


def reasons_of_conditions(view: View) -> list[Fault]:
    """Warn of a condition without a reason (E442)."""
    silent = view["conditions"].filter(pl.col("reason").is_null())
    return [
        fault("E442", where=view.at("conditions", row, "reason"), is_warning=True, id=name)
        for name, row in silent.select("id", ROW).iter_rows()
    ]
