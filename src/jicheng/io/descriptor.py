"""``datapackage.json``: what a folder of tables holds, as Data Package version 2.

Fields, types, constraints, titles, keys and references come from the schema files;
sources keep their licence; every file has a SHA-256, and so has the content as a
whole, independent of the order of rows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from jicheng import __version__
from jicheng.errors import Fault, InvalidInput, Text, Where, fault
from jicheng.io.limits import in_units
from jicheng.schema import Attribute, Kind, Status, Table, choices, zone_tables
from jicheng.zone import Source, Zone

__all__ = ["NAME", "Descriptor", "Resource", "describe", "read_descriptor", "safe_file"]

NAME = "datapackage.json"
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_T = TypeVar("_T")
_MOST_BYTES = 10_000_000
_TYPES = {
    Kind.NUMBER: "number",
    Kind.SHARE: "number",
    Kind.INTEGER: "integer",
    Kind.YEAR: "integer",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
}
_MEDIA = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


@dataclass(frozen=True, slots=True)
class Resource:
    """One file of a data package: the name it is listed under, its path and its hash."""

    name: str
    path: str
    sha256: str = ""
    n_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What a ``datapackage.json`` says that a zone needs."""

    resources: tuple[Resource, ...] = ()
    sources: tuple[Source, ...] = ()
    notes: tuple[Fault, ...] = ()
    content_hash: str = ""


