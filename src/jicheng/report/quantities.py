"""Numbers as people read them: shares in percent, money in 万元 and millions, intervals.

Money is kept in 万元 (10,000 of the currency) as in the tables; Chinese shows 万元
and, from one 亿元 on, 亿元; English shows millions. The unit is always written.
"""

from __future__ import annotations

import math

from jicheng.errors import Text

__all__ = [
    "amount",
    "between",
    "count",
    "date",
    "decimal",
    "effect",
    "effect_between",
    "fine_effect",
    "money",
    "money_between",
    "money_unit",
    "share",
    "share_between",
    "span",
    "years",
]

_WAN_PER_YI = 10_000
_WAN_PER_MILLION = 100
_MINUS = "\u2212"
_DASH = "\u2013"


def _same(text: str) -> Text:
    return Text(text, text)


def _signed(text: str) -> str:
    return text.replace("-", _MINUS)


def decimal(value: float, digits: int | None = None) -> Text:
    """Return a plain number; without ``digits`` two decimals, three below 0.1."""
    if digits is None:
        digits = 2 if value == 0 or abs(value) >= 0.1 else 3
    return _same(_signed(f"{_unsigned_zero(value, digits):,.{digits}f}"))


def _unsigned_zero(value: float, digits: int) -> float:
    """Return the rounded value, with -0.0 as 0.0."""
    return round(value, digits) + 0.0


def count(value: int) -> Text:
    """Return a whole number with thousands separated."""
    return _same(_signed(f"{value:,}"))


def share(value: float) -> Text:
    """Return a share from 0 to 1 as percent with one decimal; a trace is not zero."""
    percent = value * 100
    if percent != 0 and abs(percent) < 0.05:
        return _same("<0.1%" if percent > 0 else f">{_MINUS}0.1%")
    return _same(_signed(f"{_unsigned_zero(percent, 1):.1f}%"))


def share_between(low: float, high: float) -> Text:
    """Return the interval of a share, the sign written once."""
    return _same(f"{_plain_percent(low)}{_DASH}{_plain_percent(high)}%")


def _plain_percent(value: float) -> str:
    return share(value).en.removesuffix("%")


def effect(value: float) -> Text:
    """Return what a plan changes, as percent with two decimals; a trace is not zero."""
    percent = value * 100
    if percent != 0 and abs(percent) < 0.005:
        return _same("<0.01%" if percent > 0 else f">{_MINUS}0.01%")
    return _same(_signed(f"{_unsigned_zero(percent, 2):.2f}%"))


def fine_effect(value: float) -> Text:
    """Return a part of what a plan changes, as percent with two significant digits.

    Two decimals at least and four at most; a trace is not zero.
    """
    percent = value * 100
    if percent == 0 or abs(percent) >= 0.1:
        return effect(value)
    if abs(percent) < 0.00005:
        return _same("<0.0001%" if percent > 0 else f">{_MINUS}0.0001%")
    digits = min(4, 1 - math.floor(math.log10(abs(percent))))
    return _same(_signed(f"{percent:.{digits}f}%"))


def effect_between(low: float, high: float) -> Text:
    """Return the interval of an effect, the sign written once."""
    return _same(f"{effect(low).en.removesuffix('%')}{_DASH}{effect(high).en}")


def between(low: float, high: float, digits: int | None = None) -> Text:
    """Return an interval of plain numbers."""
    return _same(f"{decimal(low, digits).en}{_DASH}{decimal(high, digits).en}")


def span(low: int, high: int) -> Text:
    """Return a range of whole numbers, one number if both ends meet."""
    return _same(f"{low}" if low == high else f"{low}{_DASH}{high}")


def years(low: float | None, high: float | None) -> Text:
    """Return a range of years with its unit; an open end is written as such."""
    if low is None or high is None:
        known = high if low is None else low
        sign = "≤" if low is None else "≥"
        return Text(f"{sign}{known:g} 年", f"{sign}{known:g} years")
    text = f"{low:g}" if low == high else f"{low:g}{_DASH}{high:g}"
    return Text(f"{text} 年", f"{text} year" if text == "1" else f"{text} years")


def money(wan: float, currency: str = "CNY") -> Text:
    """Return an amount given in 万元, with its unit."""
    return money_between(wan, wan, currency)


def money_between(low: float, high: float, currency: str = "CNY") -> Text:
    """Return a range of amounts given in 万元, the unit written once."""
    unit = "元" if currency == "CNY" else f" {currency}"
    is_large = abs(high) >= _WAN_PER_YI
    wan = [f"{end / _WAN_PER_YI:,.2f}" if is_large else f"{end:,.0f}" for end in (low, high)]
    millions = [_millions(end) for end in (low, high)]
    return Text(
        _signed(f"{_DASH.join(dict.fromkeys(wan))} {'亿' if is_large else '万'}{unit}"),
        _signed(f"{currency} {_DASH.join(dict.fromkeys(millions))} million"),
    )


def amount(wan: float) -> Text:
    """Return an amount without unit, for a column whose head is `money_unit`."""
    return Text(_signed(f"{wan:,.0f}"), _signed(_millions(wan)))


def _millions(wan: float) -> str:
    return f"{wan / _WAN_PER_MILLION:,.1f}"


def money_unit(currency: str = "CNY") -> Text:
    """Return the unit in which `amount` writes."""
    return Text("万元" if currency == "CNY" else f"万 {currency}", f"{currency} million")


def date(iso: str) -> Text:
    """Return an ISO date as it is, the same in both languages."""
    return _same(iso)
