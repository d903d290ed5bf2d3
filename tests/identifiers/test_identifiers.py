from __future__ import annotations

import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jicheng.errors import Where
from jicheng.identifiers import Scheme, lei, orcid, read, ror
from jicheng.identifiers.credit_code import (
    ALPHABET,
    check_character,
    organisation_code,
    organisation_code_check,
)

VALID = [
    (Scheme.CREDIT_CODE, "91110108551385082Q"),
    (Scheme.CREDIT_CODE, "914401010000000430"),  # remainder 0
    (Scheme.CREDIT_CODE, "9144010100000006XJ"),  # inner check digit X
    (Scheme.CREDIT_CODE, "91440101000000190H"),  # inner check digit 0
    (Scheme.CREDIT_CODE, "91440101MA59XYQ10E"),  # letters in the inner code
    (Scheme.ROR, "05gq02987"),
    (Scheme.ROR, "03yrm5c26"),
    (Scheme.ORCID, "0000-0002-1825-0097"),
    (Scheme.ORCID, "0000-0001-5109-3700"),
    (Scheme.ORCID, "0000-0002-1694-233X"),
    (Scheme.LEI, "506700GE1G29325QX363"),
    (Scheme.LEI, "HWUPKR0MPOU8FGXBT394"),
]
FAULTY = [
    (Scheme.CREDIT_CODE, "91110108551385082A", "E371"),
    (Scheme.CREDIT_CODE, "9111010855I385082Q", "E370"),
    (Scheme.CREDIT_CODE, "91110108551385082", "E370"),
    (Scheme.CREDIT_CODE, "9111010A551385082Q", "E370"),
    (Scheme.CREDIT_CODE, "", "E370"),
    (Scheme.ROR, "05gq02988", "E371"),
    (Scheme.ROR, "15gq02987", "E370"),
    (Scheme.ROR, "05lq02987", "E370"),
    (Scheme.ORCID, "0000-0002-1825-0098", "E371"),
    (Scheme.ORCID, "0000-000X-1825-0097", "E370"),
    (Scheme.ORCID, "0000-0002-1825-009", "E370"),
    (Scheme.LEI, "506700GE1G29325QX364", "E371"),
    (Scheme.LEI, "506700GE1G29325QX3A3", "E370"),
    (Scheme.LEI, "506700GE1G29325Q-363", "E370"),
]
SYMBOLS = st.sampled_from(ALPHABET)
DIGITS = st.sampled_from(string.digits)


@pytest.mark.parametrize(("scheme", "code"), VALID)
def test_published_code_is_valid(scheme: Scheme, code: str) -> None:
    found = read(scheme, code)
    assert (found.code, found.fault, found.caution) == (code, None, None)


@pytest.mark.parametrize(("scheme", "text", "code"), FAULTY)
def test_wrong_form_and_wrong_digit_are_two_messages(scheme: Scheme, text: str, code: str) -> None:
    found = read(scheme, text, Where(table="firms", row=3))
    assert found.fault is not None
    assert found.fault.code == code
    assert found.fault.where.row == 3
    assert not found.is_valid


@pytest.mark.parametrize(
    ("scheme", "text", "code"),
    [
        (Scheme.CREDIT_CODE, " ９１１１０１０８－５５１３８５０８２ｑ ", "91110108551385082Q"),
        (Scheme.ROR, "HTTPS://ROR.ORG/05GQ02987/", "05gq02987"),
        (Scheme.ORCID, "https://orcid.org/000000021694233x", "0000-0002-1694-233X"),
        (Scheme.LEI, "5067 00ge 1g29 325q x363", "506700GE1G29325QX363"),
    ],
)
def test_code_is_read_as_people_write_it(scheme: Scheme, text: str, code: str) -> None:
    assert read(scheme, text).code == code
    assert read(scheme, text).is_valid


def test_forbidden_letter_is_named_in_both_languages() -> None:
    found = read(Scheme.CREDIT_CODE, "9111010855I385082Q").fault
    assert found is not None
    assert "不应出现 I" in found.message.zh
    assert "I cannot occur" in found.message.en


def test_odd_organisation_code_inside_is_a_caution_only() -> None:
    body = "91440101000000001"
    found = read(Scheme.CREDIT_CODE, body + check_character(body))
    assert found.is_valid
    assert found.caution is not None
    assert (found.caution.code, found.caution.is_warning) == ("E372", True)


def test_organisation_code_of_a_published_credit_code() -> None:
    assert organisation_code("91110108551385082Q") == "551385082"
    assert organisation_code_check("55138508") == "2"


@settings(deadline=None, max_examples=60)
@given(st.text(DIGITS, min_size=6, max_size=6), st.lists(SYMBOLS, min_size=8, max_size=8))
def test_every_credit_code_with_its_check_digits_is_valid(place: str, inner: list[str]) -> None:
    eight = "".join(inner)
    body = "91" + place + eight + organisation_code_check(eight)
    found = read(Scheme.CREDIT_CODE, body + check_character(body))
    assert (found.fault, found.caution) == (None, None)


@settings(deadline=None, max_examples=60)
@given(st.lists(SYMBOLS, min_size=9, max_size=9), st.integers(0, 17), SYMBOLS)
def test_one_mistyped_character_of_a_credit_code_is_found(
    inner: list[str], at: int, other: str
) -> None:
    body = "91440101" + "".join(inner)
    code = body + check_character(body)
    spoilt = code[:at] + other + code[at + 1 :]
    assert read(Scheme.CREDIT_CODE, spoilt).is_valid == (spoilt == code)


@settings(deadline=None, max_examples=60)
@given(st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=6, max_size=6))
def test_every_ror_with_its_check_digits_is_valid(body: str) -> None:
    assert read(Scheme.ROR, "0" + body + ror.check_digits("0" + body)).is_valid


@settings(deadline=None, max_examples=60)
@given(st.text(DIGITS, min_size=15, max_size=15), st.integers(0, 14), DIGITS)
def test_one_mistyped_digit_of_an_orcid_is_found(body: str, at: int, other: str) -> None:
    code = body + orcid.check_character(body)
    spoilt = code[:at] + other + code[at + 1 :]
    assert read(Scheme.ORCID, code).is_valid
    assert read(Scheme.ORCID, spoilt).is_valid == (spoilt == code)


@settings(deadline=None, max_examples=60)
@given(st.text(string.digits + string.ascii_uppercase, min_size=18, max_size=18))
def test_every_lei_with_its_check_digits_is_valid(body: str) -> None:
    assert read(Scheme.LEI, body + lei.check_digits(body)).is_valid


@settings(deadline=None, max_examples=60)
@example(Scheme.CREDIT_CODE, "R¸")  # without its blank the mark joins the letter
@given(st.sampled_from(list(Scheme)), st.text(max_size=24))
def test_any_text_is_read_without_failing(scheme: Scheme, text: str) -> None:
    found = read(scheme, text)
    assert read(scheme, found.code).code == found.code
