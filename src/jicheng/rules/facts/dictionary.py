"""The facts that packs may ask for: one dictionary for all of them.

``dictionary.csv`` is data: a fact is a line with its kind, unit, natural range, where it
comes from (``origin``) and what it is called in both languages. Origins:

* ``indicator``: table ``indicators``, whose code is the name of the fact;
* ``organisation:<attribute>``, ``person:<attribute>``: a column of that table;
* ``organisation_age_months:founded``: months since the foundation, an interval of 12;
* ``qualification:<kind>``, ``qualification_age:<kind>``, ``qualification_rank:<kind>``:
  whether a title is held on the day looked at, calendar years since it was given (infinite
  = never), and the place in the list of winners then, both of the same award; with several
  awards, or a list that is not complete, they are intervals (:mod:`.from_zone`);
* ``derived``: ``of`` is an expression over other facts;
* ``judged`` and ``input``: nobody but a person knows; read from ``indicators`` too.

Choices are a list of ``schema/choices.csv`` or values divided by ``;``.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from jicheng.checks.cycles import find_cycles
from jicheng.conform import nearest
from jicheng.errors import InvalidInput, Text, Where, fault
from jicheng.rules.expression.syntax import Expression, parse
from jicheng.schema import Choice, choices

__all__ = ["Dictionary", "FactDefinition", "FactKind", "fact_dictionary"]

_FILE = "dictionary.csv"


class FactKind(StrEnum):
    """What values a fact has."""

    NUMBER = "number"
    CONDITION = "condition"  # true or false
    CHOICE = "choice"  # one of several values


@dataclass(frozen=True, slots=True, kw_only=True)
class FactDefinition:
    """One fact.

    Attributes
    ----------
    name : str
        As expressions and the table ``indicators`` write it.
    kind : FactKind
        What values it has.
    label, help : Text
        What people call it, and what exactly is meant.
    unit : str
        Of a number: CNY, persons, count, ratio, years, months, points, rank, level.
    is_yearly : bool
        Whether it has a value for each year.
    minimum, maximum : float
        Natural range of a number: what a missing one may be.
    choices : tuple of Choice
        Values of a choice.
    is_integer : bool
        Whether a number is whole.
    origin : str
        Where it comes from, see the module.
    of : Expression or None
        What a derived fact follows from.
    """

    name: str
    kind: FactKind
    label: Text
    help: Text = Text("", "")  # noqa: RUF009 - frozen
    unit: str = ""
    is_yearly: bool = False
    minimum: float = -math.inf
    maximum: float = math.inf
    choices: tuple[Choice, ...] = ()
    is_integer: bool = False
    origin: str = "input"
    of: Expression | None = None

    @property
    def values(self) -> tuple[str, ...]:
        """Values of a choice, without labels."""
        return tuple(choice.value for choice in self.choices)


class Dictionary(Mapping[str, FactDefinition]):
    """Facts by name; derived ones never lead back to themselves.

    Raises
    ------
    InvalidInput
        E909 if a derived fact follows from a name that is none, E912 for cycles.
    """

    def __init__(self, facts: Iterable[FactDefinition]) -> None:
        self._facts = {fact.name: fact for fact in facts}
        rules = [fact for fact in self._facts.values() if fact.of is not None]
        arrows = [
            (rule.name, name.id) for rule in rules for name in (rule.of.names if rule.of else ())
        ]
        faults = [
            fault("E909", where=Where(_FILE, column=rule), name=name, near=self.nearest(name))
            for rule, name in dict.fromkeys(arrows)
            if name not in self._facts
        ]
        faults += [
            fault("E912", where=Where(_FILE, column=cycle[0]), nodes=" → ".join(cycle))
            for cycle in find_cycles(arrows)
        ]
        if faults:
            raise InvalidInput(faults)

    def __getitem__(self, name: str) -> FactDefinition:
        return self._facts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def nearest(self, name: str) -> str:
        """Return the names closest to one, for a sentence "did you mean"."""
        return nearest(name, list(self._facts), otherwise="—")

    def with_facts(self, facts: Iterable[FactDefinition]) -> Dictionary:
        """Return a dictionary with some facts more, or others under the same name."""
        more = {fact.name: fact for fact in facts}
        return Dictionary({**self._facts, **more}.values()) if more else self


@cache
def fact_dictionary() -> Dictionary:
    """Return the dictionary that ships."""
    text = resources.files("jicheng.rules.facts").joinpath(_FILE).read_text("utf-8")
    return Dictionary(
        _definition(row, line) for line, row in enumerate(csv.DictReader(text.splitlines()), 2)
    )


def _definition(row: dict[str, str], line: int) -> FactDefinition:
    where = Where(_FILE, row=line, column=row["fact"])
    return FactDefinition(
        name=row["fact"],
        kind=FactKind(row["kind"]),
        label=Text(row["zh"], row["en"]),
        help=Text(row["description_zh"], row["description"]),
        unit=row["unit"],
        is_yearly=row["yearly"] == "true",
        minimum=float(row["minimum"]) if row["minimum"] else -math.inf,
        maximum=float(row["maximum"]) if row["maximum"] else math.inf,
        choices=_choices(row["choices"]),
        is_integer=row["integer"] == "true",
        origin=row["origin"],
        of=parse(row["of"], where=where) if row["of"] else None,
    )


def _choices(text: str) -> tuple[Choice, ...]:
    if text in choices():
        return choices()[text]
    return tuple(Choice(value, Text(value, value)) for value in text.split(";") if value)
