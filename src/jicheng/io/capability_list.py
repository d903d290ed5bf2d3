"""Read a zone's own taxonomy of capabilities from CSV or Excel.

It replaces the shipped one (:mod:`jicheng.taxonomy`) where a zone has words of its own.
Headings are the attributes of the table ``capabilities`` or their labels in Chinese or
English; of a workbook, the sheet named after the table, else the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from jicheng import taxonomy
from jicheng.errors import InvalidInput, Where
from jicheng.io.excel.reading import open_book
from jicheng.io.headings import match_headings, table_of
from jicheng.io.limits import Limits
from jicheng.io.text_table import read_text_table
from jicheng.schema import zone_tables

__all__ = ["read_capabilities"]

_TABLE = "capabilities"


def read_capabilities(path: Path, *, limits: Limits | None = None) -> pl.DataFrame:
    """Read and check a table of capabilities, whole or not at all.

    Parameters
    ----------
    path : Path
        A file ``.csv`` (UTF-8) or ``.xlsx`` with a row of headings first.
    limits : Limits, optional
        Sizes above which a file is refused.

    Returns
    -------
    polars.DataFrame
        As :func:`jicheng.taxonomy.load`.

    Raises
    ------
    InvalidInput
        E020 another kind of file, E021-E029 as
        :func:`jicheng.taxonomy.checked`, E151-E186 for the file itself.
    """
    limits = limits or Limits()
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".xlsx"):
        raise InvalidInput.of("E020", where=Where(path.name), suffix=path.suffix or path.name)
    read = _csv if suffix == ".csv" else _workbook
    name, headings, columns, lines = read(path, limits)
    places, faults = match_headings(
        headings,
        zone_tables()[_TABLE],
        Where(name),
        is_empty=lambda k: not any(cell.strip() for cell in columns[k]),
        name_of=lambda k: str(k + 1),
    )
    if faults:
        raise InvalidInput(faults)
    table = pl.DataFrame(
        [pl.Series(attribute, columns[k], pl.String) for k, attribute in places.items()]
    )
    return taxonomy.checked(table, lines, name=name)


Cells = tuple[str, Sequence[str], Sequence[Sequence[str]], Sequence[int]]


def _csv(path: Path, limits: Limits) -> Cells:
    read, faults = read_text_table(path, Where(path.name), limits)
    if read is None:
        raise InvalidInput(faults)
    frame = read.frame.fill_null("")
    return path.name, read.headings, [frame[name].to_list() for name in frame.columns], read.lines


def _workbook(path: Path, limits: Limits) -> Cells:
    grids = open_book(path, limits).grids
    if not grids:
        raise InvalidInput.of("E027", where=Where(path.name))
    sheet = next((name for name in grids if table_of(name) == _TABLE), next(iter(grids)))
    rows = [
        (number, [_text(cell) for cell in row])
        for number, row in enumerate(grids[sheet], 1)
        if any(_text(cell) for cell in row)
    ]
    if not rows:
        raise InvalidInput.of("E027", where=Where(sheet))
    headings = rows[0][1]
    columns = [[row[k] for _, row in rows[1:]] for k in range(len(headings))]
    return sheet, headings, columns, [number for number, _ in rows[1:]]


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip(" \u3000\xa0")
