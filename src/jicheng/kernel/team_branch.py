"""Find the best team and prove it: branch and bound over the members.

One tree per lead location (:mod:`jicheng.kernel._team_tree`), the location with the best
bound first; a local search gives the first teams. Trees that share nothing but the best
value close fast once one location has a good team.

Measured on generated zones (``bench/consortia.py``) this proves the optimum 10 to 100
times faster than a mixed-integer program per lead location, whose root node alone is
slow where ties are dense.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from jicheng.kernel._team_bound import Chosen, Open, Pairs, Rules
from jicheng.kernel._team_tree import (
    TOLERANCE,
    Aim,
    Best,
    Node,
    explore,
    kept,
    new_best,
    threshold,
    tighten,
)
from jicheng.kernel.team_problem import Floats, Indices, TeamProblem
from jicheng.kernel.team_search import LACK, TeamSearch

__all__ = [
    "TOLERANCE",
    "Root",
    "TeamMemory",
    "TeamSolution",
    "best_team",
    "open_roots",
    "teams_above",
]

_LEADS = 4  # leads per location from which the local search starts
_ROUNDS_FIRST = 20  # most evaluations of a bound: of a location at first sight,
_ROUNDS_ROOT = 150  # and of one that stays open
_ROUNDS_BRANCHED = 25
_NOBODY = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class TeamSolution:
    """The best team found.

    ``members`` are sorted candidate indices, empty if none was found; ``bound`` is a
    proved upper bound over all teams of the problem; ``is_proved`` says whether it
    meets the value within :data:`TOLERANCE`. ``work`` counts operations;
    ``is_cut_by_clock`` tells that a wall-clock deadline changed the answer.
    """

    members: tuple[int, ...]
    value: float
    bound: float
    is_proved: bool
    nodes: int
    work: int
    is_cut_by_clock: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Root:
    """The tree of one lead location before branching.

    ``bound`` bounds every team led from ``location``; ``candidates`` are the indices
    of those that may be part of a team better than the one known.
    """

    location: int
    bound: float
    candidates: Indices


@dataclass(slots=True, eq=False)
class TeamMemory:
    """Prices of the bounds of each location, for the next search of a similar problem."""

    prices: dict[int, tuple[Floats, Floats, Floats]] = field(default_factory=dict)


class _Tree:
    """Branch and bound at one lead location."""

    def __init__(self, problem: TeamProblem, location: int, best: Best, aim: Aim) -> None:
        self.problem, self.location, self.best, self.aim = problem, location, best, aim
        self.search = TeamSearch(problem, location)
        base, gain, holds, lead, research, rule, least, fold, limit = problem.arrays_at(location)
        self.people = Open(base, gain, holds, lead, research, rule)
        self.rules = Rules(fold, limit, True, True, least)

    def root(self, needs: Floats, memory: TeamMemory | None) -> Node:
        """Return the node in which nobody is chosen."""
        ties, people = self.problem.ties, self.people
        n_rules = len(self.rules.least)
        start = memory.prices.get(self.location) if memory is not None else None
        if start is None:
            start = needs.copy(), np.full(len(ties.points), 0.5), np.zeros(n_rules)
            if memory is not None:
                memory.prices[self.location] = start
        nobody = Chosen(0.0, people.gain[:0], people.holds[:0], np.zeros(n_rules), False, False)
        return Node(
            _NOBODY, nobody, np.arange(self.problem.n), people,
            Pairs(ties.a, ties.b, ties.points), *start,
        )  # fmt: skip

    def leads(self) -> list[Indices]:
        """Return the most promising leads of the location, each as a team of one."""
        here = np.flatnonzero(self.people.lead)
        worth = self.people.base[here] + self.people.gain[here].sum(axis=1)
        order = np.argsort(-worth, kind="stable")
        return [here[[place]] for place in order[:_LEADS]]

    def improve_from(self, start: Indices) -> None:
        """Search locally from a team and keep what is better."""
        members, value = self.search.improve(start)
        known, best = float(self.best.points[0]), self.best
        if value > known + 1e-12 * max(1.0, abs(value)) and value > -LACK / 2:
            best.points[0], best.counts[0] = value, len(members)
            best.members[: len(members)] = members

    def tighten(self, node: Node, rounds: int) -> tuple[float, Indices, Node]:
        """Bound a node; return the bound, who was picked and what stays open of it."""
        bound, picked, rest, _ = tighten(node, self.rules, self.best, self.aim, rounds)
        left = node if len(rest) == len(node.who) else kept(node, rest)
        return float(bound), node.who[picked], left

    def branch(self, node: Node) -> None:
        """Look at every team that may be better."""
        explore(node, self.rules, self.best, self.aim, _ROUNDS_BRANCHED)


class _Forest:
    """The trees of all lead locations, with a first team and a first bound for each."""

    def __init__(
        self, problem: TeamProblem, start: Sequence[int], aim: Aim, memory: TeamMemory | None = None
    ) -> None:
        self.aim, self.best = aim, new_best(problem.member_limit)
        self.trees = {p: _Tree(problem, p, self.best, aim) for p in problem.locations}
        lead = problem.best_lead(start) if len(start) else -1
        if lead >= 0:
            at = int(problem.lead_at[lead])
            self.trees[at].improve_from(np.asarray(start, dtype=np.int64))
        self.is_warm = memory is not None and bool(memory.prices) and lead >= 0
        leads = Counter(problem.lead_at[problem.lead_at >= 0].tolist())
        for p, _ in sorted(leads.items(), key=lambda item: (-item[1], item[0]))[:3]:
            if not self.is_warm:
                self.trees[p].improve_from(_NOBODY)
        needs = _first_prices(problem)
        self.roots: list[tuple[int, float, Indices, Node]] = []
        for p, tree in self.trees.items():
            node = tree.root(needs, memory)
            self.roots.append((p, *tree.tighten(node, _ROUNDS_FIRST)))
            needs = node.needs
        self.roots.sort(key=lambda root: (-root[1], root[0]))

    @property
    def threshold(self) -> float:
        """Value above which a team would be better."""
        return float(threshold(self.best, self.aim))

    def __iter__(self) -> Iterator[tuple[_Tree, float, Node]]:
        """Yield the trees that may hold a better team, most promising first."""
        for p, first_bound, picked, node in self.roots:
            if first_bound <= self.threshold:
                continue
            tree = self.trees[p]
            for start in (picked,) if self.is_warm else (_NOBODY, picked, *tree.leads()):
                tree.improve_from(start)
            bound, _, left = tree.tighten(node, _ROUNDS_ROOT)
            if len(left.who):
                yield tree, bound, left

    def solution(self) -> TeamSolution:
        """Return what was found."""
        best = self.best
        value, passed, left = (float(x) for x in best.points)
        members = tuple(int(i) for i in best.members[: best.counts[0]])
        bound = max(value, passed, left)
        slack = TOLERANCE * max(1.0, abs(value))
        is_proved = bool(members) and bound <= value + slack
        return TeamSolution(
            members, value, value if is_proved else bound, is_proved,
            nodes=int(best.counts[1]), work=int(best.counts[2]),
        )  # fmt: skip


def _first_prices(problem: TeamProblem) -> Floats:
    """Return prices to start from: a little below the gains that are still scarce."""
    place = min(problem.fold + 4, problem.n - 1)
    prices: Floats = 0.8 * np.sort(problem.gain, axis=0)[::-1][place]
    return prices


def best_team(
    problem: TeamProblem,
    *,
    start: Sequence[int] = (),
    work_limit: int = 10**9,
    floor: float = -np.inf,
    tolerance: float = 0.0,
    memory: TeamMemory | None = None,
) -> TeamSolution:
    """Find the most valuable team that obeys the rules, with a proved bound.

    Parameters
    ----------
    problem : TeamProblem
        At least one candidate.
    start : sequence of int
        A team to start from, if one is known.
    work_limit : int
        Most elementary operations; about 10^9 take 2 to 4 seconds.
    floor : float
        Teams worth this or less are of no interest; the bound may be as high.
    tolerance : float
        Points by which a team may be better than the one returned without being looked
        for; the bound tells how much better at most.
    memory : TeamMemory, optional
        Of earlier searches of this problem at other prices: they start the bounds; changes.

    Returns
    -------
    TeamSolution
        Without members if no team was found; whether one exists is then not proved,
        but no team is worth more than ``bound``.
    """
    forest = _Forest(problem, start, Aim(floor, tolerance, work_limit), memory)
    for tree, _, node in forest:
        tree.branch(node)
    return forest.solution()


def teams_above(
    problem: TeamProblem, floor: float, *, most: int, work_limit: int = 10**9
) -> tuple[list[tuple[int, ...]], bool, int]:
    """List every team that obeys the rules and is worth more than a floor.

    Parameters
    ----------
    problem : TeamProblem
        At least one candidate.
    floor : float
        Points above which a team, with the lead that suits it best, is listed.
    most : int
        Teams, counted once for each lead location, after which the listing is given up.
    work_limit : int
        As for :func:`best_team`.

    Returns
    -------
    teams : list of tuple of int
        In ascending order.
    is_whole : bool
        Whether no team is missing.
    work : int
        Operations made.
    """
    best, aim = new_best(problem.member_limit, most), Aim(floor, 0.0, work_limit)
    needs = _first_prices(problem)
    for location in problem.locations:
        tree = _Tree(problem, location, best, aim)
        node = tree.root(needs, None)
        for rounds in (_ROUNDS_FIRST, _ROUNDS_ROOT):
            if len(node.who):
                _, _, node = tree.tighten(node, rounds)
        needs = node.needs
        if len(node.who):
            tree.branch(node)
    n_listed = int(best.counts[3])
    is_whole = n_listed <= most and best.points[2] == -np.inf
    rows = best.listed[: min(n_listed, most)]
    teams = sorted({tuple(int(i) for i in row if i >= 0) for row in rows})
    return teams, bool(is_whole), int(best.counts[2])


def open_roots(
    problem: TeamProblem, *, start: Sequence[int] = ()
) -> tuple[TeamSolution, list[Root]]:
    """Return a first team, and what is left to look at after bounding every location."""
    forest = _Forest(problem, start, Aim(-np.inf, 0.0, 0))
    roots = [Root(tree.location, bound, node.who) for tree, bound, node in forest]
    return forest.solution(), roots
