"""Words that people write for conditions and choices, and what they mean."""

from __future__ import annotations

import unicodedata

import numpy as np
import polars as pl

from jicheng.rules.expression.intervals import UNKNOWN, Codes, Flags, Floats
from jicheng.rules.facts.dictionary import FactDefinition

__all__ = ["are_true", "choice_codes", "choice_of"]

_TRUE = ("true", "yes", "是", "有", "√", "1")
_FALSE = ("false", "no", "否", "无", "×", "0")


def are_true(numbers: Floats, texts: pl.Series) -> pl.Series:
    """Tell what numbers say (above 0 = yes), or where they are NaN texts; null = nothing."""
    low = texts.str.strip_chars().str.to_lowercase()
    words = {**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)}
    said = low.replace_strict(words, default=None, return_dtype=pl.Boolean)
    by_number = pl.Series(numbers > 0).set(pl.Series(np.isnan(numbers)), None)
    return by_number.to_frame("n").select(pl.coalesce("n", said)).to_series()


def choice_of(fact: FactDefinition, text: str) -> str | None:
    """Return the value that a text names by itself or by its label in either language."""
    return _forms(fact).get(_plain(text))


def choice_codes(fact: FactDefinition, texts: pl.Series) -> tuple[Codes, Flags]:
    """Return the place of each text among the values of a choice.

    Returns
    -------
    codes : ndarray of int32, shape (n,)
        -1 where the text is empty or means no value.
    is_strange : ndarray of bool, shape (n,)
        Where there is a text that means no value.
    """
    values = fact.values
    meant = {text: choice_of(fact, text) for text in texts.drop_nulls().unique()}
    places = {text: values.index(value) for text, value in meant.items() if value is not None}
    codes = texts.replace_strict(places, default=UNKNOWN, return_dtype=pl.Int32).to_numpy()
    is_strange: Flags = texts.is_not_null().to_numpy() & (codes == UNKNOWN)
    return np.array(codes, dtype=np.int32), is_strange


def _forms(fact: FactDefinition) -> dict[str, str]:
    return {
        _plain(form): choice.value
        for choice in fact.choices
        for form in (choice.label.zh, choice.label.en, choice.value)
    }


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()
