"""Divide a quadratic knapsack by items in and out until no part can hold a better set.

Parts are taken highest bound first, so that the bound of the whole falls with every
one. Each part inherits the shares and copies of its parent
(:mod:`jicheng.kernel.quadratic_knapsack.groups`), takes a few more steps, drops what is
settled, and is divided by the item that its groups agree on least.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from jicheng.kernel.quadratic_knapsack.groups import Groups
from jicheng.kernel.quadratic_knapsack.problem import Flags, Indices, QuadraticKnapsack
from jicheng.kernel.quadratic_knapsack.search import fit

__all__ = ["Branching", "Part"]

_FEW = 1e-9  # relative rounding of bounds
_CHUNK = 50  # steps between two looks at the clock
_STALL, _NODE_STALL = 40, 6
_NODE_ROUNDS, _NODE_STEP = 30, 0.25
_WORTH_WHILE = 0.1  # share of items settled at which to go on with the rest
_SMALL = 5  # items of a part that one group decides exactly
_USUAL, _LEAST = 100, 0.05  # items of a part that counts as one node; what the smallest count


@dataclass(eq=False)
class Part:
    """Groups over the items that are still open.

    Attributes
    ----------
    groups : Groups
        Of the problem over the open items.
    items : ndarray of int64
        Which items of the whole problem they are.
    taken : ndarray of int64
        Items of the whole problem that are in.
    base : float
        Points of ``taken``.
    """

    groups: Groups
    items: Indices
    taken: Indices
    base: float

    @property
    def bound(self) -> float:
        """Bound on the points of every set of this part."""
        return self.base + self.groups.bound

    def decided(self, problem: QuadraticKnapsack, into: Flags, out: Flags) -> Part | None:
        """Return the part with some open items in and some out, None if they do not fit.

        Items that then no longer fit are out too.
        """
        here = self.groups.problem
        into_at = np.flatnonzero(into)
        room = here.budget - here.weight[into_at].sum()
        if room < -_FEW * here.budget:
            return None
        free = np.flatnonzero(~into & ~out & (here.weight <= room))
        taken = np.concatenate([self.taken, self.items[into_at]])
        chosen = np.zeros(problem.n, np.bool_)
        chosen[taken] = True
        left = Part(
            self.groups.left(free, into_at), self.items[free], taken, problem.value_of(chosen)
        )
        left.groups.bound = max(self.bound, left.base) - left.base
        return left


@dataclass(eq=False)
class Branching:
    """A search tree that can be stopped and told the truth at any time.

    Attributes
    ----------
    problem : QuadraticKnapsack
        The whole problem.
    chosen : ndarray of bool, shape (n,)
        Best set known.
    value : float
        Its points.
    gap : float
        Relative gap at which a set counts as best.
    nodes, rounds : int
        Parts looked at, and steps taken.
    """

    problem: QuadraticKnapsack
    chosen: Flags
    value: float
    gap: float
    nodes: int = 0
    rounds: int = 0
    _open: list[tuple[float, int, Part, int, bool]] = field(default_factory=list)
    _made: int = 0
    _closed: float = -np.inf  # highest bound of a part that was left within the gap

    @property
    def goal(self) -> float:
        """Bound at which a part holds no set that is better by more than the gap."""
        size = max(1.0, abs(self.value))
        whole = 1.0 - 3 * _FEW * size if self.problem.is_whole else 0.0
        return self.value + max(self.gap * size, whole)

    @property
    def bound(self) -> float:
        """Bound on every set."""
        top = -self._open[0][0] if self._open else -np.inf
        return rounded_down(max(top, self._closed, self.value), is_whole=self.problem.is_whole)

    @property
    def is_open(self) -> bool:
        """Whether a part is left that may hold a better set."""
        return bool(self._open) and -self._open[0][0] > self.goal

    def start(self, root: Part, *, rounds: int, is_over: Callable[[], bool]) -> None:
        """Lower the bound of the whole, drop what is settled, and go on while that helps."""
        part, left = root, rounds
        while left > 0 and not is_over():
            step, begun = 1.0, part.groups.rounds
            while left > 0 and not is_over():
                chunk = min(left, _CHUNK)
                done = part.groups.rounds
                part.groups.lower(self.goal - part.base, rounds=chunk, step=step, stall=_STALL)
                left -= part.groups.rounds - done
                self.rounds += part.groups.rounds - done
                step = part.groups.step
                self._learn(part)
                if part.groups.rounds - done < chunk or part.bound <= self.goal:
                    break
            if part.bound <= self.goal or part.groups.rounds == begun:
                break
            into, out = self._settled(part)
            if (into | out).mean() < _WORTH_WHILE:
                break
            smaller = part.decided(self.problem, into, out)
            if smaller is None:
                return
            part = smaller
        self._divide(part)

    def _settled(self, part: Part) -> tuple[Flags, Flags]:
        """Return what is settled; the sets given up are bounded by the goal."""
        self._closed = max(self._closed, self.goal)
        return part.groups.settled(self.goal - part.base)

    def run(self, nodes: float, *, is_over: Callable[[], bool]) -> None:
        """Look at parts, highest bound first, as many as ``nodes`` of the usual size."""
        while self._open and nodes > 0 and not is_over():
            bound, _, parent, item, is_in = heapq.heappop(self._open)
            if -bound <= self.goal:
                self._closed = max(self._closed, -bound)
                continue
            into, out = self._settled(parent)
            into[item], out[item] = is_in, not is_in
            part = parent.decided(self.problem, into, out)
            if part is None:
                continue
            nodes -= max(_LEAST, (len(part.items) / _USUAL) ** 2)
            self.nodes += 1
            part.groups.bound = min(part.groups.bound, -bound - part.base)
            part.groups.lower(
                self.goal - part.base, rounds=_NODE_ROUNDS, step=_NODE_STEP, stall=_NODE_STALL
            )
            self.rounds += part.groups.rounds
            self._learn(part)
            self._divide(part)

    def _learn(self, part: Part) -> None:
        """Take the set that the groups of a part chose, mended, if it is better."""
        for own in (part.groups.chosen, part.groups.wanted > 0.5):
            chosen = np.zeros(self.problem.n, np.bool_)
            chosen[part.taken] = True
            chosen[part.items[own]] = True
            if self.problem.weight_of(chosen) > self.problem.budget or len(part.items) > _SMALL:
                chosen = fit(self.problem, chosen)
            value = self.problem.value_of(chosen)
            if value > self.value + _FEW * abs(self.value):
                self.chosen, self.value = chosen, value

    def _divide(self, part: Part) -> None:
        """Open the two halves of a part, unless it holds nothing better."""
        bound = part.bound
        groups = part.groups
        if bound <= self.goal or len(groups.group) <= 1:
            self._closed = max(self._closed, min(bound, self.value) if bound > self.goal else bound)
            return
        item = int(np.argmin(np.abs(groups.wanted - 0.5)))
        for is_in, side in ((False, groups.without[item]), (True, groups.having[item])):
            half = min(bound, part.base + float(side))
            self._made += 1
            heapq.heappush(self._open, (-half, self._made, part, item, is_in))


def rounded_down(bound: float, *, is_whole: bool) -> float:
    """Return a bound with room for rounding; down to a whole number where values are."""
    raised = bound + _FEW * max(1.0, abs(bound))
    return float(np.floor(raised)) if is_whole else raised
