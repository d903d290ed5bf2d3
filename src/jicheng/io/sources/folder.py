"""A folder of records: a data package with one CSV a table, its licences and its lineage.

Any program that knows Frictionless data packages reads it; ``jicheng resolve`` takes it
as one of its inputs. Written whole or not at all, the same records give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from jicheng import __version__
from jicheng.atomic import replaced_folder
from jicheng.errors import Fault, InvalidInput, Text, Where, fault
from jicheng.io.descriptor import NAME, safe_file
from jicheng.io.limits import Limits, in_units
from jicheng.io.sources.cleaning import clean
from jicheng.io.sources.columns import TABLES, Column, columns_of, names_of
from jicheng.io.sources.records import Origin, SourceRecords, key_of
from jicheng.io.text_table import read_text_table
from jicheng.schema import choices, zone_tables

__all__ = ["is_folder", "read_folder", "write_folder"]

_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_KIND = "records"
_LITTER = (".DS_Store", "Thumbs.db", "desktop.ini")
_MOST_BYTES = 20_000_000  # of the description
_TYPES = {"date": "date", "year": "year", "number": "number", "boolean": "boolean"}


def is_folder(path: Path) -> bool:
    """Tell whether a path is a folder of records (or the ``datapackage.json`` of one)."""
    file = path if path.name == NAME else path / NAME
    try:
        return file.is_file() and _parsed(file).get("jicheng", {}).get("kind") == _KIND
    except (InvalidInput, AttributeError):
        return False


def write_folder(records: SourceRecords, path: Path) -> None:
    """Write records as a data package.

    Parameters
    ----------
    records : SourceRecords
        Empty tables are left out.
    path : Path
        The folder; an older folder of records there is replaced.

    Raises
    ------
    InvalidInput
        E168 if the path holds anything else.
    """
    _refuse_foreign(path)
    frames = {name: frame for name, frame in records.as_tables().items() if frame.height}
    frames |= {name: frame for name, frame in records.tables.items() if frame.height}
    with replaced_folder(path) as folder:
        resources = []
        for name, frame in frames.items():
            data = frame.write_csv().encode()
            (folder / f"{name}.csv").write_bytes(data)
            resources.append(_resource(name, frame, data, frames))
        text = json.dumps(_document(records, resources), ensure_ascii=False, indent=1)
        (folder / NAME).write_text(text + "\n", encoding="utf-8", newline="\n")


def _refuse_foreign(path: Path) -> None:
    """Raise E168 if writing to the path would remove what is not of records."""
    if not path.exists():
        return
    own = {NAME, *_LITTER}
    if is_folder(path):
        own |= {listed for _, listed in _listed(_parsed(path / NAME))}
    there = sorted(path.iterdir()) if path.is_dir() and not path.is_symlink() else [path]
    foreign = [file.name for file in there if file.name not in own or not file.is_file()]
    if foreign or (NAME in {file.name for file in there} and not is_folder(path)):
        shown = ", ".join(foreign[:10]) or NAME
        raise InvalidInput.of("E168", path=path, names=shown)


def _document(records: SourceRecords, resources: list[dict[str, Any]]) -> dict[str, Any]:
    licences = dict.fromkeys(origin.licence for origin in records.origins if origin.licence)
    sources = dict.fromkeys((origin.source, origin.address) for origin in records.origins)
    return {
        "$schema": _PROFILE,
        "name": re.sub(r"[^a-z0-9._-]+", "-", records.source.lower()).strip("-") or "records",
        "title": records.source,
        "licenses": [
            {"name": re.sub(r"[^A-Za-z0-9._-]+", "-", licence).strip("-") or "other",
             "title": licence}
            for licence in licences
        ],
        "sources": [
            {"title": title, **({"path": address} if address else {})} for title, address in sources
        ],
        "resources": resources,
        "jicheng": {
            "kind": _KIND,
            "version": __version__,
            "lineage": [_said(asdict(origin)) for origin in records.origins],
            "notes": [_note(told) for told in records.warnings],
        },
    }  # fmt: skip


def _said(parts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parts.items() if value not in ("", None)}


def _note(told: Fault) -> dict[str, Any]:
    return _said({
        "code": told.code, "where": str(told.where), "zh": told.message.zh,
        "en": told.message.en, "hint_zh": told.hint.zh, "hint_en": told.hint.en,
    })  # fmt: skip


def _resource(
    name: str, frame: pl.DataFrame, data: bytes, frames: Mapping[str, pl.DataFrame]
) -> dict[str, Any]:
    schema: dict[str, Any]
    if name in TABLES:
        schema = {
            "fields": [_field(column) for column in columns_of(name)],
            "primaryKey": list(key_of(name)),
        }
        keys = [
            {"fields": [column.name], "reference": {"resource": of, "fields": ["id"]}}
            for column in columns_of(name)
            for of in column.references
            if len(column.references) == 1 and of in frames
        ]
        if keys:
            schema["foreignKeys"] = keys
    else:
        schema = {"fields": [{"name": column, "type": "string"} for column in frame.columns]}
    return {
        "name": name,
        "path": f"{name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
        "bytes": len(data),
        "schema": schema,
    }


def _field(column: Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": True} if column.is_needed else {}
    if column.type in choices():
        constraints["enum"] = [choice.value for choice in choices()[column.type]]
    return {
        "name": column.name,
        "title": f"{column.label.zh} {column.label.en}",
        "type": _TYPES.get(column.type, "string"),
        **({"constraints": constraints} if constraints else {}),
    }


def read_folder(path: Path, *, limits: Limits | None = None) -> SourceRecords:
    """Read a folder of records, whole or not at all.

    Raises
    ------
    InvalidInput
        E080 if it is no such folder, E088 for unknown tables or columns, the faults of
        the files (E150-E163) and those of records (E085-E087).
    """
    folder = path.parent if path.name == NAME else path
    if not is_folder(path):
        reason = Text("不是记录文件夹", "it is no folder of records")
        raise InvalidInput.of("E080", path=path, reason=reason)
    document = _parsed(folder / NAME)
    frames = {
        name: pl.DataFrame(schema=dict.fromkeys(names_of(name), pl.String)) for name in TABLES
    }
    others: dict[str, pl.DataFrame] = {}
    faults: list[Fault] = []
    for name, listed in _listed(document):
        frame, found = _read(folder, name, listed, limits or Limits())
        faults += found
        if frame is not None:
            (frames if name in TABLES else others)[name] = frame
    if any(not found.is_warning for found in faults):
        raise InvalidInput(found for found in faults if not found.is_warning)
    own = document["jicheng"]
    return SourceRecords(
        tuple(_origin(item) for item in _items(own.get("lineage"))),
        **frames,
        tables=others,
        warnings=(*(_told(item) for item in _items(own.get("notes"))), *faults),
    )


def _parsed(file: Path) -> dict[str, Any]:
    where = Where(sheet=NAME)
    if file.stat().st_size > _MOST_BYTES:
        raise InvalidInput.of("E161", where=where, reason=in_units(file.stat().st_size))
    try:
        document = json.loads(file.read_text("utf-8-sig"))
    except (ValueError, OSError, RecursionError) as error:
        raise InvalidInput.of("E161", where=where, reason=str(error)[:200]) from error
    if not isinstance(document, dict):
        raise InvalidInput.of("E161", where=where, reason=type(document).__name__)
    return document


def _items(given: object) -> Iterable[dict[str, Any]]:
    return [item for item in given if isinstance(item, dict)] if isinstance(given, list) else []


def _listed(document: dict[str, Any]) -> Iterable[tuple[str, str]]:
    for item in _items(document.get("resources")):
        yield str(item.get("name", "")), str(item.get("path", ""))


def _read(
    folder: Path, name: str, listed: str, limits: Limits
) -> tuple[pl.DataFrame | None, list[Fault]]:
    where = Where(name)
    if name not in TABLES and name not in zone_tables():
        return None, [
            fault("E088", where=where, columns=clean(name) or "–", known=", ".join(TABLES))
        ]
    file, faults = safe_file(folder, listed)
    if file is None:
        return None, faults
    text, found = read_text_table(file, where, limits)
    if text is None:
        return None, found
    names = names_of(name) if name in TABLES else zone_tables()[name].names
    strange = [heading for heading in text.headings if heading not in names]
    if strange or len(set(text.headings)) < len(text.headings):
        columns = clean(", ".join(strange or text.headings)) or "–"
        return None, [fault("E088", where=where, columns=columns, known=", ".join(names))]
    frame = text.frame.select(
        pl.when(pl.col(str(k)).str.len_bytes() > 0).then(pl.col(str(k))).alias(heading)
        for k, heading in enumerate(text.headings)
    )
    if name in TABLES:
        frame = frame.select(
            pl.col(column) if column in frame.columns else pl.lit(None, pl.String).alias(column)
            for column in names
        )
    return frame, found


def _origin(item: dict[str, Any]) -> Origin:
    return Origin(**{name: clean(item.get(name)) or "" for name in Origin.__slots__})


def _told(item: dict[str, Any]) -> Fault:
    names = ("code", "where", "zh", "en", "hint_zh", "hint_en")
    parts = {name: clean(item.get(name), longest=1000) or "" for name in names}
    return Fault(
        parts["code"],
        Text(parts["zh"], parts["en"]),
        Text(parts["hint_zh"], parts["hint_en"]),
        Where(sheet=parts["where"]),
        is_warning=True,
    )
