"""What all importers share: a job, and reading loose JSON without trusting its shape."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jicheng.io.sources.cleaning import clean
from jicheng.io.sources.files import SourceLimits, parts_of
from jicheng.io.sources.values import objects
from jicheng.schema import countries

__all__ = [
    "Job",
    "Keep",
    "country_of",
    "day_of",
    "has_han",
    "items",
    "names",
    "number_of",
    "objects_of",
    "other_names",
    "part",
    "said",
    "year_of",
]

_DAY = re.compile(r"(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?!\d)")
_YEAR = re.compile(r"(1[89]\d\d|2[01]\d\d)(?!\d)")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LONGEST_NAME = 500
_EUROPEAN = {"EL": "GR", "UK": "GB"}  # codes that the European Union writes its own way


@dataclass(frozen=True, slots=True)
class Keep:
    """What of a source is taken; empty = all.

    ``countries`` are alpha-3 codes. What has no country is not taken when one is asked
    for: nothing is guessed.
    """

    countries: frozenset[str] = frozenset()

    def any_of(self, found: Iterable[str | None]) -> bool:
        """Tell whether one of some countries is asked for, or none is."""
        return not self.countries or any(one in self.countries for one in found)


@dataclass(frozen=True, slots=True)
class Job:
    """Files to read, what to take of them, and when to refuse."""

    paths: Sequence[Path]
    keep: Keep = field(default_factory=Keep)
    limits: SourceLimits = field(default_factory=SourceLimits)


def objects_of(
    job: Job, suffixes: Sequence[str], lists: Sequence[str]
) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of all files of a job, those of pages one by one.

    Parameters
    ----------
    suffixes : sequence of str
        Endings of files that are read; "" = files without any whose name begins with
        ``part``, as those of snapshots.
    lists : sequence of str
        Keys under which a page of an interface holds its objects.
    """

    def is_wanted(name: str) -> bool:
        ending = Path(name).suffix
        return ending in suffixes and (bool(ending) or name.startswith("part"))

    for one in parts_of(job.paths, is_wanted, job.limits):
        for found in objects(one, job.limits):
            page = next((found[key] for key in lists if isinstance(found.get(key), list)), None)
            if page is None:
                yield found
            else:
                yield from (item for item in page if isinstance(item, dict))


def part(item: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return an object inside an object; empty if there is none."""
    found = item.get(key)
    return found if isinstance(found, dict) else {}


def items(item: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    """Return the objects of a list inside an object; empty if there is none."""
    found = item.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def said(item: Mapping[str, Any], key: str) -> str | None:
    """Return a short text inside an object, clean; None if it says nothing."""
    return clean(item.get(key), longest=_LONGEST_NAME)


def names(label: str) -> dict[str, str | None]:
    """Return the columns of a name: in English, too, if it has no Chinese character."""
    name = clean(label, longest=_LONGEST_NAME)
    return {"name": name, "name_en": None if name is None or has_han(name) else name}


def other_names(found: Iterable[str | None], *known: str | None) -> str | None:
    """Return names that are not known yet, each once, joined by ``;``."""
    clear = (clean(one, longest=_LONGEST_NAME) for one in found)
    unique = dict.fromkeys(one.replace(";", ",") for one in clear if one)
    return ";".join(one for one in unique if one not in known) or None


def has_han(text: str) -> bool:
    """Tell whether a text has a Chinese character."""
    return _HAN.search(text) is not None


def day_of(value: object) -> str | None:
    """Return the day at the start of a date or a time; None if it is none."""
    match = _DAY.match(value) if isinstance(value, str) else None
    try:
        return date.fromisoformat(match[0]).isoformat() if match else None
    except ValueError:  # the thirtieth of February
        return None


def year_of(value: object) -> str | None:
    """Return the year at the start of a date, or a whole number that is one."""
    match = _YEAR.match(str(value)) if isinstance(value, str | int) else None
    return match[0] if match else None


def number_of(value: object) -> str | None:
    """Return a finite number as text; None if it is none."""
    try:
        number = float(value) if isinstance(value, str | int | float) else math.nan
    except (ValueError, OverflowError):
        return None
    return repr(number) if math.isfinite(number) and not isinstance(value, bool) else None


@cache
def _alpha3() -> dict[str, str]:
    return {country.alpha2: code for code, country in countries().items()}


def country_of(value: object) -> str | None:
    """Return the alpha-3 code of an alpha-2 code (or of itself); None if it is none."""
    code = value.strip().upper() if isinstance(value, str) else ""
    return _alpha3().get(_EUROPEAN.get(code, code)) or (code if code in countries() else None)
