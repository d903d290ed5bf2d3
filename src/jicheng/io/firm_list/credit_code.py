"""The credit code of a firm in a list: why it cannot be right, in a clause."""

from __future__ import annotations

from jicheng.errors import Text
from jicheng.identifiers.credit_code import ALPHABET, check_character, plain_credit_code
from jicheng.identifiers.finding import misshapen

__all__ = ["check_character", "plain_code", "what_is_wrong"]

plain_code = plain_credit_code
_LENGTH = 18


def what_is_wrong(code: str) -> Text | None:
    """Return why a plain code cannot be right; None if it can."""
    why = misshapen(code, _LENGTH, ALPHABET)
    if why is not None:
        return why
    if check_character(code[:-1]) != code[-1]:
        return Text("校验位不符，可能有一位写错", "its check digit does not fit: one is mistyped")
    return None
