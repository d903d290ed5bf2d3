"""What every question needs of a staffing: teams at prices, members by id, plans as columns."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from jicheng.errors import InvalidInput
from jicheng.integrate.shared.staffing import Staffing
from jicheng.kernel.columns.problem import Prices
from jicheng.kernel.solver import Solver
from jicheng.kernel.team_problem import TeamProblem

__all__ = ["check_challenge", "check_organisation", "ids_of", "plan_of", "priced_team", "solving"]

Indices = NDArray[np.int64]


def check_challenge(staffing: Staffing, challenge: str) -> None:
    """Refuse a challenge that the plan does not have.

    Raises
    ------
    InvalidInput
        E330 if there is no such challenge.
    """
    known = [one.challenge for one in staffing.alone.formed]
    if challenge not in known:
        near = difflib.get_close_matches(challenge, known, n=3, cutoff=0.3)
        raise InvalidInput.of("E330", challenge=challenge, near=", ".join(near) or "-")


def check_organisation(staffing: Staffing, organisation: str) -> int:
    """Return the place of an organisation.

    Raises
    ------
    InvalidInput
        E341 if there is no such organisation.
    """
    index = staffing.roster.index
    if organisation not in index:
        near = difflib.get_close_matches(organisation, index, n=3, cutoff=0.3)
        raise InvalidInput.of("E341", organisation=organisation, near=", ".join(near) or "-")
    return index[organisation]


def plan_of(staffing: Staffing) -> Indices:
    """Return the columns of the plan, ascending."""
    chosen: Indices = np.sort(staffing.chosen[staffing.chosen >= 0])
    return chosen


def ids_of(staffing: Staffing, organisations: Indices, lead: int = -1) -> list[str]:
    """Return ids of organisations, the lead first."""
    places = organisations.tolist()
    if lead in places:
        places = [lead, *(o for o in places if o != lead)]
    return [staffing.roster.ids[o] for o in places]


def priced_team(
    staffing: Staffing, challenge: int, prices: Prices | None = None
) -> tuple[TeamProblem, Indices, float]:
    """Return one challenge at the stored prices.

    Returns
    -------
    team : TeamProblem
        Candidates who have capacity, at the prices.
    who : ndarray of int64
        Organisation of each.
    worth : float
        Points of staffing the challenge at these prices.
    """
    problem = staffing.problem
    team, worth = problem.priced(challenge, prices or staffing.prices)
    who = problem.who[challenge]
    able = np.flatnonzero(problem.is_open[who])
    if len(able) < len(who):
        team, who = team.kept(able), who[able]
    return team, who, worth


@contextmanager
def solving(solver: Solver | None) -> Iterator[Solver]:
    """Yield the solver given, or one that is closed at the end."""
    if solver is not None:
        yield solver
        return
    with Solver() as own:
        yield own
