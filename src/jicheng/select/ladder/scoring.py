"""Points of indicators as formulas: from which amounts on each level is reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jicheng.rules.expression.intervals import Floats, Interval
from jicheng.rules.expression.nodes import (
    Comparison,
    Count,
    Extreme,
    Floor,
    Literal,
    Name,
    Negative,
    Node,
    Relation,
)  # fmt: skip
from jicheng.rules.pack.model import (
    Additive,
    Banded,
    Cases,
    Combine,
    Extension,
    Formula,
    Indicator,
    Options,
    Parts,
)  # fmt: skip
from jicheng.rules.pack.names import chosen_fact
from jicheng.rules.score.bands import band_table
from jicheng.rules.score.evaluate import Evaluation
from jicheng.select.ladder.casing import (
    cells_of,
    certainly_among,
    complete,
    possibly_among,
)
from jicheng.select.ladder.forms import NotLinear
from jicheng.select.ladder.formula import (
    Best,
    Counted,
    Fixed,
    Kept,
    Points,
    Steps,
    Sum,
    all_of,
    any_of,
)  # fmt: skip
from jicheng.select.ladder.formula import Formula as Condition
from jicheng.select.ladder.translation import Translator

__all__ = ["Scorer"]


@dataclass(frozen=True)
class Scorer:
    """Turns indicators of one pack into points that depend on amounts.

    Attributes
    ----------
    translator : Translator
        For the expressions.
    evaluation : Evaluation
        Of today, for what nothing changes.
    """

    translator: Translator
    evaluation: Evaluation

    def points(self, indicator: Indicator) -> dict[str, Points]:
        """Return the points of an indicator and of those below it, by path; itself last."""
        below: dict[str, Points] = {}
        for each in indicator.below:
            below |= self.points(each)
        if not self.translator.reach.rule(indicator):
            found: Points = Fixed(self._today(indicator))
        else:
            found = self._by_rule(indicator, [below[each.path] for each in indicator.below])
            if indicator.cap is not None and not isinstance(found, Kept):
                found = Sum((found,), indicator.cap)
        return below | {indicator.path: found}

    def _today(self, indicator: Indicator) -> Floats:
        points = self.evaluation.points[indicator.path]
        return points.high if self.translator.is_favourable else points.low

    def _by_rule(self, indicator: Indicator, below: Sequence[Points]) -> Points:
        try:
            match indicator.rule:
                case Banded() as rule:
                    return self._banded(rule)
                case Cases() as rule:
                    return self._cases(rule)
                case Formula() as rule:
                    return self._formula(rule, indicator.max)
                case Additive() as rule:
                    parts = [self.translator.condition(each.root) for each in rule.of]
                    return Counted(rule.each, rule.cap, tuple(parts))
                case Parts():
                    return Sum(tuple(below))
                case Extension():
                    return Sum(tuple(below), indicator.max)
                case Options() as rule:
                    return Best(tuple(below), self._allowed(rule, indicator.path))
        except NotLinear:
            pass
        return self._as_today(indicator)

    def _as_today(self, indicator: Indicator) -> Points:
        """Return points that count only while nothing they depend on is changed."""
        actions = self.translator.reach.rule(indicator)
        self.translator.kept.add(indicator.path)
        least = 0.0
        if isinstance(indicator.rule, Banded | Cases):
            least = min(_levels_of(indicator.rule))
        return Kept(self._today(indicator), least, tuple(sorted(actions)))

    def _banded(self, rule: Banded) -> Points:
        table, of = band_table(rule.bands), self.translator.numbers.of(rule.of.root)
        if not all(bool(quotient.linear.all()) for _, quotient in of):
            return self._banded_where_linear(rule)
        pieces = cells_of(table)
        levels = sorted({points for _, _, points in pieces})
        formulas = []
        for level in levels[1:]:
            runs = _runs(pieces, level)
            formulas.append(
                any_of(*(self.translator.numbers.within(of, table, *run) for run in runs))
            )
        return Steps(tuple(levels), tuple(formulas))

    def _banded_where_linear(self, rule: Banded) -> Points:
        """Return the points where the number is not linear for every firm."""
        pieces = cells_of(band_table(rule.bands))
        levels = sorted({points for _, _, points in pieces})
        if any(len(_runs(pieces, level)) != 1 for level in levels[1:]):
            raise NotLinear
        formulas = []
        table = band_table(rule.bands)
        for level in levels[1:]:
            first, last = _runs(pieces, level)[0]
            limits: list[Condition] = []
            if first > 0:
                relation = Relation.AT_LEAST if first % 2 else Relation.ABOVE
                limits.append(self._limit(rule, relation, table.edges[(first - 1) // 2]))
            if last < 2 * len(table.edges):
                relation = Relation.AT_MOST if last % 2 else Relation.BELOW
                limits.append(self._limit(rule, relation, table.edges[last // 2]))
            formulas.append(all_of(*limits))
        return Steps(tuple(levels), tuple(formulas))

    def _limit(self, rule: Banded, relation: Relation, edge: float) -> Condition:
        return self.translator.condition(Comparison(relation, rule.of.root, Literal(float(edge))))

    def _cases(self, rule: Cases) -> Points:
        cases = complete(rule.cases)
        levels = sorted({case.low for case in cases})
        among = possibly_among if self.translator.is_favourable else certainly_among
        holds, fails = self.translator.cases(cases)
        formulas = [among(holds, fails, [c.low >= level for c in cases]) for level in levels[1:]]
        return Steps(tuple(levels), tuple(formulas))

    def _formula(self, rule: Formula, most: float) -> Points:
        """Return points by an expression that is a whole number, one level for each."""
        if not _is_whole(rule.of.root, self.translator):
            raise NotLinear
        levels = range(1, int(most) + 1)
        formulas = [
            self.translator.condition(Comparison(Relation.AT_LEAST, rule.of.root, Literal(level)))
            for level in map(float, levels)
        ]
        return Steps((0.0, *map(float, levels)), tuple(formulas))

    def _allowed(self, rule: Options, path: str) -> np.ndarray:
        """Tell which options count: the one that was chosen, else all."""
        facts = self.translator.reach.facts
        allowed = np.ones((len(rule.options), facts.n), dtype=bool)
        chosen = facts.choices.get(chosen_fact(self.evaluation.pack, path))
        if rule.combine is Combine.LARGEST or chosen is None:
            return allowed
        ids = [option.id for option in rule.options]
        is_known = np.array([value in ids for value in chosen.values] + [False])[chosen.codes]
        for place, option in enumerate(ids):
            code = chosen.values.index(option) if option in chosen.values else -2
            allowed[place] = ~is_known | (chosen.codes == code)
        return allowed


def _runs(pieces: Sequence[tuple[int, int, float]], level: float) -> list[tuple[int, int]]:
    """Return the longest stretches of cells with at least so many points."""
    runs: list[tuple[int, int]] = []
    for first, last, points in pieces:
        if points < level:
            continue
        if runs and runs[-1][1] + 1 == first:
            runs[-1] = (runs[-1][0], last)
        else:
            runs.append((first, last))
    return runs


def _levels_of(rule: Banded | Cases) -> list[float]:
    if isinstance(rule, Banded):
        return [points for _, _, points in cells_of(band_table(rule.bands))]
    return [0.0, *(case.low for case in rule.cases)]


def _is_whole(node: Node, translator: Translator) -> bool:
    """Whether a number is whole by its form."""
    match node:
        case Literal():
            return node.value == int(node.value)
        case Floor() | Count():
            return True
        case Extreme():
            return all(_is_whole(part, translator) for part in node.parts)
        case Negative():
            return _is_whole(node.of, translator)
        case Name():
            definition = translator.reach.facts.dictionary.get(node.id)
            known = translator.scope.value(node)
            return (
                definition is not None
                and definition.is_integer
                and isinstance(known, Interval)
                and all(bool((np.rint(end) == end).all()) for end in (known.low, known.high))
            )
    return False
