"""One tree of errors: a code, a sentence and a remedy, in both languages.

The texts live as data in ``messages/<area>.csv`` with the columns
``code,zh,en,hint_zh,hint_en``; fields in braces are filled from keyword
arguments. Codes: E0xx texts and matching, E1xx zone and formats, E2xx select, E3xx integrate,
E4xx optimise, E5xx evaluate, E6xx plan and command line, E7xx sample, E8xx report, E9xx rules.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

__all__ = [
    "Fault",
    "InvalidInput",
    "JichengError",
    "MissingData",
    "SolverFailed",
    "Text",
    "Where",
    "fault",
    "text",
]


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence in Chinese and in English."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """Return the sentence in ``language`` (``"zh"`` or ``"en"``)."""
        return self.en if language == "en" else self.zh


@dataclass(frozen=True, slots=True)
class Where:
    """The place of a fault; empty parts are unknown or do not apply.

    ``row`` counts as the user sees it: the line of a CSV file or the row of a
    sheet, headings included.
    """

    table: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""

    def __str__(self) -> str:
        place = self.sheet or self.table
        row = "" if self.row is None else f"{self.row}"
        return ":".join(part for part in (place, row, self.column) if part)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, where it is, and what to do about it."""

    code: str
    message: Text
    hint: Text
    where: Where = field(default_factory=Where)
    is_warning: bool = False

    def in_language(self, language: str) -> str:
        """Return place, sentence and remedy as one line."""
        place = f"[{self.where}] " if str(self.where) else ""
        arrow = " → "
        return (
            f"{self.code} {place}{self.message.in_language(language)}"
            f"{arrow}{self.hint.in_language(language)}"
        )


@cache
def _catalogue() -> dict[str, tuple[Text, Text]]:
    catalogue: dict[str, tuple[Text, Text]] = {}
    for file in sorted(resources.files("jicheng").joinpath("messages").iterdir(), key=str):
        if not file.name.endswith(".csv"):
            continue
        for row in csv.DictReader(file.read_text("utf-8").splitlines()):
            catalogue[row["code"]] = (
                Text(row["zh"], row["en"]),
                Text(row["hint_zh"], row["hint_en"]),
            )
    return catalogue


def text(code: str, **fields: Any) -> tuple[Text, Text]:
    """Return the message and the hint of ``code`` with its fields filled in.

    A field that is a :class:`Text` goes into each sentence in its language.

    Raises
    ------
    KeyError
        If the code is not in ``messages/``.
    """
    message, hint = _catalogue()[code]
    zh, en = _in_language(fields, "zh"), _in_language(fields, "en")
    return (
        Text(message.zh.format(**zh), message.en.format(**en)),
        Text(hint.zh.format(**zh), hint.en.format(**en)),
    )


def _in_language(fields: dict[str, Any], language: str) -> dict[str, Any]:
    return {
        name: value.in_language(language) if isinstance(value, Text) else value
        for name, value in fields.items()
    }


def fault(
    code: str, *, where: Where | None = None, is_warning: bool = False, **fields: Any
) -> Fault:
    """Make the fault ``code`` at a place."""
    message, hint = text(code, **fields)
    return Fault(code, message, hint, where or Where(), is_warning)


class JichengError(Exception):
    """Base of every error that a user can meet; carries all its faults.

    Parameters
    ----------
    faults : iterable of Fault
        At least one; every fault found, not only the first.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(f.in_language("en") for f in self.faults))

    @classmethod
    def of(cls, code: str, *, where: Where | None = None, **fields: Any) -> JichengError:
        """Make the error of a single fault."""
        return cls([fault(code, where=where, **fields)])

    @property
    def code(self) -> str:
        """Code of the first fault."""
        return self.faults[0].code


class InvalidInput(JichengError):
    """The input breaks a rule of the schema or of consistency."""


class MissingData(JichengError):
    """A stage needs a table or an attribute that the zone does not have."""


class SolverFailed(JichengError):
    """A solver worker died or returned nothing usable."""
