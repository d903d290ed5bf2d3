"""Mark the faults of a workbook in a copy of it, for whoever has to correct it."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.workbook import Workbook

from jicheng.atomic import write_file
from jicheng.errors import Fault, InvalidInput
from jicheng.io.csv_safe import escape_text
from jicheng.io.excel.guard import column_name
from jicheng.io.excel.layout import FAULTS_SHEET, Layout
from jicheng.io.excel.reading import open_layouts
from jicheng.io.limits import Limits

__all__ = ["annotate", "mark"]

_ERROR = PatternFill("solid", start_color="FFF4B6B0")
_WARNING = PatternFill("solid", start_color="FFFFE9A8")
_HEAD = PatternFill("solid", start_color="FF1F4E79")
_COLUMNS = (
    ("级别 Level", 14),
    ("工作表 Sheet", 22),
    ("单元格 Cell", 12),
    ("问题", 48),
    ("处理办法", 48),
    ("Problem", 48),
    ("What to do", 48),
    ("代码 Code", 12),
)


def annotate(
    path: Path,
    faults: Iterable[Fault],
    out: Path,
    *,
    mapping: Path | Mapping[str, Any] | None = None,
    limits: Limits | None = None,
) -> None:
    """Write a copy of a workbook with its bad cells filled and explained.

    Parameters
    ----------
    path : Path
        The user's workbook; it is not changed.
    faults : iterable of Fault
        As raised by :func:`jicheng.io.excel.read`; those without a place stand in
        the list only.
    out : Path
        The copy. It has one more sheet, 错误清单 Faults, in front.
    mapping : Path or mapping, optional
        The mapping with which the workbook was read.

    Raises
    ------
    InvalidInput
        E114 if ``out`` is the file itself; and if the workbook cannot be opened.

    Notes
    -----
    The copy keeps values, formulas and formats; charts and pictures may be lost.
    """
    opened = open_layouts(path, mapping=mapping, limits=limits or Limits())
    mark(path, faults, out, opened.layouts)


def mark(path: Path, faults: Iterable[Fault], out: Path, layouts: Sequence[Layout]) -> None:
    """Write the copy of a workbook whose tables stand where ``layouts`` say.

    Raises
    ------
    InvalidInput
        E114 if ``out`` is the file itself; E175 if the workbook cannot be opened.
    """
    if out.resolve() == path.resolve():
        raise InvalidInput.of("E114", path=out)
    book = _opened(path)
    listed = list(faults)
    cells = [_cell_of(found, layouts, book) for found in listed]
    for found, cell in zip(listed, cells, strict=True):
        if cell:
            _mark(book, found, cell)
    _write_list(book, listed, cells)
    buffer = io.BytesIO()
    book.save(buffer)
    write_file(out, buffer.getvalue())


def _opened(path: Path) -> Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of extensions that the copy will lack
        try:
            return openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
        except Exception as error:  # a damaged part fails in many ways
            raise InvalidInput.of("E175", path=path.name, reason=str(error)[:200]) from error


def _cell_of(found: Fault, layouts: Sequence[Layout], book: Workbook) -> str:
    """Return the cell of a fault, such as ``C7``; empty if it has no place."""
    where = found.where
    if where.sheet not in book.sheetnames:
        return ""
    here = [layout for layout in layouts if layout.sheet == where.sheet]
    if where.row is None and not here:
        return ""
    columns = (layout.column_of(where.column) for layout in here)
    column = next((k for k in columns if k is not None), 0)
    return f"{column_name(column)}{where.row or here[0].header_row}"


def _mark(book: Workbook, found: Fault, place: str) -> None:
    cell = book[found.where.sheet][place]
    if type(cell).__name__ == "MergedCell":
        return
    if cell.fill != _ERROR:
        cell.fill = _WARNING if found.is_warning else _ERROR
    text = (
        f"{found.code} {found.message.zh}\n→ {found.hint.zh}\n{found.message.en}\n→ {found.hint.en}"
    )
    before = f"{cell.comment.text}\n\n" if cell.comment is not None else ""
    cell.comment = Comment(before + text, "Jicheng", height=160, width=360)


def _write_list(book: Workbook, faults: Sequence[Fault], cells: Sequence[str]) -> None:
    if FAULTS_SHEET in book.sheetnames:
        del book[FAULTS_SHEET]
    sheet = book.create_sheet(FAULTS_SHEET, 0)
    sheet.append([name for name, _ in _COLUMNS])
    for k, (_, width) in enumerate(_COLUMNS):
        sheet.column_dimensions[column_name(k)].width = width
        head = sheet.cell(1, k + 1)
        head.font, head.fill = Font(bold=True, color="FFFFFFFF"), _HEAD
    for row, (found, cell) in enumerate(zip(faults, cells, strict=True), 2):
        where = found.where
        level = "警告 warning" if found.is_warning else "错误 error"
        place = cell or ("" if where.row is None else str(where.row))
        texts = (level, where.sheet or where.table, place, found.message.zh, found.hint.zh,
                 found.message.en, found.hint.en, found.code)  # fmt: skip
        for k, text in enumerate(texts, 1):
            entry = sheet.cell(row, k, escape_text(text))
            entry.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.cell(row, 1).fill = _WARNING if found.is_warning else _ERROR
        if cell:
            sheet.cell(row, 3).hyperlink = f"#'{where.sheet}'!{cell}"
            sheet.cell(row, 3).font = Font(color="FF0563C1", underline="single")
    sheet.freeze_panes = "A2"
    book.active = 0
