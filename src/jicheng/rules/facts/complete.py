"""Which kinds of titles are listed completely: said by a person, never guessed from a table.

A firm without a row for a title may hold it all the same. Only where somebody says that
a list names every holder does no row mean that the title is not held.
"""

from __future__ import annotations

from collections.abc import Sequence

from jicheng.conform import nearest
from jicheng.errors import InvalidInput
from jicheng.rules.facts.dictionary import Dictionary

__all__ = ["ALL", "complete_kinds"]

ALL = "all"
"""Stands for every kind."""


def complete_kinds(named: Sequence[str], dictionary: Dictionary) -> tuple[str, ...]:
    """Return the kinds of titles whose holders are all listed.

    Parameters
    ----------
    named : sequence of str
        Kinds of ``qualifications``, or :data:`ALL`; empty = no list is complete.
    dictionary : Dictionary
        Whose facts rest on titles.

    Raises
    ------
    InvalidInput
        E954 for a kind that no fact rests on.
    """
    origins = (fact.origin.partition(":") for fact in dictionary.values())
    kinds = (kind for place, _, kind in origins if place.startswith("qualification"))
    known = tuple(dict.fromkeys(kinds))
    for name in named:
        if name != ALL and name not in known:
            near = nearest(name, [ALL, *known])
            raise InvalidInput.of("E954", name=name, near=near)
    return known if ALL in named else tuple(named)
