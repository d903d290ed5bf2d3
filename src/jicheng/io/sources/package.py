"""Anybody's Frictionless data package, with tables in our words or a mapping to them.

A resource named after a table of records, with our names of columns, is read as it is.
For others a TOML file says which table a resource is and which field each column is:

    [resources.firms]
    table = "organisations"
    columns = {name = "company_name", credit_code = "uscc"}
    constants = {kind = "firm", country = "CHN"}

Fields that no column asks for stay out. Rows without an id get one from what they say.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jicheng.errors import Fault, InvalidInput, Text, Where, fault
from jicheng.io.descriptor import NAME, safe_file
from jicheng.io.sources.cleaning import clean
from jicheng.io.sources.columns import TABLES, names_of
from jicheng.io.sources.files import SourceLimits, parts_of, sha256_of
from jicheng.io.sources.records import Origin, SourceRecords, record_id
from jicheng.io.sources.values import rows

__all__ = ["Mapped", "read", "read_mapping"]

_MOST_BYTES = 20_000_000
_RAGGED = Text("单元格数与表头不符", "not as many cells as headings")
_PREFIXES = {"organisations": "o", "people": "p", "facilities": "f", "texts": "t"}


@dataclass(frozen=True, slots=True)
class Mapped:
    """How a resource becomes a table: column -> field, and values that hold for all rows."""

    table: str
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)


def read_mapping(path: Path) -> dict[str, Mapped]:
    """Read a mapping; raise E080 if it is none, E088 for unknown tables and columns."""
    try:
        document = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        reason = Text(str(error)[:200], str(error)[:200])
        raise InvalidInput.of("E080", path=path, reason=reason) from error
    found = document.get("resources")
    if not isinstance(found, dict):
        reason = Text("缺少 [resources.名称]", "it lacks [resources.name]")
        raise InvalidInput.of("E080", path=path, reason=reason)
    return {name: _mapped(name, said, path) for name, said in found.items()}


def _mapped(name: str, said: object, path: Path) -> Mapped:
    parts = said if isinstance(said, dict) else {}
    table = parts.get("table", name)
    columns, constants = parts.get("columns", {}), parts.get("constants", {})
    where = Where(sheet=f"{path.name}:{name}")
    if table not in TABLES:
        known = ", ".join(TABLES)
        raise InvalidInput.of("E088", where=where, columns=table, known=known)
    for given in (columns, constants):
        strange = [key for key in given if key not in names_of(table)]
        if strange or not all(isinstance(value, str) for value in given.values()):
            named = ", ".join(strange) or str(given)[:100]
            known = ", ".join(names_of(table))
            raise InvalidInput.of("E088", where=where, columns=named, known=known)
    return Mapped(table, columns, constants)


def read(
    path: Path,
    *,
    mapping: Mapping[str, Mapped] | None = None,
    retrieved: str = "",
    query: str = "",
    limits: SourceLimits | None = None,
) -> SourceRecords:
    """Read a data package as records.

    Parameters
    ----------
    path : Path
        Its folder or ``datapackage.json``.
    mapping : mapping of str to Mapped, optional
        By name of the resource; resources without one must be named after a table.
    retrieved, query : str
        Provenance that the package itself does not say.

    Raises
    ------
    InvalidInput
        E161-E163 for the description and its paths, E080 if nothing in it is a table,
        E081 for files that cannot be read, E085-E088 for records.
    """
    folder = path.parent if path.name == NAME else path
    document = _document(folder / NAME)
    limits, tables = limits or SourceLimits(), dict[str, list[dict[str, str | None]]]()
    told: list[Fault] = []
    for name, resource in _resources(document):
        mapped = (mapping or {}).get(name) or (Mapped(name) if name in TABLES else None)
        if mapped is None:
            why = Text("没有对应的表", "no table is named for it")
            told.append(fault("E083", is_warning=True, n=1, why=why, examples=name))
            continue
        made = tables.setdefault(mapped.table, [])
        made += _rows(folder, name, resource, mapped, limits, told)
    if not tables:
        reason = Text("没有可对应的资源", "none of its resources is a table of records")
        raise InvalidInput.of("E080", path=path, reason=reason)
    origin = Origin(
        clean(document.get("title")) or clean(document.get("name")) or folder.name,
        licence=_licence(document),
        retrieved=retrieved,
        query=query,
        file=folder.name,
        sha256=sha256_of(folder / NAME),
    )
    return SourceRecords.of(origin, tables, warnings=told)


def _document(file: Path) -> Mapping[str, Any]:
    where = Where(sheet=NAME)
    if not file.is_file():
        raise InvalidInput.of("E150", path=file)
    if file.stat().st_size > _MOST_BYTES:
        raise InvalidInput.of("E161", where=where, reason=str(file.stat().st_size))
    try:
        document = json.loads(file.read_text("utf-8-sig"))
    except (ValueError, OSError, RecursionError) as error:
        raise InvalidInput.of("E161", where=where, reason=str(error)[:200]) from error
    if not isinstance(document, dict) or not isinstance(document.get("resources"), list):
        raise InvalidInput.of("E161", where=where, reason="resources")
    return document


def _resources(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for item in document["resources"]:
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            yield item["name"], item


def _licence(document: Mapping[str, Any]) -> str:
    given = document.get("licenses")
    first = given[0] if isinstance(given, list) and given and isinstance(given[0], dict) else {}
    return next((text for key in ("title", "name", "path") if (text := clean(first.get(key)))), "")


def _rows(
    folder: Path,
    name: str,
    resource: Mapping[str, Any],
    mapped: Mapped,
    limits: SourceLimits,
    told: list[Fault],
) -> Iterator[dict[str, str | None]]:
    columns = names_of(mapped.table)
    asked = mapped.columns or {column: column for column in columns}
    ragged = 0
    for file in _files(folder, name, resource):
        for part in parts_of([file], lambda _: True, limits):
            for cells in rows(part, tuple(mapped.columns.values()), limits):
                if not cells:
                    ragged += 1
                    continue
                row = {column: clean(cells.get(given)) for column, given in asked.items()}
                row = {**mapped.constants, **{key: text for key, text in row.items() if text}}
                yield _with_id(row, mapped.table, name)
    if ragged:
        told.append(fault("E083", is_warning=True, n=ragged, why=_RAGGED, examples=name))


def _with_id(row: dict[str, str | None], table: str, resource: str) -> dict[str, str | None]:
    if table not in _PREFIXES or row.get("id"):
        return row
    said = [f"{key}={value}" for key, value in sorted(row.items())]
    return {**row, "id": record_id(_PREFIXES[table], resource, *said)}


def _files(folder: Path, name: str, resource: Mapping[str, Any]) -> Sequence[Path]:
    """Return the CSV files of a resource, refusing paths that lead out of the folder."""
    given = resource.get("path")
    listed = given if isinstance(given, list) else [given]
    paths = [one for one in listed if isinstance(one, str) and one]
    if not paths or len(paths) < len(listed):
        reason = Text(
            "没有数据文件（不支持内嵌数据）", "it names no file (data inside is not read)"
        )
        raise InvalidInput.of("E080", path=name, reason=reason)
    files: list[Path] = []
    faults: list[Fault] = []
    for one in paths:
        file, found = safe_file(folder, one)
        faults += found
        if file is not None and file.suffix.lower() not in (".csv", ".tsv"):
            faults.append(fault("E169", where=Where(name), path=one, known="CSV"))
        elif file is not None:
            files.append(file)
    if faults:
        raise InvalidInput(faults)
    return files
