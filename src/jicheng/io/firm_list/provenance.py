"""The sheet that says what a scored list rests on: packs, their provenance, the list itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from jicheng import __version__
from jicheng.io.csv_safe import escape_text
from jicheng.io.firm_list.guide import DRAFT
from jicheng.io.firm_list.reading import FirmRows
from jicheng.rules.pack.model import Pack, Provenance
from jicheng.rules.score.evaluate import Evaluation

__all__ = ["write_provenance"]

_READING = (
    ("得分从–至", "缺少的事实可能取任何合理的值，得分就是一个区间；“待定”表示结论还可能两样。"
     " Points from-to: what is missing may be anything sensible; open means that the verdict may "
     "still go either way."),
    ("空格", "空表示未知，从不当作零。 Empty means unknown and never counts as zero."),
    ("草案 draft", f"{DRAFT[0]}。 {DRAFT[1]}."),
)  # fmt: skip

Line = tuple[str, str, str]


def write_provenance(
    sheet: Worksheet,
    evaluations: Sequence[Evaluation],
    rows: FirmRows | None,
    styles: tuple[Format, Format],
) -> None:
    """Write how to read the results, what they rest on, and every uncertain element."""
    head, wrap = styles
    lines: list[Line] = [("如何阅读 How to read", one, text) for one, text in _READING]
    lines.append(("引擎 Engine", "Jicheng", __version__))
    lines.append(("评价年度 Evaluation year", "", str(evaluations[0].facts.year)))
    if rows is not None:
        lines += _of_list(rows)
    for one in evaluations:
        lines += _of_pack(one.pack)
    for k, name in enumerate(("项目 Item", "名称 Name", "内容 Content")):
        sheet.write_string(0, k, name, head)
    for row, line in enumerate(lines, 1):
        for k, text in enumerate(line):
            sheet.write_string(row, k, escape_text(text), wrap)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 44)
    sheet.set_column(2, 2, 90)
    sheet.freeze_panes(1, 0)


def _of_list(rows: FirmRows) -> Iterator[Line]:
    yield "名单 List", rows.path.name, f"SHA-256 {rows.digest}"
    yield "工作表 Sheet", rows.place.sheet, f"{len(rows.numbers)} 家企业 firms"
    for number, why in rows.skipped.items():
        what = "合计行，未读取 a row of totals" if why == "total" else "示例行，未读取 the example"
        yield "未读取的行 Row left out", str(number), what
    for column in rows.lacking:
        yield "名单没有的列 Column that the list lacks", column.heading.zh, column.heading.en
    for text in rows.place.others.values():
        yield "自有列，未用于计算 Own column, not used", text, ""
    for one in rows.warnings:
        yield f"提示 Warning {one.code}", str(one.where), f"{one.message.zh} / {one.message.en}"


def _of_pack(pack: Pack) -> Iterator[Line]:
    yield "规则包 Rule pack", pack.key, f"{pack.name.zh} / {pack.name.en}"
    missing = "缺失 missing"
    yield "发布机构 Issuer", _marked(pack, "issuer"), pack.issuer or missing
    yield "文件 Document", _marked(pack, "document"), pack.document or missing
    since = pack.valid_from.isoformat() if pack.valid_from else missing
    until = pack.valid_until.isoformat() if pack.valid_until else "–"
    yield "有效期 In force", _marked(pack, "valid"), f"{since} – {until}"
    for overlay in pack.overlays:
        yield "本地覆盖 Overlay", overlay.file, f"{overlay.name.zh} {overlay.document}".strip()
    counts = Counter(element.status for element in pack.elements())
    told = ", ".join(f"{status.value} {counts[status]}" for status in Provenance if counts[status])
    yield "要素 Elements", pack.key, told
    for element in pack.elements():
        for status, what in ((element.status, ""), (element.numbers, "（数值 figures）")):
            is_told = what and element.numbers is element.status
            if status in (Provenance.UNVERIFIED, Provenance.MISSING) and not is_told:
                name = f"{element.name.zh} / {element.name.en}"
                yield f"{status.value}{what}", f"{pack.key} {element.path}", name
    for source in pack.sources:
        yield "出处 Source", source.url, f"{source.title} {source.supports}".strip()


def _marked(pack: Pack, name: str) -> str:
    status = pack.head.get(name)
    return "" if status is None else status.value
