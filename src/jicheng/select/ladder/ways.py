"""The shortest way up for one firm: the cheapest changes with which it passes for certain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jicheng.errors import Fault, Text, fault
from jicheng.kernel.solver import Solver
from jicheng.rules.expression.intervals import Floats
from jicheng.rules.expression.syntax import Expression
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.model import Pack
from jicheng.rules.pack.names import CHOSEN, JUDGED
from jicheng.rules.score.evaluate import FAIL, PASS, VERDICTS, Evaluation, evaluate
from jicheng.rules.score.settling import Settles, Settling, settling
from jicheng.select.ladder.bounding import unreachable
from jicheng.select.ladder.changing import after
from jicheng.select.ladder.experts import ExpertPoints, expert_points
from jicheng.select.ladder.judging import Assumed, assume, has_ranges
from jicheng.select.ladder.search import Cheapest, WayStatus, cheapest
from jicheng.select.ladder.settings import Action, CostSettings
from jicheng.select.ladder.standing import decisive
from jicheng.select.ladder.target import Target, target_of

__all__ = ["Change", "Step", "Way", "WayUp", "shortest_way", "steps_of", "warnings_of"]

_NOTHING: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Step:
    """One action of a way.

    Attributes
    ----------
    action : Action
        What is done.
    amount : float
        How much of it.
    """

    action: Action
    amount: float

    @property
    def cost(self) -> float:
        """What it costs [CNY]."""
        return self.action.cost(self.amount)

    @property
    def months(self) -> float:
        """How long it takes [months]."""
        return self.action.months(self.amount)

    @property
    def text(self) -> Text:
        """What is done, for people to read."""
        name = self.action.name
        if self.amount == 1:
            return name
        return Text(f"{name.zh} × {self.amount:g}", f"{name.en} × {self.amount:g}")


@dataclass(frozen=True, slots=True)
class Change:
    """A fact before and after a way; intervals where it is not known."""

    fact: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Way:
    """A set of actions with which the firm passes.

    Attributes
    ----------
    status : WayStatus
        ``optimal``: nothing cheaper passes (among ways that differ from those before it).
    steps : tuple of Step
        What is done; all at the same time.
    changes : tuple of Change
        What becomes of the facts.
    cost, bound : float
        CNY, and what no way is below.
    months : float
        Lead time of the slowest step.
    experts : ExpertPoints
        How many of the points in experts' hands are needed.
    """

    status: WayStatus
    steps: tuple[Step, ...]
    changes: tuple[Change, ...]
    cost: float
    bound: float
    months: float
    experts: ExpertPoints

    @property
    def gap(self) -> float:
        """Relative difference of cost and bound."""
        return max(0.0, self.cost - self.bound) / max(1.0, self.cost)

    @property
    def text(self) -> Text:
        """All steps, for people to read."""
        texts = [step.text for step in self.steps]
        return Text("；".join(t.zh for t in texts), "; ".join(t.en for t in texts))


@dataclass(frozen=True, eq=False)
class WayUp:
    """How one firm can come to pass a pack.

    Attributes
    ----------
    subject : str
        The firm.
    pack : Pack
        The rules.
    verdict : str
        Of today: ``fail``, ``open`` or ``pass``.
    fails, opens : tuple of str
        Paths of gates and pass conditions that certainly fail, and that are open.
    settling : tuple of Settling
        Unknown facts each of which alone settles the verdict, whatever it is or for some
        values: look these up first, the most telling at the front.
    status : WayStatus
        Of the shortest way; ``impossible`` if no amounts of the actions pass.
    ways : tuple of Way
        The cheapest first. Unknown facts count at their unfavourable end, so each passes for
        certain; none contains the actions of one before it.
    if_favourable : Way or None
        The cheapest way if every unknown fact turns out favourable; its cost is a bound from
        below. None where the same way comes out, or none.
    if_experts_agree : Way or None
        Where no way passes at the assumed share: the cheapest if experts give all they may.
    out_of_reach : tuple of str
        Paths of gates and direct passes that no amounts of the actions reach.
    costs : CostSettings
        What was assumed.
    warnings : tuple of Fault
        What a reader must know.
    """

    subject: str
    pack: Pack
    verdict: str
    fails: tuple[str, ...]
    opens: tuple[str, ...]
    settling: tuple[Settling, ...]
    status: WayStatus
    ways: tuple[Way, ...]
    if_favourable: Way | None
    if_experts_agree: Way | None
    out_of_reach: tuple[str, ...]
    costs: CostSettings
    warnings: tuple[Fault, ...]

    @property
    def is_draft(self) -> bool:
        """Whether the rules have unverified or missing elements."""
        return self.pack.is_draft


@dataclass(frozen=True, eq=False)
class _Firm:
    """One firm before one pack."""

    evaluation: Evaluation
    actions: tuple[Action, ...]
    limits: tuple[Expression, ...]
    solver: Solver

    def ways(self, assumed: Assumed, most: int, *, is_favourable: bool = False) -> _Found:
        """Return the cheapest ways that differ, and what they were sought in."""
        facts = self.evaluation.facts
        now = assumed.evaluate(facts)
        target = target_of(
            assumed, facts, now, self.actions, limits=self.limits, is_favourable=is_favourable
        )

        def passes(amounts: Floats) -> bool:
            changed = assumed.evaluate(after(facts, self.actions, amounts[None, :]))
            verdict = changed.verdicts[0]
            return bool(verdict != FAIL if is_favourable else verdict == PASS)

        found: list[Cheapest] = []
        without: list[frozenset[int]] = []
        while len(found) < most:
            one = cheapest(target, 0, self.solver, without=without, passes=passes)
            if one.amounts is None:
                return _Found(target, found, one.status)
            found.append(one)
            used = frozenset(np.flatnonzero(one.amounts > 0).tolist())
            if used == _NOTHING:
                break
            without.append(used)
        return _Found(target, found, WayStatus.FEASIBLE)

    def way(self, found: Cheapest) -> Way:
        """Return what was found in words of the rules."""
        amounts = found.amounts
        if amounts is None:
            raise AssertionError("a way has amounts")
        changed = after(self.evaluation.facts, self.actions, amounts[None, :])
        steps = steps_of(self.actions, amounts)
        return Way(
            status=found.status,
            steps=steps,
            changes=tuple(_changes(self.evaluation.facts, changed, self.actions)),
            cost=found.cost,
            bound=found.bound,
            months=max((step.months for step in steps), default=0.0),
            experts=ExpertPoints(*(float(p[0]) for p in expert_points(self.evaluation, changed))),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """Ways, and how the search ended."""

    target: Target
    ways: list[Cheapest]
    last: WayStatus

    @property
    def status(self) -> WayStatus:
        """Of the cheapest."""
        return self.ways[0].status if self.ways else self.last


def shortest_way(
    pack: Pack,
    facts: FactTable,
    place: int,
    costs: CostSettings,
    *,
    alternatives: int = 3,
    solver: Solver | None = None,
) -> WayUp:
    """Return how a firm can come to pass a pack.

    Parameters
    ----------
    pack : Pack
        The rules.
    facts : FactTable
        Of all firms: peers of percentile indicators are taken from them.
    place : int
        Of the firm.
    costs : CostSettings
        What can be done, and what is assumed of experts.
    alternatives : int
        Most ways; each leaves out an action of every one before it.
    solver : Solver, optional
        A worker to use again.

    Returns
    -------
    WayUp
        With proof: ``optimal``, or ``feasible`` with a bound.
    """
    if solver is None:
        with Solver() as own:
            return shortest_way(pack, facts, place, costs, alternatives=alternatives, solver=own)
    peers = evaluate(pack, facts).peers if pack.peers is not None else None
    evaluation = evaluate(pack, facts.rows([place]), peers=peers)
    firm = _Firm(evaluation, costs.usable, costs.limits, solver)
    assumed = assume(evaluation, costs.judged_share)
    found = firm.ways(assumed, alternatives)
    best = found.ways[0].cost if found.ways else np.inf
    elements = decisive(evaluation)
    return WayUp(
        subject=str(facts.subjects[place]),
        pack=pack,
        verdict=VERDICTS[evaluation.verdicts[0]],
        fails=tuple(path for path, truth in elements.items() if not truth.possibly[0]),
        opens=tuple(path for path, truth in elements.items() if truth.is_open[0]),
        settling=_settling(evaluation),
        status=found.status,
        ways=tuple(map(firm.way, found.ways)),
        if_favourable=_favourable(firm, assumed, best),
        if_experts_agree=_with_experts(firm, assumed.share) if not found.ways else None,
        out_of_reach=tuple(path for path, flags in unreachable(found.target).items() if flags[0]),
        costs=costs,
        warnings=warnings_of(pack, costs, found.target, [found.status]),
    )


def steps_of(actions: Sequence[Action], amounts: Floats) -> tuple[Step, ...]:
    """Return the actions that are done."""
    pairs = zip(actions, amounts.tolist(), strict=True)
    return tuple(Step(action, amount) for action, amount in pairs if amount > 0)


def warnings_of(
    pack: Pack, costs: CostSettings, target: Target, statuses: Sequence[WayStatus]
) -> tuple[Fault, ...]:
    """Return what a reader of ways must know."""
    found = []
    if costs.is_demo:
        found.append(fault("E968", is_warning=True, file=costs.file or "-"))
    if target.kept:
        elements = ", ".join(sorted(target.kept))
        found.append(fault("E967", is_warning=True, pack=pack.key, elements=elements))
    unproved = sum(status in {WayStatus.FEASIBLE, WayStatus.UNKNOWN} for status in statuses)
    if unproved:
        found.append(fault("E969", is_warning=True, pack=pack.key, count=unproved))
    return tuple(found)


def _settling(evaluation: Evaluation) -> tuple[Settling, ...]:
    """Return the unknown facts each of which alone settles the verdict, or may.

    What experts judge and what the applicant chooses is nothing to look up.
    """
    if VERDICTS[evaluation.verdicts[0]] != "open":
        return ()
    asked = (f"{JUDGED}.", f"{CHOSEN}.")
    return tuple(
        each
        for each in settling(evaluation, 0)
        if each.settles is not Settles.NEVER
        and not (each.name is not None and each.name.id.startswith(asked))
    )


def _favourable(firm: _Firm, assumed: Assumed, best: float) -> Way | None:
    """Return the cheapest way if all that is unknown turns out well, where it is cheaper."""
    found = firm.ways(assumed, 1, is_favourable=True)
    if not found.ways or found.ways[0].cost >= best:
        return None
    return firm.way(found.ways[0])


def _with_experts(firm: _Firm, share: float) -> Way | None:
    """Return the cheapest way if experts give all they may."""
    if share >= 1 or not has_ranges(firm.evaluation.pack):
        return None
    found = firm.ways(assume(firm.evaluation, 1.0), 1)
    return firm.way(found.ways[0]) if found.ways else None


def _changes(before: FactTable, changed: FactTable, actions: Sequence[Action]) -> list[Change]:
    """Return the facts that differ, in the order of their names."""
    names = sorted({change.fact for action in actions for change in action.changes})
    found = []
    for name in names:
        was, becomes = _told(before, name), _told(changed, name)
        if was != becomes:
            found.append(Change(name, was, becomes))
    return found


def _told(facts: FactTable, name: str) -> str:
    """Return what is known of the first firm's fact; empty = nothing."""
    if name in facts.conditions:
        truth = facts.conditions[name]
        if truth.possibly[0] != truth.certainly[0]:
            return ""
        return "true" if truth.certainly[0] else "false"
    if name in facts.choices:
        choices = facts.choices[name]
        return choices.values[choices.codes[0]] if choices.codes[0] >= 0 else ""
    number = facts.numbers.get((name, 0))
    if number is None:
        return ""
    low, high = float(number.low[0]), float(number.high[0])
    if low == high:
        return f"{low:.15g}"
    ends = ("" if np.isinf(end) else f"{end:.15g}" for end in (low, high))
    return "..".join(ends)
