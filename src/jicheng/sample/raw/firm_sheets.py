"""The list of firms: titles, headings in two rows, groups, totals, and slips of the keyboard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from jicheng.sample.raw.bodies import Body, person_names, rows_of
from jicheng.sample.raw.drafts import ErrorCell, SheetDraft
from jicheng.sample.raw.writing import days, telephones, wide

__all__ = ["firm_sheets"]

_FIRST_GROUP = 22
_NAMESAKE = "广州澜图信息技术有限公司"
_OWNED = (("shengchuan", "hanhe", "35%"), ("langou", "jingwei", 0.51), ("chenghe", "liyu", "40％"),
          ("zhanye", "yaoqiao", "控股"))  # fmt: skip


def firm_sheets(bodies: Sequence[Body]) -> tuple[SheetDraft, ...]:
    """Return the sheets of the file of firms."""
    firms = [body for body in bodies if body.kind == "firm"]
    return (_firms(firms), _institutes(bodies), _shareholders(bodies), _guide())


def _firms(firms: Sequence[Body]) -> SheetDraft:
    sheet = SheetDraft("企业名录")
    sheet.add("示例园区企业名录（示例数据，虚构）")
    sheet.add("统计时间：2025年12月31日", "", "", "", "", "", "填报单位：示例园区管委会")
    groups = "序号", "基本信息", "", "", "联系方式", "", "成立时间", "企业规模", "主营业务"
    sheet.add(*groups, "所在城市", "英文名称")
    sheet.add("", "企业名称", "统一社会信用代码", "法定代表人", "联系人", "电话")
    sheet.merge(1, "A", 1, "K")
    sheet.merge(3, "B", 3, "D")
    sheet.merge(3, "E", 3, "F")
    for letter in "AGHIJK":
        sheet.merge(3, letter, 4, letter)
    sheet.add("一、重点企业")
    products = {row["capability"]: row["product"] for row in rows_of("capability_texts")}
    bland = [row["text"] for row in rows_of("other_texts") if row["kind"] == "product"]
    for k, firm in enumerate(firms):
        if k == _FIRST_GROUP:
            sheet.add("小计", "", "", "", "", "", "", "", f"{_FIRST_GROUP}家")
            sheet.add("二、其他企业")
        main = "；".join(products[one] for one in firm.main) or bland[k % len(bland)]
        cells = {
            "A": k + 1,
            "B": _NAMESAKE if k == _FIRST_GROUP + 3 else firm.name,
            "C": firm.code,
            "D": firm.legal_person,
            "E": person_names()[600 + k],
            "F": telephones(k),
            "G": days(dt.date(2003 + k % 20, k % 12 + 1, k % 27 + 1), k),
            "H": firm.size,
            "I": main,
            "J": "广州市",
            "K": firm.name_en,
        }
        slips, faults = _slips(k, firm)
        sheet.add(*(cells | slips).values(), faults=faults)
        if k == 10:
            sheet.add()
    first = firms[0]
    again = f" {first.name[:6]} {first.name[6:]}　"
    sheet.add(len(firms) + 1, again, wide(first.code), first.legal_person, "", "", "", "中型",
              faults={"": "E638"})  # fmt: skip
    sheet.add(len(firms) + 2, "", "", person_names()[700], "", "020-80000001", faults={"": "E637"})
    sheet.add("合计", "", "", "", "", "", "", "", f"{len(firms)}家")
    sheet.add("注：1. 成立时间以营业执照为准；2. 空格表示未填报。")
    sheet.add("填表人：（虚构）", "", "", "审核人：（虚构）")
    return sheet


def _slips(k: int, firm: Body) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what is written otherwise in row ``k``, and the faults that it makes."""
    wrong = "1" if firm.code[-1] != "1" else "2"
    slips: dict[int, tuple[dict[str, Any], dict[str, str]]] = {
        2: ({"C": wide(firm.code)}, {}),
        3: ({"C": float(firm.code[:16] + "00")}, {"C": "E630"}),
        4: ({"C": f"{firm.code[:6]} {firm.code[6:12]}-{firm.code[12:]}"}, {}),
        5: ({"D": "—", "F": "无"}, {}),
        6: ({"C": firm.code[:-1] + wrong}, {"C": "E371"}),
        9: ({"C": firm.code[:10] + "O" + firm.code[11:]}, {"C": "E370"}),
        11: ({"F": "1.38E+10"}, {"F": "E631"}),
        13: ({"G": "24.3.15"}, {"G": "E632"}),
        15: ({"G": "03/04/2021"}, {"G": "E632"}),
        17: ({"H": "规上"}, {"H": "E634"}),
        19: ({"D": ErrorCell()}, {"D": "E176"}),
        21: ({"C": "待补", "H": "不详"}, {}),
        24: ({"C": f"{9.19999997e17:.5E}"}, {"C": "E630"}),
    }
    return slips.get(k, ({}, {}))


def _institutes(bodies: Sequence[Body]) -> SheetDraft:
    sheet = SheetDraft("科研院所")
    sheet.add("示例园区高校院所名单（示例数据，虚构）　截至2025年12月31日")
    sheet.add("序号", "单位名称", "英文名称", "单位类型", "统一社会信用代码", "所在城市", "负责人")
    kinds = {"university": "高等院校", "institute": "科研院所"}
    there = [body for body in bodies if body.kind in kinds]
    for k, body in enumerate(there, 1):
        sheet.add(
            k, body.name, body.name_en, kinds[body.kind], body.code, "广州", body.legal_person
        )
    sheet.add("合计", len(there))
    return sheet


def _shareholders(bodies: Sequence[Body]) -> SheetDraft:
    sheet = SheetDraft("股东信息")
    names = {body.key: body.name for body in bodies}
    sheet.add("序号", "被投资企业", "股东名称", "持股比例", "出资日期")
    for k, (firm, holder, share) in enumerate(_OWNED, 1):
        faults = {"D": "E634"} if share == "控股" else {}
        sheet.add(k, names[firm], names[holder], share, f"20{18 + k}年6月", faults=faults)
    return sheet


def _guide() -> SheetDraft:
    sheet = SheetDraft("填表说明", planted=[(0, "", "E639")])
    sheet.add("填表说明")
    sheet.add("1. 请如实填写。")
    sheet.add("2. 统一社会信用代码应为18位。")
    return sheet
