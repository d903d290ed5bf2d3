"""Which missing facts would settle a verdict, and how much each would narrow the points.

Every missing fact is tried at the values where some rule changes its mind, all others
staying as little known as they are. First come facts that settle the verdict whatever they
turn out to be, then those that may, then the others; among them those first that narrow the
points most. Bounds are sought numerically: a rule that changes its mind twice between two
neighbouring values of the grid, and nowhere else, can be missed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from jicheng.errors import Text
from jicheng.rules.expression.intervals import Flags, Floats, Interval, Truth
from jicheng.rules.expression.nodes import Name
from jicheng.rules.facts.dictionary import FactDefinition, FactKind
from jicheng.rules.pack.model import (
    Condition,
    Extension,
    Formula,
    Indicator,
    Missing,
    Pack,
    Percentile,
    indicators_of,
)
from jicheng.rules.score.evaluate import OPEN, Evaluation, evaluate
from jicheng.rules.score.labels import Labels
from jicheng.rules.score.outcomes import Outcome, values_text
from jicheng.rules.score.references import References
from jicheng.rules.score.trials import Trial, closer, first_trials, tried

__all__ = ["Outcome", "Settles", "Settling", "settling"]

_COARSE, _FINE = 8, 250  # values tried inside a gap, where an element and a verdict changes
_LEAST = 1e-9  # points that are less are nothing


class Settles(IntEnum):
    """Whether one fact alone settles a verdict."""

    ALWAYS = 0  # whatever it turns out to be
    SOMETIMES = 1
    NEVER = 2


@dataclass(frozen=True, slots=True)
class Settling:
    """A missing fact, or an element whose text is missing, and what it would change.

    Attributes
    ----------
    name : Name or None
        Fact and year; None for an element without text.
    path : str
        Of the element without text; empty for a fact.
    settles : Settles
        Whether it settles the verdict; NEVER too where the verdict stands anyway.
    narrows_least, narrows_most : float
        Points by which the interval shrinks, over all values; 0 without points.
    moves : int
        Statements about elements that change for some value.
    outcomes : tuple of Outcome
        Verdicts by value, rising.
    label : Text
        What the fact, with its year, or the element is called.
    definition : FactDefinition or None
        Of the fact.
    """

    name: Name | None
    path: str
    settles: Settles
    narrows_least: float
    narrows_most: float
    moves: int
    outcomes: tuple[Outcome, ...]
    label: Text
    definition: FactDefinition | None = None

    @property
    def texts(self) -> tuple[tuple[Text, int], ...]:
        """Values in words, each with the verdict that goes with them."""
        values = values_text(self.outcomes, self.definition)
        return tuple(
            (text, outcome.verdict) for text, outcome in zip(values, self.outcomes, strict=True)
        )


def settling(evaluation: Evaluation, place: int) -> tuple[Settling, ...]:
    """Order what is missing of a subject by what it would settle.

    Parameters
    ----------
    evaluation : Evaluation
        Of many subjects; its peer groups stay as they are.
    place : int
        Of the subject.

    Returns
    -------
    tuple of Settling
        Facts and elements that would change anything, the most telling first; last those
        that only several of them together would.
    """
    pack, firm = evaluation.pack, evaluation.facts.rows([place])
    now = evaluate(pack, firm, peers=evaluation.peers)
    state, labels = _state(now), Labels.of(pack, firm.dictionary)
    runs = _run(now, first_trials(pack, firm))
    found = [_of_fact(now, state, run, labels) for run in runs] + _of_elements(now)
    is_open = bool(now.verdicts[0] == OPEN)
    asked = _asked(now) if is_open else set()
    telling = [
        each
        for each in found
        if each.narrows_most > _LEAST or (is_open and (each.moves or each.name in asked))
    ]
    return tuple(sorted(telling, key=_order))


def _asked(now: Evaluation) -> set[Name]:
    """Return the facts of elements that are open, though one alone may not move them."""
    references = References(now.pack, now.facts.dictionary)
    open_paths = {path for path, truth in now.truths.items() if truth.is_open[0]}
    open_paths |= {path for path, points in now.points.items() if points.is_open[0]}
    return {
        name
        for element in now.pack.elements()
        if element.path in open_paths
        for name in references.of(element)
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """What came of the values of one fact; ``state`` holds elements in columns."""

    trial: Trial
    verdicts: NDArray[np.int8]
    widths: Floats
    state: Floats


def _run(now: Evaluation, trials: tuple[Trial, ...]) -> list[_Run]:
    """Try values, again where neighbours differ in any element, and closely in the verdict."""
    runs = _evaluated(now, trials)
    runs = _looked_closer(
        now, runs, [closer(run.trial, _differs(run.state), _COARSE) for run in runs]
    )
    return _looked_closer(
        now, runs, [closer(run.trial, np.diff(run.verdicts) != 0, _FINE) for run in runs]
    )


def _looked_closer(now: Evaluation, runs: list[_Run], finer: list[Trial]) -> list[_Run]:
    if not any(len(each.values) for each in finer):
        return runs
    more = _evaluated(now, tuple(finer))
    return [_joined(run, other) for run, other in zip(runs, more, strict=True)]


def _evaluated(now: Evaluation, trials: tuple[Trial, ...]) -> list[_Run]:
    found = evaluate(now.pack, tried(now.facts, trials), peers=now.peers)
    widths = np.zeros(found.facts.n) if found.score is None else _width(found.score)
    state = _state(found)
    runs, start = [], 0
    for trial in trials:
        rows = slice(start, start + len(trial.values))
        start = rows.stop
        runs.append(_Run(trial, found.verdicts[rows], widths[rows], state[rows]))
    return runs


def _joined(run: _Run, finer: _Run) -> _Run:
    """Return both runs of one fact as one, values rising."""
    values = np.concatenate([run.trial.values, finer.trial.values])
    order = np.argsort(values, kind="stable")
    trial = run.trial
    return _Run(
        Trial(trial.name, trial.kind, values[order], trial.words, trial.is_whole),
        np.concatenate([run.verdicts, finer.verdicts])[order],
        np.concatenate([run.widths, finer.widths])[order],
        np.concatenate([run.state, finer.state])[order],
    )


def _state(found: Evaluation) -> Floats:
    """Return what every element says, shape (n, elements); points that glide are left out."""
    gliding = {
        each.path
        for top in found.pack.indicators
        for each in indicators_of(top)
        if any(isinstance(one.rule, Percentile | Formula) for one in indicators_of(each))
    }
    columns: list[NDArray[np.generic]] = [found.verdicts]
    for truth in found.truths.values():
        columns += [truth.certainly, truth.possibly]
    for path, points in found.points.items():
        if path not in gliding:
            columns += [points.low, points.high]
    return np.column_stack([column.astype(np.float64) for column in columns])


def _differs(state: Floats) -> Flags:
    differs: Flags = (state[1:] != state[:-1]).any(axis=1)
    return differs


def _of_fact(now: Evaluation, state: Floats, run: _Run, labels: Labels) -> Settling:
    before = 0.0 if now.score is None else float(_width(now.score)[0])
    return Settling(
        run.trial.name,
        "",
        _settles(now, run.verdicts),
        max(before - float(run.widths.max()), 0.0),
        max(before - float(run.widths.min()), 0.0),
        int((run.state != state).any(axis=0).sum()),
        _outcomes(run.trial, run.verdicts),
        labels.label(run.trial.name, now.facts.year),
        labels.dictionary.get(run.trial.name.id),
    )


def _settles(now: Evaluation, verdicts: NDArray[np.int8]) -> Settles:
    is_settled = verdicts != OPEN
    if now.verdicts[0] != OPEN or not is_settled.any():
        return Settles.NEVER
    return Settles.ALWAYS if is_settled.all() else Settles.SOMETIMES


def _outcomes(trial: Trial, verdicts: NDArray[np.int8]) -> tuple[Outcome, ...]:
    """Return values with the same verdict as one outcome, neighbours only for numbers."""
    values = trial.values
    if trial.kind is FactKind.CHOICE:
        return tuple(
            Outcome(np.nan, np.nan, tuple(trial.words[int(v)] for v in values[verdicts == k]), k)
            for k in sorted({int(verdict) for verdict in verdicts})
        )
    starts = np.flatnonzero(np.diff(verdicts, prepend=-1))
    stops = np.append(starts[1:], len(values)) - 1
    return tuple(
        Outcome(float(values[a]), float(values[b]), (), int(verdicts[a]))
        for a, b in zip(starts, stops, strict=True)
    )


def _of_elements(now: Evaluation) -> list[Settling]:
    """Ask of every element without text what it could change."""
    found = []
    for element in _without_text(now.pack):
        ends: dict[str, Interval | Truth] = {}
        if isinstance(element, Condition):
            ends[element.path] = Truth.known(np.array([False, True]))
        else:
            ends[element.path] = Interval.known(np.array([0.0, element.max]))
        at_ends = evaluate(now.pack, now.facts.rows([0, 0]), peers=now.peers, fixed=ends)
        before, after = (
            (np.zeros(1), np.zeros(2))
            if now.score is None or at_ends.score is None
            else (_width(now.score), _width(at_ends.score))
        )
        narrowed = np.maximum(before - after, 0.0)
        found.append(
            Settling(
                None,
                element.path,
                _settles(now, at_ends.verdicts),
                float(narrowed.min()),
                float(narrowed.max()),
                1,
                tuple(
                    Outcome(end, end, (), int(verdict))
                    for end, verdict in zip((0.0, 1.0), at_ends.verdicts, strict=True)
                ),
                element.name,
            )
        )
    return found


def _without_text(pack: Pack) -> list[Condition | Indicator]:
    """Return conditions and indicators that nobody could apply yet."""
    found: list[Condition | Indicator] = []
    for element in pack.elements():
        match element:
            case Condition(when=None, any_of=(), all_of=()):
                found.append(element)
            case Indicator(rule=Missing()) | Indicator(rule=Extension(parts=())):
                found.append(element)
            case _:
                pass
    return found


def _order(found: Settling) -> tuple[float | str, ...]:
    name = Name(found.path) if found.name is None else found.name
    narrows = (-found.narrows_least, -found.narrows_most, -found.moves)
    return (found.settles, *narrows, name.id, -name.offset)


def _width(score: Interval) -> Floats:
    return score.high - score.low
