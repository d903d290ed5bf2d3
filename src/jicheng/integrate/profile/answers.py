"""What people said of the texts of a zone: rows that are added, never changed.

Of several answers about one text and capability the last one counts; the others stay in the
file. It lies beside the zone and opens in spreadsheets, so no cell of it runs as a formula.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from jicheng.errors import InvalidInput
from jicheng.integrate.profile.evidence import answers_frame
from jicheng.io.csv_safe import escape

__all__ = ["keep_answers", "read_answers"]

_BOM = b"\xef\xbb\xbf"


def read_answers(path: Path) -> pl.DataFrame:
    """Return all rows of a file in the order in which they were added; none if there is none.

    Raises
    ------
    InvalidInput
        E032 if it is no such file.
    """
    rows = _read(path)
    return rows.select(answers_frame().columns)


def keep_answers(paths: Sequence[Path], answers: pl.DataFrame) -> None:
    """Add to each file the answers that follow those that it holds.

    Raises
    ------
    InvalidInput
        E385 if a file holds rows that the answers do not begin with, E032 if it cannot be
        read; no file is written then.
    """
    held = [_read(path) for path in paths]
    for rows in held:
        own = rows.select(answers.columns)
        if not own.equals(answers.head(own.height)):
            raise InvalidInput.of("E385", found=own.height)
    for path, rows in zip(paths, held, strict=True):
        _append(path, rows.columns, answers.slice(rows.height))


def _read(path: Path) -> pl.DataFrame:
    if not path.exists() or not path.stat().st_size:
        return answers_frame()
    needed = answers_frame().columns
    try:
        rows = pl.read_csv(path, infer_schema=False)
        told = rows.select(needed)
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        raise InvalidInput.of("E032", columns=f"{path.name}: {', '.join(needed)}") from error
    plain = told.select(pl.all().str.strip_prefix("'"))
    shown = escape(plain)  # only what was escaped loses its apostrophe
    return rows.with_columns(
        pl.when(shown[name] == told[name]).then(plain[name]).otherwise(told[name]).alias(name)
        for name in needed
    )


def _append(path: Path, columns: Sequence[str], new: pl.DataFrame) -> None:
    if new.is_empty():
        return
    ordered = escape(new).select(
        pl.col(name) if name in new.columns else pl.lit(None, pl.String).alias(name)
        for name in columns
    )
    is_fresh = not path.exists() or not path.stat().st_size
    data = ordered.write_csv(include_header=is_fresh).encode()
    if is_fresh:
        data = _BOM + data
    elif not path.read_bytes().endswith(b"\n"):  # as after a power cut
        data = b"\n" + data
    with path.open("ab") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
