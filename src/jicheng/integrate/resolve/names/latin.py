"""Names in Latin letters: legal forms, regions in pinyin, English or pinyin industries."""

from __future__ import annotations

import re
from functools import cache

from jicheng.integrate.resolve.names.gazetteer import latin_region
from jicheng.integrate.resolve.names.types import NameParts
from jicheng.integrate.resolve.names.vocabulary import (
    bodies,
    english_industries,
    industries,
    legal_forms,
)

__all__ = ["parse_latin"]

_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_LONGEST_PHRASE = 6
_SMALL_WORDS = frozenset(("of", "the", "and", "for"))
_BRANCH = re.compile(r"^(.*?(?:ltd|limited|inc|corp|corporation|company)\b\.?)[\s,]+(.*branch.*)$")


def parse_latin(name: str) -> NameParts:
    """Part a name in small Latin letters."""
    match = _BRANCH.match(name)
    parent, unit = match.groups() if match else (name, "")
    words = _WORD.findall(parent)
    words, form = _without_form(words)
    words, region = _without_region(words)
    words, industry = _without_industry(words)
    kind = "branch" if unit else "firm" if form else _kind(words)
    brand = "".join(word for word in words if word not in _SMALL_WORDS)
    brand, more = _without_pinyin(brand) if not industry else (brand, "")
    return NameParts(
        region=region, brand=brand, industry=industry or more, form=form,
        unit="".join(_WORD.findall(unit)), kind=kind, language="en",
    )  # fmt: skip


@cache
def _forms() -> dict[tuple[str, ...], str]:
    return {tuple(_WORD.findall(form)): kind for form, kind in legal_forms().items()}


def _without_form(words: list[str]) -> tuple[list[str], str]:
    found = ""
    while True:
        for length in range(min(_LONGEST_PHRASE, len(words) - 1), 0, -1):
            kind = _forms().get(tuple(words[-length:]))
            if kind is not None:
                words, found = words[:-length], found or kind
                break
        else:
            return words, found


def _without_region(words: list[str]) -> tuple[list[str], str]:
    """Take a region from the start (also in two words: Guang Zhou) or, in brackets, the end."""
    for length in (1, 2, 3):
        region = latin_region("".join(words[:length]))
        if region is not None and len(words) > length:
            return words[length:], region.name
    region = latin_region(words[-1]) if len(words) > 1 else None
    return (words[:-1], region.name) if region is not None else (words, "")


def _without_industry(words: list[str]) -> tuple[list[str], str]:
    known, found = english_industries(), ""
    while True:
        for length in range(min(_LONGEST_PHRASE, len(words) - 1), 0, -1):
            word = known.get(" ".join(words[-length:]))
            if word is not None:
                words, found = words[:-length], word + found
                break
        else:
            return words, found


@cache
def _pinyin() -> dict[str, str]:
    return {sound: word for word, sound in industries().items()}


def _without_pinyin(brand: str) -> tuple[str, str]:
    found, at = "", len(brand)
    for _ in range(2):
        for length in range(min(16, at - 2), 3, -1):
            word = _pinyin().get(brand[at - length : at])
            if word is not None:
                at, found = at - length, word + found
                break
    return brand[:at], found


def _kind(words: list[str]) -> str:
    text = " ".join(words)
    for body in bodies():
        if text.endswith(body.english) or text.startswith(body.english + " of"):
            return body.kind
    return ""
