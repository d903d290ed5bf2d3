"""The answers that every plan writes by itself, as tables for the report.

Who could replace whom, what else is good, what is scarce, how sure the choice is, and who
gets the seats. Counts limit the work, never the clock, so that the same plan gives the
same tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from jicheng.integrate.questions.alternatives import (
    Alternative,
    alternatives,
    other_plan,
)
from jicheng.integrate.questions.certainty import certainty
from jicheng.integrate.questions.fairness import Fairness, Floor, fairness
from jicheng.integrate.questions.irreplaceable import Without, replacements
from jicheng.integrate.questions.scarce import Scarce, scarce
from jicheng.integrate.questions.settings import QuestionSettings
from jicheng.integrate.questions.teams import solving
from jicheng.integrate.roster import Roster
from jicheng.integrate.shared.staffing import Staffing
from jicheng.integrate.team_tables import frame_of
from jicheng.kernel.columns.pool import ColumnPool
from jicheng.kernel.solver import Solver

__all__ = ["ANSWERS", "answers_of"]

ANSWERS = ("alternatives", "scarcity", "replacements", "selection", "fairness")
"""Plan tables that :func:`answers_of` returns."""

Row = dict[str, Any]


def answers_of(
    staffing: Staffing,
    settings: QuestionSettings | None = None,
    *,
    seed: int = 1,
    solver: Solver | None = None,
) -> dict[str, pl.DataFrame]:
    """Answer the standing questions about a plan.

    Parameters
    ----------
    staffing : Staffing
        The plan.
    settings : QuestionSettings, optional
        How many answers.
    seed : int
        Of the draws.
    solver : Solver, optional
        Default: one of its own.

    Returns
    -------
    dict of str to polars.DataFrame
        Plan tables :data:`ANSWERS`. Beyond ``answered_candidates`` only what is scarce
        and who gets the seats: the rest takes minutes and is answered when asked.
    """
    settings = settings or QuestionSettings()
    if sum(len(who) for who in staffing.problem.who) > settings.answered_candidates:
        settings = replace(settings, alternatives=0, members_checked=0, runs=0)
    with solving(solver) as worker:
        rows: dict[str, Iterable[Row]] = {
            "alternatives": _alternative_rows(staffing, settings, worker),
            "scarcity": _scarcity_rows(scarce(staffing, settings, solver=worker), staffing.roster),
            "replacements": _replacement_rows(
                replacements(staffing, settings, solver=worker), staffing.roster
            ),
            "selection": _selection_rows(staffing, settings, seed),
            "fairness": _fairness_rows(
                fairness(staffing, settings=settings, seed=seed, solver=worker)
            ),
        }
        return {name: frame_of(name, list(rows[name])) for name in ANSWERS}


def _alternative_rows(
    staffing: Staffing, settings: QuestionSettings, solver: Solver
) -> Iterator[Row]:
    """Yield the next best consortia of each challenge, and those of the other plan."""
    if settings.alternatives <= 0:
        return
    teams = []
    for c, name in enumerate(staffing.challenges):
        if staffing.column_of(name) >= 0:
            found = alternatives(staffing, name, settings, solver=solver).found
            for rank, one in enumerate(found, start=1):
                teams.append((c, [staffing.roster.index[who] for who in one.members]))
                yield _alternative(one, "team", rank)
    pool = staffing.columns.added(ColumnPool.of(staffing.problem, teams))
    for one in other_plan(staffing, settings, pool=pool, solver=solver).found:
        yield _alternative(one, "plan", 1) | {"is_proved": None}


def _alternative(one: Alternative, kind: str, rank: int) -> Row:
    return {
        "challenge": one.challenge,
        "kind": kind,
        "rank": rank,
        "lead": one.members[0],
        "members": _list(one.members),
        "leaves": _list(one.leaves),
        "joins": _list(one.joins),
        "objective": one.total,
        "deficit": one.deficit,
        "plan_loss": None if np.isnan(one.plan_loss) else one.plan_loss,
        "is_proved": one.is_proved,
    }


def _scarcity_rows(found: Scarce, roster: Roster) -> Iterator[Row]:
    for org in found.organisations:
        yield {
            "kind": "organisation",
            "subject": org.organisation,
            **_names(roster, org.organisation),
            "price": org.price,
            "gain": None if np.isnan(org.gain) else org.gain,
            "capacity": org.capacity,
            "challenges": _list(org.wanted_by),
        }
    for one in found.capabilities:
        name = found.names[one.capability]
        yield {
            "kind": "capability",
            "subject": one.capability,
            "name": name.zh,
            "name_en": name.en,
            "gain": one.gain,
            "challenges": _list(one.helps),
            "unlocks": _list(one.unlocks),
        }


def _list(names: Iterable[str]) -> str | None:
    """Return ids as a list in a cell; nothing for none."""
    return ";".join(names) or None


def _names(roster: Roster, organisation: str) -> Row:
    place = roster.index[organisation]
    return {name: roster.table[name][place] for name in ("name", "name_en")}


def _replacement_rows(found: Iterable[Without], roster: Roster) -> Iterator[Row]:
    for one in found:
        yield {
            "organisation": one.organisation,
            **_names(roster, one.organisation),
            "challenges": _list(one.challenges),
            "loss": one.loss,
            "own_loss": one.own_loss,
            "steps_in": _list(one.steps_in),
            "fails": _list(one.fails),
            "is_irreplaceable": one.is_irreplaceable,
            "is_proved": one.wish.is_proved,
        }


def _selection_rows(staffing: Staffing, settings: QuestionSettings, seed: int) -> Iterator[Row]:
    if settings.runs <= 0:
        return
    found = certainty(staffing, settings, seed=seed)
    same = dict(found.consortia.select("challenge", "same").iter_rows())
    for row in found.selection.iter_rows(named=True):
        yield row | {"runs": found.runs, "consortium_frequency": same[row["challenge"]]}


def _fairness_rows(found: Fairness) -> Iterator[Row]:
    spread = None if np.isnan(found.gini) else found.gini
    for row in found.shares.iter_rows(named=True):
        yield row | ({"gini": spread} if row["grouping"] == "all" else {})
    for floor in found.floors:
        yield _floor_row(floor)


def _floor_row(floor: Floor) -> Row:
    return {
        "grouping": "floor",
        "group": floor.name,
        "seat_share": None if np.isnan(floor.share) else floor.share,
        "floor": floor.least,
        "is_met": floor.is_met,
        "price": None if np.isnan(floor.price) else floor.price,
        "share_after": None if np.isnan(floor.share_after) else floor.share_after,
    }
