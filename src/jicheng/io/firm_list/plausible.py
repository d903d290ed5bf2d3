"""What cells of a row say of one another: what cannot be, and what is worth a second look.

What cannot be is refused (more technical staff than staff); what happens, but mostly by
a slip (R&D above revenue, a year ten times the last), is a warning and is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from jicheng.errors import Fault, Text, Where, fault
from jicheng.io.firm_list.cells import Said
from jicheng.io.firm_list.columns import Column

__all__ = ["PARTS", "Row", "check_row"]

_LEAP = 10.0  # times by which a yearly amount rarely changes (ours)
_PER_HEAD = 1e8  # yuan a head: above it the unit is mistaken (ours)
_MONEY_AT_LEAST = 1e6  # yuan below which leaps tell nothing (ours)

# A part cannot exceed its whole; (part, whole).
PARTS = (
    ("tech_staff", "staff_total"),
    ("rd_staff", "staff_total"),
    ("graduates_hired", "staff_total"),
    ("postgraduate_staff", "staff_total"),
    ("main_revenue", "revenue"),
    ("revenue", "total_income"),
    ("ht_product_income", "total_income"),
    ("rd_domestic", "rd_expense"),
    ("ip_class1", "ip_total"),
    ("ip_class2", "ip_total"),
    ("ip_class1_self", "ip_class1"),
    ("ip_class1_high_value", "ip_class1"),
    ("ip_class1_main_product", "ip_class1"),
)
_RARELY_ABOVE = (("rd_expense", "revenue"), ("liabilities", "assets_total"))
_PER_STAFF = ("revenue", "rd_expense", "assets_total")


@dataclass(frozen=True, slots=True)
class Row:
    """One firm as its row says: what each column holds, and where it stands.

    ``said`` and the places are by fact and year offset.
    """

    number: int
    said: Mapping[tuple[str, int], Said]
    columns: Mapping[tuple[str, int], Column]
    place: Callable[[tuple[str, int]], Where]

    def low(self, fact: str, offset: int = 0) -> float | None:
        """Return the least value of a fact; None if unknown."""
        said = self.said.get((fact, offset))
        return None if said is None else said.low

    def high(self, fact: str, offset: int = 0) -> float | None:
        """Return the greatest value of a fact; None if unknown."""
        said = self.said.get((fact, offset))
        return None if said is None else said.high


def check_row(row: Row, year: int) -> list[Fault]:
    """Return what is impossible (E958) and what is doubtful (E959, warnings) in a row."""
    return [*_impossible(row), *_before_founding(row, year), *_doubtful(row), *_leaps(row)]


def _pairs(row: Row, pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str, int]]:
    """Yield part, whole and offset where the part is certainly above the whole."""
    for part, whole in pairs:
        for fact, offset in row.said:
            if fact != part:
                continue
            least, most = row.low(part, offset), row.high(whole, offset)
            if least is not None and most is not None and least > most * (1 + 1e-9):
                yield part, whole, offset


def _impossible(row: Row) -> Iterator[Fault]:
    for part, whole, offset in _pairs(row, PARTS):
        one, other = row.columns[part, offset].label, row.columns[whole, offset].label
        what = Text(f"“{one.zh}”大于“{other.zh}”", f"{one.en} is above {other.en}")
        remedy = Text("核对这两格", "Check both cells")
        for fact in (part, whole):
            yield fault("E958", where=row.place((fact, offset)), what=what, remedy=remedy)


def _before_founding(row: Row, year: int) -> Iterator[Fault]:
    """Refuse amounts of years in which the firm did not exist: often two years are swapped."""
    founded = _founded(row, year)
    if founded is None:
        return
    source, first = founded
    if first > year:
        what = Text(f"成立于 {first} 年，晚于评价年度 {year}",
                    f"founded in {first}, after the evaluation year {year}")  # fmt: skip
        remedy = Text("核对成立时间和评价年度", "Check the foundation and the evaluation year")
        yield fault("E958", where=row.place((source, 0)), what=what, remedy=remedy)
        return
    for (fact, offset), said in row.said.items():
        column = row.columns[fact, offset]
        if column.year is None or not said.low or column.year >= first:
            continue
        what = Text(f"企业成立于 {first} 年，却有 {column.year} 年的“{column.label.zh}”",
                    f"the firm was founded in {first} and has {column.label.en} of "
                    f"{column.year}")  # fmt: skip
        remedy = Text(
            "核对成立时间，以及各年份是否填反",
            "Check the foundation, and whether years are swapped",
        )
        yield fault("E958", where=row.place((fact, offset)), what=what, remedy=remedy)


def _founded(row: Row, year: int) -> tuple[str, int] | None:
    """Return the earliest year of foundation that the row allows, and who says so."""
    month, own = row.low("founded_on"), row.low("founded_year")
    months = row.high("months_registered")
    if month is not None:
        return "founded_on", int(month // 12)
    if own is not None:
        return "founded_year", int(own)
    return None if months is None else ("months_registered", year - int(months // 12))


def _doubtful(row: Row) -> Iterator[Fault]:
    for part, whole, offset in _pairs(row, _RARELY_ABOVE):
        one, other = row.columns[part, offset].label, row.columns[whole, offset].label
        what = Text(f"“{one.zh}”大于“{other.zh}”", f"{one.en} is above {other.en}")
        yield _doubt(row, (part, offset), what)
    staff = row.high("staff_total")
    for fact in _PER_STAFF:
        amount = row.low(fact)
        if staff and amount is not None and amount / staff > _PER_HEAD:
            label = row.columns[fact, 0].label
            shown = amount / staff / 1e8
            what = Text(f"人均“{label.zh}”达 {shown:,.1f} 亿元，是否把元填进了万元列",
                        f"{label.en} a head is {shown:,.1f} hundred million yuan: were yuan "
                        "typed in a column of 10,000 yuan?")  # fmt: skip
            yield _doubt(row, (fact, 0), what)


def _leaps(row: Row) -> Iterator[Fault]:
    """Warn where a year is ten times its neighbour: another unit, or swapped years."""
    for (fact, offset), said in row.said.items():
        before = row.said.get((fact, offset - 1))
        column = row.columns[fact, offset]
        if before is None or column.unit != "CNY" or not said.low or not before.low:
            continue
        greater, lesser = max(said.low, before.low), min(said.low, before.low)
        if lesser > 0 and greater > _LEAP * lesser and greater > _MONEY_AT_LEAST:
            times = greater / lesser
            what = Text(f"“{column.label.zh}”与上年相差 {times:,.0f} 倍，单位或年份是否填错",
                        f"{column.label.en} differs {times:,.0f} times from the year before: is "
                        "the unit or the year mistaken?")  # fmt: skip
            yield _doubt(row, (fact, offset), what)


def _doubt(row: Row, key: tuple[str, int], what: Text) -> Fault:
    return fault("E959", where=row.place(key), is_warning=True, what=what)
