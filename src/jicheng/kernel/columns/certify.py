"""Prove how good a plan is, and better it on the way.

Rounds of exact pricing (:mod:`jicheng.kernel.columns.exact_rounds`) find columns and lower
the bound. Then every column that a better plan could contain is listed, if they are few;
the master over these columns closes what the relaxation leaves open.

Literature: Baldacci, Christofides and Mingozzi 2008, Mathematical Programming 115:2 (listing
all columns within the gap).
"""

from __future__ import annotations

import time
from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np

from jicheng.kernel.columns.exact_rounds import ExactLimits, ExactProgress, ExactRounds, Stop, Tell
from jicheng.kernel.columns.master import Choice, choose
from jicheng.kernel.columns.pool import ColumnPool
from jicheng.kernel.columns.problem import Prices, SharedProblem
from jicheng.kernel.solver import Limits, Solver, StoppedBy
from jicheng.kernel.team_problem import Floats, Indices

__all__ = ["Certificate", "certify"]

_ROUNDS_PART = 0.85  # of the seconds, for rounds
_UNKNOWN_GAP = 0.05  # relative gap within which columns are listed if no plan is known
_LISTED = 40_000  # teams of all challenges together after which a listing is given up,
_LISTED_WORK = 4 * 10**9  # and operations
_CHOICE_PART = 2 / 3  # of what the rounds leave of the seconds, kept for the choice after it


@dataclass(frozen=True, slots=True, eq=False)
class Certificate:
    """A plan with a proof of how good it is.

    Attributes
    ----------
    bound : float
        No plan is worth more; nan if the clock came before any bound, -inf if a
        mandatory challenge cannot be staffed.
    value : float
        Points of the plan.
    pool : ColumnPool
        The columns given, and after them those found.
    chosen : ndarray of int64
        Columns of the plan, ascending.
    prices : Prices
        Where the best bound was found.
    teams : ndarray of float64, shape (c,)
        What no team of each challenge can exceed at these prices, the worth of the
        challenge aside; as high as leaving the challenge where no team is better.
    is_feasible : bool
        Whether no mandatory challenge and no limit was missed.
    rounds, work : int
        Rounds of pricing, and operations in them.
    stopped_by : Stop
        ``settled`` if the gap asked for was reached or nothing was left to improve.
    solver_stopped_by : StoppedBy
        What cut the choice of columns short, if anything.
    """

    bound: float
    value: float
    pool: ColumnPool
    chosen: Indices
    prices: Prices
    teams: Floats
    is_feasible: bool
    rounds: int
    work: int
    stopped_by: Stop
    solver_stopped_by: StoppedBy = StoppedBy.NOTHING
    history: tuple[ExactProgress, ...] = field(default=())

    @property
    def gap(self) -> float:
        """Relative gap to the bound; nan without a bound, or without a plan worth anything."""
        return (self.bound - self.value) / abs(self.value) if self.value else np.nan


def certify(
    problem: SharedProblem,
    pool: ColumnPool,
    prices: Prices,
    *,
    chosen: Indices | None = None,
    bound: float = np.inf,
    gap: float = 0.001,
    seconds: float | None = None,
    work: int | None = None,
    executor: Executor | None = None,
    solver: Solver | None = None,
    progress: Tell | None = None,
    seed: int = 0,
) -> Certificate:
    """Bound every plan, and find a better one where there is one.

    Parameters
    ----------
    problem : SharedProblem
        Challenges and what they share.
    pool : ColumnPool
        Columns known; the better they are, the faster the proof.
    prices : Prices
        Of the plan so far.
    chosen : ndarray of int64, optional
        Columns of the plan so far: the answer is no worse.
    bound : float
        Of every plan, if one was proved before: the answer is no worse; nan = none.
    gap : float
        Relative gap at which it is enough; 0 asks for the best plan.
    seconds : float, optional
        Wall clock for all; an answer that it cut says so. None = none.
    work : int, optional
        Operations after which no further round begins (deterministic).
    executor : Executor, optional
        Where challenges are searched; the answer does not depend on it.
    solver : Solver, optional
        Default: one of its own.
    progress : callable, optional
        Told after each round, with the columns and the prices of the best bound then.
    seed : int
        Of the solver.

    Returns
    -------
    Certificate
        The bound holds whatever stopped the run.
    """
    own = Solver() if solver is None else None
    ends = np.inf if seconds is None else time.monotonic() + seconds
    rounds_end = np.inf if seconds is None else ends - (1.0 - _ROUNDS_PART) * seconds
    try:
        rounds = ExactRounds(
            problem, pool, prices, ExactLimits(gap=gap, work=work, deadline=rounds_end),
            executor=executor, solver=solver or own or Solver(), seed=seed,
        )  # fmt: skip
        rounds.run(progress)
        return _finish(rounds, chosen, np.inf if np.isnan(bound) else bound, ends)
    finally:
        if own is not None:
            own.close()


def _finish(
    rounds: ExactRounds, known: Indices | None, known_bound: float, ends: float
) -> Certificate:
    """Choose the plan; list what a better one could contain if that may pay."""
    choice = _choose(rounds, known, ends)
    size = max(1.0, abs(rounds.bound))
    room = rounds.bound - choice.value if choice.is_feasible else _UNKNOWN_GAP * size
    bound = rounds.bound
    if bound < np.inf and room > max(rounds.limits.gap, 1e-9) * size:
        choice, bound = _choose_among_all(rounds, choice, room, ends)
    bound = min(bound, known_bound)
    return Certificate(
        bound=max(bound, choice.value) if bound < np.inf else np.nan,
        value=choice.value,
        pool=rounds.pool,
        chosen=choice.chosen,
        prices=rounds.prices,
        teams=rounds.teams,
        is_feasible=choice.is_feasible,
        rounds=rounds.done,
        work=rounds.work,
        stopped_by=rounds.stopped_by,
        solver_stopped_by=choice.stopped_by,
        history=tuple(rounds.history),
    )


def _choose(rounds: ExactRounds, start: Indices | None, ends: float) -> Choice:
    left = max(0.5, min(120.0, ends - time.monotonic()))
    limits = Limits(gap=min(1e-3, 0.25 * rounds.limits.gap), deadline_s=left, seed=rounds.seed)
    return choose(
        rounds.problem, rounds.pool, rounds.solver, start=start, relaxed=rounds.relaxed,
        limits=limits,
    )  # fmt: skip


def _choose_among_all(
    rounds: ExactRounds, choice: Choice, room: float, ends: float
) -> tuple[Choice, float]:
    """List every column that a plan within ``room`` of the bound can have; choose again."""
    problem, prices = rounds.problem, rounds.prices
    worth = problem.worth - problem.fixed_use @ prices.resources
    each = rounds.teams + worth
    top = np.where(problem.mandatory, each, np.maximum(0.0, each))
    floors = top - worth - room - 1e-6 * max(1.0, abs(rounds.bound))
    found = rounds.exact.listed(
        prices, floors, most=1 + _LISTED // problem.n_challenges,
        work=_LISTED_WORK // problem.n_challenges,
        deadline=ends - (ends - rounds.limits.deadline) * _CHOICE_PART,
    )  # fmt: skip
    rounds.add(found.pool)
    better = _choose(rounds, choice.chosen, ends)
    bound = rounds.bound
    if found.is_whole and not np.isnan(better.bound):
        bound = min(bound, max(better.bound, bound - room))
    return better, bound
