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
    "Country",
    "Kind",
    "Need",
    "Parameter",
    "Status",
    "Table",
    "choices",
    "countries",
    "parameters",
    "plan_tables",
    "stage_needs",
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
class Country:
    """A country or territory of ISO 3166: codes, names, other ways to write it."""

    code: str
    alpha2: str
    name: Text
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One column of a table.

    ``references`` names the tables whose keys the value (each part of a list) must
    match, ``choice`` the list in ``choices.csv``, ``low`` and ``high`` the closed
    legal range (None = open).
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


@dataclass(frozen=True, slots=True)
class Parameter:
    """One assumed or tunable number of a stage: its label, range and provenance.

    The default lives in the stage's settings class; ``low`` and ``high`` are the
    range over which the sensitivity of a plan is computed (None = not varied).
    """

    stage: str
    name: str
    unit: str
    low: float | None
    high: float | None
    label: Text
    provenance: Text


@dataclass(frozen=True, slots=True)
class Need:
    """A table, and perhaps an attribute of it, that a stage reads.

    Without a required one the stage is skipped; without a wanted one it runs and
    ``consequence`` says what it then cannot tell.
    """

    stage: str
    table: str
    attribute: str
    is_required: bool
    consequence: Text


_SHARE = ("0", "1")
_YEAR = ("1800", "2200")  # outside lies a slip of the keyboard, not a year of the data
_TYPE = re.compile(r"(?P<kind>\w+)(:(?P<of>[\w+]+))?(\[(?P<low>-?[\d.]*),(?P<high>-?[\d.]*)\])?")


def _attribute(row: dict[str, str]) -> Attribute:
    match = _TYPE.fullmatch(row["type"])
    if match is None:
        raise ValueError(f"type {row['type']!r} of {row['attribute']!r}")
    kind = Kind(match["kind"])
    of = match["of"] or ""
    low, high = match["low"], match["high"]
    if kind is Kind.SHARE:
        low, high = _SHARE
    elif kind is Kind.YEAR:
        low, high = _YEAR
    is_choice = of in choices()
    return Attribute(
        name=row["attribute"],
        kind=kind,
        unit=row["unit"],
        default=row["default"],
        label=Text(row["zh"], row["en"]),
        help=Text(row["description_zh"], row["description"]),
        status=Status(row["status"]),
        references=tuple(of.split("+")) if of and not is_choice else (),
        choice=of if is_choice else "",
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


@cache
def countries() -> dict[str, Country]:
    """Return the countries and territories of ISO 3166 by their alpha-3 code."""
    return {
        row["code"]: Country(
            row["code"],
            row["alpha2"],
            Text(row["zh"], row["en"]),
            tuple(part for part in row["also"].split(";") if part),
        )
        for row in _rows("countries.csv")
    }


@cache
def parameters() -> tuple[Parameter, ...]:
    """Return the parameters of all stages, in the order of the stages' files."""
    folder = resources.files("jicheng.schema").joinpath("parameters")
    files = sorted(file.name for file in folder.iterdir() if file.name.endswith(".csv"))
    return tuple(
        Parameter(
            stage=file.removesuffix(".csv"),
            name=row["parameter"],
            unit=row["unit"],
            low=float(row["low"]) if row["low"] else None,
            high=float(row["high"]) if row["high"] else None,
            label=Text(row["zh"], row["en"]),
            provenance=Text(row["provenance_zh"], row["provenance"]),
        )
        for file in files
        for row in _rows("parameters", file)
    )


@cache
def stage_needs() -> tuple[Need, ...]:
    """Return what every stage of a plan reads from a zone."""
    return tuple(
        Need(
            stage=row["stage"],
            table=row["table"],
            attribute=row["attribute"],
            is_required=row["need"] == "required",
            consequence=Text(row["consequence_zh"], row["consequence"]),
        )
        for row in _rows("stages.csv")
    )
