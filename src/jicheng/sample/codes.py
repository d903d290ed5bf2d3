"""Unified social credit codes with valid check characters, of no real division.

GB 32100-2015: 18 characters, the last one a weighted sum modulo 31; inside it an
organisation code of 9 characters, the last one a weighted sum modulo 11 (GB 11714).
The division 999999 is not assigned, so no code of the sample belongs to anybody.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = ["credit_codes"]

_ALPHABET = np.array(list("0123456789ABCDEFGHJKLMNPQRTUWXY"))
_DIVISION = "999999"
_CODE_WEIGHTS = np.array([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28])
_BODY_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])


def credit_codes(numbers: NDArray[np.int64], category: str) -> pl.Series:
    """Return one valid code for each number.

    Parameters
    ----------
    numbers : ndarray of int64, shape (n,)
        Distinct, 0 <= number < 10**8: the first eight digits of the organisation code.
    category : str
        Two characters: registering authority and category of body (91 enterprise,
        12 public institution, 11 agency).

    Returns
    -------
    polars.Series of str
        Codes of 18 characters, in the order of ``numbers``.
    """
    powers = 10 ** np.arange(7, -1, -1)
    digits = numbers[:, None] // powers % 10
    remainder = 11 - digits @ _BODY_WEIGHTS % 11  # 10 is written X, 11 is written 0
    check = np.where(remainder == 11, 0, remainder)
    head = np.array([int(character) for character in category + _DIVISION])
    ten = int(np.flatnonzero(_ALPHABET == "X")[0])
    body = np.column_stack([digits, np.where(check == 10, ten, check)])
    values = np.hstack([np.tile(head, (numbers.size, 1)), body])
    last = (31 - values @ _CODE_WEIGHTS % 31) % 31
    letters = _ALPHABET[np.column_stack([values, last])]
    return pl.Series("credit_code", ["".join(row) for row in letters.tolist()], dtype=pl.String)
