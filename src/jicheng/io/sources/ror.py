"""ROR, the Research Organization Registry: its dump (schema 2 or 1) or pages of its interface.

Active organisations become records; the name in Chinese goes first where there is one.
Relations between organisations are not ownership and are left out. ROR is CC0.

References
----------
ror.readme.io, "Data structure" (schema 2.1) and "Schema 1.0" (read in 2026).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jicheng.errors import Text
from jicheng.identifiers import Scheme
from jicheng.identifiers import read as read_identifier
from jicheng.io.sources.collecting import Collector
from jicheng.io.sources.reading import (
    Job,
    country_of,
    day_of,
    has_han,
    items,
    names,
    number_of,
    objects_of,
    other_names,
    part,
    said,
    year_of,
)

__all__ = ["LICENCE", "TITLE", "read"]

TITLE = "Research Organization Registry (ROR)"
LICENCE = "CC0-1.0"
_BODIES = {"education": "university", "company": "firm", "facility": "institute"}
_NO_ID = Text("ROR 编号或名称缺失或有误", "ROR id or name missing or wrong")
_CLOSED = Text("已停用或撤销", "inactive or withdrawn")
_ELSEWHERE = Text("不在所选国家", "not of the country asked for")


def read(job: Job) -> Collector:
    """Read organisations from the files of a job."""
    taken = Collector(job.limits)
    for item in objects_of(job, (".json", ".jsonl"), lists=("items",)):
        found = read_identifier(Scheme.ROR, str(item.get("id", "")))
        row = _second(item) if isinstance(item.get("names"), list) else _first(item)
        if not found.is_valid or not row["name"]:
            taken.leave_out(_NO_ID, item.get("id", ""))
        elif item.get("status") not in ("active", None):
            taken.leave_out(_CLOSED, found.code)
        elif not job.keep.any_of([row["country"]]):
            taken.leave_out(_ELSEWHERE, found.code)
        else:
            taken.add("organisations", {
                "id": f"ror:{found.code}",
                "ror": found.code,
                "founded": year_of(item.get("established")),
                **row,
            })  # fmt: skip
    return taken


def _second(item: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the columns of a record of schema 2."""
    given = items(item, "names")
    shown = next((one for one in given if "ror_display" in _types(one)), {})
    chinese = next((one for one in given if _is_label(one, "zh")), None)
    english = next((one for one in given if _is_label(one, "en")), None)
    place = part(next(iter(items(item, "locations")), {}), "geonames_details")
    sites = (said(link, "value") for link in items(item, "links") if link.get("type") == "website")
    return {
        **_named(
            said(shown, "value"),
            said(chinese, "value") if chinese else None,
            said(english, "value") if english else None,
            (said(one, "value") for one in given),
        ),
        "kind": _kind(item.get("types")),
        "country": country_of(place.get("country_code")),
        "region": said(place, "name"),
        "longitude": number_of(place.get("lng")),
        "latitude": number_of(place.get("lat")),
        "website": next(sites, None),
        "as_of": day_of(part(part(item, "admin"), "last_modified").get("date")),
    }


def _first(item: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the columns of a record of schema 1."""
    labels = items(item, "labels")
    by_language = {str(one.get("iso639")): said(one, "label") for one in reversed(labels)}
    place = next(iter(items(item, "addresses")), {})
    others = [*_texts(item.get("aliases")), *_texts(item.get("acronyms"))]
    links = _texts(item.get("links"))
    return {
        **_named(
            said(item, "name"),
            by_language.get("zh"),
            by_language.get("en"),
            [*(said(one, "label") for one in labels), *others],
        ),
        "kind": _kind(item.get("types")),
        "country": country_of(part(item, "country").get("country_code")),
        "region": said(place, "city"),
        "longitude": number_of(place.get("lng")),
        "latitude": number_of(place.get("lat")),
        "website": links[0] if links else None,
        "as_of": None,
    }


def _named(
    shown: str | None, chinese: str | None, english: str | None, others: Iterable[str | None]
) -> dict[str, str | None]:
    """Return the columns of names: Chinese first, then what the registry displays."""
    first = chinese or shown or english
    if first is None:
        return {"name": None}
    told = names(first)
    if has_han(first):
        told["name_en"] = english or (shown if shown and not has_han(shown) else None)
    return {**told, "aliases": other_names([shown, *others], told["name"], told["name_en"])}


def _kind(given: object) -> str | None:
    """Return the kind that the types say, if they say one alone that we have."""
    found = {kind for one in _texts(given) if (kind := _BODIES.get(one.lower()))}
    return found.pop() if len(found) == 1 else None


def _types(one: Mapping[str, Any]) -> list[str]:
    return _texts(one.get("types"))


def _is_label(one: Mapping[str, Any], language: str) -> bool:
    return "label" in _types(one) and one.get("lang") == language


def _texts(given: object) -> list[str]:
    return [text for text in given if isinstance(text, str)] if isinstance(given, list) else []
