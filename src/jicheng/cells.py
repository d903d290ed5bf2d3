"""Read cells of text the way people write them: numbers, dates, countries, choices.

The one place that knows which spellings are understood; what cannot be read comes
back empty, and :mod:`jicheng.conform` turns that into a fault with its place.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import polars as pl

from jicheng.schema import Attribute, Kind, choices, countries

__all__ = ["DIGITS_KEPT", "as_text", "country_code", "parse"]

DIGITS_KEPT = 1e15  # a float holds whole numbers of 15 digits without loss
_TRUE = ("true", "1", "yes", "y", "是", "有", "√")
_FALSE = ("false", "0", "no", "n", "否", "无", "×")
_PERCENT_DIGITS = 12
_BLANK = " \u3000\xa0\n\ufeff"
_DASHES = r"^[-–—−－]+$"
_THOUSANDS = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?\s*%?$"


def as_text(raw: pl.Series) -> pl.Series:
    """Write every value as text the way a person would, with empty as null.

    Blanks around the text, a byte-order mark and a lone dash mean nothing; line
    breaks become LF and letters their composed form (NFC), so that one content has
    one spelling and one hash. A leading TAB or CR stays, for the caller to refuse.
    """
    if raw.dtype.is_float():
        whole = raw.is_finite() & (raw == raw.round()) & (raw.abs() < DIGITS_KEPT)
        return pl.select(
            pl.when(whole)
            .then(raw.cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise(raw.cast(pl.String))
        ).to_series()
    text = raw if raw.dtype == pl.String else raw.cast(pl.String)
    text = text.str.replace_all("\r\n", "\n", literal=True).str.normalize("NFC")
    text = text.str.strip_chars_start(_BLANK).str.strip_chars_end(_BLANK + "\t\r")
    is_empty = (text.str.len_bytes() == 0) | text.str.contains(_DASHES)
    return pl.select(pl.when(~is_empty).then(text)).to_series()


def parse(attribute: Attribute, text: pl.Series) -> pl.Series:
    """Read cells of text as the kind of the attribute says; unreadable ones are null.

    Parameters
    ----------
    attribute : Attribute
        Kind and choice decide the type of the result.
    text : polars.Series of String
        As returned by :func:`as_text`; null = empty.
    """
    kind = attribute.kind
    if kind in (Kind.ID, Kind.REFERENCE, Kind.TEXT):
        return text
    if kind is Kind.LIST:
        return _parse_list(attribute, text)
    plain = text.str.normalize("NFKC").str.strip_chars()
    if kind is Kind.COUNTRY:
        code = plain.str.to_uppercase()
        code = pl.select(pl.when(code.str.contains(r"^[A-Z]{3}$")).then(code)).to_series()
        named = plain.str.to_lowercase().replace_strict(
            _country_forms(), default=None, return_dtype=pl.String
        )
        return pl.select(pl.coalesce([named, code])).to_series()
    if kind is Kind.CHOICE:
        forms = _choice_forms(attribute.choice)
        return plain.str.to_lowercase().replace_strict(forms, default=None, return_dtype=pl.String)
    if kind is Kind.BOOLEAN:
        low = plain.str.to_lowercase()
        return pl.select(
            pl.when(low.is_in(list(_TRUE)))
            .then(pl.lit(value=True))
            .when(low.is_in(list(_FALSE)))
            .then(pl.lit(value=False))
        ).to_series()
    if kind is Kind.DATE:
        return _parse_date(plain)
    return _parse_number(attribute, plain)


def _parse_list(attribute: Attribute, text: pl.Series) -> pl.Series:
    """Join the parts by ``;``; parts of a choice become its values."""
    parts = text.str.replace_all(r"\s*[;；、,，][;；、,，\s]*", ";").str.strip_chars("; \n")
    parts = pl.select(pl.when(parts.str.len_bytes() > 0).then(parts)).to_series()
    if not attribute.choice:
        return parts
    forms = _choice_forms(attribute.choice)
    known: dict[str, str | None] = {}
    for whole in parts.drop_nulls().unique():
        values = [forms.get(_plain(part)) for part in whole.split(";")]
        known[whole] = None if None in values else ";".join(v for v in values if v)
    return parts.replace_strict(known, default=None, return_dtype=pl.String)


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


def _parse_date(plain: pl.Series) -> pl.Series:
    day = plain.str.replace(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?([ T].*)?$", "$1-$2-$3")
    day = day.str.replace(r"^(\d{4})(\d{2})(\d{2})$", "$1-$2-$3")
    full = day.str.contains(r"^\d{4}-\d{1,2}-\d{1,2}$")
    return pl.select(pl.when(full).then(day)).to_series().str.to_date("%Y-%m-%d", strict=False)


def _parse_number(attribute: Attribute, plain: pl.Series) -> pl.Series:
    grouped = plain.str.contains(_THOUSANDS)
    bare = pl.select(
        pl.when(grouped).then(plain.str.replace_all(",", "", literal=True)).otherwise(plain)
    ).to_series()
    if attribute.kind is Kind.YEAR:
        bare = bare.str.strip_chars_end("年")
    percent = bare.str.ends_with("%")
    value = bare.str.strip_chars_end("% ").cast(pl.Float64, strict=False)
    if attribute.kind is Kind.SHARE:
        share = (value / 100).round(_PERCENT_DIGITS)  # 1.1% is 0.011, not its neighbour
        return pl.select(pl.when(percent).then(share).otherwise(value)).to_series()
    value = pl.select(pl.when(~percent).then(value)).to_series()
    if attribute.kind in (Kind.INTEGER, Kind.YEAR):
        is_whole = (value == value.round()) & (value.abs() < 2**53)
        return pl.select(pl.when(is_whole).then(value)).to_series().cast(pl.Int64)
    return value