def describe(zone: Zone, files: Mapping[str, Resource]) -> str:
    """Return the text of ``datapackage.json`` for a zone.

    Parameters
    ----------
    zone : Zone
        Its tables are those in ``files``.
    files : mapping of str to Resource
        The file of each table.
    """
    ids = zone["zones"]["id"].to_list()
    name = re.sub(r"[^a-z0-9._-]+", "-", ids[0].lower()).strip("-") if ids else ""
    document = {
        "$schema": _PROFILE,
        "name": name or "zone",
        "resources": [_resource(zone_tables()[table], files) for table in files],
        "sources": [_source(source) for source in zone.sources],
        "jicheng": {
            "version": __version__,
            "content_hash": zone.content_hash,
            "notes": [_note(found) for found in zone.warnings],
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _resource(table: Table, files: Mapping[str, Resource]) -> dict[str, Any]:
    file = files[table.name]
    kind = PurePosixPath(file.path).suffix.removeprefix(".")
    schema: dict[str, Any] = {"fields": [_field(attribute) for attribute in table.attributes]}
    if all(table[name].status is not Status.OPTIONAL for name in table.key):
        schema["primaryKey"] = list(table.key)
    references = [
        {
            "fields": [attribute.name],
            "reference": {
                "resource": ""
                if attribute.references == (table.name,)
                else attribute.references[0],
                "fields": ["id"],
            },
        }
        for attribute in table.attributes
        if attribute.kind is Kind.REFERENCE
        and len(attribute.references) == 1
        and attribute.references[0] in files
    ]
    if references:
        schema["foreignKeys"] = references
    resource = {
        "name": table.name,
        "path": file.path,
        "title": f"{table.label.zh} {table.label.en}",
        "description": f"{table.help.zh} / {table.help.en}",
        "format": kind,
        "mediatype": _MEDIA[kind],
        "hash": f"sha256:{file.sha256}",
        "bytes": file.n_bytes,
        "schema": schema,
    }
    return resource | ({"encoding": "utf-8"} if kind == "csv" else {})


def _field(attribute: Attribute) -> dict[str, Any]:
    constraints: dict[str, Any] = {}
    if attribute.status is not Status.OPTIONAL:
        constraints["required"] = True
    if attribute.low is not None:
        constraints["minimum"] = _number(attribute, attribute.low)
    if attribute.high is not None:
        constraints["maximum"] = _number(attribute, attribute.high)
    if attribute.kind is Kind.CHOICE:
        constraints["enum"] = [choice.value for choice in choices()[attribute.choice]]
    if attribute.kind is Kind.COUNTRY:
        constraints["pattern"] = "[A-Z]{3}"
    return {
        "name": attribute.name,
        "title": f"{attribute.label.zh} {attribute.label.en}",
        "description": f"{attribute.help.zh} / {attribute.help.en}",
        "type": _TYPES.get(attribute.kind, "string"),
        **({"unit": attribute.unit} if attribute.unit else {}),
        **({"constraints": constraints} if constraints else {}),
    }


def _number(attribute: Attribute, value: float) -> float:
    return int(value) if attribute.kind in (Kind.INTEGER, Kind.YEAR) else value


def _source(source: Source) -> dict[str, Any]:
    parts = {
        "title": source.title,
        "path": source.path,
        "licence": source.licence,
        "retrieved": source.retrieved,
        "tables": list(source.tables),
    }
    return {name: value for name, value in parts.items() if value}


def _note(found: Fault) -> dict[str, Any]:
    where = found.where
    parts = {
        "code": found.code,
        "table": where.table,
        "sheet": where.sheet,
        "row": where.row,
        "column": where.column,
        "zh": found.message.zh,
        "en": found.message.en,
        "hint_zh": found.hint.zh,
        "hint_en": found.hint.en,
    }
    return {name: value for name, value in parts.items() if value not in ("", None)}


def read_descriptor(path: Path) -> Descriptor:
    """Read a ``datapackage.json``; raise E161 if it is not one."""
    try:
        document = _checked(_parsed(path), dict)
        own = _checked(document.get("jicheng", {}), dict)
        return Descriptor(
            tuple(_resource_of(item) for item in _checked(document["resources"], list)),
            tuple(_source_of(item) for item in _checked(document.get("sources", []), list)),
            tuple(_fault_of(item) for item in _checked(own.get("notes", []), list)),
            _text(own, "content_hash"),
        )
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}"[:200]
        raise InvalidInput.of("E161", where=Where(sheet=NAME), reason=reason) from error


def _parsed(path: Path) -> object:
    size = path.stat().st_size
    if size > _MOST_BYTES:
        raise ValueError(in_units(size))
    return json.loads(path.read_text("utf-8-sig"))


def _resource_of(item: object) -> Resource:
    parts = _checked(item, dict)
    digest = _text(parts, "hash")
    sha256 = digest.removeprefix("sha256:") if digest.startswith("sha256:") else ""
    return Resource(_checked(parts["name"], str), _checked(parts["path"], str), sha256)


def _source_of(item: object) -> Source:
    parts = _checked(item, dict)
    tables = _checked(parts.get("tables", []), list)
    return Source(
        title=_text(parts, "title"),
        path=_text(parts, "path"),
        licence=_text(parts, "licence"),
        retrieved=_text(parts, "retrieved"),
        tables=tuple(_checked(table, str) for table in tables),
    )


def _fault_of(item: object) -> Fault:
    parts = _checked(item, dict)
    row = parts.get("row")
    where = Where(
        _text(parts, "table"),
        _text(parts, "sheet"),
        None if row is None else _checked(row, int),
        _text(parts, "column"),
    )
    message = Text(_text(parts, "zh"), _text(parts, "en"))
    hint = Text(_text(parts, "hint_zh"), _text(parts, "hint_en"))
    return Fault(_text(parts, "code"), message, hint, where, is_warning=True)


def _text(parts: Mapping[str, Any], name: str) -> str:
    return _checked(parts.get(name, ""), str)


def _checked(value: object, kind: type[_T]) -> _T:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r:.60} is not {kind.__name__}")
    return value


def safe_file(folder: Path, path: str) -> tuple[Path | None, list[Fault]]:
    """Return the file that a package names, if it is a plain file inside the folder.

    Returns
    -------
    file : Path or None
        None with a fault: E162 for a path that leads out of the folder (absolute,
        ``..``, a drive, an address), E163 for a symbolic link on the way, E150 if
        there is nothing.
    """
    pure = PurePosixPath(path)
    leads_out = pure.is_absolute() or ".." in pure.parts or bool(re.search(r"[\\:\x00]", path))
    if leads_out or not pure.parts:
        return None, [fault("E162", where=Where(sheet=NAME), path=path)]
    file = folder
    for part in pure.parts:
        file = file / part
        if file.is_symlink():
            return None, [fault("E163", where=Where(sheet=NAME), path=path)]
    if not file.is_file():
        return None, [fault("E150", where=Where(sheet=NAME), path=path)]
    return file, []
