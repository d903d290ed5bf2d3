"""Who is left out before anybody is compared, each with the reason.

A hard filter leaves out only who breaks it for certain. Where the zone does not tell (the
country or the size is empty), the candidate stays and carries the name of the filter as
something to check.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import Text
from jicheng.integrate.match.criteria import reasons
from jicheng.integrate.match.parties import Parties
from jicheng.integrate.roster import SMALL, flags_of
from jicheng.schema import choices

__all__ = ["Constraints", "Filtered", "filter_parties"]

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Constraints:
    """Hard limits of a query; an empty one limits nothing.

    Attributes
    ----------
    kinds : tuple of str
        Kinds of organisation that may take part.
    lead_kinds : tuple of str
        Kinds that may lead; they leave out only where ``must_lead`` asks for leaders.
    must_lead, in_zone, small_only, allow_abroad : bool
        Whether only who may lead, who is in the zone, who is a small or micro firm is
        wanted, and whether who is abroad is wanted too.
    regions : tuple of str
        Words one of which must stand in the region.
    since : int
        First year of texts that count; 0 = all. Texts without a year count, and who has no
        dated one of these years is marked to check.
    member_limit : int
        Most members of the consortium; limits no single candidate.
    excluded, owners, members : tuple of str
        Ids that a person excluded, that put the challenge out, that are under contract.
    """

    kinds: tuple[str, ...] = ("firm", "university", "institute", "platform")
    lead_kinds: tuple[str, ...] = ()
    must_lead: bool = False
    in_zone: bool = False
    small_only: bool = False
    allow_abroad: bool = False
    regions: tuple[str, ...] = ()
    since: int = 0
    member_limit: int = 0
    excluded: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    members: tuple[str, ...] = ()

    def as_text(self) -> Text:
        """Return what is asked for, in both languages."""
        kinds = _labels(self.kinds)
        zh = [f"类型：{kinds.zh}"] if self.kinds else []
        en = [f"kinds: {kinds.en}"] if self.kinds else []
        leads = _labels(self.lead_kinds)
        told = [
            (self.must_lead, f"须能牵头（{leads.zh}）", f"must be able to lead ({leads.en})"),
            (self.in_zone, "仅区内", "in the zone only"),
            (self.small_only, "仅小微企业", "small and micro firms only"),
            (not self.allow_abroad, "不含境外", "not abroad"),
            (bool(self.regions), f"地区：{'、'.join(self.regions)}",
             f"region: {', '.join(self.regions)}"),
            (self.since > 0, f"{self.since} 年以来的文本", f"texts since {self.since}"),
            (self.member_limit > 0, f"联合体成员上限 {self.member_limit}",
             f"at most {self.member_limit} members"),
        ]  # fmt: skip
        zh += [one for holds, one, _ in told if holds]
        en += [one for holds, _, one in told if holds]
        return Text("；".join(zh) or "无", "; ".join(en) or "none")


@dataclass(frozen=True, eq=False)
class Filtered:
    """What the filters say of each candidate.

    Attributes
    ----------
    passes : ndarray of bool, shape (n,)
        Whom no filter leaves out.
    broken, unsure : dict of str to ndarray of bool, shape (n,)
        By reason: who breaks it for certain, of whom it cannot be told.
    """

    passes: Flags
    broken: dict[str, Flags]
    unsure: dict[str, Flags]
    constraints: Constraints = field(default_factory=Constraints)

    def why_out(self, place: int) -> tuple[str, ...]:
        """Return the reasons for which a candidate is left out."""
        return tuple(name for name, flags in self.broken.items() if flags[place])

    def to_check(self, place: int) -> tuple[str, ...]:
        """Return the filters of which nobody can tell whether a candidate breaks them."""
        return tuple(name for name, flags in self.unsure.items() if flags[place])

    def told(self, reason: str) -> tuple[Text, Text]:
        """Return the words of a reason and of its remedy."""
        said, remedy = reasons()[reason]
        limits = self.constraints
        allowed = {
            "kind": _labels(limits.kinds),
            "lead_kind": _labels(limits.lead_kinds),
            "region": Text("、".join(limits.regions), ", ".join(limits.regions)),
            "old_texts": Text(str(limits.since), str(limits.since)),
        }.get(reason, Text("", ""))
        return (
            Text(said.zh.format(allowed=allowed.zh), said.en.format(allowed=allowed.en)),
            remedy,
        )

    def without(self, reason: str, flags: Flags) -> Filtered:
        """Return the same with some more left out, for a reason of its own."""
        return Filtered(
            self.passes & ~flags, self.broken | {reason: flags}, self.unsure, self.constraints
        )

    def counts(self, among: Flags) -> dict[str, int]:
        """Return how many of ``among`` each reason leaves out; one may have several."""
        found = {name: int((flags & among).sum()) for name, flags in self.broken.items()}
        return {name: count for name, count in found.items() if count}


def filter_parties(
    parties: Parties,
    constraints: Constraints,
    *,
    old_texts: tuple[Flags, Flags] | None = None,
) -> Filtered:
    """Apply all filters to all candidates.

    Parameters
    ----------
    parties : Parties
        Candidates.
    constraints : Constraints
        Limits.
    old_texts : tuple of ndarray of bool, shape (n,), optional
        Who has texts, but none since the year that is asked for, and of whom nobody can
        tell because texts have no year.
    """
    broken: dict[str, Flags] = {}
    unsure: dict[str, Flags] = {}
    for name, judge in _FILTERS.items():
        limits = tuple(getattr(constraints, limit) for limit in _LIMITS[name])
        if (name, limits) not in parties.judged:
            parties.judged[name, limits] = judge(parties, constraints)
        found = parties.judged[name, limits]
        if found is not None:
            broken[name], unsure[name] = found
    if constraints.since and old_texts is not None:
        broken["old_texts"], unsure["old_texts"] = old_texts
    for name, ids in (
        ("owner", constraints.owners),
        ("member", constraints.members),
        ("excluded", constraints.excluded),
    ):
        if ids:
            broken[name], unsure[name] = parties.with_ids(ids), np.zeros(parties.n, np.bool_)
    passes = np.ones(parties.n, np.bool_)
    for flags in broken.values():
        passes &= ~flags
    return Filtered(passes, broken, unsure, constraints)


_Judged = tuple[Flags, Flags] | None


def _at_home(parties: Parties, bad: pl.Series, unknown: pl.Series) -> tuple[Flags, Flags]:
    """Return both for all candidates; without an organisation nothing is known."""
    return (
        np.asarray(parties.at_home(flags_of(bad), otherwise=False), dtype=np.bool_),
        np.asarray(parties.at_home(flags_of(unknown), otherwise=True), dtype=np.bool_),
    )


def _kind(parties: Parties, limits: Constraints) -> _Judged:
    if not limits.kinds:
        return None
    kind = parties.roster.table["kind"]
    return _at_home(parties, ~kind.is_in(list(limits.kinds)), kind.is_null())


def _lead_kind(parties: Parties, limits: Constraints) -> _Judged:
    if not limits.must_lead or not limits.lead_kinds:
        return None
    kind = parties.roster.table["kind"]
    return _at_home(parties, ~kind.is_in(list(limits.lead_kinds)), kind.is_null())


def _may_not_lead(parties: Parties, limits: Constraints) -> _Judged:
    if not limits.must_lead:
        return None
    may = parties.roster.table["may_lead"]
    nothing = np.zeros(parties.n, np.bool_)  # empty = as its kind allows: nothing to check
    return _at_home(parties, ~may, may.is_null())[0], nothing


def _abroad(parties: Parties, limits: Constraints) -> _Judged:
    home = parties.country
    if limits.allow_abroad or not home:
        return None
    table, inside = parties.roster.table, pl.Series(parties.roster.in_zone)
    return _at_home(parties, (table["country"] != home) & ~inside,
                    table["country"].is_null() & ~inside)  # fmt: skip


def _outside(parties: Parties, limits: Constraints) -> _Judged:
    if not limits.in_zone:
        return None
    inside = pl.Series(parties.roster.in_zone)
    return _at_home(parties, ~inside, inside & ~inside)


def _region(parties: Parties, limits: Constraints) -> _Judged:
    if not limits.regions:
        return None
    region = parties.roster.table["region"]
    stands = region.str.contains_any(list(limits.regions))
    return _at_home(parties, ~stands, region.is_null())


def _not_small(parties: Parties, limits: Constraints) -> _Judged:
    if not limits.small_only:
        return None
    table = parties.roster.table
    is_firm = table["kind"] == "firm"
    large = table["size"].is_not_null() & ~table["size"].is_in(list(SMALL))
    return _at_home(parties, ~is_firm | large, is_firm & table["size"].is_null())


def _capacity(parties: Parties, _: Constraints) -> _Judged:
    return np.nan_to_num(parties.free, nan=1.0) <= 0.0, np.zeros(parties.n, np.bool_)


_FILTERS: dict[str, Callable[[Parties, Constraints], _Judged]] = {
    "kind": _kind,
    "lead_kind": _lead_kind,
    "may_not_lead": _may_not_lead,
    "abroad": _abroad,
    "outside": _outside,
    "region": _region,
    "not_small": _not_small,
    "capacity": _capacity,
}

_LIMITS: dict[str, tuple[str, ...]] = {
    "kind": ("kinds",),
    "lead_kind": ("must_lead", "lead_kinds"),
    "may_not_lead": ("must_lead",),
    "abroad": ("allow_abroad",),
    "outside": ("in_zone",),
    "region": ("regions",),
    "not_small": ("small_only",),
    "capacity": (),
}
"""Of which limits the verdict of each filter depends."""


def _labels(kinds: tuple[str, ...]) -> Text:
    labels = {one.value: one.label for one in choices()["organisation_kind"]}
    known = [labels.get(kind, Text(kind, kind)) for kind in kinds]
    return Text("、".join(one.zh for one in known), ", ".join(one.en for one in known))
