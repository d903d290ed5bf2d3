"""How well clusters agree with a known truth: pairwise and B-cubed.

Pairwise counts pairs of records in one cluster; B-cubed (Bagga and Baldwin 1998) asks
each record how much of its cluster is right and how much of its truth is there, so large
clusters do not decide alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

__all__ = ["Agreement", "agreement"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Precision and recall, by pairs and by records (B-cubed); 1 where nothing is asked."""

    precision: float
    recall: float
    b_precision: float
    b_recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall of pairs."""
        return _harmonic(self.precision, self.recall)

    @property
    def b_f1(self) -> float:
        """Harmonic mean of B-cubed precision and recall."""
        return _harmonic(self.b_precision, self.b_recall)


def agreement(found: pl.Series, truth: pl.Series, *, counted: pl.Series | None = None) -> Agreement:
    """Compare clusters with the truth.

    Parameters
    ----------
    found, truth : polars.Series
        Cluster and true organisation of each record.
    counted : polars.Series of bool, optional
        Records to report on. A pair with one counted record counts half, so that
        wrong pairs between kinds are not lost.
    """
    frame = pl.DataFrame({"found": found, "truth": truth}).with_columns(
        counted=pl.lit(value=True) if counted is None else counted
    )
    frame = frame.with_columns(
        in_found=pl.len().over("found"),
        in_truth=pl.len().over("truth"),
        both=pl.len().over("found", "truth"),
    ).filter("counted")
    right = int((frame["both"].cast(pl.Int64) - 1).sum())
    said = int((frame["in_found"].cast(pl.Int64) - 1).sum())
    true = int((frame["in_truth"].cast(pl.Int64) - 1).sum())
    return Agreement(
        precision=right / said if said else 1.0,
        recall=right / true if true else 1.0,
        b_precision=_mean(frame["both"] / frame["in_found"]),
        b_recall=_mean(frame["both"] / frame["in_truth"]),
    )


def _mean(shares: pl.Series) -> float:
    return float(shares.sum()) / shares.len() if shares.len() else 1.0


def _harmonic(a: float, b: float) -> float:
    return 2 * a * b / (a + b) if a + b else 0.0
