"""A handful of columns such as packs ask for, made by hand."""

from __future__ import annotations

from jicheng.errors import Text
from jicheng.io.firm_list.columns import CREDIT_CODE, NAME, CellKind, Column, Option

__all__ = [
    "COLUMNS",
    "DIGITAL",
    "HIGH_TECH",
    "MONTHS",
    "RD",
    "REVENUE",
    "SHARE",
    "STAFF",
    "TECH",
    "YEAR",
]

YEAR = 2025


def number(
    fact: str, zh: str, en: str, unit: str, *, year: int | None = None, **more: object
) -> Column:
    offset = 0 if year is None else year - YEAR
    given = {"minimum": 0.0, **more}
    return Column(fact=fact, kind=CellKind.NUMBER, label=Text(zh, en), help=Text(zh, en),
                  unit=unit, year=year, offset=offset, packs=("cn.test",), **given)  # type: ignore[arg-type]  # fmt: skip


STAFF = number("staff_total", "职工总数", "Staff", "persons", is_integer=True)
TECH = number("tech_staff", "科技人员数", "Technical staff", "persons", is_integer=True)
REVENUE = [
    number("revenue", "营业收入", "Revenue", "CNY", year=year) for year in (2023, 2024, 2025)
]
RD = [number("rd_expense", "研发费用", "R&D expense", "CNY", year=year) for year in (2024, 2025)]
SHARE = number(
    "national_niche_share", "国内市场占有率", "National niche share", "ratio", maximum=1.0
)
MONTHS = number("months_registered", "注册满月数", "Months registered", "months")
HIGH_TECH = Column(fact="hte_valid", kind=CellKind.CONDITION,
                   label=Text("高新技术企业有效", "Valid high-tech enterprise"))  # fmt: skip
DIGITAL = Column(
    fact="rd_institution_level",
    kind=CellKind.CHOICE,
    label=Text("研发机构级别", "Level of the R&D body"),
    options=(
        Option("national", Text("国家级", "National")),
        Option("provincial", Text("省级", "Provincial")),
        Option("none", Text("没有", "None")),
    ),
)
COLUMNS = (NAME, CREDIT_CODE, STAFF, TECH, *REVENUE, *RD, SHARE, MONTHS, HIGH_TECH, DIGITAL)
