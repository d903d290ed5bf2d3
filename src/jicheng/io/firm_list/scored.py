"""The scored list: the user's own rows with verdicts, points from-to and reasons.

Results come first: beside each firm, for every pack, verdict, points, what is missing
and why, then the user's own columns as they were. A sheet a pack has every element of
every firm; the last sheet says what it all rests on. Text is written as text, never as a
formula.
"""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import polars as pl
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from jicheng.atomic import write_file
from jicheng.errors import Text
from jicheng.io.csv_safe import escape_text
from jicheng.io.firm_list.columns import CREDIT_CODE, NAME
from jicheng.io.firm_list.element_sheet import write_elements
from jicheng.io.firm_list.findings import Finding, Findings
from jicheng.io.firm_list.guide import DRAFT
from jicheng.io.firm_list.provenance import write_provenance
from jicheng.io.firm_list.reading import FirmRows
from jicheng.rules.pack.model import PackKind
from jicheng.rules.score.evaluate import Evaluation
from jicheng.schema import choices

__all__ = ["RESULTS_SHEET", "write_scored"]

RESULTS_SHEET = "结果 Results"
SOURCES_SHEET = "来源 Sources"
_MADE = dt.datetime(2026, 1, 1)  # same input, same bytes
_FIRST_ROW = 3
_MOST_CHARACTERS = 32_000
_EARLIER = {
    "low_before": Text("往年得分（从）", "points of the earlier year, from"),
    "high_before": Text("往年得分（至）", "points of the earlier year, to"),
    "change_low": Text("得分变化（从）", "change of points, from"),
    "change_high": Text("得分变化（至）", "change of points, to"),
}
_MOST_MISSING = 12
Language = Literal["zh", "en"]
_DRAFT = Text("草案", "draft")
_DEMO = Text("草案，演示权重", "draft, demo weights")
_COLOURS = {"pass": "#D9EAD3", "fail": "#F4CCCC", "open": "#FFF2CC"}


@dataclass(frozen=True, slots=True)
class Styles:
    """Formats of the workbook."""

    head: Format
    english: Format
    own: Format
    text: Format
    wrap: Format
    number: Format
    draft: Format
    mark: Format
    verdicts: Mapping[str, Format]


@dataclass(frozen=True, slots=True)
class _Heading:
    text: Text
    width: float


def write_scored(
    path: Path,
    evaluations: Sequence[Evaluation],
    *,
    rows: FirmRows | None = None,
    ranks: Mapping[str, pl.DataFrame] | None = None,
    language: Language = "zh",
) -> None:
    """Write what packs say of a list of firms, whole or not at all.

    Parameters
    ----------
    path : Path
        The file (.xlsx); an existing one is replaced.
    evaluations : sequence of Evaluation
        Of the same facts, a pack each.
    rows : FirmRows, optional
        The list from which the facts come: its rows are given back as they were. Default
        the subjects with their names.
    ranks : mapping of str to polars.DataFrame, optional
        By key of a pack, in the order of the facts: ``rank``, ``rank_best``,
        ``rank_worst`` and ``n_peers`` in the peer group, ``rank_of_all``; empty = unknown.
        With points of an earlier year: ``low_before`` ... as
        :func:`jicheng.select.points.changes` has them.
    language : "zh" or "en"
        Of reasons and of what is missing; headings are in both.

    Notes
    -----
    The same input gives the same bytes. Points of a pack whose elements are not all
    verified carry the mark of a draft.
    """
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    findings = [Findings(one) for one in evaluations]
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": "集成 Jicheng", "created": _MADE})
        styles = _styles(book)
        results = _Results(book.add_worksheet(RESULTS_SHEET), styles, language, ranks or {})
        results.write(findings, rows)
        taken = {RESULTS_SHEET.lower(), SOURCES_SHEET.lower()}
        for one in evaluations:
            sheet = book.add_worksheet(_sheet_name(one, taken))
            write_elements(sheet, one, styles.head, styles.english, styles.verdicts)
        sheet = book.add_worksheet(SOURCES_SHEET)
        write_provenance(sheet, evaluations, rows, (styles.head, styles.wrap))
    write_file(path, buffer.getvalue())


