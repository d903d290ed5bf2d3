"""What the graph says: kin of capabilities in the taxonomy, and ties between candidates.

Ties are those of the zone's table and those told by the texts that two parties share
(:mod:`jicheng.integrate.profile.ties`), where people count for their employer too; where both
tell of the same kind the greater counts. The strength of all ties between two is cut at a
limit, so that a pair with many patents does not decide alone. An organisation, its people and
its facilities are no cooperation of one another, whatever tells of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from jicheng.integrate.match.levels import Interval
from jicheng.integrate.match.parties import Parties
from jicheng.integrate.match.settings import MatchSettings
from jicheng.integrate.profile.settings import DERIVED
from jicheng.integrate.profile.ties import shared_texts
from jicheng.zone import Zone

__all__ = ["Taxonomy", "Ties"]

Floats = NDArray[np.float64]
_COLUMNS = ("a", "b", "kind", "weight", "period", "text")


@dataclass(frozen=True, eq=False)
class Taxonomy:
    """Which capability stands above which."""

    above: dict[str, str]
    below: dict[str, list[str]]

    @classmethod
    def of(cls, zone: Zone) -> Taxonomy:
        """Read the capabilities of a zone."""
        rows = zone["capabilities"].select("id", "parent").drop_nulls().rows()
        below: dict[str, list[str]] = {}
        for name, parent in rows:
            below.setdefault(parent, []).append(name)
        return cls(dict(rows), below)

    def kin_of(
        self, capabilities: Sequence[str], settings: MatchSettings
    ) -> dict[str, dict[str, float]]:
        """Return for each capability those that count for it.

        Itself, narrower and broader ones and siblings.

        Returns
        -------
        dict of str to dict of str to float
            What each counts against the capability itself (1).
        """
        found: dict[str, dict[str, float]] = {}
        for name in capabilities:
            parent = self.above.get(name, "")
            counts = dict.fromkeys(self.below.get(parent, ()), settings.sibling)
            if parent:
                counts[parent] = settings.parent
            counts |= dict.fromkeys(self.below.get(name, ()), settings.child)
            counts[name] = 1.0
            found[name] = {one: share for one, share in counts.items() if share > 0.0}
        return found


@dataclass(frozen=True, eq=False)
class Ties:
    """Ties between candidates.

    Attributes
    ----------
    matrix : csr_array of float64, shape (n, n)
        Strength between 0 and 1, symmetric, nothing on the diagonal.
    on_record : ndarray of bool, shape (n,)
        Who has a tie, counted or not.
    rows : polars.DataFrame
        ``a``, ``b`` (places), ``kind``, ``weight``, ``period``, ``text`` (null: a row of the
        table of ties).
    """

    matrix: sparse.csr_array
    on_record: NDArray[np.bool_]
    rows: pl.DataFrame

    @classmethod
    def of(cls, zone: Zone, parties: Parties, settings: MatchSettings) -> Ties:
        """Read the ties of a zone."""
        index = parties.table.select(
            place=pl.int_range(pl.len()),
            party="id",
            home=pl.Series(parties.home, dtype=pl.Int64),
        )
        shared = shared_texts(zone, most_parties=settings.most_parties, with_employers=True).pairs
        rows = _placed(pl.concat([_stated(zone, shared), shared.select(_COLUMNS)]), index)
        on_record = np.zeros(parties.n, np.bool_)
        for side in ("a", "b"):
            on_record[rows[side].to_numpy()] = True
        counted = rows.filter(pl.col("kind").is_in(list(settings.tie_kinds)))
        summed = pl.col("weight").sort().sum()  # sorted: the same bits in any order
        told = counted.group_by("a", "b", "kind", is_told=pl.col("text").is_null()).agg(summed)
        of_kind = told.group_by("a", "b", "kind").agg(pl.col("weight").max())  # not twice
        total = of_kind.group_by("a", "b").agg(summed).sort("a", "b")
        strength = np.minimum(1.0, total["weight"].to_numpy() / settings.tie_limit)
        half = sparse.csr_array(
            (strength, (total["a"].to_numpy(), total["b"].to_numpy())),
            shape=(parties.n, parties.n),
        )
        return cls(sparse.csr_array(half + half.T), on_record, rows)

    @cached_property
    def _back(self) -> Floats:
        """Weight of the two steps that lead back to where they began, shape (n,)."""
        return np.asarray(self.matrix.multiply(self.matrix).sum(axis=1)).ravel()

    def nearness(self, seeds: Floats, settings: MatchSettings) -> Interval:
        """Return how close each candidate is to strong candidates.

        Parameters
        ----------
        seeds : ndarray of float64, shape (n,)
            Strength of the candidates whose ties count, 0 for all others.

        Notes
        -----
        t_i = sum_j T_ij s_j + c (sum_jk T_ij T_jk s_k, without the way back to i), and the
        value is 1 - exp(-t_i): two steps of a random walk from the seeds, cut there because
        three steps of cooperation tell nothing that a person would call a tie. Ours.
        """
        one = self.matrix @ seeds
        two = np.maximum(0.0, self.matrix @ one - self._back * seeds)
        near = 1.0 - np.exp(-(one + settings.second_step * two))
        return Interval.exactly(near, self.on_record)

    def with_any(self, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell who has a tie that counts with any of the chosen, shape (n,)."""
        return np.asarray(self.matrix @ chosen.astype(np.float64) > 0.0, dtype=np.bool_)

    def between(self, place: int, others: NDArray[np.intp]) -> pl.DataFrame:
        """Return the rows that tie a candidate to others, strongest first."""
        pair = (pl.col("a") == place) & pl.col("b").is_in(others) | (
            (pl.col("b") == place) & pl.col("a").is_in(others)
        )
        return self.rows.filter(pair).sort(
            "weight", "kind", "a", "b", descending=[True] + 3 * [False]
        )


def _placed(rows: pl.DataFrame, index: pl.DataFrame) -> pl.DataFrame:
    """Return ties with the places of both sides, the smaller first.

    Those of unknown parties and within one organisation are dropped.
    """
    named = rows
    for side in ("a", "b"):
        of_side = index.select(
            pl.col("party").alias(side),
            pl.col("place").alias(f"{side}_"),
            pl.col("home").alias(f"{side}_home"),
        )
        named = named.join(of_side, on=side)
    is_own = (pl.col("a_home") == pl.col("b_home")) & (pl.col("a_home") >= 0)
    return (
        named.filter(~is_own)
        .select(
            pl.min_horizontal("a_", "b_").cast(pl.Int64).alias("a"),
            pl.max_horizontal("a_", "b_").cast(pl.Int64).alias("b"),
            "kind",
            pl.col("weight").cast(pl.Float64),
            pl.col("period").cast(pl.Int64),
            pl.col("text").cast(pl.String),
        )
        .filter(pl.col("a") != pl.col("b"))
        .sort("a", "b", "kind", "text", "period", "weight", nulls_last=True)
    )


def _stated(zone: Zone, shared: pl.DataFrame) -> pl.DataFrame:
    """Return the table of ties, without what a profile wrote of texts that still tell it."""
    told = pl.col("source").fill_null("").str.starts_with(DERIVED)
    ties = zone["ties"].with_columns(pl.col("weight").fill_null(1.0), text=pl.lit(None, pl.String))
    left = ties.filter(told).join(shared, on=["a", "b", "kind"], how="anti")
    return pl.concat([ties.filter(~told).select(_COLUMNS), left.select(_COLUMNS)])
