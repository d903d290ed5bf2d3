"""Read cells of text the way people write them: numbers, dates, countries, choices.

The one place that knows which spellings are understood; what cannot be read comes
back empty, and :mod:`jicheng.conform` turns that into a fault with its place.
Everything is an expression, so that a table is typed in a few passes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache

import polars as pl

from jicheng.schema import Attribute, Kind, choices, countries

__all__ = ["DIGITS_KEPT", "as_text", "country_code", "parse", "translated_lists"]

DIGITS_KEPT = 1e15  # a float holds whole numbers of 15 digits without loss
_TRUE = ("true", "1", "yes", "y", "是", "有", "√")
_FALSE = ("false", "0", "no", "n", "否", "无", "×")
_PERCENT_DIGITS = 12
_BLANK = " \u3000\xa0\n\ufeff"
_DASHES = r"^[-–—−－]+$"
_THOUSANDS = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?\s*%?$"
_DAY = r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?([ T].*)?$"
_COMPACT_DAY = r"^(\d{4})(\d{2})(\d{2})$"


def as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    """Write every value of a column as text the way a person would, empty as null.

    Blanks around the text, a byte-order mark and a lone dash mean nothing; line
    breaks become LF and letters their composed form (NFC), so that one content has
    one spelling and one hash. A leading TAB or CR stays, for the caller to refuse.
    """
    column = pl.col(name)
    if dtype.is_float():
        whole = column.is_finite() & (column == column.round()) & (column.abs() < DIGITS_KEPT)
        integer = column.cast(pl.Int64, strict=False).cast(pl.String)
        return pl.when(whole).then(integer).otherwise(column.cast(pl.String))
    text = column.cast(pl.String).str.replace_all("\r\n", "\n", literal=True)
    text = text.str.normalize("NFC").str.strip_chars_start(_BLANK)
    text = text.str.strip_chars_end(_BLANK + "\t\r")
    is_empty = (text.str.len_bytes() == 0) | text.str.contains(_DASHES)
    return pl.when(~is_empty).then(text)


def parse(attribute: Attribute, *, lists: dict[str, str | None] | None = None) -> pl.Expr:
    """Read a column of text as the kind of its attribute says; unreadable = null.

    Parameters
    ----------
    attribute : Attribute
        Names the column; its kind and choice decide the type of the result.
    lists : dict, optional
        For a list of choices: :func:`translated_lists` of the column.
    """
    kind, text = attribute.kind, pl.col(attribute.name)
    if kind in (Kind.ID, Kind.REFERENCE, Kind.TEXT):
        return text
    if kind is Kind.LIST:
        parts = _parts(text)
        if lists is None:
            return parts
        return parts.replace_strict(lists, default=None, return_dtype=pl.String)
    plain = text.str.normalize("NFKC").str.strip_chars()
    if kind is Kind.COUNTRY:
        code = plain.str.to_uppercase()
        code = pl.when(code.str.contains(r"^[A-Z]{3}$")).then(code)
        return pl.coalesce([_looked_up(plain, _country_forms()), code])
    if kind is Kind.CHOICE:
        return _looked_up(plain, _choice_forms(attribute.choice))
    if kind is Kind.BOOLEAN:
        low = plain.str.to_lowercase()
        is_true, is_false = low.is_in(list(_TRUE)), low.is_in(list(_FALSE))
        return pl.when(is_true).then(pl.lit(value=True)).when(is_false).then(pl.lit(value=False))
    if kind is Kind.DATE:
        day = plain.str.replace(_DAY, "$1-$2-$3").str.replace(_COMPACT_DAY, "$1-$2-$3")
        is_full = day.str.contains(r"^\d{4}-\d{1,2}-\d{1,2}$")
        return pl.when(is_full).then(day).str.to_date("%Y-%m-%d", strict=False)
    return _number(kind, plain)


def _looked_up(plain: pl.Expr, forms: dict[str, str]) -> pl.Expr:
    return plain.str.to_lowercase().replace_strict(forms, default=None, return_dtype=pl.String)


def _parts(text: pl.Expr) -> pl.Expr:
    """Join the parts of a list by ``;``, whatever separates them."""
    parts = text.str.replace_all(r"\s*[;；、,，][;；、,，\s]*", ";").str.strip_chars("; \n")
    return pl.when(parts.str.len_bytes() > 0).then(parts)


def translated_lists(attribute: Attribute, texts: pl.Series) -> dict[str, str | None]:
    """Return for each list of choices, its parts joined by ``;``, the list of values."""
    forms = _choice_forms(attribute.choice)
    wholes: Iterable[str] = pl.select(_parts(pl.lit(texts))).to_series().drop_nulls().unique()
    known: dict[str, str | None] = {}
    for whole in wholes:
        values = [forms.get(_plain(part)) for part in whole.split(";")]
        known[whole] = None if None in values else ";".join(v for v in values if v)
    return known


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()


def country_code(text: str) -> str | None:
    """Return the code of a country written by code or name; None if it is none."""
    code = text.strip().upper()
    return code if code in countries() else _country_forms().get(_plain(text))


@cache
def _country_forms() -> dict[str, str]:
    forms: dict[str, str] = {}
    for country in countries().values():
        for form in (country.alpha2, country.name.zh, country.name.en, *country.also):
            forms[_plain(form)] = country.code
    return forms


@cache
def _choice_forms(name: str) -> dict[str, str]:
    forms: dict[str, str] = {}
    for choice in choices()[name]:
        for form in (choice.label.zh, choice.label.en, choice.value):
            forms[_plain(form)] = choice.value
    if name == "essentiality":  # the codes of the published matrices
        forms |= {"2": "essential", "1": "non_essential", "0": "irrelevant"}
    return forms


def _number(kind: Kind, plain: pl.Expr) -> pl.Expr:
    is_grouped = plain.str.contains(_THOUSANDS)
    bare = pl.when(is_grouped).then(plain.str.replace_all(",", "", literal=True)).otherwise(plain)
    if kind is Kind.YEAR:
        bare = bare.str.strip_chars_end("年")
    is_percent = bare.str.ends_with("%")
    value = bare.str.strip_chars_end("% ").cast(pl.Float64, strict=False)
    if kind is Kind.SHARE:
        share = (value / 100).round(_PERCENT_DIGITS)  # 1.1% is 0.011, not its neighbour
        return pl.when(is_percent).then(share).otherwise(value)
    value = pl.when(~is_percent).then(value)
    if kind in (Kind.INTEGER, Kind.YEAR):
        is_whole = (value == value.round()) & (value.abs() < 2**53)
        return pl.when(is_whole).then(value).cast(pl.Int64)
    return value
