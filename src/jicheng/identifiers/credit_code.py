"""The unified social credit code (统一社会信用代码) and the organisation code inside it.

GB 32100-2015: 18 characters of an alphabet of 31 without I O S V Z: registering body,
kind of body, six digits of the place, nine of the organisation code, a check character:

    31 - sum(c_i 3^(i-1)) mod 31, and 31 counts as 0.

GB 11714 (organisation code): w = 3, 7, 9, 10, 5, 8, 4, 2; 11 - sum(c_i w_i) mod 11, where
10 is written X and 11 is written 0. Codes from before 2015 may break the inner rule, so
that is a caution and no fault.
"""

from __future__ import annotations

from jicheng.errors import Text, Where, fault
from jicheng.identifiers.finding import (
    Identifier,
    Scheme,
    bare,
    checksum_fault,
    format_fault,
    misshapen,
)

__all__ = [
    "ALPHABET",
    "check_character",
    "organisation_code",
    "organisation_code_check",
    "plain_credit_code",
    "read_credit_code",
]

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I O S V Z, which look like digits
LENGTH = 18
_VALUES = {one: value for value, one in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, power, 31) for power in range(LENGTH - 1))
_INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_PLACE = slice(2, 8)


def plain_credit_code(text: str) -> str:
    """Return a code in capitals, half-width, without blanks, dashes and quotes."""
    return bare(text, dropped="-'")


def check_character(body: str) -> str:
    """Return the last character that belongs to the first seventeen."""
    total = sum(_VALUES[one] * weight for one, weight in zip(body, _WEIGHTS, strict=True))
    return ALPHABET[-total % len(ALPHABET)]


def organisation_code(code: str) -> str:
    """Return the nine characters of the organisation code inside a credit code."""
    return code[8:17]


def organisation_code_check(body: str) -> str:
    """Return the check character of the first eight of an organisation code."""
    total = sum(int(one, 36) * w for one, w in zip(body, _INNER_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def read_credit_code(text: str, where: Where | None = None) -> Identifier:
    """Read a credit code as people write it.

    Parameters
    ----------
    text : str
        With or without blanks and dashes, full- or half-width, small or capital.
    where : Where, optional
        Its place, for the messages.

    Returns
    -------
    Identifier
        E370 for a wrong length, a forbidden letter or a place that is no number, E371 for
        a wrong check character, caution E372 for a wrong organisation code inside.
    """
    code, scheme = plain_credit_code(text), Scheme.CREDIT_CODE
    why = misshapen(code, LENGTH, ALPHABET)
    if why is None and not code[_PLACE].isdigit():
        why = Text(
            f"第 3 至 8 位应为地区代码（数字），现为 {code[_PLACE]}",
            f"characters 3 to 8 are the digits of a place, not {code[_PLACE]}",
        )
    if why is not None:
        return Identifier(scheme, code, format_fault(scheme, code, why, where))
    if check_character(code[:-1]) != code[-1]:
        return Identifier(scheme, code, checksum_fault(scheme, code, where))
    inner = organisation_code(code)
    if organisation_code_check(inner[:-1]) == inner[-1]:
        return Identifier(scheme, code)
    caution = fault("E372", where=where, is_warning=True, given=code, inner=inner)
    return Identifier(scheme, code, caution=caution)
