"""What each technology needs, and who is planted to be able to break it together.

For every challenge a consortium is planted whose members hold all that it needs,
unless it is planted as impossible in the zone. For planted chokepoints one capability
that only this technology needs is made scarce: few hold it, or one, or nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import polars as pl

from jicheng.sample.chains import Chains
from jicheng.sample.frames import table_of
from jicheng.sample.organisations import ZONE, Organisations
from jicheng.sample.planting import Planting, Role
from jicheng.sample.streams import stream

__all__ = ["Consortia", "Scarcity", "needs_table", "plant_consortia"]

_TWOFOLD = 0.2  # chance that a challenge asks for two holders of every capability
_WIDTH = 0.03  # half width of the interval of a planted level
_GIVEN = ["holder", "capability", "level", "level_low", "level_high", "evidence"]


class Scarcity(StrEnum):
    """How scarce the capability is that only a planted chokepoint needs."""

    COMMON = "common"
    SCARCE = "scarce"
    IRREPLACEABLE = "irreplaceable"
    IMPOSSIBLE = "impossible"


@dataclass
class Consortia:
    """Planted consortia, by technology.

    Attributes
    ----------
    members : dict of str to tuple of str
        Members, lead first; they hold every need unless it is impossible.
    r_fold : dict of str to int
        How many members hold each need.
    scarcity : dict of str to Scarcity
        What is planted about the technology's own capability.
    holder : dict of str to str
        The only organisation of the zone that holds it, or for an impossible
        challenge the one outside.
    given : polars.DataFrame
        The holdings that make it so.
    scarce : polars.DataFrame
        Columns capability and level: who reaches it inside the zone is taken away.
    """

    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    r_fold: dict[str, int] = field(default_factory=dict)
    scarcity: dict[str, Scarcity] = field(default_factory=dict)
    holder: dict[str, str] = field(default_factory=dict)
    given: pl.DataFrame = field(default_factory=pl.DataFrame)
    scarce: pl.DataFrame = field(default_factory=pl.DataFrame)


def needs_table(chains: Chains, seed: int) -> pl.DataFrame:
    """Return the table ``needs`` with made-up levels and weights (stream ``needs``)."""
    rng = stream(seed, "needs")
    n = chains.needs.height
    return table_of(
        "needs",
        chains.needs.with_columns(
            pl.Series("level", np.round(rng.uniform(0.5, 0.8, n), 2)),
            pl.Series("weight", np.round(rng.uniform(0.5, 1.5, n), 1)),
        ),
    )


class _Pools:
    """Organisations of the zone from which members are drawn, by chain."""

    def __init__(self, organisations: Organisations, rng: np.random.Generator) -> None:
        table = organisations.table.with_columns(organisations.chain, organisations.technology)
        inside = table.filter(pl.col("zone") == ZONE)
        firms = inside.filter(pl.col("kind") == "firm")
        self._leads = firms.filter(pl.col("may_lead"))
        self._small = firms.filter(pl.col("size") == "small")
        self._public = inside.filter(pl.col("kind").is_in(["institute", "platform", "university"]))
        self._outside = table.filter(
            pl.col("zone").is_null() & (pl.col("kind") == "firm") & (pl.col("country") == "CHN")
        )
        self._rng = rng

    def _one(self, pool: pl.DataFrame, chain: str, without: list[str]) -> str:
        near = pool.filter((pl.col("chain") == chain) & ~pl.col("id").is_in(without))
        if near.is_empty():
            near = pool.filter(~pl.col("id").is_in(without))
        return str(near["id"][int(self._rng.integers(near.height))])

    def team(self, technology: str, chain: str) -> list[str]:
        """Draw a lead, two public bodies and two small firms, the lead first.

        An institute that is named after the technology comes first among public ones.
        """
        members = [self._one(self._leads, chain, [])]
        own = self._public.filter(pl.col("technology") == technology)
        members.append(own["id"][0] if own.height else self._one(self._public, chain, members))
        members.append(self._one(self._public, chain, members))
        for _ in range(2):
            members.append(self._one(self._small, chain, members))
        return members

    def outsider(self, chain: str) -> str:
        """Draw a firm in another region of the home country."""
        return self._one(self._outside, chain, [])


def plant_consortia(
    chains: Chains,
    planting: Planting,
    organisations: Organisations,
    needs: pl.DataFrame,
    seed: int,
) -> Consortia:
    """Plant one consortium a technology that may be put out (stream ``consortia``)."""
    rng = stream(seed, "consortia")
    pools = _Pools(organisations, rng)
    made = Consortia(scarcity=_scarcities(planting, rng))
    chain_of = dict(chains.technologies.select("id", "chain").iter_rows())
    rows: list[tuple[str, str, float]] = []
    scarce: list[tuple[str, float]] = []
    for technology in chains.targets:
        kind = made.scarcity.get(technology, Scarcity.COMMON)
        own = chains.own_capability.get(technology)
        members = pools.team(technology, chain_of[technology])
        single = kind in (Scarcity.IRREPLACEABLE, Scarcity.IMPOSSIBLE)
        fold = 1 if single else 1 + int(rng.random() < _TWOFOLD)
        made.members[technology], made.r_fold[technology] = tuple(members), fold
        made.scarcity[technology] = kind
        start = int(rng.integers(len(members)))
        wanted = needs.filter(pl.col("technology") == technology).select("capability", "level")
        for i, (capability, level) in enumerate(wanted.iter_rows()):
            is_own = capability == own and kind is not Scarcity.COMMON
            depth = 2 if is_own and kind is Scarcity.SCARCE else fold
            holders = [members[(start + i + j) % len(members)] for j in range(depth)]
            if is_own:
                scarce.append((capability, level))
                if kind is Scarcity.IMPOSSIBLE:
                    holders = [pools.outsider(chain_of[technology])]
                if single:
                    made.holder[technology] = holders[0]
            for holder in holders:
                reached = min(1.0, level + _WIDTH + float(rng.uniform(0.01, 0.15)))
                rows.append((holder, capability, round(reached, 2)))
    made.given = _holdings(rows)
    made.scarce = pl.DataFrame(
        scarce, schema={"capability": pl.String, "level": pl.Float64}, orient="row"
    )
    return made


def _scarcities(planting: Planting, rng: np.random.Generator) -> dict[str, Scarcity]:
    """Deal the kinds of scarcity to the planted chokepoints in turn."""
    names = planting.of_role(Role.CHOKEPOINT)
    turn = (Scarcity.SCARCE, Scarcity.IRREPLACEABLE, Scarcity.IMPOSSIBLE)
    order = rng.permutation(len(names)).tolist()
    return {names[at]: turn[i % len(turn)] for i, at in enumerate(order)}


def _holdings(rows: list[tuple[str, str, float]]) -> pl.DataFrame:
    """Return one row a holder and capability, with the highest level given."""
    schema = {"holder": pl.String, "capability": pl.String, "level": pl.Float64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    best = frame.group_by("holder", "capability", maintain_order=True).agg(pl.col("level").max())
    return best.with_columns(
        level_low=(pl.col("level") - _WIDTH).round(2),
        level_high=(pl.col("level") + _WIDTH).clip(0.0, 1.0).round(2),
        evidence=pl.lit("产品验证"),
    ).select(_GIVEN)
