"""The ROR id of a research organisation: 0, six characters and two check digits.

The first seven are a number in Crockford's base 32 (no I L O U); the check digits are
98 - (100 n mod 97), after ISO/IEC 7064 (ror.readme.io, "ROR identifier pattern").
"""

from __future__ import annotations

import re

from jicheng.errors import Text, Where
from jicheng.identifiers.finding import (
    Identifier,
    Scheme,
    bare,
    checksum_fault,
    format_fault,
    misshapen,
)

__all__ = ["check_digits", "read_ror"]

_LENGTH = 9
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_ADDRESS = re.compile(r"^(https?://)?(www\.)?ror\.org/")


def check_digits(body: str) -> str:
    """Return the two check digits of the first seven characters."""
    number = 0
    for one in body:
        number = number * len(_ALPHABET) + _ALPHABET.index(one)
    return f"{98 - number * 100 % 97:02d}"


def read_ror(text: str, where: Where | None = None) -> Identifier:
    """Read a ROR id, bare or as an address; faults E370 (form) and E371 (check digits)."""
    code, scheme = _ADDRESS.sub("", bare(text, case=str.lower)).rstrip("/"), Scheme.ROR
    why = misshapen(code, _LENGTH, _ALPHABET)
    if why is None and not (code.startswith("0") and code[-2:].isdigit()):
        why = Text("应以 0 开头、以两位数字结尾", "it starts with 0 and ends with two digits")
    if why is not None:
        return Identifier(scheme, code, format_fault(scheme, code, why, where))
    if check_digits(code[:-2]) != code[-2:]:
        return Identifier(scheme, code, checksum_fault(scheme, code, where))
    return Identifier(scheme, code)
