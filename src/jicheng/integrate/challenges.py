"""Which technologies become challenges, under which rules, and what each still lacks.

A challenge is born from a chokepoint of the analysis, or because a person forces its
technology in; where the zone's table ``challenges`` has rows for the technology they
give id, money, years, relief and rules, else the settings give the rules, and money
and relief stay unknown. A row of the zone about another technology is listed only if
its decision is mandatory. What a person left out is listed with the reason, never
formed.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from jicheng.conform import empty_frame
from jicheng.errors import Fault, InvalidInput, fault
from jicheng.integrate.settings import ChallengeSettings
from jicheng.schema import plan_tables
from jicheng.zone import Zone

__all__ = ["ChallengesResult", "form_challenges"]

_FROM_ROW = (
    "cost_low",
    "cost_high",
    "relief",
    "small_firm_share",
    "purses",
    "parallel_teams",
    "consortium",
    "decision",
)
_LACKS = {"no_cost": "cost_low, cost_high", "no_years": "years_low, years_high",
          "no_relief": "relief"}  # fmt: skip


@dataclass(frozen=True)
class ChallengesResult:
    """Challenges of a zone.

    Attributes
    ----------
    challenges : polars.DataFrame
        Plan table ``challenges``, sorted by id.
    warnings : tuple of Fault
        What a reader must know.
    settings : ChallengeSettings
        What was assumed.
    """

    challenges: pl.DataFrame
    warnings: tuple[Fault, ...]
    settings: ChallengeSettings


@dataclass(frozen=True, slots=True)
class _Decisions:
    """What people decided, by technology, with the reason."""

    forced_in: Mapping[str, str]
    left_out: Mapping[str, str]


def form_challenges(
    zone: Zone,
    chokepoints: pl.DataFrame,
    settings: ChallengeSettings | None = None,
    *,
    forced_in: Mapping[str, str] | None = None,
    left_out: Mapping[str, str] | None = None,
) -> ChallengesResult:
    """Form the challenges of a zone from its chokepoints.

    Parameters
    ----------
    zone : Zone
        ``technologies``, ``challenges`` and ``needs`` are read; each may be absent.
    chokepoints : polars.DataFrame
        Plan table ``chokepoints``; ``technology``, ``verdict`` and ``is_priority``
        are read, and ``forced`` with ``reason`` where a person decided.
    settings : ChallengeSettings, optional
        Defaults: :class:`ChallengeSettings`.
    forced_in, left_out : mapping of str to str, optional
        Technology id to the reason why a person forces it in or leaves it out; they
        beat the table.

    Returns
    -------
    ChallengesResult
        A cost needs both ends, and ``no_years`` means that the technology has no
        years to substitute; unknown stays empty.

    Raises
    ------
    InvalidInput
        E301 for an unknown technology, E302 for one both forced in and left out.
    """
    settings = settings or ChallengeSettings()
    decisions = _decisions(chokepoints, forced_in or {}, left_out or {})
    names = _names(zone, chokepoints)
    _refuse_unknown(decisions, names)
    chosen = _chosen(chokepoints, settings)
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in zone["challenges"].iter_rows(named=True):
        rows.setdefault(row["technology"], []).append(row)
    told = {*chosen, *decisions.forced_in, *decisions.left_out}
    needs = dict(zone["needs"].group_by("technology").len().iter_rows())
    made = [
        _challenge(technology, row, names, chosen, decisions, settings)
        | {"n_needs": needs.get(technology, 0)}
        for technology in sorted({*told, *rows})
        for row in rows.get(technology, [None] if technology in told else [])
        if technology in told or (row is not None and row["decision"] == "mandatory")
    ]
    for challenge in made:
        known = names[challenge["technology"]]
        challenge["readiness"] = _readiness(challenge, known, decisions)
    schema = empty_frame(plan_tables()["challenges"]).schema
    plain = [{name: challenge.get(name) for name in schema} for challenge in made]
    table = pl.DataFrame(plain, schema=schema).sort("challenge")
    return ChallengesResult(table, _warnings(table), settings)


def _decisions(
    chokepoints: pl.DataFrame, forced_in: Mapping[str, str], left_out: Mapping[str, str]
) -> _Decisions:
    both = sorted({*forced_in} & {*left_out})
    if both:
        raise InvalidInput([fault("E302", technology=technology) for technology in both])
    given = {*forced_in, *left_out}
    stated: dict[str, dict[str, str]] = {"mandatory": {}, "excluded": {}}
    if {"forced", "reason"} <= {*chokepoints.columns}:
        for technology, forced, reason in chokepoints.select(
            "technology", "forced", "reason"
        ).iter_rows():
            if forced is not None and technology not in given:
                stated[forced][technology] = reason or ""
    return _Decisions({**stated["mandatory"], **forced_in}, {**stated["excluded"], **left_out})


def _names(zone: Zone, chokepoints: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """Return what is known of each technology, by id."""
    unknown = {"name": None, "name_en": None, "years_low": None, "years_high": None}
    names = {technology: dict(unknown) for technology in chokepoints["technology"].to_list()}
    names |= {technology: dict(unknown) for technology in zone["challenges"]["technology"]}
    for row in zone["technologies"].select("id", *unknown).iter_rows(named=True):
        names[row.pop("id")] = row
    return names


def _refuse_unknown(decisions: _Decisions, names: Mapping[str, Any]) -> None:
    faults = []
    for technology in sorted({*decisions.forced_in, *decisions.left_out}):
        if technology not in names:
            near = difflib.get_close_matches(technology, names, n=3, cutoff=0.3)
            faults.append(fault("E301", technology=technology, near=", ".join(near) or "-"))
    if faults:
        raise InvalidInput(faults)


def _chosen(chokepoints: pl.DataFrame, settings: ChallengeSettings) -> set[str]:
    takes = pl.col("verdict").is_in(list(settings.verdicts))
    if settings.include_priority_watch:
        takes |= (pl.col("verdict") == "watch") & pl.col("is_priority").fill_null(value=False)
    return set(chokepoints.filter(takes)["technology"].to_list())


def _challenge(
    technology: str,
    row: dict[str, Any] | None,
    names: Mapping[str, dict[str, Any]],
    chosen: set[str],
    decisions: _Decisions,
    settings: ChallengeSettings,
) -> dict[str, Any]:
    origin = "forced" if technology in decisions.forced_in else "zone"
    if technology in chosen:
        origin = "chokepoint"
    decided = {**decisions.forced_in, **decisions.left_out}
    known = names[technology]
    if row is None:
        row = dict.fromkeys(_FROM_ROW) | {
            "id": f"challenge:{technology}", "name": None, "name_en": None, "years": None,
            "r_fold": None, "member_limit": None, "lead_kinds": None, "reason": None,
        }  # fmt: skip
    return {name: row[name] for name in _FROM_ROW} | {
        "challenge": row["id"],
        "technology": technology,
        "name": row["name"] or known["name"],
        "name_en": row["name_en"] or known["name_en"],
        "origin": origin,
        "reason": decided.get(technology) or row["reason"],
        "years": row["years"] if row["years"] is not None else settings.years,
        "r_fold": row["r_fold"] or settings.r_fold,
        "member_limit": row["member_limit"] or settings.member_limit,
        "lead_kinds": row["lead_kinds"] or ";".join(settings.lead_kinds),
    }


def _readiness(
    challenge: Mapping[str, Any], known: Mapping[str, Any], decisions: _Decisions
) -> str:
    """Return the first thing that it lacks, in the order in which it is needed."""
    if challenge["technology"] in decisions.left_out:
        return "left_out"
    if not challenge["n_needs"]:
        return "no_needs"
    if challenge["cost_low"] is None or challenge["cost_high"] is None:
        return "no_cost"
    if known["years_low"] is None or known["years_high"] is None:
        return "no_years"
    return "no_relief" if challenge["relief"] is None else "ready"


def _warnings(table: pl.DataFrame) -> tuple[Fault, ...]:
    return tuple(
        fault("E332", technology=technology, what=_LACKS[readiness], is_warning=True)
        for technology, readiness in table.select("technology", "readiness").iter_rows()
        if readiness in _LACKS
    )
