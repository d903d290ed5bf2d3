"""Words by which lists name the values of a choice, beside its labels."""

from __future__ import annotations

import csv
import unicodedata
from functools import cache
from importlib import resources

from jicheng.schema import choices

__all__ = ["word_for"]


def word_for(choice: str, text: str) -> tuple[str | None, str]:
    """Return the value that a word means, None if it means none; and the labels there are."""
    known = " / ".join(one.label.zh for one in choices()[choice])
    return _words(choice).get(_plain(text)), known


@cache
def _words(choice: str) -> dict[str, str]:
    file = resources.files("jicheng.io.raw").joinpath("words.csv")
    words = {
        _plain(word): row["value"]
        for row in csv.DictReader(file.read_text("utf-8").splitlines())
        if row["choice"] == choice
        for word in row["words"].split(";")
    }
    for one in choices()[choice]:
        for form in (one.value, one.label.zh, one.label.en):
            words[_plain(form)] = one.value
    return words


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower().replace(" ", "")
