"""ORCID: public records (JSON, version 3.0) and answers of its expanded search.

A record gives a person, where they work if exactly one employment has no end, and their
works as texts (title, year, DOI; ORCID holds no abstracts). The public file is CC0.

References
----------
info.orcid.org, "ORCID record schema", message version 3.0 (read in 2026).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from jicheng.errors import Text
from jicheng.identifiers import Scheme
from jicheng.identifiers import read as read_identifier
from jicheng.io.sources.cleaning import clean
from jicheng.io.sources.collecting import Collector
from jicheng.io.sources.reading import (
    Job,
    country_of,
    has_han,
    items,
    objects_of,
    other_names,
    part,
    said,
    year_of,
)
from jicheng.io.sources.records import record_id

__all__ = ["LICENCE", "TITLE", "read"]

TITLE = "ORCID"
LICENCE = "CC0-1.0"
_PAPERS = (
    "journal-article", "conference-paper", "preprint", "book", "book-chapter", "review",
    "dissertation-thesis", "dissertation", "working-paper", "conference-abstract",
    "edited-book",
)  # fmt: skip
_KINDS = {
    "patent": "patent",
    "report": "report",
    "standards-and-policy": "standard",
    "technical-standard": "standard",
    "website": "web",
    **dict.fromkeys(_PAPERS, "paper"),
}
_LAST_MOMENT = 4_102_444_800_000  # the year 2100
_NAMELESS = Text("ORCID 有误或没有公开姓名", "a wrong ORCID iD or no public name")


def read(job: Job) -> Collector:
    """Read persons, their employers and works from the files of a job."""
    taken = Collector(job.limits)
    for item in objects_of(job, (".json", ".jsonl"), lists=("expanded-result", "result")):
        if "expanded-result" in item or "num-found" in item:
            continue  # an empty page of a search
        found = read_identifier(Scheme.ORCID, _given_id(item))
        row = _searched(item) if "orcid-id" in item else _recorded(item)
        if not found.is_valid or row is None:
            taken.leave_out(_NAMELESS, found.code)
            continue
        summary = part(item, "activities-summary")
        person = {"id": f"orcid:{found.code}", "orcid": found.code, "kind": "person", **row}
        person["as_of"] = _changed(item)
        if job.keep.countries and not _is_there(summary, job):
            taken.leave_out(Text("不在所选国家", "not of the country asked for"), found.code)
            continue
        taken.add("people", {**person, "organisation": _employer(summary, taken)})
        _works(summary, person["id"], taken)
    return taken


def _given_id(item: Mapping[str, Any]) -> str:
    return said(item, "orcid-id") or said(part(item, "orcid-identifier"), "path") or ""


def _changed(item: Mapping[str, Any]) -> str | None:
    """Return the day on which a record was last changed, told in milliseconds (UTC)."""
    value = part(part(item, "history"), "last-modified-date").get("value")
    if type(value) is not int or not 0 < value < _LAST_MOMENT:
        return None
    return datetime.fromtimestamp(value / 1000, UTC).date().isoformat()


def _full(given: str | None, family: str | None) -> str | None:
    """Return a full name: family name first in Chinese, last elsewhere."""
    if given and family and has_han(family + given):
        return family + given
    return " ".join(name for name in (given, family) if name) or None


def _columns(
    shown: str | None, full: str | None, others: list[str | None]
) -> dict[str, Any] | None:
    name = shown or full
    if name is None:
        return None
    known = [one for one in (full, *others) if one and not has_han(one)]
    english = name if not has_han(name) else next(iter(known), None)
    return {
        "name": name,
        "name_en": english,
        "aliases": other_names([full, *others], name, english),
    }


def _searched(item: Mapping[str, Any]) -> dict[str, Any] | None:
    full = _full(said(item, "given-names"), said(item, "family-names"))
    others = item.get("other-name")
    told = [clean(one) for one in others] if isinstance(others, list) else []
    return _columns(said(item, "credit-name"), full, told)


def _recorded(item: Mapping[str, Any]) -> dict[str, Any] | None:
    person = part(item, "person")
    name = part(person, "name")
    full = _full(said(part(name, "given-names"), "value"), said(part(name, "family-name"), "value"))
    others = [said(one, "content") for one in items(part(person, "other-names"), "other-name")]
    return _columns(said(part(name, "credit-name"), "value"), full, others)


def _employments(summary: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield employments that have no end."""
    for group in items(part(summary, "employments"), "affiliation-group"):
        for one in items(group, "summaries"):
            found = part(one, "employment-summary")
            if found and not found.get("end-date"):
                yield found


def _is_there(summary: Mapping[str, Any], job: Job) -> bool:
    return job.keep.any_of(
        country_of(part(part(one, "organization"), "address").get("country"))
        for one in _employments(summary)
    )


def _employer(summary: Mapping[str, Any], taken: Collector) -> str | None:
    """Take current employers; return the only one, or None if there are more."""
    found: list[str] = []
    for one in _employments(summary):
        body = part(one, "organization")
        address, label = part(body, "address"), said(body, "name")
        if not label:
            continue
        city, country = said(address, "city"), country_of(address.get("country"))
        ids = part(body, "disambiguated-organization")
        ror = None
        if str(ids.get("disambiguation-source")).upper() == "ROR":
            ror = said(ids, "disambiguated-organization-identifier")
        name = record_id("orcid-org", ror or label, city, country)
        taken.add("organisations", {
            "id": name, "name": label, "name_en": None if has_han(label) else label,
            "ror": ror, "country": country, "region": city,
        })  # fmt: skip
        found.append(name)
    unique = set(found)
    return unique.pop() if len(unique) == 1 else None


def _works(summary: Mapping[str, Any], person: str, taken: Collector) -> None:
    for group in items(part(summary, "works"), "group"):
        work = next(iter(items(group, "work-summary")), {})
        title = clean(part(part(work, "title"), "title").get("value"), has_markup=True)
        if not title:
            continue
        doi = _doi(work) or _doi(group)
        code = f"doi:{doi}" if doi else f"{person} {work.get('put-code')} {title}"
        name = record_id("orcid-work", code)
        taken.add("texts", {
            "id": name,
            "kind": _KINDS.get(str(work.get("type")), "other"),
            "title": title,
            "number": doi,
            "period": year_of(part(part(work, "publication-date"), "year").get("value")),
        })  # fmt: skip
        taken.add("text_parties", {"text": name, "party": person, "role": "author"})


def _doi(work: Mapping[str, Any]) -> str | None:
    for one in items(part(work, "external-ids"), "external-id"):
        if (
            one.get("external-id-type") == "doi"
            and one.get("external-id-relationship") != "part-of"
        ):
            text = said(one, "external-id-value") or ""
            return text.lower().removeprefix("https://doi.org/") or None
    return None
