"""Collect records row by row, each body of a list once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jicheng.errors import Fault
from jicheng.io.raw.names import looks_like_a_person
from jicheng.io.sources.columns import names_of
from jicheng.io.sources.records import record_id

__all__ = ["Builder", "Cells"]

Cells = dict[str, str | None]


class Builder:
    """Records of one list in the making.

    Parameters
    ----------
    kind : str
        Kind of the list: what two kinds of lists say of one body are two records.
    as_of : str or None
        Day up to which the list says that it is true.
    """

    def __init__(self, kind: str, as_of: str | None) -> None:
        self.kind = kind
        self.as_of = as_of
        self.rows: dict[str, list[Cells]] = {
            name: [] for name in ("organisations", "people", "facilities", "texts",
                                  "text_parties", "ties")
        }  # fmt: skip
        self.tables: dict[str, list[Mapping[str, Any]]] = {}
        self.faults: list[Fault] = []
        self.places: dict[str, int] = {}
        self._known: dict[str, Cells] = {}

    def organisation(
        self, name: str | None, row: int, *, has_namesake: bool = False, **said: str | None
    ) -> str:
        """Return the id of the record of an organisation.

        Rows of one name and code are one record, unless ``has_namesake``: then all that is
        said makes the id.
        """
        cells: Cells = {"name": name, **said}
        more = sorted((k, v) for k, v in cells.items() if v is not None) if has_namesake else []
        own = record_id("o", self.kind, name, said.get("credit_code"), *more)
        return self._once("organisations", own, cells, row)

    def owner(self, text: str, name: str, people: Sequence[str], row: int) -> str:
        """Add an owner of a text: a person if named among its authors or like one."""
        if name in people or looks_like_a_person(name):
            party = self.person(name, text, row)
        else:
            party = self.organisation(name, row)
        self.party(text, party, "owner")
        return party

    def owner_of_shares(self, name: str, firm: str, row: int) -> str:
        """Return the record of a shareholder: a person if the name is like one."""
        if looks_like_a_person(name):
            return self.person(name, firm, row)
        return self.organisation(name, row)

    def person(
        self, name: str, context: str, row: int, *, organisation: str | None = None,
        **said: str | None,
    ) -> str:  # fmt: skip
        """Return the id of the record of a person; one record in each text."""
        own = record_id(
            "p", self.kind, name, context, *([organisation] if context == "list" else [])
        )
        latin = name.isascii()
        known: Cells = {key: value for key, value in said.items() if value is not None}
        cells: Cells = {"name": name, "organisation": organisation, **known}
        if latin:
            cells["name_en"] = cells.get("name_en") or name
        return self._once("people", own, cells, row)

    def facility(self, name: str | None, row: int, owner: str | None, **said: str | None) -> str:
        """Return the id of the record of a facility; serial numbers tell equal ones apart."""
        own = record_id("f", self.kind, name, owner, said.get("model"), said.get("serial"))
        cells: Cells = {"name": name, "owner": owner, **said}
        return self._once("facilities", own, cells, row)

    def text(
        self, kind: str, title: str | None, *, row: int, body: str | None = None,
        number: str | None = None, codes: str | None = None, period: str | None = None,
        by: Sequence[str] = (),
    ) -> str:  # fmt: skip
        """Return the id of a text: by its number, else by title, year and whom it is by."""
        identity = (number,) if number else (title, period, *by)
        own = record_id("t", kind, *identity)
        cells: Cells = {
            "kind": kind, "title": title, "body": body, "number": number, "codes": codes,
            "period": period,
        }  # fmt: skip
        return self._once("texts", own, cells, row)

    def party(self, text: str, party: str, role: str) -> None:
        """Say what somebody is to a text."""
        self.rows["text_parties"].append(
            {"text": text, "party": party, "role": role, "as_of": self.as_of}
        )

    def tie(self, a: str, b: str, kind: str, *, weight: str | None, period: str | None) -> None:
        """Say that two are tied."""
        if a != b:
            self.rows["ties"].append(
                {"a": a, "b": b, "kind": kind, "weight": weight, "period": period,
                 "as_of": self.as_of}
            )  # fmt: skip

    def add_table(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows of a table of the zone."""
        if rows:
            self.tables.setdefault(name, []).extend(rows)

    def _once(self, table: str, own: str, cells: Cells, row: int) -> str:
        known = self._known.get(own)
        names = names_of(table)
        if known is None:
            made: Cells = {"id": own, "as_of": self.as_of}
            made |= {key: value for key, value in cells.items() if key in names}
            self._known[own] = made
            self.places[own] = row
            self.rows[table].append(made)
        else:
            for key, value in cells.items():
                if key in names and known.get(key) is None and value is not None:
                    known[key] = value
        return own
