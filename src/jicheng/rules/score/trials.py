"""Values to try for a fact that is missing: where rules could change their mind.

A number is tried on a grid over what it may be, then again between neighbours that some
rule tells apart, so that every bound is met closely whatever the known facts are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from jicheng.rules.expression.intervals import UNKNOWN, Choices, Flags, Floats, Interval, Truth
from jicheng.rules.expression.nodes import FOUNDED, Name
from jicheng.rules.facts.dictionary import FactDefinition, FactKind
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.model import Indicator, Pack, indicators_of
from jicheng.rules.pack.names import chosen_facts, judged_fact
from jicheng.rules.score.references import References, is_judged, ranges_of

__all__ = ["Trial", "closer", "first_trials", "tried"]

_PER_DECADE = 4
_DECADES = {"CNY": (2, 13), "ratio": (-4, 2)}  # powers of ten that are tried
_OTHER_DECADES = (-2, 6)  # counts, persons, years, months
_MOST_WHOLE = 30  # whole numbers that are tried one by one
_YEARS = 40  # before the evaluation year
_APART = 1e-9  # neighbours closer than this, relatively, are the same


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """Values of one missing fact, rising.

    Attributes
    ----------
    name : Name
        Fact and year.
    kind : FactKind
        Of the fact.
    values : ndarray of float64, shape (k,)
        Numbers; 0 and 1 for a condition; places among ``words`` for a choice.
    words : tuple of str
        Of a choice.
    is_whole : bool
        Whether only whole numbers make sense.
    """

    name: Name
    kind: FactKind
    values: Floats
    words: tuple[str, ...] = ()
    is_whole: bool = False


def first_trials(pack: Pack, firm: FactTable) -> tuple[Trial, ...]:
    """Return values to try for every fact that a pack asks for and that is not known.

    Parameters
    ----------
    pack : Pack
        Asks.
    firm : FactTable
        Of one subject.
    """
    judged = {
        judged_fact(pack, each.path): each
        for top in pack.indicators
        for each in indicators_of(top)
        if is_judged(each)
    }
    chosen = chosen_facts(pack)
    found = []
    asked = References(pack, firm.dictionary).of_pack()
    if firm.is_doubted[0]:
        asked = tuple(dict.fromkeys((*asked, Name(FOUNDED))))
    for name in asked:
        if _is_before_foundation(name, firm):
            continue  # nobody can tell it
        if name.id in judged:
            found.append(_judged(name, judged[name.id], firm))
        elif name.id in chosen:
            found.append(_chosen(name, chosen[name.id], firm))
        else:
            found.append(_fact(name, pack, firm))
    return tuple(trial for trial in found if trial is not None and len(trial.values) > 1)


def _is_before_foundation(name: Name, firm: FactTable) -> bool:
    """Tell whether a fact is of a year in which the subject certainly did not exist."""
    if firm.is_doubted[0]:
        return False
    founded = firm.given(FOUNDED, 0) if name.offset < 0 else None
    return isinstance(founded, Interval) and bool(firm.year + name.offset < founded.low[0])


def closer(trial: Trial, is_gap: Flags, per_gap: int) -> Trial:
    """Return numbers inside gaps between neighbours; none for other kinds of facts.

    Parameters
    ----------
    trial : Trial
        With k values.
    is_gap : ndarray of bool, shape (k - 1,)
        Between which neighbours to look.
    per_gap : int
        How many numbers; the roundest one that lies there comes on top.
    """
    if trial.kind is not FactKind.NUMBER or not is_gap.any():
        return replace(trial, values=np.empty(0))
    left, right = trial.values[:-1], trial.values[1:]
    is_wide = is_gap & (right - left > _APART * np.maximum(1.0, np.abs(right)))
    left, right = left[is_wide], right[is_wide]
    parts = np.arange(1, per_gap + 1) / (per_gap + 1)
    found = np.append((left[:, None] + (right - left)[:, None] * parts), _roundest(left, right))
    if trial.is_whole:
        found = np.round(found)
    return replace(trial, values=np.setdiff1d(found, trial.values))


def _roundest(left: Floats, right: Floats) -> Floats:
    """Return the number with the fewest digits between two: bounds of rules are such."""
    step = 10.0 ** np.floor(np.log10(right - left))
    coarse = np.ceil(left / (10 * step)) * 10 * step
    half = np.ceil(left / (5 * step)) * 5 * step
    fine = np.ceil(left / step) * step
    return np.where(coarse <= right, coarse, np.where(half <= right, half, fine))


def tried(firm: FactTable, trials: tuple[Trial, ...]) -> FactTable:
    """Return the facts of one subject with each value of each trial in turn, others as known."""
    n = sum(len(trial.values) for trial in trials)
    facts = firm.rows(np.zeros(n, dtype=np.int64))
    numbers: dict[tuple[str, int], Interval] = {}
    conditions: dict[str, Truth] = {}
    choices: dict[str, Choices] = {}
    start = 0
    for trial in trials:
        rows, values = slice(start, start + len(trial.values)), trial.values
        start = rows.stop
        fact, offset = trial.name.id, trial.name.offset
        known = facts.given(fact, offset)
        if trial.kind is FactKind.CHOICE:
            codes = np.full(n, UNKNOWN, dtype=np.int32)
            codes[rows] = values
            choices[fact] = Choices(trial.words, codes)
        elif trial.kind is FactKind.CONDITION:
            whole = known if isinstance(known, Truth) else Truth.unknown(n)
            ends = whole.certainly.copy(), whole.possibly.copy()
            ends[0][rows], ends[1][rows] = values > 0, values > 0
            conditions[fact] = Truth(*ends)
        else:
            number = known if isinstance(known, Interval) else Interval.unknown(n)
            low, high = number.low.copy(), number.high.copy()
            low[rows], high[rows] = values, values
            numbers[fact, offset] = Interval(low, high)
    return facts.with_facts(numbers, conditions, choices)


def _fact(name: Name, pack: Pack, firm: FactTable) -> Trial | None:
    definition, known_value = firm.dictionary[name.id], firm.given(name.id, name.offset)
    match known_value:
        case Choices(codes=codes) if codes[0] == UNKNOWN:
            words = _words(pack, name.id, definition.values, known_value.values)
            return Trial(name, FactKind.CHOICE, np.arange(len(words), dtype=np.float64), words)
        case Truth() if known_value.is_open[0]:
            return Trial(name, FactKind.CONDITION, np.array([0.0, 1.0]))
        case Interval() if name.id == FOUNDED and firm.is_doubted[0]:  # earlier than was told
            values = np.arange(firm.year - _YEARS, float(known_value.high[0]) + 1.0)
            return Trial(name, FactKind.NUMBER, values, is_whole=True)
        case Interval() if known_value.is_open[0]:
            low, high = float(known_value.low[0]), float(known_value.high[0])
            values = _grid(low, high, definition, firm.year)
            return Trial(name, FactKind.NUMBER, values, is_whole=definition.is_integer)
        case _:
            return None


def _words(
    pack: Pack, fact: str, defined: tuple[str, ...], occurring: tuple[str, ...]
) -> tuple[str, ...]:
    """Return what a choice may be: the dictionary's values, those that occur, those weighed."""
    weighed: tuple[str, ...] = ()
    if pack.peers and fact == pack.peers.stage and pack.weights:
        weighed = tuple(pack.weights.by_stage)
    return tuple(dict.fromkeys((*defined, *occurring, *weighed)))


