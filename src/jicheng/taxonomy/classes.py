"""Symbols of the International Patent Classification, and the capabilities they show.

A symbol is read in every way offices write it: ``G03F 7/20``, ``G03F7/20``,
``G03F0007200000`` (the machine-readable form of WIPO standard ST.8), a subclass ``G03F``
alone, with a version ``G03F 7/20 (2006.01)``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

__all__ = ["PatentClass", "capabilities_by_class", "parse_class", "parse_classes"]

_SYMBOL = re.compile(r"([A-HY]\d\d[A-Z])(?:\s*(\d{1,4})(?:\s*/\s*(\d{2,6}))?)?(?:\s*\(.*\))?")
_ST8 = re.compile(r"([A-HY]\d\d[A-Z])(\d{4})(\d{6})")
_SEPARATOR = re.compile(r"[;；,，、|\n\r\t]+")


@dataclass(frozen=True, slots=True)
class PatentClass:
    """A symbol: ``subclass`` such as G03F, ``group`` such as 7, ``subgroup`` such as 20.

    ``group`` and ``subgroup`` are "" where the symbol stops before them; subgroup
    ``"00"`` is the main group as a whole.
    """

    subclass: str
    group: str = ""
    subgroup: str = ""

    def __str__(self) -> str:
        if not self.group:
            return self.subclass
        return f"{self.subclass}{self.group}/{self.subgroup or '00'}"

    @property
    def main_group(self) -> str:
        """Subclass and main group, such as ``G03F7``; "" for a subclass alone."""
        return self.subclass + self.group if self.group else ""


def parse_class(written: str) -> PatentClass | None:
    """Read one symbol; None if it is none.

    Examples
    --------
    >>> str(parse_class("G03F 7/20 (2006.01)"))
    'G03F7/20'
    >>> str(parse_class("G03F0007200000"))
    'G03F7/20'
    >>> parse_class("photoresist") is None
    True
    """
    text = unicodedata.normalize("NFKC", written[:64]).strip().upper()
    fixed = _ST8.fullmatch(text)
    found = fixed or _SYMBOL.fullmatch(text)
    if found is None:
        return None
    subclass, group, subgroup = found.group(1), found.group(2) or "", found.group(3) or ""
    if fixed:
        subgroup = subgroup[:2] + subgroup[2:].rstrip("0")
    group = group.lstrip("0")
    return PatentClass(subclass, group, subgroup if group else "")


def parse_classes(written: str | None) -> tuple[PatentClass, ...]:
    """Read a list separated by ``;`` (also ``,`` and the Chinese marks), without doubles.

    What is no symbol is passed over: files of patents hold all sorts of codes.
    """
    parts = (parse_class(part) for part in _SEPARATOR.split(written or "") if part.strip())
    return tuple(dict.fromkeys(part for part in parts if part is not None))


def capabilities_by_class(capabilities: pl.DataFrame, codes: Iterable[str]) -> pl.DataFrame:
    """Return the capabilities that patents of these classes show.

    Parameters
    ----------
    capabilities : polars.DataFrame
        With ``id`` and ``ipc`` (symbols separated by ``;``; empty: none is known).
    codes : iterable of str
        Symbols, each as in :func:`parse_class`; lists separated by ``;`` are fine.

    Returns
    -------
    polars.DataFrame
        ``code``, ``capability``, ``level``: the capabilities whose symbols agree with
        the code longest, in the order of ``capabilities``. ``level`` says how far they
        agree: 3 the subgroup, 2 the main group, 1 the subclass only. A code that no
        capability names has no row; that is "not known", not "nobody".
    """
    by_level: tuple[dict[str, list[str]], ...] = ({}, {}, {})
    for name, written in capabilities.select("id", "ipc").iter_rows():
        for symbol in parse_classes(written):
            for level, key in enumerate(_keys(symbol)):
                if key and name not in by_level[level].setdefault(key, []):
                    by_level[level][key].append(name)
    rows: list[tuple[str, str, int]] = []
    for symbol in dict.fromkeys(s for written in codes for s in parse_classes(written)):
        for level in (2, 1, 0):
            found = by_level[level].get(_keys(symbol)[level], ())
            if found:
                rows.extend((str(symbol), name, level + 1) for name in found)
                break
    schema = {"code": pl.String, "capability": pl.String, "level": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _keys(symbol: PatentClass) -> tuple[str, str, str]:
    whole = str(symbol) if symbol.subgroup and symbol.subgroup != "00" else ""
    return symbol.subclass, symbol.main_group, whole
