"""The columns of a list of firms: one for each fact and year that some packs ask about."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from jicheng.errors import Text

__all__ = [
    "CREDIT_CODE",
    "FOUNDED",
    "FROM_FOUNDATION",
    "NAME",
    "CellKind",
    "Column",
    "Option",
    "Unit",
    "unit_of",
]


class CellKind(StrEnum):
    """What a cell may hold."""

    TEXT = "text"
    NUMBER = "number"
    CONDITION = "condition"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Unit:
    """How staff write a quantity: its sign, and what one of it is in the unit of the facts."""

    sign: Text
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a choice, and how it is shown."""

    value: str
    label: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A fact in a year, as a column.

    Attributes
    ----------
    fact : str
        Name in the dictionary of facts; ``name`` and ``credit_code`` tell who is meant.
    offset : int
        Year before the evaluation year: 0, -1, -2; 0 for what has no year.
    year : int or None
        The year in the heading; None for what has no year.
    kind : CellKind
        What its cells hold.
    label, help : Text
        Heading without unit and year, and how it is counted.
    unit : str
        As in the dictionary (``CNY``, ``ratio``, ``persons`` ...).
    minimum, maximum : float
        Natural range in that unit.
    is_integer : bool
        Whether only whole numbers make sense.
    options : tuple of Option
        Values of a choice.
    packs : tuple of str
        Ids of the packs that ask.
    is_judged : bool
        Whether reviewers fill it in, not the firm.
    may_be_never : bool
        Whether 无 (none) means that it never was: years since an award, a place in a contest.
    is_offered : bool
        Whether the template has the column; others are read where a list has them.
    also : tuple of str
        Other headings under which staff keep it.
    """

    fact: str
    kind: CellKind
    label: Text
    help: Text = field(default_factory=lambda: Text("", ""))
    offset: int = 0
    year: int | None = None
    unit: str = ""
    minimum: float = -math.inf
    maximum: float = math.inf
    is_integer: bool = False
    options: tuple[Option, ...] = ()
    packs: tuple[str, ...] = ()
    is_judged: bool = False
    may_be_never: bool = False
    is_offered: bool = True
    also: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return the name that programs read: ``rd_expense@2024``."""
        return self.fact if self.year is None else f"{self.fact}@{self.year}"

    @property
    def shown_unit(self) -> Unit:
        """Return how staff write its numbers; what is judged by levels may be given points."""
        if self.is_judged and not self.options:
            return Unit(Text("分", "points"))
        return unit_of(self.unit)

    @property
    def heading(self) -> Text:
        """Return the heading with year and unit, in both languages."""
        unit = self.shown_unit
        year_zh = "" if self.year is None else f" {self.year}年"
        year_en = "" if self.year is None else f" {self.year}"
        sign_zh = f"（{unit.sign.zh}）" if unit.sign.zh else ""
        sign_en = f" ({unit.sign.en})" if unit.sign.en else ""
        return Text(self.label.zh + year_zh + sign_zh, self.label.en + year_en + sign_en)


NAME = Column(
    fact="name",
    kind=CellKind.TEXT,
    label=Text("企业名称", "Name of the firm"),
    help=Text("注册全称，必填", "Full registered name; required"),
    also=("企业", "公司名称", "单位名称", "单位", "名称", "firm", "company", "name"),
)
CREDIT_CODE = Column(
    fact="credit_code",
    kind=CellKind.TEXT,
    label=Text("统一社会信用代码", "Unified social credit code"),
    help=Text(
        "18 位，以文本填写；同一企业只出现一次",
        "18 characters, written as text; each firm occurs once",
    ),
    also=("信用代码", "社会信用代码", "统一信用代码", "credit code"),
)
FOUNDED = Column(
    fact="founded_on",
    kind=CellKind.NUMBER,
    label=Text("成立日期", "Founded on"),
    help=Text(
        "营业执照上的成立日期；只知道年份时填年份",
        "Day of foundation on the business licence; the year if no more is known",
    ),
    unit="day",
    minimum=1900 * 12.0,
    also=("成立时间", "注册时间", "注册日期", "注册登记日期", "founded", "registered"),
)
FROM_FOUNDATION = ("months_registered", "founded_year")  # facts that the day tells

_WAN = 1e4
_UNITS = {
    "CNY": Unit(Text("万元", "10,000 yuan"), _WAN),
    "ratio": Unit(Text("%", "%"), 0.01),
    "persons": Unit(Text("人", "persons")),
    "count": Unit(Text("个", "number")),
    "per year": Unit(Text("个/年", "a year")),
    "months": Unit(Text("月", "months")),
    "years": Unit(Text("年", "years")),
    "year": Unit(Text("年份", "year")),
    "day": Unit(Text("年-月-日", "date")),
    "level": Unit(Text("级", "level")),
    "rank": Unit(Text("名次", "place")),
    "points": Unit(Text("等级或分数", "level or points")),
}


def unit_of(unit: str) -> Unit:
    """Return how staff write a unit of the dictionary; unknown ones as they are."""
    return _UNITS.get(unit, Unit(Text(unit, unit)))
