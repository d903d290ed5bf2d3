"""Sentences of explanations, in both languages.

They live in ``schema/wording/score.csv`` (``key,zh,en``); fields in braces are filled from
keyword arguments, a field that is a :class:`Text` in each language.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from jicheng.errors import Text
from jicheng.rules.pack.model import Pack
from jicheng.rules.pack.wording import figure, join

__all__ = [
    "FEW", "MANY", "amount", "between", "overlay_note", "points_text", "say", "spoken",
]  # fmt: skip

FEW, MANY = 4, 12  # digits of what was computed, and of what was told
_PLACES = 2  # of points
_YEAR = "year"
_MAY_BE_NEVER = ("", "rank", "years")  # since an award, a place in it; what follows from them


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


def spoken(text: Text, language: str | None) -> str:
    """Return a text in one language or, for None, in both."""
    if language is not None:
        return text.in_language(language)
    return text.zh if text.zh == text.en else f"{text.zh} / {text.en}"


def overlay_note(pack: Pack) -> Text | None:
    """Return by which overlays a pack is changed; None for a pack as it is."""
    if not pack.overlays:
        return None
    told = []
    for each in pack.overlays:
        more = ", ".join(part for part in (each.issuer, each.document) if part)
        name = each.name
        told.append(Text(f"{name.zh}（{more}）", f"{name.en} ({more})") if more else name)
    return say("overlays", names=join(told, "semicolon"))


def amount(value: float, unit: str = "", *, digits: int = FEW) -> Text:
    """Return a number with its unit; infinite = never, for what may be never."""
    if np.isinf(value):
        return say("never" if unit in _MAY_BE_NEVER else "infinite")
    rounded = float(np.format_float_positional(value, digits, unique=False, fractional=False))
    if unit == _YEAR:
        return Text(*[f"{rounded:.0f}"] * 2)
    return figure(rounded + 0.0, unit)


def between(low: float, high: float, unit: str = "", *, digits: int = FEW) -> Text:
    """Return a number, or between which two it lies; nothing known if only that it is positive."""
    if low == high:
        return amount(low, unit, digits=digits)
    if low <= 0 and np.isinf(high):
        return say("not_known")
    first, last = (amount(end, unit, digits=digits) for end in (low, high))
    if np.isinf(high):
        return say("at_least", low=first)
    return say("at_most", high=last) if np.isinf(low) else say("between", low=first, high=last)


def points_text(low: float, high: float | None = None) -> str:
    """Return points or a range of them."""
    ends = dict.fromkeys(
        f"{end:.{_PLACES}f}".rstrip("0").rstrip(".") for end in (low, high) if end is not None
    )
    return "–".join(ends)


def _in(value: Any, language: str) -> Any:
    return value.in_language(language) if isinstance(value, Text) else value
