"""Read one cell of a list the way offices fill it in; tell what cannot be read for certain.

A cell that says nothing (empty, a dash, 无, 待补) is unknown. What Excel has damaged, a day
that may be two days, money without a unit are told and count as unknown too.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jicheng.cells import DIGITS_KEPT
from jicheng.errors import Fault, Text, Where, fault
from jicheng.identifiers import Scheme, read
from jicheng.io.firm_list.cells import is_blank, plain, read_cell
from jicheng.io.firm_list.columns import CellKind, Column
from jicheng.io.raw.days import read_day
from jicheng.io.raw.kinds import CellType
from jicheng.io.raw.names import split_list, split_organisations, split_people, tidy_name
from jicheng.io.raw.shares import CountryShare, read_shares
from jicheng.io.raw.words import word_for

__all__ = ["Context", "Said", "says_nothing"]

_NOTHING = ("无", "没有", "暂无", "待定", "待填", "待补充", "未填", "空", "none", "null", "nil",
            "tbd", "-/-", "--", "——")  # fmt: skip
_SCIENTIFIC = re.compile(r"[+-]?\d(?:\.\d+)?e\+?\d{1,3}", re.IGNORECASE)
_FORMULA = ("=", "+", "@", "\t", "\r")
_ERRORS = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA)")
_IPC = re.compile(r"([A-H]\d{2}[A-Z])\s*(\d{1,4})\s*/\s*(\d{2,6})|([A-H]\d{2}[A-Z])(?!\s*\d)")
_PEOPLE_NOTE = re.compile(r"(?<=[\u4e00-\u9fff])[\d,*#†‡\s]+$|[*#†‡]+")
_MOST = 60  # characters of a cell that a fault shows
_LONGEST = 20_000  # characters of a text that are kept
_PERCENT = 0.01


@dataclass(frozen=True, slots=True)
class Said:
    """What a cell says, in the one form of its type; the others are empty.

    ``text`` is plain text, a code, a choice or an ISO date as far as it is known; ``names``
    a list; ``low`` and ``high`` the ends of a number; ``shares`` countries.
    """

    text: str = ""
    names: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    shares: tuple[CountryShare, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """How to read the cells of a column: its type, unit and place of its cells."""

    type: CellType
    factor: float | None
    is_1904: bool

    def read(self, cell: Any, where: Where) -> tuple[Said | None, list[Fault]]:
        """Read a cell; None = it says nothing that can be used.

        Faults are warnings: E176 an error of Excel, E630, E631 lost digits, E632 days, E633
        money without unit, E634 other values, E635, E636 shares, E658 formulas; E370, E371
        identifiers that cannot be right.
        """
        if isinstance(cell, str) and _ERRORS.fullmatch(cell.strip()):
            return None, [fault("E176", where=where, is_warning=True, value=cell.strip())]
        if says_nothing(cell):
            return None, []
        return _READERS[self.type](cell, self, where)


def says_nothing(cell: Any) -> bool:
    """Tell whether a cell is empty or says that nothing is known."""
    return is_blank(cell) or plain(cell).lower() in _NOTHING


def _text(cell: Any, _: Context, where: Where) -> tuple[Said | None, list[Fault]]:
    text = _spelled(cell)
    if text.startswith(_FORMULA):
        return None, [fault("E658", where=where, is_warning=True, value=text[0])]
    return Said(text=re.sub(r"\s+", " ", text)[:_LONGEST]), []


def _long_text(cell: Any, _: Context, where: Where) -> tuple[Said | None, list[Fault]]:
    text = _spelled(cell)
    if text.startswith(_FORMULA):
        return None, [fault("E658", where=where, is_warning=True, value=text[0])]
    return Said(text=re.sub(r"[ \t\xa0\u3000]+", " ", text)[:_LONGEST]), []


def _spelled(cell: Any) -> str:
    """Return a cell as text without what no text has: control characters, marks, blanks."""
    text = cell if isinstance(cell, str) else plain(cell)
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("_x000D_", ""))
    text = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u200e\u200f\ufffe\uffff\ufeff]", "", text)
    return text.strip(" \u3000\xa0\n'")


def _organisation(cell: Any, _: Context, where: Where) -> tuple[Said | None, list[Fault]]:
    name = tidy_name(_spelled(cell))
    if name.startswith(_FORMULA):
        return None, [fault("E658", where=where, is_warning=True, value=name[0])]
    if len(name) < 2 or re.fullmatch(r"[\d\W]+", name):
        return None, [_unreadable(cell, where, Text("名称", "a name"), "岭湾某某科技有限公司")]
    return Said(text=name), []


def _listed(split: Callable[[str], tuple[str, ...]]) -> _Reader:
    def reader(cell: Any, _: Context, where: Where) -> tuple[Said | None, list[Fault]]:
        text = _spelled(cell)
        if text.startswith(_FORMULA):
            return None, [fault("E658", where=where, is_warning=True, value=text[0])]
        names = tuple(one for one in split(text) if not says_nothing(one))
        return (Said(names=names), []) if names else (None, [])

    return reader


def _people(cell: Any, context: Context, where: Where) -> tuple[Said | None, list[Fault]]:
    text = _PEOPLE_NOTE.sub("", _spelled(cell))
    return _listed(split_people)(text, context, where)


def _is_damaged(cell: Any) -> bool:
    """Tell whether Excel keeps or shows only the first digits of a number."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return abs(cell) >= DIGITS_KEPT
    return _SCIENTIFIC.fullmatch(plain(cell)) is not None


