"""What a wish costs: lock in, lock out, forbid a pair, require a kind, cap exposure.

A wish is a lock (:mod:`jicheng.integrate.shared.locks`). The plan is made again under it,
the touched challenges are searched again, and both plans stand side by side. The price of
the wish is the value that the plan loses.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from jicheng.errors import Text
from jicheng.integrate.questions.answer import Answer, Names, points
from jicheng.integrate.shared.locks import Locks
from jicheng.integrate.shared.sharing import is_proved
from jicheng.integrate.shared.staffing import Staffing
from jicheng.kernel.solver import Solver

__all__ = ["Wish", "ask", "changes_between"]

_CHANGES = {
    "challenge": pl.String,
    "points_before": pl.Float64,
    "points_after": pl.Float64,
    "leaves": pl.String,
    "joins": pl.String,
    "lead_after": pl.String,
}


@dataclass(frozen=True)
class Wish:
    """A plan before and after a wish.

    Attributes
    ----------
    before, after : Staffing
        The plans.
    price : float
        Points that the plan loses, those of challenges left without a consortium
        included. Below zero only if the plan before was not proved best.
    changed : polars.DataFrame
        One row a challenge whose consortium changed: ``points_before`` and
        ``points_after`` (of the consortium; null = none), ``leaves`` and ``joins`` (ids,
        ``;``-joined), ``lead_after``.
    fails : tuple of str
        Challenges that no longer have a consortium.
    is_proved : bool
        Whether both plans are proved best, so that the price is exact.
    answer : Answer
        In sentences.
    """

    before: Staffing
    after: Staffing
    price: float
    changed: pl.DataFrame
    fails: tuple[str, ...]
    is_proved: bool
    answer: Answer


def ask(staffing: Staffing, locks: Locks, *, solver: Solver | None = None) -> Wish:
    """Return what the plan becomes under further locks, and what they cost.

    Parameters
    ----------
    staffing : Staffing
        The plan.
    locks : Locks
        The wish.
    solver : Solver, optional
        Default: one of its own.

    Raises
    ------
    InvalidInput
        E340-E349 for locks that cannot be kept.
    """
    after = staffing.asked(locks, solver=solver)
    changed = changes_between(staffing, after)
    fails = tuple(changed.filter(pl.col("points_after").is_null())["challenge"])
    price = staffing.value - after.value
    both = is_proved(staffing.sharing) and is_proved(after.sharing)
    answer = _answer(staffing, after, changed, price, both=both)
    return Wish(staffing, after, price, changed, fails, both, answer)


def changes_between(before: Staffing, after: Staffing) -> pl.DataFrame:
    """Return one row a challenge whose consortium differs between two plans."""
    rows = []
    for challenge in sorted({*before.challenges, *after.challenges}):
        was, now = before.members(challenge), after.members(challenge)
        if set(was) != set(now):
            rows.append((
                challenge,
                _points(before, challenge),
                _points(after, challenge),
                ";".join(sorted({*was} - {*now})),
                ";".join(sorted({*now} - {*was})),
                now[0] if now else None,
            ))  # fmt: skip
    return pl.DataFrame(rows, schema=_CHANGES, orient="row")


def _points(staffing: Staffing, challenge: str) -> float | None:
    """Return the points of a consortium, without those of staffing its challenge."""
    column = staffing.column_of(challenge)
    if column < 0:
        return None
    worth = staffing.problem.worth[staffing.index[challenge]]
    return float(staffing.columns.value[column] - worth)


def _answer(
    before: Staffing, after: Staffing, changed: pl.DataFrame, price: float, *, both: bool
) -> Answer:
    names = Names(before)
    told = [
        Text(
            f"代价 {points(price)} 分（{points(before.value)} → {points(after.value)}），"
            f"{changed.height} 个项目的联合体改变。",
            f"It costs {points(price)} points ({points(before.value)} to {points(after.value)}); "
            f"the consortia of {changed.height} challenges change.",
        )
    ]
    for row in changed.iter_rows(named=True):
        out = names.organisations([one for one in row["leaves"].split(";") if one])
        in_ = names.organisations([one for one in row["joins"].split(";") if one])
        if row["points_after"] is None:
            told.append(Text(f"{row['challenge']}：不再有联合体。",
                             f"{row['challenge']}: no consortium any more."))  # fmt: skip
        elif row["points_before"] is None:
            told.append(Text(f"{row['challenge']}：新组成 {in_.zh}。",
                             f"{row['challenge']}: now formed by {in_.en}."))  # fmt: skip
        else:
            a, b = points(row["points_before"]), points(row["points_after"])
            told.append(
                Text(
                    f"{row['challenge']}：退出 {out.zh}，加入 {in_.zh}（{a} → {b} 分）。",
                    f"{row['challenge']}: {out.en} out, {in_.en} in ({a} to {b} points).",
                )
            )
    if not both:
        told.append(
            Text(
                "两个方案中有未证明最优的，代价为估计值。",
                "One of the plans is not proved best: the cost is an estimate.",
            )
        )
    return Answer(Text("这样做的代价", "What the wish costs"), tuple(told), {"changed": changed})
