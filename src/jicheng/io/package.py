"""Zones as data packages: a folder with one file per table and ``datapackage.json``.

The exchange format of the project: CSV in UTF-8 (or Parquet) that any program reads,
described by the schema. A folder of CSV files without a description is read as well.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import polars as pl

from jicheng.atomic import replaced_folder
from jicheng.conform import conform
from jicheng.errors import Fault, InvalidInput, Where, fault
from jicheng.io.assembly import Part, assemble
from jicheng.io.descriptor import (
    NAME,
    Descriptor,
    Resource,
    describe,
    read_descriptor,
    safe_file,
)
from jicheng.io.headings import match_headings, table_of
from jicheng.io.limits import Limits, check_size
from jicheng.io.text_table import read_text_table
from jicheng.schema import zone_tables
from jicheng.zone import Zone

__all__ = ["read", "recognises", "write"]

Form = Literal["csv", "parquet"]
_SUFFIXES = (".csv", ".parquet")
_LITTER = {".DS_Store", "Thumbs.db", "desktop.ini"}


@dataclass(frozen=True, slots=True)
class _File:
    """One table file of a package."""

    table: str
    path: Path
    sha256: str = ""


def recognises(path: Path) -> bool:
    """Tell whether the path is a folder with tables, or a ``datapackage.json``."""
    if path.is_dir():
        return (path / NAME).exists() or any(_table_files(path))
    return path.name == NAME


def read(path: Path, *, strict: bool = True, limits: Limits | None = None) -> Zone:
    """Read a zone from a data package, whole or not at all.

    Parameters
    ----------
    path : Path
        The folder, or its ``datapackage.json``.
    strict : bool
        Whether faults of consistency raise; faults of reading always do.
    limits : Limits, optional
        Sizes above which a file is refused.

    Raises
    ------
    InvalidInput
        With every fault of every file, each with its line: E101-E112 for cells,
        E120-E149 for consistency, E150-E167 and E189 for files.

    Notes
    -----
    A difference between the content and the hash in the description is a warning of
    the zone (E164): data packages are meant to be edited.
    """
    limits = limits or Limits()
    folder = path.parent if path.name == NAME else path
    if not folder.is_dir():
        raise InvalidInput.of("E150", path=path)
    described = (folder / NAME).exists()
    descriptor = read_descriptor(folder / NAME) if described else Descriptor()
    files, faults = _files(folder, descriptor, described=described)
    parts: list[Part] = []
    for file in files:
        part, found = _read_file(file, limits)
        faults += found
        if part is not None:
            parts.append(part)
    if not files and not any(not f.is_warning for f in faults):
        raise InvalidInput.of("E167", path=folder, known=", ".join(zone_tables()))
    zone = assemble(parts, faults=faults, sources=descriptor.sources, strict=strict)
    changed = _changed(zone, files, descriptor)
    warnings = dict.fromkeys((*descriptor.notes, *zone.warnings, *changed))
    return replace(zone, warnings=tuple(warnings))


def write(zone: Zone, path: Path, *, form: Form = "csv") -> None:
    """Write a zone as a data package folder, whole or not at all.

    The same zone gives the same bytes. An existing data package at the path is
    replaced once the new one is complete; until then it stays as it is.

    Parameters
    ----------
    zone : Zone
        Need not be consistent, but must follow the schema.
    path : Path
        The folder.
    form : {"csv", "parquet"}
        How tables are written.

    Raises
    ------
    InvalidInput
        E168 if the folder holds anything that is not of a data package, and E101 to
        E112 if a table breaks the schema (text that starts a formula, for example).
    """
    _refuse_foreign(path)
    frames: dict[str, pl.DataFrame] = {}
    faults: list[Fault] = []
    for name, frame in zone.tables.items():
        frames[name], found = conform(zone_tables()[name], frame)
        faults += found
    if faults:
        raise InvalidInput(faults)
    if any(not frames[name].equals(frame) for name, frame in zone.tables.items()):
        zone = replace(zone, tables=frames)
    with replaced_folder(path) as folder:
        resources: dict[str, Resource] = {}
        for name, frame in zone.tables.items():
            data = _encode(frame, form)
            file = f"{name}.{form}"
            (folder / file).write_bytes(data)
            resources[name] = Resource(name, file, hashlib.sha256(data).hexdigest(), len(data))
        (folder / NAME).write_text(describe(zone, resources), encoding="utf-8", newline="\n")


def _encode(frame: pl.DataFrame, form: Form) -> bytes:
    if form == "csv":
        return frame.write_csv().encode()
    buffer = io.BytesIO()
    frame.rechunk().write_parquet(buffer)  # bytes must not depend on how the frame was made
    return buffer.getvalue()


def _refuse_foreign(path: Path) -> None:
    """Raise E168 if writing to the path would remove what is not of a package."""
    if not path.exists():
        return
    if not path.is_dir() or path.is_symlink():
        raise InvalidInput.of("E168", path=path, names=path.name)
    own = {NAME}
    if (path / NAME).exists():
        own |= {resource.path for resource in read_descriptor(path / NAME).resources}
    names = sorted(file.name for file in path.iterdir())
    foreign = [
        name
        for name in names
        if not (path / name).is_file() or (name not in own and name not in _LITTER)
    ]
    if foreign:
        shown = ", ".join(foreign[:10]) + (", …" if len(foreign) > 10 else "")
        raise InvalidInput.of("E168", path=path, names=shown)


def _table_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Return the files of a folder that are named after a table."""
    for file in sorted(folder.iterdir()):
        table = table_of(file.stem) if file.suffix.lower() in _SUFFIXES else None
        if table is not None:
            yield table, file


