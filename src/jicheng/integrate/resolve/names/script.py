"""One spelling of a name: half width, simplified characters, plain brackets.

Traditional characters become simplified by OpenCC where it is installed (extra ``er``),
else by a table of some 500 characters that are frequent in names of organisations.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache

from jicheng.integrate.resolve.names.vocabulary import rows

__all__ = ["is_chinese", "plain_name", "simplified"]

_SPELLING = str.maketrans("[【〔〈{]】〕〉}", "((((()))))", "\"'“”‘’·•。、《》*#\ufeff\u200b")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_BLANK_BY_HAN = re.compile(r"(?<=[\u3400-\u9fff()])\s+|\s+(?=[\u3400-\u9fff()])")


@cache
def _to_simplified() -> Callable[[str], str]:
    try:
        from opencc import OpenCC  # noqa: PLC0415 - optional extra
    except ImportError:
        table = str.maketrans(
            {row["traditional"]: row["simplified"] for row in rows("traditional")}
        )
        return lambda text: text.translate(table)
    converter = OpenCC("t2s")
    return lambda text: str(converter.convert(text))


def simplified(text: str) -> str:
    """Return a text in simplified characters."""
    return _to_simplified()(text)


def is_chinese(text: str) -> bool:
    """Return whether a text has a Chinese character."""
    return _HAN.search(text) is not None


def plain_name(text: str) -> str:
    """Return a name in its one spelling: NFKC, simplified, small letters, no quotes."""
    wide = unicodedata.normalize("NFKC", text).translate(_SPELLING)
    name = simplified(" ".join(wide.split()).lower())
    return _BLANK_BY_HAN.sub("", name) if " " in name else name
