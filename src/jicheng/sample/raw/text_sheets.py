"""The lists of patents, papers and projects, as exports and offices write them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from jicheng.sample.raw.bodies import Body, person_names, rows_of
from jicheng.sample.raw.drafts import SheetDraft
from jicheng.sample.raw.texts import Patent, papers, patents, projects
from jicheng.sample.raw.writing import FIVE_WAYS, days, people_in_a_cell

__all__ = ["paper_sheets", "patent_sheets"]

_STATES = ("有效", "审中", "有效", "失效", "有效")
_NAMESAKE = "深圳澜图光电材料有限公司"
_JOURNALS = ("示例材料学报", "示例机械工程", "示例电子学报", "示例生物工程")


def patent_sheets(bodies: Sequence[Body]) -> tuple[SheetDraft, ...]:
    """Return the sheet of patents."""
    sheet = SheetDraft("专利")
    sheet.add("专利检索结果导出（示例数据，虚构）", "", "", "", "检索日期：2025-12-20")
    sheet.add("序号", "申请号", "标题", "摘要", "申请（专利权）人", "发明人", "IPC分类号", "申请日",
              "法律状态", "链接")  # fmt: skip
    made = patents(bodies)
    ways = 0
    for k, patent in enumerate(made):
        names, ways = _applicants(patent, ways)
        faults: dict[str, str] = {}
        number, ipc = patent.number, _ipc(patent.ipc, k)
        when = days(dt.date(patent.year, k % 12 + 1, k % 27 + 1), k)
        if k == 17:
            number, faults["B"] = "2.02310E+11", "E631"
        if k == 29:
            when, faults["H"] = "2023-02-30", "E632"
        if k == 41:
            ipc, faults["G"] = "见附件", "E634"
        sheet.add(k + 1, number, patent.title, patent.abstract, names,
                  people_in_a_cell(patent.inventors, k), ipc, when, _STATES[k % len(_STATES)],
                  "http://", faults=faults)  # fmt: skip
        if k == 60:  # an export printed page by page
            sheet.add(*sheet.rows[1])
    _others(sheet, len(made))
    first, tenth = made[0], made[9]
    sheet.add(900, f"ZL{first.number[2:6]} {first.number[6:]}", first.title, "", FIVE_WAYS[0],
              "", "", "", "有效", faults={"": "E638"})  # fmt: skip
    again = tenth.number.lower(), f"{tenth.title} ", "", tenth.applicants[0].name
    sheet.add(901, *again, "", "", "", "有效", faults={"": "E638"})
    sheet.add(902, "CN202519999999.9", "待补", "", FIVE_WAYS[0], faults={"": "E637"})
    sheet.add("共计", len(made))
    return (sheet,)


def _applicants(patent: Patent, ways: int) -> tuple[str, int]:
    """Return the names in the cell; one firm goes by its five names in turn."""
    names = []
    for body in patent.applicants:
        name = body.name_en if patent.is_english else body.name
        if body.key == "lantu":
            name = FIVE_WAYS[4] if patent.is_english else FIVE_WAYS[ways % 4]
            ways += not patent.is_english
        names.append(name)
    return ("; " if len(patent.title) % 2 else "\n").join(names), ways


def _ipc(codes: str, k: int) -> str:
    forms = (
        codes,
        codes.replace(";", "; ").replace("/", "/ "),
        "; ".join(f"{code}(2006.01)I" for code in codes.split(";")),
        codes.split(";")[0],
    )
    return forms[k % len(forms)]


def _others(sheet: SheetDraft, n: int) -> None:
    rows = [row for row in rows_of("other_texts") if row["kind"] == "patent"]
    people = person_names()
    for k, row in enumerate(rows):
        number = f"CN2021{2:d}{8_000_000 + 977 * k:07d}.{k % 10}"
        abstract, faults = f"本实用新型公开了{row['title']}。{row['text']}。", {}
        owner = "广州某某办公用品有限公司" if k % 4 else people[800 + k]
        if k == 3:
            abstract, faults = "@SUM(A1:A9)", {"D": "E658"}
        if k == 5:
            owner = _NAMESAKE
        sheet.add(n + k + 1, number, row["title"], abstract, owner, people[800 + k], row["ipc"],
                  days(dt.date(2021, k % 12 + 1, 5), k), "有效", faults=faults)  # fmt: skip
    title, text = f"{rows[0]['title']}（装饰款）", "外观设计产品用于收纳。"
    sheet.add(n + 50, "CN202019876543.2", title, text, _NAMESAKE, people[830], "", 2020, "有效")


def paper_sheets(bodies: Sequence[Body]) -> tuple[SheetDraft, ...]:
    """Return the sheets of papers and of projects."""
    return _papers(bodies), _projects(bodies)


def _papers(bodies: Sequence[Body]) -> SheetDraft:
    sheet = SheetDraft("论文")
    sheet.add("论文清单（示例数据，虚构）截至2025年11月30日")
    sheet.add("序号", "论文题目", "作者", "作者单位", "期刊名称", "发表时间", "DOI", "摘要")
    for k, paper in enumerate(papers(bodies)):
        faults: dict[str, str] = {}
        doi, when = f"10.99999/sample.{paper.year}.{k:03d}", days(dt.date(paper.year, 5, 6), k + 2)
        if k == 4:
            doi = "无"
        if k == 6:
            doi, faults["G"] = "见期刊官网", "E634"
        if k == 9:
            when, faults["F"] = "去年", "E632"
        authors, journal = people_in_a_cell(paper.authors, k), _JOURNALS[k % len(_JOURNALS)]
        cells = (paper.title, authors, paper.body.name, journal, when, doi, paper.abstract)
        sheet.add(k + 1, *cells, faults=faults)
    for k, row in enumerate(row for row in rows_of("other_texts") if row["kind"] == "paper"):
        author = person_names()[850 + k]
        cells = (row["title"], author, "岭湾大学", _JOURNALS[0], 2022, "—", row["text"])
        sheet.add(90 + k, *cells)
    return sheet


def _projects(bodies: Sequence[Body]) -> SheetDraft:
    sheet = SheetDraft("科技项目")
    sheet.add("科技项目立项清单（示例数据，虚构）截至2025年12月31日")
    sheet.add(
        "序号",
        "项目编号",
        "项目名称",
        "项目单位",
        "",
        "项目负责人",
        "项目经费（万元）",
        "立项时间",
        "项目简介",
    )
    sheet.add("", "", "", "承担单位", "合作单位")
    sheet.merge(2, "D", 2, "E")
    for letter in "ABCFGHI":
        sheet.merge(2, letter, 3, letter)
    year = 0
    for k, project in enumerate(sorted(projects(bodies), key=lambda one: one.year)):
        if year and project.year != year:
            sheet.add("", "", f"{year}年小计", "", "", "", 1000 + k)
        year = project.year
        owner = FIVE_WAYS[3] if project.owner.key == "lantu" else project.owner.name
        partner = project.partner.name if project.partner else "无"
        faults: dict[str, str] = {}
        funding: object = project.funding
        if k == 5:
            funding, faults["G"] = "若干", "E634"
        if k == 8:
            funding = f"{project.funding}万元"
        when = days(dt.date(project.year, 3, 1), k + 6)
        cells = (project.number, project.title, owner, partner, project.leader, funding, when)
        sheet.add(k + 1, *cells, project.body, faults=faults)
    for row in (row for row in rows_of("other_texts") if row["kind"] == "project"):
        sheet.add(
            99, "SL2025-900", row["title"], "示例园区管委会", "/", "", 80, "2024年", row["text"]
        )
    sheet.add("合计", "", "", "", "", "", 99999)
    return sheet
