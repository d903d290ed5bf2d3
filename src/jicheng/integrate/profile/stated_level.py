"""The level that a text asks for, where it states one, with the words that say so.

Stated are a readiness level (TRL), a share, or a grade such as 国内领先. A threshold of
performance ("purity at least 99.99 %") is quoted but gives no level: how hard it is to reach
only a person can tell. What is found is proposed to a person, never taken.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from jicheng.errors import Text

__all__ = ["StatedLevel", "stated_level"]

_NUMBER = r"\d[\d.,]*\s*(?:%|‰|％|[^\s\d，,。；;、]{0,8})"
_THRESHOLD = re.compile(
    r"(?:不低于|不小于|不少于|不高于|不大于|不超过|高于|低于|大于|小于|优于|达到|[≥≤><＞＜])"
    rf"\s*{_NUMBER}"
    r"|(?:at least|at most|no (?:more|less) than|more than|less than|above|below|under|over)\s+"
    rf"{_NUMBER}"
    rf"|{_NUMBER}(?:以上|以下|以内)",
    re.IGNORECASE,
)
_LONGEST_QUOTE = 40


@dataclass(frozen=True, slots=True)
class StatedLevel:
    """What a text says of the level that is needed.

    Attributes
    ----------
    level : float or None
        0 to 1; None for a threshold, from which no level follows.
    words : str
        The words of the text.
    reading : Text
        How they are read.
    """

    level: float | None
    words: str
    reading: Text

    @property
    def told(self) -> str:
        """Words and reading in one line."""
        return f"“{self.words}”：{self.reading.zh} / {self.reading.en}"


@dataclass(frozen=True, slots=True)
class _Pattern:
    found: re.Pattern[str]
    level: float | None
    per: float | None
    reading: Text

    def read(self, said: str) -> StatedLevel | None:
        matches = list(self.found.finditer(said))
        if not matches:
            return None
        if self.per is None:
            return StatedLevel(self.level, matches[0].group(), self.reading)
        last = max(matches, key=lambda match: float(match.group(1)))  # "from 4 to 7" asks for 7
        number = last.group(1)
        level = float(number) / self.per
        if level > 1.0:
            return None
        told = Text(*(word.replace("{n}", number) for word in (self.reading.zh, self.reading.en)))
        return StatedLevel(round(level, 2), last.group(), told)


@cache
def _patterns() -> tuple[_Pattern, ...]:
    file = resources.files("jicheng.integrate.profile").joinpath("stated_levels.csv")
    return tuple(
        _Pattern(
            re.compile(row["pattern"], re.IGNORECASE),
            float(row["level"]) if row["level"] else None,
            float(row["per"]) if row["per"] else None,
            Text(row["zh"], row["en"]),
        )
        for row in csv.DictReader(file.read_text("utf-8").splitlines())
    )


def stated_level(said: str) -> StatedLevel | None:
    """Return what a text states of a level, a level before a mere threshold; else None.

    Examples
    --------
    >>> stated_level("多层膜镀制工艺达到技术成熟度7级").level
    0.78
    >>> stated_level("纯度不低于99.99%").level is None
    True
    """
    for pattern in _patterns():
        found = pattern.read(said)
        if found is not None:
            return found
    threshold = _THRESHOLD.search(said)
    if threshold is None:
        return None
    quote = threshold.group().strip()[:_LONGEST_QUOTE]
    return StatedLevel(None, quote, Text("指标，不能据此定水平", "a figure; no level follows"))
