"""The kinds of lists that are known, and the headings under which offices keep them.

``kinds.csv`` holds a line for each attribute of each kind, ``lists.csv`` one for each
kind; a heading more is a word more in the column ``also``.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from importlib import resources

from jicheng.errors import Text

__all__ = ["CellType", "Field", "ListKind", "bare_heading", "known_kinds", "list_kinds"]


class CellType(StrEnum):
    """How the cells of a column are read."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    ORGANISATION = "organisation"
    ORGANISATIONS = "organisations"
    PEOPLE = "people"
    LIST = "list"
    CREDIT_CODE = "credit_code"
    NUMBER_CODE = "number_code"
    ORCID = "orcid"
    DOI = "doi"
    IPC = "ipc"
    TELEPHONE = "telephone"
    DATE = "date"
    YEAR = "year"
    NUMBER = "number"
    NUMBER_RANGE = "number_range"
    YUAN = "yuan"
    WAN = "wan"
    WAN_RANGE = "wan_range"
    SHARE = "share"
    SHARES = "shares"
    SIZE = "size"
    ORGANISATION_KIND = "organisation_kind"
    PERSON_KIND = "person_kind"
    TECHNOLOGY_KIND = "technology_kind"
    PURSE_KIND = "purse_kind"


@dataclass(frozen=True, slots=True)
class Field:
    """An attribute of a list, and the headings that name it.

    Attributes
    ----------
    name : str
        The attribute.
    type : CellType
        How its cells are read.
    is_key : bool
        Whether a row without it is none.
    is_mark : bool
        Whether its heading helps to recognise the kind.
    weight : float
        How much it helps: headings that many lists have say little.
    label : Text
        How people know it.
    forms : frozenset of str
        Its headings as :func:`bare_heading` writes them.
    own : frozenset of str
        Those that are its label, which go before other words for it.
    """

    name: str
    type: CellType
    is_key: bool
    is_mark: bool
    weight: float
    label: Text
    forms: frozenset[str]
    own: frozenset[str]


@dataclass(frozen=True)
class ListKind:
    """A kind of list: its name, words in titles that tell it, and its attributes."""

    name: str
    label: Text
    words: tuple[str, ...]
    fields: tuple[Field, ...]

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Return the attributes by name."""
        return {field.name: field for field in self.fields}

    def field_of(self, heading: str) -> Field | None:
        """Return the attribute that a heading names; its label goes before other words."""
        forms = {bare_heading(heading), bare_heading(_without_brackets(heading))} - {""}
        for field in self.fields:
            if field.own & forms:
                return field
        return next((field for field in self.fields if field.forms & forms), None)


def bare_heading(text: str) -> str:
    """Return a heading without what people vary: blanks, signs, case, width, the mark *."""
    text = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"[\s*_:：、,，/\-.。\"'“”‘’()\[\]【】]+", "", text)


def _without_brackets(text: str) -> str:
    return re.sub(r"[(\[【][^()\[\]【】]*[)\]】]", "", unicodedata.normalize("NFKC", text))


@cache
def list_kinds() -> dict[str, ListKind]:
    """Return the kinds of lists that are known, by name."""
    fields: dict[str, list[Field]] = {}
    for row in _rows("kinds.csv"):
        own = frozenset(map(bare_heading, (row["zh"], row["en"])))
        also = (bare_heading(word) for word in row["also"].split(";") if word.strip())
        fields.setdefault(row["kind"], []).append(
            Field(
                name=row["attribute"],
                type=CellType(row["type"]),
                is_key=row["status"] == "key",
                is_mark=row["status"] in ("key", "mark"),
                weight=float(row["weight"]),
                label=Text(row["zh"], row["en"]),
                forms=own | frozenset(also) | {row["attribute"]},
                own=own | {row["attribute"]},
            )
        )
    return {
        row["kind"]: ListKind(
            row["kind"],
            Text(row["zh"], row["en"]),
            tuple(row["words"].split(";")),
            tuple(fields[row["kind"]]),
        )
        for row in _rows("lists.csv")
    }


def known_kinds() -> Text:
    """Return the names of the kinds of lists that are known, in both languages."""
    labels = [kind.label for kind in list_kinds().values()]
    return Text("、".join(one.zh for one in labels), ", ".join(one.en for one in labels))


def _rows(name: str) -> list[dict[str, str]]:
    file = resources.files("jicheng.io.raw").joinpath(name)
    return list(csv.DictReader(file.read_text("utf-8").splitlines()))
