"""A sheet with every element of a pack for every firm: a row a firm, a column an element."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from jicheng.errors import Text
from jicheng.io.csv_safe import escape_text
from jicheng.rules.expression.intervals import Truth
from jicheng.rules.pack.expressions import expressions
from jicheng.rules.pack.model import Condition, Element, Indicator, Provenance
from jicheng.rules.pack.wording import Wording
from jicheng.rules.score.evaluate import Evaluation
from jicheng.rules.score.wording import points_text

__all__ = ["write_elements"]

_ROWS = ("中文", "English", "规则 Rule", "依据状态 Status", "路径 Path")
_FIRST_ROW = len(_ROWS)
_STATUS = {
    Provenance.VERIFIED: "已核实 verified",
    Provenance.UNVERIFIED: "未核实 unverified",
    Provenance.OURS: "本软件设定 ours",
    Provenance.MISSING: "缺失 missing",
}
_SECTION = {
    "gates": Text("门槛：", "gate: "),
    "indicators": Text("", ""),
    "conditions": Text("通过条件：", "pass if: "),
    "direct": Text("直接通过：", "direct pass: "),
}


def write_elements(
    sheet: Worksheet,
    evaluation: Evaluation,
    head: Format,
    english: Format,
    verdicts: Mapping[str, Format],
) -> None:
    """Write gates, indicators with their parts, pass conditions and direct passes.

    Conditions read 是, 否 or 未知; points are a number where they are known and from-to
    where they are not.
    """
    facts = evaluation.facts
    for row, name in enumerate(_ROWS):
        sheet.write_string(row, 0, name, english)
    names = facts.names if facts.names is not None else facts.subjects
    for firm in range(facts.n):
        sheet.write_string(_FIRST_ROW + firm, 0, escape_text(str(names[firm])))
    rules = _rules(evaluation)
    last = 0
    for column, element in enumerate(_told(evaluation), 1):
        _write_head(sheet, column, element, rules.get(element.path, ""), (head, english))
        _write_column(sheet, column, evaluation, element, verdicts)
        last = column
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, max(1, last), 16)
    sheet.set_row(0, 48)
    sheet.set_row(1, 36)
    sheet.set_row(2, 48)
    sheet.freeze_panes(_FIRST_ROW, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _told(evaluation: Evaluation) -> Iterator[Element]:
    for element in evaluation.pack.elements():
        if element.path in evaluation.truths or element.path in evaluation.points:
            yield element


def _rules(evaluation: Evaluation) -> dict[str, str]:
    """Return what each element looks at, in words, by path."""
    wording = Wording(evaluation.pack, evaluation.facts.dictionary)
    rules: dict[str, list[str]] = {}
    for used in expressions(evaluation.pack):
        rules.setdefault(used.element.path, []).append(wording.of(used.expression).zh)
    return {path: "；".join(said) for path, said in rules.items()}


def _write_head(
    sheet: Worksheet, column: int, element: Element, rule: str, styles: tuple[Format, Format]
) -> None:
    head, english = styles
    section = _SECTION.get(element.path.split("/")[0], Text("", ""))
    most = f"（满分 {element.max:g}）" if isinstance(element, Indicator) else ""
    most_en = f" (max {element.max:g})" if isinstance(element, Indicator) else ""
    status = _STATUS[element.status]
    if element.numbers is not element.status:
        status += f"；数值 figures: {_STATUS[element.numbers]}"
    sheet.write_string(0, column, f"{section.zh}{element.name.zh}{most}", head)
    sheet.write_string(1, column, f"{section.en}{element.name.en}{most_en}", english)
    sheet.write_string(2, column, escape_text(rule)[:1000], english)
    sheet.write_string(3, column, status, english)
    sheet.write_string(4, column, element.path, english)


def _write_column(
    sheet: Worksheet,
    column: int,
    evaluation: Evaluation,
    element: Element,
    verdicts: Mapping[str, Format],
) -> None:
    if isinstance(element, Condition):
        truth = evaluation.truths[element.path]
        is_direct = element.path.startswith("direct/")
        for firm in range(evaluation.facts.n):
            word, verdict = _word(truth, firm)
            style = None if is_direct and verdict != "pass" else verdicts[verdict]
            sheet.write_string(_FIRST_ROW + firm, column, word, style)
        return
    points = evaluation.points[element.path]
    for firm in range(evaluation.facts.n):
        low, high = float(points.low[firm]), float(points.high[firm])
        if low == high:
            sheet.write_number(_FIRST_ROW + firm, column, round(low, 6))
        else:
            sheet.write_string(_FIRST_ROW + firm, column, points_text(low, high))


def _word(truth: Truth, firm: int) -> tuple[str, str]:
    if truth.certainly[firm]:
        return "是", "pass"
    return ("未知", "open") if truth.possibly[firm] else ("否", "fail")
