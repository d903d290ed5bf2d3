"""How strong and how recent the evidence for capabilities is.

A piece of evidence is a text that shows a capability with a calibrated chance p. Its
strength fades with age: p 2^(-age / h). Several pieces for the same capability add up as
independent witnesses: 1 - prod (1 - strength). What a person stated without a chance is
certain, p = 1; where the chance of a profile's row or the year is unknown, the strength is an
interval. An application and its grant are one witness, with the larger strength. Ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.integrate.evidence_rows import is_stated, same_text
from jicheng.integrate.match.levels import Interval, between
from jicheng.integrate.match.parties import Parties
from jicheng.integrate.match.settings import MatchSettings
from jicheng.zone import Zone

__all__ = ["PartyEvidence"]

Floats = NDArray[np.float64]

_NOTHING = (np.empty(0, np.intp), np.empty(0), np.empty(0))
_WITNESS = "witness"  # column: what texts of one holder have in common that are one witness
_OLDEST = 3.0  # half-lives that count for a text without a year


@dataclass(frozen=True, eq=False)
class PartyEvidence:
    """Evidence of candidates.

    Attributes
    ----------
    rows : polars.DataFrame
        The zone's rows with ``place`` (candidate), ``period`` and ``title`` of the text, and
        ``witness``, which rows have in common that count once;
        ``score`` is 1 where a person stated it without one.
    strength : polars.DataFrame
        ``place``, ``capability``, ``low``, ``high``.
    on_record : ndarray of bool, shape (n,)
        Who has any evidence.
    """

    rows: pl.DataFrame
    strength: pl.DataFrame
    on_record: NDArray[np.bool_]

    @classmethod
    def of(cls, zone: Zone, parties: Parties, settings: MatchSettings) -> PartyEvidence:
        """Read the evidence of a zone; that of people counts for where they work too."""
        year = zone["zones"]["period"][0] if zone["zones"].height else None
        places = parties.table.with_row_index("place").select(
            "id", "list", "organisation", pl.col("place").cast(pl.Int64)
        )
        certain = pl.when(is_stated()).then(1.0)
        scored = zone["evidence"].with_columns(pl.coalesce("score", certain).alias("score"))
        told = scored.join(places, left_on="holder", right_on="id")
        work = told.filter(pl.col("list") == "people").drop("place")
        at = work.join(places.select("id", "place"), left_on="organisation", right_on="id")
        texts = zone["texts"].select("id", "title", "kind", "period")
        rows = (
            pl.concat([told.select(sorted(told.columns)), at.select(sorted(told.columns))])
            .drop("list", "organisation")
            .join(texts, left_on="text", right_on="id", how="left")
            .sort("place", "capability", "text", "holder")
        )
        age = (pl.lit(year, pl.Int64) - pl.col("period")).clip(0)
        fades = (-(age / settings.evidence_years) * float(np.log(2.0))).exp()
        rows = rows.with_columns(same_text().fill_null(pl.col("text")).alias(_WITNESS))
        pieces = (
            rows.with_columns(
                low=pl.col("score").fill_null(0.0) * fades.fill_null(0.5**_OLDEST),
                high=pl.col("score").fill_null(1.0) * fades.fill_null(1.0),
            )
            .group_by("place", "capability", _WITNESS)
            .agg(pl.col("low", "high").max())
            .sort("place", "capability", "low", "high")  # the order of factors is told
        )
        strength = pieces.group_by("place", "capability").agg(
            *((1.0 - (1.0 - pl.col(end)).product()).alias(end) for end in ("low", "high"))
        )
        on_record = np.zeros(parties.n, np.bool_)
        on_record[rows["place"].to_numpy()] = True
        return cls(rows, strength.sort("capability", "place"), on_record)

    def value(self, needs: pl.DataFrame) -> Interval:
        """Return the weighted strength of the evidence for the needs of a query."""
        low, high = np.zeros(len(self.on_record)), np.zeros(len(self.on_record))
        for capability, weight in needs.select("capability", "weight").iter_rows():
            place, ends_low, ends_high = self._of_capability.get(capability, _NOTHING)
            low[place] += weight * ends_low
            high[place] += weight * ends_high
        return between(np.minimum(1.0, low), np.minimum(1.0, high), self.on_record)

    @cached_property
    def _of_capability(self) -> dict[str, tuple[NDArray[np.intp], Floats, Floats]]:
        """Who shows each capability (places, each once), and both ends of the strength."""
        return {
            str(name): (
                part["place"].to_numpy().astype(np.intp),
                part["low"].to_numpy(),
                part["high"].to_numpy(),
            )
            for (name,), part in self.strength.partition_by("capability", as_dict=True).items()
        }

    def of_candidate(self, place: int, needs: pl.DataFrame) -> pl.DataFrame:
        """Return the evidence rows of a candidate for the needs, strongest first.

        Each witness once: the text of an organisation and of three of its people is one.
        """
        mine = self.rows.filter(pl.col("place") == place)
        asked = mine.join(needs.select("capability"), on="capability", how="semi")
        return asked.sort(
            "score",
            "period",
            "text",
            descending=[True, True, False],
            nulls_last=True,
            maintain_order=True,
        ).unique(["capability", _WITNESS], keep="first", maintain_order=True)