def _files(
    folder: Path, descriptor: Descriptor, *, described: bool
) -> tuple[list[_File], list[Fault]]:
    files: list[_File] = []
    faults: list[Fault] = []
    known = ", ".join(zone_tables())
    listed: set[Path] = set()
    for resource in descriptor.resources:
        file, found = safe_file(folder, resource.path)
        faults += found
        listed.add(folder / resource.path)
        if file is None:
            continue
        table = table_of(resource.name)
        if table is None:
            faults.append(fault("E107", where=Where(sheet=NAME), table=resource.name, known=known))
        elif file.suffix.lower() not in _SUFFIXES:
            where = Where(table)
            faults.append(fault("E169", where=where, path=file.name, known="CSV, Parquet"))
        else:
            files.append(_File(table, file, resource.sha256))
    for file in sorted(folder.iterdir()):
        if (
            file in listed
            or file.suffix.lower() not in _SUFFIXES
            or file.name.startswith((".", "~"))
        ):
            continue
        table = table_of(file.stem)
        if file.is_symlink():
            faults.append(fault("E163", path=file.name))
        elif table is None:
            faults.append(fault("E107", table=file.stem, known=known))
        else:
            files.append(_File(table, file))
            if described:
                where = Where(table)
                faults.append(fault("E165", where=where, is_warning=True, path=file.name))
    return _once(files, faults), faults


def _once(files: Iterable[_File], faults: list[Fault]) -> list[_File]:
    by_table: dict[str, list[_File]] = {}
    for file in files:
        by_table.setdefault(file.table, []).append(file)
    for table, same in by_table.items():
        if len(same) > 1:
            paths = ", ".join(file.path.name for file in same)
            faults.append(fault("E166", where=Where(table), table=table, paths=paths))
    return [same[0] for same in by_table.values()]


def _read_file(file: _File, limits: Limits) -> tuple[Part | None, list[Fault]]:
    where = Where(file.table)
    if file.path.suffix.lower() == ".parquet":
        return _read_parquet(file, where, limits)
    text, faults = read_text_table(file.path, where, limits)
    if text is None:
        return None, faults
    columns, found = match_headings(
        text.headings,
        zone_tables()[file.table],
        where,
        is_empty=lambda k: bool((text.frame[str(k)].fill_null("") == "").all()),
        name_of=lambda k: str(k + 1),
    )
    faults += found
    raw = text.frame.select(pl.col(str(k)).alias(name) for k, name in columns.items())
    if not columns:
        return None, faults
    return Part(file.table, raw, text.lines), faults


def _read_parquet(file: _File, where: Where, limits: Limits) -> tuple[Part | None, list[Fault]]:
    faults = check_size(file.path, limits, where)
    if faults:
        return None, faults
    try:
        n_rows = int(pl.scan_parquet(file.path).select(pl.len()).collect().item())
        n_cells = n_rows * len(pl.read_parquet_schema(file.path))
        if n_cells > limits.parquet_cells:
            return None, [fault("E186", where=where, n=n_cells, limit=limits.parquet_cells)]
        frame = pl.read_parquet(file.path)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        return None, [fault("E189", where=where, reason=str(error).splitlines()[0][:200])]
    return Part(file.table, frame, range(1, frame.height + 1)), []


def _changed(zone: Zone, files: Iterable[_File], descriptor: Descriptor) -> list[Fault]:
    """Warn of tables whose content is not what the description was written for."""
    changed = [
        file.table
        for file in files
        if file.sha256 and hashlib.sha256(file.path.read_bytes()).hexdigest() != file.sha256
    ]
    if not changed or descriptor.content_hash == zone.content_hash:
        return []
    return [fault("E164", where=Where(t), is_warning=True, table=t) for t in changed]
