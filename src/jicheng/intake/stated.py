"""Rows that lists state as they stand, such as technologies: one a key, the latest first.

They are not resolved as records of bodies are. Where two lists say different things of one
technology the latest counts, and the difference is told: nothing is lost in silence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jicheng.errors import Fault, fault

__all__ = ["one_row_each"]

Row = Mapping[str, Any]
_ABOUT_ROWS = ("source", "as_of")
_LONGEST = 40  # characters of a value that a warning shows


def one_row_each(
    table: str, rows: Sequence[Row], key: Sequence[str]
) -> tuple[list[dict[str, Any]], list[Fault]]:
    """Return one row for each key, in the order of keys, and what contradicts (E669).

    Parameters
    ----------
    table : str
        Name of the table, told with each contradiction.
    rows : sequence of mappings
        Rows with ``source`` and ``as_of`` (ISO day, or None).
    key : sequence of str
        Columns that make two rows one.

    Notes
    -----
    The latest row counts, of equally late ones the first by what they say. Where one column
    is the key, what it leaves open is filled from the next; rows of relations, such as
    shares of a year, are taken as they stand.
    """
    grouped: dict[tuple[str, ...], list[Row]] = {}
    for row in sorted(rows, key=lambda row: tuple(str(row.get(name)) for name in row)):
        grouped.setdefault(tuple(str(row.get(name)) for name in key), []).append(row)
    made: list[dict[str, Any]] = []
    told: list[Fault] = []
    for own in sorted(grouped):
        those = sorted(grouped[own], key=lambda row: str(row.get("as_of") or ""), reverse=True)
        found = dict(those[0])
        for name in dict.fromkeys(name for row in those for name in row):
            said = list(dict.fromkeys(r[name] for r in those if r.get(name) is not None))
            if len(key) == 1 and found.get(name) is None and said:
                found[name] = said[0]
            if len(said) > 1 and name not in _ABOUT_ROWS:
                told.append(_contradiction(table, own, name, said))
        made.append(found)
    return made, told


def _contradiction(table: str, own: Sequence[str], name: str, said: Sequence[Any]) -> Fault:
    shown = [str(one) for one in said]
    cut = [one if len(one) <= _LONGEST else f"{one[:_LONGEST]}…" for one in shown]
    return fault(
        "E669", is_warning=True, id=f"{table} {' '.join(own)}", column=name, values=" / ".join(cut)
    )