def _judged(name: Name, item: Indicator, firm: FactTable) -> Trial | None:
    """Return the points that an expert may give: whole ones and the ends of levels."""
    number, level = firm.numbers.get((name.id, 0)), firm.choices.get(name.id)
    if number is not None and number.low[0] == number.high[0]:
        return None
    if level is not None and level.codes[0] != UNKNOWN:
        return None
    ends = [end for levels in ranges_of(item) for end in levels]
    whole = np.arange(np.ceil(min(ends)), np.floor(max(ends)) + 1)
    return Trial(name, FactKind.NUMBER, np.unique([*ends, *whole]), is_whole=True)


def _chosen(name: Name, item: Indicator, firm: FactTable) -> Trial | None:
    known = firm.choices.get(name.id)
    if known is not None and known.codes[0] != UNKNOWN:
        return None
    words = tuple(option.id for option in item.below)
    return Trial(name, FactKind.CHOICE, np.arange(len(words), dtype=np.float64), words)


def _grid(low: float, high: float, definition: FactDefinition, year: int) -> Floats:
    """Return numbers between two ends, dense near zero and sparse far out."""
    start, stop = _DECADES.get(definition.unit, _OTHER_DECADES)
    sizes = np.logspace(start, stop, (stop - start) * _PER_DECADE + 1)
    if definition.unit == "year":
        return np.arange(max(low, year - _YEARS), min(high, year) + 1.0)
    if definition.unit not in _DECADES:
        sizes = np.append(sizes, np.arange(_MOST_WHOLE + 1.0))
    values = np.concatenate([sizes, [0.0, 1.0, low, high]])
    if low < 0:
        values = np.concatenate([-sizes, values])
    if definition.is_integer:
        values = np.round(values)
    return np.unique(values[(values >= low) & (values <= high) & np.isfinite(values)])
