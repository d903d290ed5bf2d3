"""The firms nearest to passing a pack: bounds for all of them, exact ways for the nearest."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jicheng.errors import Fault
from jicheng.kernel.solver import Solver
from jicheng.rules.expression.intervals import Flags, Floats
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.model import Pack
from jicheng.rules.score.evaluate import PASS, Evaluation, evaluate
from jicheng.select.ladder.bounding import least_costs
from jicheng.select.ladder.changing import after
from jicheng.select.ladder.experts import ExpertPoints, expert_points
from jicheng.select.ladder.judging import Assumed, assume, has_ranges
from jicheng.select.ladder.search import Cheapest, cheapest
from jicheng.select.ladder.settings import CostSettings
from jicheng.select.ladder.target import Target, target_of
from jicheng.select.ladder.ways import Step, steps_of, warnings_of

__all__ = ["Approach", "Nearest", "nearest"]

Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Approach:
    """The shortest way of one firm that is near.

    Attributes
    ----------
    place : int
        Of the firm.
    found : Cheapest
        Amounts, cost, bound, status.
    steps : tuple of Step
        What is done.
    experts : ExpertPoints
        How many points experts must give.
    """

    place: int
    found: Cheapest
    steps: tuple[Step, ...]
    experts: ExpertPoints

    @property
    def months(self) -> float:
        """Lead time of the slowest step [months]."""
        return max((step.months for step in self.steps), default=0.0)


@dataclass(frozen=True, eq=False)
class Nearest:
    """How far all firms are from passing a pack.

    Attributes
    ----------
    evaluation : Evaluation
        Of the pack on all firms.
    passes : ndarray of bool, shape (n,)
        Who passes for certain at the assumed share of experts' points.
    least_cost : ndarray of float64, shape (n,)
        What no way of the firm is below [CNY]; inf = no amounts pass.
    near : tuple of Approach
        The nearest firms that do not pass, cheapest first.
    share : float
        ASSUMPTION: share of the points in experts' hands that was counted on. Where no firm
        passes with the share that was asked for, this is 1: then a way passes if the experts
        give what each :class:`Approach` says is needed.
    is_complete : bool
        Whether no firm outside ``near`` can be nearer than its last.
    n_solved : int
        Firms solved exactly to know.
    warnings : tuple of Fault
        What a reader must know.
    """

    evaluation: Evaluation
    passes: Flags
    least_cost: Floats
    near: tuple[Approach, ...]
    share: float
    is_complete: bool
    n_solved: int
    warnings: tuple[Fault, ...]

    @property
    def pack(self) -> Pack:
        """The rules."""
        return self.evaluation.pack


def nearest(
    evaluation: Evaluation,
    costs: CostSettings,
    solver: Solver,
    *,
    count: int = 20,
    most_solved: int = 400,
    among: Flags | None = None,
) -> Nearest:
    """Return the firms nearest to passing.

    Parameters
    ----------
    evaluation : Evaluation
        Of a pack on n firms.
    costs : CostSettings
        What can be done, and what is assumed of experts.
    solver : Solver
        A worker.
    count : int
        Firms wanted.
    most_solved : int
        Firms to solve exactly at most; if more would be needed the list says so.
    among : ndarray of bool, shape (n,), optional
        Firms to look at; default: all.
    """
    # where facts come from is of no use here, and costs time to carry along
    facts = replace(evaluation.facts, sources={}, names=None)
    field = _field(evaluation, facts, costs, costs.judged_share)
    if not np.isfinite(field.least).any() and costs.judged_share < 1 and field.has_experts:
        # all that experts may give counts, so firms that need none of their own are near too
        certain = evaluation.verdicts == PASS
        field = replace(_field(evaluation, facts, costs, 1.0), passes=certain)
    wanted = np.isfinite(field.least) & ~field.passes & (True if among is None else among)
    order = np.flatnonzero(wanted)
    needed = expert_points(evaluation, facts)[0]
    order = order[np.lexsort((needed[order], field.least[order]))]
    near, n_solved = _Hunt(field, facts, solver).nearest(order, count, most_solved)
    is_complete = n_solved == len(order) or (
        len(near) >= count and field.least[order[n_solved]] >= near[-1][1].cost
    )
    statuses = [found.status for _, found in near]
    return Nearest(
        evaluation=evaluation,
        passes=field.passes,
        least_cost=field.least,
        near=_approaches(evaluation, field.target, near),
        share=field.assumed.share,
        is_complete=bool(is_complete),
        n_solved=n_solved,
        warnings=warnings_of(evaluation.pack, costs, field.target, statuses),
    )


@dataclass(frozen=True, eq=False)
class _Field:
    """All firms before a pack, at a share of experts' points."""

    assumed: Assumed
    target: Target
    passes: Flags
    least: Floats
    has_experts: bool


