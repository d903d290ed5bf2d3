"""A zone: one immutable container of typed tables with their sources.

Every stage reads a :class:`Zone` and nothing else. Tables are polars frames with
all columns of the schema, sorted by key, so that the order of rows in a file
changes no result and no hash. A table may be absent; a stage says what it lacks.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, cast

import polars as pl

from jicheng.checks import check_tables
from jicheng.checks.keys import is_in_order
from jicheng.conform import conform, empty_frame
from jicheng.errors import Fault, InvalidInput, fault
from jicheng.schema import zone_tables

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["Source", "Zone"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where tables come from.

    ``title`` and ``licence`` are printed in every report that uses the zone;
    ``retrieved`` is an ISO date, ``tables`` names what the source fed.
    """

    title: str
    path: str = ""
    licence: str = ""
    retrieved: str = ""
    tables: tuple[str, ...] = ()


@dataclass(frozen=True)
class Zone:
    """Typed tables of one zone, immutable.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        As returned by :func:`jicheng.conform.conform`. Use :meth:`of` to make a
        zone from plain rows, :meth:`load` to read one.
    sources : tuple of Source
        Provenance of the tables.
    warnings : tuple of Fault
        What a format had to assume or skip when it read the zone; kept with it,
        printed by reports, and no part of the content hash.
    """

    tables: Mapping[str, pl.DataFrame]
    sources: tuple[Source, ...] = field(default=())
    warnings: tuple[Fault, ...] = field(default=())

    def __post_init__(self) -> None:
        ordered = {
            name: _sorted(self.tables[name], name) for name in zone_tables() if name in self.tables
        }
        object.__setattr__(self, "tables", ordered)

    @classmethod
    def of(
        cls,
        tables: Mapping[str, pl.DataFrame | Iterable[Mapping[str, Any]]],
        *,
        sources: Iterable[Source] = (),
        strict: bool = True,
    ) -> Zone:
        """Make a zone from rows or frames, typed and checked.

        Parameters
        ----------
        tables : mapping
            Rows (dicts) or frames by table name.
        sources : iterable of Source
            Provenance.
        strict : bool
            Whether faults of consistency raise; faults of type always do.

        Raises
        ------
        InvalidInput
            E101-E149 with every fault found; nothing is made by halves.
        """
        faults: list[Fault] = []
        typed: dict[str, pl.DataFrame] = {}
        for name, rows in tables.items():
            if name not in zone_tables():
                faults.append(fault("E107", table=name, known=", ".join(zone_tables())))
                continue
            raw = rows if isinstance(rows, pl.DataFrame) else _frame_of(rows)
            typed[name], found = conform(zone_tables()[name], raw)
            faults += found
        if faults:
            raise InvalidInput(faults)
        zone = cls(typed, tuple(sources))
        errors = [f for f in zone.check() if not f.is_warning]
        if strict and errors:
            raise InvalidInput(errors)
        return zone

    @classmethod
    def load(cls, path: str | Path) -> Zone:
        """Read a zone from a data package folder or a workbook.

        Raises
        ------
        InvalidInput
            With every fault found; nothing is loaded by halves.
        """
        from jicheng.io import load  # noqa: PLC0415 - formats import Zone

        return load(Path(path))

    def save(self, path: str | Path, *, form: Literal["csv", "parquet"] = "csv") -> None:
        """Write the zone as a data package folder, whole or not at all.

        Parquet is smaller and loads many times faster, for zones of a million rows;
        CSV opens everywhere.
        """
        from jicheng.io.package import write  # noqa: PLC0415 - formats import Zone

        write(self, Path(path), form=form)

    def check(self) -> list[Fault]:
        """Return every fault of consistency between and inside the tables."""
        return check_tables(self.tables)

    def has(self, table: str, *attributes: str) -> bool:
        """Tell whether a table has rows and each attribute has a value somewhere."""
        frame = self.tables.get(table)
        if frame is None or frame.is_empty():
            return False
        return all(frame[name].null_count() < frame.height for name in attributes)

    def __getitem__(self, table: str) -> pl.DataFrame:
        """Return a table; an absent one is empty, with all its columns."""
        if table in self.tables:
            return self.tables[table]
        return empty_frame(zone_tables()[table])

    def with_tables(self, **tables: pl.DataFrame) -> Zone:
        """Return a zone with some tables replaced."""
        return Zone({**self.tables, **tables}, self.sources, self.warnings)

    @property
    def is_sample(self) -> bool:
        """Whether any zone row is marked as sample data."""
        return bool(self["zones"]["is_sample"].any())

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 over all cells of all tables, independent of the order of rows.

        A table without rows says nothing and counts like an absent one.
        """
        hashed = _Hashed()
        for name, frame in self.tables.items():
            if frame.is_empty():
                continue
            hashed.write(f"{name}\n".encode())
            number = pl.col(pl.Float64) + 0.0  # negative zero is written as zero
            frame.with_columns(number).write_csv(cast("IO[bytes]", hashed))
        return hashed.sha256.hexdigest()


class _Hashed(io.RawIOBase):
    """A file of which nothing is kept but the hash: a large table need not stand as one text."""

    def __init__(self) -> None:
        self.sha256 = hashlib.sha256()

    def write(self, content: ReadableBuffer, /) -> int:
        self.sha256.update(content)
        return memoryview(content).nbytes


def _frame_of(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), infer_schema_length=None, strict=False)


def _sorted(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the rows by their key, in one piece and known to be sorted however they came.

    Sums of floats may otherwise differ in their last digit.
    """
    key = zone_tables()[name].key
    if is_in_order(frame, key):
        whole = frame if set(frame.n_chunks("all")) == {1} else frame.rechunk()
        is_known = whole[key[0]].flags["SORTED_ASC"]
        return whole if is_known else whole.with_columns(pl.col(key[0]).set_sorted())
    rest = [column for column in frame.columns if column not in key]
    return frame.sort([*key, *rest], nulls_last=False, maintain_order=True)
