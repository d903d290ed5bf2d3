"""What a rule of consistency sees: the tables, and where their rows stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from jicheng.conform import empty_frame
from jicheng.errors import Fault, Where, fault
from jicheng.schema import zone_tables

__all__ = ["Locate", "View"]

ROW = "_row"
_LISTED = 1000  # faults of one rule in one column that are listed one by one

Locate = Callable[[int], Where]


@dataclass(frozen=True, slots=True)
class View:
    """Tables of a zone, and the place of each row in the user's files.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        As returned by :func:`jicheng.conform.conform`.
    places : mapping of str to callable
        For each table, what turns the position of a row in the frame into its place
        in a file or sheet; a table without one is named alone, and the text of the
        fault names the row by its key.
    unreadable : frozenset of str
        Tables that are there but could not be read, and are not in ``tables``.
    """

    tables: Mapping[str, pl.DataFrame]
    places: Mapping[str, Locate] = field(default_factory=dict)
    unreadable: frozenset[str] = frozenset()

    def __getitem__(self, table: str) -> pl.DataFrame:
        """Return a table with the position of each row in the column ``_row``."""
        frame = self.tables.get(table)
        if frame is None:
            frame = empty_frame(zone_tables()[table])
        return frame.with_row_index(ROW)

    def has(self, table: str) -> bool:
        """Tell whether a table has rows."""
        return table in self.tables and not self.tables[table].is_empty()

    def at(self, table: str, row: int | None, column: str = "") -> Where:
        """Return the place of a row; None = the table as a whole."""
        if row is None or table not in self.places:
            return Where(table, column=column)
        return replace(self.places[table](row), column=column)

    def key(self, table: str, row: int) -> str:
        """Name a row by its key, as ``technology=N1, supplier=JPN``."""
        values = self.tables[table].row(row, named=True)
        return ", ".join(
            f"{name}={values[name]}"
            for name in zone_tables()[table].key
            if values[name] is not None
        )

    def faults(
        self, table: str, column: str, rows: Iterable[int], make: Callable[[int, Where], Fault]
    ) -> list[Fault]:
        """Make one fault a row, and one for those beyond what anybody reads."""
        listed = list(rows)
        found = [make(row, self.at(table, row, column)) for row in listed[:_LISTED]]
        if len(listed) > _LISTED:
            where = self.at(table, None, column)
            rest = len(listed) - _LISTED
            found.append(fault("E109", where=where, is_warning=found[0].is_warning, n=rest))
        return found
