"""CORDIS: research projects of the European Union, CSV files or the zip that holds them.

Projects become texts, participants records and parties: the coordinator bears the project
(owner), everybody else is a partner. The data are CC BY 4.0.

References
----------
data.europa.eu, "CORDIS - EU research projects under Horizon Europe": ``project.csv`` and
``organization.csv``, separated by semicolons (layout of 2021 and later).
"""

from __future__ import annotations

from collections.abc import Mapping

from jicheng.errors import Text
from jicheng.io.sources.cleaning import clean
from jicheng.io.sources.collecting import Collector
from jicheng.io.sources.files import parts_of
from jicheng.io.sources.reading import (
    Job,
    country_of,
    day_of,
    names,
    number_of,
    other_names,
    said,
    year_of,
)
from jicheng.io.sources.values import rows

__all__ = ["LICENCE", "TITLE", "read"]

TITLE = "CORDIS"
LICENCE = "CC BY 4.0"
_FILES = ("project.csv", "organization.csv")
_BODIES = {"HES": "university", "PRC": "firm", "REC": "institute", "PUB": "agency"}
_RAGGED = Text("单元格数与表头不符", "not as many cells as headings")
_NAMELESS = Text("没有编号、名称或标题", "no id, name or title")
_ELSEWHERE = Text("不在所选国家", "not of the country asked for")


def read(job: Job) -> Collector:
    """Read projects and participants from the files of a job.

    Notes
    -----
    With ``job.keep.countries`` participants of those countries are taken, and the
    projects in which they take part.
    """
    taken = Collector(job.limits)
    asked: set[str] = set()
    for which in _FILES[::-1]:  # participants first: they say which projects are wanted
        for one in parts_of(job.paths, which.__eq__, job.limits):
            needed = ("projectID", "organisationID") if which == _FILES[1] else ("id", "title")
            for cells in rows(one, needed, job.limits):
                if not cells:
                    taken.leave_out(_RAGGED)
                elif which == _FILES[1]:
                    _participant(cells, job, taken, asked)
                else:
                    _project(cells, job, taken, asked)
    taken.drop_lost("text_parties", ("text",), ("texts",))
    return taken


def _participant(cells: Mapping[str, str], job: Job, taken: Collector, asked: set[str]) -> None:
    project, code = cells["projectID"].strip(), cells["organisationID"].strip()
    label = said(cells, "name")
    country = country_of(cells.get("country"))
    if not project or not code or not label:
        taken.leave_out(_NAMELESS, code or project)
        return
    if not job.keep.any_of([country]):
        taken.leave_out(_ELSEWHERE, label)
        return
    asked.add(project)
    as_of = day_of(cells.get("contentUpdateDate"))
    latitude, longitude = _place(cells.get("geolocation", ""))
    name = f"cordis:org:{code}"
    taken.add("organisations", {
        "id": name,
        **names(label),
        "aliases": other_names([said(cells, "shortName")], label),
        "kind": _BODIES.get(cells.get("activityType", "").strip()),
        "country": country,
        "region": said(cells, "city"),
        "address": said(cells, "street"),
        "latitude": latitude,
        "longitude": longitude,
        "website": said(cells, "organizationURL"),
        "as_of": as_of,
    })  # fmt: skip
    role = "owner" if cells.get("role", "").strip() == "coordinator" else "partner"
    taken.add("text_parties", {
        "text": f"cordis:{project}", "party": name, "role": role, "as_of": as_of,
    })  # fmt: skip


def _project(cells: Mapping[str, str], job: Job, taken: Collector, asked: set[str]) -> None:
    code, title = cells["id"].strip(), clean(cells["title"], longest=2000)
    if not code or not title:
        taken.leave_out(_NAMELESS, code)
        return
    if job.keep.countries and code not in asked:
        taken.leave_out(_ELSEWHERE, code)
        return
    taken.add("texts", {
        "id": f"cordis:{code}",
        "kind": "project",
        "title": title,
        "body": clean(cells.get("objective")),
        "number": code,
        "period": year_of(cells.get("startDate")),
        "as_of": day_of(cells.get("contentUpdateDate")),
    })  # fmt: skip


def _place(text: str) -> tuple[str | None, str | None]:
    """Return latitude and longitude of ``48.1,11.5`` (also in brackets)."""
    latitude, _, longitude = text.strip().strip("()").partition(",")
    both = number_of(latitude.strip()), number_of(longitude.strip())
    return both if all(both) else (None, None)
