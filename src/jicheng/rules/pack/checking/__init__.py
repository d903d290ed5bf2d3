"""Whether a pack makes sense: bands, sums, names, kinds, provenance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import TypeAlias

from jicheng.errors import Fault
from jicheng.rules.facts.dictionary import Dictionary, fact_dictionary
from jicheng.rules.pack.checking.bands import band_faults
from jicheng.rules.pack.checking.provenance import status_faults, validity_faults
from jicheng.rules.pack.checking.references import (
    definition_faults,
    group_faults,
    name_faults,
    nesting_faults,
    peer_faults,
)
from jicheng.rules.pack.checking.sums import point_faults, weight_faults
from jicheng.rules.pack.model import Pack
from jicheng.rules.pack.structure import MOST_FAULTS

__all__ = ["check"]

_Check: TypeAlias = Callable[[Pack], Iterable[Fault]]
_CheckOfNames: TypeAlias = Callable[[Pack, Dictionary], Iterable[Fault]]

_CHECKS: Sequence[_Check] = (
    validity_faults,
    status_faults,
    group_faults,
    band_faults,
    point_faults,
    weight_faults,
)
_CHECKS_OF_NAMES: Sequence[_CheckOfNames] = (definition_faults, name_faults, peer_faults)


def check(pack: Pack, dictionary: Dictionary | None = None) -> tuple[Fault, ...]:
    """Find everything in a pack that does not make sense.

    Parameters
    ----------
    pack : Pack
        As it was read; for a shipped, plugged-in or own file use
        :func:`jicheng.rules.pack.reading.read_pack`, which checks by itself.
    dictionary : Dictionary, optional
        Facts that it may ask for; default those that ship.

    Returns
    -------
    tuple of Fault
        Errors and warnings in the order of the file, the first 200 of each kind of check;
        names are looked up only where definitions do not go in circles.
    """
    facts = fact_dictionary() if dictionary is None else dictionary
    found = [one for rule in _CHECKS for one in islice(rule(pack), MOST_FAULTS)]
    nesting = list(islice(nesting_faults(pack), MOST_FAULTS))
    if not nesting:
        found += [
            one for rule in _CHECKS_OF_NAMES for one in islice(rule(pack, facts), MOST_FAULTS)
        ]
    unique = dict.fromkeys((*found, *nesting))
    return tuple(sorted(unique, key=lambda one: (one.where.table, one.where.row or 0)))
