"""Names of people: Chinese, pinyin and others, in either order, whole or as initials.

王小明, Wang Xiaoming, Xiaoming WANG, Xiao-Ming Wang, Wang, X. M. may be one person. Which
word of a pinyin name is the family name is often open (Wang Wei): keys do not depend on
the order, and a name that can be read in two ways has two. A Chinese name in pinyin loses
its characters, so what agrees in pinyin only needs more support than what agrees in them.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from jicheng.integrate.resolve.names.keys import sound_of
from jicheng.integrate.resolve.names.script import plain_name

__all__ = ["PersonName", "is_common", "person_name"]

_HAN = re.compile(r"[\u3400-\u9fff]+")
_TITLE = re.compile(
    r"(?<=..)(?:副?教授|副?研究员|高级工程师|高工|工程师|博士后?|硕士|院士|先生|女士|老师|主任)+$"
)
_LATIN_TITLES = frozenset(("dr", "prof", "professor", "phd", "md", "mr", "ms", "mrs", "ir"))
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?", re.UNICODE)
_HYPHEN = re.compile(r"\.?[-‐‑–]")
_MOST_INITIALS = 3
_LONGEST = 200  # characters of a name that are read
_COMMON_SURNAMES = 20  # the first lines of surnames.csv


@dataclass(frozen=True, slots=True)
class PersonName:
    """What of a name can be compared.

    Attributes
    ----------
    han : str
        The name in simplified Chinese characters, without titles; empty if there is none.
    whole : tuple of str
        Family and given name in small Latin letters, sorted, joined by ``|``; one key for
        each reading; empty if the given name is not written out.
    initials : tuple of str
        Family name, ``|`` and the initials of the given name, for each reading.
    """

    han: str = ""
    whole: tuple[str, ...] = ()
    initials: tuple[str, ...] = ()


@lru_cache(maxsize=100_000)
def person_name(text: str, english: str = "") -> PersonName:
    """Read a name, and what it is in English, if that is said.

    Examples
    --------
    >>> person_name("Wang, Xiao-Ming").whole
    ('wang|xiaoming',)
    >>> person_name("WANG X.M.").initials
    ('wang|xm',)
    """
    text, english = text[:_LONGEST], english[:_LONGEST]
    plain = plain_name(text)
    han = _TITLE.sub("", "".join(_HAN.findall(re.sub(r"\(.*?\)", "", plain))))
    names = [_from_han(han)] if han else []
    names += [_from_latin(one) for one in (_without_han(text), english) if one.strip()]
    return PersonName(
        han,
        tuple(sorted({key for name in names for key in name.whole})),
        tuple(sorted({key for name in names for key in name.initials})),
    )


def is_common(han: str) -> bool:
    """Return whether so many bear such a name that it says little: 王伟, 李娜 (ours)."""
    return len(han) == 2 and han[0] in _common_surnames()


def _without_han(text: str) -> str:
    return _HAN.sub(" ", unicodedata.normalize("NFKC", text))


def _from_han(han: str) -> PersonName:
    surnames = _surnames()
    length = 2 if han[:2] in surnames and len(han) > 2 else 1
    family, given = han[:length], han[length:]
    sounds = [_one_spelling(sound_of(one)) for one in given]
    if not given or not all(sounds):
        return PersonName(han)
    sound = surnames.get(family) or _one_spelling(sound_of(family))
    return PersonName(
        han,
        (_key(sound, "".join(sounds)),),
        (f"{sound}|{''.join(one[0] for one in sounds)}",),
    )


def _from_latin(text: str) -> PersonName:
    found = []
    for family, given in _readings(text):
        letters = [part for word in given for part in _initials_of(word)]
        written = [word for word in given if not _is_initials(word)]
        key = _key(_plain(family), "".join(_plain(word) for word in written)) if written else ""
        found.append((key, f"{_plain(family)}|{''.join(letters)}"))
    return PersonName(
        "",
        tuple(sorted({key for key, _ in found if key})),
        tuple(sorted({initials for _, initials in found})),
    )


def _readings(text: str) -> list[tuple[str, list[str]]]:
    """Return (family name, words of the given name) for each way to read a name."""
    before, comma, after = text.partition(",")
    if comma and _words(before) and _words(after):
        return [("".join(_words(before)), _words(after))]
    words = _words(text)
    if len(words) < 2:
        return []
    whole = [k for k, word in enumerate(words) if not _is_initials(word)]
    ends = [k for k in (0, len(words) - 1) if k in whole]
    loud = [k for k in ends if words[k].isupper() and not all(w.isupper() for w in words)]
    known = [k for k in ends if _plain(words[k]) in _surname_sounds()]
    # SHOUTED, then known in China, else the last, as in the West
    chosen = loud or known or ends[-1:] or [len(words) - 1]
    return [(words[k], words[:k] + words[k + 1 :]) for k in chosen]


def _words(text: str) -> list[str]:
    plain = _HYPHEN.sub("-", unicodedata.normalize("NFKC", text))
    found = _WORD.findall(plain.replace(".", ". "))
    return [word for word in found if _plain(word) not in _LATIN_TITLES and _plain(word)]


def _is_initials(word: str) -> bool:
    letters = "".join(one for one in word if one.isalpha())
    if len(letters) == 1:
        return True
    short = len(letters) <= _MOST_INITIALS and letters.isupper()
    return short and not set(letters.lower()) & set("aeiou") and _plain(word) not in _syllables()


def _initials_of(word: str) -> list[str]:
    if _is_initials(word):
        return list(_plain(word))
    return [part[0] for part in _split(_plain(word))]


def _split(word: str) -> list[str]:
    """Part pinyin into syllables, longest first; what is no pinyin stays whole."""
    if len(word) > 24:
        return [word]
    parts = _parted(word)
    return parts if parts else [word]


def _parted(word: str) -> list[str]:
    if not word:
        return []
    for length in range(min(6, len(word)), 0, -1):
        if word[:length] in _syllables():
            rest = _parted(word[length:])
            if rest or length == len(word):
                return [word[:length], *rest]
    return []


def _key(family: str, given: str) -> str:
    return "|".join(sorted((family, given)))


def _plain(word: str) -> str:
    """Return small letters without accents; ü is u, as papers write it."""
    parted = unicodedata.normalize("NFKD", word.lower())
    return _one_spelling("".join(one for one in parted if one.isalpha()))


def _one_spelling(sound: str) -> str:
    """Return pinyin with one letter for ü: lv, lyu, lu and nv, nyu, nu are written."""
    for start in ("l", "n"):
        if sound in (start + "v", start + "yu"):
            return start + "u"
        if sound == start + "ve":
            return start + "ue"
    return sound


@cache
def _surnames() -> dict[str, str]:
    return {row["surname"]: row["pinyin"] for row in _rows("surnames")}


@cache
def _common_surnames() -> frozenset[str]:
    return frozenset(list(_surnames())[:_COMMON_SURNAMES])


@cache
def _surname_sounds() -> frozenset[str]:
    return frozenset(_surnames().values())


@cache
def _syllables() -> frozenset[str]:
    return frozenset(row["syllable"] for row in _rows("syllables"))


def _rows(name: str) -> list[dict[str, str]]:
    file = resources.files("jicheng.integrate.resolve.people").joinpath(f"data/{name}.csv")
    return list(csv.DictReader(file.read_text("utf-8").splitlines()))
