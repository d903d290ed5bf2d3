"""Sentences and figures of explanations, in both languages.

The sentences live in ``schema/wording/score.csv`` (``key,zh,en``); fields in braces are
filled from keyword arguments, a field that is a :class:`Text` in each language.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from jicheng.errors import Text

__all__ = ["figure", "joined", "points_text", "range_text", "say"]

_WAN = 1e4
_MONEY = "CNY"
_RATIO = "ratio"
_UNITS = {
    "persons": Text("人", "persons"),
    "count": Text("项", ""),
    "months": Text("个月", "months"),
    "years": Text("年", "years"),
}


@cache
def _sentences() -> dict[str, Text]:
    file = resources.files("jicheng.schema").joinpath("wording", "score.csv")
    rows = csv.DictReader(file.read_text("utf-8").splitlines())
    return {row["key"]: Text(row["zh"], row["en"]) for row in rows}


def say(key: str, **fields: Any) -> Text:
    """Return a sentence with its fields filled in.

    Raises
    ------
    KeyError
        If the key is unknown or a field is missing.
    """
    sentence = _sentences()[key]
    return Text(
        sentence.zh.format(**{name: _in(value, "zh") for name, value in fields.items()}),
        sentence.en.format(**{name: _in(value, "en") for name, value in fields.items()}),
    )


def figure(value: float, unit: str = "") -> Text:
    """Return a number with its unit: money in 万元, ratios in percent."""
    if np.isinf(value):
        return say("unlimited")
    if unit == _MONEY:
        return say("wan", value=_digits(value / _WAN))
    if unit == _RATIO:
        return say("percent", value=_digits(100 * value))
    told = _UNITS.get(unit, Text("", ""))
    text = say("quantity", value=_digits(value), unit=told)
    return Text(text.zh.strip(), text.en.strip())


def range_text(low: float, high: float, unit: str = "") -> Text:
    """Return a number, or between which two it lies."""
    if low == high:
        return figure(low, unit)
    if np.isinf(low) and np.isinf(high):
        return say("not_known")
    if np.isinf(high):
        return say("at_least_known", low=figure(low, unit))
    if np.isinf(low):
        return say("at_most_known", high=figure(high, unit))
    return say("between", low=figure(low, unit), high=figure(high, unit))


def points_text(low: float, high: float) -> str:
    """Return points or a range of them."""
    return _digits(low) if low == high else f"{_digits(low)}–{_digits(high)}"


def joined(texts: list[Text], *, zh: str = "；", en: str = "; ") -> Text:
    """Return texts in a row."""
    return Text(zh.join(text.zh for text in texts), en.join(text.en for text in texts))


def _in(value: Any, language: str) -> Any:
    return value.in_language(language) if isinstance(value, Text) else value


def _digits(value: float) -> str:
    """Return a number with what digits tell something, and no signs of rounding."""
    rounded = float(np.format_float_positional(value, precision=6, unique=False, fractional=False))
    text = f"{rounded:,.6f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text