def _styles(book: xlsxwriter.Workbook) -> Styles:
    head = {"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1,
            "border_color": "#FFFFFF", "font_color": "#FFFFFF"}  # fmt: skip
    return Styles(
        head=book.add_format(head | {"bg_color": "#1F4E79"}),
        english=book.add_format(
            {"italic": True, "font_size": 9, "bg_color": "#E8EDF2", "text_wrap": True}
        ),
        own=book.add_format(head | {"bg_color": "#7F8C99"}),
        text=book.add_format({"valign": "top", "num_format": "@"}),
        wrap=book.add_format({"valign": "top", "text_wrap": True, "num_format": "@"}),
        number=book.add_format({"valign": "top", "num_format": "0.##"}),
        draft=book.add_format({"valign": "top", "font_color": "#B45F06", "text_wrap": True}),
        mark=book.add_format({"bold": True, "font_color": "#B45F06"}),
        verdicts={
            name: book.add_format({"valign": "top", "bg_color": colour, "bold": True})
            for name, colour in _COLOURS.items()
        },
    )


@dataclass(frozen=True, slots=True)
class _Results:
    """The first sheet: a row a firm."""

    sheet: Worksheet
    styles: Styles
    language: Language
    ranks: Mapping[str, pl.DataFrame]

    def write(self, findings: Sequence[Findings], rows: FirmRows | None) -> None:
        """Write headings, what each pack says of each firm, and the user's own columns."""
        sheet, styles = self.sheet, self.styles
        facts = findings[0].evaluation.facts
        self._write_mark([one.evaluation for one in findings])
        names = facts.names if facts.names is not None else facts.subjects
        headings = [_Heading(NAME.label, 34), _Heading(CREDIT_CODE.label, 21)]
        for one in findings:
            headings += _headings(one.evaluation, self.ranks.get(one.evaluation.pack.key))
        for k, heading in enumerate(headings):
            sheet.write_string(1, k, heading.text.zh, styles.head)
            sheet.write_string(2, k, heading.text.en, styles.english)
            sheet.set_column(k, k, heading.width)
        for firm in range(facts.n):
            row = _FIRST_ROW + firm
            _write_text(sheet, row, 0, str(names[firm]), styles.text)
            if facts.subjects[firm] != names[firm]:
                _write_text(sheet, row, 1, str(facts.subjects[firm]), styles.text)
            column = 2
            for one in findings:
                column = self._write_finding(row, column, one, firm)
        last = len(headings)
        if rows is not None:
            last = _write_own(sheet, len(headings), rows, styles)
        sheet.set_row(0, 30)
        sheet.set_row(1, 44)
        sheet.set_row(2, 30)
        sheet.freeze_panes(_FIRST_ROW, 1)
        sheet.autofilter(_FIRST_ROW - 1, 0, max(_FIRST_ROW, _FIRST_ROW + facts.n - 1), last - 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)

    def _write_mark(self, evaluations: Sequence[Evaluation]) -> None:
        """Say above everything else whether the rules are a draft."""
        marks = list(dict.fromkeys(_draft(one) for one in evaluations if one.is_draft))
        text = " ".join(f"{one.zh} / {one.en}" for one in marks)
        self.sheet.write_string(
            0, 0, text or "全部要素已核实 / all elements are verified", self.styles.mark
        )

    def _write_finding(self, row: int, column: int, findings: Findings, firm: int) -> int:
        """Write what a pack says of a firm; return the column after it."""
        sheet, styles, evaluation = self.sheet, self.styles, findings.evaluation
        found = findings.of(firm)
        if evaluation.pack.kind is not PackKind.POINTS:
            label = _verdicts()[found.verdict].in_language(self.language)
            sheet.write_string(row, column, label, styles.verdicts[found.verdict])
            column += 1
        if evaluation.score is not None:
            for end in (found.low, found.high):
                if end is not None and math.isfinite(end):
                    sheet.write_number(row, column, round(end, 6), styles.number)
                column += 1
        if evaluation.pack.key in self.ranks:
            column = self._write_ranks(row, column, self.ranks[evaluation.pack.key], firm)
        if evaluation.is_draft:
            mark = _DEMO if evaluation.has_demo_weights else _DRAFT
            sheet.write_string(row, column, mark.in_language(self.language), styles.draft)
        reasons = "\n".join(one.in_language(self.language) for one in found.reasons)
        _write_text(sheet, row, column + 1, self._missing(found), styles.wrap)
        _write_text(sheet, row, column + 2, reasons, styles.wrap)
        return column + 3

    def _write_ranks(self, row: int, column: int, ranks: pl.DataFrame, firm: int) -> int:
        """Write the places of a firm among all and among its peers; return the column after."""
        place = ranks.row(firm, named=True)
        if place["rank_of_all"] is not None:
            self.sheet.write_number(row, column, place["rank_of_all"], self.styles.number)
        if place["rank"] is not None:
            best, worst = place["rank_best"], place["rank_worst"]
            span = "" if best == worst else f"（{best}–{worst}）"
            shown = f"{place['rank']}{span} / {place['n_peers']}"
            self.sheet.write_string(row, column + 1, shown, self.styles.text)
        if "low_before" not in place:
            return column + 2
        for k, name in enumerate(_EARLIER, column + 2):
            if place[name] is not None:
                self.sheet.write_number(row, k, round(place[name], 6), self.styles.number)
        return column + 2 + len(_EARLIER)

    def _missing(self, found: Finding) -> str:
        """Return what is missing, the first things first, and how much more there is."""
        texts = [one.in_language(self.language) for one in found.missing[:_MOST_MISSING]]
        more = len(found.missing) - len(texts)
        if more > 0:
            texts.append(Text(f"另有 {more} 项", f"{more} more").in_language(self.language))
        shown = ("；" if self.language == "zh" else "; ").join(texts)
        if shown and found.verdict == "fail":
            before = Text("（不影响结论）", "(changes no verdict) ")
            return before.in_language(self.language) + shown
        return shown


