"""A rule pack: gates, indicators, pass conditions, each with its provenance.

A pack is data. Everything here is what :mod:`jicheng.rules.pack.reading` makes of a YAML
file; every element knows the line it stands on.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from jicheng.errors import Text
from jicheng.rules.expression.syntax import Expression

__all__ = [
    "Additive", "Band", "Banded", "Case", "Cases", "Combine", "Condition", "Definition", "Element",
    "Extension", "Formula", "Group", "Indicator", "Judged", "Missing", "Options", "Overlay", "Pack",
    "PackKind", "Parts", "Peers", "Percentile", "Provenance", "Rule", "Side", "Source", "Subject",
    "Transform", "Weights", "indicators_of",
]  # fmt: skip


class Provenance(StrEnum):
    """How an element is known; unverified and missing ones make a pack a draft."""

    VERIFIED = "verified"  # seen in a published text
    UNVERIFIED = "unverified"  # recalled, or at second hand
    OURS = "ours"  # our own choice, never official
    MISSING = "missing"


class PackKind(StrEnum):
    """What a pack decides."""

    QUALIFICATION = "qualification"  # a title that is held
    POINTS = "points"  # a score and a rank
    ELIGIBILITY = "eligibility"  # who may take part or benefit


class Subject(StrEnum):
    """Whom a pack judges."""

    ORGANISATION = "organisation"
    PERSON = "person"
    CONSORTIUM = "consortium"


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """What every element of a pack has.

    Attributes
    ----------
    id : str
        Unique among its siblings.
    path : str
        Section and ids down to it, unique in the pack: ``gates/age``, ``indicators/ip/count``,
        ``conditions/total``, ``direct/hte``, ``definitions/tech_fields``.
    name : Text
        In both languages.
    status : Provenance
        Of the element.
    numbers : Provenance
        Of its figures (bands, cases, points), where they are less certain; else as ``status``.
    note : Text or None
        A remark for readers.
    line : int
        In the pack's file (or the overlay's), from 1.
    file : str
        The file it stands in: an overlay's elements name the overlay.
    """

    id: str
    path: str
    name: Text
    status: Provenance
    numbers: Provenance
    note: Text | None = None
    line: int = 0
    file: str = ""


class Side(StrEnum):
    """Which side of a bound is in the band."""

    AT_LEAST = "ge"
    ABOVE = "gt"
    AT_MOST = "le"
    BELOW = "lt"
    OTHERWISE = "otherwise"


@dataclass(frozen=True, slots=True)
class Band:
    """One band: ``low`` to ``high`` points for values on the right side of the bound.

    In a definition ``low`` and ``high`` are the same value.
    """

    side: Side
    bound: float  # nan for otherwise
    low: float
    high: float
    line: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """Points (in a definition a value) where a condition holds; None = otherwise."""

    when: Expression | None
    low: float
    high: float
    line: int = 0


@dataclass(frozen=True, slots=True)
class Banded:
    """Points by the band in which a number lies; the first match counts."""

    of: Expression
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class Cases:
    """Points by the first case that holds."""

    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """Points by an expert's level.

    Attributes
    ----------
    levels : tuple of (str, float, float)
        Level, lowest and highest points.
    names : tuple of Text
        Of the levels, for people to read.
    """

    levels: tuple[tuple[str, float, float], ...]
    names: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Formula:
    """Points straight from an expression, kept within 0 and the indicator's maximum."""

    of: Expression


@dataclass(frozen=True, slots=True)
class Additive:
    """``each`` points for every condition that holds, ``cap`` at most."""

    each: float
    cap: float
    of: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """The sum of parts."""

    parts: tuple[Indicator, ...]


class Combine(StrEnum):
    """How one of several options counts."""

    CHOOSE = "choose_one"  # the applicant says which: fact ``chosen.<pack>.<path>``
    LARGEST = "max"


@dataclass(frozen=True, slots=True)
class Options:
    """One of several ways to score."""

    options: tuple[Indicator, ...]
    combine: Combine


@dataclass(frozen=True, slots=True)
class Extension:
    """Points that a province, city or zone fills with indicators of its own (an overlay)."""

    filled_by: str
    least: int
    most: int
    parts: tuple[Indicator, ...] = ()


class Transform(StrEnum):
    """How a value enters a percentile score."""

    LOG = "log1p"
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True)
class Percentile:
    """Points by where a value lies among the values of its peers."""

    of: Expression
    transform: Transform


@dataclass(frozen=True, slots=True)
class Missing:
    """Points are known to exist and how they come about is not: anything up to the maximum."""


Rule: TypeAlias = (
    Banded
    | Cases
    | Judged
    | Formula
    | Additive
    | Parts
    | Options
    | Extension
    | Percentile
    | Missing
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator(Element):
    """Points for one thing.

    Attributes
    ----------
    max : float
        Most points. Of a percentile indicator without a figure of its own: its largest weight,
        or an equal share of the total while weights are missing.
    cap : float or None
        Where the sum of parts is cut off.
    group : str
        Id of its group; empty = none.
    rule : Rule
        How the points come about.
    is_bonus : bool
        Whether its points come on top of the pack's total.
    """

    max: float
    rule: Rule
    cap: float | None = None
    group: str = ""
    is_bonus: bool = False

    @property
    def below(self) -> tuple[Indicator, ...]:
        """Return its parts, options or the local indicators that fill it."""
        if isinstance(self.rule, Parts | Extension):
            return self.rule.parts
        return self.rule.options if isinstance(self.rule, Options) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition(Element):
    """A gate, a pass condition or a direct pass: ``when`` must hold.

    ``when`` is None where the text of the rule is missing: it is unknown for everybody.
    ``any_of`` and ``all_of`` hold conditions below it instead of ``when``.
    """

    when: Expression | None = None
    any_of: tuple[Condition, ...] = ()
    all_of: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition(Element):
    """A name for use in expressions, or a rule in words (then only its note says it).

    Attributes
    ----------
    choices : tuple of str
        Values of a fact that is one of several.
    value : Expression or None
        A number or an expression.
    rule : Banded, Cases or None
        A value by bands or cases.
    unit : str
        Of the value; empty = none told.
    """

    choices: tuple[str, ...] = ()
    value: Expression | None = None
    rule: Banded | Cases | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Element):
    """A group of indicators, to sum and to name."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Points of each indicator in each stage; sums to the pack's total in every stage.

    ``by_stage`` maps stage to indicator to points. Empty = missing: then equal, and called
    demo weights.
    """

    by_stage: dict[str, dict[str, float]]
    status: Provenance
    line: int = 0


