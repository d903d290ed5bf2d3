"""Evidence grades A to D: how far the shares of a technology can be trusted.

| grade | age of the newest share | mass known | listed suppliers | node |
|---|---|---|---|---|
| A | up to 2 years | at least 95 % | any | leaf |
| B | up to 4 years | at least 80 % | any | leaf |
| C | up to 8 years | at least 50 % | any | leaf |
| D | older or undated | less | none with a share | category |

The worst line that applies wins; age counts from the zone's period. One listed
supplier, a true monopoly or a thin source, costs one grade, and with a share older than
two years the grade is C at best. The grades are ours; without shares there is no grade.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jicheng.supply import Shares, Supply

__all__ = ["GRADES", "NO_GRADE", "grade_basis", "grade_supply", "letters"]

GRADES = "ABCD"
NO_GRADE = -1

_AGES = (2, 4, 8)  # years
_MASSES = (0.95, 0.80, 0.50)
_WORST = 3
_ROUNDING = 1e-9


def grade_basis(shares: Shares, is_category: NDArray[np.bool_], period: int) -> NDArray[np.int64]:
    """Grade the shares of one basis.

    Parameters
    ----------
    shares : Shares
        Shares of the world, or of home's sourcing.
    is_category : ndarray of bool, shape (n,)
        Technologies that have members.
    period : int
        Year from which age counts.

    Returns
    -------
    ndarray of int64, shape (n,)
        Position in ``GRADES``; ``NO_GRADE`` where no row carries a share.
    """
    age = np.where(shares.period > 0, np.maximum(0, period - shares.period), _AGES[-1] + 1)
    by_age = (age[:, None] > np.array(_AGES)).sum(axis=1)
    known = 1.0 - shares.unknown + _ROUNDING
    by_mass = (known[:, None] < np.array(_MASSES)).sum(axis=1)
    grade = np.maximum(by_age, by_mass)
    grade[is_category | (shares.n_with_share == 0)] = _WORST
    single = shares.n_suppliers == 1
    grade = np.where(single, np.minimum(grade + 1, _WORST), grade)
    thin = single & (age > _AGES[0])
    grade = np.where(thin, np.maximum(grade, GRADES.index("C")), grade)
    return np.where(shares.has_shares, grade, NO_GRADE).astype(np.int64)


def grade_supply(
    supply: Supply, is_category: NDArray[np.bool_], period: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the grades of both together, of the world, and of home's sourcing.

    Where both bases have shares, V rests on both and the worse grade counts.
    """
    world = grade_basis(supply.world, is_category, period)
    sourcing = grade_basis(supply.sourcing, is_category, period)
    return np.maximum(world, sourcing), world, sourcing


def letters(grades: NDArray[np.int64]) -> list[str | None]:
    """Return grades as letters, None where there is no grade."""
    return [None if grade == NO_GRADE else GRADES[grade] for grade in grades]
