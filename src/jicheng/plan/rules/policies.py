"""Policies of the zone matched with its firms and people, as tables of a plan."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from jicheng.conform import empty_frame
from jicheng.errors import Fault, JichengError, Text, fault
from jicheng.plan.rules.judged import Judged
from jicheng.plan.rules.tables import typed
from jicheng.schema import plan_tables
from jicheng.select.policies.from_zone import match_policies
from jicheng.select.policies.matching import PoliciesResult
from jicheng.select.policies.model import PolicySubject
from jicheng.zone import Zone

__all__ = ["MatchedPolicies", "matched_policies"]

_KEPT = ("eligible",)  # others are counted


@dataclass(frozen=True)
class MatchedPolicies:
    """The tables ``policy_needs`` and ``policy_matches``, and warnings."""

    needs: pl.DataFrame
    matches: pl.DataFrame
    warnings: tuple[Fault, ...] = ()


def matched_policies(zone: Zone, judged: Judged) -> MatchedPolicies:
    """Match the policies of a zone by the packs of the settings and those that ship.

    A policy that names no pack that can be read is told in a warning (E619); nothing is
    matched then, and the rest of the stage stands.
    """
    nothing = MatchedPolicies(
        empty_frame(plan_tables()["policy_needs"]), empty_frame(plan_tables()["policy_matches"])
    )
    if zone["policies"].is_empty():
        return nothing
    try:
        found = match_policies(
            zone,
            packs=[one.pack for one in judged.packs],
            facts={PolicySubject.ORGANISATION: judged.facts},
            complete_lists=judged.complete_lists,
        )
    except JichengError as error:
        told = [found.message for found in error.faults]
        words = Text("；".join(text.zh for text in told), "; ".join(text.en for text in told))
        return replace(nothing, warnings=(fault("E619", is_warning=True, reason=words),))
    return MatchedPolicies(_needs(zone, found), _matches(found), found.warnings)


def _needs(zone: Zone, found: PoliciesResult) -> pl.DataFrame:
    stated = zone["policies"].select(pl.col("id").alias("policy"), "benefit", "quota")
    counts = {name: f"n_{name}" for name in ("eligible", "nearly", "open", "not")}
    frame = found.table.rename({**counts, "state": "window"}).join(stated, on="policy", how="left")
    frame = frame.with_columns(as_of=pl.lit(found.as_of))
    return typed("policy_needs", frame, "policy")


def _matches(found: PoliciesResult) -> pl.DataFrame:
    drafts = {name: answer.evaluation.is_draft for name, answer in found.answers.items()}
    frame = found.matches(_KEPT).rename({"standing": "answer"}).with_columns(
        is_draft=pl.col("policy").replace_strict(drafts, default=None, return_dtype=pl.Boolean)
    )  # fmt: skip
    return typed("policy_matches", frame, "policy", "subject")
