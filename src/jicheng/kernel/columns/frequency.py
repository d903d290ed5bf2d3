"""How sure a choice is: how often it is made when the figures behind it are a little otherwise.

In every run gains, ties and prices are drawn anew, each within its range and the same
figure alike wherever it counts; the columns known are valued anew, every challenge is
searched again, and the plan is chosen again. The frequency of a member is the share of
runs in which it is chosen. It says how much a choice depends on the figures within the
ranges given; it is no probability that the choice is right.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jicheng.kernel.columns._sheets import points_of_teams
from jicheng.kernel.columns.answers import AnswerLimits
from jicheng.kernel.columns.master import choose, is_plan, pack, relax
from jicheng.kernel.columns.pool import ColumnPool
from jicheng.kernel.columns.pricing import STEADY, Effort, price_all, sheet_of
from jicheng.kernel.columns.problem import Prices, SharedProblem
from jicheng.kernel.draws import generator
from jicheng.kernel.solver import Solver
from jicheng.kernel.team_problem import Floats, Indices, TeamProblem, Ties

__all__ = ["Doubt", "Frequencies", "perturbed", "revalued", "selection_frequencies"]

_BLOCK = 10  # runs of one task
_ROUNDS = 3  # most rounds of searching at the prices of a run where challenges compete


@dataclass(frozen=True, eq=False)
class Doubt:
    """Ranges within which figures are drawn, uniformly.

    Attributes
    ----------
    low, high : tuple of ndarray of float64, length c, each of shape (n, s)
        Range of the gains of each challenge's candidates.
    figure : tuple of ndarray of int64, length c, each of shape (n, s)
        Number of the figure behind each gain: the same number, the same place in the
        range. -1 = the gain is certain.
    ties, prices : float
        Largest share by which the points of a tie between two organisations, and the
        price of an organisation, may be higher or lower.
    """

    low: tuple[Floats, ...]
    high: tuple[Floats, ...]
    figure: tuple[Indices, ...]
    ties: float
    prices: float


@dataclass(frozen=True, slots=True, eq=False)
class Frequencies:
    """How often each organisation was chosen.

    Attributes
    ----------
    runs : int
        Number of draws.
    challenge, organisation, times : ndarray of int64, shape (m,)
        Runs in which an organisation was in the consortium of a challenge, > 0; by
        challenge and organisation.
    same : ndarray of int64, shape (c,)
        Runs in which a challenge got exactly the plan's consortium.
    staffed : ndarray of int64, shape (c,)
        Runs in which it got any.
    values : ndarray of float64, shape (runs,)
        Points of each run's plan.
    """

    runs: int
    challenge: Indices
    organisation: Indices
    times: Indices
    same: Indices
    staffed: Indices
    values: Floats


def perturbed(problem: SharedProblem, doubt: Doubt, run: int, seed: int) -> SharedProblem:
    """Return a problem with its figures drawn anew; rules stay as they are."""
    draw = generator(seed, "selection", str(run))
    n_figures = 1 + max([-1, *(int(f.max(initial=-1)) for f in doubt.figure)])
    place = draw.random(n_figures)
    price = 1.0 + doubt.prices * draw.uniform(-1.0, 1.0, problem.n_organisations)
    salt = int(draw.integers(2**62))
    teams = tuple(
        _drawn(team, who, gains, place, price, doubt.ties, salt)
        for team, who, gains in zip(
            problem.teams, problem.who, zip(doubt.low, doubt.high, doubt.figure, strict=True),
            strict=True,
        )
    )  # fmt: skip
    return replace(problem, teams=teams)


def _drawn(
    team: TeamProblem,
    who: Indices,
    gains: tuple[Floats, Floats, Indices],
    place: Floats,
    price: Floats,
    spread: float,
    salt: int,
) -> TeamProblem:
    low, high, figure = gains
    known = figure >= 0
    gain = team.gain.copy()
    gain[known] = low[known] + place[figure[known]] * (high - low)[known]
    ties = team.ties
    if spread > 0.0:
        factor = 1.0 + spread * (2.0 * _hashed(who[ties.a], who[ties.b], salt) - 1.0)
        ties = Ties(ties.a, ties.b, ties.points * factor)
    return replace(team, gain=gain, price=team.price * price[who], ties=ties)


def _hashed(a: Indices, b: Indices, salt: int) -> Floats:
    """Return a number in [0, 1) for each pair: the same pair, the same number (splitmix64)."""
    with np.errstate(over="ignore"):
        x = np.minimum(a, b).astype(np.uint64) << np.uint64(32)
        x = (x | np.maximum(a, b).astype(np.uint64)) ^ np.uint64(salt)
        x = x + np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x = x ^ (x >> np.uint64(31))
    return np.asarray(x >> np.uint64(11), dtype=np.float64) / 2.0**53


def revalued(problem: SharedProblem, pool: ColumnPool) -> ColumnPool:
    """Value the columns of a pool under other figures; the rules must be the same."""
    parts = pool.parts.copy()
    lead, location = pool.lead.copy(), pool.location.copy()
    for c in np.unique(pool.challenge).tolist():
        mine = np.flatnonzero(pool.challenge == c)
        team, who = problem.teams[c], problem.who[c]
        padded = np.full((len(mine), int(pool.size[mine].max())), -1, dtype=np.int64)
        for row, j in enumerate(mine.tolist()):
            padded[row, : pool.size[j]] = np.searchsorted(who, pool.members_of(j))
        points, lead[mine], location[mine] = points_of_teams(
            sheet_of(team), team.price, who, padded
        )
        parts[mine, :4] = points
        parts[mine, 4] = problem.worth[c]
    return replace(pool, parts=parts, lead=lead, location=location)


class _Block(NamedTuple):
    """Runs of one task; whole in itself, so that any process can do it."""

    problem: SharedProblem
    pool: ColumnPool
    prices: Prices
    doubt: Doubt
    runs: tuple[int, ...]
    seed: int
    effort: Effort
    limits: AnswerLimits


def selection_frequencies(
    problem: SharedProblem,
    pool: ColumnPool,
    prices: Prices,
    chosen: Indices,
    doubt: Doubt,
    *,
    runs: int = 100,
    seed: int = 0,
    effort: Effort = STEADY,
    limits: AnswerLimits | None = None,
    executor: Executor | None = None,
) -> Frequencies:
    """Choose the plan again and again under figures drawn anew.

    Parameters
    ----------
    problem : SharedProblem
        As it stands.
    pool : ColumnPool
        Columns known; searched ones are added in each run.
    prices : Prices
        Stored prices, at which challenges are searched.
    chosen : ndarray of int64
        Columns of the plan.
    doubt : Doubt
        Ranges of the figures.
    runs, seed : int
        Number of draws; run r under a seed is the same whatever the others are.
    effort : Effort
        How hard each challenge is searched in each run.
    limits : AnswerLimits, optional
        Of the choice in each run.
    executor : Executor, optional
        Where blocks of runs are done; the answer does not depend on it.

    Returns
    -------
    Frequencies
        The search is a heuristic and the same for all runs.
    """
    blocks = [
        _Block(
            problem, pool, prices, doubt, tuple(range(first, min(first + _BLOCK, runs))),
            seed, effort, limits or AnswerLimits(),
        )
        for first in range(0, runs, _BLOCK)
    ]  # fmt: skip
    done = map(_chosen_in, blocks) if executor is None else executor.map(_chosen_in, blocks)
    plans = [plan for block in done for plan in block]
    return _counted(problem, pool, chosen, plans)


def _chosen_in(block: _Block) -> list[ColumnPool]:
    """Return the columns of the plan of each run."""
    plans = []
    with Solver() as solver:  # its process starts with the first program
        for run in block.runs:
            drawn = perturbed(block.problem, block.doubt, run, block.seed)
            known = revalued(drawn, block.pool)
            found = price_all(drawn, block.prices, effort=block.effort, seed=block.seed + run)
            plans.append(_best_plan(drawn, known.added(found), block, run, solver))
    return plans


def _best_plan(
    problem: SharedProblem, pool: ColumnPool, block: _Block, run: int, solver: Solver
) -> ColumnPool:
    """Return the best columns; without any program where the best of each go together."""
    alone = _best_of_each(problem, pool)
    if is_plan(problem, pool, alone) and not (problem.limits < 0.0).any():
        return pool.kept(alone)
    limits = block.limits.of_solver(seed=block.seed)
    prices, relaxed = block.prices, relax(problem, pool, solver, limits, likely=block.prices)
    for turn in range(_ROUNDS):
        if relaxed is None:
            break
        prices = relaxed.prices
        seed = block.seed + run + 7919 * (turn + 1)
        grown = pool.added(price_all(problem, prices, effort=block.effort, seed=seed))
        if len(grown) == len(pool):
            break
        pool = grown
        relaxed = relax(problem, pool, solver, limits, likely=prices)
    start = pack(problem, pool, prices=prices)
    choice = choose(problem, pool, solver, start=start, relaxed=relaxed, limits=limits)
    return pool.kept(choice.chosen)


def _best_of_each(problem: SharedProblem, pool: ColumnPool) -> NDArray[np.int64]:
    """Return the best usable column of each challenge that is worth staffing by itself."""
    value = np.where(pool.usable(problem), pool.value, -np.inf)
    order = np.lexsort((-value, pool.challenge))
    challenges, first = np.unique(pool.challenge[order], return_index=True)
    best = order[first]
    wanted = (value[best] > 0.0) | (problem.mandatory[challenges] & np.isfinite(value[best]))
    return np.sort(best[wanted])


def _counted(
    problem: SharedProblem, pool: ColumnPool, chosen: Indices, plans: Sequence[ColumnPool]
) -> Frequencies:
    o = problem.n_organisations
    pairs = [plan.challenge[plan.column_of_member] * o + plan.member for plan in plans]
    pair, times = np.unique(np.concatenate([np.empty(0, np.int64), *pairs]), return_counts=True)
    same = np.zeros(problem.n_challenges, dtype=np.int64)
    staffed = np.zeros(problem.n_challenges, dtype=np.int64)
    for plan in plans:
        staffed[plan.challenge] += 1
        for j in chosen.tolist():
            c = int(pool.challenge[j])
            same[c] += plan.column_of(c, pool.members_of(j)) >= 0
    values = np.array([plan.value.sum() for plan in plans], dtype=np.float64)
    return Frequencies(
        len(plans), pair // o, pair % o, times.astype(np.int64), same, staffed, values
    )
