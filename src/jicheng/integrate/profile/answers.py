"""What people said of the texts of a zone: rows that are added, never changed.

Of several answers about one text and capability the last one counts; the others stay in the
file, which lies beside the zone.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from jicheng.integrate.profile.evidence import answers_frame
from jicheng.ledger import extend_lines, read_ledger

__all__ = ["keep_answers", "read_answers"]


def read_answers(path: Path) -> pl.DataFrame:
    """Return all rows of a file in the order in which they were added; none if there is none.

    Raises
    ------
    InvalidInput
        E118 if it is no such file.
    """
    form = answers_frame()
    lines = read_ledger(path, form.columns).lines
    rows = [[line.cells.get(name) or None for name in form.columns] for line in lines]
    return pl.DataFrame(rows, schema=form.schema, orient="row")


def keep_answers(paths: Iterable[Path], answers: pl.DataFrame) -> None:
    """Add to each file the answers that follow those that it holds.

    Raises
    ------
    InvalidInput
        E119 if a file holds rows that the answers do not begin with, E118 if it cannot be
        read; no file is written then.
    """
    texts = answers.select(pl.all().cast(pl.String).fill_null(""))
    extend_lines(paths, answers.columns, list(texts.iter_rows(named=True)))
