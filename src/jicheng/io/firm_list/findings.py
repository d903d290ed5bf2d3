"""What a pack says of each firm in a few words: verdict, points, what is missing, why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jicheng.errors import Text
from jicheng.io.firm_list.columns import FOUNDED, FROM_FOUNDATION
from jicheng.rules.expression.intervals import UNKNOWN, Choices, Flags, Interval, Truth
from jicheng.rules.expression.nodes import FOUNDED as FOUNDED_YEAR
from jicheng.rules.expression.nodes import Name
from jicheng.rules.facts.dictionary import Dictionary
from jicheng.rules.pack.model import Condition, Element, Extension, Indicator, Missing
from jicheng.rules.pack.names import JUDGED
from jicheng.rules.score.evaluate import FAIL, OPEN, PASS, VERDICTS, Evaluation
from jicheng.rules.score.gaps import missing_facts
from jicheng.rules.score.references import References
from jicheng.rules.score.wording import between, points_text

__all__ = ["Finding", "Findings", "fact_name"]

_MOST_FACTS = 4  # told beside a condition


@dataclass(frozen=True, slots=True)
class Finding:
    """One firm under one pack.

    Attributes
    ----------
    verdict : str
        ``pass``, ``fail`` or ``open``.
    low, high : float or None
        Points from-to; None for a pack without points.
    missing : tuple of Text
        Facts, and rules whose text is missing, on which something still hangs; what
        weighs most comes first.
    reasons : tuple of Text
        Why the verdict is what it is.
    """

    verdict: str
    low: float | None
    high: float | None
    missing: tuple[Text, ...]
    reasons: tuple[Text, ...]


def fact_name(name: Name, dictionary: Dictionary, year: int) -> Text:
    """Return what people call a fact, with its year if it has one."""
    fact = dictionary.get(name.id)
    if fact is None:
        return Text(name.id, name.id)
    if fact.name.startswith(f"{JUDGED}."):  # experts give it, nobody can look it up
        return Text(f"{fact.label.zh}（专家评分）", f"{fact.label.en} (experts)")
    if not fact.is_yearly:
        return fact.label
    return Text(f"{fact.label.zh} {year + name.offset}年", f"{fact.label.en} {year + name.offset}")


@dataclass(frozen=True)
class Findings:
    """What a pack says of all firms; made once, asked for each."""

    evaluation: Evaluation

    @cached_property
    def _facts(self) -> dict[str, tuple[Name, ...]]:
        """Facts that each element itself asks for, by path."""
        pack, dictionary = self.evaluation.pack, self.evaluation.facts.dictionary
        references = References(pack, dictionary)
        return {
            element.path: tuple(name for name in references.of(element) if name.id in dictionary)
            for element in pack.elements()
            if isinstance(element, Condition | Indicator)
        }

    @cached_property
    def _values(self) -> dict[Name, Interval | Truth | Choices]:
        """Values of each fact that the pack asks for."""
        facts = self.evaluation.facts
        return {name: facts.value(name.id, name.offset) for name in self._missing}

    @cached_property
    def _looked_at(self) -> dict[str, tuple[Name, ...]]:
        """Facts that each condition and all below it ask for, by path."""
        elements = self.evaluation.pack.elements()
        return {one.path: tuple(self._facts_below(one)) for one in elements
                if isinstance(one, Condition)}  # fmt: skip

    @cached_property
    def _missing(self) -> dict[Name, Flags]:
        """For each fact that the pack asks for, for whom it is missing."""
        names = dict.fromkeys(name for names in self._facts.values() for name in names)
        return missing_facts(self.evaluation.facts, names)

    def of(self, firm: int) -> Finding:
        """Return what the pack says of a firm.

        Parameters
        ----------
        firm : int
            Its place in the table of facts.
        """
        found = self.evaluation
        low = high = None
        if found.score is not None:
            low, high = float(found.score.low[firm]), float(found.score.high[firm])
        return Finding(
            VERDICTS[found.verdicts[firm]],
            low,
            high,
            tuple(self._missing_of(firm)),
            tuple(self._reasons(firm)),
        )

    def _missing_of(self, firm: int) -> Iterator[Text]:
        """Yield what is missing: first where conditions hang on it, then by points at stake."""
        stakes: dict[Name, tuple[int, float]] = {}
        rules: list[Element] = []
        settled = self.evaluation.verdicts[firm] != OPEN
        for element, points, is_condition in self._open(firm):
            if settled and element.path.startswith("direct/"):
                continue  # it could no longer change anything
            if isinstance(element, Condition) and element.when is None and not _below(element):
                rules.append(element)
            if isinstance(element, Indicator) and _is_unfilled(element):
                rules.append(element)
            for name in self._asked(element.path, firm):
                if self._missing[name][firm]:
                    conditions, sum_of_points = stakes.get(name, (0, 0.0))
                    stakes[name] = conditions + is_condition, sum_of_points + points
        facts = self.evaluation.facts
        ordered = sorted(stakes, key=lambda one: (-stakes[one][0], -stakes[one][1], str(one)))
        yield from dict.fromkeys(
            FOUNDED.label
            if name.id in FROM_FOUNDATION
            else fact_name(name, facts.dictionary, facts.year)
            for name in ordered
        )
        for element in rules:
            zh, en = element.name.zh, element.name.en
            yield Text(f"规则缺失：{zh}", f"rule missing: {en}")

    def _asked(self, path: str, firm: int) -> Iterator[Name]:
        """Yield the facts of an element, and the foundation where a figure contradicts it."""
        facts = self.evaluation.facts
        names = self._facts.get(path, ())
        yield from names
        if Name(FOUNDED_YEAR) not in names and any(
            (early := facts.early(one.id, one.offset)) is not None and early[firm] for one in names
        ):
            yield Name(FOUNDED_YEAR)

    def _open(self, firm: int) -> Iterator[tuple[Element, float, bool]]:
        """Yield the elements that are open for a firm, and the points at stake in each."""
        found = self.evaluation
        for element in found.pack.elements():
            truth, points = found.truths.get(element.path), found.points.get(element.path)
            if isinstance(element, Condition) and truth is not None and _is_open(truth, firm):
                is_needed = not element.path.startswith("direct/")
                yield element, 0.0, is_needed
            elif isinstance(element, Indicator) and points is not None:
                width = float(points.high[firm] - points.low[firm])
                if width > 0:
                    yield element, width, False

    def _reasons(self, firm: int) -> Iterator[Text]:
        found = self.evaluation
        verdict = found.verdicts[firm]
        for gate in found.pack.gates:
            yield from self._told(gate, firm, verdict)
        direct = [one for one in found.pack.direct if _holds(found.truths.get(one.path), firm)]
        for one in direct:
            yield Text(f"可直接通过：{one.name.zh}", f"direct pass: {one.name.en}")
        if not direct:
            for condition in found.pack.conditions:
                yield from self._told(condition, firm, verdict)
            if verdict == OPEN:
                yield from self._perhaps(firm)

    def _perhaps(self, firm: int) -> Iterator[Text]:
        """Yield which direct passes are still open."""
        found = self.evaluation
        names = [
            one.name
            for one in found.pack.direct
            if (truth := found.truths.get(one.path)) is not None and _is_open(truth, firm)
        ]
        if names:
            zh, en = "、".join(one.zh for one in names), ", ".join(one.en for one in names)
            yield Text(f"或可直接通过：{zh}", f"a direct pass is still open: {en}")

    def _told(self, element: Condition, firm: int, verdict: int) -> Iterator[Text]:
        """Yield why an element speaks against a firm or is open; for a pass what it rests on."""
        truth = self.evaluation.truths.get(element.path)
        if truth is None:
            return
        if not truth.possibly[firm]:
            said = Text("不符合", "fails")
        elif not truth.certainly[firm] and verdict != FAIL:
            said = Text("待定", "open")
        elif verdict == PASS and element.path.startswith("conditions/"):
            said = Text("符合", "holds")
        else:
            return
        name, seen = element.name, self._seen(element, firm)
        yield Text(f"{said.zh}：{name.zh}{seen.zh}", f"{said.en}: {name.en}{seen.en}")

    def _seen(self, element: Condition, firm: int) -> Text:
        """Return the values that a condition looks at, in brackets; empty without any."""
        told: list[Text] = []
        for label, points in self._results(element):
            figures = points_text(float(points.low[firm]), float(points.high[firm]))
            told.append(Text(f"{label.zh} {figures}", f"{label.en} {figures}"))
        told += self._facts_told(element, firm)
        if not told:
            return Text("", "")
        zh, en = "，".join(one.zh for one in told), ", ".join(one.en for one in told)
        return Text(f"（{zh}）", f" ({en})")

    def _facts_told(self, element: Condition, firm: int) -> Iterator[Text]:
        """Yield the facts below a condition, the years of each together, oldest first."""
        facts = self.evaluation.facts
        years: dict[str, list[Name]] = {}
        for name in self._looked_at[element.path]:
            if name.id != FOUNDED_YEAR:  # it only says which years count
                years.setdefault(name.id, []).append(name)
        for k, names in enumerate(years.values()):
            if k == _MOST_FACTS and len(years) > _MOST_FACTS + 1:
                more = len(years) - _MOST_FACTS
                yield Text(f"另有 {more} 项", f"and {more} more")
                return
            ordered = sorted(names, key=lambda one: one.offset)
            values = [self._value(name, firm) for name in ordered]
            label = fact_name(ordered[-1], facts.dictionary, facts.year)
            zh, en = "、".join(one.zh for one in values), ", ".join(one.en for one in values)
            if len(ordered) > 1:
                since = facts.year + ordered[0].offset
                label = Text(f"{facts.dictionary[names[0].id].label.zh} {since}年起",
                             f"{facts.dictionary[names[0].id].label.en} since {since}")  # fmt: skip
            yield Text(f"{label.zh} {zh}", f"{label.en} {en}")

    def _results(self, element: Condition) -> Iterator[tuple[Text, Interval]]:
        """Yield the points that a condition looks at: the score, a group, an indicator."""
        found = self.evaluation
        groups = {one.id: one.name for one in found.pack.groups}
        items = {one.id: one.name for one in found.pack.indicators}
        for name in () if element.when is None else element.when.names:
            place, _, rest = name.id.partition(".")
            points = {"group": found.groups.get(rest),
                      "indicator": found.points.get(f"indicators/{rest}"),
                      "score": found.score}.get(place)  # fmt: skip
            if points is not None:
                yield groups.get(rest) or items.get(rest) or Text("得分", "points"), points

    def _facts_below(self, element: Condition) -> dict[Name, None]:
        names = dict.fromkeys(self._facts.get(element.path, ()))
        for below in _below(element):
            names |= self._facts_below(below)
        return names

    def _value(self, name: Name, firm: int) -> Text:
        value = self._values[name]
        fact = self.evaluation.facts.dictionary.get(name.id)
        if isinstance(value, Interval):
            if self._missing[name][firm] and not np.isfinite(value.high[firm]):
                return Text("未知", "unknown")
            unit = fact.unit if fact is not None else ""
            return between(float(value.low[firm]), float(value.high[firm]), unit)
        if isinstance(value, Choices):
            code = int(value.codes[firm])
            if code == UNKNOWN:
                return Text("未知", "unknown")
            word = value.values[code]
            labels = {one.value: one.label for one in fact.choices} if fact is not None else {}
            return labels.get(word, Text(word, word))
        if _is_open(value, firm):
            return Text("未知", "unknown")
        return Text("是", "yes") if value.certainly[firm] else Text("否", "no")


def _below(element: Condition) -> tuple[Condition, ...]:
    return (*element.any_of, *element.all_of)


def _is_open(truth: Truth, firm: int) -> bool:
    return bool(truth.possibly[firm] and not truth.certainly[firm])


def _holds(truth: Truth | None, firm: int) -> bool:
    return truth is not None and bool(truth.certainly[firm])


def _is_unfilled(element: Indicator) -> bool:
    rule = element.rule
    return isinstance(rule, Missing) or (isinstance(rule, Extension) and not rule.parts)
