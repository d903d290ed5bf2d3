"""Stages of a challenge: what part of the cost each takes, when it begins, and its gates.

A stage is paid when it begins: the first at the start of the challenge, each other when
the one before it is due. Due dates are counted back from the last, which ends the funded
years, so that a challenge that starts later keeps the lengths of its stages. Where a due
date is missing the stages are of equal length. Money that no stage asks for is paid with
the first. Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.zone import Zone

__all__ = ["WHOLE", "Stages", "read_stages"]

_DAYS = 365.25
_SLACK = 0.05  # of a year: a stage that begins a fortnight before a year ends is the next's


@dataclass(frozen=True, slots=True)
class Stages:
    """Stages of a challenge, in order.

    Attributes
    ----------
    orders : tuple of int
        Their numbers.
    names : tuple of str
        What each delivers; may be empty.
    shares : tuple of float
        Share of the cost that each takes, sum 1.
    begins, ends : tuple of float
        When each begins and is due, as a share of the funded years, 0 to 1.
    is_gate : tuple of bool
        Whether the challenge may be stopped when the stage is due.
    """

    orders: tuple[int, ...]
    names: tuple[str, ...]
    shares: tuple[float, ...]
    begins: tuple[float, ...]
    ends: tuple[float, ...]
    is_gate: tuple[bool, ...]

    @property
    def first_gate(self) -> int | None:
        """Position of the stage that ends at the first gate; None if there is none."""
        return self.is_gate.index(True) if any(self.is_gate) else None

    def teams_in(self, n_teams: int) -> NDArray[np.float64]:
        """Return how many teams work in each stage: all to the first gate, then one."""
        teams = np.ones(len(self.shares))
        if self.first_gate is not None:
            teams[: self.first_gate + 1] = n_teams
        return teams

    def cost_factor(self, n_teams: int) -> float:
        """Return the cost with so many teams to the first gate, relative to one team."""
        return float(self.teams_in(n_teams) @ np.array(self.shares))

    def amounts(self, cost: float, n_teams: int) -> NDArray[np.float64]:
        """Return what each stage takes of the whole cost with so many teams [wan]."""
        weights = self.teams_in(n_teams) * np.array(self.shares)
        paid: NDArray[np.float64] = cost * weights / weights.sum()
        return paid

    def reached(self, gate_pass: float) -> NDArray[np.float64]:
        """Return the chance that each stage is begun, each gate passed with a chance."""
        gates = np.concatenate([[0], np.cumsum(self.is_gate)[:-1]])
        chance: NDArray[np.float64] = gate_pass**gates
        return chance

    def offsets(self, years: float) -> NDArray[np.int64]:
        """Return how many whole years after the start each stage begins."""
        return np.floor(np.array(self.begins) * years + _SLACK).astype(np.int64)


WHOLE = Stages((1,), ("",), (1.0,), (0.0,), (1.0,), (False,))
"""A challenge without milestones: paid whole at its start."""


def read_stages(zone: Zone, years: dict[str, float]) -> dict[str, Stages]:
    """Return the stages of every challenge that has milestones.

    Parameters
    ----------
    zone : Zone
        ``milestones`` is read.
    years : dict of str to float
        Funded years of the challenges.
    """
    frame = zone["milestones"].sort("challenge", "order")
    return {
        str(challenge): _stages(rows, years[str(challenge)])
        for (challenge,), rows in frame.group_by("challenge", maintain_order=True)
        if str(challenge) in years
    }


def _stages(rows: pl.DataFrame, years: float) -> Stages:
    ends = _ends(rows["due"].to_list(), years)
    return Stages(
        orders=tuple(rows["order"].to_list()),
        names=tuple(name or "" for name in rows["name"]),
        shares=_shares(rows["cost_share"].to_list()),
        begins=(0.0, *ends[:-1]),
        ends=ends,
        is_gate=tuple(rows["is_gate"].fill_null(value=False).to_list()),
    )


def _shares(stated: Sequence[float | None]) -> tuple[float, ...]:
    """Share what is not stated between the stages that state none, else to the first."""
    known = sum(share for share in stated if share is not None)
    rest, silent = max(0.0, 1.0 - known), sum(share is None for share in stated)
    shares = [rest / silent if share is None else share for share in stated]
    if not silent:
        shares[0] += rest
    total = sum(shares)
    return tuple(share / total for share in shares)


def _ends(dues: Sequence[date | None], years: float) -> tuple[float, ...]:
    n = len(dues)
    known = [due for due in dues if due is not None]
    if len(known) < n or not years > 0:
        return tuple((i + 1) / n for i in range(n))
    ends = [1.0 + (due - known[-1]).days / (_DAYS * years) for due in known]
    return tuple(np.maximum.accumulate(np.clip(ends, 0.0, 1.0)).tolist())
