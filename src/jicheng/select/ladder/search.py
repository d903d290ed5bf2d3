"""The cheapest way for one firm, with its proof.

The integer program is solved in a worker. Its answer is checked exactly; where it passes only
by what a solver tolerates, the box of amounts is split around it and the parts are solved. The
least bound of what is left open is the proved bound.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import count

import numpy as np

from jicheng.kernel.solver import Limits, Solver, SolveStatus
from jicheng.rules.expression.intervals import Floats
from jicheng.select.ladder.holding import holds
from jicheng.select.ladder.program import Box, FirmProgram
from jicheng.select.ladder.target import Target

__all__ = ["Cheapest", "WayStatus", "cheapest"]

_LIMITS = Limits(gap=1e-9, nodes=200_000, deadline_s=60.0)
_MOST_BOXES = 400
_CLOSE = 1e-7  # relative difference of costs that counts as none


class WayStatus(StrEnum):
    """What is known of a way."""

    OPTIMAL = "optimal"  # nothing cheaper passes
    FEASIBLE = "feasible"  # it passes; something cheaper may
    IMPOSSIBLE = "impossible"  # no amounts pass
    UNKNOWN = "unknown"  # nothing found, nothing proved


@dataclass(frozen=True, slots=True, eq=False)
class Cheapest:
    """The cheapest amounts found.

    Attributes
    ----------
    status : WayStatus
        How far it is proved.
    amounts : ndarray of float64, shape (A,), or None
        Of every action; None without a way.
    cost : float
        CNY; inf without a way.
    bound : float
        No way costs less [CNY]; inf if there is none.
    """

    status: WayStatus
    amounts: Floats | None
    cost: float
    bound: float

    @property
    def gap(self) -> float:
        """Relative difference of cost and bound."""
        if not np.isfinite(self.cost):
            return np.inf
        return max(0.0, self.cost - self.bound) / max(1.0, abs(self.cost))


def cheapest(
    target: Target,
    firm: int,
    solver: Solver,
    *,
    without: Sequence[frozenset[int]] = (),
    passes: Callable[[Floats], bool] | None = None,
    limits: Limits = _LIMITS,
) -> Cheapest:
    """Return the cheapest amounts with which a firm passes.

    Parameters
    ----------
    target : Target
        What it takes.
    firm : int
        Its place.
    solver : Solver
        A worker.
    without : sequence of set of int
        Sets of actions of which at least one must be left alone.
    passes : callable, optional
        The last word on amounts; default: the target's own formula, exactly.
    limits : Limits
        Of each solve.
    """
    final = passes or (lambda _: True)
    order = count()
    best, best_cost = None, np.inf
    open_boxes: list[tuple[float, int, Box]] = [(0.0, next(order), Box.of(target.actions))]
    n_solved = 0
    lost = np.inf  # least bound among boxes that no solver could settle
    while open_boxes and n_solved < _MOST_BOXES:
        floor, _, box = heapq.heappop(open_boxes)
        if floor >= best_cost * (1 - _CLOSE):
            break
        n_solved += 1
        found = _solve(target, firm, box, solver, without, limits)
        if found is None:
            continue
        bound, amounts = max(found[0], floor), found[1]
        if amounts is None:
            lost = min(lost, bound)
            continue
        cost = cost_of(target, amounts)
        if holds(target.formula, firm, amounts.tolist(), target.points) and final(amounts):
            if cost < best_cost:
                best, best_cost = amounts, cost
            if bound < cost * (1 - _CLOSE):  # the solver stopped early
                lost = min(lost, bound)
            continue
        parts = _parts(target, box, amounts)
        if not parts and box.lower != box.upper:  # fractions are open
            lost = min(lost, bound)
        for part in parts:
            heapq.heappush(open_boxes, (bound, next(order), part))
    left = min([lost, *(floor for floor, _, _ in open_boxes)])
    return _concluded(best, best_cost, left)


def cost_of(target: Target, amounts: Floats) -> float:
    """Return what amounts cost [CNY]."""
    pairs = zip(target.actions, amounts.tolist(), strict=True)
    return float(sum(action.cost(amount) for action, amount in pairs))


def _concluded(best: Floats | None, cost: float, left: float) -> Cheapest:
    """Return the best with its bound, where ``left`` bounds what was not looked at."""
    bound = min(cost, left)
    if best is None:
        status = WayStatus.IMPOSSIBLE if np.isinf(left) else WayStatus.UNKNOWN
        return Cheapest(status, None, np.inf, bound)
    is_proved = bound >= cost * (1 - _CLOSE)
    status = WayStatus.OPTIMAL if is_proved else WayStatus.FEASIBLE
    return Cheapest(status, best, cost, bound)


def _solve(
    target: Target, firm: int, box: Box, solver: Solver, without: Sequence[frozenset[int]],
    limits: Limits,
) -> tuple[float, Floats | None] | None:  # fmt: skip
    """Return a bound and the best amounts in a box; None if nothing in it passes."""
    if box.is_empty:
        return None
    program = FirmProgram(target, firm, box)
    built = program.build(without=without)
    if built is None:
        return None
    if _is_free(target, firm, box, without):
        return 0.0, np.array(box.lower)
    solution = solver.solve(built, limits=limits)
    if solution.status is SolveStatus.INFEASIBLE:
        return None
    bound = 0.0 if solution.bound is None else solution.bound * program.scale
    if solution.values is None:
        return bound, None
    return bound, _rounded(target, box, solution.values)


def _is_free(target: Target, firm: int, box: Box, without: Sequence[frozenset[int]]) -> bool:
    """Whether the firm passes without doing anything."""
    if any(box.lower) or any(not actions for actions in without):
        return False
    return holds(target.formula, firm, box.lower, target.points)


def _rounded(target: Target, box: Box, values: Floats) -> Floats:
    """Return amounts without what a solver leaves behind."""
    amounts = np.clip(values[: len(target.actions)], box.lower, box.upper)
    for place, action in enumerate(target.actions):
        if action.is_whole:
            amounts[place] = np.rint(amounts[place])
        elif amounts[place] <= 1e-6 * action.most:
            amounts[place] = box.lower[place]
    return amounts


def _parts(target: Target, box: Box, amounts: Floats) -> list[Box]:
    """Return a box split around amounts that do not pass; empty if only fractions are open."""
    for place, action in enumerate(target.actions):
        if action.is_whole and box.lower[place] < box.upper[place]:
            return [p for p in box.split(place, float(amounts[place])) if not p.is_empty]
    return []
