"""Which attribute a column heading means: its name, or its label in either language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache

from jicheng.errors import Fault, Where, fault
from jicheng.schema import Table, zone_tables

__all__ = ["attribute_of", "match_headings", "table_of"]

_UNIT = re.compile(r"\s*[(\[][^()\[\]]*[)\]]$")


def attribute_of(heading: str, table: Table) -> str | None:
    """Return the attribute that a heading means; None if it means none.

    The mark of a required column (``*``) and a unit in brackets are left aside.
    """
    plain = _plain(heading)
    forms = _forms(table.name)
    return forms.get(plain) or forms.get(_UNIT.sub("", plain).rstrip("* "))


def table_of(name: str) -> str | None:
    """Return the table that a sheet or file is named after, in either language."""
    plain = _plain(name)
    for table in zone_tables().values():
        forms = {_plain(form) for form in (table.name, table.label.zh, table.label.en)}
        if plain in forms or set(plain.split()) & forms:
            return table.name
    return None


def match_headings(
    headings: Sequence[str],
    table: Table,
    where: Where,
    *,
    is_empty: Callable[[int], bool],
    name_of: Callable[[int], str],
) -> tuple[Mapping[int, str], list[Fault]]:
    """Return the attribute of each column that has one.

    Parameters
    ----------
    headings : sequence of str
        As the user wrote them, by position.
    table : Table
        The table they belong to.
    where : Where
        Place of the headings.
    is_empty : callable
        Whether the column at a position has no values at all; such a column is left
        out if it has no heading.
    name_of : callable
        How the user knows a column, such as ``C`` in a sheet.

    Returns
    -------
    columns : mapping of int to str
        Attribute by position; an unknown heading keeps its text, which the schema
        then refuses (E101).
    faults : list of Fault
        E156 for a heading that occurs twice, E157 for values without a heading.
    """
    columns: dict[int, str] = {}
    taken: dict[str, list[int]] = {}
    faults: list[Fault] = []
    for position, heading in enumerate(headings):
        if not heading.strip():
            if not is_empty(position):
                faults.append(fault("E157", where=where, column=name_of(position)))
            continue
        attribute = attribute_of(heading, table) or heading.strip()
        columns[position] = attribute
        taken.setdefault(attribute, []).append(position)
    for attribute, positions in taken.items():
        if len(positions) > 1:
            named = ", ".join(name_of(position) for position in positions)
            place = replace(where, column=attribute)
            heading = headings[positions[0]].strip()
            faults.append(fault("E156", where=place, heading=heading, columns=named))
            for position in positions[1:]:
                del columns[position]
    return columns, faults


@cache
def _forms(table: str) -> dict[str, str]:
    forms: dict[str, str] = {}
    for attribute in zone_tables()[table].attributes:
        for form in (attribute.label.en, attribute.label.zh):
            forms[_plain(form)] = attribute.name
    for attribute in zone_tables()[table].attributes:  # a name beats any label
        forms[attribute.name] = attribute.name
    return forms


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).strip().strip("*").strip().lower()
    return re.sub(r"\s+", " ", text)
