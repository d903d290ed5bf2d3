"""CSV files that a spreadsheet opens as text, never as formulas.

Names, reasons and notes come from many hands. A cell such as ``=HYPERLINK(...)`` is
refused when a zone is read; tables of results and logs pass through here instead,
where a leading apostrophe makes a spreadsheet show the text as it is.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from jicheng.atomic import write_file
from jicheng.conform import starts_a_formula

__all__ = ["escape", "escape_text", "write_csv"]

_BLANKS = " \u3000\xa0\ufeff"
_MAY_RUN = tuple("=+-@\t\r\n＝＋－＠")  # first letters of what a spreadsheet may run
_BOM = b"\xef\xbb\xbf"


def escape(frame: pl.DataFrame) -> pl.DataFrame:
    """Put an apostrophe before text that a spreadsheet would run.

    That is text that begins with ``= + - @``, their full-width forms, TAB, CR or LF,
    unless it is a plain number. Blanks before them do not help: they are looked
    through.
    """
    return frame.with_columns(_escaped(name) for name in frame.columns
                              if frame.schema[name] == pl.String)  # fmt: skip


def escape_text(text: str) -> str:
    """Escape one cell; see :func:`escape`."""
    if text.lstrip(_BLANKS)[:1] not in _MAY_RUN:
        return text  # most cells: no table is made for them
    return str(escape(pl.DataFrame({"text": [text]}))["text"][0])


def write_csv(frame: pl.DataFrame, path: Path, *, for_excel: bool = True) -> None:
    """Write a table as CSV in UTF-8, safe for a spreadsheet, whole or not at all.

    Parameters
    ----------
    frame : polars.DataFrame
        Any table; text cells are escaped.
    path : Path
        The file; an existing one is replaced.
    for_excel : bool
        Whether a byte-order mark is written, without which Excel shows Chinese
        text as garbage.
    """
    data = escape(frame).write_csv().encode()
    write_file(path, (_BOM if for_excel else b"") + data)


def _escaped(name: str) -> pl.Expr:
    column = pl.col(name)
    shown = column.str.strip_chars_start(_BLANKS)
    runs = starts_a_formula(shown) | shown.str.starts_with("\n")
    return pl.when(runs).then("'" + column).otherwise(column).alias(name)
