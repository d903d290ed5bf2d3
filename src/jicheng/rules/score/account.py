"""Findings about one subject: figures, thresholds, facts and where they come from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from jicheng.errors import Text
from jicheng.rules.expression.evaluation import MISSING
from jicheng.rules.expression.intervals import UNKNOWN, Choices, Interval
from jicheng.rules.expression.nodes import Comparison, Name
from jicheng.rules.expression.syntax import Expression
from jicheng.rules.pack.model import (
    Banded,
    Condition,
    Element,
    Formula,
    Indicator,
    Percentile,
    Transform,
)
from jicheng.rules.pack.names import JUDGED
from jicheng.rules.pack.rendering import pack_table
from jicheng.rules.pack.wording import Wording
from jicheng.rules.score.application import Application
from jicheng.rules.score.evaluate import ONE_GROUP, Evaluation
from jicheng.rules.score.finding import FactRow, Finding
from jicheng.rules.score.labels import Labels, truth_of
from jicheng.rules.score.percentile import PeerGroups
from jicheng.rules.score.references import References, is_judged
from jicheng.rules.score.sources import SourceRows
from jicheng.rules.score.wording import amount, between, points_text, say

__all__ = ["Account"]


@dataclass(eq=False)
class Account:
    """Makes the findings about one subject.

    Attributes
    ----------
    now : Evaluation
        Of that subject alone.
    labels : Labels
        Of the pack's facts.
    rows : SourceRows or None
        Of the zone.
    """

    now: Evaluation
    labels: Labels
    rows: SourceRows | None = None
    _thresholds: dict[str, Text] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        pack, facts = self.now.pack, self.now.facts
        self._references = References(pack, facts.dictionary)
        self._wording = Wording(pack, facts.dictionary)
        table = pack_table(pack, facts.dictionary)
        columns = zip(table["path"], table["rule_zh"], table["rule_en"], strict=True)
        self._thresholds = {path: Text(zh, en) for path, zh, en in columns}
        self._overlays = {each.file: each.name for each in pack.overlays}
        self._sides = Application(pack, facts)
        self._sides.names |= self.now.results
        self._flags: dict[str, list[str]] = {}
        for (path, flag), where in self.now.flags.items():
            if where[0]:
                self._flags.setdefault(path, []).append(flag)

    def finding(self, element: Condition | Indicator) -> Finding:
        """Return what an element and its parts say."""
        points = self.now.points.get(element.path)
        truth = self.now.truths.get(element.path)
        is_scored = points is not None and isinstance(element, Indicator)
        return Finding(
            path=element.path,
            name=element.name,
            status=element.status,
            numbers=element.numbers,
            value=self._value(element),
            threshold=self._threshold(element),
            truth="" if truth is None else truth_of(truth),
            low=None if points is None else float(points.low[0]),
            high=None if points is None else float(points.high[0]),
            most=self._most(element) if is_scored else None,
            flags=self._raised(element.path),
            facts=tuple(self.fact(name) for name in self._references.of(element)),
            below=tuple(self.finding(each) for each in _below(element)),
            note=element.note,
            file=element.file,
            line=element.line,
            overlay=self._overlays.get(element.file),
        )

    def leaves_ranges(self) -> bool:
        """Whether rules leave points open though all facts that they ask for are known."""
        return any(
            is_judged(element)
            and self.now.points[element.path].is_open[0]
            and not self._raised(element.path)
            for element in self.now.pack.elements()
            if isinstance(element, Indicator)
        )

    def _raised(self, path: str) -> tuple[str, ...]:
        """Return the flags of an element; what is missing only where it leaves it open."""
        found = self.now.truths.get(path) or self.now.points.get(path)
        is_open = found is not None and bool(found.is_open[0])
        flags = self._flags.get(path, [])
        return tuple(sorted(flag for flag in flags if is_open or flag != MISSING))

    def fact(self, name: Name) -> FactRow:
        """Return a fact with its value and source."""
        facts = self.now.facts
        known = facts.given(name.id, name.offset)
        points = facts.numbers.get((name.id, 0)) if name.id.startswith(f"{JUDGED}.") else None
        if points is not None and not np.isnan(points.low[0]):
            known = points  # an expert gave a number, not a level
        if isinstance(known, Choices | None):
            is_known = known is not None and known.codes[0] != UNKNOWN
        else:
            is_known = not known.is_open[0]
        source = facts.sources.get(name.id) if name.offset == 0 else None
        definition = self.labels.definition(name.id)
        return FactRow(
            name=name,
            label=self.labels.label(name, facts.year),
            value=self.labels.value(name, known),
            is_known=bool(is_known),
            source="" if source is None else str(source[0] or ""),
            rows=() if self.rows is None else self.rows.of(name, definition),
        )

    def counted_twice(self) -> bool:
        """Whether a fact that is not known counts in more than one place."""
        seen: set[Name] = set()
        for element in self.now.pack.elements():
            if not isinstance(element, Condition | Indicator):
                continue
            for name in self._references.of(element):
                if name in seen and not self.fact(name).is_known:
                    return True
                seen.add(name)
        return False

    def _value(self, element: Element) -> Text | None:
        match element:
            case Indicator(rule=Banded(of=of) | Formula(of=of) | Percentile(of=of)):
                return self._amount(self.now.values.get(element.path), of)
            case Condition(when=Expression(root=Comparison(left=left)) as when):
                side = Expression(when.text, left, when.where)
                return self._amount(self._sides.number(side, element.path), side)
            case _:
                return None

    def _amount(self, values: Interval | None, of: Expression) -> Text | None:
        if values is None:
            return None
        unit = self._wording.unit_of(of)
        return between(float(values.low[0]), float(values.high[0]), unit)

    def _threshold(self, element: Element) -> Text:
        told = self._thresholds.get(element.path, Text("", ""))
        if isinstance(element, Indicator) and isinstance(element.rule, Percentile):
            peers = self._peers(element, element.rule)
            return (
                told if peers is None else Text(f"{told.zh}；{peers.zh}", f"{told.en}; {peers.en}")
            )
        return told

    def _peers(self, element: Indicator, rule: Percentile) -> Text | None:
        """Say between which values of its peers points are earned."""
        quantiles = self.now.peers
        if quantiles is None:
            return None
        peers = self.now.pack.peers or ONE_GROUP
        groups = PeerGroups.of(peers, self.now.facts, frozen=quantiles)
        if not groups.is_known[0]:
            return None
        table, group = quantiles.tables[element.path], (int(groups.stage[0]), int(groups.field[0]))
        low, high, n = table.low[group], table.high[group], int(table.counts[group])
        if np.isnan(low):
            return say("no_peers")
        unit = self._wording.unit_of(rule.of)
        back = np.expm1 if rule.transform is Transform.LOG else np.positive
        ends = {"low": amount(float(back(low)), unit), "high": amount(float(back(high)), unit)}
        most = points_text(self._most(element))
        return say("peers" if high > low else "peers_step", n=n, most=most, **ends)

    def _most(self, element: Element) -> float:
        """Return the most points: in its stage, where weights differ by stage."""
        if not isinstance(element, Indicator):
            return 0.0
        weights = self.now.pack.weights
        if not isinstance(element.rule, Percentile) or weights is None or not weights.by_stage:
            return element.max
        given = self.now.facts.choices.get(self.now.pack.peers.stage if self.now.pack.peers else "")
        stage = "" if given is None or given.codes[0] == UNKNOWN else given.values[given.codes[0]]
        return weights.by_stage.get(stage, {}).get(element.id, element.max)


def _below(element: Condition | Indicator) -> tuple[Condition | Indicator, ...]:
    if isinstance(element, Indicator):
        return element.below
    return (*element.any_of, *element.all_of)
