"""An answer as people read it: sentences in both languages beside the tables they rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from jicheng.errors import Text
from jicheng.integrate.shared.staffing import Staffing

__all__ = ["Answer", "Names", "listed", "points"]

_NAMED = 6  # names in a sentence before the rest is counted


@dataclass(frozen=True)
class Answer:
    """What is told about a question.

    Attributes
    ----------
    title : Text
        The question.
    sentences : tuple of Text
        The answer, most important first.
    tables : mapping of str to polars.DataFrame
        What it rests on.
    """

    title: Text
    sentences: tuple[Text, ...]
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)

    def as_plain(self) -> dict[str, Any]:
        """Return the answer as JSON values."""
        return {
            "title_zh": self.title.zh,
            "title_en": self.title.en,
            "sentences": [{"zh": one.zh, "en": one.en} for one in self.sentences],
            "tables": {
                name: table.fill_nan(None).to_dicts() for name, table in self.tables.items()
            },
        }

    def as_text(self, language: str | None = None) -> str:
        """Return title and sentences as text, in one language or, by default, in both."""
        lines = [_spoken(self.title, language)]
        lines += [f"  {_spoken(one, language)}" for one in self.sentences]
        return "\n".join(lines)


def _spoken(text: Text, language: str | None) -> str:
    return f"{text.zh} / {text.en}" if language is None else text.in_language(language)


class Names:
    """Names of organisations and capabilities for sentences; an id where there is none."""

    def __init__(self, staffing: Staffing) -> None:
        self._capabilities = staffing.alone.names
        table = staffing.roster.table
        self._index = staffing.roster.index
        self._zh, self._en = table["name"], table["name_en"]

    def organisation(self, name: str) -> Text:
        """Return the name of an organisation by its id."""
        place = self._index.get(name)
        if place is None:
            return Text(name, name)
        zh = self._zh[place] or name
        return Text(zh, self._en[place] or zh)

    def capability(self, name: str) -> Text:
        """Return the name of a capability by its id."""
        return self._capabilities.get(name, Text(name, name))

    def organisations(self, names: Sequence[str]) -> Text:
        """Return the names of organisations as a list in words."""
        return listed([self.organisation(name) for name in names])


def listed(texts: Sequence[Text]) -> Text:
    """Return texts as a list in words; the rest is counted, an empty one is a dash."""
    shown, rest = texts[:_NAMED], len(texts) - _NAMED
    zh, en = "、".join(one.zh for one in shown), ", ".join(one.en for one in shown)
    if rest > 0:
        return Text(f"{zh}等{len(texts)}家", f"{en} and {rest} more")
    return Text(zh or "–", en or "–")


def points(amount: float) -> str:
    """Return points as they are written; no minus before zero."""
    return f"{0.0 if abs(amount) < 0.005 else amount:.2f}"
