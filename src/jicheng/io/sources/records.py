"""What outside sources say, before anybody decides who is who.

A source is read into :class:`SourceRecords`: tables of text, one row a statement of that
source, each with where it comes from (source, licence, day, query). Records refer to one
another by the id of the *record*; ``jicheng resolve`` finds out which are the same.
Missing stays missing, and what a source does not say is not made up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from jicheng.errors import Fault, InvalidInput, Where, fault
from jicheng.io.sources.checking import check_records
from jicheng.io.sources.cleaning import clean, clean_column, is_unsafe
from jicheng.io.sources.columns import PROVENANCE, TABLES, names_of

__all__ = ["Origin", "Rows", "SourceRecords", "joined", "key_of", "record_id"]

Rows = pl.DataFrame | Iterable[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where records come from: one file or one query of one source.

    ``retrieved`` is an ISO day; ``file`` and ``sha256`` name what was read, ``address``
    what was asked. Empty = not known.
    """

    source: str
    licence: str = ""
    retrieved: str = ""
    query: str = ""
    file: str = ""
    sha256: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class SourceRecords:
    """Records of one source, or of several put together.

    Every table has all columns of ``record_columns.csv`` as text, missing = null, and is
    sorted by its key. Make one with :meth:`of`, which fills in what the origin says.

    Attributes
    ----------
    origins : tuple of Origin
        Files and queries that the rows come from.
    organisations, people, facilities : polars.DataFrame
        Records; ``id`` is unique over the three tables and ``texts``.
    texts, text_parties : polars.DataFrame
        Texts, and who they are by (``party`` is the id of a record).
    ties : polars.DataFrame
        Ties that a source states, such as ownership.
    tables : mapping of str to polars.DataFrame
        Tables of a zone that need no resolving (technologies, challenges, ...).
    warnings : tuple of Fault
        What was left out or changed on the way.
    """

    origins: tuple[Origin, ...]
    organisations: pl.DataFrame
    people: pl.DataFrame
    facilities: pl.DataFrame
    texts: pl.DataFrame
    text_parties: pl.DataFrame
    ties: pl.DataFrame
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    warnings: tuple[Fault, ...] = ()

    def __post_init__(self) -> None:
        faults = check_records(self.as_tables(), self.tables)
        if faults:
            raise InvalidInput(faults)

    @classmethod
    def of(
        cls,
        origin: Origin | str,
        given: Mapping[str, Rows] | None = None,
        *,
        tables: Mapping[str, Rows] | None = None,
        warnings: Iterable[Fault] = (),
        **rows: Rows,
    ) -> SourceRecords:
        """Make records from rows or frames.

        Parameters
        ----------
        origin : Origin or str
            Where they come from, or the title of the source alone; its source, licence,
            day and query are put in every row that does not say its own.
        given : mapping of str to frames or rows, optional
            Tables of records by name; the same as naming them one by one.
        tables : mapping of str to frames or rows, optional
            Tables of a zone that need no resolving.
        warnings : iterable of Fault
            What the importer has to tell.
        **rows : frames or rows
            By name of the table: organisations, people, facilities, texts, text_parties,
            ties. Columns may be missing and come in any order; values become text.

        Raises
        ------
        InvalidInput
            E085 for ids that are missing or occur twice, E086 for references to no
            record, E087 for what must be filled, E088 for unknown columns or tables,
            E104 and E102 for values.
        """
        origin = Origin(origin) if isinstance(origin, str) else origin
        told, rows = list(warnings), {**(given or {}), **rows}
        frames = {name: _frame(name, rows.pop(name, ()), origin, told) for name in TABLES}
        if rows:
            raise InvalidInput(
                fault("E088", where=Where(name), columns=name, known=", ".join(TABLES))
                for name in rows
            )
        others = {
            name: pl.concat([_text(other), _provenance(other, origin)], how="horizontal")
            for name, other in ((name, _as_frame(one)) for name, one in (tables or {}).items())
        }
        return cls((origin,), **frames, tables=others, warnings=tuple(told))

    def as_tables(self) -> dict[str, pl.DataFrame]:
        """Return the tables of records by name, empty ones too."""
        return {name: getattr(self, name) for name in TABLES}

    @property
    def source(self) -> str:
        """Titles of the sources, each once."""
        return ", ".join(dict.fromkeys(origin.source for origin in self.origins))


