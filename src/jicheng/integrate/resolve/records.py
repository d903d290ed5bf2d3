"""Records of organisations from several sources, made comparable.

A record is a row of a source: what that source says of one organisation. Columns are
those of the table ``organisations`` and a few that registries have; only ``id`` and
``name`` must be there. Identifiers count only where their check digit is right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from jicheng.errors import Fault, InvalidInput, Where, fault
from jicheng.identifiers import Scheme, read
from jicheng.integrate.resolve.names.gazetteer import region_named
from jicheng.integrate.resolve.names.keys import name_keys
from jicheng.integrate.resolve.names.script import plain_name

__all__ = ["COLUMNS", "SCHEMES", "Records", "prepare"]

SCHEMES = (Scheme.CREDIT_CODE, Scheme.LEI, Scheme.ROR, Scheme.ORCID)
COLUMNS = (
    "id", "source", "as_of", "name", "name_en", *SCHEMES,
    "region", "district", "industry", "founded", "legal_person", "telephone",
)  # fmt: skip
_SHORTEST_TELEPHONE = 7


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """Records sorted by id, and what of them can be compared.

    Attributes
    ----------
    table : polars.DataFrame
        The records as they came, ``COLUMNS`` first (as text, missing ones null), sorted by id.
    keys : polars.DataFrame
        Aligned with ``table``: ``row``, the keys of the name, and each column in its
        comparable form; null = not said, or not valid.
    warnings : tuple of Fault
        Identifiers that are no use (E370, E371, E372), with their places.
    """

    table: pl.DataFrame
    keys: pl.DataFrame
    warnings: tuple[Fault, ...]


def prepare(records: pl.DataFrame) -> Records:
    """Check records and make them comparable.

    Parameters
    ----------
    records : polars.DataFrame
        At least ``id`` (once each) and ``name``; further columns are kept as they are.

    Raises
    ------
    InvalidInput
        E379 if id or name is missing, E378 if an id occurs twice or is empty.
    """
    missing = [fault("E379", column=name) for name in ("id", "name") if name not in records.columns]
    if missing:
        raise InvalidInput(missing)
    further = [name for name in records.columns if name not in COLUMNS]
    table = records.select(
        *(
            (pl.col(name) if name in records.columns else pl.lit(None)).cast(pl.String).alias(name)
            for name in COLUMNS
        ),
        *further,
    ).sort("id")
    twice = table.filter(pl.col("id").is_duplicated() | pl.col("id").is_null())["id"].unique()
    if twice.len():
        raise InvalidInput(fault("E378", record=one or "-") for one in twice.sort())
    codes, warnings = _codes(table)
    keys = pl.concat([_comparable(table), codes, _names(table)], how="horizontal")
    said = keys.select(pl.coalesce("region", "named_region"))["region"]
    keys = keys.with_columns(region=_replaced(said, _city))
    return Records(table, keys.with_row_index("row"), warnings)


def _names(table: pl.DataFrame) -> pl.DataFrame:
    """Return the keys of the Chinese name, or of the English one where there is none."""
    names = table.select(name=pl.coalesce("name", "name_en"))
    distinct = names.unique(maintain_order=True).drop_nulls()
    found = pl.concat([distinct, name_keys(distinct["name"])], how="horizontal")
    return names.join(found, on="name", how="left", maintain_order="left").drop("name")


def _codes(table: pl.DataFrame) -> tuple[pl.DataFrame, tuple[Fault, ...]]:
    warnings: list[Fault] = []
    columns = []
    for scheme in SCHEMES:
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


def _comparable(table: pl.DataFrame) -> pl.DataFrame:
    digits = pl.col("telephone").str.replace(r"\.0$", "").str.replace_all(r"\D", "")
    digits = digits.str.strip_prefix("86").str.strip_chars_start("0")
    return table.select(
        region=_replaced(table["region"], plain_name),
        district=_replaced(table["district"], plain_name),
        industry="industry",
        founded=pl.col("founded").str.extract(r"^(\d{4})").cast(pl.Int32),
        legal_person=_replaced(table["legal_person"], plain_name),
        telephone=pl.when(digits.str.len_chars() >= _SHORTEST_TELEPHONE).then(digits),
    )


def _replaced(texts: pl.Series, by: Callable[[str], str | None]) -> pl.Series:
    known = {one: by(one) or None for one in texts.drop_nulls().unique()}
    return texts.replace_strict(known, default=None, return_dtype=pl.String)


def _city(text: str) -> str | None:
    """Return the city that a text names; a province says too little to differ by."""
    region = region_named(text)
    if region is None:
        return text
    if region.level == "province":
        return None
    return region.parent if region.level == "district" else region.name
