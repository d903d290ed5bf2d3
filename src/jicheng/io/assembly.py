"""Turn the raw tables of any format into a zone, whole or not at all.

A format reads its files into :class:`Part` objects; here they are typed, joined and
checked, and every fault points at the row of the user's own file.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import polars as pl

from jicheng.checks import Locate, check_tables
from jicheng.conform import conform
from jicheng.errors import Fault, InvalidInput, Where
from jicheng.schema import zone_tables
from jicheng.zone import Source, Zone

__all__ = ["Part", "assemble"]


@dataclass(frozen=True, slots=True)
class Part:
    """Raw rows of one table from one file or sheet.

    ``raw`` has columns named by attribute; ``rows`` gives for each row its number in
    the file or sheet.
    """

    table: str
    raw: pl.DataFrame
    rows: Sequence[int]
    sheet: str = ""


def assemble(
    parts: Iterable[Part],
    *,
    faults: Iterable[Fault] = (),
    sources: Iterable[Source] = (),
    strict: bool = True,
) -> Zone:
    """Type, join and check the parts of a zone.

    Parameters
    ----------
    parts : iterable of Part
        Several parts of one table are put one below the other.
    faults : iterable of Fault
        What the format found already; its warnings stay with the zone.
    sources : iterable of Source
        Provenance.
    strict : bool
        Whether faults of consistency raise; faults of reading always do.

    Raises
    ------
    InvalidInput
        With every error found in reading, typing and consistency.
    """
    found = list(faults)
    unreadable = {f.where.table for f in found if not f.is_warning and f.where.table}
    typed: dict[str, list[pl.DataFrame]] = {}
    sited: dict[str, list[Part]] = {}
    for part in parts:
        frame, wrong = conform(
            zone_tables()[part.table], part.raw, sheet=part.sheet, rows=part.rows
        )
        found += wrong
        if wrong:
            unreadable.add(part.table)
        typed.setdefault(part.table, []).append(frame)
        sited.setdefault(part.table, []).append(part)
    tables = {name: pl.concat(frames) for name, frames in typed.items()}
    sound = {name: frame for name, frame in tables.items() if name not in unreadable}
    places = {name: _locate(name, sited[name]) for name in sound}
    checked = check_tables(sound, places, unreadable=frozenset(unreadable))
    errors = [f for f in found if not f.is_warning]
    if errors or strict:
        errors += [f for f in checked if not f.is_warning]
    if errors:
        raise InvalidInput(errors)
    return Zone(tables, tuple(sources), tuple(f for f in found if f.is_warning))


def _locate(table: str, parts: Sequence[Part]) -> Locate:
    ends = list(accumulate(len(part.rows) for part in parts))

    def locate(row: int) -> Where:
        k = bisect_right(ends, row)
        part = parts[k]
        return Where(table, part.sheet, part.rows[row - (ends[k] - len(part.rows))])

    return locate