def record_id(prefix: str, *parts: object) -> str:
    """Return an id that depends on what a record says and not on its place in a file.

    Examples
    --------
    >>> record_id("o", "企业名录", "深圳市翊图科技有限公司")
    'o:263383f0294dae8f'
    """
    said = "\x1f".join("" if part is None else str(part) for part in parts)
    return f"{prefix}:{hashlib.sha256(said.encode()).hexdigest()[:16]}"


def joined(records: Iterable[SourceRecords]) -> SourceRecords:
    """Put records of several files together.

    A record that two files hold (the same id) is taken from the one retrieved later;
    between equal days the first stands. Nothing is merged cell by cell.
    """
    given = tuple(records)
    frames = {
        name: _latest(name, pl.concat([one.as_tables()[name] for one in given])) for name in TABLES
    }
    others: dict[str, list[pl.DataFrame]] = {}
    for one in given:
        for name, frame in one.tables.items():
            others.setdefault(name, []).append(frame)
    return SourceRecords(
        tuple(dict.fromkeys(origin for one in given for origin in one.origins)),
        **frames,
        tables={name: pl.concat(parts, how="diagonal") for name, parts in others.items()},
        warnings=tuple(dict.fromkeys(told for one in given for told in one.warnings)),
    )


def key_of(table: str) -> tuple[str, ...]:
    """Return the columns that name a row of a table of records."""
    if table == "text_parties":
        return ("text", "party", "role")
    return ("a", "b", "kind") if table == "ties" else ("id",)


def _latest(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    key = list(key_of(table))
    newest = frame.sort(
        [*key, "retrieved"], descending=[False] * len(key) + [True], nulls_last=True,
        maintain_order=True,
    )  # fmt: skip
    return newest.unique(key, keep="first", maintain_order=True).sort(key)


def _frame(table: str, rows: Rows, origin: Origin, told: list[Fault]) -> pl.DataFrame:
    given, names = _as_frame(rows), names_of(table)
    strange = [name for name in given.columns if name not in names]
    if strange:
        known = ", ".join(names)
        raise InvalidInput.of(
            "E088", where=Where(table), columns=clean(", ".join(strange)), known=known
        )
    text = _text(given)
    unsafe = int(text.select(pl.sum_horizontal(is_unsafe(name) for name in text.columns).sum())
                 .item() or 0) if text.width else 0  # fmt: skip
    if unsafe:
        told.append(fault("E084", where=Where(table), is_warning=True, n=unsafe))
    text = text.with_columns(clean_column(name) for name in text.columns)
    said = dict(zip(PROVENANCE, _said(origin), strict=True))
    if not text.height:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    whole = text.select(
        _column(name, said.get(name), is_given=name in text.columns) for name in names
    )
    if table in ("text_parties", "ties"):  # a statement that is repeated says nothing more
        whole = whole.unique(key_of(table), keep="first", maintain_order=True)
    return whole.sort(key_of(table), nulls_last=True)


def _column(name: str, said: str | None, *, is_given: bool) -> pl.Expr:
    other = pl.lit(said, pl.String)
    column = pl.col(name).fill_null(other) if is_given else other
    return column.alias(name)


def _said(origin: Origin) -> tuple[str | None, ...]:
    said = (origin.source, "", origin.licence, origin.retrieved, origin.query)
    return tuple(one or None for one in said)


def _provenance(given: pl.DataFrame, origin: Origin) -> pl.DataFrame:
    """Return source and day for a table of a zone that does not say them."""
    if "source" in given.columns or not given.height:
        return pl.DataFrame()
    return pl.DataFrame({"source": [origin.source] * given.height})


def _as_frame(rows: Rows) -> pl.DataFrame:
    if isinstance(rows, pl.DataFrame):
        return rows
    made = list(rows)
    return pl.DataFrame(made, infer_schema_length=None) if made else pl.DataFrame()


def _text(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(pl.all().cast(pl.String))
