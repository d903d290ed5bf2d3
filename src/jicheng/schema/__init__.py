"""The data model as data: one CSV file per table, read here and nowhere else.

``zone/*.csv`` describes what a zone holds, ``plan/*.csv`` what a plan writes;
``choices.csv`` names the allowed values of every choice in both languages. The
same files make types and defaults, checks, the Excel template, headings and
help in both languages, and the documentation of the data model.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Literal

from jicheng.errors import Text

__all__ = [
    "Attribute",
    "Choice",
    "Kind",
    "Status",
    "Table",
    "choices",
    "plan_tables",
    "zone_tables",
]


class Kind(StrEnum):
    """How the values of an attribute are written and typed."""

    ID = "id"
    REFERENCE = "ref"
    TEXT = "text"
    LIST = "list"
    COUNTRY = "country"
    CHOICE = "choice"
    NUMBER = "number"
    INTEGER = "integer"
    SHARE = "share"
    BOOLEAN = "boolean"
    YEAR = "year"
    DATE = "date"


class Status(StrEnum):
    """Whether an attribute must be there."""

    KEY = "key"
    REQUIRED = "required"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class Choice:
    """One allowed value of a choice, with its labels."""

    value: str
    label: Text


@dataclass(frozen=True, slots=True)
class Attribute:
    """One column of a table.

    ``references`` names the tables whose keys the value must match, ``choice``
    the list in ``choices.csv``, ``low`` and ``high`` the closed legal range
    (None = open).
    """

    name: str
    kind: Kind
    unit: str
    default: str
    label: Text
    help: Text
    status: Status
    references: tuple[str, ...] = ()
    choice: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns, and the columns that together identify a row."""

    name: str
    key: tuple[str, ...]
    label: Text
    help: Text
    attributes: tuple[Attribute, ...]

    def __getitem__(self, name: str) -> Attribute:
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(attribute.name for attribute in self.attributes)


_TYPE = re.compile(r"(?P<kind>\w+)(:(?P<of>[\w+]+))?(\[(?P<low>-?[\d.]*),(?P<high>-?[\d.]*)\])?")


def _attribute(row: dict[str, str]) -> Attribute:
    match = _TYPE.fullmatch(row["type"])
    if match is None:
        raise ValueError(f"type {row['type']!r} of {row['attribute']!r}")
    kind = Kind(match["kind"])
    of = match["of"] or ""
    low, high = match["low"], match["high"]
    if kind is Kind.SHARE:
        low, high = "0", "1"
    return Attribute(
        name=row["attribute"],
        kind=kind,
        unit=row["unit"],
        default=row["default"],
        label=Text(row["zh"], row["en"]),
        help=Text(row["description_zh"], row["description"]),
        status=Status(row["status"]),
        references=tuple(of.split("+")) if kind is Kind.REFERENCE else (),
        choice=of if kind is Kind.CHOICE else "",
        low=float(low) if low else None,
        high=float(high) if high else None,
    )


def _rows(*path: str) -> list[dict[str, str]]:
    file = resources.files("jicheng.schema").joinpath(*path)
    return list(csv.DictReader(file.read_text("utf-8").splitlines()))


def _tables(model: Literal["zone", "plan"]) -> dict[str, Table]:
    return {
        row["table"]: Table(
            name=row["table"],
            key=tuple(row["key"].split("|")),
            label=Text(row["zh"], row["en"]),
            help=Text(row["description_zh"], row["description"]),
            attributes=tuple(_attribute(line) for line in _rows(model, f"{row['table']}.csv")),
        )
        for row in _rows(model, "tables.csv")
    }


@cache
def zone_tables() -> dict[str, Table]:
    """Return the tables that a zone may hold, by name, in their order."""
    return _tables("zone")


@cache
def plan_tables() -> dict[str, Table]:
    """Return the tables that a plan writes, by name, in their order."""
    return _tables("plan")


@cache
def choices() -> dict[str, tuple[Choice, ...]]:
    """Return the allowed values of every choice, by its name."""
    lists: dict[str, list[Choice]] = {}
    for row in _rows("choices.csv"):
        lists.setdefault(row["choice"], []).append(Choice(row["value"], Text(row["zh"], row["en"])))
    return {name: tuple(values) for name, values in lists.items()}