def _credit_code(cell: Any, _: Context, where: Where) -> tuple[Said | None, list[Fault]]:
    if _is_damaged(cell):
        return None, [fault("E630", where=where, is_warning=True, value=plain(cell)[:_MOST])]
    found = read(Scheme.CREDIT_CODE, plain(cell), where)
    if found.fault is not None:
        return None, [_as_warning(found.fault)]
    return Said(text=found.code), []


def _orcid(cell: Any, _: Context, where: Where) -> tuple[Said | None, list[Fault]]:
    found = read(Scheme.ORCID, plain(cell), where)
    if found.fault is not None:
        return None, [_as_warning(found.fault)]
    return Said(text=found.code), []


def _number_code(cell: Any, _: Context, where: Where) -> tuple[Said | None, list[Fault]]:
    """Read the number of a patent: capitals without blanks; ZL and CN before digits are one."""
    if _is_damaged(cell):
        return None, [fault("E631", where=where, is_warning=True, value=plain(cell)[:_MOST])]
    code = re.sub(r"[\s'-]", "", plain(cell)).upper()
    if not re.fullmatch(r"[A-Z]{0,4}[\d.]{4,}[A-Z]?\d?X?", code):
        kind = Text("号码", "a number")
        return None, [_unreadable(cell, where, kind, "CN202310123456.7")]
    return Said(text=re.sub(r"^(?:ZL|CNZL)?(?=\d)", "CN", code).replace("ZL", "CN", 1)), []


def _doi(cell: Any, _: Context, where: Where) -> tuple[Said | None, list[Fault]]:
    code = re.sub(r"^(?:https?://)?(?:dx\.)?(?:doi\.org/)?(?:doi:?)?", "", plain(cell).lower())
    if not code.startswith("10."):
        return None, [_unreadable(cell, where, Text("DOI", "a DOI"), "10.1234/abc.2024.01")]
    return Said(text=code), []


def _ipc(cell: Any, _: Context, where: Where) -> tuple[Said | None, list[Fault]]:
    bare = re.sub(r"\(\d{4}[.\d]*\)\s*[IN]?", "", plain(cell).upper())
    found = [f"{a}{b}/{c}" if a else d for a, b, c, d in _IPC.findall(bare)]
    if not found:
        return None, [_unreadable(cell, where, Text("分类号", "an IPC code"), "G03F7/20")]
    return Said(names=tuple(dict.fromkeys(found))), []


def _telephone(cell: Any, _: Context, where: Where) -> tuple[Said | None, list[Fault]]:
    """Read the first telephone of a cell; a number that Excel made a float has its digits."""
    if isinstance(cell, str) and _is_damaged(cell):
        return None, [fault("E631", where=where, is_warning=True, value=plain(cell)[:_MOST])]
    text = re.sub(r"\.0$", "", plain(cell))
    for one in re.split(r"[;；、,，\n]|\s/\s|(?<=\d{7})/", text):
        digits = re.sub(r"\D", "", one.split("转")[0])
        if 7 <= len(digits) <= 15:
            return Said(text=digits), []
    kind = Text("电话号码", "a telephone number")
    return None, [_unreadable(cell, where, kind, "020-12345678")]


def _date(cell: Any, context: Context, where: Where) -> tuple[Said | None, list[Fault]]:
    day = read_day(cell, is_1904=context.is_1904)
    if day is None:
        return None, [fault("E632", where=where, is_warning=True, value=str(cell)[:_MOST])]
    return Said(text=day), []


def _year(cell: Any, context: Context, where: Where) -> tuple[Said | None, list[Fault]]:
    said, faults = _date(cell, context, where)
    return (None if said is None else Said(text=said.text[:4])), faults


def _number(cell: Any, context: Context, where: Where) -> tuple[Said | None, list[Fault]]:
    said, faults = _number_range(cell, context, where)
    if said is not None and said.low != said.high:
        kind = Text("一个数值", "one number")
        return None, [_unreadable(cell, where, kind, "1200.5")]
    return said, faults


def _number_range(cell: Any, _: Context, where: Where) -> tuple[Said | None, list[Fault]]:
    text = re.sub(r"^(约|近|大约|预计|需)\s*", "", plain(cell)) if isinstance(cell, str) else cell
    text = re.sub(r"(小时|个?月|年)$", "", text) if isinstance(text, str) else text
    text = re.sub(r"(小时|年)(?=[-~至到])", "", text) if isinstance(text, str) else text
    return _ends(text, cell, "", 1.0, where)


