"""What it takes to pass a pack, for every firm of a list, in amounts of actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from jicheng.rules.expression.evaluation import Scope
from jicheng.rules.expression.intervals import Floats, Truth
from jicheng.rules.expression.syntax import Expression
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.model import Condition, Pack
from jicheng.rules.score.application import Application
from jicheng.rules.score.evaluate import Evaluation
from jicheng.select.ladder.changing import lowers_unknown
from jicheng.select.ladder.forms import NotLinear
from jicheng.select.ladder.formula import (
    NEVER,
    Formula,
    Known,
    Points,
    Sum,
    Threshold,
    Used,
    all_of,
    any_of,
)  # fmt: skip
from jicheng.select.ladder.judging import Assumed
from jicheng.select.ladder.reach import DIRECT, GROUP, INDICATOR, SCORE, Reach
from jicheng.select.ladder.scoring import Scorer
from jicheng.select.ladder.settings import Action, Effect
from jicheng.select.ladder.translation import Translator

__all__ = ["Target", "target_of"]


@dataclass(frozen=True, eq=False)
class Target:
    """When each of n firms passes a pack.

    Attributes
    ----------
    pack : Pack
        With assumed points for ranges.
    actions : tuple of Action
        A of them, to which formulas refer by place.
    gates : tuple of (str, Formula)
        By path; all must hold.
    conditions : Formula
        The pass conditions together; points enter by name.
    direct : tuple of (str, Formula)
        By path; any of them stands for the pass conditions.
    points : mapping of str to Points
        By the names that conditions use: ``score``, ``group.x``, ``indicator.x.y``.
    limits : Formula
        What must hold after any change: no fact leaves its natural range.
    exclusive : tuple of (int, int)
        Pairs of actions that set one fact to different values.
    kept : frozenset of str
        Facts and elements that are not linear in the amounts, and count only unchanged.
    n : int
        Number of firms.
    """

    pack: Pack
    actions: tuple[Action, ...]
    gates: tuple[tuple[str, Formula], ...]
    conditions: Formula
    direct: tuple[tuple[str, Formula], ...]
    points: Mapping[str, Points]
    limits: Formula
    exclusive: tuple[tuple[int, int], ...]
    kept: frozenset[str]
    n: int

    @property
    def formula(self) -> Formula:
        """When a firm passes."""
        direct = (formula for _, formula in self.direct)
        gates = (formula for _, formula in self.gates)
        return all_of(*gates, any_of(self.conditions, *direct), self.limits)


def target_of(
    assumed: Assumed,
    facts: FactTable,
    evaluation: Evaluation,
    actions: Sequence[Action],
    *,
    limits: Sequence[Expression] = (),
    is_favourable: bool = False,
) -> Target:
    """Return when each firm passes.

    Parameters
    ----------
    assumed : Assumed
        The pack.
    facts : FactTable
        Of n firms.
    evaluation : Evaluation
        Of the assumed pack on these facts.
    actions : sequence of Action
        What can be done.
    limits : sequence of Expression
        What no way may make false for certain.
    is_favourable : bool
        Whether unknown facts count at their best end: then less than the truth may be asked.
    """
    pack = assumed.pack
    reach = Reach(pack, facts, actions)
    scope = _scope(pack, facts, evaluation)
    translator = Translator(scope, actions, reach, is_favourable)
    lenient = Translator(scope, actions, reach, is_favourable=True)
    scorer = Scorer(translator, evaluation)
    by_path: dict[str, Points] = {}
    for indicator in pack.indicators:
        by_path |= scorer.points(indicator)
    direct = tuple((each.path, _translated(translator, each)) for each in pack.direct)
    translator.direct = any_of(*(formula for _, formula in direct))
    conditions = all_of(*(_translated(translator, each) for each in pack.conditions))
    if pack.direct and not pack.conditions:  # then a direct pass is the only way
        conditions = NEVER
    return Target(
        pack=pack,
        actions=tuple(actions),
        gates=tuple((each.path, _translated(translator, each)) for each in pack.gates),
        conditions=conditions,
        direct=direct,
        points=_named(pack, by_path),
        limits=all_of(_limits(facts, actions), *(_kept_within(lenient, each) for each in limits)),
        exclusive=_exclusive(actions),
        kept=frozenset(translator.kept),
        n=facts.n,
    )


def _scope(pack: Pack, facts: FactTable, evaluation: Evaluation) -> Scope:
    """Return where names are looked up, today's results included."""
    application = Application(pack, facts)
    names: dict[str, object] = {
        name: value
        for name in application.valued
        if (value := application.definition(name)) is not None
    }
    if evaluation.score is not None:
        names[SCORE] = evaluation.score
    names |= {GROUP + name: points for name, points in evaluation.groups.items()}
    names |= {_indicator(path): points for path, points in evaluation.points.items()}
    never = Truth.known(np.zeros(facts.n, dtype=np.bool_))
    passes = never
    for condition in pack.direct:
        passes = passes | evaluation.truths[condition.path]
    names[DIRECT] = passes
    definitions = {each.id: each for each in pack.definitions}
    return Scope(facts, definitions, names)  # type: ignore[arg-type]