def _verdicts() -> dict[str, Text]:
    return {choice.value: choice.label for choice in choices()["rule_verdict"]}


def _headings(evaluation: Evaluation, ranks: pl.DataFrame | None) -> list[_Heading]:
    pack = evaluation.pack
    zh, en = pack.name.zh, f"{pack.name.en} ({pack.key})"
    made: list[_Heading] = []
    if pack.kind is not PackKind.POINTS:
        made.append(_Heading(Text(f"{zh} 结论", f"{en}: verdict"), 11))
    if evaluation.score is not None:
        made.append(_Heading(Text(f"{zh} 得分（从）", f"{en}: points from"), 9))
        made.append(_Heading(Text(f"{zh} 得分（至）", f"{en}: points to"), 9))
    if ranks is not None:
        made.append(_Heading(Text("名次（按得分从低端）", "rank of all, by points from"), 9))
        made.append(
            _Heading(Text("同组名次（可能范围）/ 家数", "rank among peers (range) / number"), 16)
        )
    if ranks is not None and "low_before" in ranks.columns:
        made += [_Heading(text, 9) for text in _EARLIER.values()]
    return [
        *made,
        _Heading(Text("是否草案", "draft"), 10),
        _Heading(Text(f"{zh} 缺少什么", f"{en}: what is missing"), 36),
        _Heading(Text(f"{zh} 理由", f"{en}: reasons"), 56),
    ]


def _draft(evaluation: Evaluation) -> Text:
    demo = (
        Text("演示权重，非官方；", "demo weights; ")
        if evaluation.has_demo_weights
        else Text("", "")
    )
    return Text(demo.zh + DRAFT[0], demo.en + DRAFT[1])


def _write_own(sheet: Worksheet, start: int, rows: FirmRows, styles: Styles) -> int:
    """Write the user's own columns as they were; return the column after them."""
    place = rows.place
    who = {place.by_key[c.key].position for c in (NAME, CREDIT_CODE) if c.key in place.by_key}
    kept = [k for k, text in enumerate(place.headings) if text and k not in who]
    by_position = {found.position: found.column.heading for found in place.columns}
    for n, k in enumerate(kept):
        heading = by_position.get(k, place.labels.get(k))
        column = start + n
        shown = heading.zh if heading is not None else place.headings[k]
        sheet.write_string(1, column, escape_text(shown), styles.own)
        sheet.write_string(2, column, heading.en if heading is not None else "", styles.english)
        sheet.set_column(column, column, 13)
        for firm, cells in enumerate(rows.cells):
            if k < len(cells):
                _write_cell(sheet, _FIRST_ROW + firm, column, cells[k], styles)
    return start + len(kept)


def _write_cell(sheet: Worksheet, row: int, column: int, cell: Any, styles: Styles) -> None:
    """Write a cell of the user's as it was; text that a spreadsheet would run is escaped."""
    if isinstance(cell, bool):
        sheet.write_string(row, column, "是" if cell else "否", styles.text)
    elif isinstance(cell, int | float):
        if math.isfinite(cell):
            sheet.write_number(row, column, cell, styles.number)
    elif cell is not None and str(cell) != "":
        shown = cell.isoformat() if isinstance(cell, dt.date) else str(cell)
        _write_text(sheet, row, column, shown, styles.text)


def _write_text(sheet: Worksheet, row: int, column: int, text: str, style: Format) -> None:
    if text:
        sheet.write_string(row, column, escape_text(text)[:_MOST_CHARACTERS], style)


def _sheet_name(evaluation: Evaluation, taken: set[str]) -> str:
    """Return a name that Excel allows and that no other sheet has."""
    bare = "".join(" " if one in "[]:*?/\\'" else one for one in evaluation.pack.key)[:28]
    name, n = bare, 1
    while name.lower() in taken:
        n += 1
        name = f"{bare}~{n}"
    taken.add(name.lower())
    return name
