"""Policies, subjects and chains of a zone, matched."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from jicheng.errors import InvalidInput, MissingData
from jicheng.rules.expression.intervals import Truth
from jicheng.rules.facts.dictionary import Dictionary, FactDefinition, fact_dictionary
from jicheng.rules.facts.from_zone import facts_of
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.expressions import facts_needed, used_facts
from jicheng.rules.pack.model import Pack
from jicheng.rules.pack.shipped import available, pack_of
from jicheng.select.policies.answers import cost_of
from jicheng.select.policies.matching import PoliciesResult, match
from jicheng.select.policies.model import Policy, PolicySubject, read_policies
from jicheng.select.policies.packs import rules_of
from jicheng.select.policies.settings import PolicySettings
from jicheng.zone import Zone

__all__ = ["match_policies"]


def match_policies(
    zone: Zone,
    *,
    as_of: datetime.date | None = None,
    packs: Iterable[Pack] = (),
    facts: Mapping[PolicySubject, FactTable] | None = None,
    complete_lists: tuple[str, ...] = (),
    settings: PolicySettings | None = None,
) -> PoliciesResult:
    """Match the policies of a zone with its firms, people and teams.

    Parameters
    ----------
    zone : Zone
        ``policies``, and what facts rest on: ``organisations``, ``people``, ``indicators``,
        ``qualifications``; ``technologies`` and ``supply`` tell who serves a chain.
    as_of : date, optional
        Day of the analysis; default the latest date at which a policy is said to be true,
        else the last day of the zone's period, so that the same zone gives the same result.
        Titles are those held on it; figures are those of the zone's period.
    packs : iterable of Pack
        Beside those that ship; one of the same id and version takes their place.
    facts : mapping of PolicySubject to FactTable, optional
        Facts that are known already; default those of the zone.
    complete_lists : tuple of str
        Kinds of ``qualifications`` of which the zone has every holder.
    settings : PolicySettings, optional

    Returns
    -------
    PoliciesResult
        The same for the same zone, whatever the order of rows.

    Raises
    ------
    MissingData
        E970 without policies.
    InvalidInput
        As :func:`match` says.
    """
    frame = zone["policies"]
    if frame.is_empty():
        raise MissingData.of("E970")
    policies = read_policies(frame)
    day = as_of or _latest(zone)
    library = _Library({pack.key: pack for pack in packs})
    tables = dict(facts or {})
    for kind in dict.fromkeys(policy.subject for policy in policies):
        if kind not in tables:
            mine = [policy for policy in policies if policy.subject is kind]
            found = _facts(zone, kind, _asked(mine, library, day), day, complete_lists)
            if found is not None:
                tables[kind] = found
    chains = {policy.chain for policy in policies if policy.chain}
    firms = tables.get(PolicySubject.ORGANISATION)
    served = {} if firms is None else {name: _serving(zone, name, firms) for name in chains}
    return match(
        policies,
        tables,
        library,
        as_of=day,
        served=served,
        settings=settings,
        content_hash=zone.content_hash,
    )


class _Library(Mapping[str, Pack]):
    """Packs that are available, read when first asked for."""

    def __init__(self, own: Mapping[str, Pack]) -> None:
        self._read = dict(own)
        self._keys = tuple(dict.fromkeys((*own, *available())))

    def __getitem__(self, key: str) -> Pack:
        if key not in self._read:
            if key not in self._keys:
                raise KeyError(key)
            self._read[key] = pack_of(key)
        return self._read[key]

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Facts that policies ask for, and those that only their packs know."""

    names: frozenset[str]
    dictionary: Dictionary


def _asked(policies: Iterable[Policy], packs: Mapping[str, Pack], day: datetime.date) -> _Asked:
    dictionary = fact_dictionary()
    names, own = {"founded_year"}, dict[str, FactDefinition]()
    for policy in policies:
        try:
            rules = rules_of(policy, packs, day)
            cost = cost_of(policy)
        except InvalidInput:
            continue  # found again, with all the others, where policies are put
        own |= {f.name: f for f in facts_needed(rules, dictionary) if f.name not in dictionary}
        names |= {name.id for name in used_facts(rules, dictionary)}
        names |= {name.id for name in cost.names} if cost else set()
    return _Asked(frozenset(names | own.keys()), dictionary.with_facts(own.values()))


def _facts(
    zone: Zone,
    kind: PolicySubject,
    asked: _Asked,
    day: datetime.date,
    complete_lists: tuple[str, ...],
) -> FactTable | None:
    """Return facts of all subjects of a kind on a day; None without any."""
    ids = None
    if kind is PolicySubject.CONSORTIUM:
        return None
    if kind is not PolicySubject.ORGANISATION:
        ids = zone["people"].filter(pl.col("kind").fill_null("person") == kind.value)["id"]
    found = facts_of(
        zone,
        day=day,
        subjects=ids,
        only=sorted(asked.names),
        complete_lists=complete_lists,
        dictionary=asked.dictionary,
    )
    return found if found.n else None


def _serving(zone: Zone, chain: str, firms: FactTable) -> Truth:
    """Return who serves a chain: named suppliers of its technologies do, others may."""
    technologies = zone["technologies"].filter(pl.col("chain") == chain)["id"]
    suppliers = zone["supply"].filter(pl.col("technology").is_in(technologies.implode()))
    certain = firms.subjects.is_in(suppliers["supplier"].implode()).to_numpy()
    return Truth(certain, np.ones(firms.n, dtype=np.bool_))


def _latest(zone: Zone) -> datetime.date:
    dates: list[datetime.date] = zone["policies"]["as_of"].drop_nulls().to_list()
    if dates:
        return max(dates)
    periods: list[int] = zone["zones"]["period"].drop_nulls().to_list()
    return datetime.date(max(periods, default=datetime.date.today().year), 12, 31)
