"""Locks as the search reads them: candidates left out, member rules, capacity, limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jicheng.errors import Fault, InvalidInput, Text, Where, fault
from jicheng.integrate.roster import Roster
from jicheng.integrate.shared.locks import GROUPED_BY, Known, Locks, check_locks
from jicheng.kernel.team_problem import (
    MemberRule,
    TeamProblem,
    forbid_rule,
    least_rule,
    require_rule,
)

__all__ = ["Binding", "bind"]

Indices = NDArray[np.int64]
Floats = NDArray[np.float64]
_NAMED = 3  # organisations without capacity that one rule names
_UNLIMITED = 1e9  # consortia of an organisation whose capacity does not count


@dataclass(frozen=True, eq=False)
class Binding:
    """Locks tied to the organisations of a zone.

    Attributes
    ----------
    locks : Locks
        What was decided; checked.
    roster : Roster
        The organisations.
    used : ndarray of int64, shape (o,)
        Signed consortia of each organisation.
    is_shared : bool
        Whether capacity counts at all.
    """

    locks: Locks
    roster: Roster
    used: Indices
    is_shared: bool = True

    @cached_property
    def capacity(self) -> Floats:
        """Consortia that each organisation can still work in, shape (o,)."""
        most = self.roster.capacity.astype(np.float64)
        if not self.is_shared:
            most = np.where(most > 0, np.inf, 0.0)
        for name, cap in self.locks.exposure.items():
            if "=" not in name:
                place = self.roster.index[name]
                most[place] = min(most[place], cap)
        return np.where(np.isinf(most), _UNLIMITED, np.maximum(0.0, most - self.used))

    @cached_property
    def groups(self) -> dict[str, NDArray[np.bool_]]:
        """Members of each capped group, by the name of the cap."""
        table = self.roster.table
        return {
            name: (table[name.split("=")[0]] == name.partition("=")[2])
            .fill_null(value=False)
            .to_numpy()
            .astype(np.bool_)
            for name in self.locks.exposure
            if "=" in name
        }

    @property
    def member_use(self) -> Floats:
        """Places of each group that a member fills, shape (o, r)."""
        columns = [is_in.astype(np.float64) for is_in in self.groups.values()]
        return np.column_stack(columns) if columns else np.zeros((self.roster.n, 0))

    @property
    def limits(self) -> Floats:
        """Places of each group that signed consortia leave, shape (r,)."""
        left = [self.locks.exposure[g] - self.used[is_in].sum() for g, is_in in self.groups.items()]
        return np.maximum(0.0, np.array(left, dtype=np.float64))

    def admitted(self, challenge: str) -> NDArray[np.intp]:
        """Return who must take part in a challenge, as places."""
        wanted = [self.roster.index[who] for who in self.locks.wanted_in(challenge)]
        return np.array(sorted(wanted), dtype=np.intp)

    def touches(self, challenge: str, who: Indices, locks: Locks) -> bool:
        """Tell whether some locks change the team problem of a challenge."""
        if locks.wanted_in(challenge) or locks.kinds_of(challenge):
            return True
        index = self.roster.index
        inside = {*who.tolist()}
        return any(index[o] in inside for o in locks.barred_from(challenge)) or any(
            index[a] in inside and index[b] in inside for a, b in locks.forbid
        )

    def team(self, challenge: str, team: TeamProblem, who: Indices) -> tuple[TeamProblem, Indices]:
        """Return a team problem under the locks, and the organisation of each candidate left."""
        barred = [self.roster.index[o] for o in self.locks.barred_from(challenge)]
        left = np.flatnonzero(~np.isin(who, barred))
        if len(left) < len(who):
            team, who = team.kept(left), who[left]
        rules = list(self._rules(challenge, who))
        return (team.with_rules(*rules) if rules else team), who

    def told(self, challenge: str, team: TeamProblem, who: Indices) -> TeamProblem:
        """Return a team problem with every lock as a rule, to tell which cannot be met."""
        rules = list(self._rules(challenge, who))
        for name in self.locks.barred_from(challenge):
            is_it = who == self.roster.index[name]
            rules.append(MemberRule(f"out:{name}", -is_it.astype(np.float64), 0.0))
        full = self.capacity[who] < 1.0
        if full.any():
            names = [self.roster.ids[int(i)] for i in who[full]]
            more = "…" if len(names) > _NAMED else ""
            name = f"full:{', '.join(names[:_NAMED])}{more}"
            rules.append(MemberRule(name, -full.astype(np.float64), 0.0))
        return team.with_rules(*rules) if rules else team

    def _rules(self, challenge: str, who: Indices) -> Iterable[MemberRule]:
        n, index = len(who), self.roster.index
        place = {int(o): i for i, o in enumerate(who)}
        for name in self.locks.wanted_in(challenge):
            yield require_rule(f"in:{name}", n, place.get(index[name], -1))
        for a, b in self.locks.forbid:
            if index[a] in place and index[b] in place:
                yield forbid_rule(f"forbid:{a}|{b}", n, place[index[a]], place[index[b]])
        flags = {"small": self.roster.is_small, "outside": ~self.roster.in_zone}
        for kind in self.locks.kinds_of(challenge):
            yield least_rule(f"require:{kind}", flags[kind][who])


def bind(
    locks: Locks,
    roster: Roster,
    challenges: Sequence[str],
    signed: Mapping[str, Sequence[str]],
    *,
    is_shared: bool = True,
) -> Binding:
    """Check locks and tie them to the organisations of a zone.

    Parameters
    ----------
    locks : Locks
        What was decided.
    roster : Roster
        Organisations of the zone.
    challenges : sequence of str
        Challenges whose consortia are formed.
    signed : mapping of str to sequence of str
        Members of each consortium under contract; unknown ones are not counted.
    is_shared : bool
        Whether capacity counts.

    Raises
    ------
    InvalidInput
        As :func:`jicheng.integrate.shared.locks.check_locks`; E349 if an organisation
        that must take part can be no member at all.
    """
    used = np.zeros(roster.n, dtype=np.int64)
    for members in signed.values():
        for name in dict.fromkeys(members):
            if name in roster.index:
                used[roster.index[name]] += 1
    if not locks.is_empty:
        capped = {name.partition("=")[0] for name in locks.exposure}
        columns = [name for name in GROUPED_BY if name in capped & {*roster.table.columns}]
        known = Known(
            challenges,
            tuple(signed),
            dict(zip(roster.ids, roster.capacity.tolist(), strict=True)),
            {roster.ids[i]: int(used[i]) for i in np.flatnonzero(used)},
            {name: frozenset(roster.table[name].drop_nulls().to_list()) for name in columns},
        )
        check_locks(locks, known)
        faults = list(_no_members(locks, roster))
        if faults:
            raise InvalidInput(faults)
    return Binding(locks, roster, used, is_shared)


def _no_members(locks: Locks, roster: Roster) -> Iterable[Fault]:
    why = Text(
        "类型、所在地或并行上限不允许", "its kind, its place or its capacity does not allow it"
    )
    for challenge, organisation in locks.lock_in:
        if not roster.may_join[roster.index[organisation]]:
            yield fault(
                "E349",
                where=Where(column="consortia.locks.lock_in"),
                challenge=challenge,
                organisation=organisation,
                why=why,
            )
