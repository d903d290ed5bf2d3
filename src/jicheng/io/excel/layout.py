"""Where the tables of a zone stand in a workbook: sheet, heading row, columns.

The project's own template is known by its row of attribute names or by headings in
either language; anything else needs a mapping.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jicheng.conform import nearest
from jicheng.errors import Fault, Where, fault
from jicheng.io.excel.guard import column_name
from jicheng.io.excel.mapping import SheetMap
from jicheng.io.headings import attribute_of, match_headings, table_of
from jicheng.schema import Table, zone_tables

__all__ = [
    "FAULTS_SHEET",
    "GUIDE_SHEET",
    "LISTS_SHEET",
    "OUR_SHEETS",
    "Grid",
    "Layout",
    "find_layouts",
    "sheet_name",
]

GUIDE_SHEET = "说明 Guide"
LISTS_SHEET = "_lists"
FAULTS_SHEET = "错误清单 Faults"
OUR_SHEETS = (GUIDE_SHEET, LISTS_SHEET, FAULTS_SHEET)
_SEARCHED = 20  # rows at the top of a sheet in which headings are looked for
_HEADING_LIKE = 0.8

Grid = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Layout:
    """One table in one sheet; rows count from 1 and columns from 0.

    ``first_row`` is the first row of data, ``columns`` the attribute of each column.
    """

    table: str
    sheet: str
    header_row: int
    first_row: int
    columns: Mapping[int, str]
    constants: Mapping[str, Any] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def column_of(self, attribute: str) -> int | None:
        """Return the column of an attribute; None if the sheet has none."""
        return next((k for k, name in self.columns.items() if name == attribute), None)


def sheet_name(table: Table) -> str:
    """Return how the template names the sheet of a table."""
    return f"{table.label.zh} {table.name}"


def find_layouts(
    grids: Mapping[str, Grid], maps: Sequence[SheetMap] | None
) -> tuple[list[Layout], list[Fault]]:
    """Return where the tables stand.

    Parameters
    ----------
    grids : mapping of str to rows
        Cells by sheet, from row 1 and column A on.
    maps : sequence of SheetMap or None
        None = recognise the project's own headings.

    Returns
    -------
    layouts : list of Layout
    faults : list of Fault
        E155 for an empty sheet (a warning), E156 and E157 for headings, E179 and
        E180 for a sheet or heading that the mapping names in vain, E182 for a sheet
        that is no table (a warning).
    """
    layouts: list[Layout] = []
    faults: list[Fault] = []
    if maps is not None:
        for sheet_map in maps:
            layout, found = _mapped(sheet_map, grids)
            faults += found
            layouts += [layout] if layout else []
        return layouts, faults
    for name, grid in grids.items():
        if name not in OUR_SHEETS:
            layout, found = _recognised(name, grid)
            faults += found
            layouts += [layout] if layout else []
    return layouts, faults


def _mapped(sheet_map: SheetMap, grids: Mapping[str, Grid]) -> tuple[Layout | None, list[Fault]]:
    names = list(grids)
    name = sheet_map.sheet or (names[0] if len(names) == 1 else "")
    if name not in grids:
        where = Where(sheet_map.table, name)
        return None, [fault("E179", where=where, sheet=name or "-", near=nearest(name, names))]
    grid, header = grids[name], sheet_map.header_row
    headings = [str(cell) for cell in grid[header - 1]] if header <= len(grid) else []
    positions: dict[str, list[int]] = {}
    for k, heading in enumerate(headings):
        positions.setdefault(_bare(heading), []).append(k)
    columns: dict[int, str] = {}
    faults: list[Fault] = []
    for attribute, heading in sheet_map.columns.items():
        found = positions.get(_bare(heading), [])
        where = Where(sheet_map.table, name, header, attribute)
        if len(found) == 1:
            columns[found[0]] = attribute
        elif found:
            named = ", ".join(column_name(k) for k in found)
            faults.append(fault("E156", where=where, heading=heading, columns=named))
        else:
            there = [text for text in headings if text.strip()]
            near = nearest(heading, there, otherwise=", ".join(there[:8]) or "-")
            faults.append(fault("E180", where=where, header=header, heading=heading, near=near))
    layout = Layout(
        sheet_map.table,
        name,
        header,
        header + 1,
        columns,
        sheet_map.constants,
        sheet_map.factors,
        sheet_map.values,
    )
    return layout, faults


def _recognised(name: str, grid: Grid) -> tuple[Layout | None, list[Fault]]:
    where = Where(sheet=name)
    is_blank = not any(_texts(row) for row in grid)
    table_name = table_of(name) or _table_of_columns(grid)
    if table_name is None:
        known = ", ".join(sheet_name(table) for table in zone_tables().values())
        return None, [] if is_blank else [fault("E182", where=where, is_warning=True, known=known)]
    if is_blank:
        return None, [fault("E155", where=Where(table_name, name), is_warning=True)]
    table = zone_tables()[table_name]
    header = _header_row(grid, table)
    if header is None:
        place, label = Where(table_name, name), table[table.key[0]].label.zh
        near = ", ".join(_texts(grid[0])[:8]) or "-"
        return None, [fault("E180", where=place, header=1, heading=label, near=near)]
    first = header + 1
    while first <= len(grid) and _is_heading(grid[first - 1], table):
        first += 1
    columns, faults = match_headings(
        [str(cell) for cell in grid[header - 1]],
        table,
        Where(table_name, name, header),
        is_empty=lambda k: not any(_texts([row[k]]) for row in grid[first - 1 :] if k < len(row)),
        name_of=column_name,
    )
    return Layout(table_name, name, header, first, columns), faults


def _table_of_columns(grid: Grid) -> str | None:
    """Return the only table that has all names of a row, as in the template's third."""
    for row in grid[:_SEARCHED]:
        names = set(_texts(row))
        fitting = [table for table in zone_tables().values()
                   if names <= set(table.names) and names.issuperset(table.key)]  # fmt: skip
        if names and len(fitting) == 1:
            return fitting[0].name
    return None


def _header_row(grid: Grid, table: Table) -> int | None:
    """Return the row that names most attributes; names beat labels, the first wins."""
    best, found = 0.0, None
    for number, row in enumerate(grid[:_SEARCHED], 1):
        texts = _texts(row)
        n_named = sum(attribute_of(text, table) is not None for text in texts)
        n_exact = sum(text in table.names for text in texts)
        score = n_named + n_exact / 1000
        if n_named * 2 >= len(texts) and score > best:
            best, found = score, number
    return found


def _is_heading(row: Sequence[Any], table: Table) -> bool:
    texts = _texts(row)
    n_named = sum(attribute_of(text, table) is not None for text in texts)
    return bool(texts) and n_named >= _HEADING_LIKE * len(texts)


def _texts(row: Sequence[Any]) -> list[str]:
    return [text for cell in row if (text := str(cell).strip())]


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()
