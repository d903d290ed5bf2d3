"""Rows in the order of their key: what is written so need not be sorted or searched again."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

__all__ = ["is_in_order"]


def is_in_order(frame: pl.DataFrame, key: Sequence[str]) -> bool:
    """Tell whether rows ascend by a key that no two of them share and of which no part is empty.

    Parameters
    ----------
    frame : polars.DataFrame
        A table of a zone.
    key : sequence of str
        Its columns, the most important first; texts in the order of their UTF-8 bytes.

    Returns
    -------
    bool
        True means that sorting by the key changes nothing and that no key is repeated.
        False may also mean that a part of a key is empty.

    Notes
    -----
    O(rows); sorting a table of millions of rows copies it, this does not.
    """
    columns = [frame[name] for name in key]
    if any(column.null_count() for column in columns):
        return False
    follows = pl.zeros(max(0, frame.height - 1), dtype=pl.Boolean, eager=True)
    for column in reversed(columns):
        before, after = column.head(-1), column.slice(1)
        follows = (before < after) | ((before == after) & follows)
    return bool(follows.all())
