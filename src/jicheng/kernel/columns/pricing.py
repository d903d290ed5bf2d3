"""Find good consortia of each challenge at given prices of what is shared.

At prices every challenge is alone: its candidates cost what they cost by themselves plus
the price of their places and of the resources that they use. The search is a heuristic
(:mod:`jicheng.kernel.columns._teams`): what it finds is a consortium, what it does not
find proves nothing. Challenges are searched one by one, on any executor; the answer
depends on the prices and the seed only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from jicheng.kernel.columns._sheets import Sheet, points_of_teams
from jicheng.kernel.columns._teams import Effort, search_teams
from jicheng.kernel.columns.pool import PARTS, ColumnPool, Origin
from jicheng.kernel.columns.problem import Prices, SharedProblem
from jicheng.kernel.team_problem import Flags, Floats, Indices, TeamProblem

__all__ = ["DEEP", "QUICK", "STEADY", "WIDE", "Effort", "price_all", "price_challenge", "sheet_of"]

QUICK = Effort(listed=100, leads=1, deep=0, kicks=0, kept=3)
STEADY = Effort(listed=150, leads=1, deep=4, kicks=15, kept=5)
WIDE = Effort(listed=150, leads=1, deep=10, kicks=30, kept=6)
DEEP = Effort(listed=200, leads=2, deep=12, kicks=80, kept=8)
"""How hard to search, from a first look to the last percent."""

_TIES_COUNTED = 3  # best ties in the promise of a candidate
_sheets: WeakKeyDictionary[TeamProblem, Sheet] = WeakKeyDictionary()


class _Task(NamedTuple):
    """One challenge to search; whole in itself, so that any process can do it."""

    challenge: int
    sheet: Sheet
    who: Indices
    own_price: Floats  # (n,)
    price: Floats  # (n,), at the prices of the moment
    is_open: Flags  # (n,)
    use: Floats  # (n, r)
    fixed_use: Floats  # (r,)
    worth: float
    effort: Effort
    seed: int


def sheet_of(team: TeamProblem) -> Sheet:
    """Return a team problem as contiguous arrays, made once for each problem."""
    sheet = _sheets.get(team)
    if sheet is None:
        sheet = _sheets[team] = _sheet(team)
    return sheet


def _sheet(team: TeamProblem) -> Sheet:
    start, to, points = team.tie_rows
    gain = np.where(team.holds, team.gain, 0.0)
    n = team.n
    row = np.repeat(np.arange(n), np.diff(start))
    order = np.lexsort((-points, row))
    rank = np.arange(len(points)) - start[row]
    counted = rank < _TIES_COUNTED
    best_ties = np.bincount(row[counted], points[order][counted], n)
    research = team.is_research if team.needs_research else np.ones(n)
    return Sheet(
        gain=np.ascontiguousarray(gain.T, dtype=np.float64),
        holds=np.ascontiguousarray(team.holds.T, dtype=np.float64),
        distance=np.ascontiguousarray(team.distance, dtype=np.float64),
        lead_at=np.ascontiguousarray(team.lead_at, dtype=np.int64),
        research=np.asarray(research, dtype=np.float64),
        rule=np.ascontiguousarray(team.rule_weight, dtype=np.float64),
        least=np.asarray(team.rule_least, dtype=np.float64),
        tie_start=start,
        tie_to=np.ascontiguousarray(to),
        tie_points=points,
        promise=gain.sum(axis=1) + 0.5 * best_ties,
        fold=int(team.fold),
        limit=int(min(team.member_limit, max(n, 1))),
    )


def price_challenge(task: _Task) -> ColumnPool:
    """Search one challenge and value the teams found; best first at the task's prices."""
    n = len(task.who)
    if n == 0 or task.sheet.distance.shape[0] == 0:
        return ColumnPool.empty(len(task.fixed_use))
    teams, _ = search_teams(task.sheet, task.price, task.is_open, task.effort, task.seed)
    points, lead, location = points_of_teams(task.sheet, task.own_price, task.who, teams)
    found = len(teams)
    is_member = teams >= 0
    start = np.concatenate([[0], np.cumsum(is_member.sum(axis=1))]).astype(np.int64)
    candidates = teams[is_member]
    use = np.zeros((found, len(task.fixed_use)))
    np.add.at(use, np.repeat(np.arange(found), np.diff(start)), task.use[candidates])
    parts = np.empty((found, len(PARTS)))
    parts[:, :4], parts[:, 4] = points, task.worth
    return ColumnPool(
        challenge=np.full(found, task.challenge, dtype=np.int64),
        start=start,
        member=task.who[candidates],
        location=location,
        lead=lead,
        parts=parts,
        use=use + task.fixed_use,
        origin=np.full(found, Origin.HEURISTIC, dtype=np.int8),
    )


def price_all(
    problem: SharedProblem,
    prices: Prices,
    *,
    challenges: Sequence[int] | Indices | None = None,
    effort: Effort = STEADY,
    seed: int = 0,
    noise: float = 0.0,
    executor: Executor | None = None,
) -> ColumnPool:
    """Search challenges at given prices.

    Parameters
    ----------
    problem : SharedProblem
        What is shared.
    prices : Prices
        Prices of organisations and resources.
    challenges : sequence of int, optional
        Which ones; default all.
    effort : Effort
        How hard each is searched.
    seed : int
        Of the search; the same seed gives the same answer.
    noise : float
        Spread of random factors on what candidates cost, for other teams than the best.
    executor : Executor, optional
        Where to search; default here, one after another.

    Returns
    -------
    ColumnPool
        What was found, in the order of the challenges, without comparison to ``prices``.
    """
    wanted = range(problem.n_challenges) if challenges is None else challenges
    tasks = (_task(problem, int(c), prices, effort, seed, noise) for c in wanted)
    found: Iterable[ColumnPool]
    found = (
        map(price_challenge, tasks) if executor is None else executor.map(price_challenge, tasks)
    )
    return joined(list(found), problem.n_resources)


def joined(pools: Sequence[ColumnPool], n_resources: int) -> ColumnPool:
    """Return the columns of all pools one after another, with repeats."""
    pools = [pool for pool in pools if len(pool)]
    if not pools:
        return ColumnPool.empty(n_resources)
    starts = np.cumsum([0, *(pool.start[-1] for pool in pools)])
    arrays = {
        name: np.concatenate([getattr(pool, name) for pool in pools])
        for name in ColumnPool.__dataclass_fields__
        if name != "start"
    }
    shifted = [pool.start[:-1] + at for pool, at in zip(pools, starts, strict=False)]
    return ColumnPool(start=np.concatenate([*shifted, starts[-1:]]).astype(np.int64), **arrays)


def _task(
    problem: SharedProblem, challenge: int, prices: Prices, effort: Effort, seed: int, noise: float
) -> _Task:
    team, who = problem.teams[challenge], problem.who[challenge]
    price = problem.member_prices(challenge, prices)
    mixed = int(np.random.SeedSequence((seed, challenge)).generate_state(1)[0])
    if noise > 0.0:
        price = price * (1.0 + noise * np.random.default_rng(mixed).standard_normal(len(price)))
    return _Task(
        challenge=challenge,
        sheet=sheet_of(team),
        who=who,
        own_price=team.price,
        price=price,
        is_open=problem.is_open[who],
        use=problem.member_use[who],
        fixed_use=problem.fixed_use[challenge],
        worth=float(problem.worth[challenge]),
        effort=effort,
        seed=mixed % 2**31,
    )
