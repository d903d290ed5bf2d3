"""How many pass as one number of a pack moves, and where exactly the count breaks.

A sweep puts the pack to everybody once for each value; only what the change may touch is
found anew. For a condition that compares a figure with a number the whole curve follows
from sorting the figures of those who pass otherwise: it steps at their figures only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl

from jicheng.errors import InvalidInput, fault
from jicheng.rules.expression.arithmetic import just_above, just_below
from jicheng.rules.expression.intervals import Flags, Floats, Truth
from jicheng.rules.expression.nodes import Comparison, Relation
from jicheng.rules.expression.nodes import Literal as Number
from jicheng.rules.expression.syntax import Expression
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.model import Condition, Pack
from jicheng.rules.score.application import Application, Named
from jicheng.rules.score.evaluate import OPEN, PASS, Evaluation, evaluate
from jicheng.select.laboratory.changes import Change, changed
from jicheng.select.policies.nearness import results_of

__all__ = ["BreakEven", "Curve", "sweep", "threshold_curve"]


def sweep(
    pack: Pack,
    change: Change,
    values: Sequence[float],
    facts: FactTable,
    *,
    grouping: str = "",
) -> pl.DataFrame:
    """Count who passes for each value of a number.

    Parameters
    ----------
    pack : Pack
    change : Change
        What is moved: its ``bound`` takes each value, or for a weight its points.
    values : sequence of float
        In the order in which they are to be told.
    facts : FactTable
    grouping : str
        Column of ``groups``: a row for each of its values too.

    Returns
    -------
    polars.DataFrame
        ``value``, ``group`` (empty = all), ``n``, ``pass_low`` (for certain), ``pass_high``
        (for certain or perhaps).

    Raises
    ------
    InvalidInput
        E975, E976 as :func:`~jicheng.select.laboratory.changes.changed` says; E979 for a
        grouping that the facts do not have.
    """
    members = _members(facts, grouping)
    base = evaluate(pack, facts)
    rows: list[tuple[object, ...]] = []
    for value in values:
        verdicts = _moved(base, change, float(value)).verdicts
        for name, who in members:
            passes = [int((verdicts[who] >= least).sum()) for least in (PASS, OPEN)]
            rows.append((float(value), name, int(who.sum()), *passes))
    schema = {
        "value": pl.Float64, "group": pl.String, "n": pl.Int64, "pass_low": pl.Int64,
        "pass_high": pl.Int64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _members(facts: FactTable, grouping: str) -> list[tuple[str, Flags]]:
    found: list[tuple[str, Flags]] = [("", np.ones(facts.n, dtype=np.bool_))]
    if not grouping:
        return found
    if grouping not in facts.groups.columns:
        known = ", ".join(facts.groups.columns) or "-"
        raise InvalidInput([fault("E979", name="grouping", value=grouping, range=known)])
    column = facts.groups[grouping].cast(pl.String)
    for value in column.drop_nulls().unique().sort():
        found.append((value, (column == value).fill_null(value=False).to_numpy()))
    return found


def _moved(base: Evaluation, change: Change, value: float) -> Evaluation:
    """Put the pack with one value to everybody again; what cannot change is taken over."""
    is_weight = change.path.startswith("weights/")
    points = (value, value) if is_weight else change.points
    trial = replace(change, bound=None if is_weight else value, points=points)
    pack = changed(base.pack, [trial])
    return evaluate(pack, base.facts, peers=base.peers, fixed=_unmoved(base, change.path))


def _unmoved(base: Evaluation, path: str) -> dict[str, Named]:
    """Return truths of gates and points of indicators that a change does not reach."""
    section, _, rest = path.partition("/")
    if section in ("definitions", "weights"):
        return {}
    top = f"{section}/{rest.split('/')[0]}"
    fixed: dict[str, Named] = {
        gate.path: base.truths[gate.path] for gate in base.pack.gates if gate.path != top
    }
    fixed |= {
        indicator.path: base.points[indicator.path]
        for indicator in base.pack.indicators
        if indicator.path != top
    }
    return fixed


@dataclass(frozen=True, slots=True)
class BreakEven:
    """The loosest number with which no more than so many pass.

    Attributes
    ----------
    value : float
        The number in force if it does, else the loosest figure of anybody that does.
        Infinite, or minus infinite, if no figure does.
    passes : int
        How many pass with it.
    """

    value: float
    passes: int


@dataclass(frozen=True, eq=False)
class Curve:
    """How many pass, for every number that a condition may compare with.

    Attributes
    ----------
    relation : Relation
        Of the figure to the number.
    current : float
        The number in force.
    low, high : ndarray of float64
        Numbers up to which (for >= and >), or from which on (for <= and <), each of those
        who pass otherwise passes: for certain, and perhaps; sorted.
    """

    relation: Relation
    current: float
    low: Floats
    high: Floats

    @property
    def is_floor(self) -> bool:
        """Whether fewer pass as the number rises."""
        return self.relation in (Relation.AT_LEAST, Relation.ABOVE)

    def passes(self, number: float) -> tuple[int, int]:
        """Return how many pass with a number, for certain and for certain or perhaps."""
        at = _edge(self.relation, number)
        is_past = self.relation in (Relation.ABOVE, Relation.AT_MOST)
        side: Literal["left", "right"] = "right" if is_past else "left"
        below = [int(np.searchsorted(ends, at, side=side)) for ends in (self.low, self.high)]
        if self.is_floor:
            return self.low.size - below[0], self.high.size - below[1]
        return below[0], below[1]

    def steps(self) -> pl.DataFrame:
        """Return the curve at every figure at which it steps.

        ``value``, ``pass_low`` and ``pass_high`` with exactly that number.
        """
        figures = np.unique(np.concatenate([self.low, self.high]))
        figures = figures[np.isfinite(figures)]
        counts = [self.passes(float(figure)) for figure in figures]
        return pl.DataFrame(
            {
                "value": figures,
                "pass_low": pl.Series([low for low, _ in counts], dtype=pl.Int64),
                "pass_high": pl.Series([high for _, high in counts], dtype=pl.Int64),
            }
        )

    def break_even(self, most: int, *, possible: bool = True) -> BreakEven:
        """Find the loosest number with which at most so many pass.

        Parameters
        ----------
        most : int
            Most that may pass, such as a quota.
        possible : bool
            Whether those who may pass count too; else only those who do for certain.
        """
        kind = int(possible)
        if self.passes(self.current)[kind] <= most:
            return BreakEven(self.current, self.passes(self.current)[kind])
        ends, sign = (self.low, self.high)[kind], 1.0 if self.is_floor else -1.0
        ordered = np.sort(sign * ends)
        out = ordered[ordered.size - 1 - most]  # must not pass any more
        figures = sign * np.concatenate([self.low, self.high])
        for figure in np.unique(figures[(figures >= out) & np.isfinite(figures)]):
            count = self.passes(float(sign * figure))[kind]
            if count <= most:
                return BreakEven(float(sign * figure), count)
        return BreakEven(sign * np.inf, self.passes(sign * np.inf)[kind])


def _edge(relation: Relation, number: float) -> float:
    """Return what a figure is compared with, the tolerance of the language included."""
    if not np.isfinite(number):
        return number
    bound = np.array([number])
    edge = just_below if relation in (Relation.AT_LEAST, Relation.BELOW) else just_above
    return float(edge(bound)[0])


_FLIPPED = {
    Relation.AT_LEAST: Relation.AT_MOST,
    Relation.AT_MOST: Relation.AT_LEAST,
    Relation.ABOVE: Relation.BELOW,
    Relation.BELOW: Relation.ABOVE,
}


def threshold_curve(evaluation: Evaluation, path: str) -> Curve:
    """Return how many pass for every number in a condition.

    Parameters
    ----------
    evaluation : Evaluation
        Of the pack in force.
    path : str
        A gate, pass condition or direct pass, at any depth, that compares a figure with a
        number.

    Raises
    ------
    InvalidInput
        E975 if the pack has no such element, E976 if it is not such a condition.

    Notes
    -----
    Exact, by two evaluations and a sort. Somebody who passes although the condition fails
    passes with every number; of the others those count who pass if it holds.
    """
    pack, facts = evaluation.pack, evaluation.facts
    found = [one for one in pack.elements() if one.path == path and isinstance(one, Condition)]
    if not found:
        changed(pack, [Change(path=path, bound=0.0)])  # says what there is
        raise InvalidInput([fault("E976", path=path)])
    figure, relation, number = _compared(found[0])
    held, failed = (
        evaluate(pack, facts, peers=evaluation.peers, fixed={path: _known(facts.n, truth)}).verdicts
        for truth in (True, False)
    )
    at_work = Application(pack, facts)
    at_work.names.update(results_of(evaluation, np.arange(facts.n)))
    value = at_work.number(figure, path)
    is_floor = relation in (Relation.AT_LEAST, Relation.ABOVE)
    always = np.inf if is_floor else -np.inf
    worst, best = (value.low, value.high) if is_floor else (value.high, value.low)
    low = np.where(failed == PASS, always, worst)[held == PASS]
    high = np.where(failed >= OPEN, always, best)[held >= OPEN]
    return Curve(relation, number, np.sort(low), np.sort(high))


def _known(n: int, truth: bool) -> Truth:
    return Truth.known(np.full(n, truth))


def _compared(element: Condition) -> tuple[Expression, Relation, float]:
    """Return the figure, how it is compared, and the number."""
    root = None if element.when is None else element.when.root
    if isinstance(root, Comparison) and root.relation is not Relation.EQUAL:
        if isinstance(root.right, Number):
            return Expression("", root.left), root.relation, root.right.value
        if isinstance(root.left, Number):
            return Expression("", root.right), _FLIPPED[root.relation], root.left.value
    raise InvalidInput([fault("E976", path=element.path)])
