"""Interfaces of the sources: address, pace, first request, and where the next page is.

References
----------
OpenAlex: developers.openalex.org, "Authentication" and "Page through results" (100
requests a second, key needed since 2026-02-13). ROR: ror.readme.io, "REST API" (50
requests in five minutes, 2,000 with a client id). GLEIF: api.gleif.org/docs (60 a minute).
ORCID: info.orcid.org, "API limits"; 8 a second is ours, below what it says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jicheng.errors import InvalidInput
from jicheng.identifiers import Scheme, read
from jicheng.io.sources.asking import Request, Site
from jicheng.io.sources.pacing import Pace
from jicheng.io.sources.reading import part

__all__ = ["INTERFACES", "Ask", "Interface"]

_ROR_PAGE, _ROR_PAGES = 20, 500
_ORCID_ROWS, _ORCID_LAST = 200, 10_000
_ENTITIES = ("works", "authors", "institutions")


@dataclass(frozen=True, slots=True)
class Ask:
    """What a user wants from a source.

    ``query`` is searched for; ``filter`` narrows it in the source's own words;
    ``entity`` names what OpenAlex is asked for.
    """

    source: str
    query: str = ""
    filter: str = ""
    entity: str = "works"

    def as_text(self) -> str:
        """Return it as it stands in the column ``query``."""
        kind = f"{self.entity}: " if self.source == "openalex" else ""
        return kind + " | ".join(part for part in (self.query, self.filter) if part)


@dataclass(frozen=True, slots=True)
class Interface:
    """How one source is asked page by page."""

    site: Site
    first: Callable[[Ask], Request]
    following: Callable[[Ask, Request, Mapping[str, Any]], Request | None]


def _openalex_first(ask: Ask) -> Request:
    if ask.entity not in _ENTITIES:
        raise InvalidInput.of("E088", columns=ask.entity, known=", ".join(_ENTITIES))
    params = {"search": ask.query, "filter": ask.filter, "per_page": "100", "cursor": "*"}
    return Request(f"/{ask.entity}", _said(params))


def _openalex_next(_: Ask, asked: Request, page: Mapping[str, Any]) -> Request | None:
    cursor = part(page, "meta").get("next_cursor")
    if not isinstance(cursor, str) or not cursor or not page.get("results"):
        return None
    return Request(asked.path, {**asked.params, "cursor": cursor})


def _ror_first(ask: Ask) -> Request:
    params = {"query": ask.query, "filter": ask.filter, "page": "1"}
    return Request("/v2/organizations", _said(params))


def _ror_next(_: Ask, asked: Request, page: Mapping[str, Any]) -> Request | None:
    number, total = int(asked.params["page"]), page.get("number_of_results")
    is_more = isinstance(total, int) and number * _ROR_PAGE < total and page.get("items")
    if not is_more or number >= _ROR_PAGES:
        return None
    return Request(asked.path, {**asked.params, "page": str(number + 1)})


def _gleif_first(ask: Ask) -> Request:
    params = {"filter[fulltext]": ask.query}
    for pair in ask.filter.split(","):
        name, _, value = pair.partition("=")
        params[f"filter[{name.strip()}]"] = value.strip()
    return Request("/api/v1/lei-records", {**_said(params), "page[size]": "200",
                                           "page[number]": "1"})  # fmt: skip


def _gleif_next(_: Ask, asked: Request, page: Mapping[str, Any]) -> Request | None:
    last = part(part(page, "meta"), "pagination").get("lastPage")
    number = int(asked.params["page[number]"])
    if not isinstance(last, int) or number >= last or not page.get("data"):
        return None
    return Request(asked.path, {**asked.params, "page[number]": str(number + 1)})


def _orcid_ids(ask: Ask) -> list[str]:
    """Return the iDs that a query consists of; empty if it has other words."""
    found = [read(Scheme.ORCID, word) for word in ask.query.replace(",", " ").split()]
    codes = list(dict.fromkeys(one.code for one in found))
    return codes if all(one.is_valid for one in found) else []


def _orcid_first(ask: Ask) -> Request:
    ids = _orcid_ids(ask)
    if ids:
        return Request(f"/v3.0/{ids[0]}/record")
    query = " AND ".join(part for part in (ask.query, ask.filter) if part)
    return Request("/v3.0/expanded-search/", {"q": query, "start": "0", "rows": str(_ORCID_ROWS)})


def _orcid_next(ask: Ask, asked: Request, page: Mapping[str, Any]) -> Request | None:
    ids = _orcid_ids(ask)
    if ids:
        place = ids.index(asked.path.split("/")[2]) + 1
        return Request(f"/v3.0/{ids[place]}/record") if place < len(ids) else None
    start, total = int(asked.params["start"]) + _ORCID_ROWS, page.get("num-found")
    if not isinstance(total, int) or start >= min(total, _ORCID_LAST):
        return None
    return Request(asked.path, {**asked.params, "start": str(start)})


def _said(params: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in params.items() if value}


INTERFACES: Mapping[str, Interface] = {
    "openalex": Interface(
        Site("OpenAlex", "https://api.openalex.org", Pace(10, 1.0), Pace(100, 1.0),
             key="OPENALEX_API_KEY", key_in="api_key", contact_in="mailto"),
        _openalex_first, _openalex_next,
    ),
    "ror": Interface(
        Site("ROR", "https://api.ror.org", Pace(50, 300.0), Pace(2_000, 300.0),
             key="ROR_CLIENT_ID", key_in="Client-Id:"),
        _ror_first, _ror_next,
    ),
    "gleif": Interface(
        Site("GLEIF", "https://api.gleif.org", Pace(60, 60.0), Pace(60, 60.0),
             accept="application/vnd.api+json"),
        _gleif_first, _gleif_next,
    ),
    "orcid": Interface(
        Site("ORCID", "https://pub.orcid.org", Pace(8, 1.0), Pace(8, 1.0),
             key="ORCID_TOKEN", key_in="Authorization:", key_form="Bearer {}"),
        _orcid_first, _orcid_next,
    ),
}  # fmt: skip
