"""Part the names in one cell, however they stand in it, without breaking a name."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["looks_like_a_person", "split_list", "split_organisations", "split_people", "tidy_name"]

_SURE = re.compile(r"[;；\n|｜]+")

_COMMAS = re.compile(r"[,，、]+")
_SLASH = re.compile(r"\s*/\s*")
_LATIN_COMMA = re.compile(
    r",(?!\s*(?:ltd|inc|llc|co|corp|gmbh|ag|s\.?a|plc|limited|incorporated|l\.?p)\b)\s*",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^(?:[(（]?\d{1,2}[)）]|\d{1,2}[.、．])\s*")
_ROLE = re.compile(
    r"[(（](?:牵头|牵头单位|主持|承担单位|第一?.?完成单位|合作单位|参与|通讯作者|第一作者|本区|区外|区内"
    r"|lead|partner|corresponding)[)）]\s*$",
    re.IGNORECASE,
)
_ETC = re.compile(r"等(?:\d*[人家个]?)?$|\s+et al\.?$", re.IGNORECASE)
_HAN = re.compile(r"[\u3400-\u9fff]")
_PERSON = re.compile(r"[\u4e00-\u9fff]{2,3}|[\u4e00-\u9fff]{1,4}·[\u4e00-\u9fff]{1,6}")
_BODY = re.compile(
    r"(公司|集团|大学|学院|学校|研究|院|所|厂|局|处|室|站|中心|部|会|社|馆|行|店|系|台|队|库|基地|联盟"
    r"|园|企业|工场|银行|基金|科技)$"
)


def tidy_name(text: str) -> str:
    """Return a name in one line, without number before and role behind; blanks go by Han."""
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip(" \u3000,，;；、")
    text = _ROLE.sub("", _NUMBERED.sub("", text)).strip()
    return re.sub(r"(?<=[\u3400-\u9fff（）()])\s+(?=[\u3400-\u9fff（）()])", "", text)


def split_organisations(text: str) -> tuple[str, ...]:
    """Return the organisations that a cell names, each once.

    Signs that no name has part first (；, a new line, |); 、 and commas between Chinese
    names; commas between Latin ones unless Ltd., Inc. and the like follow.
    """
    parts: list[str] = []
    for piece in _SURE.split(text):
        if _HAN.search(piece):
            parts += _not_in_brackets(_COMMAS, piece)
        else:
            parts += _LATIN_COMMA.split(piece)
    slashed = [one for part in parts for one in _bodies_by_slash(part)]
    names = (tidy_name(_ETC.sub("", part.strip())) for part in slashed)
    return tuple(dict.fromkeys(name for name in names if len(name) > 1))


def split_people(text: str) -> tuple[str, ...]:
    """Return the people that a cell names, each once: 张三；李四, 张三 李四, Li, Si; Wang, Wu."""
    pieces = [piece for piece in _SURE.split(text) if piece.strip()]
    parts: list[str] = []
    for piece in pieces:
        if not _HAN.search(piece):
            is_reversed = len(pieces) > 1 or piece.count(",") == 1
            parts += [piece] if is_reversed else piece.split(",")
            continue
        for one in _SLASH.split(_without_notes(piece)):
            for name in _COMMAS.split(one):
                parts += _by_blanks(name)
    names = (re.sub(r"\s+", " ", _NUMBERED.sub("", _ETC.sub("", part.strip()))) for part in parts)
    whole = (name.strip(" .。*") for name in names)
    return tuple(dict.fromkeys(name for name in whole if len(name) > 1))


def split_list(text: str) -> tuple[str, ...]:
    """Return the entries of a list of products, technologies or chains, each once."""
    parts = [p for piece in _SURE.split(text) for p in _not_in_brackets(_COMMAS, piece)]
    names = (tidy_name(_ETC.sub("", part)) for part in parts)
    return tuple(dict.fromkeys(name for name in names if name))


def looks_like_a_person(name: str) -> bool:
    """Tell whether a party is a person and no organisation: a short Chinese name, no body."""
    bare = re.sub(r"\s", "", name)
    return _PERSON.fullmatch(bare) is not None and _BODY.search(bare) is None


def _not_in_brackets(separator: re.Pattern[str], text: str) -> list[str]:
    """Part a text where brackets are closed: 某公司（一厂、二厂） is one name."""
    parts, depth, start = [], 0, 0
    for match in re.finditer(rf"[(（]|[)）]|{separator.pattern}", text):
        sign = match[0]
        if sign in "(（":
            depth += 1
        elif sign in ")）":
            depth = max(0, depth - 1)
        elif depth == 0:
            parts.append(text[start : match.start()])
            start = match.end()
    return [*parts, text[start:]]


def _bodies_by_slash(text: str) -> list[str]:
    """Part at a slash if every part is a body by itself."""
    parts = _SLASH.split(text)
    return parts if len(parts) > 1 and all(_BODY.search(part) for part in parts) else [text]


def _by_blanks(text: str) -> list[str]:
    """Part Chinese names that blanks part, but not 王 五 spread for looks."""
    words = text.split()
    if len(words) > 1 and all(_HAN.search(word) and len(word) > 1 for word in words):
        return words
    return ["".join(words)] if all(_HAN.search(word) for word in words) else [text]


def _without_notes(text: str) -> str:
    return re.sub(r"[(（][^()（）]*[)）]", "", text)
