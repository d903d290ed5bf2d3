"""The legal entity identifier: 18 letters and digits and two check digits.

ISO 17442 with ISO/IEC 7064 MOD 97-10: letters counted as 10 to 35, the whole number
leaves the remainder 1 when it is divided by 97.
"""

from __future__ import annotations

import string

from jicheng.errors import Text, Where
from jicheng.identifiers.finding import (
    Identifier,
    Scheme,
    bare,
    checksum_fault,
    format_fault,
    misshapen,
)

__all__ = ["check_digits", "read_lei"]

_LENGTH = 20
_ALPHABET = string.digits + string.ascii_uppercase


def _as_number(code: str) -> int:
    return int("".join(str(int(one, 36)) for one in code))


def check_digits(body: str) -> str:
    """Return the two check digits of the first eighteen characters."""
    return f"{98 - _as_number(body + '00') % 97:02d}"


def read_lei(text: str, where: Where | None = None) -> Identifier:
    """Read an LEI; faults E370 (form) and E371 (check digits)."""
    code, scheme = bare(text), Scheme.LEI
    why = misshapen(code, _LENGTH, _ALPHABET)
    if why is None and not code[-2:].isdigit():
        why = Text("最后两位应为数字", "its last two characters are digits")
    if why is not None:
        return Identifier(scheme, code, format_fault(scheme, code, why, where))
    if _as_number(code) % 97 != 1:
        return Identifier(scheme, code, checksum_fault(scheme, code, where))
    return Identifier(scheme, code)
