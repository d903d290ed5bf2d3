"""How much a text of each kind and each role in it says: data, not code."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from jicheng.errors import Text

__all__ = ["EvidenceKind", "evidence_kinds", "kind_of", "role_shares"]


@dataclass(frozen=True, slots=True)
class EvidenceKind:
    """A kind of evidence.

    Attributes
    ----------
    id : str
        Stable name.
    kind : str
        Kind of text that it is made of.
    number : str
        Pattern that the number of the text must contain; empty: any.
    weight : float
        Strength of a new text whose capability is certain, > 0.
    half_life : float
        Years after which it counts half, > 0.
    label : Text
        What people call it.
    """

    id: str
    kind: str
    number: str
    weight: float
    half_life: float
    label: Text


def _rows(name: str) -> list[dict[str, str]]:
    file = resources.files("jicheng.integrate.profile").joinpath(name)
    return list(csv.DictReader(file.read_text("utf-8").splitlines()))


@cache
def evidence_kinds() -> tuple[EvidenceKind, ...]:
    """Return the kinds of evidence, special ones before the general one of their kind."""
    return tuple(
        EvidenceKind(
            row["id"], row["kind"], row["number"], float(row["weight"]), float(row["half_life"]),
            Text(row["zh"], row["en"]),
        )
        for row in _rows("evidence_kinds.csv")
    )  # fmt: skip


@cache
def role_shares() -> dict[str, float]:
    """Return the share in which a text counts for a party, by its role."""
    return {row["role"]: float(row["share"]) for row in _rows("roles.csv")}


def kind_of(kind: str, number: str | None) -> EvidenceKind:
    """Return what a text is as evidence.

    Examples
    --------
    >>> kind_of("patent", "CN109876543B").id, kind_of("patent", None).id
    ('patent_granted', 'patent')
    """
    plain = re.sub(r"\s", "", number or "")
    fitting = [one for one in evidence_kinds() if one.kind == kind]
    special = (one for one in fitting if one.number and re.search(one.number, plain))
    general = (one for one in fitting if not one.number)
    return next(special, None) or next(general)
