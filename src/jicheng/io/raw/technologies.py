"""A list of technologies as tables of a zone: technologies, links, supply, challenges."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jicheng.errors import Fault, Text, fault
from jicheng.io.firm_list.cells import plain
from jicheng.io.raw.builder import Builder
from jicheng.io.raw.lists import RawList, RawRow

__all__ = ["add_technologies", "shared_codes_told", "technology_ids"]

_PRODUCT = Text("下游产品", "a downstream product")
_INPUT = Text("上游投入", "an upstream input")


def technology_ids(lists: Iterable[RawList]) -> dict[str, str]:
    """Return the id of each technology of some lists by its name without signs.

    The id holds the code of the list where it gives one that no other technology has, else
    a hash of the name: the order of rows and files changes nothing.
    """
    rows = [row for one in lists if one.kind == "technologies" for row in one.rows]
    shared = _shared_codes(rows)
    ids: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: row.text("code") or ""):
        name, code = row.text("name") or "", _coded(row.text("code"))
        if code and code not in shared:
            ids[_bare(name)] = min(code, ids.get(_bare(name), code))
    return {_bare(row.text("name") or ""): _hashed(row.text("name") or "") for row in rows} | ids


def _shared_codes(rows: Iterable[RawRow]) -> dict[str, set[str]]:
    """Return the codes under which lists name several technologies, and their names."""
    names: dict[str, dict[str, str]] = {}
    for row in rows:
        name, code = row.text("name") or "", _coded(row.text("code"))
        if code:
            names.setdefault(code, {})[_bare(name)] = name
    return {code: set(those.values()) for code, those in names.items() if len(those) > 1}


def shared_codes_told(lists: Iterable[RawList]) -> list[Fault]:
    """Tell which codes lists give to several technologies (E668): their names make the ids."""
    rows = [row for one in lists if one.kind == "technologies" for row in one.rows]
    return [
        fault("E668", is_warning=True, given=code.removeprefix("tech:"),
              names="、".join(sorted(names)))
        for code, names in sorted(_shared_codes(rows).items())
    ]  # fmt: skip


def _bare(name: str) -> str:
    return re.sub(r"[\s()（）\-·]", "", plain(name)).lower()


def _coded(code: str | None) -> str | None:
    """Return the id that a code gives; letters of every script tell codes apart."""
    bare = re.sub(r"[^\w.-]+", "-", plain(code or "")).strip("-")
    return f"tech:{bare}" if bare else None


def _hashed(name: str) -> str:
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
                    end = _hashed(other)
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
