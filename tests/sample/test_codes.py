"""Credit codes of the sample: valid by the standard, of no real division."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.sample.codes import credit_codes

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def is_valid(code: str) -> bool:
    """Check a code by GB 32100-2015, and the organisation code inside by GB 11714."""
    values = [ALPHABET.index(character) for character in code]
    total = sum(value * pow(3, i, 31) for i, value in enumerate(values[:17]))
    body = code[8:16]
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    inner = (11 - sum(int(c, 36) * w for c, w in zip(body, weights, strict=True))) % 11
    return values[17] == (31 - total % 31) % 31 and code[16] == "0123456789X"[inner]


@pytest.mark.parametrize(
    "code",
    ["91110108551385082Q", "914401010000000430", "9144010100000006XJ", "91440101MA59XYQ10E"],
)
def test_validator_accepts_published_codes(code: str) -> None:
    assert is_valid(code)


def test_validator_refuses_a_wrong_check_character() -> None:
    assert not is_valid("91110108551385082A")


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 10**8 - 1), min_size=1, max_size=20, unique=True))
def test_every_code_is_valid_and_distinct(numbers: list[int]) -> None:
    codes = credit_codes(np.array(numbers), "91").to_list()
    assert all(is_valid(code) for code in codes)
    assert len(set(codes)) == len(numbers)


def test_codes_name_no_real_division() -> None:
    assert credit_codes(np.array([7]), "12")[0].startswith("12999999")
