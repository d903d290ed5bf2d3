"""Small workbooks for tests, also hostile ones; each test makes its own."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

__all__ = ["repack", "write_book"]


def write_book(
    path: Path,
    sheets: Mapping[str, Sequence[Sequence[Any]]],
    *,
    dress: Callable[[xlsxwriter.Workbook], None] | None = None,
) -> Path:
    """Write rows of cells by sheet; ``dress`` may add to the workbook before it closes."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        date = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(r, c, cell)
                    elif hasattr(cell, "isoformat"):
                        sheet.write_datetime(r, c, cell, date)
                    elif cell is not None:
                        sheet.write(r, c, cell)
        if dress is not None:
            dress(book)
    return path


def repack(
    path: Path,
    *,
    change: Mapping[str, Callable[[bytes], bytes]] | None = None,
    add: Mapping[str, bytes] | None = None,
    drop: Sequence[str] = (),
) -> Path:
    """Change, add or drop parts of a workbook, as no spreadsheet program would."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name not in drop}
    for name, edit in (change or {}).items():
        parts[name] = edit(parts[name])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**parts, **(add or {})}.items():
            archive.writestr(name, data)
    return path
