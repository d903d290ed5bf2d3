"""OpenAlex: works, authors and institutions as JSON lines, snapshot folders or API pages.

Works become texts (the abstract put together from its inverted index), their authors and
institutions records, and who wrote or paid for what parties. A work that was retracted is
left out. OpenAlex is CC0.

References
----------
Objects: docs.openalex.org, "Entities" (read in 2026).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jicheng.errors import Text
from jicheng.io.sources.cleaning import clean
from jicheng.io.sources.collecting import Collector
from jicheng.io.sources.reading import (
    Job,
    Keep,
    country_of,
    day_of,
    items,
    names,
    number_of,
    objects_of,
    other_names,
    part,
    said,
    year_of,
)

__all__ = ["LICENCE", "TITLE", "decoded", "read"]

TITLE = "OpenAlex"
LICENCE = "CC0-1.0"
_PAPERS = frozenset((
    "article", "preprint", "review", "letter", "book", "book-chapter", "dissertation",
    "editorial", "proceedings", "proceedings-article",
))  # fmt: skip
_KINDS = {"report": "report", "standard": "standard"} | dict.fromkeys(_PAPERS, "paper")
_BODIES = {"education": "university", "company": "firm", "facility": "institute"}
_MOST_WORDS = 50_000
_RETRACTED = Text("已撤稿或非独立作品", "retracted, or no work of its own")
_NAMELESS = Text("没有编号或名称", "no id or no name")
_ELSEWHERE = Text("不在所选国家", "not of the country asked for")


def read(job: Job) -> Collector:
    """Read works, authors and institutions from the files of a job.

    Notes
    -----
    With ``job.keep.countries`` a work is taken if one of its institutions is there, and
    an author or an institution by its own country; parties are always complete.
    """
    taken, people = Collector(job.limits), _People()
    for item in objects_of(job, (".json", ".jsonl", ".ndjson", ""), lists=("results",)):
        letter = _id(item.get("id"))[9:10]
        if letter == "W":
            _work(item, taken, people, job.keep)
        elif letter == "A":
            _author(item, taken, people, job.keep)
        elif letter in ("I", "F"):
            _institution(item, taken, job.keep)
        else:
            taken.leave_out(_NAMELESS, item.get("id", ""))
    people.give(taken)
    return taken


def decoded(index: object) -> str | None:
    """Put an abstract together from its inverted index (word -> places).

    Examples
    --------
    >>> decoded({"resist": [1], "KrF": [0, 2]})
    'KrF resist KrF'
    """
    if not isinstance(index, Mapping):
        return None
    places = [
        (place, word)
        for word, where in index.items()
        if isinstance(where, list)
        for place in where
        if type(place) is int and place >= 0
    ]
    places.sort()
    return " ".join(str(word) for _, word in places[:_MOST_WORDS]) or None


class _People:
    """Authors with the newest work that says where they are; a work may say several places."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, str | None]] = {}
        self._newest: dict[str, tuple[str, str]] = {}

    def seen(self, row: dict[str, str | None], newest: tuple[str, str]) -> None:
        name = row["id"] or ""
        if name not in self._rows or newest > self._newest[name]:
            known = self._rows.get(name, {})
            self._rows[name] = {**row, "orcid": row.get("orcid") or known.get("orcid")}
            self._newest[name] = newest

    def give(self, taken: Collector) -> None:
        for row in self._rows.values():
            taken.add("people", row)


def _work(item: Mapping[str, Any], taken: Collector, people: _People, keep: Keep) -> None:
    name, title = _id(item.get("id")), said(item, "title") or said(item, "display_name")
    if not title:
        taken.leave_out(_NAMELESS, name)
        return
    if item.get("is_retracted") is True or item.get("is_paratext") is True:
        taken.leave_out(_RETRACTED, name)
        return
    shares = items(item, "authorships")
    if not keep.any_of(
        country_of(place.get("country_code"))
        for share in shares
        for place in items(share, "institutions")
    ):
        taken.leave_out(_ELSEWHERE, name)
        return
    as_of = day_of(item.get("updated_date"))
    taken.add("texts", {
        "id": name,
        "kind": _KINDS.get(str(item.get("type")), "other"),
        "title": clean(title, has_markup=True),
        "body": clean(decoded(item.get("abstract_inverted_index")), has_markup=True),
        "number": _doi(item.get("doi")),
        "period": year_of(item.get("publication_year")),
        "as_of": as_of,
    })  # fmt: skip
    newest = (day_of(item.get("publication_date")) or "", name)
    for share in shares:
        _authorship(share, name, newest, taken, people, as_of)
    for funder in _funders(item):
        _party(_place(funder, taken), name, "funder", taken, as_of)


