"""What a reader of the consortia must know: unknown costs and places, over-use, failures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from jicheng.errors import Fault, fault
from jicheng.integrate.pool import Places
from jicheng.integrate.roster import Roster
from jicheng.integrate.settings import ConsortiumSettings
from jicheng.integrate.team_tables import Formed

__all__ = ["cautions"]

_NAMED = 3  # organisations named in a warning about many
_REPEATED = ("E306", "E307", "E315", "E316", "E317")  # told of one challenge, worth a warning


def cautions(
    formed: Sequence[Formed], roster: Roster, settings: ConsortiumSettings
) -> Iterator[Fault]:
    """Yield the warnings about formed consortia, general ones first."""
    yield from _unknown(formed, roster, settings)
    for one in formed:
        for told in one.told:
            if told.code in _REPEATED:
                yield replace(told, is_warning=True)
    yield from _assumed_costs(formed, roster)
    yield from _overused(formed, roster)


def _unknown(
    formed: Sequence[Formed], roster: Roster, settings: ConsortiumSettings
) -> Iterator[Fault]:
    """Tell where costs and positions of candidates are unknown."""
    pools = [one.pool for one in formed if one.pool is not None]
    costless = _union([pool.candidates for pool in pools])
    costless = costless[np.isnan(roster.cost_wan[costless])]
    if len(costless) and np.isnan(roster.cost_wan).all():
        yield fault("E322", is_warning=True)
    elif len(costless):
        some = _some(costless, roster)
        yield fault("E321", count=len(costless), some=some, is_warning=True)
    unplaced = _union([pool.unplaced for pool in pools])
    if len(unplaced):
        some, far, near = (
            _some(unplaced, roster),
            f"{settings.unknown_distance_km:g}",
            f"{settings.unknown_in_zone_km:g}",
        )
        yield fault("E323", count=len(unplaced), far=far, near=near, some=some, is_warning=True)


def _union(places: Sequence[Places]) -> Places:
    return np.unique(np.concatenate([np.empty(0, dtype=np.intp), *places]))


def _some(places: Places, roster: Roster) -> str:
    more = ", ..." if len(places) > _NAMED else ""
    return ", ".join(roster.ids[int(i)] for i in places[:_NAMED]) + more


def _assumed_costs(formed: Sequence[Formed], roster: Roster) -> Iterator[Fault]:
    """Tell which chosen members have a cost that was assumed."""
    if np.isnan(roster.cost_wan).all():
        return
    for one in formed:
        for place in one.members:
            if np.isnan(roster.cost_wan[place]):
                yield fault(
                    "E329",
                    challenge=one.challenge,
                    organisation=roster.ids[place],
                    cost=f"{roster.counted_cost_wan[place]:g}",
                    is_warning=True,
                )


def _overused(formed: Sequence[Formed], roster: Roster) -> Iterator[Fault]:
    """Tell who is in more consortia than it can work on at the same time."""
    uses = Counter(place for one in formed for place in one.members)
    for place, count in sorted(uses.items()):
        if count > roster.capacity[place]:
            yield fault(
                "E324",
                organisation=roster.ids[place],
                count=count,
                capacity=int(roster.capacity[place]),
                is_warning=True,
            )
