"""First-match cases: when the case that counts is certainly, or possibly, among some."""

from __future__ import annotations

from collections.abc import Sequence

from jicheng.select.ladder.formula import Formula, all_of, any_of

__all__ = ["certainly_among", "possibly_among"]

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


def _some(*formulas: Formula | None) -> list[Formula]:
    return [formula for formula in formulas if formula is not None]