def _authorship(
    share: Mapping[str, Any],
    work: str,
    newest: tuple[str, str],
    taken: Collector,
    people: _People,
    as_of: str | None,
) -> None:
    places = [_place(place, taken) for place in items(share, "institutions")]
    known = list(dict.fromkeys(place for place in places if place))
    for place in known:
        _party(place, work, "author", taken, as_of)
    author = part(share, "author")
    name, label = _id(author.get("id")), said(author, "display_name")
    if name and label:
        only = known[0] if len(known) == 1 else None
        people.seen({"id": name, "organisation": only, "orcid": said(author, "orcid"),
                     "kind": "person", **names(label)}, newest)  # fmt: skip
        _party(name, work, "author", taken, as_of)


def _place(item: Mapping[str, Any], taken: Collector) -> str | None:
    """Take an institution or a funder as a work names it; None if it has no id or name."""
    name, label = _id(item.get("id")), said(item, "display_name")
    if not name or not label:
        return None
    taken.add("organisations", {
        "id": name, **names(label), "ror": said(item, "ror"),
        "country": country_of(item.get("country_code")),
        "kind": _BODIES.get(str(item.get("type"))),
    })  # fmt: skip
    return name


def _party(party: str | None, work: str, role: str, taken: Collector, as_of: str | None) -> None:
    if party:
        taken.add("text_parties", {"text": work, "party": party, "role": role, "as_of": as_of})


def _funders(item: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield who paid: ``funders`` of new works, ``grants`` of older ones."""
    yield from items(item, "funders")
    for grant in items(item, "grants"):
        yield {"id": grant.get("funder"), "display_name": grant.get("funder_display_name")}


def _author(item: Mapping[str, Any], taken: Collector, people: _People, keep: Keep) -> None:
    name, label = _id(item.get("id")), said(item, "display_name")
    places = items(item, "last_known_institutions")
    if not label:
        taken.leave_out(_NAMELESS, name)
    elif not keep.any_of(country_of(place.get("country_code")) for place in places):
        taken.leave_out(_ELSEWHERE, name)
    else:
        as_of = day_of(item.get("updated_date"))
        known = [one for place in places if (one := _place(place, taken))]
        row = {
            "id": name, **names(label), "kind": "person", "as_of": as_of,
            "orcid": said(item, "orcid") or said(part(item, "ids"), "orcid"),
            "organisation": known[0] if len(known) == 1 else None,
            "aliases": other_names(_texts(item.get("display_name_alternatives")), label),
        }  # fmt: skip
        people.seen(row, ("9999", name))  # the author's own record goes before any work


def _institution(item: Mapping[str, Any], taken: Collector, keep: Keep) -> None:
    name, label = _id(item.get("id")), said(item, "display_name")
    country = country_of(item.get("country_code"))
    if not label:
        taken.leave_out(_NAMELESS, name)
        return
    if not keep.any_of([country]):
        taken.leave_out(_ELSEWHERE, name)
        return
    spoken, geo = part(part(item, "international"), "display_name"), part(item, "geo")
    chinese = said(spoken, "zh-hans") or said(spoken, "zh-cn") or said(spoken, "zh")
    told = names(chinese or label)
    if chinese:
        told["name_en"] = said(spoken, "en") or names(label)["name_en"]
    others = _texts(item.get("display_name_alternatives"))
    taken.add("organisations", {
        "id": name,
        **told,
        "aliases": other_names([label, *others], told["name"], told["name_en"]),
        "ror": said(item, "ror") or said(part(item, "ids"), "ror"),
        "country": country,
        "kind": _BODIES.get(str(item.get("type"))),
        "region": said(geo, "city"),
        "longitude": number_of(geo.get("longitude")),
        "latitude": number_of(geo.get("latitude")),
        "website": said(item, "homepage_url"),
        "as_of": day_of(item.get("updated_date")),
    })  # fmt: skip


def _id(address: object) -> str:
    """Return ``openalex:W1`` of ``https://openalex.org/W1``; empty if it is none."""
    code = str(address).rsplit("/", 1)[-1] if isinstance(address, str) else ""
    return f"openalex:{code}" if code[:1].isalpha() and code[1:].isdigit() else ""


def _doi(address: object) -> str | None:
    text = clean(address, longest=300)
    return text.removeprefix("https://doi.org/") if text else None


def _texts(given: object) -> Iterable[str]:
    return [text for text in given if isinstance(text, str)] if isinstance(given, list) else []
