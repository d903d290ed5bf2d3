"""A plan as one Excel workbook, for staff who live in Excel.

One sheet a table with Chinese and English headings and units, and a first sheet
that says what the plan rests on. Text is written as text, never as a formula.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import xlsxwriter

from jicheng.schema import Attribute, Kind, Table, choices, plan_tables

__all__ = ["MOST_ROWS", "plan_workbook", "workbook_notes"]

_FIXED_DATE = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)  # same input, same bytes
_WIDEST = 48

MOST_ROWS = 5_000
"""Rows of a sheet; a longer table stands whole in its CSV file, and the notes say so."""


def plan_workbook(tables: Mapping[str, pl.DataFrame], notes: Sequence[tuple[str, str]]) -> bytes:
    """Return the workbook of a plan.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        Result tables by name; empty ones are left out, of long ones the first rows are
        written (``MOST_ROWS``).
    notes : sequence of (str, str)
        Lines of the first sheet: what, and its value.

    Returns
    -------
    bytes
        The ``.xlsx`` file; the same tables give the same bytes.
    """
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}
    ) as book:
        book.set_properties({"created": _FIXED_DATE})
        _write_notes(book, notes)
        for name, table in plan_tables().items():
            frame = tables.get(name)
            if frame is not None and not frame.is_empty():
                _write_table(book, table, frame.head(MOST_ROWS))
    return buffer.getvalue()


def _write_notes(book: xlsxwriter.Workbook, notes: Sequence[tuple[str, str]]) -> None:
    sheet = book.add_worksheet("说明 Notes")
    sheet.set_column(0, 0, 28, book.add_format({"bold": True, "valign": "top"}))
    sheet.set_column(1, 1, 100, book.add_format({"text_wrap": True, "valign": "top"}))
    for row, (what, value) in enumerate(notes):
        sheet.write_string(row, 0, what)
        sheet.write_string(row, 1, value)


def _write_table(book: xlsxwriter.Workbook, table: Table, frame: pl.DataFrame) -> None:
    sheet = book.add_worksheet(table.label.zh)
    head = book.add_format(
        {"bold": True, "bg_color": "#E8EEF7", "text_wrap": True, "valign": "top"}
    )
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, frame.height, frame.width - 1)
    for column, attribute in enumerate(table.attributes):
        unit = f" ({attribute.unit})" if attribute.unit else ""
        sheet.write_string(0, column, f"{attribute.label.zh}\n{attribute.label.en}{unit}", head)
        form = book.add_format({"num_format": _number_format(attribute)})
        values = _shown(attribute, frame[attribute.name])
        for row, value in enumerate(values, start=1):
            if value is None:
                continue
            if isinstance(value, str):
                sheet.write_string(row, column, value, form)
            else:
                sheet.write_number(row, column, value, form)
        longest = max((len(str(value)) for value in values if isinstance(value, str)), default=8)
        sheet.set_column(column, column, min(_WIDEST, max(10, longest + 2)))


def _number_format(attribute: Attribute) -> str:
    if attribute.kind is Kind.SHARE:
        return "0.0%"
    if attribute.unit == "wan":
        return "#,##0"
    return "0.000" if attribute.kind is Kind.NUMBER else "General"


def _shown(attribute: Attribute, column: pl.Series) -> list[str | float | None]:
    if attribute.choice:
        labels = {c.value: f"{c.label.zh} {c.label.en}" for c in choices()[attribute.choice]}
        return [None if value is None else labels.get(value, value) for value in column]
    if attribute.kind is Kind.BOOLEAN:
        return [None if value is None else ("是 yes" if value else "否 no") for value in column]
    return [
        value if value is None or isinstance(value, int | float) else str(value) for value in column
    ]


def workbook_notes(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the lines of the first sheet: what the plan rests on, without timings."""
    zone, scenario = manifest["zone"], manifest["scenario"]
    sample = [("示例数据 / sample data", "本方案由虚构数据生成 / made from made-up data")]
    return [
        *(sample if zone["is_sample"] else []),
        ("高新区 / zone", " / ".join(name for name in (zone["name"], zone["name_en"]) if name)),
        ("数据年份 / period", str(zone["period"])),
        ("视角国家 / home", str(manifest["settings"]["home"] or zone["home"])),
        ("情景 / scenario", f"{scenario.get('zh', '')} / {scenario.get('en', '')}"),
        ("快照 / snapshot", zone["content_hash"]),
        ("方案编号 / plan", manifest["plan_id"]),
        ("引擎版本 / engine", manifest["engine"]["version"]),
        ("随机种子 / seed", str(manifest["settings"]["seed"])),
        ("核对 / recompute", "jicheng verify"),
        *_long_tables(manifest),
        *(
            ("来源 / source", " · ".join(str(source[k]) for k in ("title", "licence") if source[k]))
            for source in zone["sources"]
        ),
    ]


def _long_tables(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Say which tables are longer than their sheet."""
    return [
        (
            f"{table.label.zh} / {table.label.en}",
            f"本表只列前 {MOST_ROWS} 行，全部 {rows} 行见 tables/{name}.csv / "
            f"the first {MOST_ROWS} of {rows} rows; all in tables/{name}.csv",
        )
        for name, table in plan_tables().items()
        if (rows := manifest["tables"].get(name, {}).get("rows", 0)) > MOST_ROWS
    ]
