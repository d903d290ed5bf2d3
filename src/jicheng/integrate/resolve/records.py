"""Records of several sources, made comparable: what the three kinds of entity share.

A record is a row of a source: what that source says of one organisation, person or
facility. Identifiers count only where their check digit is right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from jicheng.errors import Fault, InvalidInput, Where, fault
from jicheng.identifiers import Scheme, read
from jicheng.integrate.resolve.kinds import Kind

__all__ = ["Records", "as_table", "replaced", "valid_codes"]


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """Records sorted by id, and what of them can be compared.

    Attributes
    ----------
    kind : Kind
        What the records speak of.
    table : polars.DataFrame
        The records as they came, the known columns first (as text, missing ones null),
        sorted by id.
    keys : polars.DataFrame
        Aligned with ``table``: ``row`` and each column in its comparable form; null = not
        said, or not valid.
    warnings : tuple of Fault
        Identifiers that are no use (E370, E371, E372), with their places.
    identifiers : tuple of str
        Columns of ``keys``: the same value joins, two different ones are never joined but
        by a person.
    parting : tuple of str
        Columns of ``keys`` of which two different values are joined by a person or a
        shared identifier only, such as two Chinese names.
    """

    kind: Kind
    table: pl.DataFrame
    keys: pl.DataFrame
    warnings: tuple[Fault, ...]
    identifiers: tuple[str, ...]
    parting: tuple[str, ...] = ()


def as_table(records: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Return records sorted by id, the known columns first and as text.

    Raises
    ------
    InvalidInput
        E379 if id or name is missing, E378 if an id occurs twice or is empty.
    """
    missing = [fault("E379", column=name) for name in ("id", "name") if name not in records.columns]
    if missing:
        raise InvalidInput(missing)
    further = [name for name in records.columns if name not in columns]
    table = records.select(
        *(
            (pl.col(name) if name in records.columns else pl.lit(None)).cast(pl.String).alias(name)
            for name in columns
        ),
        *further,
    ).sort("id")
    twice = table.filter(pl.col("id").is_duplicated() | pl.col("id").is_null())["id"].unique()
    if twice.len():
        raise InvalidInput(fault("E378", record=one or "-") for one in twice.sort())
    return table


def valid_codes(
    table: pl.DataFrame, schemes: Sequence[Scheme]
) -> tuple[pl.DataFrame, tuple[Fault, ...]]:
    """Return the identifiers in their one spelling, null where one is not valid."""
    warnings: list[Fault] = []
    columns = []
    for scheme in schemes:
        known: dict[str, str | None] = {}
        for given in table[scheme].drop_nulls().unique(maintain_order=True):
            found = read(scheme, given)
            known[given] = found.code if found.is_valid else None
        columns.append(table[scheme].replace_strict(known, default=None, return_dtype=pl.String))
        useless = [given for given, code in known.items() if code is None]
        places = table.select("id", scheme).filter(pl.col(scheme).is_in(useless))
        for record, given in places.iter_rows():
            of_it = read(scheme, given, Where(table="records", column=f"{record}.{scheme}")).fault
            warnings += [of_it] if of_it else []
    return pl.DataFrame(columns), tuple(warnings)


def replaced(texts: pl.Series, by: Callable[[str], str | None]) -> pl.Series:
    """Return texts in another form; what has none becomes null."""
    known = {one: by(one) or None for one in texts.drop_nulls().unique()}
    return texts.replace_strict(known, default=None, return_dtype=pl.String)
