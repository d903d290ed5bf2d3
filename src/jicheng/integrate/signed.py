"""Consortia under contract: kept as they are, measured like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from jicheng.errors import Text, fault
from jicheng.integrate.coverage import cover
from jicheng.integrate.pool import Call, Pool, PoolSources
from jicheng.integrate.settings import ConsortiumSettings
from jicheng.integrate.team_tables import Formed
from jicheng.kernel.team_problem import SMALL_SHARE

__all__ = ["keep_signed"]


def keep_signed(
    call: Call,
    ids: Sequence[str],
    sources: PoolSources,
    settings: ConsortiumSettings,
    names: Mapping[str, Text],
) -> Formed:
    """Measure a signed consortium without changing it.

    Parameters
    ----------
    call : Call
        Rules and needs of its challenge; what it does not meet is told (E307).
    ids : sequence of str
        Its members, lead first. Unknown ones are told (E306) and not counted.
    sources, settings
        As for any consortium.
    names : mapping of str to Text
        Names of capabilities, by id.
    """
    index = sources.roster.index
    told = [fault("E305"), *(fault("E306", organisation=i) for i in ids if i not in index)]
    signed = np.array([index[i] for i in dict.fromkeys(ids) if i in index], dtype=np.intp)
    pool = Pool.of(call, sources, settings, signed=signed)
    if not len(signed):
        return Formed(call.challenge, "not_run", pool, told=tuple(told))
    broken = _broken(pool, str(sources.roster.kind[signed[0]]), names)
    if broken:
        rules = Text(", ".join(b.zh for b in broken), ", ".join(b.en for b in broken))
        told.append(fault("E307", challenge=call.challenge, rules=rules))
    place = int(np.searchsorted(pool.candidates, signed[0]))
    location = int(pool.problem.lead_at[place])
    points = pool.problem.points_of(np.arange(len(pool.candidates)), location)
    members = tuple(int(i) for i in signed)
    return Formed(call.challenge, "not_run", pool, members, points, told=tuple(told))


def _broken(pool: Pool, lead_kind: str, names: Mapping[str, Text]) -> list[Text]:
    """Name what a signed consortium does not meet."""
    call, problem = pool.call, pool.problem
    held = cover(pool.levels_of(pool.candidates), call.needs)
    broken = [
        Text(f"能力“{names[name].zh}”", f"capability {names[name].en}")
        for k, name in enumerate(call.needs.capabilities)
        if held.depth[k] < call.fold
    ]
    if problem.n > call.member_limit:
        broken.append(Text("成员上限", "member limit"))
    if lead_kind not in call.lead_kinds:
        broken.append(Text("牵头类型", "kind of lead"))
    if problem.needs_research and not problem.is_research.any():
        broken.append(Text("院所或高校", "institute or university"))
    if SMALL_SHARE in problem.broken_rules(np.arange(problem.n)):
        broken.append(Text("中小微企业占比", "small-firm share"))
    return broken
