"""What facts are called, and their values in words."""

from __future__ import annotations

from dataclasses import dataclass

from jicheng.errors import Text
from jicheng.rules.expression.intervals import UNKNOWN, Choices, Interval, Truth
from jicheng.rules.expression.nodes import Name
from jicheng.rules.facts.dictionary import Dictionary, FactDefinition
from jicheng.rules.pack.expressions import facts_needed
from jicheng.rules.pack.model import Pack
from jicheng.rules.pack.names import JUDGED
from jicheng.rules.score.wording import MANY, between, say

__all__ = ["Labels", "truth_of"]


@dataclass(frozen=True, eq=False)
class Labels:
    """What facts and elements of a pack are called, the pack's own facts included."""

    pack: Pack
    dictionary: Dictionary

    @classmethod
    def of(cls, pack: Pack, dictionary: Dictionary) -> Labels:
        """Take in the judgements and choices that the pack needs."""
        more = [each for each in facts_needed(pack, dictionary) if each.name not in dictionary]
        return cls(pack, dictionary.with_facts(more))

    def definition(self, name: str) -> FactDefinition | None:
        """Return what is known of a fact in general."""
        return self.dictionary.get(name)

    def label(self, name: Name, year: int) -> Text:
        """Return what a fact is called, with its year if that is another one."""
        fact = self.definition(name.id)
        plain = Text(name.id, name.id) if fact is None else fact.label
        if name.id.startswith(f"{JUDGED}."):
            plain = say("judged", name=plain)
        return plain if name.offset == 0 else say("year", name=plain, year=year + name.offset)

    def value(self, name: Name, known: Interval | Truth | Choices | None) -> Text:
        """Return the value of one subject's fact."""
        fact = self.definition(name.id)
        match known:
            case Interval():
                low, high = float(known.low[0]), float(known.high[0])
                if fact is not None and low < high and (low, high) == (fact.minimum, fact.maximum):
                    return say("not_known")
                return between(low, high, "" if fact is None else fact.unit, digits=MANY)
            case Truth():
                return say(truth_of(known))
            case Choices() if known.codes[0] != UNKNOWN:
                return self.word(name.id, known.values[int(known.codes[0])])
            case _:
                return say("not_known")

    def word(self, fact: str, value: str) -> Text:
        """Return what a value of a choice is called."""
        definition = self.definition(fact)
        labels = {} if definition is None else {c.value: c.label for c in definition.choices}
        return labels.get(value, Text(value, value))


def truth_of(truth: Truth) -> str:
    """Return ``true``, ``false`` or ``unknown`` of the first subject."""
    if truth.certainly[0]:
        return "true"
    return "unknown" if truth.possibly[0] else "false"
