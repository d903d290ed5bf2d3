"""Why a holder has the level it has: the texts behind it, what each adds, and its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from jicheng.conform import nearest
from jicheng.errors import InvalidInput, Text
from jicheng.integrate.profile.evidence import is_derived
from jicheng.integrate.profile.level import levels
from jicheng.integrate.profile.profiling import counted_evidence
from jicheng.integrate.profile.settings import ProfileSettings
from jicheng.integrate.profile.weights import evidence_kinds
from jicheng.schema import zone_tables
from jicheng.zone import Zone

__all__ = ["Explained", "Ground", "explain", "read_asked"]


@dataclass(frozen=True, slots=True)
class Ground:
    """A text behind a level.

    Attributes
    ----------
    text, title : str
    kind : Text
        Kind of evidence.
    weight, share : float
        Of the kind, and of the holder's role.
    age : float or None
        Years; None = unknown.
    chance : float
        That the text shows the capability.
    adds : float
        To the strength: weight x share x 2^(-age / half-life) x chance.
    sentence : str or None
        The words that say so.
    source : str or None
        Where the row of evidence comes from.
    """

    text: str
    title: str
    kind: Text
    weight: float
    share: float
    age: float | None
    chance: float
    adds: float
    sentence: str | None
    source: str | None


@dataclass(frozen=True, slots=True)
class Explained:
    """A level and its grounds.

    Attributes
    ----------
    holder, holder_name, capability, capability_name : str
    low, level, high : float
        As the texts say.
    stated : tuple of (float or None) or None
        Low end, level and high end that somebody stated in the zone; they stand.
    stated_source : str or None
    grounds : tuple of Ground
        What adds most, first.
    scale : float
        Strength scale s0: level = 1 - exp(-sum of adds / s0).
    """

    holder: str
    holder_name: str
    capability: str
    capability_name: str
    low: float
    level: float
    high: float
    stated: tuple[float | None, ...] | None
    stated_source: str | None
    grounds: tuple[Ground, ...]
    scale: float

    def as_plain(self) -> dict[str, Any]:
        """Return plain values."""
        own = {name: getattr(self, name) for name in self.__slots__ if name != "grounds"}
        grounds = [
            {name: getattr(one, name) for name in one.__slots__ if name != "kind"}
            | {"kind": one.kind.zh, "kind_en": one.kind.en}
            for one in self.grounds
        ]
        return own | {"grounds": grounds}


def read_asked(asked: str, zone: Zone) -> tuple[str, str | None]:
    """Read ``HOLDER`` or ``HOLDER:CAPABILITY``; ids may have colons of their own.

    Raises
    ------
    InvalidInput
        E034 if there is no such holder or capability.
    """
    holders = [*zone["organisations"]["id"], *zone["people"]["id"]]
    known = set(holders)
    if asked in known:
        return asked, None
    capabilities = zone["capabilities"]["id"].to_list()
    cuts = [k for k, sign in enumerate(asked) if sign == ":" and asked[:k] in known]
    if not cuts:
        near = nearest(asked, holders, otherwise="-")
        label = zone_tables()["organisations"].label
        raise InvalidInput.of("E034", value=asked[:60], table=label, near=near)
    holder, capability = asked[: cuts[-1]], asked[cuts[-1] + 1 :]
    if capability not in capabilities:
        near = nearest(capability, capabilities, otherwise="-")
        label = zone_tables()["capabilities"].label
        raise InvalidInput.of("E034", value=capability[:60], table=label, near=near)
    return holder, capability


def explain(
    zone: Zone,
    holder: str,
    capability: str | None = None,
    *,
    year: int,
    settings: ProfileSettings | None = None,
) -> tuple[Explained, ...]:
    """Say from which texts a holder's levels come, as the zone's evidence stands.

    Parameters
    ----------
    zone : Zone
        After a profile; ``evidence``, ``texts`` and ``text_parties`` are read.
    holder : str
        Organisation or person.
    capability : str, optional
        Default all that there is evidence for, highest level first.
    year : int
        From which ages are counted.
    settings : ProfileSettings, optional

    Raises
    ------
    InvalidInput
        E047 if no text shows it: that is "no data", not "does not hold it".
    """
    used = settings or ProfileSettings()
    rows = zone["evidence"].filter(pl.col("holder") == holder)
    if capability is not None:
        rows = rows.filter(pl.col("capability") == capability)
    if rows.is_empty():
        raise InvalidInput.of("E047", holder=holder, capability=capability or "*")
    counted = counted_evidence(zone.with_tables(evidence=rows), used, year=year)
    counted = counted.join(
        zone["texts"].select(pl.col("id").alias("text"), "title"), on="text", how="left"
    ).join(rows.select("capability", "text", "source"), on=["capability", "text"], how="left")
    named = dict(pl.concat([zone[t].select("id", "name") for t in
                            ("organisations", "people", "capabilities")]).iter_rows())  # fmt: skip
    stated = {
        row["capability"]: row
        for row in zone["holdings"].filter(~is_derived(), pl.col("holder") == holder).to_dicts()
    }
    told = levels(counted, used).sort("level", "capability", descending=[True, False])
    return tuple(
        Explained(
            holder=holder,
            holder_name=str(named[holder]),
            capability=row["capability"],
            capability_name=str(named[row["capability"]]),
            low=row["level_low"],
            level=row["level"],
            high=row["level_high"],
            stated=_stated(stated.get(row["capability"])),
            stated_source=(stated.get(row["capability"]) or {}).get("source"),
            grounds=_grounds(counted.filter(pl.col("capability") == row["capability"])),
            scale=used.strength_scale,
        )
        for row in told.iter_rows(named=True)
    )


def _stated(row: dict[str, Any] | None) -> tuple[float | None, ...] | None:
    return None if row is None else (row["level_low"], row["level"], row["level_high"])


def _grounds(counted: pl.DataFrame) -> tuple[Ground, ...]:
    labels = {one.id: one.label for one in evidence_kinds()}
    ranked = counted.with_columns(adds=pl.col("counts") * pl.col("chance")).sort(
        "adds", "text", descending=[True, False]
    )
    return tuple(
        Ground(
            text=row["text"],
            title=row["title"],
            kind=labels[row["kind_of_evidence"]],
            weight=row["weight"],
            share=row["share"],
            age=row["age"],
            chance=row["chance"],
            adds=row["adds"],
            sentence=row["sentence"],
            source=row["source"],
        )
        for row in ranked.iter_rows(named=True)
    )
