"""Every word of the report in both languages: interface texts, choices, countries.

The texts live in ``texts.csv`` and ``countries.csv`` beside this module. No sentence
is glued from parts: a sentence is one entry with named fields.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from jicheng.errors import Text
from jicheng.schema import choices, plan_tables, zone_tables

__all__ = [
    "bilingual",
    "choice",
    "country",
    "label",
    "listed",
    "name_of",
    "say",
    "table_label",
    "texts",
]


_CHINESE = re.compile(r"[\u3400-\u9fff]")


@cache
def texts() -> dict[str, Text]:
    """Return the interface texts by key."""
    return _read("texts.csv", "key")


@cache
def _countries() -> dict[str, Text]:
    return _read("countries.csv", "code")


def _read(file: str, key: str) -> dict[str, Text]:
    content = resources.files("jicheng.report").joinpath(file).read_text("utf-8")
    return {row[key]: Text(row["zh"], row["en"]) for row in csv.DictReader(content.splitlines())}


class _Count(int):
    """A number that chooses its noun: ``{n:product|products}``."""

    def __format__(self, spec: str) -> str:
        one, found, many = spec.partition("|")
        if found:
            return one if self == 1 else many
        return super().__format__(spec)


def say(key: str, **fields: Any) -> Text:
    """Return an interface text with its fields filled in, a `Text` field per language.

    ``{n:product|products}`` in a text chooses the word for one or for many.

    Raises
    ------
    KeyError
        If the key or a field is missing: a programming error.
    """
    text = texts()[key]
    fields = {k: _Count(v) if type(v) is int else v for k, v in fields.items()}
    zh = {k: v.zh if isinstance(v, Text) else v for k, v in fields.items()}
    en = {k: english(v) if isinstance(v, Text) else v for k, v in fields.items()}
    return Text(text.zh.format(**zh), text.en.format(**en))


def english(text: Text) -> str:
    """Return the English words, or the Chinese ones where there are none."""
    return text.en or text.zh


def choice(kind: str, value: str | None) -> Text:
    """Return the label of a value of a choice; an unknown value stands for itself."""
    for allowed in choices().get(kind, ()):
        if allowed.value == value:
            return allowed.label
    return Text(value or "", value or "")


def country(code: str | None) -> Text:
    """Return the name of a country; a code without a name, or a firm, stands for itself."""
    return _countries().get(code or "", Text(code or "", code or ""))


def label(table: str, attribute: str) -> Text:
    """Return the label of an attribute of a table of the plan."""
    return plan_tables()[table][attribute].label


def table_label(table: str) -> Text:
    """Return the label of a table of the plan or of the zone."""
    for model in (plan_tables(), zone_tables()):
        if table in model:
            return model[table].label
    return Text(table, table)


def name_of(row: Mapping[str, Any] | None, fallback: str = "") -> Text:
    """Return the name of a row; an empty English name stays empty, to be marked as Chinese."""
    if row is None:
        return Text(fallback, fallback)
    zh = row.get("name") or row.get("name_en") or fallback
    return Text(str(zh), str(row.get("name_en") or ("" if row.get("name") else zh)))


def bilingual(text: str) -> Text:
    """Return the halves of "中文 / English"; a text in one language has no English.

    The English half may quote some Chinese, if it begins with a letter and most of it
    is English.
    """
    for place in (found.start() for found in re.finditer(" / ", text)):
        zh, en = text[:place], text[place + 3 :]
        if _CHINESE.search(zh) and _is_english(en):
            return Text(zh.strip(), en.strip())
    return Text(text, "")


def _is_english(words: str) -> bool:
    n_chinese = len(_CHINESE.findall(words))
    if not n_chinese:
        return bool(words)
    letters = len(re.findall("[A-Za-z]", words))
    return bool(re.match("[A-Za-z]", words)) and letters > n_chinese


def listed(items: list[Text]) -> Text:
    """Join names with the separators of each language."""
    return Text("、".join(t.zh for t in items), ", ".join(english(t) for t in items))
