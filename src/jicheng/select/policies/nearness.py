"""How near those are who are not eligible: what fails, and by how much.

Only what certainly fails is counted, and figures are taken at their best: an unknown
fact never makes anybody seem further away than they may be. This is a quick look at one
policy for all subjects; the ladder finds the cheapest way up for one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.rules.expression.intervals import Flags, Floats, Interval, Truth
from jicheng.rules.expression.nodes import (
    FOUNDED,
    And,
    Comparison,
    Node,
    Not,
    Or,
    Relation,
    names_of,
)
from jicheng.rules.expression.syntax import Expression
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.expressions import facts_needed, used_facts
from jicheng.rules.pack.model import Condition, Pack
from jicheng.rules.score.application import Application
from jicheng.rules.score.evaluate import FAIL, Evaluation
from jicheng.select.policies.settings import PolicySettings

__all__ = ["Nearness", "failing_elements", "nearness", "results_of"]

Counts = NDArray[np.int64]

_PAST = ("_years_ago", "_rank")  # ends of names of facts about awards: nobody turns time back


@dataclass(frozen=True, slots=True, eq=False)
class Nearness:
    """How near subjects are that fail.

    Attributes
    ----------
    is_near : ndarray of bool, shape (n,)
        Whether they fail, and only nearly.
    n_failing : ndarray of int64, shape (n,)
        Gates and pass conditions that certainly fail, those below them told apart; of
        direct passes any one counts once.
    """

    is_near: Flags
    n_failing: Counts


def failing_elements(evaluation: Evaluation) -> dict[str, Flags]:
    """Return where each gate and pass condition certainly fails, by path.

    Pass conditions count where no direct pass is possible either, and where all of them
    together decide.
    """
    pack, truths = evaluation.pack, evaluation.truths
    failing = {gate.path: ~truths[gate.path].possibly for gate in pack.gates}
    no_direct = np.ones(evaluation.facts.n, dtype=np.bool_)
    for direct in pack.direct:
        no_direct &= ~truths[direct.path].possibly
    for condition in pack.conditions:
        failing[condition.path] = ~truths[condition.path].possibly & no_direct
    if pack.direct and not pack.conditions:
        failing["direct"] = no_direct
    return failing


def nearness(
    evaluation: Evaluation, settings: PolicySettings, *, also_failing: Counts | None = None
) -> Nearness:
    """Tell who fails only nearly.

    Parameters
    ----------
    evaluation : Evaluation
    settings : PolicySettings
        How many elements may fail, and by how much.
    also_failing : ndarray of int64, shape (n,), optional
        Conditions beside the pack that each subject fails.
    """
    failing = failing_elements(evaluation)
    n_failing = np.zeros(evaluation.facts.n, dtype=np.int64)
    elements = {one.path: one for one in (*evaluation.pack.gates, *evaluation.pack.conditions)}
    for path, where in failing.items():
        one = elements.get(path)
        n_failing += where if one is None else np.where(where, _count(one, evaluation), 0)
    if also_failing is not None:
        n_failing = n_failing + also_failing
    is_near = (evaluation.verdicts == FAIL) & (n_failing <= settings.near_elements)
    rows = np.flatnonzero(is_near)
    if rows.size:
        is_near[rows] = _is_close(evaluation, failing, rows, settings)
    return Nearness(is_near, n_failing)


def _count(element: Condition, evaluation: Evaluation) -> Counts:
    """Return how many conditions below an element, or itself, must change for it to hold."""
    if element.all_of:
        return np.asarray(sum(_count(one, evaluation) for one in element.all_of), dtype=np.int64)
    if element.any_of:
        counts = [_count(one, evaluation) for one in element.any_of]
        return np.asarray(np.minimum.reduce(counts), dtype=np.int64)
    return (~evaluation.truths[element.path].possibly).astype(np.int64)


def _is_close(
    evaluation: Evaluation, failing: Mapping[str, Flags], rows: Counts, settings: PolicySettings
) -> Flags:
    pack = evaluation.pack
    at_work = Application(pack, _asked_of(pack, evaluation.facts).rows(rows))
    at_work.names.update(results_of(evaluation, rows))
    look = _Look(at_work, settings)
    gates, passes = np.zeros(rows.size), np.zeros(rows.size)
    for gate in pack.gates:
        gates = np.maximum(gates, np.where(failing[gate.path][rows], look.at(gate), 0.0))
    for condition in pack.conditions:
        short = np.where(failing[condition.path][rows], look.at(condition), 0.0)
        passes = np.maximum(passes, short)
    if pack.direct:
        direct = _smallest([look.at(each) for each in pack.direct])
        passes = np.minimum(passes, direct) if pack.conditions else direct
    return np.asarray(np.maximum(gates, passes) <= settings.near_gap, dtype=np.bool_)


def _asked_of(pack: Pack, facts: FactTable) -> FactTable:
    """Return the facts that the rules of a pack ask for, and nothing else."""
    asked = {fact.name for fact in facts_needed(pack, facts.dictionary)}
    asked |= {name.id for name in used_facts(pack, facts.dictionary)} | {FOUNDED}
    return replace(
        facts,
        numbers={key: value for key, value in facts.numbers.items() if key[0] in asked},
        conditions={name: value for name, value in facts.conditions.items() if name in asked},
        choices={name: value for name, value in facts.choices.items() if name in asked},
        names=None,
        groups=pl.DataFrame(),
        sources={},
    )


def results_of(evaluation: Evaluation, rows: Counts) -> dict[str, Interval | Truth]:
    """Return the points and direct passes that conditions may refer to, for some subjects."""
    names: dict[str, Interval | Truth] = {}
    if evaluation.score is not None:
        names["score"] = _some(evaluation.score, rows)
    for group, points in evaluation.groups.items():
        names[f"group.{group}"] = _some(points, rows)
    for path, points in evaluation.points.items():
        name = path.replace("indicators/", "indicator.", 1).replace("/", ".")
        names[name] = _some(points, rows)
    direct = np.zeros((2, rows.size), dtype=np.bool_)
    for each in evaluation.pack.direct:
        truth = evaluation.truths[each.path]
        direct[0] |= truth.certainly[rows]
        direct[1] |= truth.possibly[rows]
    names["direct_pass"] = Truth(direct[0], direct[1])
    return names


def _some(points: Interval, rows: Counts) -> Interval:
    low = points.low[rows]
    return Interval.known(low) if points.is_point else Interval(low, points.high[rows])


@dataclass(frozen=True, slots=True)
class _Look:
    """Looks at how far conditions are from holding, 0 = they may hold, 1 = far away."""

    at_work: Application
    settings: PolicySettings

    def at(self, element: Condition) -> Floats:
        if element.when is not None:
            return self.below(element.when.root)
        if element.any_of:
            return _smallest([self.at(each) for each in element.any_of])
        if element.all_of:
            return _largest([self.at(each) for each in element.all_of])
        return np.zeros(self.at_work.facts.n)  # its text is missing: nobody is told apart

    def below(self, node: Node) -> Floats:
        match node:
            case And():
                return _largest([self.below(part) for part in node.parts])
            case Or():
                return _smallest([self.below(part) for part in node.parts])
            case Comparison() if node.relation is not Relation.EQUAL:
                return self.shortfall(node)
            case _:
                return self.yes_or_no(node)

    def shortfall(self, node: Comparison) -> Floats:
        left, right = self.number(node.left), self.number(node.right)
        is_floor = node.relation in (Relation.AT_LEAST, Relation.ABOVE)
        own, bound = (left.high, right.low) if is_floor else (left.low, right.high)
        with np.errstate(invalid="ignore", divide="ignore"):
            short = bound - own if is_floor else own - bound
            size = np.maximum(np.abs(own), np.abs(bound))
            gap = np.where(short > 0, short / size, 0.0)
        if any(name.id.endswith(_PAST) for name in names_of(node)):
            return np.where(short > 0, 1.0, 0.0)
        is_unit = (bound == np.round(bound)) & (np.abs(bound) >= 1.0)
        gap = np.where(is_unit & (short <= self.settings.near_units), 0.0, gap)
        return np.where(np.isnan(gap), 1.0, gap)

    def yes_or_no(self, node: Node) -> Floats:
        """Return 0 where it holds or somebody can change it, else 1."""
        names = {name.id for name in names_of(node.of if isinstance(node, Not) else node)}
        if names.isdisjoint(self.settings.unchangeable):
            return np.zeros(self.at_work.facts.n)
        truth = self.at_work.condition(Expression("", node), "")
        return np.where(truth.possibly, 0.0, 1.0)

    def number(self, node: Node) -> Interval:
        return self.at_work.number(Expression("", node), "")


def _largest(gaps: list[Floats]) -> Floats:
    return np.asarray(np.maximum.reduce(gaps), dtype=np.float64)


def _smallest(gaps: list[Floats]) -> Floats:
    return np.asarray(np.minimum.reduce(gaps), dtype=np.float64)
