"""Find the list of firms in a workbook, and what each of its columns is about.

The template is known by its third row; a list with other headings by the labels of the
facts, with or without year and unit: 研发费用（2024年，元）, R&D expense 2024.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jicheng.conform import nearest
from jicheng.errors import Fault, InvalidInput, Text, Where, fault
from jicheng.io.excel.guard import column_name
from jicheng.io.excel.layout import OUR_SHEETS, Grid
from jicheng.io.firm_list.cells import plain
from jicheng.io.firm_list.columns import CREDIT_CODE, NAME, Column

__all__ = ["EXAMPLE_MARK", "FactColumn", "Heading", "ListPlace", "find_list"]

EXAMPLE_MARK = "示例"
_SEARCHED = 20  # rows at the top of a sheet in which headings are looked for
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*(?:年度|年末|年)?(?!\d)")
_RELATIVE = {"上上年度": -2, "前年": -2, "上年度": -1, "上一年": -1, "上年": -1, "去年": -1,
             "本年度": 0, "本年": 0, "当年": 0}  # fmt: skip
_UNITS = {"亿元": ("CNY", 1e8), "万元": ("CNY", 1e4), "千元": ("CNY", 1e3), "元": ("CNY", 1.0),
          "10,000yuan": ("CNY", 1e4), "yuan": ("CNY", 1.0), "cny": ("CNY", 1.0),
          "%": ("ratio", 0.01)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading taken apart: what it names, the year and the unit in it."""

    name: str
    year: int | None
    offset: int | None
    factor: float | None


@dataclass(frozen=True, slots=True)
class FactColumn:
    """A column of the user's sheet that is about a fact.

    ``position`` counts from 0; ``factor`` is what one in a cell is in the unit of the fact.
    """

    position: int
    column: Column
    factor: float

    @property
    def shown(self) -> str:
        """Return how the user finds it: letter and label."""
        year = "" if self.column.year is None else f" {self.column.year}"
        return f"{column_name(self.position)} {self.column.label.zh}{year}"


@dataclass(frozen=True)
class ListPlace:
    """The sheet that holds the list: rows count from 1, columns from 0.

    ``others`` are columns of the user's own, by position, with their headings.
    """

    sheet: str
    header_row: int
    first_row: int
    headings: Sequence[str]
    columns: tuple[FactColumn, ...]
    others: Mapping[int, str]

    @cached_property
    def by_key(self) -> dict[str, FactColumn]:
        """Return the columns by key (``rd_expense@2024``)."""
        return {found.column.key: found for found in self.columns}


def find_list(
    grids: Mapping[str, Grid], columns: Sequence[Column], year: int, *, path: str
) -> tuple[ListPlace, list[Fault]]:
    """Return where the list stands, and what is wrong with its headings.

    Raises
    ------
    InvalidInput
        E955 if no sheet has a column of names and one of facts.

    Notes
    -----
    Faults: E156 a heading that occurs twice, E157 values without a heading; E959
    (warnings) a column that looks like a fact and is not used, and years in a strange
    order.
    """
    best: tuple[float, str, int] | None = None
    for sheet, grid in grids.items():
        if sheet in OUR_SHEETS:
            continue
        for number, row in enumerate(grid[:_SEARCHED], 1):
            score = _score(row, columns, year)
            if score > 0 and (best is None or score > best[0]):
                best = score, sheet, number
    if best is None:
        asked = dict.fromkeys(c.label for c in columns if c not in (NAME, CREDIT_CODE))
        some = list(asked)[:6]
        known = Text("、".join(one.zh for one in some), ", ".join(one.en for one in some))
        raise InvalidInput.of("E955", path=path, name=NAME.label, known=known)
    _, sheet, header = best
    grid = grids[sheet]
    first = header + 1
    while first <= len(grid) and _is_heading(grid[first - 1], columns, year):
        first += 1
    return _place(sheet, grid, header, first, columns, year)


