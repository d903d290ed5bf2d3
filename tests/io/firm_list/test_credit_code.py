from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jicheng.io.firm_list.credit_code import check_character, plain_code, what_is_wrong

CODES = ("91330100799655058B", "914403001922038216")  # of two firms that publish theirs


@pytest.mark.parametrize("code", CODES)
def test_published_codes_are_right(code: str) -> None:
    assert what_is_wrong(code) is None


def test_code_is_read_whatever_its_width_and_blanks() -> None:
    assert plain_code(" ９１330100 7996 55058b\u3000") == CODES[0]


@given(
    st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17),
    st.integers(0, 17),
    st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"),
)
def test_any_single_slip_is_found(body: str, place: int, other: str) -> None:
    code = body + check_character(body)
    slipped = code[:place] + other + code[place + 1 :]
    assert (what_is_wrong(slipped) is None) == (slipped == code)


@pytest.mark.parametrize(
    ("code", "told"), [("9133010079965505", "16"), ("91330100799655O58B", "O")]
)
def test_wrong_length_and_letters_are_told(code: str, told: str) -> None:
    wrong = what_is_wrong(code)
    assert wrong is not None
    assert told in wrong.zh
    assert told in wrong.en