@dataclass(frozen=True, slots=True)
class Peers:
    """Among whom percentiles are taken.

    Attributes
    ----------
    stage, field : str
        Facts (choices) that tell stages and fields apart.
    small_group : int
        Members below which a group borrows from all firms of its stage.
    low, high : float
        Quantiles at which a score is 0 and 1.
    status : Provenance
        Of these.
    """

    stage: str
    field: str
    small_group: int
    low: float
    high: float
    status: Provenance


@dataclass(frozen=True, slots=True)
class Source:
    """A text that a pack rests on."""

    title: str
    url: str
    supports: str


@dataclass(frozen=True, slots=True)
class Overlay:
    """A file that filled or overrode elements of a pack.

    Attributes
    ----------
    file : str
        Where it was read from.
    name : Text
        In both languages.
    issuer, document : str
        Who says so, in which document; empty = missing.
    """

    file: str
    name: Text
    issuer: str = ""
    document: str = ""


@dataclass(frozen=True, kw_only=True)
class Pack:
    """Rules with their version and provenance.

    Attributes
    ----------
    id, version : str
        Together they name the pack: ``cn.hte@2016``.
    name : Text
        In both languages.
    kind, subject
        What it decides, and on whom.
    jurisdiction, issuer, document : str
        Where it holds, who issued it, which document; empty = missing.
    valid_from, valid_until : date or None
        When it is in force; None = not known, or open.
    total : float
        Points without bonus; 0 = a pack without points.
    is_integer : bool
        Whether points are whole numbers.
    allows_local : bool
        Whether an overlay may add indicators.
    grants : str
        Kind of qualification that a pass gives (``qualifications.kind``); empty = none.
    grant_years : float or None
        Years for which it is valid.
    definitions, groups, gates, indicators, conditions, direct
        Elements; ``conditions`` are pass conditions (all must hold), ``direct`` direct passes.
    peers, weights
        For percentile scores; None without any.
    missing : tuple of Element
        Elements that are known to exist and whose content is missing.
    head : dict of str to Provenance
        Status of issuer, document, validity and the like.
    sources : tuple of Source
        What it rests on.
    file : str
        Where it was read from.
    overlays : tuple of Overlay
        Files that filled or overrode elements, in order.
    note : Text or None
        A remark for readers.
    """

    id: str
    version: str
    name: Text
    kind: PackKind
    subject: Subject = Subject.ORGANISATION
    jurisdiction: str = ""
    issuer: str = ""
    document: str = ""
    valid_from: datetime.date | None = None
    valid_until: datetime.date | None = None
    total: float = 0.0
    is_integer: bool = False
    allows_local: bool = False
    grants: str = ""
    grant_years: float | None = None
    definitions: tuple[Definition, ...] = ()
    groups: tuple[Group, ...] = ()
    gates: tuple[Condition, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    conditions: tuple[Condition, ...] = ()
    direct: tuple[Condition, ...] = ()
    peers: Peers | None = None
    weights: Weights | None = None
    missing: tuple[Element, ...] = ()
    head: dict[str, Provenance] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    file: str = ""
    overlays: tuple[Overlay, ...] = ()
    note: Text | None = None

    @property
    def key(self) -> str:
        """Return ``id@version``."""
        return f"{self.id}@{self.version}"

    def elements(self) -> Iterator[Element]:
        """Go through all elements of all depths, parents first, in the order of the file."""
        yield from self.definitions
        yield from self.groups
        for gate in self.gates:
            yield from _conditions(gate)
        for indicator in self.indicators:
            yield from indicators_of(indicator)
        for condition in (*self.conditions, *self.direct):
            yield from _conditions(condition)
        yield from self.missing

    def statuses(self) -> tuple[Provenance, ...]:
        """Return the provenance of everything the pack says: head, elements, their figures."""
        more = [part.status for part in (self.peers, self.weights) if part is not None]
        of_elements = [s for e in self.elements() for s in (e.status, e.numbers)]
        return (*self.head.values(), *of_elements, *more)

    @property
    def is_draft(self) -> bool:
        """Whether anything is unverified or missing: then results are called draft rules."""
        return not _CERTAIN.issuperset(self.statuses()) or self.has_demo_weights

    @property
    def has_demo_weights(self) -> bool:
        """Whether percentile indicators are weighed equally or by our own choice."""
        if not any(isinstance(one.rule, Percentile) for one in self.indicators):
            return False
        weights = self.weights
        return weights is None or not weights.by_stage or weights.status is Provenance.OURS


_CERTAIN = frozenset({Provenance.VERIFIED, Provenance.OURS})


def indicators_of(indicator: Indicator) -> Iterator[Indicator]:
    """Go through an indicator and all below it, parents first."""
    yield indicator
    for below in indicator.below:
        yield from indicators_of(below)


def _conditions(condition: Condition) -> Iterator[Condition]:
    yield condition
    for below in (*condition.any_of, *condition.all_of):
        yield from _conditions(below)
