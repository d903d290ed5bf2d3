"""How rows of the table ``evidence`` are read, for profiles and for matching alike."""

from __future__ import annotations

import polars as pl

from jicheng.integrate.profile.settings import DERIVED

__all__ = ["is_stated", "same_text"]


def same_text() -> pl.Expr:
    """Return what texts of one holder have in common that are one witness.

    An application and its grant have the same ``kind`` and ``title``; without a title a text
    stands for itself: empty.
    """
    return pl.concat_str("kind", pl.lit(":"), pl.col("title").str.strip_chars())


def is_stated() -> pl.Expr:
    """Tell which rows a person stated: their ``source`` names no profile."""
    return ~pl.col("source").fill_null("").str.starts_with(DERIVED)
