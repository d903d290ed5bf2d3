"""Turn lists into records: organisations, people, facilities, texts, ties, technologies.

A record is what one row says of one body. Its id depends on what it says (name and code)
and not on its place, so that files may be re-ordered or renamed; two rows of one name
get ids of their own by all that they say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from jicheng.io.raw.builder import Builder, Cells
from jicheng.io.raw.files import RawFile
from jicheng.io.raw.lists import RawList, RawRow
from jicheng.io.raw.technologies import add_technologies, technology_ids
from jicheng.io.sources.records import Origin, SourceRecords, record_id

__all__ = ["ListRecords", "records_of"]


@dataclass(frozen=True)
class ListRecords:
    """Records of a list: ``places`` gives the row of the sheet of each by its id."""

    file: RawFile
    list: RawList
    records: SourceRecords
    places: Mapping[str, int]


def records_of(files: Sequence[RawFile]) -> list[ListRecords]:
    """Return the records of every list of some files, one object a list.

    Parameters
    ----------
    files : sequence of RawFile
        Read together, since one list may name technologies of another.
    """
    ids = technology_ids([one for file in files for one in file.lists])
    return [_records(file, one, ids) for file in files for one in file.lists]


def source_of(file: RawFile, one: RawList) -> str:
    """Return how a list is called in the column source: kind, file, sheet if there are more."""
    sheets = [other for other in file.lists if other.kind == one.kind]
    sheet = f"/{one.sheet.name}" if len(sheets) > 1 else ""
    return f"{one.place.kind.label.zh}（{file.name}{sheet}）"


def _records(file: RawFile, one: RawList, technologies: Mapping[str, str]) -> ListRecords:
    origin = Origin(source_of(file, one), file=file.name, sha256=file.sha256)
    built = Builder(one.kind, one.as_of or None)
    if one.kind == "technologies":
        add_technologies(built, one, technologies)
    elif one.kind == "purses":
        _add_purses(built, one.rows)
    else:
        _ADD[one.kind](built, one.rows)
    made = SourceRecords.of(
        origin,
        tables=built.tables,
        warnings=built.faults,
        organisations=built.rows["organisations"],
        people=built.rows["people"],
        facilities=built.rows["facilities"],
        texts=built.rows["texts"],
        text_parties=built.rows["text_parties"],
        ties=built.rows["ties"],
    )
    return ListRecords(file, one, made, built.places)


def _add_firms(built: Builder, rows: Iterable[RawRow]) -> None:
    rows = list(rows)
    named = Counter((row.text("name"), row.text("credit_code")) for row in rows)
    for row in rows:
        name = row.text("name")
        firm = built.organisation(
            name,
            row.number,
            has_namesake=named[name, row.text("credit_code")] > 1,
            name_en=row.text("name_en"),
            credit_code=row.text("credit_code"),
            kind=row.text("kind"),
            size=row.text("size"),
            industry=row.text("industry"),
            region=row.text("region"),
            district=row.text("district"),
            address=row.text("address"),
            founded=row.text("founded"),
            legal_person=row.text("legal_person"),
            telephone=row.text("telephone"),
            is_member="true",
            field=row.text("field"),
            country="CHN" if row.text("credit_code") else None,
        )
        products = row.text("products")
        if products:
            text = built.text(
                "product", f"{name}主营业务", body=products, row=row.number, by=(firm,)
            )
            built.party(text, firm, "owner")


def _add_patents(built: Builder, rows: Iterable[RawRow]) -> None:
    for row in rows:
        inventors, applicants = row.names("inventors"), row.names("applicants")
        text = built.text(
            "patent",
            row.text("title"),
            body=_joined(row.text("title_en"), row.text("abstract")),
            number=row.text("number") or row.text("publication"),
            codes=";".join(row.names("ipc")) or None,
            period=_year(row.text("date") or row.text("published")),
            row=row.number,
            by=applicants,
        )
        owners = [built.owner(text, name, inventors, row.number) for name in applicants]
        alone = owners[0] if len(owners) == 1 and owners[0].startswith("o:") else None
        for name in inventors:  # of several applicants nobody knows who works where
            person = built.person(name, text, row.number, organisation=alone)
            built.party(text, person, "author")


def _add_papers(built: Builder, rows: Iterable[RawRow]) -> None:
    for row in rows:
        text = built.text(
            "paper",
            row.text("title"),
            body=_joined(row.text("abstract"), _labelled("关键词", row.text("keywords"))),
            number=row.text("number"),
            period=_year(row.text("date")),
            row=row.number,
        )
        bodies = [built.organisation(name, row.number) for name in row.names("affiliations")]
        for body in bodies:
            built.party(text, body, "owner")
        authors = row.names("authors") or row.names("first_author")
        alone = bodies[0] if len(bodies) == 1 else None  # else nobody knows who works where
        for name in authors:
            person = built.person(name, text, row.number, organisation=alone)
            built.party(text, person, "author")


def _add_projects(built: Builder, rows: Iterable[RawRow]) -> None:
    for row in rows:
        text = built.text(
            "project",
            row.text("title"),
            body=row.text("abstract"),
            number=row.text("number"),
            period=_year(row.text("start")),
            row=row.number,
            by=row.names("owners"),
        )
        owners = [built.organisation(name, row.number) for name in row.names("owners")]
        for owner in owners:
            built.party(text, owner, "owner")
        for name in row.names("partners"):
            built.party(text, built.organisation(name, row.number), "partner")
        for name in row.names("funder"):
            built.party(text, built.organisation(name, row.number), "funder")
        for name in row.names("leader"):
            body = owners[0] if owners else None
            built.party(text, built.person(name, text, row.number, organisation=body), "author")


def _add_equipment(built: Builder, rows: Iterable[RawRow]) -> None:
    for row in rows:
        owners = [built.organisation(name, row.number) for name in row.names("owner")]
        capacity, price = row.number_of("capacity"), row.number_of("price")
        facility = built.facility(
            row.text("name"),
            row.number,
            owners[0] if owners else None,
            name_en=row.text("name_en"),
            kind=row.text("kind"),
            model=row.text("model"),
            maker=row.text("maker"),
            serial=row.text("serial"),
            capacity=_plain(capacity),
            price=_plain(price),
        )
        body = _joined(_labelled("型号", row.text("model")), row.text("use"))
        if row.text("use"):
            text = built.text(
                "equipment", row.text("name"), body=body, row=row.number, by=(facility,)
            )
            for owner in owners:
                built.party(text, owner, "owner")


def _add_people(built: Builder, rows: Iterable[RawRow]) -> None:
    for row in rows:
        bodies = [built.organisation(name, row.number) for name in row.names("organisation")]
        built.person(
            row.text("name") or "",
            row.text("orcid") or row.text("email") or "list",
            row.number,
            organisation=bodies[0] if bodies else None,
            name_en=row.text("name_en"),
            orcid=row.text("orcid"),
            kind=row.text("kind"),
            level=row.text("level"),
            email=row.text("email"),
            field=row.text("field"),
        )


def _add_shareholders(built: Builder, rows: Iterable[RawRow]) -> None:
    for row in rows:
        firm = built.organisation(row.text("firm"), row.number)
        holder = built.owner_of_shares(row.text("shareholder") or "", firm, row.number)
        share = row.number_of("share")
        built.tie(holder, firm, "ownership", weight=_plain(share), period=_year(row.text("date")))


def _add_purses(built: Builder, rows: Iterable[RawRow]) -> None:
    made: list[Cells] = []
    for row in rows:
        amount = row.number_of("amount")
        if amount is None:  # a purse without an amount pays nothing: told where it was read
            continue
        made.append(
            {
                "id": record_id("purse", row.text("name"), row.text("period"))[:18],
                "name": row.text("name"),
                "kind": row.text("kind") or "public",
                "amount": _plain(amount),
                "chains": ";".join(row.names("chains")) or None,
                "share_limit": _plain(row.number_of("share_limit")),
                "period": row.text("period"),
                "as_of": built.as_of,
            }
        )
    built.add_table("purses", made)


def _joined(*parts: str | None) -> str | None:
    return "\n".join(part for part in parts if part) or None


def _labelled(label: str, text: str | None) -> str | None:
    return f"{label}：{text}" if text else None


def _year(day: str | None) -> str | None:
    return day[:4] if day else None


def _plain(number: float | None) -> str | None:
    return None if number is None else f"{number:.12g}"


_ADD: dict[str, Callable[[Builder, Iterable[RawRow]], None]] = {
    "firms": _add_firms,
    "patents": _add_patents,
    "papers": _add_papers,
    "projects": _add_projects,
    "equipment": _add_equipment,
    "people": _add_people,
    "shareholders": _add_shareholders,
}
