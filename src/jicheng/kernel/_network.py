"""A network of sales, checked and laid out in both directions for the cascade.

Formulas of the weights stand in :mod:`jicheng.kernel.cascade`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from jicheng.kernel._directions import Direction, Market, direction_of, market_of

__all__ = ["Network", "Sales", "firms_of", "matrix_of", "network_of", "weights_of"]

Sales: TypeAlias = (
    sparse.csr_array[Any] | sparse.csc_array[Any] | sparse.coo_array[Any] | NDArray[np.float64]
)

_ESSENTIAL = 2


@dataclass(frozen=True, slots=True)
class Network:
    """Both directions of a network, ready to run.

    ``market`` is None where suppliers are not replaceable.
    """

    n: int
    down: Direction
    up: Direction
    market: Market | None
    tolerance: float


def matrix_of(sales: Sales) -> sparse.csr_array[np.float64, tuple[int, int]]:
    """Return sales in compressed rows, repeated entries added up, zeros left out.

    Raises
    ------
    ValueError
        If they are not square, or an entry is not finite or negative.
    """
    if len(sales.shape) != 2 or sales.shape[0] != sales.shape[1]:
        raise ValueError(f"sales must be square, not {sales.shape}")
    entries = sparse.coo_array(sales).astype(np.float64)
    if not np.isfinite(entries.data).all() or (entries.data < 0).any():
        raise ValueError("sales must be finite and not negative")
    matrix = sparse.csr_array(entries)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    return matrix


def network_of(
    matrix: sparse.csr_array[np.float64, tuple[int, int]],
    industry: ArrayLike,
    essentiality: ArrayLike,
    *,
    replaceable: bool,
    tolerance: float,
    revenue: ArrayLike | None,
) -> Network:
    """Check the inputs of :func:`jicheng.kernel.cascade.systemic_risk` and lay them out.

    Raises
    ------
    ValueError
        As listed there.
    """
    if not tolerance > 0:
        raise ValueError(f"tolerance must be positive, not {tolerance}")
    n = matrix.shape[0]
    needs = _essentiality_of(essentiality)
    codes = _industry_of(industry, n, len(needs))
    supplier = np.repeat(np.arange(n), np.diff(matrix.indptr))
    buyer, amount = matrix.indices.astype(np.int64), matrix.data
    sold = np.bincount(supplier, amount, minlength=n).astype(np.float64)
    base = np.maximum(sold, _revenue_of(revenue, n))
    market = None
    down = _downstream_of(n, supplier, buyer, amount, codes, needs)
    if replaceable:
        market = market_of(down, codes, sold, len(needs))
    up = direction_of(n, supplier, buyer, amount / base[supplier])
    return Network(n, down, up, market, float(tolerance))


def _downstream_of(
    n: int,
    supplier: NDArray[np.int64],
    buyer: NDArray[np.int64],
    amount: NDArray[np.float64],
    codes: NDArray[np.int64],
    needs: NDArray[np.int8],
) -> Direction:
    """Group each buyer's inputs: one group an essential industry, one for all others."""
    need = needs[codes[supplier], codes[buyer]]
    bought = np.bincount(buyer, amount, minlength=n)
    _, pair = np.unique(buyer * len(needs) + codes[supplier], return_inverse=True)
    of_pair = np.bincount(pair, amount)
    is_essential = need == _ESSENTIAL
    weight = amount / np.where(is_essential, of_pair[pair], bought[buyer])
    group = np.where(is_essential, codes[supplier], -1)
    kept = need > 0
    return direction_of(n, buyer[kept], supplier[kept], weight[kept], group[kept])


def _essentiality_of(essentiality: ArrayLike) -> NDArray[np.int8]:
    needs = np.asarray(essentiality)
    if needs.ndim != 2 or needs.shape[0] != needs.shape[1]:
        raise ValueError(f"essentiality must be square, not {needs.shape}")
    if not np.isin(needs, (0, 1, 2)).all():
        raise ValueError("essentiality holds only 0, 1 and 2")
    return needs.astype(np.int8)


def _industry_of(industry: ArrayLike, n: int, m: int) -> NDArray[np.int64]:
    codes = np.asarray(industry)
    if codes.shape != (n,):
        raise ValueError(f"industry has shape {codes.shape}, not ({n},)")
    if not np.issubdtype(codes.dtype, np.integer):
        raise ValueError("industry holds codes, integers from 0")
    if n and not (codes.min() >= 0 and codes.max() < m):
        raise ValueError(f"industry codes must lie in 0 to {m - 1}, as essentiality has them")
    return codes.astype(np.int64)


def _revenue_of(revenue: ArrayLike | None, n: int) -> NDArray[np.float64]:
    if revenue is None:
        return np.zeros(n)
    known = np.asarray(revenue, dtype=np.float64)
    if known.shape != (n,):
        raise ValueError(f"revenue has shape {known.shape}, not ({n},)")
    if np.isinf(known).any() or (known < 0).any():
        raise ValueError("revenue must be finite and not negative, or NaN where unknown")
    return np.nan_to_num(known, nan=0.0)


def weights_of(
    matrix: sparse.csr_array[np.float64, tuple[int, int]], weights: ArrayLike | None
) -> NDArray[np.float64]:
    """Return the weight of each firm, by default its sales, scaled to sum to 1.

    Raises
    ------
    ValueError
        If a weight is not finite or negative, or no firm has weight.
    """
    given: NDArray[np.float64] = (
        matrix.sum(axis=1) if weights is None else np.asarray(weights, dtype=np.float64)
    )
    if given.shape != (matrix.shape[0],):
        raise ValueError(f"weights have shape {given.shape}, not ({matrix.shape[0]},)")
    if not np.isfinite(given).all() or (given < 0).any():
        raise ValueError("weights must be finite and not negative")
    if given.sum() <= 0:
        raise ValueError("no firm has weight: without sales the index is not defined")
    share: NDArray[np.float64] = given / given.sum()
    return share


def firms_of(n: int, firms: ArrayLike | None) -> NDArray[np.int64]:
    """Return the rows of the firms asked for, by default all.

    Raises
    ------
    ValueError
        If a row does not exist.
    """
    if firms is None:
        return np.arange(n)
    chosen = np.asarray(firms)
    if chosen.size == 0:
        return np.empty(0, dtype=np.int64)
    if chosen.ndim != 1 or not np.issubdtype(chosen.dtype, np.integer):
        raise ValueError("firms is a list of row numbers")
    if not (chosen.min() >= 0 and chosen.max() < n):
        raise ValueError(f"firms must lie in 0 to {n - 1}")
    return chosen.astype(np.int64)
