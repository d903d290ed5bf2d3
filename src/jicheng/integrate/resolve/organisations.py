"""Join records of organisations from several sources, and keep why.

Names and what else is known are scored by Splink where the extra ``er`` is installed:
joined from ``automatic``, asked from ``review``. An identifier that one list gives to two
unlike names joins nothing, it is asked (``contested``). A branch or department is never joined with
what it belongs to, but by a shared identifier, which is told, or a person. Columns are those of the
table ``organisations`` and a few that registries have; only ``id`` and ``name`` must be there.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from jicheng.errors import Fault, fault
from jicheng.identifiers import Scheme
from jicheng.integrate.resolve.contested import (
    CONTESTED,
    contested_pairs,
    contested_told,
)
from jicheng.integrate.resolve.group_names import GROUP_AND_FIRM, groups_and_firms, holding_of
from jicheng.integrate.resolve.judgements import Judgements
from jicheng.integrate.resolve.kinds import Kind
from jicheng.integrate.resolve.model.comparisons import compared
from jicheng.integrate.resolve.model.scored import no_pairs
from jicheng.integrate.resolve.model.scoring import has_splink, score
from jicheng.integrate.resolve.names.gazetteer import latin_region, region_named
from jicheng.integrate.resolve.names.keys import name_keys
from jicheng.integrate.resolve.names.script import plain_name
from jicheng.integrate.resolve.records import Records, as_table, replaced, valid_codes
from jicheng.integrate.resolve.resolution import Resolution, left_out
from jicheng.integrate.resolve.settings import ResolveSettings

__all__ = ["COLUMNS", "SCHEMES", "prepare", "resolve"]

SCHEMES = (Scheme.CREDIT_CODE, Scheme.LEI, Scheme.ROR, Scheme.ORCID)
COLUMNS = (
    "id", "source", "as_of", "name", "name_en", *SCHEMES,
    "region", "district", "industry", "founded", "legal_person", "telephone",
)  # fmt: skip
_SHORTEST_TELEPHONE = 7
_SHOWN = 5


def resolve(
    records: pl.DataFrame,
    *,
    judgements: Judgements | None = None,
    settings: ResolveSettings | None = None,
) -> Resolution:
    """Find which records are one organisation.

    Parameters
    ----------
    records : polars.DataFrame
        ``id`` and ``name``, and any of ``COLUMNS``; further columns are kept.
    judgements : Judgements, optional
        What people decided before.
    settings : ResolveSettings, optional
        Thresholds and limits.

    Returns
    -------
    Resolution
        Members, review list, organisations and explanations.

    Raises
    ------
    InvalidInput
        E374, E378, E379: judgements and records that cannot be read.
    """
    settings = settings or ResolveSettings()
    ready = prepare(records)
    warnings = list(ready.warnings)
    scored, engine = no_pairs(compared()), "identifiers"
    if settings.probable and has_splink():
        engine = "splink"
        if ready.table.height > 1:
            scored = score(ready.keys, settings)
    elif settings.probable:
        warnings.append(fault("E373", is_warning=True))
    warnings += left_out(scored.blocks)
    unlike = contested_pairs(ready.table, ready.keys, SCHEMES)
    warnings += contested_told(ready.table, unlike)
    groups = groups_and_firms(scored.pairs, ready.keys, SCHEMES)
    apart = dict.fromkeys(groups, GROUP_AND_FIRM) | dict.fromkeys(unlike, CONTESTED)
    scored = replace(scored, apart=apart)
    return Resolution(ready, scored, judgements or Judgements(), settings, engine, tuple(warnings))


def prepare(records: pl.DataFrame) -> Records:
    """Check records of organisations and make them comparable.

    Parameters
    ----------
    records : polars.DataFrame
        At least ``id`` (once each) and ``name``; further columns are kept as they are.

    Raises
    ------
    InvalidInput
        E379 if id or name is missing, E378 if an id occurs twice or is empty.
    """
    table = as_table(records, COLUMNS)
    codes, warnings = valid_codes(table, SCHEMES)
    keys = pl.concat([_comparable(table), codes, _names(table)], how="horizontal")
    said = keys.select(pl.coalesce("region", "named_region"))["region"]
    keys = keys.with_columns(
        region=replaced(said, _city),
        part=pl.when(pl.col("core").is_not_null()).then(
            pl.when(pl.col("unit").is_null()).then(pl.lit("whole")).otherwise(pl.lit("unit"))
        ),
        holding=holding_of(table["name"], keys["form"]),
    ).with_row_index("row")
    return Records(
        Kind.ORGANISATION, table, keys, (*warnings, *_units_with_heads(table, keys)),
        identifiers=SCHEMES, parting=("part",),
    )  # fmt: skip


def _names(table: pl.DataFrame) -> pl.DataFrame:
    """Return the keys of the Chinese name, or of the English one where there is none."""
    names = table.select(name=pl.coalesce("name", "name_en"))
    distinct = names.unique(maintain_order=True).drop_nulls()
    found = pl.concat([distinct, name_keys(distinct["name"])], how="horizontal")
    return names.join(found, on="name", how="left", maintain_order="left").drop("name")


def _units_with_heads(table: pl.DataFrame, keys: pl.DataFrame) -> list[Fault]:
    """Tell of branches and departments that an identifier makes one with their head."""
    ids = pl.Series(dtype=pl.String)
    for scheme in SCHEMES:
        both = keys.select(scheme, "part", id=table["id"]).drop_nulls()
        mixed = both.filter(pl.col("part").n_unique().over(scheme) > 1)
        ids.append(mixed.filter(pl.col("part") == "unit")["id"])
    found = ids.unique().sort()
    if found.is_empty():
        return []
    some = ", ".join(found[:_SHOWN])
    return [fault("E388", is_warning=True, count=found.len(), some=some)]


def _comparable(table: pl.DataFrame) -> pl.DataFrame:
    digits = pl.col("telephone").str.replace(r"\.0$", "").str.replace_all(r"\D", "")
    digits = digits.str.strip_prefix("86").str.strip_chars_start("0")
    return table.select(
        region=replaced(table["region"], plain_name),
        district=replaced(table["district"], plain_name),
        industry="industry",
        founded=pl.col("founded").str.extract(r"^(\d{4})").cast(pl.Int32),
        legal_person=replaced(table["legal_person"], plain_name),
        telephone=pl.when(digits.str.len_chars() >= _SHORTEST_TELEPHONE).then(digits),
    )


def _city(text: str) -> str | None:
    """Return the city that a text names, also in pinyin, as registries abroad write it.

    A province says too little to differ by.
    """
    region = region_named(text) or latin_region(text)
    if region is None:
        return text
    if region.level == "province":
        return None
    return region.parent if region.level == "district" else region.name
