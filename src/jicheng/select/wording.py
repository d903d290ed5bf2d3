"""Sentences of the explanations, in both languages, as data.

They live in ``schema/wording/chokepoints.csv`` (``key,zh,en``); fields in braces are
filled from keyword arguments, a field that is a :class:`Text` in each language.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import Any

from jicheng.errors import Text

__all__ = ["say"]


@cache
def _sentences() -> dict[str, Text]:
    file = resources.files("jicheng.schema").joinpath("wording", "chokepoints.csv")
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
    return Text(_filled(sentence, "zh", fields), _filled(sentence, "en", fields))


def _filled(sentence: Text, language: str, fields: dict[str, Any]) -> str:
    return sentence.in_language(language).format(
        **{
            name: value.in_language(language) if isinstance(value, Text) else value
            for name, value in fields.items()
        }
    )
