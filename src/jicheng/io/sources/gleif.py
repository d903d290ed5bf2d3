"""GLEIF: legal entities and who consolidates whom, golden copy (CSV) or interface (JSON).

Level 1 (``lei2``) gives records, level 2 (``rr``) ties of ownership between records that
were taken; read both files in one call. Entities that ended and registrations that were
annulled are left out. A number of registration in China is taken as the credit code only
if its check character is right. GLEIF data are CC0.

References
----------
LEI-CDF 3.1 and RR-CDF 2.1 (gleif.org), interface 1.0 (api.gleif.org/docs), read in 2026.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jicheng.errors import Text
from jicheng.identifiers import Scheme
from jicheng.identifiers import read as read_identifier
from jicheng.io.sources.cleaning import clean
from jicheng.io.sources.collecting import Collector
from jicheng.io.sources.files import parts_of
from jicheng.io.sources.reading import (
    Job,
    country_of,
    day_of,
    has_han,
    items,
    other_names,
    part,
    said,
)
from jicheng.io.sources.values import objects, rows

__all__ = ["LICENCE", "TITLE", "read"]

TITLE = "GLEIF"
LICENCE = "CC0-1.0"
_COUNTRY = "Entity.LegalAddress.Country"
_HEADINGS = (
    "LEI", "Entity.LegalName", "Entity.OtherEntityNames.", "Entity.TransliteratedOther",
    "Entity.LegalAddress.", "Entity.RegistrationAuthority.", "Entity.EntityStatus",
    "Entity.EntityCreationDate", "Registration.LastUpdateDate", "Registration.RegistrationStatus",
    "Relationship.",
)  # fmt: skip
_START, _END = "Relationship.StartNode.NodeID", "Relationship.EndNode.NodeID"
_CONSOLIDATED = ("IS_DIRECTLY_CONSOLIDATED_BY", "IS_ULTIMATELY_CONSOLIDATED_BY")
_OTHER_LANGUAGE = "ALTERNATIVE_LANGUAGE_LEGAL_NAME"
_SPELT = ("PREFERRED_ASCII_TRANSLITERATED_LEGAL_NAME", "TRADING_OR_OPERATING_NAME",
          "PREVIOUS_LEGAL_NAME", _OTHER_LANGUAGE)  # fmt: skip
_VOID = ("ANNULLED", "DUPLICATE")
_WRONG = Text("LEI 有误或没有名称", "a wrong LEI or no name")
_ENDED = Text("已注销或登记作废", "ended, or its registration is void")
_ELSEWHERE = Text("不在所选国家", "not of the country asked for")
_OTHER_RELATION = Text("并非控股关系", "no consolidation")
_RAGGED = Text("单元格数与表头不符", "not as many cells as headings")

_Name = tuple[str | None, str, str]  # a name, its language, its type


def read(job: Job) -> Collector:
    """Read entities and relations from the files of a job."""
    taken = Collector(job.limits)
    for one in parts_of(job.paths, _is_wanted, job.limits):
        if Path(one.name.lower().removesuffix(".gz")).suffix == ".csv":
            for cells in rows(one, (), job.limits, is_wanted=_is_read):
                if not cells:
                    taken.leave_out(_RAGGED)
                elif not job.keep.any_of([country_of(cells.get(_COUNTRY))]) and "LEI" in cells:
                    taken.leave_out(_ELSEWHERE, cells["LEI"])  # before anything dearer
                elif "LEI" in cells:
                    _entity(_of_row(cells), job, taken)
                else:
                    _relation(cells.get(_START), cells.get(_END),
                              cells.get("Relationship.RelationshipType"),
                              cells.get("Relationship.RelationshipStatus"), taken)  # fmt: skip
        else:
            for found in objects(one, job.limits):
                for item in _data(found):
                    _json(item, job, taken)
    taken.drop_lost("ties", ("a", "b"), ("organisations",))
    return taken


def _is_read(heading: str) -> bool:
    """Tell which of the 340 columns of the golden copy are read."""
    return heading.startswith(_HEADINGS)


def _is_wanted(name: str) -> bool:
    return Path(name).suffix in (".csv", ".json", ".jsonl")


def _data(found: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if isinstance(found.get("data"), dict):
        yield found["data"]
    elif isinstance(found.get("data"), list):
        yield from items(found, "data")
    else:
        yield found


def _json(item: Mapping[str, Any], job: Job, taken: Collector) -> None:
    told = part(item, "attributes")
    relation = part(told, "relationship")
    if relation:
        _relation(part(relation, "startNode").get("id"), part(relation, "endNode").get("id"),
                  relation.get("type"), relation.get("status"), taken)  # fmt: skip
    else:
        _entity(_of_json(item, told), job, taken)


def _entity(row: dict[str, Any], job: Job, taken: Collector) -> None:
    found = read_identifier(Scheme.LEI, row["lei"] or "")
    status, registration = row.pop("status"), row.pop("registration")
    given: list[_Name] = row.pop("names")
    if not found.is_valid or not given or not given[0][0]:
        taken.leave_out(_WRONG, row["lei"] or "")
    elif status == "INACTIVE" or registration in _VOID:
        taken.leave_out(_ENDED, found.code)
    elif not job.keep.any_of([row["country"]]):
        taken.leave_out(_ELSEWHERE, found.code)
    else:
        registered = row.pop("registered") or ""
        code = read_identifier(Scheme.CREDIT_CODE, registered) if registered else None
        is_code = code is not None and code.is_valid and row["country"] == "CHN"
        taken.add("organisations", {
            **row, **_named(given), "id": f"gleif:{found.code}", "lei": found.code,
            "credit_code": code.code if is_code and code else None,
        })  # fmt: skip


def _named(given: list[_Name]) -> dict[str, str | None]:
    """Return the columns of names: the legal name, and others that the entity filed."""
    legal = given[0][0] or ""
    filed = [(name, language) for name, language, kind in given[1:] if kind in _SPELT and name]
    other = next((name for name, language in filed if language.lower().startswith("en")), None)
    english = other if has_han(legal) else legal
    chinese = next((name for name, _ in filed if name and has_han(name)), None)
    first = legal if has_han(legal) or chinese is None else chinese
    return {
        "name": first,
        "name_en": english,
        "aliases": other_names([legal, *(name for name, _ in filed)], first, english),
    }


def _of_row(cells: Mapping[str, str]) -> dict[str, Any]:
    """Return what a row of the golden copy says."""
    legal, head = "Entity.LegalAddress", "Entity.LegalName"
    given: list[_Name] = [(said(cells, head), cells.get(f"{head}.xmllang", ""), "")]
    for group in (
        "Entity.OtherEntityNames.OtherEntityName",
        "Entity.TransliteratedOtherEntityNames.TransliteratedOtherEntityName",
    ):
        n = 1
        while f"{group}.{n}" in cells:
            key = f"{group}.{n}"
            kind = cells.get(f"{key}.type", "")
            given.append((said(cells, key), cells.get(f"{key}.xmllang", ""), kind))
            n += 1  # fmt: skip
    authority = "Entity.RegistrationAuthority.RegistrationAuthorityEntityID"
    return {
        "lei": said(cells, "LEI"),
        "names": given,
        "registered": said(cells, authority),
        "country": country_of(cells.get(f"{legal}.Country")),
        "region": said(cells, f"{legal}.City"),
        "address": _address([said(cells, f"{legal}.FirstAddressLine")]),
        "founded": day_of(cells.get("Entity.EntityCreationDate")),
        "status": cells.get("Entity.EntityStatus"),
        "registration": cells.get("Registration.RegistrationStatus"),
        "as_of": day_of(cells.get("Registration.LastUpdateDate")),
    }


def _of_json(item: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a record of the interface says."""
    entity, registration = part(told, "entity"), part(told, "registration")
    legal, address = part(entity, "legalName"), part(entity, "legalAddress")
    given: list[_Name] = [(said(legal, "name"), str(legal.get("language", "")), "")]
    for group in ("otherNames", "transliteratedOtherNames"):
        given += [
            (said(one, "name"), str(one.get("language", "")), str(one.get("type", "")))
            for one in items(entity, group)
        ]
    lines = address.get("addressLines")
    return {
        "lei": said(told, "lei") or said(item, "id"),
        "names": given,
        "registered": said(entity, "registeredAs"),
        "country": country_of(address.get("country")),
        "region": said(address, "city"),
        "address": _address(lines if isinstance(lines, list) else []),
        "founded": day_of(entity.get("creationDate")),
        "status": entity.get("status"),
        "registration": registration.get("status"),
        "as_of": day_of(registration.get("lastUpdateDate")),
    }


def _address(lines: Iterable[object]) -> str | None:
    return clean(" ".join(line for line in lines if isinstance(line, str)), longest=500)


def _relation(
    child: object, parent: object, kind: object, status: object, taken: Collector
) -> None:
    """Take who consolidates whom: ``a`` is the owner, ``b`` what it owns."""
    if kind not in _CONSOLIDATED or status not in ("ACTIVE", None):
        taken.leave_out(_OTHER_RELATION, kind)
        return
    ends = [read_identifier(Scheme.LEI, str(end or "")) for end in (parent, child)]
    if not all(end.is_valid for end in ends):
        taken.leave_out(_WRONG, f"{child} → {parent}")
        return
    owner, owned = (f"gleif:{end.code}" for end in ends)
    taken.add("ties", {"a": owner, "b": owned, "kind": "ownership"})
