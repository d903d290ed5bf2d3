"""The lists of equipment, key technologies and money."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from jicheng.sample.raw.bodies import Body, rows_of
from jicheng.sample.raw.drafts import SheetDraft
from jicheng.sample.raw.writing import days

__all__ = ["equipment_sheets", "technology_sheets"]

_MONEY = (
    ("园区关键技术攻关专项", "财政资金", 5200, "", "60%", 2026),
    ("集成电路产业基金", "社会资本", 3000, "集成电路", "50%", 2026),
    ("科技信贷风险补偿", "金融资本", 1500, "工业机器人、新能源汽车、生物医药", 0.4, 2026),
)

_TECHNOLOGY_HEADINGS = (
    "技术编号 技术名称 英文名称 产业链 产业链环节 技术类型 技术说明 下游产品 主要来源国及份额"
    " 进口依存度 替代年限 所需能力 攻关经费 攻关周期（年） 可替代比例 发榜单位"
)


def equipment_sheets(bodies: Sequence[Body]) -> tuple[SheetDraft, ...]:
    """Return the sheet of equipment; instruments of one owner stand under its merged name."""
    sheet = SheetDraft("大型仪器")
    sheet.add("大型科学仪器开放共享目录（示例数据，虚构）截至2025年10月31日")
    sheet.add("所属单位", "仪器名称", "规格型号", "生产厂家", "主要功能", "年开放机时（小时）",
              "收费标准（元/小时）", "购置日期", "联系人")  # fmt: skip
    placed = sorted(
        ((_owner(bodies, row), row) for row in rows_of("equipment")), key=lambda one: one[0].key
    )
    start, before = 3, ""
    for k, (owner, row) in enumerate(placed):
        faults: dict[str, str] = {}
        hours: object = 300 + 100 * (k % 12)
        price: object = f"{80 + 20 * (k % 9)}元/小时" if k % 3 else 80 + 20 * (k % 9)
        when = days(dt.date(2012 + k % 11, k % 12 + 1, 15), k)
        if k == 4:
            hours, faults["F"] = "约八百", "E634"
        if k == 7:
            price, faults["G"] = "面议", "E634"
        if k == 10:
            when, faults["H"] = "2019年13月", "E632"
        if k == 12:
            hours = "1200小时"
        if k == 14:
            hours, price = "待补", "/"
        number = sheet.add(owner.name if owner.key != before else "", row["name"], row["model"],
                           row["maker"], row["use"], hours, price, when, faults=faults)  # fmt: skip
        if owner.key != before:
            _merge(sheet, start, number - 1)
            start, before = number, owner.key
    _merge(sheet, start, len(sheet.rows))
    sheet.add("合计", f"{len(placed)}台（套）")
    return (sheet,)


def _merge(sheet: SheetDraft, top: int, bottom: int) -> None:
    if bottom > top:
        sheet.merge(top, "A", bottom, "A")


def _owner(bodies: Sequence[Body], row: dict[str, str]) -> Body:
    """Return who has an instrument: one who works on what it serves."""
    able = [body for body in bodies if row["capability"] in (*body.main, *body.also)]
    listed = [body for body in able if body.is_listed]
    return next((body for body in listed if body.kind == row["owner_kind"]), listed[0])


def technology_sheets(bodies: Sequence[Body]) -> tuple[SheetDraft, ...]:
    """Return the sheets of key technologies and of money."""
    return _technologies(bodies), _purses()


def _technologies(bodies: Sequence[Body]) -> SheetDraft:
    names = {body.key: body.name for body in bodies}
    sheet = SheetDraft("关键技术清单")
    sheet.add("示例园区关键核心技术攻关清单（示例数据，虚构）　截至2025年12月31日")
    sheet.add(*_TECHNOLOGY_HEADINGS.split())
    planted = {"T06": {"I": "E635"}, "T07": {"I": "E636", "M": "E633"}}
    for row in rows_of("technologies"):
        cells = {**row, "owner": names[row["owner"]]}
        for name in ("duration",):
            cells[name] = int(row[name])  # type: ignore[assignment]
        for name in ("import_reliance", "relief", "funding"):
            if row[name].replace(".", "").isdigit():
                cells[name] = float(row[name])  # type: ignore[assignment]
        sheet.add(*cells.values(), faults=planted.get(row["code"], {}))
    return sheet


def _purses() -> SheetDraft:
    sheet = SheetDraft("资金安排")
    sheet.add("攻关资金安排（示例数据，虚构）", "", "单位：万元")
    sheet.add("资金名称", "资金性质", "安排金额", "支持产业链", "单项出资上限", "年度")
    for row in _MONEY:
        sheet.add(*row)
    sheet.add("合计", "", sum(int(row[2]) for row in _MONEY))
    return sheet