def _money(unit: float, *, is_range: bool) -> _Reader:
    """Return a reader of money in units of so many yuan."""

    def reader(cell: Any, context: Context, where: Where) -> tuple[Said | None, list[Fault]]:
        text = re.sub(r"^(约|近|不超过|拟)\s*", "", plain(cell)) if isinstance(cell, str) else cell
        text = re.sub(r"/\s*(小时|h|次|样|机时)$", "", text) if isinstance(text, str) else text
        has_unit = isinstance(text, str) and re.search(r"[元万亿]", text) is not None
        if context.factor is None and not has_unit and re.search(r"\d", plain(cell)):
            return None, [fault("E633", where=where, is_warning=True, value=str(cell)[:_MOST])]
        said, faults = _ends(text, cell, "CNY", context.factor or 1.0, where)
        if said is None or said.low is None or said.high is None:
            return None, faults
        if not is_range and said.low != said.high:
            return None, [_unreadable(cell, where, Text("一个金额", "one amount"), "800万元")]
        return Said(low=_scaled(said.low, unit), high=_scaled(said.high, unit)), []

    return reader


def _scaled(amount: float, unit: float) -> float:
    return float(f"{amount / unit:.12g}")


def _share(cell: Any, context: Context, where: Where) -> tuple[Said | None, list[Fault]]:
    """Read a share; above 1 only a percentage can be meant."""
    text = re.sub(r"^(约|近|超过|大于|>|≥)\s*", "", plain(cell)) if isinstance(cell, str) else cell
    factor = context.factor if context.factor == _PERCENT else 1.0
    try:
        number = float(text)
    except (TypeError, ValueError):
        number = math.nan
    if number > 1.0:
        factor = _PERCENT
    return _ends(text, cell, "ratio", factor, where)


def _ends(
    text: Any, cell: Any, unit: str, factor: float, where: Where
) -> tuple[Said | None, list[Fault]]:
    top = 1.0 if unit == "ratio" else math.inf
    label = Text("", "")
    column = Column(fact="", kind=CellKind.NUMBER, label=label, unit=unit, minimum=0.0, maximum=top)
    found, faults = read_cell(text, column, where, factor=factor, last_day=dt.date(2100, 12, 31))
    if faults or found.low is None or found.high is None:
        example = "61%" if unit == "ratio" else "800万元" if unit == "CNY" else "3"
        return None, [_unreadable(cell, where, Text("数值", "a number"), example)]
    return Said(low=found.low, high=found.high), []


def _shares(cell: Any, _: Context, where: Where) -> tuple[Said | None, list[Fault]]:
    return_shares, faults = read_shares(_spelled(cell), where)
    return (Said(shares=return_shares), faults) if return_shares else (None, faults)


def _word(choice: str) -> _Reader:
    def reader(cell: Any, _: Context, where: Where) -> tuple[Said | None, list[Fault]]:
        value, known = word_for(choice, plain(cell))
        if value is None:
            return None, [_unreadable(cell, where, Text("可选值", "a known word"), known)]
        return Said(text=value), []

    return reader


def _unreadable(cell: Any, where: Where, kind: Text, example: str) -> Fault:
    value = str(cell)[:_MOST]
    return fault("E634", where=where, is_warning=True, value=value, type=kind, example=example)


def _as_warning(found: Fault) -> Fault:
    return Fault(found.code, found.message, found.hint, found.where, is_warning=True)


_Reader = Callable[[Any, Context, Where], tuple[Said | None, list[Fault]]]
_READERS: dict[CellType, _Reader] = {
    CellType.TEXT: _text,
    CellType.LONG_TEXT: _long_text,
    CellType.ORGANISATION: _organisation,
    CellType.ORGANISATIONS: _listed(split_organisations),
    CellType.PEOPLE: _people,
    CellType.LIST: _listed(split_list),
    CellType.CREDIT_CODE: _credit_code,
    CellType.NUMBER_CODE: _number_code,
    CellType.ORCID: _orcid,
    CellType.DOI: _doi,
    CellType.IPC: _ipc,
    CellType.TELEPHONE: _telephone,
    CellType.DATE: _date,
    CellType.YEAR: _year,
    CellType.NUMBER: _number,
    CellType.NUMBER_RANGE: _number_range,
    CellType.YUAN: _money(1.0, is_range=False),
    CellType.WAN: _money(1e4, is_range=False),
    CellType.WAN_RANGE: _money(1e4, is_range=True),
    CellType.SHARE: _share,
    CellType.SHARES: _shares,
    CellType.SIZE: _word("organisation_size"),
    CellType.ORGANISATION_KIND: _word("organisation_kind"),
    CellType.PERSON_KIND: _word("person_kind"),
    CellType.TECHNOLOGY_KIND: _word("technology_kind"),
    CellType.PURSE_KIND: _word("purse_kind"),
}
