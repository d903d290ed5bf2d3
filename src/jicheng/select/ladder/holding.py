"""Whether a formula holds for one firm at given amounts, exactly; and what its points are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jicheng.select.ladder.formula import (
    All,
    Any,
    AtLeast,
    Best,
    Counted,
    Fixed,
    Formula,
    Kept,
    Known,
    Points,
    Scored,
    Steps,
    Sum,
    Threshold,
    Used,
)  # fmt: skip

__all__ = ["holds", "points_at"]


def holds(
    formula: Formula, firm: int, amounts: Sequence[float], points: Mapping[str, Points]
) -> bool:
    """Tell whether a formula holds.

    Parameters
    ----------
    formula : Formula
        Any.
    firm : int
        Its place.
    amounts : sequence of float
        Of every action.
    points : mapping of str to Points
        To which :class:`Scored` parts refer.
    """
    match formula:
        case Known():
            return bool(formula.flags[firm])
        case Used():
            return (amounts[formula.action] > 0) == formula.is_used
        case Threshold():
            total = float(formula.base[firm])
            for action, slope in formula.slopes:
                if amounts[action]:
                    total += float(slope[firm]) * amounts[action]
            return total > 0 if formula.is_strict else total >= 0
        case All():
            return all(holds(part, firm, amounts, points) for part in formula.parts)
        case Any():
            return any(holds(part, firm, amounts, points) for part in formula.parts)
        case AtLeast():
            found = sum(holds(part, firm, amounts, points) for part in formula.parts)
            return found >= formula.count
        case Scored():
            total = sum(
                weight * points_at(points[name], firm, amounts) for name, weight in formula.terms
            )
            return total > formula.bound if formula.is_strict else total >= formula.bound


def points_at(points: Points, firm: int, amounts: Sequence[float]) -> float:
    """Return the points of one firm."""
    match points:
        case Fixed():
            return float(points.points[firm])
        case Steps():
            found = points.levels[0]
            for level, formula in zip(points.levels[1:], points.formulas, strict=True):
                if holds(formula, firm, amounts, {}):
                    found = level
            return found
        case Counted():
            n_true = sum(holds(part, firm, amounts, {}) for part in points.parts)
            return min(points.cap, points.each * n_true)
        case Sum():
            total = sum(points_at(part, firm, amounts) for part in points.parts)
            return total if points.cap is None else min(points.cap, total)
        case Best():
            return max(
                points_at(part, firm, amounts)
                for part, allowed in zip(points.parts, points.allowed, strict=True)
                if allowed[firm]
            )
        case Kept():
            is_same = all(amounts[action] == 0 for action in points.actions)
            return float(points.today[firm]) if is_same else points.least
