"""How the failure of a firm travels through a network of sales: the ESRI cascade.

Write W_ij for the sales of firm i to firm j, p_i for the industry of i, s_i for its
total sales, r_i for its revenue, e(k, l) for how essential industry k is as a supplier
of industry l (2 essential, 1 not, 0 irrelevant), psi_i for the capacity that a first
shock leaves. Levels of output hd (downstream, for want of inputs) and hu (upstream, for
want of customers) start at psi and fall, both from the state one step before:

    loss_jk = sum over i of industry k of sigma_i Ld_ij (1 - hd_i)
    hd_j    = max(0, min(psi_j, 1 - max over essential k of loss_jk, 1 - sum over others))
    hu_i    = max(0, min(psi_i, 1 - sum_j Lu_ij (1 - hu_j)))

    Ld_ij   = W_ij / sum of W_lj over l in the industry of i      where e(p_i, p_j) = 2
            = W_ij / sum of W_lj over all l                       where e(p_i, p_j) = 1
    Lu_ij   = W_ij / max(s_i, r_i)
    sigma_i = min(1, s_i / sum of s_l hd_l over l in the industry of i)   if replaceable

until no level falls by more than a tolerance in a step. Here losses 1 - h are kept, and
the two directions run one after the other: they meet only in the rule that ends them.

Source: Diem, Borsos, Reisch, Kertesz, Thurner 2022, Quantifying firm-level economic
systemic risk from nation-wide supply networks, Sci Rep 12:7719 (generalised Leontief
function, both directions, replaceability by market share). The order of computing is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from jicheng.kernel._linear import settle_linear
from jicheng.kernel._network import Network, Sales, firms_of, matrix_of, network_of, weights_of
from jicheng.kernel._spread import MOST_STEPS, settle, settle_replaced

__all__ = ["Levels", "SystemicRisk", "cascade", "systemic_risk"]

_BLOCK = 256  # shocks whose states are held at the same time, unless that is more than
_CELLS = 2**25  # so many losses a direction (256 MB)


@dataclass(frozen=True, slots=True)
class SystemicRisk:
    """Share of all sales that is lost when one firm stops, for each firm.

    Attributes
    ----------
    firms : ndarray of int64, shape (k,)
        Firms that were stopped one at a time.
    total : ndarray of float64, shape (k,)
        Weighted mean of 1 - min(hd, hu), in [0, 1]: the economic systemic risk index.
    downstream, upstream : ndarray of float64, shape (k,)
        Weighted mean of 1 - hd and of 1 - hu, in [0, 1].
    iterations : ndarray of int64, shape (k,)
        Steps until both directions had settled, the last one included.
    """

    firms: NDArray[np.int64]
    total: NDArray[np.float64]
    downstream: NDArray[np.float64]
    upstream: NDArray[np.float64]
    iterations: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Levels:
    """Output of every firm that a first shock leaves, as a share of what it was.

    Attributes
    ----------
    downstream, upstream : ndarray of float64, shape (n,) or (scenarios, n)
        Levels hd and hu in [0, 1].
    iterations : ndarray of int64, shape () or (scenarios,)
        Steps until both directions had settled.
    """

    downstream: NDArray[np.float64]
    upstream: NDArray[np.float64]
    iterations: NDArray[np.int64]


def systemic_risk(
    sales: Sales,
    industry: ArrayLike,
    essentiality: ArrayLike,
    *,
    replaceable: bool,
    tolerance: float,
    revenue: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    firms: ArrayLike | None = None,
    executor: Executor | None = None,
) -> SystemicRisk:
    """Stop each firm in turn and measure what share of output the network loses.

    Parameters
    ----------
    sales : sparse or dense matrix of float64, shape (n, n)
        Sales of row to column in one currency, >= 0; repeated entries add up.
    industry : array of int, shape (n,)
        Code of each firm's industry, 0 to m - 1, in the order of ``essentiality``.
        Codes must have been aligned by label.
    essentiality : array, shape (m, m)
        ``[k, l]`` says how essential industry k is as a supplier of industry l:
        2 essential, 1 not essential, 0 irrelevant.
    replaceable : bool
        Whether other firms of its industry stand in for a failed supplier, by market
        share. It changes results a lot: print it.
    tolerance : float
        A cascade ends with the first step in which no level falls by more, > 0.
    revenue : array of float64, shape (n,), optional
        Revenue in the currency of ``sales``, >= 0, NaN where unknown. Without it the
        network is closed, upstream losses have nowhere to end, and the upstream part
        depends on ``tolerance``.
    weights : array of float64, shape (n,), optional
        Weight of each firm in the totals, >= 0; default its sales. Scaled to sum to 1.
    firms : array of int, shape (k,), optional
        Firms to stop; default all, in order.
    executor : concurrent.futures.Executor, optional
        Runs blocks of firms; results are the same bit by bit with any or with none.

    Returns
    -------
    SystemicRisk
        One entry per stopped firm.

    Raises
    ------
    ValueError
        If shapes do not match, a figure is NaN, infinite or negative, an industry is
        out of range, essentiality holds another value, the tolerance is not positive,
        a firm is out of range, or no firm has weight.
    RuntimeError
        If a cascade has not settled after ``MOST_STEPS`` steps. With ``replaceable``
        it may swing for ever if some firms' sales are below 1: choose a smaller unit.

    Notes
    -----
    A step costs O(edges) at most; eight shocks share each pass over the edges, and a
    shock that reaches few firms costs only what lies behind them.
    """
    matrix = matrix_of(sales)
    network = network_of(
        matrix, industry, essentiality, replaceable=replaceable, tolerance=tolerance,
        revenue=revenue,
    )  # fmt: skip
    share = weights_of(matrix, weights)
    stopped = firms_of(network.n, firms)
    run = partial(_risk_of_block, network, share)
    blocks = _blocks(stopped, network.n)
    parts = list((executor.map if executor else map)(run, blocks))
    figures = np.concatenate([part[0] for part in parts]) if parts else np.empty((0, 3))
    steps = np.concatenate([part[1] for part in parts]) if parts else np.empty(0, np.int64)
    _refuse_unsettled(steps, [f"firm {firm}" for firm in stopped])
    total, downstream, upstream = (np.ascontiguousarray(column) for column in figures.T)
    return SystemicRisk(stopped, total, downstream, upstream, steps)


def cascade(
    sales: Sales,
    industry: ArrayLike,
    essentiality: ArrayLike,
    *,
    capacity: ArrayLike,
    replaceable: bool,
    tolerance: float,
    revenue: ArrayLike | None = None,
) -> Levels:
    """Return the level of output that any first shock leaves to every firm.

    Parameters
    ----------
    capacity : array of float64, shape (n,) or (scenarios, n)
        Share of its output that each firm can still make after the first shock, in
        [0, 1]: one scenario, or one a row.
    sales, industry, essentiality, replaceable, tolerance, revenue
        As in :func:`systemic_risk`.

    Raises
    ------
    ValueError, RuntimeError
        As in :func:`systemic_risk`.
    """
    matrix = matrix_of(sales)
    network = network_of(
        matrix, industry, essentiality, replaceable=replaceable, tolerance=tolerance,
        revenue=revenue,
    )  # fmt: skip
    left = np.asarray(capacity, dtype=np.float64)
    if left.ndim not in (1, 2) or left.shape[-1] != network.n:
        raise ValueError(f"capacity has shape {left.shape}, not (..., {network.n})")
    if not ((left >= 0) & (left <= 1)).all():
        raise ValueError("capacity must lie in [0, 1]")
    lost = 1.0 - np.atleast_2d(left)
    down, up = np.empty_like(lost), np.empty_like(lost)
    down[:, network.down.label], up[:, network.up.label] = lost, lost
    steps = _settle_both(network, down, up)
    _refuse_unsettled(steps, [f"scenario {k}" for k in range(len(steps))])
    hd = 1.0 - np.minimum(down[:, network.down.label], 1.0)
    hu = 1.0 - np.minimum(up[:, network.up.label], 1.0)
    return Levels(hd.reshape(left.shape), hu.reshape(left.shape), steps.reshape(left.shape[:-1]))


def _settle_both(
    network: Network,
    down: NDArray[np.float64],
    up: NDArray[np.float64],
    weights: NDArray[np.float64] | None = None,
) -> NDArray[np.int64]:
    """Settle both states, in the labels of their directions, in place; return the steps.

    The largest rise of a direction never grows, unless suppliers are replaceable: then
    that of the downstream direction may. So one direction settles, the other goes on to
    as many steps and until it settles, and the first catches up. With ``weights`` every
    firm is stopped or free at the start, and only weighted sums of losses matter.
    """
    once, down_steps, up_steps = (np.full(len(up), steps) for steps in (1, 0, 0))
    tolerance = network.tolerance
    settle_up: Callable[..., None] = settle
    if weights is not None:
        own = np.empty_like(weights)
        own[network.up.label] = weights
        settle_up = partial(settle_linear, weights=own)
    if network.market is None:
        settle(network.down, down, down_steps, least=once, tolerance=tolerance)
        settle_up(network.up, up, up_steps, least=down_steps, tolerance=tolerance)
        settle(network.down, down, down_steps, least=up_steps, tolerance=np.inf)
    else:
        settle(network.up, up, up_steps, least=once, tolerance=tolerance)
        settle_replaced(
            network.down, network.market, down, down_steps, least=up_steps, tolerance=tolerance
        )
        settle_up(network.up, up, up_steps, least=down_steps, tolerance=np.inf)
    return up_steps


def _risk_of_block(
    network: Network, weights: NDArray[np.float64], firms: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return total, downstream, upstream (a row a firm) and steps of some firms' failure."""
    shocks = np.arange(len(firms))
    down, up = np.zeros((len(firms), network.n)), np.zeros((len(firms), network.n))
    down[shocks, network.down.label[firms]] = 1.0
    up[shocks, network.up.label[firms]] = 1.0
    steps = _settle_both(network, down, up, weights)
    figures = np.empty((len(firms), 3))
    _weigh(down, up, network.down.label, network.up.label, weights, figures)
    return figures, steps


@njit(cache=True, nogil=True)
def _weigh(down, up, down_label, up_label, weights, figures):
    for shock in range(figures.shape[0]):
        total = downstream = upstream = 0.0
        for i in range(weights.size):
            lost_down = min(down[shock, down_label[i]], 1.0)
            lost_up = min(up[shock, up_label[i]], 1.0)
            total += weights[i] * max(lost_down, lost_up)
            downstream += weights[i] * lost_down
            upstream += weights[i] * lost_up
        figures[shock, 0] = min(total, 1.0)
        figures[shock, 1] = min(downstream, 1.0)
        figures[shock, 2] = min(upstream, 1.0)


def _blocks(firms: NDArray[np.int64], n: int) -> list[NDArray[np.int64]]:
    size = max(1, min(_BLOCK, _CELLS // n))
    return [firms[first : first + size] for first in range(0, len(firms), size)]


def _refuse_unsettled(steps: NDArray[np.int64], names: Sequence[str]) -> None:
    if (steps >= MOST_STEPS).any():
        late = ", ".join(names[k] for k in np.flatnonzero(steps >= MOST_STEPS)[:5])
        raise RuntimeError(f"no end after {MOST_STEPS} steps: {late}")
