"""First matches: which case counts, certainly or possibly, and which band where."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jicheng.rules.pack.model import Case
from jicheng.rules.score.bands import BandTable
from jicheng.select.ladder.formula import Formula, all_of, any_of

__all__ = ["cells_of", "certainly_among", "complete", "possibly_among"]

Parts = Sequence[Formula | None]
"""A formula for every case; None for one without a condition, which always holds."""


def certainly_among(holds: Parts, fails: Parts, wanted: Sequence[bool]) -> Formula:
    """Return that every other case is out, or behind a wanted one that holds.

    Parameters
    ----------
    holds, fails : sequence of Formula or None
        When each case certainly holds and certainly does not; the last always holds.
    wanted : sequence of bool
        Which cases may count.
    """
    clauses: list[tuple[Formula | None, list[int]]] = []
    before: list[int] = []
    for place, is_wanted in enumerate(wanted):
        if is_wanted:
            before.append(place)
        else:
            clauses.append((fails[place], list(before)))
    if not clauses:
        return all_of()
    # one behind the same cases as the last, which cannot fail, says nothing of its own
    last = clauses[-1]
    needed = [c for c in clauses[:-1] if last[0] is not None or c[1] != last[1]] + [last]
    return all_of(
        *(any_of(*_some(out), *_some(*(holds[k] for k in places))) for out, places in needed)
    )


def possibly_among(holds: Parts, fails: Parts, wanted: Sequence[bool]) -> Formula:
    """Return that some wanted case may hold, and none before it must."""
    return any_of(
        *(
            all_of(*_some(holds[place]), *_some(*fails[:place]))
            for place, is_wanted in enumerate(wanted)
            if is_wanted
        )
    )


def complete(cases: Sequence[Case]) -> tuple[Case, ...]:
    """Return cases with a last one that always holds: nothing, if the list has none."""
    return tuple(cases) if cases[-1].when is None else (*cases, Case(None, 0.0, 0.0))


def cells_of(table: BandTable) -> list[tuple[int, int, float]]:
    """Return the stretches of a list of bands with equal points: first and last cell, points."""
    points = np.diag(table.low)
    pieces: list[tuple[int, int, float]] = []
    for cell, value in enumerate(points):
        if pieces and pieces[-1][2] == value:
            pieces[-1] = (pieces[-1][0], cell, pieces[-1][2])
        else:
            pieces.append((cell, cell, float(value)))
    return pieces


def _some(*formulas: Formula | None) -> list[Formula]:
    return [formula for formula in formulas if formula is not None]
