"""Zones in Excel: the project's own template, and any workbook with a mapping.

``write_template`` makes the workbook that staff fill in, ``read`` reads it back or
says what is wrong by sheet, row and column, and ``annotate`` marks that in a copy.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from jicheng.io.excel.annotate import annotate
from jicheng.io.excel.reading import read
from jicheng.io.excel.template import write_template

__all__ = ["annotate", "read", "recognises", "write_template"]

_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".et")


def recognises(path: Path) -> bool:
    """Tell whether a file is a workbook, by its name or by what is in it."""
    if not path.is_file():
        return False
    if path.suffix.lower() in _SUFFIXES:
        return True
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return False
