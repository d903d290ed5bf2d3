"""Read the lists of one file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jicheng.errors import Fault, InvalidInput, fault
from jicheng.io.firm_list.cells import plain
from jicheng.io.limits import Limits
from jicheng.io.raw.kinds import known_kinds
from jicheng.io.raw.lists import RawList, read_list
from jicheng.io.raw.mapping import SKIP, ListMap, mapped, place_by_mapping, read_list_maps
from jicheng.io.raw.places import find_place
from jicheng.io.raw.sheets import RawSheet, open_sheets

__all__ = ["RawFile", "read_file"]


@dataclass(frozen=True)
class RawFile:
    """The lists of a file.

    Attributes
    ----------
    name : str
        Name of the file.
    sha256 : str
        Hash of its bytes.
    lists : tuple of RawList
        Lists that were read, in the order of their sheets.
    skipped : tuple of str
        Sheets that look like no list.
    faults : tuple of Fault
        Warnings: what was not read, with file, sheet, row and column.
    """

    name: str
    sha256: str
    lists: tuple[RawList, ...]
    skipped: tuple[str, ...]
    faults: tuple[Fault, ...]


def read_file(
    path: Path,
    *,
    mapping: Path | Mapping[str, Any] | Sequence[ListMap] = (),
    limits: Limits | None = None,
) -> RawFile:
    """Read the lists of a file: Excel (.xlsx) or CSV in any of the usual encodings.

    Parameters
    ----------
    path : Path
        The file.
    mapping : Path or mapping, optional
        What headings cannot tell; see :mod:`jicheng.io.raw.mapping`.
    limits : Limits, optional
        Sizes above which a file is refused.

    Raises
    ------
    InvalidInput
        E640 if no list is recognised; E150-E186, E643 for files that cannot be read, E642
        for the mapping. A cell that cannot be read is a warning of the result and counts
        as not said.
    """
    maps = read_list_maps(mapping) if isinstance(mapping, Path | Mapping) else tuple(mapping)
    sheets, found = open_sheets(path, limits or Limits())
    faults = list(found)
    lists: list[RawList] = []
    skipped: list[str] = []
    for sheet in sheets:
        one = mapped(sheet, maps)
        if one is not None and one.kind == SKIP:
            skipped.append(sheet.name)
            continue
        place = place_by_mapping(sheet, one) if one is not None else find_place(sheet)
        if place is not None:
            lists.append(read_list(sheet, place))
            faults += lists[-1].faults
        elif _has_cells(sheet):
            skipped.append(sheet.name)
            faults.append(fault("E639", where=sheet.at(), is_warning=True, known=known_kinds()))
    if not lists and not any(one.kind == SKIP and one.is_about(s) for one in maps for s in sheets):
        raise InvalidInput.of("E640", path=path.name, known=known_kinds())
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return RawFile(path.name, digest, tuple(lists), tuple(skipped), tuple(faults))


def _has_cells(sheet: RawSheet) -> bool:
    return any(plain(cell) for row in sheet.rows for cell in row)
