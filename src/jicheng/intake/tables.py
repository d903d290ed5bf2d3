"""The tables of a zone that resolved records give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from jicheng.errors import Fault, fault
from jicheng.intake.inputs import Inputs
from jicheng.intake.kinds import kind_of_name
from jicheng.intake.naming import contested_codes, text_key
from jicheng.intake.resolving import Resolved
from jicheng.intake.same_texts import texts_by_owner
from jicheng.intake.stated import one_row_each
from jicheng.integrate.resolve.kinds import Kind
from jicheng.schema import zone_tables

__all__ = ["Tables"]

Row = Mapping[str, Any]
_SHOWN = 8  # names that a warning lists


@dataclass(frozen=True)
class Tables:
    """Tables in the making.

    Attributes
    ----------
    inputs : Inputs
        What was read.
    resolved : Resolved
        Which records are one.
    zone : str
        Id of the zone, for its members.
    home : str
        Country of the zone, for shares of its own sourcing.
    only_listed : bool
        Whether organisations that only texts name are left out.
    """

    inputs: Inputs
    resolved: Resolved
    zone: str
    home: str
    only_listed: bool = False

    def made(self) -> dict[str, pl.DataFrame]:
        """Return the tables by name, those without rows left out."""
        tables = {
            "organisations": self.organisations,
            "people": self.people,
            "facilities": self.facilities,
            "texts": self.texts,
            "text_parties": self.text_parties,
            "ties": self.ties,
            **self.stated,
        }
        return {name: frame for name, frame in tables.items() if frame.height}

    @cached_property
    def listed(self) -> frozenset[str]:
        """Organisations that some list or registry names by itself, not only a text."""
        records = self.inputs.records
        only_parties = set(records.text_parties["party"]) | set(records.people["organisation"])
        only_parties |= set(records.facilities["owner"])
        bare = records.organisations.filter(
            pl.col("id").is_in(list(only_parties - {None}))
            & pl.all_horizontal(
                pl.col(name).is_null()
                for name in ("is_member", "credit_code", "lei", "ror", "address", "legal_person")
            )
        )
        named = set(records.organisations["id"]) - set(bare["id"])
        owners = self.inputs.records.tables.get("challenges")
        if owners is not None and "owner" in owners.columns:
            named |= set(owners["owner"].drop_nulls())
        return frozenset(self.resolved.ids[record] for record in named)

    @cached_property
    def members(self) -> frozenset[str]:
        """Organisations that a list says belong to the zone."""
        records = self.inputs.records.organisations
        ids = records.filter(pl.col("is_member") == "true")["id"]
        return frozenset(self.resolved.ids[record] for record in ids)

    @cached_property
    def organisations(self) -> pl.DataFrame:
        """The table of organisations; kinds that no list says are told by the name."""
        rows = []
        contested = contested_codes(self.resolved.golden[Kind.ORGANISATION][0])
        for row in self._golden(Kind.ORGANISATION):
            own = self.resolved.ids[row["organisation"]]
            if self.only_listed and own not in self.listed:
                continue
            name = row["name"] or row["name_en"]
            rows.append(
                {
                    **{key: row.get(key) for key in (
                        "name_en", "size", "industry", "country", "region", "field",
                        "longitude", "latitude", "source", "as_of",
                    )},
                    **{key: row[key] for key in ("credit_code", "lei", "ror")
                       if row[key] not in contested},
                    "id": own,
                    "name": name,
                    "kind": row.get("kind") or self._kind_by_role(own, name),
                    "founded": (row["founded"] or "")[:4] or None,
                    "zone": self.zone if own in self.members else None,
                }
            )  # fmt: skip
        return _frame("organisations", rows)

    def _kind_by_role(self, own: str, name: str) -> str:
        """Return the kind that a name tells; who only pays for work of others is an agency."""
        told = kind_of_name(name)
        return told or ("agency" if own in self._only_funders else "firm")

    @cached_property
    def _only_funders(self) -> frozenset[str]:
        """Bodies that pay for texts and that nothing else is known of."""
        funders = self._parties.filter(pl.col("role") == "funder")["party"]
        others = self._parties.filter(pl.col("role") != "funder")["party"]
        return frozenset(set(funders) - set(others) - self.members)

    @cached_property
    def guessed(self) -> tuple[Fault, ...]:
        """Tell which organisations only texts name (E644)."""
        frame = self.organisations
        names = frame.filter(~pl.col("id").is_in(list(self.listed)))["name"].sort().to_list()
        if not names:
            return ()
        shown = "、".join(names[:_SHOWN]) + ("……" if len(names) > _SHOWN else "")
        return (fault("E644", is_warning=True, n=len(names), names=shown),)

    @cached_property
    def _there(self) -> frozenset[str]:
        return frozenset(self.organisations["id"])

    @cached_property
    def people(self) -> pl.DataFrame:
        """The table of people."""
        rows = []
        for row in self._golden(Kind.PERSON):
            body = self._body(row.get("organisation"))
            rows.append(
                {
                    **{k: row.get(k) for k in ("name_en", "orcid", "level", "source", "as_of")},
                    "id": self.resolved.ids[row["person"]],
                    "name": row["name"] or row["name_en"],
                    "organisation": body,
                    "kind": row.get("kind") or "person",
                }
            )
        return _frame("people", rows)

    @cached_property
    def facilities(self) -> pl.DataFrame:
        """The table of facilities."""
        rows = []
        for row in self._golden(Kind.FACILITY):
            rows.append(
                {
                    **{k: row.get(k) for k in
                       ("name_en", "kind", "capacity", "price", "source", "as_of")},
                    "id": self.resolved.ids[row["facility"]],
                    "name": row["name"] or row["name_en"],
                    "owner": self._body(row.get("owner")),
                }
            )  # fmt: skip
        return _frame("facilities", rows)

    def _body(self, first: str | None) -> str | None:
        """Return the organisation that a person or a facility belongs to."""
        own = self.resolved.ids.get(first or "")
        return own if own in self._there else None

    @cached_property
    def _texts(self) -> tuple[list[dict[str, Any]], dict[str, str]]:
        """Texts, each once, and the id of each record of a text."""
        by_key: dict[str, list[Row]] = {}
        ids: dict[str, str] = {}
        records = self.inputs.records
        groups = texts_by_owner(records.texts, self._parties)
        for row in records.texts.iter_rows(named=True):
            by = groups.get(row["id"], "")
            key = text_key(row["kind"], row["number"], row["title"] + by, row["period"])
            ids[row["id"]] = f"text:{row['kind']}-{key}"
            by_key.setdefault(ids[row["id"]], []).append(row)
        made = []
        for own, same in sorted(by_key.items()):
            best = max(same, key=lambda row: (len(row["body"] or ""), row["id"]))
            made.append(
                {**{name: next((r[name] for r in (best, *same) if r[name] is not None), None)
                    for name in best}, "id": own}
            )  # fmt: skip
        return made, ids

    @cached_property
    def _parties(self) -> pl.DataFrame:
        """Who records of texts are by, as bodies of the zone: ``text, party, role``."""
        parties = self.inputs.records.text_parties.select("text", "party", "role")
        own = pl.col("party").replace_strict(self.resolved.ids, return_dtype=pl.String)
        return parties.with_columns(own)

    @property
    def texts(self) -> pl.DataFrame:
        """The table of texts."""
        return _frame("texts", self._texts[0])

    @property
    def text_parties(self) -> pl.DataFrame:
        """The table of who texts are by."""
        ids = self._texts[1]
        known = self._there | set(self.people["id"]) | set(self.facilities["id"])
        rows = [
            {**row, "text": ids[row["text"]], "party": self.resolved.ids[row["party"]]}
            for row in self.inputs.records.text_parties.iter_rows(named=True)
            if self.resolved.ids[row["party"]] in known
        ]
        frame = _frame("text_parties", rows)
        return frame.unique(["text", "party", "role"], keep="first", maintain_order=True)

    @property
    def ties(self) -> pl.DataFrame:
        """The table of ties that sources state."""
        known = self._there | set(self.people["id"])
        rows = []
        for row in self.inputs.records.ties.iter_rows(named=True):
            a, b = self.resolved.ids[row["a"]], self.resolved.ids[row["b"]]
            if a != b and {a, b} <= known:
                rows.append({**row, "a": a, "b": b})
        return _frame("ties", rows).unique(["a", "b", "kind"], keep="first", maintain_order=True)

    @property
    def stated(self) -> dict[str, pl.DataFrame]:
        """Tables that need no resolving, but for the owners of challenges."""
        return {name: _frame(name, rows) for name, (rows, _) in self._stated.items()}

    @property
    def contradictions(self) -> tuple[Fault, ...]:
        """What two lists say differently of one technology, challenge or purse (E669)."""
        return tuple(told for _, faults in self._stated.values() for told in faults)

    @cached_property
    def _stated(self) -> dict[str, tuple[list[dict[str, Any]], list[Fault]]]:
        made = {}
        for name, frame in self.inputs.records.tables.items():
            rows = [dict(row) for row in frame.iter_rows(named=True)]
            for row in rows:
                if name == "challenges" and row.get("owner"):
                    row["owner"] = self.resolved.ids.get(row["owner"], row["owner"])
                if name == "supply" and row.get("basis") == "home":
                    row["basis"] = self.home
            made[name] = one_row_each(name, rows, zone_tables()[name].key)
        return made

    def _golden(self, kind: Kind) -> Iterable[dict[str, Any]]:
        """Yield the surviving values of each body, with source and day of its name."""
        golden, provenance = self.resolved.golden[kind]
        named = provenance.filter(pl.col("attribute") == "name").select(
            str(kind), "source", "as_of"
        )
        english = provenance.filter(pl.col("attribute") == "name_en").select(
            str(kind), "source", "as_of"
        )
        origin = pl.concat([named, english]).unique(str(kind), keep="first", maintain_order=True)
        kept = [name for name in golden.columns if name not in ("source", "as_of")]
        return golden.select(kept).join(origin, on=str(kind), how="left").iter_rows(named=True)


def _frame(table: str, rows: Iterable[Row]) -> pl.DataFrame:
    """Return rows as a table with the columns of the schema that they may have, as text."""
    names = zone_tables()[table].names
    made = [{name: _text(row.get(name)) for name in names} for row in rows]
    frame = pl.DataFrame(made, schema=dict.fromkeys(names, pl.String))
    key = zone_tables()[table].key
    return frame.select(
        name for name in names if name in key or frame[name].null_count() < frame.height
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
