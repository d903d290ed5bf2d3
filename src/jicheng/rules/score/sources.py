"""Rows of a zone that a fact of one subject was read from, found without reading the rest."""

from __future__ import annotations

import polars as pl

from jicheng.rules.expression.nodes import Name
from jicheng.rules.facts.dictionary import FactDefinition
from jicheng.rules.score.finding import SourceRow
from jicheng.zone import Zone

__all__ = ["SourceRows"]


class SourceRows:
    """Looks up rows of one subject; tables of a zone are sorted by it.

    Parameters
    ----------
    zone : Zone
        Has the tables.
    subject : str
        Id of an organisation or a person.
    year : int
        The evaluation year.
    """

    def __init__(self, zone: Zone, subject: str, year: int) -> None:
        self._year = year
        self._indicators = _rows(zone["indicators"], "subject", subject)
        self._qualifications = _rows(zone["qualifications"], "holder", subject)
        self._subjects = {
            name: _rows(zone[name], "id", subject) for name in ("organisations", "people")
        }

    def of(self, name: Name, fact: FactDefinition | None) -> tuple[SourceRow, ...]:
        """Return the rows that tell a fact of one year."""
        year = self._year + name.offset
        told = self._indicators.filter(
            (pl.col("indicator") == name.id) & (pl.col("period") == year)
        )
        if not told.is_empty():
            return tuple(_indicator(row) for row in told.iter_rows(named=True))
        origin, _, detail = ("", "", "") if fact is None else fact.origin.partition(":")
        if origin.startswith("qualification"):
            held = self._qualifications.filter(pl.col("kind") == detail)
            return tuple(_qualification(row) for row in held.iter_rows(named=True))
        if origin.startswith(("organisation", "person")):
            return tuple(
                SourceRow(table, row["id"], f"{detail} = {row[detail]}", *_said(row))
                for table, rows in self._subjects.items()
                for row in rows.iter_rows(named=True)
                if row.get(detail) is not None
            )
        return ()


def _rows(table: pl.DataFrame, column: str, value: str) -> pl.DataFrame:
    if table.is_empty():
        return table
    start = table[column].search_sorted(value, side="left")
    stop = table[column].search_sorted(value, side="right")
    return table[start:stop]


def _indicator(row: dict[str, object]) -> SourceRow:
    told = [row.get("text"), row["value"], row.get("low"), row.get("high")]
    values = " – ".join(str(each) for each in told if each is not None)
    unit = row["unit"] or ""
    key = f"{row['subject']}, {row['indicator']}, {row['period']}"
    return SourceRow("indicators", key, f"{values} {unit}".strip(), *_said(row))


def _qualification(row: dict[str, object]) -> SourceRow:
    valid = f"{row['valid_from'] or ''} – {row['valid_until'] or ''}"
    return SourceRow("qualifications", f"{row['holder']}, {row['kind']}", valid, *_said(row))


def _said(row: dict[str, object]) -> tuple[str, str]:
    return str(row.get("source") or ""), str(row.get("as_of") or "")
