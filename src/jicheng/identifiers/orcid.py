"""The ORCID iD of a person: fifteen digits and a check character.

ISO/IEC 7064 MOD 11-2 (also ISO 27729): t = 0; t = 2 (t + digit) for each digit;
check = (12 - t mod 11) mod 11, where 10 is written X.
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

__all__ = ["check_character", "read_orcid"]

_LENGTH = 16
_ADDRESS = re.compile(r"^(HTTPS?://)?(WWW\.)?ORCID\.ORG/")


def check_character(body: str) -> str:
    """Return the check character of the first fifteen digits."""
    total = 0
    for digit in body:
        total = 2 * (total + int(digit))
    return "0123456789X"[(12 - total % 11) % 11]


def read_orcid(text: str, where: Where | None = None) -> Identifier:
    """Read an ORCID iD, bare or as an address; faults E370 (form) and E371 (check).

    The plain form has its dashes: ``0000-0002-1825-0097``.
    """
    code, scheme = _ADDRESS.sub("", bare(text)).rstrip("/"), Scheme.ORCID
    why = misshapen(code, _LENGTH, "0123456789X")
    if why is None and "X" in code[:-1]:
        why = Text("X 只能在末位", "only its last character may be X")
    if why is not None:
        return Identifier(scheme, code, format_fault(scheme, code, why, where))
    written = "-".join(code[start : start + 4] for start in range(0, _LENGTH, 4))
    if check_character(code[:-1]) != code[-1]:
        return Identifier(scheme, written, checksum_fault(scheme, written, where))
    return Identifier(scheme, written)