def _score(row: Sequence[Any], columns: Sequence[Column], year: int) -> float:
    """Return how many columns a row names; 0 if the name of the firm is not among them."""
    texts = [str(cell).strip() for cell in row]
    found = [match for text in texts if text and (match := match_heading(text, columns, year))]
    keys = {column.key for column in columns}
    if NAME not in found or len(found) < 2:
        return 0.0
    return len(found) + sum(text in keys for text in texts) / 1000


def _is_heading(row: Sequence[Any], columns: Sequence[Column], year: int) -> bool:
    texts = [str(cell).strip() for cell in row if str(cell).strip()]
    named = [text for text in texts if match_heading(text, columns, year) is not None]
    return len(named) * 2 > len(texts)


def _place(
    sheet: str, grid: Grid, header: int, first: int, columns: Sequence[Column], year: int
) -> tuple[ListPlace, list[Fault]]:
    width = max(len(row) for row in grid)
    headings = _headings(grid, header, width)
    rows = range(_top_of(grid, header, columns, year), first - 1)
    found: list[FactColumn] = []
    others: dict[int, str] = {}
    faults: list[Fault] = []
    taken: dict[str, int] = {}
    where = Where(sheet=sheet, row=header)
    for k, text in enumerate(headings):
        match = match_heading(text, columns, year) if text else None
        if match is None:
            is_used = any(k < len(row) and plain(row[k]) for row in grid[first - 1 :])
            if text:
                others[k] = text
            elif is_used:
                place = Where(sheet=sheet, row=header, column=column_name(k))
                faults.append(fault("E157", where=place, column=column_name(k)))
            continue
        column = match
        if column.key in taken:
            both = f"{column_name(taken[column.key])}, {column_name(k)}"
            place = Where(sheet=sheet, row=header, column=column_name(k))
            faults.append(fault("E156", where=place, heading=text, columns=both))
            continue
        taken[column.key] = k
        place = Where(sheet=sheet, row=header, column=f"{column_name(k)} {text}")
        factor, wrong = _factor(column, [grid[row][k] for row in rows if k < len(grid[row])], place)
        faults += wrong
        found.append(FactColumn(k, column, factor))
    place_ = ListPlace(sheet, header, first, headings, tuple(found), others)
    return place_, faults + _doubts(place_, columns, year, where)


def _headings(grid: Grid, header: int, width: int) -> list[str]:
    row = grid[header - 1]
    return [str(row[k]).strip() if k < len(row) else "" for k in range(width)]


def _top_of(grid: Grid, header: int, columns: Sequence[Column], year: int) -> int:
    """Return the first row of the headings, counted from 0."""
    top = header - 1
    while top > 0 and _is_heading(grid[top - 1], columns, year):
        top -= 1
    return top


def _factor(column: Column, headings: Sequence[Any], where: Where) -> tuple[float, list[Fault]]:
    """Return what one in a cell is in the unit of the fact, by the headings above it."""
    said = {factor for text in headings if (factor := _apart(str(text)).factor) is not None}
    if column.unit not in ("CNY", "ratio"):
        return 1.0, []
    if len(said) == 1:
        return said.pop(), []
    if not said and column.unit == "ratio":
        return 1.0, []
    if said:
        what = Text("同一列的标题写了不同的单位", "the headings of the column name different units")
    else:
        what = Text("标题没有写明金额单位", "the heading does not say the unit of money")
    remedy = Text(
        "在标题中写明（元）或（万元），各行标题一致",
        "Write (yuan) or (10,000 yuan) in the heading, the same in every row of it",
    )
    return 1.0, [fault("E958", where=where, what=what, remedy=remedy)]


