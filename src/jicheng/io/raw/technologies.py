"""A list of technologies as tables of a zone: technologies, links, supply, challenges."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jicheng.errors import Text, fault
from jicheng.io.firm_list.cells import plain
from jicheng.io.raw.builder import Builder
from jicheng.io.raw.lists import RawList, RawRow

__all__ = ["add_technologies", "technology_ids"]

_PRODUCT = Text("下游产品", "a downstream product")
_INPUT = Text("上游投入", "an upstream input")


def technology_ids(lists: Iterable[RawList]) -> dict[str, str]:
    """Return the id of each technology of some lists by its name without signs.

    The id holds the code of the list where it gives one, else a hash of the name: the order
    of rows and files changes nothing.
    """
    ids: dict[str, str] = {}
    for one in lists:
        if one.kind == "technologies":
            for row in one.rows:
                name = row.text("name") or ""
                ids.setdefault(_bare(name), _id_of(name, row.text("code")))
    return ids


def _bare(name: str) -> str:
    return re.sub(r"[\s()（）\-·]", "", plain(name)).lower()


def _id_of(name: str, code: str | None) -> str:
    if code:
        return f"tech:{re.sub(r'[^0-9A-Za-z._-]+', '-', plain(code)).strip('-') or 'x'}"
    return f"tech:{hashlib.sha256(_bare(name).encode()).hexdigest()[:10]}"


def add_technologies(built: Builder, one: RawList, ids: Mapping[str, str]) -> None:
    """Add what a list of technologies says; a name that only goes with others becomes a row.

    Warnings: E645 for what occurs only as downstream or upstream, E655 for technologies that
    name no money, which are no challenges.
    """
    added: dict[str, dict[str, Any]] = {}
    basis = _basis(one)
    poor: list[str] = []
    for row in one.rows:
        name = row.text("name") or ""
        own = ids[_bare(name)]
        built.add_table("technologies", [_technology(row, own, built)])
        for word, is_downstream in (("downstream", True), ("upstream", False)):
            for other in row.names(word):
                end = ids.get(_bare(other))
                if end is None:
                    end = _id_of(other, None)
                    _add_named(built, one, added, other, end, row, is_downstream=is_downstream)
                source, target = (own, end) if is_downstream else (end, own)
                if source != target:
                    built.add_table("links", [_link(source, target, built)])
        shares = row.said["supply"].shares if "supply" in row.said else ()
        built.add_table("supply", [_share(own, share, basis, built) for share in shares])
        challenge = _challenge(row, own, built)
        if challenge is None:
            poor.append(name)
        else:
            built.add_table("challenges", [challenge])
    built.add_table("technologies", list(added.values()))
    built.tables["links"] = _each_once(built.tables.get("links", []))
    if not built.tables["links"]:
        del built.tables["links"]
    if poor:
        names = "、".join(poor[:5])
        at = one.sheet.at()
        built.faults.append(fault("E655", where=at, is_warning=True, n=len(poor), names=names))


def _technology(row: RawRow, own: str, built: Builder) -> dict[str, Any]:
    low, high = row.ends("years")
    value = row.number_of("final_value")
    needed = row.names("capabilities")
    said = f"所需能力：{'、'.join(needed)}。" if needed else None
    description = "\n".join(part for part in (row.text("description"), said) if part)
    return {
        "id": own,
        "name": row.text("name"),
        "name_en": row.text("name_en"),
        "chain": row.text("chain"),
        "stage": row.text("stage"),
        "kind": row.text("kind"),
        "years_low": _plain(low),
        "years_high": _plain(high),
        "import_reliance": _plain(row.number_of("import_reliance")),
        "final_value": _plain(value),
        "description": description or None,
        "as_of": built.as_of,
    }


def _add_named(
    built: Builder, one: RawList, added: dict[str, dict[str, Any]], name: str, own: str,
    row: RawRow, *, is_downstream: bool,
) -> None:  # fmt: skip
    """Add what no list describes: what a technology goes into is a product."""
    if own in added:
        return
    kind = "product" if is_downstream else None
    added[own] = {
        "id": own, "name": name, "chain": row.text("chain"), "kind": kind, "as_of": built.as_of,
    }  # fmt: skip
    role = _PRODUCT if is_downstream else _INPUT
    word = Text("产品", "a product") if is_downstream else Text("技术", "a technology")
    at = one.sheet.at(one.sheet.numbers.index(row.number))
    built.faults.append(fault("E645", where=at, is_warning=True, name=name, role=role, kind=word))


def _link(source: str, target: str, built: Builder) -> dict[str, Any]:
    return {"source": source, "target": target, "relation": "input", "as_of": built.as_of}


def _share(own: str, share: Any, basis: str, built: Builder) -> dict[str, Any]:
    return {
        "technology": own,
        "supplier": share.country,
        "country": share.country,
        "system": "country",
        "basis": basis,
        "share": _plain(share.share),
        "share_low": _plain(share.low),
        "share_high": _plain(share.high),
        "period": built.as_of[:4] if built.as_of else None,
        "as_of": built.as_of,
    }


def _basis(one: RawList) -> str:
    """Return whose supply the shares tell: home's (``home``) if the heading speaks of imports."""
    column = next((c for c in one.place.columns if c.field.name == "supply"), None)
    return "home" if column is not None and "进口" in column.heading else "world"


def _challenge(row: RawRow, own: str, built: Builder) -> dict[str, Any] | None:
    low, high = row.ends("funding")
    if low is None:
        return None
    owners = [built.organisation(name, row.number) for name in row.names("owner")]
    title = row.text("challenge") or f"{row.text('name')}攻关"
    return {
        "id": own.replace("tech:", "ch:", 1),
        "technology": own,
        "name": title,
        "owner": owners[0] if owners else None,
        "cost_low": _plain(low),
        "cost_high": _plain(high),
        "years": _plain(row.number_of("duration")),
        "relief": _plain(row.number_of("relief")),
        "as_of": built.as_of,
    }


def _each_once(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return list({(row["source"], row["target"]): row for row in rows}.values())


def _plain(number: float | None) -> str | None:
    return None if number is None else f"{number:.12g}"
