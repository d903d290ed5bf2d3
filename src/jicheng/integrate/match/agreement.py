"""How far people agree beyond chance, and what most of them say.

Cohen's kappa of two people over the pairs that both graded: (p_o - p_e) / (1 - p_e), with
p_o the share of equal grades and p_e that expected from how often each uses each grade
(Cohen 1960, A coefficient of agreement for nominal scales). ``unclear`` is no grade.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl

__all__ = ["agreement", "cohens_kappa", "grades_of_all"]


def cohens_kappa(first: list[int], second: list[int]) -> float:
    """Return kappa of two lists of grades of the same things.

    nan without things, or where both use one and the same grade alone: chance then explains
    everything and nothing.
    """
    if not first:
        return float("nan")
    grades = sorted({*first, *second})
    a, b = (np.array(one) for one in (first, second))
    same = float((a == b).mean())
    chance = float(sum((a == grade).mean() * (b == grade).mean() for grade in grades))
    return float("nan") if chance >= 1.0 else (same - chance) / (1.0 - chance)


def agreement(labels: pl.DataFrame) -> pl.DataFrame:
    """Return kappa for each two people: ``a``, ``b``, ``pairs``, ``same``, ``kappa``.

    Parameters
    ----------
    labels : polars.DataFrame
        Labels that count.
    """
    graded = labels.filter(pl.col("grade") != "unclear").with_columns(
        pl.col("grade").cast(pl.Int64)
    )
    rows = []
    for a, b in combinations(sorted(graded["who"].unique()), 2):
        both = graded.filter(who=a).join(
            graded.filter(who=b), on=["challenge", "candidate"], suffix="_b"
        )
        first, second = both["grade"].to_list(), both["grade_b"].to_list()
        kappa = cohens_kappa(first, second)
        same = float(np.mean(np.equal(first, second))) if first else None
        rows.append((a, b, len(first), same, None if np.isnan(kappa) else kappa))
    schema = {"a": pl.String, "b": pl.String, "pairs": pl.Int64, "same": pl.Float64,
              "kappa": pl.Float64}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def grades_of_all(labels: pl.DataFrame) -> pl.DataFrame:
    """Return one grade a pair: the lower median of what people say, unclear aside.

    The lower one, because of two people who differ the doubtful one is heard.
    """
    graded = labels.filter(pl.col("grade") != "unclear").with_columns(
        pl.col("grade").cast(pl.Int64)
    )
    return (
        graded.group_by("challenge", "candidate")
        .agg(pl.col("grade").sort().get((pl.len() - 1) // 2), people=pl.len())
        .sort("challenge", "candidate")
    )