def match_heading(text: str, columns: Iterable[Column], year: int) -> Column | None:
    """Return the column that a heading means; None if it means none."""
    forms = {_bare(text)}
    heading = _apart(text)
    forms |= {heading.name, *map(_bare, text.splitlines())}
    forms |= {_apart(line).name for line in text.splitlines()}
    told = heading.year if heading.year is not None else None
    if told is None and heading.offset is not None:
        told = year + heading.offset
    for column in columns:
        names = (column.label.zh, column.label.en, column.fact, *column.also)
        if text.strip().rstrip("*") == column.key:
            return column
        is_named = any(_bare(name) in forms for name in names)
        if is_named and (column.year is None or column.year == (year if told is None else told)):
            return column
    return None


def _apart(text: str) -> Heading:
    """Take year and unit out of a heading."""
    bare = unicodedata.normalize("NFKC", text).strip().strip("*")
    factor: float | None = None
    offset: int | None = None
    for inside in re.findall(r"\(([^()]*)\)", bare):
        for part in re.split(r"[,，、;；:：]|单位", inside.replace("10,000", "10000")):
            unit = _UNITS.get(part.replace(" ", "").lower().replace("10000yuan", "10,000yuan"))
            factor = unit[1] if unit else factor
    found = _YEAR.search(bare)
    name = _YEAR.sub("", bare)
    for word, years in _RELATIVE.items():
        if word in name:
            offset, name = years, name.replace(word, "")
            break
    name = re.sub(r"\([^()]*\)", "", name)
    return Heading(_bare(name), int(found[1]) if found else None, offset, factor)


def _bare(text: str) -> str:
    """Return a heading without what people vary: blanks, signs, case, width."""
    text = unicodedata.normalize("NFKC", text).strip().strip("*").lower()
    return re.sub(r"[\s*_:：、,，/\-]+", "", text)


def _doubts(place: ListPlace, columns: Sequence[Column], year: int, where: Where) -> list[Fault]:
    """Return warnings about columns that are nearly facts, later years, odd orders."""
    faults: list[Fault] = []
    labels = {_bare(column.label.zh): column for column in columns}
    for k, text in place.others.items():
        heading = _apart(text)
        at = Where(place.sheet, place.sheet, where.row, f"{column_name(k)} {text}")
        known = labels.get(heading.name)
        if known is not None:
            years = sorted(c.year for c in columns if c.fact == known.fact and c.year is not None)
            asked = f"{years[0]}–{years[-1]}" if years else "–"
            what = Text(
                f"该列的年份不在所需的 {asked} 年之内，未使用",
                f"the year of this column is not among those needed ({asked}): not used",
            )
            faults.append(fault("E959", where=at, is_warning=True, what=what))
            continue
        near = nearest(heading.name, list(labels), otherwise="")
        if near:
            named = labels[near.split(", ")[0]].label
            what = Text(
                f"该列未使用；是否指“{named.zh}”",
                f"this column is not used; does it mean {named.en!r}",
            )
            faults.append(fault("E959", where=at, is_warning=True, what=what))
    return faults + _odd_years(place)


def _odd_years(place: ListPlace) -> list[Fault]:
    """Warn of facts whose years stand in another order than those of the rest."""
    series: dict[str, list[FactColumn]] = {}
    for found in sorted(place.columns, key=lambda one: one.position):
        if found.column.year is not None:
            series.setdefault(found.column.fact, []).append(found)
    rising: dict[str, bool] = {}
    for fact, columns in series.items():
        years = [one.column.year or 0 for one in columns]
        if len(years) > 1:
            rising[fact] = years == sorted(years)
    if len(set(rising.values())) < 2:
        return []
    usual = sum(rising.values()) * 2 >= len(rising)
    faults: list[Fault] = []
    for fact, is_rising in rising.items():
        if is_rising != usual:
            first = series[fact][0]
            at = Where(place.sheet, place.sheet, place.header_row, first.shown)
            what = Text(
                "该项各年份的先后与其他各项相反，请核对年份",
                "its years run against those of the other facts: check them",
            )
            faults.append(fault("E959", where=at, is_warning=True, what=what))
    return faults
