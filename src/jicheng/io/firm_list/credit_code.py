"""The unified social credit code of a legal person (统一社会信用代码), and its check digit.

Eighteen characters: one for the registering body, one for the kind, six for the place,
nine of the organisation code, and one that guards against slips (GB 32100-2015).
"""

from __future__ import annotations

import unicodedata

from jicheng.errors import Text

__all__ = ["check_character", "plain_code", "what_is_wrong"]

_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I O S V Z, which look like digits
_WEIGHTS = tuple(pow(3, k, 31) for k in range(17))
_LENGTH = 18


def plain_code(text: str) -> str:
    """Return a code in capitals, half-width, without blanks and dashes."""
    bare = unicodedata.normalize("NFKC", text).upper()
    return "".join(letter for letter in bare if not letter.isspace() and letter not in "-'")


def check_character(body: str) -> str:
    """Return the last character that belongs to the first seventeen.

    Notes
    -----
    ``31 - sum(c_i 3^(i-1)) mod 31``, where 31 counts as 0 (GB 32100-2015, 3.5).
    """
    total = sum(_CHARACTERS.index(one) * weight for one, weight in zip(body, _WEIGHTS, strict=True))
    return _CHARACTERS[-total % len(_CHARACTERS)]


def what_is_wrong(code: str) -> Text | None:
    """Return why a plain code cannot be right; None if it can."""
    if len(code) != _LENGTH:
        return Text(f"有 {len(code)} 位，应为 18 位", f"it has {len(code)} characters, not 18")
    strange = sorted({one for one in code if one not in _CHARACTERS})
    if strange:
        shown = " ".join(strange)
        return Text(f"不应出现 {shown}", f"{shown} cannot occur in it")
    if check_character(code[:-1]) != code[-1]:
        return Text("校验位不符，可能有一位写错", "its check digit does not fit: one is mistyped")
    return None
