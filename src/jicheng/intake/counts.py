"""How many records were joined, and by what."""

from __future__ import annotations

from collections import Counter

from jicheng.intake.same_names import PROGRAM
from jicheng.integrate.resolve.disjoint import DisjointSets
from jicheng.integrate.resolve.resolution import Resolution

__all__ = ["joins_by"]

_IDENTIFIERS = ("credit_code", "lei", "ror", "orcid", "serial")
_ORDER = {"person": 0, "identifier": 1, "likeness": 2}


def joins_by(found: Resolution) -> Counter[str]:
    """Return how many joins rest on a person's word, an identifier, or likeness.

    Of the links that join the same records the strongest counts, so that records less
    entities is the sum.
    """
    first = dict(found.members.iter_rows())
    by_people = any(row.who != PROGRAM for row in found.judgements.held())
    ids = found.records.table["id"]
    links = sorted(
        (_ORDER[basis], left, right, basis)
        for left, right, kind in found.links.select("left", "right", "kind").iter_rows()
        for basis in (_basis(kind, by_people=by_people),)
    )
    joined = DisjointSets[int]()
    counts: Counter[str] = Counter()
    for _, left, right, basis in links:
        if first[ids[left]] != first[ids[right]]:
            continue  # refused
        if joined.join(left, right):
            counts[basis] += 1
    return counts


def _basis(kind: str, *, by_people: bool) -> str:
    if kind == "person":
        return "person" if by_people else "likeness"
    return "identifier" if kind in _IDENTIFIERS else "likeness"
