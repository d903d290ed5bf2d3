"""A rule pack: gates, indicators, pass conditions, each with its provenance.

A pack is data. Everything here is what :mod:`jicheng.rules.pack.reading` makes of a YAML
file; every element knows the line it stands on.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from jicheng.errors import Text
from jicheng.rules.expression.syntax import Expression

__all__ = [
    "Additive", "Band", "Banded", "Case", "Cases", "Combine", "Condition", "Definition", "Element",
    "Extension", "Formula", "Group", "Indicator", "Judged", "Options", "Pack", "PackKind", "Parts",
    "Peers", "Percentile", "Provenance", "Rule", "Side", "Source", "Subject", "Transform", "Weights",
]  # fmt: skip


class Provenance(StrEnum):
    """How an element is known; only ``verified`` lets a result go without the word draft."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    OURS = "ours"
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
        Unique among its siblings; its path in the pack is unique.
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
    """One band: ``low`` to ``high`` points for values on the right side of the bound."""

    side: Side
    bound: float  # nan for otherwise
    low: float
    high: float
    line: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """Points where a condition holds; None = otherwise."""

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
    """Points by an expert's level: ``levels`` maps it to lowest and highest points."""

    levels: tuple[tuple[str, float, float], ...]


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


Rule: TypeAlias = (
    Banded | Cases | Judged | Formula | Additive | Parts | Options | Extension | Percentile
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator(Element):
    """Points for one thing.

    Attributes
    ----------
    max : float
        Most points.
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
    """A name for use in expressions: a list of choices, a number, or an expression."""

    choices: tuple[str, ...] = ()
    value: Expression | None = None


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
    overlays : tuple of str
        Files that filled or overrode elements, in order.
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
    overlays: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return ``id@version``."""
        return f"{self.id}@{self.version}"
