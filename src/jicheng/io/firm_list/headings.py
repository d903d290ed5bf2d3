"""Find the list of firms in a workbook, and what each of its columns is about.

The template is known by its third row; a list with other headings by the labels of the
facts, with or without year and unit: 研发费用（2024年，元）, R&D expense 2024.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from jicheng.conform import nearest
from jicheng.errors import Fault, InvalidInput, Text, Where, fault
from jicheng.io.excel.guard import column_name
from jicheng.io.excel.layout import OUR_SHEETS, Grid
from jicheng.io.firm_list.cells import plain
from jicheng.io.firm_list.columns import CREDIT_CODE, NAME, Column

__all__ = [
    "EXAMPLE_MARK",
    "FactColumn",
    "Heading",
    "ListPlace",
    "factor_in",
    "find_list",
    "latest_years",
    "sheet_factors",
]

EXAMPLE_MARK = "示例"
_SEARCHED = 20  # rows at the top of a sheet in which headings are looked for
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*(?:年度|年末|年)?(?!\d)")
_YEAR_ALONE = re.compile(r"(?:19|20)\d\d(?:年度|年末|年)?")
_LEAST_YEARS = 2  # that make a row of years, and no data
_SHEET_UNIT = re.compile(r"单位[::]\s*(?:人民币)?\s*(亿元|万元|千元|元)")
_DATE = re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]")
_KEY = re.compile(r"[a-z][\w.]*(?:@\d{4})?")
_ROWS_ABOVE = 2  # of headings for people, above the names for programs
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

    ``others`` are columns of the user's own, by position, with their headings, ``labels``
    what a template that was made for more packs says above the name of such a column.
    """

    sheet: str
    header_row: int
    first_row: int
    headings: Sequence[str]
    columns: tuple[FactColumn, ...]
    others: Mapping[int, str]
    labels: Mapping[int, Text] = field(default_factory=dict)

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
    best: dict[str, tuple[float, int]] = {}  # the likeliest row of headings by sheet
    for sheet, grid in grids.items():
        for number, row in enumerate(grid[:_SEARCHED] if sheet not in OUR_SHEETS else (), 1):
            score = _score(row, columns, year)
            if score > best.get(sheet, (0.0, 0))[0]:
                best[sheet] = score, number
    if not best:
        asked = dict.fromkeys(c.label for c in columns if c not in (NAME, CREDIT_CODE))
        some = list(asked)[:6]
        known = Text("、".join(one.zh for one in some), ", ".join(one.en for one in some))
        raise InvalidInput.of("E955", path=path, name=NAME.label, known=known)
    chosen = max(best, key=lambda sheet: best[sheet][0])  # the first among equals
    place, faults = _place(chosen, grids[chosen], best[chosen][1], columns, year)
    what = Text(
        "该工作表也像企业名单，未读取；一次读取一张，请合并",
        "this sheet looks like a list of firms too and was not read: put them together",
    )
    return place, faults + [
        fault("E959", where=Where(sheet, sheet), is_warning=True, what=what)
        for sheet in best
        if sheet != chosen
    ]


def _score(row: Sequence[Any], columns: Sequence[Column], year: int) -> float:
    """Return how many columns a row names; 0 if the name of the firm is not among them."""
    texts = [str(cell).strip() for cell in row]
    found = [match for text in texts if text and (match := match_heading(text, columns, year))]
    keys = {column.key for column in columns}
    if NAME not in found or len(found) < 2:
        return 0.0
    return len(found) + sum(text in keys for text in texts) / 1000


def _is_heading(row: Sequence[Any], name: int) -> bool:
    """Tell whether a row is one more row of headings: it names the firm's name, or units."""
    if name < len(row) and match_heading(str(row[name]), [NAME], 0) is not None:
        return True
    texts = [text for cell in row if (text := plain(cell))]
    return bool(texts) and all(
        _unit_alone(text) is not None or _YEAR_ALONE.fullmatch(text) for text in texts
    )