def _indicator(path: str) -> str:
    return path.replace("indicators/", INDICATOR, 1).replace("/", ".")


def _translated(translator: Translator, condition: Condition) -> Formula:
    """Return when a condition of the pack holds."""
    if condition.when is not None:
        try:
            return translator.condition(condition.when.root)
        except NotLinear:
            return translator.as_today(condition.when.root)
    if condition.any_of:
        return any_of(*(_translated(translator, each) for each in condition.any_of))
    if condition.all_of:
        return all_of(*(_translated(translator, each) for each in condition.all_of))
    # its text is missing: unknown for everybody
    return Known(np.full(translator.n, translator.is_favourable))


def _named(pack: Pack, by_path: Mapping[str, Points]) -> dict[str, Points]:
    """Return points by the names that conditions use."""
    named = {_indicator(path): points for path, points in by_path.items()}
    for group in pack.groups:
        parts = (by_path[each.path] for each in pack.indicators if each.group == group.id)
        named[GROUP + group.id] = Sum(tuple(parts))
    named[SCORE] = Sum(tuple(by_path[each.path] for each in pack.indicators))
    return named


def _limits(facts: FactTable, actions: Sequence[Action]) -> Formula:
    """Return that no changed fact leaves the range in which it lies by its nature.

    Nothing is taken from a fact that may be at its least.
    """
    slopes: dict[str, dict[int, Floats]] = {}
    for place, action in enumerate(actions):
        for change in action.changes:
            if change.effect is Effect.ADD:
                adds = slopes.setdefault(change.fact, {})
                adds[place] = adds.get(place, np.zeros(facts.n)) + change.amount
    limits: list[Formula] = []
    for fact, adds in slopes.items():
        low, high = facts.range_of(fact)
        base = facts.given(fact, 0)
        if base is None or facts.derivation(fact) is not None:
            continue
        ends = (base.low, base.high)  # type: ignore[union-attr]
        falls = any(bool((slope < 0).any()) for slope in adds.values())
        rises = any(bool((slope > 0).any()) for slope in adds.values())
        if np.isfinite(low) and falls:
            limits.append(_limit(ends[0] - low, adds, 1.0))
        if np.isfinite(high) and rises:
            limits.append(_limit(np.where(np.isfinite(ends[0]), high - ends[0], high), adds, -1.0))
    for place, action in enumerate(actions):
        lowers = lowers_unknown(facts, action)
        if bool(lowers.any()):
            limits.append(any_of(Known(~lowers), Used(place, is_used=False)))
    return all_of(*limits)


def _kept_within(translator: Translator, limit: Expression) -> Formula:
    """Return that a limit may hold, or that nothing it depends on is changed."""
    actions = sorted(translator.reach.node(limit.root))
    left_alone = all_of(*(Used(action, is_used=False) for action in actions))
    return any_of(_translated_limit(translator, limit), left_alone) if actions else all_of()


def _translated_limit(translator: Translator, limit: Expression) -> Formula:
    try:
        return translator.condition(limit.root)
    except NotLinear:
        return NEVER


def _limit(spare: Floats, adds: Mapping[int, Floats], sign: float) -> Formula:
    """Return that a change leaves at least nothing of what is spare, or takes nothing."""
    base = np.where(np.isfinite(spare), np.maximum(spare, 0.0), np.inf)
    return Threshold(base, tuple((place, sign * slope) for place, slope in sorted(adds.items())))


def _exclusive(actions: Sequence[Action]) -> tuple[tuple[int, int], ...]:
    """Return the pairs of actions that set one fact to different values."""
    sets = [
        {change.fact: change.value for change in action.changes if change.effect is Effect.SET}
        for action in actions
    ]
    return tuple(
        (first, second)
        for first in range(len(sets))
        for second in range(first + 1, len(sets))
        if any(sets[second].get(fact, value) != value for fact, value in sets[first].items())
    )
