"""The fewest questions that decide which bodies are one.

Records that are already joined are asked about together: one pair of records stands for all
pairs between two bodies. Among three or more bodies, "A is B" and "B is C" make "A is C" need
no question, so only a tree of pairs is asked, the likeliest first (Kruskal 1956): with every
answer "same" nothing is left, and what an answer "different" leaves open is asked next time.
"""

from __future__ import annotations

from collections import Counter

import polars as pl

from jicheng.integrate.resolve.disjoint import DisjointSets

__all__ = ["fewest_questions"]


def fewest_questions(review: pl.DataFrame, members: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Choose which of the undecided pairs to ask about.

    Parameters
    ----------
    review : DataFrame
        Undecided pairs, the likeliest first: ``left``, ``right`` and what is known of them.
    members : DataFrame
        ``record`` and the body that it belongs to now.
    kind : str
        Name of that column.

    Returns
    -------
    DataFrame
        Rows of ``review`` with ``settles``: on how many undecided pairs either answer decides
        by itself. Those that settle most first, and of these the likeliest.

    Notes
    -----
    For n bodies with undecided pairs in c connected groups n - c questions are asked; with
    fewer some body could still be joined to its group or not.
    """
    bodies = dict(members.select("record", kind).iter_rows())
    ends = [
        tuple(sorted((bodies[left], bodies[right])))
        for left, right in review.select("left", "right").iter_rows()
    ]
    pairs = Counter(ends)
    groups = DisjointSets[str]()
    asked = [k for k, (one, other) in enumerate(ends) if groups.join(one, other)]
    settles = pl.Series("settles", [pairs[ends[k]] for k in asked], dtype=pl.Int64)
    return review[asked].with_columns(settles).sort("settles", descending=True, maintain_order=True)
