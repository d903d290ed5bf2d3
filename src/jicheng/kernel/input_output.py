"""Linkages between industries, and what is lost if one of them is taken out.

With Z the flows from industry i (row) to industry j (column), x the outputs and
f = x - Z 1 the final demand:

    A = Z diag(x)^-1    inputs per unit of output      L = (I - A)^-1   (Leontief)
    B = diag(x)^-1 Z    deliveries per unit of output  G = (I - B)^-1   (Ghosh)

    backward linkage_j = sum_i L_ij / mean of these sums
    forward  linkage_i = sum_j G_ij / mean of these sums
    extraction_k       = 1 - 1'(I - A_-k)^-1 f_-k / 1'x

where A_-k and f_-k have row and column k set to 0. An industry with both linkages above
1 is a key sector.

Source: Miller and Blair, Input-Output Analysis (linkages, hypothetical extraction);
Rasmussen 1956 for the normalised sums.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["InputOutput", "input_output"]


@dataclass(frozen=True, slots=True)
class InputOutput:
    """Measures of every industry of an input-output table.

    Attributes
    ----------
    inputs : ndarray of float64, shape (n, n)
        A: input from row needed for a unit of output of column.
    leontief, ghosh : ndarray of float64, shape (n, n)
        L and G.
    backward, forward : ndarray of float64, shape (n,)
        Linkages; 1 is the mean of all industries.
    extraction : ndarray of float64, shape (n,)
        Share of all output that is lost if the industry is taken out, 0 to 1 where
        final demand is not negative.
    spectral_radius : float
        Largest modulus of an eigenvalue of A, below 1.
    centrality : ndarray of float64, shape (n,)
        Right eigenvector of A to that eigenvalue, >= 0, sum 1: who supplies suppliers.
    """

    inputs: NDArray[np.float64]
    leontief: NDArray[np.float64]
    ghosh: NDArray[np.float64]
    backward: NDArray[np.float64]
    forward: NDArray[np.float64]
    extraction: NDArray[np.float64]
    spectral_radius: float
    centrality: NDArray[np.float64]

    @property
    def is_key_sector(self) -> NDArray[np.bool_]:
        """Whether both linkages of an industry exceed 1, shape (n,)."""
        return (self.backward > 1.0) & (self.forward > 1.0)


def input_output(flows: ArrayLike, output: ArrayLike) -> InputOutput:
    """Compute linkages and hypothetical extraction of every industry.

    Parameters
    ----------
    flows : array_like of float, shape (n, n)
        Z: intermediate deliveries from row to column, >= 0, in the unit of ``output``.
    output : array_like of float, shape (n,)
        x: total output of each industry, > 0.

    Raises
    ------
    ValueError
        If shapes do not match, a figure is NaN, infinite or negative, an output is 0,
        or the industries need more than they make (spectral radius of A at least 1).

    Notes
    -----
    Final demand f may be negative for single industries (imports beyond use). All n
    extractions come from L alone: (I - A_-k)^-1 is L - L_.k L_k. / L_kk on the other
    industries, and L f = x, so what is lost is L_.k x_k / L_kk.
    """
    z, x = np.asarray(flows, dtype=np.float64), np.asarray(output, dtype=np.float64)
    _refuse(z, x)
    inputs, deliveries = z / x[None, :], z / x[:, None]
    radius, centrality = _dominant(inputs)
    if not radius < 1.0:
        raise ValueError(f"industries need more than they make (spectral radius {radius:.4g})")
    identity = np.eye(len(x))
    leontief: NDArray[np.float64] = np.linalg.inv(identity - inputs).astype(np.float64)
    ghosh: NDArray[np.float64] = np.linalg.inv(identity - deliveries).astype(np.float64)
    backward, forward = leontief.sum(axis=0), ghosh.sum(axis=1)
    return InputOutput(
        inputs=inputs,
        leontief=leontief,
        ghosh=ghosh,
        backward=backward / backward.mean(),
        forward=forward / forward.mean(),
        extraction=leontief.sum(axis=0) * x / np.diag(leontief) / x.sum(),
        spectral_radius=radius,
        centrality=centrality,
    )


def _dominant(inputs: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """Return the Perron root of a matrix >= 0 and its right eigenvector, sum 1."""
    values, vectors = np.linalg.eig(inputs)
    first = int(np.argmax(values.real))
    vector = np.abs(vectors[:, first].real)
    return float(values[first].real), vector / vector.sum()


def _refuse(z: NDArray[np.float64], x: NDArray[np.float64]) -> None:
    if x.ndim != 1 or z.shape != (len(x), len(x)) or not len(x):
        raise ValueError(f"flows have shape {z.shape}, outputs {x.shape}")
    if not np.isfinite(z).all() or (z < 0).any():
        raise ValueError("flows must be finite and not negative")
    if not np.isfinite(x).all() or (x <= 0).any():
        raise ValueError("outputs must be finite and positive")
