"""Rows of an importer on their way to records: each once, bounded, with what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from jicheng.errors import Fault, InvalidInput, Text, Where, fault
from jicheng.io.sources.cleaning import clean
from jicheng.io.sources.columns import TABLES, names_of
from jicheng.io.sources.files import SourceLimits
from jicheng.io.sources.records import key_of

__all__ = ["Collector"]

_EXAMPLES = 5


class Collector:
    """Tables of records that grow row by row.

    Of rows with one key the one with the later ``as_of`` stands, else the first. Rows
    are kept as tuples of texts, so that two million take about a gigabyte.
    """

    def __init__(self, limits: SourceLimits | None = None) -> None:
        self._limits = limits or SourceLimits()
        self._rows: dict[str, dict[tuple[str | None, ...], tuple[str | None, ...]]] = {
            table: {} for table in TABLES
        }
        self._names = {table: names_of(table) for table in TABLES}
        self._places = {
            table: tuple(names.index(name) for name in key_of(table))
            for table, names in self._names.items()
        }
        self._left_out: dict[Text, list[str]] = {}
        self._counts: dict[Text, int] = {}

    def add(self, table: str, row: Mapping[str, str | None]) -> None:
        """Take a row; raise E089 when there are too many."""
        names, kept = self._names[table], self._rows[table]
        made = tuple(row.get(name) for name in names)
        key = tuple(made[place] for place in self._places[table])
        day = names.index("as_of")
        old = kept.get(key)
        if old is not None and (made[day] or "") <= (old[day] or ""):
            return
        kept[key] = made
        if len(kept) > self._limits.records:
            raise InvalidInput.of("E089", where=Where(table), n=self._limits.records)

    def has(self, table: str, name: str | None) -> bool:
        """Tell whether a record with this id was taken."""
        return (name,) in self._rows[table]

    def leave_out(self, why: Text, example: object = "") -> None:
        """Count something that the source holds and that is not taken."""
        self._counts[why] = self._counts.get(why, 0) + 1
        examples = self._left_out.setdefault(why, [])
        shown = clean(str(example), longest=60)
        if shown and len(examples) < _EXAMPLES and shown not in examples:
            examples.append(shown)

    def drop_lost(self, table: str, columns: Iterable[str], targets: Iterable[str]) -> None:
        """Leave out rows that refer to what was not taken, such as a filtered parent."""
        ids = {key[0] for target in targets for key in self._rows[target]}
        places = [self._names[table].index(column) for column in columns]
        kept = self._rows[table]
        lost = [key for key, row in kept.items() if any(row[place] not in ids for place in places)]
        why = Text("指向未导入的记录", "refer to a record that was not taken")
        for key in lost:
            self.leave_out(why, " ".join(part or "" for part in key))
            del kept[key]

    def frames(self) -> dict[str, pl.DataFrame]:
        """Return the tables, in the order in which rows came."""
        return {
            table: pl.DataFrame(
                list(kept.values()), schema=dict.fromkeys(self._names[table], pl.String),
                orient="row",
            )
            for table, kept in self._rows.items()
            if kept
        }  # fmt: skip

    def warnings(self) -> list[Fault]:
        """Return a warning for each reason to leave something out (E083)."""
        return [
            fault(
                "E083", is_warning=True, n=n, why=why,
                examples=", ".join(self._left_out[why]) or "–",
            )
            for why, n in self._counts.items()
        ]  # fmt: skip
