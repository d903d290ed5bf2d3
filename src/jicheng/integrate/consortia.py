"""Who should take up each challenge together, proved best under the rules of the call.

Each challenge is solved exactly alone (:mod:`jicheng.integrate.shared.alone`). Where that
asks more of an organisation than it has capacity for, the challenges that compete for it
are staffed together (:mod:`jicheng.integrate.shared.sharing`); all others keep their
proved best consortium. A signed consortium is kept as it is and uses capacity. Where none
can be formed the reason is told in the words of the call and of the locks.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from jicheng.errors import Fault, InvalidInput, fault
from jicheng.integrate.cautions import cautions
from jicheng.integrate.coverage import zone_coverage
from jicheng.integrate.explanation import ConsortiumExplanation, explain_consortium
from jicheng.integrate.settings import ConsortiumSettings
from jicheng.integrate.shared.locks import Locks
from jicheng.integrate.shared.outcome import formed_together, sharing_warnings
from jicheng.integrate.shared.staffing import Staffing
from jicheng.integrate.team_tables import (
    Formed,
    assignment_rows,
    consortium_row,
    frame_of,
    member_rows,
    with_evidence,
    with_teams,
)
from jicheng.zone import Zone

__all__ = ["ConsortiaResult", "consortia_of", "form_consortia", "restaff"]

_TABLES = ("needs", "holdings", "organisations")


@dataclass(frozen=True)
class ConsortiaResult:
    """Consortia of a zone's challenges.

    Attributes
    ----------
    coverage, consortia, members, assignment : polars.DataFrame
        Plan tables of these names.
    warnings : tuple of Fault
        What a reader must know.
    settings : ConsortiumSettings
        What was assumed.
    work : polars.DataFrame
        One row a challenge: ``candidates``, ``nodes`` and ``work`` (elementary
        operations) of the search.
    wall_clock_stops : tuple of str
        Challenges whose answer a deadline cut: those may differ in another run.
    seed : int
        Of the simulated chances (only with more than 20 needs).
    staffing : Staffing
        Columns, prices of scarce organisations, bound: what questions are asked of.
    formed : tuple of Formed
        What came of each challenge, by id.
    """

    coverage: pl.DataFrame
    consortia: pl.DataFrame
    members: pl.DataFrame
    assignment: pl.DataFrame
    warnings: tuple[Fault, ...]
    settings: ConsortiumSettings
    work: pl.DataFrame
    wall_clock_stops: tuple[str, ...]
    seed: int
    staffing: Staffing
    formed: tuple[Formed, ...]

    def explain(self, challenge: str) -> ConsortiumExplanation:
        """Account for the consortium of a challenge: a waterfall with its source rows.

        Raises
        ------
        InvalidInput
            E330 if there is no such challenge.
        """
        roster, holdings = self.staffing.roster, self.staffing.holdings
        for formed in self.formed:
            if formed.challenge == challenge:
                return explain_consortium(formed, roster, holdings, self.settings)
        ids = [formed.challenge for formed in self.formed]
        near = difflib.get_close_matches(challenge, ids, n=3, cutoff=0.3)
        raise InvalidInput.of("E330", challenge=challenge, near=", ".join(near) or "-")


def form_consortia(
    zone: Zone,
    challenges: pl.DataFrame,
    settings: ConsortiumSettings | None = None,
    *,
    locks: Locks | None = None,
    worth: Mapping[str, float] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ConsortiaResult:
    """Form the best consortia of the challenges under shared capacity.

    Parameters
    ----------
    zone : Zone
        ``organisations``, ``people``, ``holdings``, ``needs``, ``capabilities``,
        ``ties``, ``sites``, ``zones`` and ``restrictions`` are read.
    challenges : polars.DataFrame
        Plan table ``challenges``.
    settings : ConsortiumSettings, optional
        Defaults: :class:`ConsortiumSettings`.
    locks : Locks, optional
        Who must or must not take part, besides the locks of the settings.
    worth : mapping of str to float, optional
        Points of having a challenge staffed at all; default ``staffing_points``.
    progress : callable, optional
        Called with the number of challenges done and their total.

    Returns
    -------
    ConsortiaResult
        ``status`` is ``optimal`` if proved, alone or as part of a whole that is;
        ``feasible`` if a limit came first (bound and gap tell how far it may be),
        ``infeasible`` with the reason, ``not_run`` for what a person left out, what has
        no needs, and signed consortia, ``failed`` if the worker failed. Missing tables
        are warnings (E320).

    Raises
    ------
    InvalidInput
        E340-E349 for locks that cannot be kept.
    """
    staffing = Staffing.of(zone, challenges, settings, locks, worth=worth, progress=progress)
    return consortia_of(staffing)


def restaff(staffing: Staffing, worth: Mapping[str, float]) -> ConsortiaResult:
    """Return the consortia under other points for having challenges staffed at all.

    Parameters
    ----------
    staffing : Staffing
        Its columns are reused; no challenge is solved alone again.
    worth : mapping of str to float
        Points by challenge; others keep what they have.
    """
    return consortia_of(staffing.valued(worth))


def consortia_of(staffing: Staffing) -> ConsortiaResult:
    """Put the tables and the warnings of a staffing together."""
    alone, roster, holdings = staffing.alone, staffing.roster, staffing.holdings
    formed = formed_together(staffing)
    coverage = zone_coverage(alone.zone, alone.needs, roster, holdings)
    members = [row for one in formed for row in member_rows(one, roster)]
    assigned = [row for one in formed for row in assignment_rows(one, roster)]
    work = pl.DataFrame(
        [
            (one.challenge, one.pool.problem.n if one.pool else 0, one.nodes, one.work)
            for one in formed
        ],
        schema={"challenge": pl.String, "candidates": pl.Int64, "nodes": pl.Int64,
                "work": pl.Int64},
        orient="row",
    )  # fmt: skip
    return ConsortiaResult(
        coverage=with_teams(coverage, formed),
        consortia=frame_of("consortia", [consortium_row(one, roster) for one in formed]),
        members=frame_of("members", members),
        assignment=with_evidence(frame_of("assignment", assigned), holdings),
        warnings=_warnings(staffing, formed),
        settings=staffing.settings,
        work=work,
        wall_clock_stops=_stops(staffing, formed),
        seed=0,
        staffing=staffing,
        formed=formed,
    )


def _stops(staffing: Staffing, formed: Sequence[Formed]) -> tuple[str, ...]:
    cut = [one.challenge for one in formed if one.is_cut_by_clock]
    return (*cut, *(["shared capacity"] if staffing.sharing.is_cut_by_clock else []))


def _warnings(staffing: Staffing, formed: Sequence[Formed]) -> tuple[Fault, ...]:
    alone = staffing.alone
    weightless = alone.needs.filter("is_weightless")["technology"].unique().sort()
    return (
        *(fault("E320", table=t, is_warning=True) for t in _TABLES if not alone.zone.has(t)),
        *staffing.roster.warnings,
        *staffing.holdings.warnings,
        *(fault("E328", technology=name, is_warning=True) for name in weightless),
        *cautions(formed, staffing.roster, staffing.settings),
        *sharing_warnings(staffing),
    )
