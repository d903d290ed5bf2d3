"""What people decided about who takes part: locks on consortia.

A lock binds the search and never a signed consortium. Where a challenge is named, ``*``
stands for all of them; where exposure is capped, an organisation's id or a group of
organisations, written ``column=value`` (``kind=university``, ``site=site:west``), whose
members together may fill so many places. A lock that names what does not exist, or two
that contradict each other, are refused before anything is computed.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from jicheng.errors import Fault, InvalidInput, Text, Where, fault

__all__ = ["ALL", "GROUPED_BY", "KINDS", "Known", "Locks", "check_locks", "lock_text"]

ALL = "*"
"""Stands for every challenge."""

KINDS: Mapping[str, Text] = {
    "small": Text("中小微企业", "a small firm"),
    "outside": Text("区外成员", "a partner from outside the zone"),
}
"""Kinds of members that a challenge can be required to have, with their names."""

GROUPED_BY = ("kind", "size", "site", "region", "country", "zone", "field", "industry", "tier")
"""Columns of the table ``organisations`` by which groups can be capped."""

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Locks:
    """Decisions of people about consortia; each may be given in any order.

    Attributes
    ----------
    lock_in : tuple of (challenge, organisation)
        The organisation takes part.
    lock_out : tuple of (challenge or ``*``, organisation)
        It does not.
    forbid : tuple of (organisation, organisation)
        The two are never in one consortium.
    require : tuple of (challenge or ``*``, ``small`` or ``outside``)
        At least one member is a small or micro firm, or from outside the zone.
    exposure : mapping of str to int
        Most consortia of an organisation, or most places of a group
        (``column=value``), signed consortia included.
    """

    lock_in: Pairs = ()
    lock_out: Pairs = ()
    forbid: Pairs = ()
    require: Pairs = ()
    exposure: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Put every list in order, so that the order of writing changes nothing."""
        for name in ("lock_in", "lock_out", "forbid", "require"):
            pairs = {tuple(pair) for pair in getattr(self, name)}
            if name == "forbid":
                pairs = {tuple(sorted(pair)) for pair in pairs}
            object.__setattr__(self, name, tuple(sorted(pairs)))
        object.__setattr__(self, "exposure", dict(sorted(self.exposure.items())))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is decided."""
        return not any(getattr(self, one.name) for one in fields(self))

    def joined(self, other: Locks) -> Locks:
        """Return both together; of two caps the lower holds."""
        caps = dict(self.exposure)
        for name, most in other.exposure.items():
            caps[name] = min(most, caps.get(name, most))
        return Locks(
            self.lock_in + other.lock_in,
            self.lock_out + other.lock_out,
            self.forbid + other.forbid,
            self.require + other.require,
            caps,
        )

    def wanted_in(self, challenge: str) -> list[str]:
        """Return who must take part in a challenge."""
        return [who for name, who in self.lock_in if name == challenge]

    def barred_from(self, challenge: str) -> list[str]:
        """Return who must not take part in a challenge."""
        return [who for name, who in self.lock_out if name in (challenge, ALL)]

    def kinds_of(self, challenge: str) -> list[str]:
        """Return which kinds a challenge must have a member of."""
        return sorted({kind for name, kind in self.require if name in (challenge, ALL)})


@dataclass(frozen=True, slots=True)
class Known:
    """What locks can refer to.

    Attributes
    ----------
    challenges : sequence of str
        Challenges whose consortia are formed.
    signed : sequence of str
        Challenges under contract.
    capacity, used : mapping of str to int
        Parallel consortia of each organisation, by id, and how many are signed.
    groups : mapping of str to set of str
        Values of each column of :data:`GROUPED_BY`.
    """

    challenges: Sequence[str]
    signed: Sequence[str]
    capacity: Mapping[str, int]
    used: Mapping[str, int]
    groups: Mapping[str, frozenset[str]]


def check_locks(locks: Locks, known: Known) -> None:
    """Refuse locks that name what does not exist or that contradict each other.

    Raises
    ------
    InvalidInput
        With every fault: E340 unknown challenge, E341 unknown organisation, E342 in and
        out at once, E343 a forbidden pair that must take part, E344 unknown kind, E345
        challenge under contract, E346 more places than it can fill, E347 no pair,
        E348 no such group or a cap below zero.
    """
    faults = [*_malformed(locks)]
    if not faults:
        faults = [*_unknown(locks, known), *_contradictions(locks, known)]
    if faults:
        raise InvalidInput(dict.fromkeys(faults))


def _malformed(locks: Locks) -> Iterator[Fault]:
    for name in ("lock_in", "lock_out", "forbid", "require"):
        for pair in getattr(locks, name):
            if len(pair) != 2 or pair[0] == pair[1]:
                yield _fault("E347", name, entry=", ".join(pair))


def _fault(code: str, lock: str, **told: Any) -> Fault:
    return fault(code, where=Where(column=f"consortia.locks.{lock}"), **told)


def _unknown(locks: Locks, known: Known) -> Iterator[Fault]:
    named = {
        "lock_in": [c for c, _ in locks.lock_in],
        "lock_out": [c for c, _ in locks.lock_out if c != ALL],
        "require": [c for c, _ in locks.require if c != ALL],
    }
    for lock, challenges in named.items():
        for name in challenges:
            if name in known.signed:
                yield _fault("E345", lock, challenge=name)
            elif name not in known.challenges:
                yield _fault("E340", lock, challenge=name, near=_near(name, known.challenges))
    organisations = {
        "lock_in": [o for _, o in locks.lock_in],
        "lock_out": [o for _, o in locks.lock_out],
        "forbid": [o for pair in locks.forbid for o in pair],
        "exposure": [name for name in locks.exposure if "=" not in name],
    }
    for lock, ids in organisations.items():
        for name in ids:
            if name not in known.capacity:
                yield _fault("E341", lock, organisation=name, near=_near(name, [*known.capacity]))
    for _, kind in locks.require:
        if kind not in KINDS:
            yield _fault("E344", "require", kind=kind, near=", ".join(KINDS))
    yield from _unknown_groups(locks, known)


def _unknown_groups(locks: Locks, known: Known) -> Iterator[Fault]:
    for name, most in locks.exposure.items():
        column, is_group, value = name.partition("=")
        if most < 0:
            yield _fault("E348", "exposure", name=f"{name} = {most}", near=f"{name} = 0")
        elif is_group and column not in known.groups:
            yield _fault("E348", "exposure", name=name, near=", ".join(GROUPED_BY))
        elif is_group and value not in known.groups[column]:
            near = _near(value, sorted(known.groups[column]))
            yield _fault("E348", "exposure", name=name, near=near)


def _near(name: str, names: Sequence[str]) -> str:
    return ", ".join(difflib.get_close_matches(name, names, n=3, cutoff=0.3)) or "-"


def _contradictions(locks: Locks, known: Known) -> Iterator[Fault]:
    for challenge, organisation in locks.lock_in:
        if organisation in locks.barred_from(challenge):
            yield _fault("E342", "lock_in", challenge=challenge, organisation=organisation)
    for challenge in dict.fromkeys(name for name, _ in locks.lock_in):
        wanted = locks.wanted_in(challenge)
        for a, b in locks.forbid:
            if a in wanted and b in wanted:
                yield _fault("E343", "forbid", challenge=challenge, a=a, b=b)
    for organisation, count in Counter(who for _, who in locks.lock_in).items():
        most = known.capacity.get(organisation, count)
        most = min(most, locks.exposure.get(organisation, most))
        left = max(0, most - known.used.get(organisation, 0))
        if count > left:
            yield _fault("E346", "lock_in", organisation=organisation, count=count, capacity=left)


def lock_text(name: str) -> Text:
    """Return what the rule of a lock is called in messages.

    Parameters
    ----------
    name : str
        ``in:<organisation>``, ``out:<organisation>``, ``full:<organisation>``,
        ``forbid:<organisation>|<organisation>`` or ``require:<kind>``.
    """
    lock, _, rest = name.partition(":")
    if lock == "in":
        return Text(f"须有 {rest}", f"{rest} must take part")
    if lock == "out":
        return Text(f"不得有 {rest}", f"{rest} must not take part")
    if lock == "full":
        return Text(f"{rest} 已无余力", f"{rest} has no capacity left")
    if lock == "forbid":
        a, _, b = rest.partition("|")
        return Text(f"{a} 与 {b} 不得同组", f"{a} and {b} must not meet")
    if lock == "require" and rest in KINDS:
        return Text(f"须有{KINDS[rest].zh}", f"{KINDS[rest].en} is required")
    return Text(name, name)
