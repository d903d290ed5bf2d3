"""Lists of firms in Excel: a template made from rule packs, the filled list in, scores out.

``write_template`` makes the workbook that staff fill in, ``read`` reads it (or any list
with such headings) as facts or says what is wrong by sheet, row and column,
``mark_faults`` marks that in a copy, and ``write_scored`` gives the list back with
verdicts, points from-to, what is missing and why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jicheng.errors import InvalidInput, Text, Where
from jicheng.io.excel.annotate import mark
from jicheng.io.excel.layout import sheet_name
from jicheng.io.excel.reading import open_book
from jicheng.io.firm_list.columns import Column
from jicheng.io.firm_list.facts import facts_of_rows
from jicheng.io.firm_list.headings import latest_years
from jicheng.io.firm_list.needed import columns_for, dictionary_for
from jicheng.io.firm_list.reading import FirmRows, RefusedList, read_rows
from jicheng.io.firm_list.scored import write_scored
from jicheng.io.firm_list.template import write_columns
from jicheng.io.limits import Limits
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.model import Pack
from jicheng.schema import zone_tables

__all__ = [
    "FirmList", "RefusedList", "dictionary_for", "is_list", "mark_faults", "read", "write_scored",
    "write_template", "year_of",
]  # fmt: skip


@dataclass(frozen=True)
class FirmList:
    """A list of firms that was read.

    Attributes
    ----------
    rows : FirmRows
        The rows as they stand in the workbook, and what is worth a second look.
    facts : FactTable
        What they say, a subject a row.
    """

    rows: FirmRows
    facts: FactTable

    @property
    def lacking(self) -> tuple[Column, ...]:
        """Return what the packs ask for and no column of the list tells."""
        return self.rows.lacking


def write_template(path: Path, packs: Sequence[Pack], year: int) -> None:
    """Write the workbook in which the facts for some packs are filled in.

    Parameters
    ----------
    path : Path
        The file (.xlsx); an existing one is replaced.
    packs : sequence of Pack
        What the list is for.
    year : int
        The evaluation year; older years that the packs look at have columns too.
    """
    write_columns(path, columns_for(packs, year), packs, year)


def read(path: Path, packs: Sequence[Pack], year: int, *, limits: Limits | None = None) -> FirmList:
    """Read a list of firms, whole or not at all.

    Parameters
    ----------
    path : Path
        A workbook (.xlsx): our template, or a list whose headings are names of facts.
    packs : sequence of Pack
        They decide which columns count.
    year : int
        The evaluation year.
    limits : Limits, optional
        Sizes above which a file is refused.

    Raises
    ------
    RefusedList
        With every fault by sheet, row and column; see :func:`read_rows`. It knows where
        the list stands, so that :func:`mark_faults` can mark it.
    InvalidInput
        If the file is no workbook or holds no list (E150-E186, E955).
    """
    rows = read_rows(path, columns_for(packs, year), year, limits=limits)
    return FirmList(rows, facts_of_rows(rows, dictionary_for(packs)))


def mark_faults(path: Path, refused: RefusedList, out: Path) -> None:
    """Write a copy of a refused list with its wrong cells filled and explained.

    Raises
    ------
    InvalidInput
        E114 if ``out`` is the file itself; E175 if the workbook cannot be opened.
    """
    mark(path, refused.found, out, [refused.layout])


def is_list(path: Path) -> bool:
    """Tell a list of firms from the workbook of a whole zone, by its sheets."""
    book = open_book(path, Limits())
    return sheet_name(zone_tables()["organisations"]) not in book.grids


def year_of(path: Path) -> int:
    """Return the evaluation year of a list: the latest year that its headings name.

    Raises
    ------
    InvalidInput
        E958 if they name none.
    """
    years = latest_years(open_book(path, Limits()).grids)
    if not years:
        what = Text("标题中没有年份，无法确定评价年度", "no heading names a year")
        remedy = Text("用 --year 指定，如 --year 2025", "Name it: --year 2025")
        raise InvalidInput.of("E958", where=Where(sheet=path.name), what=what, remedy=remedy)
    return max(years)