def _field(evaluation: Evaluation, facts: FactTable, costs: CostSettings, share: float) -> _Field:
    assumed = assume(evaluation, share)
    now = assumed.evaluate(facts)
    passes = now.verdicts == PASS
    target = target_of(assumed, facts, now, costs.usable, limits=costs.limits)
    least = np.where(passes, 0.0, least_costs(target))
    return _Field(assumed, target, passes, least, has_ranges(evaluation.pack))


@dataclass(eq=False)
class _Hunt:
    """Solves firms in the order of their bounds until no other can be nearer.

    Attributes
    ----------
    field : _Field
        All firms.
    facts : FactTable
        Of them.
    solver : Solver
        A worker.
    found : dict of int to Cheapest
        By place; filled here, and asked of the rules themselves.
    """

    field: _Field
    facts: FactTable
    solver: Solver
    found: dict[int, Cheapest] = dataclasses.field(default_factory=dict)

    def nearest(
        self, order: Places, count: int, most_solved: int
    ) -> tuple[list[tuple[int, Cheapest]], int]:
        """Return the nearest with their ways, and how many were solved."""
        near: list[tuple[int, Cheapest]] = []
        checked: set[int] = set()
        n_solved = 0
        while True:
            for place in order[n_solved:most_solved].tolist():
                if len(near) >= count and near[-1][1].cost <= self.field.least[place]:
                    break
                n_solved += 1
                self.found[place] = cheapest(self.field.target, place, self.solver)
                near = self._sorted(count)
            doubtful = [place for place, _ in near if place not in checked]
            if not doubtful:
                return near, n_solved
            checked.update(doubtful)
            for place in self._refused(doubtful):
                self.found[place] = cheapest(
                    self.field.target, place, self.solver, passes=self._check_of(place)
                )
            near = self._sorted(count)

    def _sorted(self, count: int) -> list[tuple[int, Cheapest]]:
        """Return the cheapest ways so far."""
        passing = ((place, one) for place, one in self.found.items() if one.amounts is not None)
        return sorted(passing, key=lambda pair: pair[1].cost)[:count]  # ties as they were solved

    def _refused(self, places: list[int]) -> list[int]:
        """Ask the rules themselves which ways do not pass."""
        amounts = np.array([self.found[place].amounts for place in places])
        verdicts = self._verdicts(np.array(places, dtype=np.int64), amounts)
        return [place for place, verdict in zip(places, verdicts, strict=True) if verdict != PASS]

    def _verdicts(self, places: Places, amounts: Floats) -> NDArray[np.int8]:
        changed = after(self.facts.rows(places), self.field.target.actions, amounts)
        return self.field.assumed.rows(places).evaluate(changed).verdicts

    def _check_of(self, place: int) -> Callable[[Floats], bool]:
        row = np.array([place], dtype=np.int64)
        return lambda amounts: bool(self._verdicts(row, amounts[None, :])[0] == PASS)


def _approaches(
    evaluation: Evaluation, target: Target, near: list[tuple[int, Cheapest]]
) -> tuple[Approach, ...]:
    if not near:
        return ()
    places = np.array([place for place, _ in near], dtype=np.int64)
    amounts = np.array([found.amounts for _, found in near])
    rows = _rows(evaluation, places)
    changed = after(rows.facts, target.actions, amounts)
    needed, most = expert_points(rows, changed)
    return tuple(
        Approach(
            place,
            found,
            steps_of(target.actions, amounts[k]),
            ExpertPoints(float(needed[k]), float(most[k])),
        )
        for k, (place, found) in enumerate(near)
    )


def _rows(evaluation: Evaluation, places: Places) -> Evaluation:
    """Return an evaluation of some of its firms, as far as it is needed here."""
    return evaluate(evaluation.pack, evaluation.facts.rows(places), peers=evaluation.peers)