def _place(
    sheet: str, grid: Grid, header: int, columns: Sequence[Column], year: int
) -> tuple[ListPlace, list[Fault]]:
    width = max(len(row) for row in grid)
    headings = _headings(grid, header, width)
    matched = {k: match_heading(text, columns, year) for k, text in enumerate(headings) if text}
    matched |= dict.fromkeys(_second_names(headings, matched))
    name = next(k for k, column in matched.items() if column is NAME)
    top, first = header, header + 1  # rows of headings: top to first - 1, counted from 1
    while top > 1 and _is_heading(grid[top - 2], name):
        top -= 1
    while first <= len(grid) and _is_heading(grid[first - 1], name):
        first += 1
    units = _Units(grid[: first - 1], top - 1)
    found: list[FactColumn] = []
    others: dict[int, str] = {}
    faults: list[Fault] = []
    taken: dict[str, int] = {}
    for k, text in enumerate(headings):
        column = matched.get(k)
        at = Where(sheet, sheet, header, f"{column_name(k)} {text}".strip())
        if column is None:
            if text:
                others[k] = text
            elif any(k < len(row) and plain(row[k]) for row in grid[first - 1 :]):
                faults.append(fault("E157", where=at, column=column_name(k)))
        elif column.key in taken:
            both = f"{column_name(taken[column.key])}, {column_name(k)}"
            faults.append(fault("E156", where=at, heading=text, columns=both))
        else:
            taken[column.key] = k
            factor, wrong = units.of(column, k, at)
            faults += wrong
            found.append(FactColumn(k, column, factor))
    labels = _labels(grid[top - 1 : header - 1], others)
    place = ListPlace(sheet, header, first, headings, tuple(found), others, labels)
    return place, faults + _doubts(place, columns)


def _second_names(headings: Sequence[str], matched: Mapping[int, Column | None]) -> Iterator[int]:
    """Yield columns named by another word for a fact that has a column by its own name.

    销售收入 beside 营业收入 is somebody's own column then, and no fact told twice.
    """
    by_own = {
        column.key
        for k, column in matched.items()
        if column is not None and _is_own(headings[k], column)
    }
    for k, column in matched.items():
        if column is None or column in (NAME, CREDIT_CODE) or column.key not in by_own:
            continue
        if not _is_own(headings[k], column):
            yield k


def _is_own(text: str, column: Column) -> bool:
    """Tell whether a heading names a column by its label and not by another word for it."""
    return match_heading(text, [replace(column, also=(), year=None)], 0) is not None


def _labels(above: Grid, others: Mapping[int, str]) -> dict[int, Text]:
    """Return headings of columns that a template of ours names for programs in its third row."""
    if len(above) < _ROWS_ABOVE:
        return {}
    zh, en = above[0], above[1]
    return {
        k: Text(plain(zh[k]), plain(en[k]))
        for k, text in others.items()
        if _KEY.fullmatch(text) and k < min(len(zh), len(en)) and plain(zh[k]) and plain(en[k])
    }


@dataclass(frozen=True)
class _Units:
    """Units as headings tell them: in the column, else once for the whole sheet.

    ``rows`` are all rows above the data, headings from row ``top`` on, counted from 0.
    """

    rows: Grid
    top: int

    def of(self, column: Column, k: int, where: Where) -> tuple[float, list[Fault]]:
        """Return what one in a cell is in the unit of the fact."""
        if column.unit not in ("CNY", "ratio"):
            return 1.0, []
        above = [self._text(row, k) for row in self.rows[self.top :]]
        said = {factor for text in above if (factor := factor_in(text)) is not None}
        if not said and column.unit == "CNY":
            said = self.of_sheet
        if len(said) == 1:
            return next(iter(said)), []
        if not said and column.unit == "ratio":
            return 1.0, []
        if said:
            what = Text("标题写了不同的单位", "the headings name different units")
        else:
            what = Text("标题没有写明金额单位", "the heading does not say the unit of money")
        remedy = Text(
            "在标题中写明（元）或（万元），各行标题一致",
            "Write (yuan) or (10,000 yuan) in the heading, the same in every row of it",
        )
        return 1.0, [fault("E958", where=where, what=what, remedy=remedy)]

    def _text(self, row: Sequence[Any], k: int) -> str:
        """Return a heading, that of a group of years for each of them."""
        while k > 0 and (k >= len(row) or not str(row[k]).strip()) and self._is_year(k):
            k -= 1
        return str(row[k]) if k < len(row) else ""

    def _is_year(self, k: int) -> bool:
        last = self.rows[-1]
        return k < len(last) and _YEAR_ALONE.fullmatch(plain(last[k])) is not None

    @cached_property
    def of_sheet(self) -> set[float]:
        """Return the unit of money that stands above the list, such as 单位：万元."""
        return sheet_factors(self.rows)


