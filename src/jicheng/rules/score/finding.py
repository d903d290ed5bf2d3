"""What one element of a pack says of one subject."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jicheng.errors import Text
from jicheng.rules.expression.nodes import Name
from jicheng.rules.pack.model import Provenance
from jicheng.rules.score.wording import points_text, say

__all__ = ["FactRow", "Finding", "SourceRow"]


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row of a zone's table that a fact was read from.

    ``key`` names it, ``values`` is what it says, ``source`` and ``as_of`` are its own
    columns; empty = not said.
    """

    table: str
    key: str
    values: str
    source: str
    as_of: str


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact as it is known.

    Attributes
    ----------
    name : Name
        Fact and year.
    label, value : Text
        For people to read.
    is_known : bool
        Whether exactly.
    source : str
        Where the list of facts has it from; empty = not said.
    rows : tuple of SourceRow
        Of the zone, where one was given.
    """

    name: Name
    label: Text
    value: Text
    is_known: bool
    source: str = ""
    rows: tuple[SourceRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What one element says.

    Attributes
    ----------
    path : str
        Of the element.
    name : Text
        In both languages.
    status, numbers : Provenance
        How the element, and its figures, are known.
    value : Text or None
        What the rule looks at, with its unit; None if that is no single number.
    threshold : Text
        What the rule asks for.
    truth : str
        ``true``, ``false``, ``unknown``; empty for points.
    low, high, most : float or None
        Points and how many there may be; None for a condition.
    flags : tuple of str
        ``missing``, ``zero_denominator``, ``not_judged`` ...
    facts : tuple of FactRow
        Facts that it asks for itself.
    below : tuple of Finding
        Of its parts.
    note : Text or None
        The pack's remark.
    file : str
    line : int
        Where the pack, or an overlay, says so.
    overlay : Text or None
        Name of the overlay that says so; None for the pack itself.
    """

    path: str
    name: Text
    status: Provenance
    numbers: Provenance
    value: Text | None
    threshold: Text
    truth: str
    low: float | None
    high: float | None
    most: float | None
    flags: tuple[str, ...]
    facts: tuple[FactRow, ...]
    below: tuple[Finding, ...]
    note: Text | None
    file: str
    line: int
    overlay: Text | None = None

    @property
    def result(self) -> Text:
        """Its truth, or its points."""
        if self.low is None or self.high is None or self.most is None:
            return say(self.truth)
        points = points_text(self.low, self.high)
        return say("points", points=points, most=points_text(self.most))

    @property
    def remarks(self) -> tuple[Text, ...]:
        """Its flags in words."""
        return tuple(say(f"flag_{flag}") for flag in self.flags)

    def all(self) -> Iterator[Finding]:
        """Go through it and everything below, parents first."""
        yield self
        for each in self.below:
            yield from each.all()
