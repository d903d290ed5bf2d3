"""The five files of the source: rows, lines, and what they have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from jicheng.cells import country_code
from jicheng.errors import Fault, InvalidInput, Text, Where, fault
from jicheng.io.limits import Limits
from jicheng.io.text_table import read_text_table
from jicheng.schema import countries

__all__ = [
    "COLUMNS",
    "TITLE",
    "Row",
    "SourceFiles",
    "code_of",
    "is_various",
    "merged",
    "read_files",
    "unknown",
]

COLUMNS = {
    "inputs": ("input_id", "input_name", "type", "stage_name", "description"),
    "providers": ("provider_id", "provider_name", "provider_type", "country"),
    "provision": ("provider_id", "provided_id", "share_provided"),
    "sequence": ("input_id", "goes_into_id", "is_type_of_id"),
    "stages": ("stage_id", "stage_name"),
}
TITLE = "ETO Supply Chain Explorer: advanced chips"
_CODES = {"MAL": "MYS"}  # the older layout's code of Malaysia

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SourceFiles:
    """Rows of the five files, blank cells as "", with the line of each row."""

    rows: Mapping[str, Sequence[Row]]
    lines: Mapping[str, Sequence[int]]
    is_dated: bool

    def numbered(self, name: str) -> Iterable[tuple[int, Row]]:
        """Return the rows of a file with their lines."""
        return zip(self.lines[name], self.rows[name], strict=True)


def read_files(path: Path, limits: Limits) -> SourceFiles:
    """Read the five files; raise with every fault of all of them."""
    faults: list[Fault] = []
    rows: dict[str, list[Row]] = {}
    lines: dict[str, Sequence[int]] = {}
    for name, columns in COLUMNS.items():
        file = path / f"{name}.csv"
        where = Where(sheet=file.name)
        if not file.is_file():
            faults.append(fault("E190", path=path, missing=file.name))
            continue
        text, found = read_text_table(file, where, limits)
        faults += found
        if text is None:
            continue
        missing = [column for column in columns if column not in text.headings]
        if missing:
            faults.append(fault("E190", where=where, path=path, missing=", ".join(missing)))
        cells = text.frame.select(pl.all().fill_null("").str.strip_chars()).iter_rows()
        rows[name] = [dict(zip(text.headings, row, strict=True)) for row in cells]
        lines[name] = text.lines
    if any(not found.is_warning for found in faults):
        raise InvalidInput(faults)
    return SourceFiles(rows, lines, is_dated=any("year" in row for row in rows["provision"]))


def code_of(name: str) -> str | None:
    """Return the country code of a name as the source writes it; None if it is none."""
    code = _CODES.get(name, name)
    return code if code in countries() else country_code(name)


def is_various(name: str) -> bool:
    """Tell whether a provider is an aggregate of unnamed ones."""
    return name.lower().startswith("various")


def unknown(file: str, line: int, name: str, target: str) -> Fault:
    """Return the fault of an id that a file does not explain."""
    table = {"sequence": "links", "provision": "supply"}[file]
    where = Where(table, f"{file}.csv", line)
    return fault("E121", where=where, value=name, tables=target, key=f"{file}.csv", near="-")


def merged(what: Text, names: Sequence[str]) -> Fault:
    """Return the warning of rows that were merged."""
    unique = sorted(set(names))
    detail = ", ".join(unique[:8]) + (", …" if len(unique) > 8 else "")
    return fault("E193", is_warning=True, n=len(names), what=what, detail=detail)
