"""Read the ETO Supply Chain Explorer: advanced chips, both layouts of its files.

The newer layout dates every share and names its source; the older one writes shares
as ``61%`` and small ones as ``negligible``. They are told apart by their columns.
What the source does not say is assumed in the open: each assumption is a warning of
the zone. The data are CC BY-NC 4.0: read them, never ship them.

Notes
-----
* Ids are those of the source and stable over its releases; names are not.
* ``goes_into`` is an input, ``is_type_of`` a category; they are kept apart.
* Shares of whole stages repeat what their inputs say and are left out.
* "Various" and ``EUR`` are no single country: their country stays empty.
* A blank share is a supplier of unknown size, never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from jicheng.conform import POLARS_TYPES
from jicheng.errors import Fault, Text, Where, fault
from jicheng.io.assembly import Part, assemble
from jicheng.io.eto.files import (
    COLUMNS,
    TITLE,
    Row,
    SourceFiles,
    code_of,
    is_various,
    merged,
    read_files,
    unknown,
)
from jicheng.io.eto.shares import read_shares, supply_row
from jicheng.io.limits import Limits
from jicheng.schema import zone_tables
from jicheng.zone import Source, Zone

__all__ = ["read", "recognises"]

_KINDS = {
    "tool_resource": "equipment",
    "material_resource": "material",
    "process": "process",
    "design_resource": "design",
    "ultimate_output": "product",
}
_SOFTWARE = ("software", "intellectual property")  # bought as licences, whatever their type
_CHAIN = "chips"
_UNDATED_PERIOD = 2025  # release of the older layout that this reader was written for


def recognises(path: Path) -> bool:
    """Tell whether a folder holds the five files of the source."""
    return all((path / f"{name}.csv").is_file() for name in COLUMNS)


def read(
    path: Path, *, home: str = "CHN", period: int | None = None, limits: Limits | None = None
) -> Zone:
    """Read the chip supply chain as a zone, seen from a home country.

    Parameters
    ----------
    path : Path
        Folder with inputs, providers, provision, sequence and stages as CSV.
    home : str
        Country from which exposure is judged, by code or name.
    period : int, optional
        Year of the data, from which the age of evidence counts. Default: the newest
        year of a share; where shares carry no year, 2025 (an assumption, E197).
    limits : Limits, optional
        Sizes above which a file is refused.

    Returns
    -------
    Zone
        One row in ``zones`` (id ``eto``), technologies, links, supply and
        organisations. Assumptions and what was left out are its warnings
        (E191-E199).

    Raises
    ------
    InvalidInput
        E190 if a file or column is missing, E102, E111 or E121 for cells, E123 for
        rows that contradict one another, and the faults of the CSV files; nothing
        is loaded by halves.
    """
    files = read_files(path, limits or Limits())
    technologies, faults = _technologies(files)
    links, found = _links(files)
    faults += found
    providers, found = _providers(files)
    faults += found
    shares, found = read_shares(files, providers)
    faults += found
    years = [share.period for share in shares if share.period is not None]
    if period is None:
        period = max(years, default=_UNDATED_PERIOD)
        if not years:
            faults.append(fault("E197", where=Where("zones"), is_warning=True, period=period))
    finals = sorted(row["id"] for row in technologies if row["final_value"] is not None)
    if finals:
        names = ", ".join(finals)
        where = Where("technologies", column="final_value")
        faults.append(fault("E191", where=where, is_warning=True, names=names))
    faults.append(_summary(files, home, len(shares)))
    _add_stages(technologies, links)
    zone = {"id": "eto", "name": "ETO 芯片产业链", "name_en": "ETO chip supply chain",
            "home": home, "period": period, "source": TITLE, "_line": 1}  # fmt: skip
    parts = (
        _part("zones", [zone], ""),
        _part("organisations", _organisations(providers), "providers.csv"),
        _part("technologies", technologies, "inputs.csv"),
        _part("links", links, "sequence.csv"),
        _part("supply", [supply_row(share) for share in shares], "provision.csv"),
    )
    source = Source(TITLE, licence="CC BY-NC 4.0", tables=tuple(part.table for part in parts))
    return assemble(parts, faults=faults, sources=[source])


def _technologies(files: SourceFiles) -> tuple[list[dict[str, Any]], list[Fault]]:
    leaving = {row["input_id"] for row in files.rows["sequence"]}
    technologies: list[dict[str, Any]] = []
    faults: list[Fault] = []
    for line, row in files.numbered("inputs"):
        kind = _KINDS.get(row["type"])
        if kind is None:
            where = Where("technologies", "inputs.csv", line, "type")
            allowed = ", ".join(_KINDS)
            value = row["type"]
            faults.append(fault("E104", where=where, is_warning=True, value=value, allowed=allowed))
        elif kind != "process" and any(word in row["input_name"].lower() for word in _SOFTWARE):
            kind = "software"
        is_final = kind == "product" and row["input_id"] not in leaving
        technologies.append(
            {
                "id": row["input_id"],
                "name": row["input_name"],
                "name_en": row["input_name"],
                "chain": _CHAIN,
                "stage": row["stage_name"] or None,
                "kind": kind,
                "final_value": 1.0 if is_final else None,
                "description": row["description"] or None,
                "source": TITLE,
                "_line": line,
            }
        )
    return technologies, faults


def _links(files: SourceFiles) -> tuple[list[dict[str, Any]], list[Fault]]:
    known = {row["input_id"] for row in files.rows["inputs"]}
    links: dict[tuple[str, str, str], dict[str, Any]] = {}
    faults: list[Fault] = []
    repeated: list[str] = []
    relations = (("goes_into_id", "input"), ("is_type_of_id", "category"))
    for line, row in files.numbered("sequence"):
        source = row["input_id"]
        targets = [(row[column], relation) for column, relation in relations if row[column]]
        for name in (source, *(target for target, _ in targets)):
            if name not in known:
                faults.append(unknown("sequence", line, name, "inputs.csv"))
        for target, relation in targets:
            if (source, target, relation) in links:
                repeated.append(f"{source} → {target}")
                continue
            links[source, target, relation] = {"source": source, "target": target,
                "relation": relation, "origin": TITLE, "_line": line}  # fmt: skip
    if repeated:
        faults.append(merged(Text("链接", "links"), repeated))
    return list(links.values()), faults


def _organisations(providers: Mapping[str, tuple[int, Row]]) -> list[dict[str, Any]]:
    return [
        {
            "id": name,
            "name": row["provider_name"],
            "name_en": row["provider_name"],
            "kind": "firm",
            "country": code_of(row["country"]),
            "source": TITLE,
            "_line": line,
        }
        for name, (line, row) in providers.items()
        if row["provider_type"] != "country" and not is_various(row["provider_name"])
    ]


def _providers(files: SourceFiles) -> tuple[dict[str, tuple[int, Row]], list[Fault]]:
    """Return one row a provider; the source repeats it for each alias."""
    providers: dict[str, tuple[int, Row]] = {}
    repeated: list[str] = []
    faults: list[Fault] = []
    for line, row in files.numbered("providers"):
        name = row["provider_id"]
        if name not in providers:
            providers[name] = line, row
            continue
        first = providers[name][1]
        if any(first[part] != row[part] for part in COLUMNS["providers"]):
            where = Where("organisations", "providers.csv", line, "provider_id")
            faults.append(
                fault("E123", where=where, n=2, key=name, rows=f"{providers[name][0]}, {line}")
            )
        repeated.append(row["provider_name"])
    if repeated:
        faults.append(merged(Text("供给方", "providers"), repeated))
    return providers, faults


def _add_stages(technologies: Iterable[dict[str, Any]], links: Iterable[Row]) -> None:
    """Give a technology without a stage that of what it goes into, where that is one."""
    after: dict[str, list[str]] = {}
    for link in links:
        after.setdefault(link["source"], []).append(link["target"])
    stated = {row["id"]: row["stage"] for row in technologies if row["stage"]}
    for row in technologies:
        if row["stage"]:
            continue
        seen, waiting, reached = {row["id"]}, list(after.get(row["id"], [])), set()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            if name in stated:
                reached.add(stated[name])
            else:
                waiting += after.get(name, [])
        row["stage"] = reached.pop() if len(reached) == 1 else None


def _part(table: str, rows: Sequence[dict[str, Any]], sheet: str) -> Part:
    names = [name for name in zone_tables()[table].names if rows and name in rows[0]]
    kinds = {name: POLARS_TYPES[zone_tables()[table][name].kind] for name in names}
    columns = {name: [row[name] for row in rows] for name in names}
    raw = pl.DataFrame(columns, schema=kinds)
    return Part(table, raw, [row["_line"] for row in rows], sheet)


def _summary(files: SourceFiles, home: str, n_supply: int) -> Fault:
    counts = {name: len(files.rows[name]) for name in COLUMNS}
    inputs = sum(bool(row["goes_into_id"]) for row in files.rows["sequence"])
    members = sum(bool(row["is_type_of_id"]) for row in files.rows["sequence"])
    text = Text(
        f"技术 {counts['inputs']}，供给方 {counts['providers']} 行，"
        f"供给 {counts['provision']} 行（采用 {n_supply}），投入链接 {inputs}，类别链接 {members}",
        f"{counts['inputs']} technologies, {counts['providers']} rows of providers, "
        f"{counts['provision']} of provision ({n_supply} used), {inputs} inputs, "
        f"{members} categories",
    )
    version = Text("新版" if files.is_dated else "旧版", "newer" if files.is_dated else "older")
    return fault("E199", is_warning=True, version=version, counts=text, home=home)
