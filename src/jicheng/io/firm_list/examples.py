"""A plausible made-up firm for the example row of the template, which is never read."""

from __future__ import annotations

from jicheng.io.firm_list.columns import CellKind, Column
from jicheng.io.firm_list.credit_code import check_character
from jicheng.io.firm_list.headings import EXAMPLE_MARK

__all__ = ["EXAMPLE_CODE", "EXAMPLE_NAME", "example_of"]

EXAMPLE_NAME = f"{EXAMPLE_MARK}：某某科技有限公司（本行不读取 example, not read）"
_BODY = "91440101000000000"[:17]
EXAMPLE_CODE = _BODY + check_character(_BODY)

# In the units of the headings; amounts grow by a tenth a year.
_VALUES = {
    "months_registered": 66.0, "founded_year": 2020.0, "niche_years": 5.0,
    "staff_total": 60.0, "tech_staff": 13.0, "rd_staff": 12.0, "graduates_hired": 3.0,
    "postgraduate_staff": 6.0, "revenue": 3600.0, "main_revenue": 2900.0, "total_income": 3650.0,
    "ht_product_income": 2600.0, "cost_total": 3000.0, "rd_expense": 180.0, "rd_domestic": 180.0,
    "net_profit": 240.0, "assets_total": 4200.0, "liabilities": 1900.0, "net_assets": 2300.0,
    "ip_total": 4.0, "ip_class1": 1.0, "ip_class2": 3.0, "ip_class1_self": 1.0,
}  # fmt: skip
_GROWTH = 1.1
_OF_UNIT = {"CNY": 120.0, "ratio": 0.12, "points": None, "persons": 10.0, "count": 1.0}


def example_of(column: Column) -> float | str | None:
    """Return what the example row shows in a column; None = empty."""
    if column.is_judged:
        return None
    if column.kind is CellKind.CONDITION:
        return "是" if column.fact.endswith(("_valid", "_developed", "own_brand")) else "否"
    if column.options:
        return column.options[0].label.zh
    if column.kind is not CellKind.NUMBER:
        return None
    if column.unit == "day":
        return "2020-07-01"
    if column.may_be_never:
        return "无"
    value = _VALUES.get(column.fact, _OF_UNIT.get(column.unit, 1.0))
    if value is not None and column.unit == "CNY" and column.offset:
        value = round(value * _GROWTH**column.offset, 1)
    return value
