"""The words of names, as data: legal forms, industries, bodies, regions.

``data/*.csv`` hold them; a line more is a word more. Lists: ours, from how names of
firms are built (Provisions on the Administration of Enterprise Name Registration:
region + brand + industry + form).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

__all__ = ["Body", "Region", "bodies", "english_industries", "industries", "legal_forms", "regions"]


@dataclass(frozen=True, slots=True)
class Region:
    """A place: its short name, its level, where it lies and its full ending."""

    name: str
    level: str
    parent: str
    suffix: str
    pinyin: str


@dataclass(frozen=True, slots=True)
class Body:
    """A word that ends the name of an institute, a branch or a department."""

    word: str
    kind: str
    english: str


def rows(name: str) -> list[dict[str, str]]:
    """Return the lines of ``data/<name>.csv``."""
    file = resources.files("jicheng.integrate.resolve.names").joinpath(f"data/{name}.csv")
    return list(csv.DictReader(file.read_text("utf-8").splitlines()))


@cache
def regions() -> tuple[Region, ...]:
    """Return provinces, cities and the districts of large cities."""
    return tuple(Region(**row) for row in rows("regions"))


@cache
def legal_forms() -> dict[str, str]:
    """Return the kind of each legal form as names write it."""
    return {row["form"]: row["kind"] for row in rows("legal_forms")}


@cache
def industries() -> dict[str, str]:
    """Return the pinyin of each industry word."""
    return {row["word"]: row["pinyin"] for row in rows("industry_words")}


@cache
def english_industries() -> dict[str, str]:
    """Return the Chinese industry word of each English one."""
    return {
        english: row["word"]
        for row in rows("industry_words")
        for english in row["english"].split(";")
    }


@cache
def bodies() -> tuple[Body, ...]:
    """Return the words for institutes, branches and departments, longest first."""
    found = [Body(**row) for row in rows("bodies")]
    return tuple(sorted(found, key=lambda body: -len(body.word)))
