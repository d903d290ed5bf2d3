"""Ids of a zone that last: from a valid identifier, else from what the body is called.

Neither the order of files and rows nor the names of files change an id.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from jicheng.identifiers import Scheme
from jicheng.integrate.resolve.names.script import plain_name

__all__ = [
    "contested_codes",
    "facility_ids",
    "organisation_ids",
    "person_ids",
    "short_hash",
    "text_key",
]

_LENGTH = 12


def short_hash(*parts: str | None) -> str:
    """Return twelve digits that some words give."""
    said = "\x1f".join(part or "" for part in parts)
    return hashlib.sha256(said.encode()).hexdigest()[:_LENGTH]


def organisation_ids(golden: pl.DataFrame, members: pl.DataFrame) -> dict[str, str]:
    """Return the id of each organisation by the id of its first record.

    Parameters
    ----------
    golden : polars.DataFrame
        ``organisation`` and the values that survive.
    members : polars.DataFrame
        ``record, organisation``.
    """
    wanted: dict[str, str] = {}
    schemes = ((Scheme.CREDIT_CODE, ""), (Scheme.LEI, "lei-"), (Scheme.ROR, "ror-"))
    held = contested_codes(golden)
    for row in golden.iter_rows(named=True):
        codes = (f"{prefix}{row[scheme]}" for scheme, prefix in schemes
                 if row[scheme] and row[scheme] not in held)  # fmt: skip
        code = next(codes, None)
        name = plain_name(row["name"] or row["name_en"] or "")
        region = plain_name(row["region"] or "")
        wanted[row["organisation"]] = f"org:{code or short_hash(name, region)}"
    return _told_apart(wanted, _records_by(members, "organisation"))


def contested_codes(golden: pl.DataFrame) -> frozenset[str]:
    """Return the identifiers that several organisations say are theirs: they name none."""
    return frozenset(
        code
        for scheme in (Scheme.CREDIT_CODE, Scheme.LEI, Scheme.ROR)
        for code in golden.filter(pl.col(scheme).is_duplicated())[scheme].drop_nulls()
    )


def person_ids(golden: pl.DataFrame, members: pl.DataFrame) -> dict[str, str]:
    """Return the id of each person by the id of the first record: ORCID, else name and body."""
    wanted = {
        row["person"]: f"person:{row[Scheme.ORCID]}"
        if row.get(Scheme.ORCID)
        else f"person:{short_hash(plain_name(row['name'] or ''), row['organisation'])}"
        for row in golden.iter_rows(named=True)
    }
    return _told_apart(wanted, _records_by(members, "person"))


def facility_ids(golden: pl.DataFrame, members: pl.DataFrame) -> dict[str, str]:
    """Return the id of each facility by the id of its first record."""
    wanted = {
        row["facility"]: "facility:"
        + short_hash(plain_name(row["name"] or ""), row["owner"], plain_name(row["model"] or ""))
        for row in golden.iter_rows(named=True)
    }
    return _told_apart(wanted, _records_by(members, "facility"))


def text_key(kind: str, number: str | None, title: str, period: str | None) -> str:
    """Return what makes two texts one: kind and number, else kind, title and year."""
    bare = "".join(one for one in (number or "").upper() if one.isalnum())
    return short_hash(kind, bare) if bare else short_hash(kind, plain_name(title), period)


def _records_by(members: pl.DataFrame, kind: str) -> dict[str, list[str]]:
    return {
        str(key): records
        for key, records in members.group_by(kind).agg(pl.col("record").sort()).iter_rows()
    }


def _told_apart(wanted: dict[str, str], records: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Give bodies that would share an id one each, by the records that they consist of."""
    shared = {own for own, n in Counter(wanted.values()).items() if n > 1}
    return {
        body: f"{own}-{_hash_of(records[body])}" if own in shared else own
        for body, own in wanted.items()
    }


def _hash_of(records: Iterable[str]) -> str:
    return short_hash(*sorted(records))[:6]
