"""Text from outside made harmless: one spelling, no control characters, no formulas.

What a source says is not changed in meaning: markup of print (``<sub>``), control
characters and lone surrogates go, blanks become one, an overlong text ends with an
ellipsis. Text that a spreadsheet would run gets an apostrophe before it.
"""

from __future__ import annotations

import html
import re
import unicodedata

import polars as pl

from jicheng.conform import starts_a_formula

__all__ = ["LONGEST", "clean", "clean_column", "is_unsafe"]

LONGEST = 100_000  # characters of a cell; longer texts are cut (ours)
_CONTROL = (
    r"[\x00-\x08\x0b-\x0d\x0e-\x1f\x7f\u{85}\u{200b}\u{2028}\u{2029}\u{feff}\u{fffe}\u{ffff}]"
)
_DIRECTION = r"[\u{202a}-\u{202e}\u{2066}-\u{2069}]"  # turns round what is shown
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_MARKUP = re.compile(
    r"</?(?:i|b|u|em|strong|sub|sup|scp|span|p|br|tt|sc|jats:\w+|mml:\w+)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)


def clean(value: object, *, longest: int = LONGEST, has_markup: bool = False) -> str | None:
    """Return a value of a source as text for a cell; None if it says nothing.

    Parameters
    ----------
    value : object
        Text or a number; anything else (a list, an object) says nothing.
    longest : int
        Characters after which it is cut.
    has_markup : bool
        Whether the source writes its texts with tags and entities of HTML.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value)[: 2 * longest]
    if has_markup and ("<" in text or "&" in text):
        text = html.unescape(_MARKUP.sub("", text))
    text = _INVISIBLE.sub("", " ".join(text.split()))
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    return text or None


def clean_column(name: str) -> pl.Expr:
    """Return a column of text without what is invisible or would run; empty = null."""
    text = pl.col(name).str.replace_all(_CONTROL, "").str.replace_all(_DIRECTION, "")
    text = text.str.normalize("NFC").str.strip_chars(" \t\n\u3000\xa0")
    text = pl.when(starts_a_formula(text)).then("'" + text).otherwise(text)
    return pl.when(text.str.len_bytes() > 0).then(text).alias(name)


def is_unsafe(name: str) -> pl.Expr:
    """Tell which cells :func:`clean_column` has to change beyond blanks."""
    text = pl.col(name)
    shown = text.str.strip_chars(" \t\n\u3000\xa0")
    strange = text.str.contains(_CONTROL) | text.str.contains(_DIRECTION)
    return (strange | starts_a_formula(shown)).fill_null(value=False)
