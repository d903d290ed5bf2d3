"""Read cells of text the way people write them: numbers, dates, countries, choices.

The one place that knows which spellings are understood; what cannot be read comes
back empty, and :mod:`jicheng.conform` turns that into a fault with its place.
Reading a column is a few steps, each an expression of the column as the step before
left it; all columns of a table take a step together.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import polars as pl

from jicheng.schema import Attribute, Kind, choices, countries

__all__ = ["DIGITS_KEPT", "Steps", "as_text", "country_code", "parse", "translated_lists"]

Steps = tuple[pl.Expr, ...]

DIGITS_KEPT = 1e15  # a float holds whole numbers of 15 digits without loss
_TRUE = ("true", "1", "yes", "y", "是", "有", "√")
_FALSE = ("false", "0", "no", "n", "否", "无", "×")
_PERCENT_DIGITS = 12
_BLANK = " \u3000\xa0\n\ufeff"
_DASHES = r"^[-–—−－]+$"
_THOUSANDS = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?\s*%?$"
_DAY = r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?([ T].*)?$"
_COMPACT_DAY = r"^(\d{4})(\d{2})(\d{2})$"


def as_text(name: str, dtype: pl.DataType) -> Steps:
    """Write every value of a column as text the way a person would, empty as null.

    Blanks around the text, a byte-order mark and a lone dash mean nothing; line
    breaks become LF and letters their composed form (NFC), so that one content has
    one spelling and one hash. A leading TAB or CR stays, for the caller to refuse.
    """
    column = pl.col(name)
    if dtype.is_float():
        whole = column.is_finite() & (column == column.round()) & (column.abs() < DIGITS_KEPT)
        integer = column.cast(pl.Int64, strict=False).cast(pl.String)
        return (pl.when(whole).then(integer).otherwise(column.cast(pl.String)).alias(name),)
    text = column.cast(pl.String).str.replace_all("\r\n", "\n", literal=True)
    text = text.str.normalize("NFC").str.strip_chars_start(_BLANK)
    text = text.str.strip_chars_end(_BLANK + "\t\r")
    is_empty = (column.str.len_bytes() == 0) | column.str.contains(_DASHES)
    return text, pl.when(~is_empty).then(column).alias(name)


def parse(attribute: Attribute, *, lists: dict[str, str | None] | None = None) -> Steps:
    """Read a column of text as the kind of its attribute says; unreadable = null.

    Parameters
    ----------
    attribute : Attribute
        Names the column; its kind and choice decide the type of the result.
    lists : dict, optional
        For a list of choices: :func:`translated_lists` of the column.
    """
    kind, name = attribute.kind, attribute.name
    column = pl.col(name)
    if kind in (Kind.ID, Kind.REFERENCE, Kind.TEXT):
        return ()
    if kind is Kind.LIST:
        parts, kept = _parts(column)
        if lists is None:
            return parts, kept
        known = column.replace_strict(lists, default=None, return_dtype=pl.String)
        return parts, kept, known
    plain = column.str.normalize("NFKC").str.strip_chars()
    low = column.str.to_lowercase()
    if kind is Kind.COUNTRY:
        code = column.str.to_uppercase()
        code = pl.when(code.str.contains(r"^[A-Z]{3}$")).then(code)
        return plain, pl.coalesce([_looked_up(low, _country_forms()), code]).alias(name)
    if kind is Kind.CHOICE:
        return plain, _looked_up(low, _choice_forms(attribute.choice))
    if kind is Kind.BOOLEAN:
        is_true, is_false = column.is_in(list(_TRUE)), column.is_in(list(_FALSE))
        said = pl.when(is_true).then(pl.lit(value=True)).when(is_false).then(pl.lit(value=False))
        return plain.str.to_lowercase(), said.alias(name)
    if kind is Kind.DATE:
        day = plain.str.replace(_DAY, "$1-$2-$3").str.replace(_COMPACT_DAY, "$1-$2-$3")
        is_full = column.str.contains(r"^\d{4}-\d{1,2}-\d{1,2}$")
        full = pl.when(is_full).then(column).str.to_date("%Y-%m-%d", strict=False)
        return day, full.alias(name)
    return plain, *_number(attribute)


def _looked_up(low: pl.Expr, forms: dict[str, str]) -> pl.Expr:
    return low.replace_strict(forms, default=None, return_dtype=pl.String)


def _parts(column: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Join the parts of a list by ``;``, whatever separates them."""
    parts = column.str.replace_all(r"\s*[;；、,，][;；、,，\s]*", ";").str.strip_chars("; \n")
    return parts, pl.when(column.str.len_bytes() > 0).then(column)


def translated_lists(attribute: Attribute, texts: pl.Series) -> dict[str, str | None]:
    """Return for each list of choices, its parts joined by ``;``, the list of values."""
    forms = _choice_forms(attribute.choice)
    frame = pl.DataFrame({"whole": texts.unique()})
    for step in _parts(pl.col("whole")):
        frame = frame.with_columns(whole=step)
    known: dict[str, str | None] = {}
    for whole in frame["whole"].drop_nulls():
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


def _number(attribute: Attribute) -> Steps:
    kind, column = attribute.kind, pl.col(attribute.name)
    ungrouped = column.str.replace_all(",", "", literal=True)
    bare = pl.when(column.str.contains(_THOUSANDS)).then(ungrouped).otherwise(column)
    if kind is Kind.YEAR:
        bare = bare.str.strip_chars_end("年")
    is_percent = column.str.ends_with("%")
    value = column.str.strip_chars_end("% ").cast(pl.Float64, strict=False)
    if kind is Kind.SHARE:
        share = (value / 100).round(_PERCENT_DIGITS)  # 1.1% is 0.011, not its neighbour
        return bare, pl.when(is_percent).then(share).otherwise(value).alias(attribute.name)
    value = pl.when(~is_percent).then(value).alias(attribute.name)
    if kind in (Kind.INTEGER, Kind.YEAR):
        is_whole = (column == column.round()) & (column.abs() < 2**53)
        return bare, value, pl.when(is_whole).then(column).cast(pl.Int64).alias(attribute.name)
    return bare, value
