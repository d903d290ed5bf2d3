"""What sharing made of each challenge: its consortium, what it lost, and to whom.

A challenge that keeps its best consortium alone keeps its proof. One that gave a scarce
organisation away is part of a plan that is best as a whole: it counts as proved if the
whole is, and says what it lost and which organisations work elsewhere instead.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from jicheng.errors import Fault, fault
from jicheng.integrate.pool import Pool
from jicheng.integrate.shared.sharing import is_proved
from jicheng.integrate.shared.staffing import Staffing
from jicheng.integrate.team_tables import Formed
from jicheng.kernel.team_problem import TeamPoints

__all__ = ["formed_together", "sharing_warnings"]

_NAMED = 3  # scarce organisations named in a sentence


def formed_together(staffing: Staffing) -> tuple[Formed, ...]:
    """Return what came of every challenge under shared capacity, by id.

    Returns
    -------
    tuple of Formed
        Signed, refused and failed ones as they are alone. Of the others ``own_best`` is
        set; E350 tells what sharing cost, E351 and E352 why one is left without.
    """
    full = np.flatnonzero(staffing.load() >= staffing.problem.capacity)
    limited = _limited(staffing)
    is_whole_proved = is_proved(staffing.sharing)
    return tuple(
        _together(staffing, one, np.union1d(full, limited), is_whole_proved)
        if one.challenge in staffing.index
        else one
        for one in staffing.alone.formed
    )


def _limited(staffing: Staffing) -> np.ndarray:
    """Return members of groups that fill all the places they may."""
    problem = staffing.problem
    used = staffing.load() @ problem.member_use
    at_limit = np.flatnonzero(used >= problem.limits - 1e-9)
    return np.flatnonzero((problem.member_use[:, at_limit] > 0.0).any(axis=1))


def _together(staffing: Staffing, alone: Formed, full: np.ndarray, is_whole_proved: bool) -> Formed:
    """Return one challenge as the plan staffs it."""
    c = staffing.index[alone.challenge]
    column, own = int(staffing.chosen[c]), int(staffing.sharing.own.column[c])
    own_best = None if alone.points is None else alone.points.total
    if column == own:
        return replace(alone, own_best=own_best)
    mine = staffing.columns.members_of(column) if column >= 0 else np.empty(0, dtype=np.int64)
    lost_to = np.intersect1d(np.setdiff1d(alone.team, mine), full)
    paid = staffing.prices.organisations[lost_to]
    scarce = tuple(int(i) for i in lost_to[np.argsort(-paid, kind="stable")])
    if column < 0 or alone.pool is None:
        return _left_out(staffing, alone, scarce, own_best)
    members = staffing.members(alone.challenge)
    places = tuple(staffing.roster.index[name] for name in members)
    points = _points(alone.pool, places)
    told = fault(
        "E350", lost=f"{(own_best or 0.0) - points.total:.2f}",
        organisations=_some(staffing, scarce),
    )  # fmt: skip
    bound = points.total if is_whole_proved else max(points.total, alone.bound or points.total)
    return replace(
        alone,
        status="optimal" if is_whole_proved else "feasible",
        members=places,
        points=points,
        bound=bound,
        told=(*alone.told, told),
        own_best=own_best,
        scarce=scarce,
    )


def _points(pool: Pool, places: tuple[int, ...]) -> TeamPoints:
    team = np.searchsorted(pool.candidates, np.sort(np.array(places)))
    lead = int(np.searchsorted(pool.candidates, places[0]))
    return pool.problem.points_of(team, int(pool.problem.lead_at[lead]))


def _left_out(
    staffing: Staffing, alone: Formed, scarce: tuple[int, ...], own_best: float | None
) -> Formed:
    told = fault("E351", organisations=_some(staffing, scarce)) if scarce else fault("E352")
    return replace(
        alone,
        status="infeasible",
        members=(),
        points=None,
        bound=None,
        told=(told,),
        own_best=own_best,
        scarce=scarce,
    )


def _some(staffing: Staffing, places: tuple[int, ...]) -> str:
    more = ", …" if len(places) > _NAMED else ""
    return ", ".join(staffing.roster.ids[i] for i in places[:_NAMED]) + more or "-"


def sharing_warnings(staffing: Staffing) -> tuple[Fault, ...]:
    """Return a warning (E353) if the staffing as a whole is not proved best."""
    sharing = staffing.sharing
    is_shared = (sharing.chosen != sharing.own.column).any()
    if not is_shared or is_proved(sharing):
        return ()
    value, bound = f"{sharing.value:.2f}", f"{sharing.bound:.2f}"
    return (fault("E353", value=value, bound=bound, is_warning=True),)
