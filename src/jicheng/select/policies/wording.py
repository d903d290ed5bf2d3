"""Sentences about policies, in both languages, as data.

They live in ``schema/wording/policies.csv`` (``key,zh,en``); fields in braces are filled
from keyword arguments, a field that is a :class:`Text` in each language.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import Any

from jicheng.errors import Text
from jicheng.schema import choices

__all__ = ["form_text", "joined", "range_text", "say"]


@cache
def _sentences() -> dict[str, Text]:
    file = resources.files("jicheng.schema").joinpath("wording", "policies.csv")
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
    zh, en = (
        {
            name: value.in_language(language) if isinstance(value, Text) else value
            for name, value in fields.items()
        }
        for language in ("zh", "en")
    )
    return Text(sentence.zh.format(**zh), sentence.en.format(**en))


def form_text(form: str | None) -> Text:
    """Return what a form of benefit is called."""
    for choice in choices()["benefit_form"]:
        if choice.value == form:
            return choice.label
    return Text("支持方式未列明", "Form not stated")


def range_text(low: float, high: float) -> Text:
    """Return an amount, or between which two it lies."""
    if low == high:
        return Text(f"{low:,g}", f"{low:,g}")
    if low == 0:
        return Text(f"至多 {high:,g}", f"up to {high:,g}")
    return Text(f"{low:,g} 至 {high:,g}", f"{low:,g} to {high:,g}")


def joined(texts: list[Text]) -> Text:
    """Return texts in a row."""
    return Text("、".join(text.zh for text in texts), ", ".join(text.en for text in texts))
