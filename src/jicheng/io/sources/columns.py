"""Columns of records: what any source may say of organisations, people, facilities and texts.

``record_columns.csv`` lists them with type and labels; every table ends with the five
columns of provenance.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

from jicheng.errors import Text

__all__ = ["PROVENANCE", "TABLES", "Column", "columns_of", "names_of"]

TABLES = ("organisations", "people", "facilities", "texts", "text_parties", "ties")
PROVENANCE = ("source", "as_of", "licence", "retrieved", "query")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type, whether it must be filled, and its label.

    ``type`` is id, text, date, year, number, boolean, country, the name of a list in
    ``schema/choices.csv``, or the tables of records (joined by ``+``) that it refers to.
    """

    name: str
    type: str
    status: str
    label: Text

    @property
    def references(self) -> tuple[str, ...]:
        """Tables whose ids it holds; empty for other columns."""
        parts = tuple(self.type.split("+"))
        return parts if set(parts) <= set(TABLES) else ()

    @property
    def is_needed(self) -> bool:
        """Whether a row without it is refused."""
        return self.status != "optional"


@cache
def columns_of(table: str) -> tuple[Column, ...]:
    """Return the columns of a table of records, provenance last."""
    file = resources.files("jicheng.io.sources").joinpath("record_columns.csv")
    rows = list(csv.DictReader(file.read_text("utf-8").splitlines()))
    return tuple(
        Column(row["column"], row["type"], row["status"], Text(row["zh"], row["en"]))
        for wanted in (table, "*")
        for row in rows
        if row["table"] == wanted
    )


def names_of(table: str) -> tuple[str, ...]:
    """Return the names of the columns of a table of records."""
    return tuple(column.name for column in columns_of(table))