def sheet_factors(rows: Grid) -> set[float]:
    """Return the units of money that rows above a list name, such as 单位：万元."""
    texts = [unicodedata.normalize("NFKC", str(cell)) for row in rows for cell in row]
    found = [one for text in texts for one in _SHEET_UNIT.findall(text)]
    return {_UNITS[one][1] for one in found if one in _UNITS}


def factor_in(text: str) -> float | None:
    """Return what one is by the unit in a heading: 1e4 for (万元), 0.01 for (%); None if none."""
    factor = _apart(text).factor
    return _unit_alone(text) if factor is None else factor


def _unit_alone(text: str) -> float | None:
    """Return the unit that a heading consists of: 万元, (%)."""
    bare = unicodedata.normalize("NFKC", text).strip().strip("()").strip().lower()
    return _UNITS[bare][1] if bare in _UNITS else None


def _headings(grid: Grid, header: int, width: int) -> list[str]:
    """Return the headings of a row; years in the row below go with the heading above them.

    A heading over several years stands in the first of their columns only, merged or not.
    """
    row = grid[header - 1]
    texts = [str(row[k]).strip() if k < len(row) else "" for k in range(width)]
    below = grid[header] if header < len(grid) else []
    years = [plain(below[k]) if k < len(below) else "" for k in range(width)]
    n_years = sum(_YEAR_ALONE.fullmatch(year) is not None for year in years)
    if n_years < _LEAST_YEARS or n_years < sum(bool(year) for year in years):
        return texts
    over = ""
    for k, text in enumerate(texts):
        over = text or (over if years[k] else "")
        if over and _YEAR_ALONE.fullmatch(years[k]):
            texts[k] = f"{over} {years[k]}"
    return texts


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


def _doubts(place: ListPlace, columns: Sequence[Column]) -> list[Fault]:
    """Return warnings about columns that are nearly facts, later years, odd orders."""
    faults: list[Fault] = []
    labels = {_bare(column.label.zh): column for column in columns}
    for k, text in place.others.items():
        heading = _apart(text)
        at = Where(place.sheet, place.sheet, place.header_row, f"{column_name(k)} {text}")
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
    return faults + _unused(place, faults) + _odd_years(place)


def _unused(place: ListPlace, told: Sequence[Fault]) -> list[Fault]:
    """Warn once of all columns that are not used and of which nothing else is said."""
    named = {fault.where.column for fault in told}
    own = {k: f"{column_name(k)} {text}" for k, text in place.others.items()}
    left = [k for k, shown in own.items() if shown not in named]
    if not left:
        return []
    shown = [
        Text(f"{column_name(k)} {label.zh}", f"{column_name(k)} {label.en}")
        for k in left
        for label in [place.labels.get(k, Text(place.others[k], place.others[k]))]
    ]
    zh, en = "、".join(one.zh for one in shown), ", ".join(one.en for one in shown)
    what = Text(
        f"以下 {len(left)} 列未使用：{zh}", f"columns that are not used ({len(left)}): {en}"
    )
    at = Where(place.sheet, place.sheet, place.header_row, own[left[0]])
    return [fault("E959", where=at, is_warning=True, what=what)]


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


def latest_years(grids: Mapping[str, Grid]) -> set[int]:
    """Return the years that headings name: those of our keys, else of texts at the top."""
    tops = [str(cell) for sheet, grid in grids.items() if sheet not in OUR_SHEETS
            for row in grid[:_SEARCHED] for cell in row if isinstance(cell, str)]  # fmt: skip
    keyed = {int(found[1]) for text in tops if (found := re.fullmatch(r"[\w.]+@(\d{4})", text))}
    named = {int(one) for text in tops if len(text) < 60 and "@" not in text
             for one in _YEAR.findall(text) if not _DATE.search(text)}  # fmt: skip
    return keyed or named
