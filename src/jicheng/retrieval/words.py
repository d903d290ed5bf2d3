"""Words and grams of a text in Chinese and English, with their places in it.

Chinese is cut by its dictionary (rjieba); Latin words are lower-cased; codes such as
``RV-40E``, ``GB/T 2260-2007`` or ``Ti-6Al-4V`` stay whole, and stand a second time
without hyphens and spaces, because people write them in all ways. Grams (Han 1 and 2,
Latin 3 characters) forgive typing errors in names and codes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import rjieba

from jicheng.retrieval.language import HAN

__all__ = ["STOP_WORDS", "Word", "grams_of", "normalised", "words_of", "words_with_places"]

_LITTLE_WORDS = (
    "的 了 和 与 及 或 在 是 为 对 中 等 将 以 由 其 该 并 而 于 从 到 上 下 之 有 可 能 不 也",
    "个 种 一 一种 一个 进行 通过 以及 我们 我司 公司 具有 可以 能够 目前 希望 寻求 需要 相关",
    "a an the of and or in on at to for with by from as is are be was were that this these",
    "those it its our we us you they which can may will has have had not but than into such",
    "using use used based via under over between within",
)
STOP_WORDS = frozenset(word for line in _LITTLE_WORDS for word in line.split())
"""Words that say nothing of a subject; they are neither indexed nor shown as matched."""

_STANDARD = (  # the prefix of a standard may stand apart from its number
    r"(?:gb(?:/[tz])?|gjb|iso(?:/iec)?|iec|ieee|astm|din|jis|sae|ansi|jb(?:/t)?|yy(?:/t)?"
    r"|hg(?:/t)?|sj(?:/t)?|qc(?:/t)?|t/[a-z]{2,8})"
)
_LETTER = rf"[^\W_{HAN}]"
_PIECE = re.compile(
    rf"(?P<han>[{HAN}]+)"
    rf"|(?P<standard>{_STANDARD}[ -]?[0-9]+(?:\.[0-9]+)?(?:[-:][0-9]{{1,4}})?(?![a-z0-9]))"
    rf"|(?P<latin>{_LETTER}+(?:[-/.+·']{_LETTER}+)*\+{{0,2}})"
)
_JOINTS = re.compile(r"[-/·' :]|(?<![0-9])\.|\.(?![0-9])")
_DIGIT = re.compile(r"\d")
_SERIES = re.compile(r"[a-z]{1,4}")  # of a code written with a space: RV 40E
_YEAR = re.compile(r"[-:](?:19|20)[0-9]{2}$")
_LONGEST_PIECE = 64  # longer runs of letters and digits are encoded data, not words


class _Table(dict[int, str]):
    """What each character becomes; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        made = self[code] = unicodedata.normalize("NFKC", chr(code)).lower()
        return made


_TABLE = _Table()


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is indexed, and the span of the text that it stands for."""

    text: str
    start: int
    end: int


def normalised(text: str) -> str:
    """Return the text with compatible characters unified (NFKC) and in lower case.

    Every character is taken by itself, so that places can be told in the text as given.
    """
    return text.translate(_TABLE)


def words_of(text: str) -> list[str]:
    """Return the words of a text in order, codes both whole and without joints.

    Examples
    --------
    >>> words_of("用于RV-40E的轴承")
    ['用于', 'rv-40e', 'rv40e', '的', '轴承']
    >>> words_of("GB/T 2260-2007")
    ['gb/t 2260-2007', 'gbt22602007', 'gbt2260']
    """
    return [word for word, _, _ in _pieces(normalised(text))]


def words_with_places(text: str) -> list[Word]:
    """Return the words of a text with their spans in the text as given."""
    plain = normalised(text)
    if len(plain) == len(text):
        return [Word(*piece) for piece in _pieces(plain)]
    place: list[int] = []  # of each normalised character: its place in the text
    for i, character in enumerate(text):
        place.extend([i] * len(_TABLE[ord(character)]))
    return [Word(word, place[start], place[end - 1] + 1) for word, start, end in _pieces(plain)]


def grams_of(text: str) -> list[str]:
    """Return the grams of a text: Han 1 and 2 characters, Latin 3 with the word's ends.

    Codes are taken without their joints.

    Examples
    --------
    >>> grams_of("轴承 RV-4")
    ['轴', '承', '轴承', '$rv', 'rv4', 'v4$']
    """
    grams: list[str] = []
    for piece in _PIECE.finditer(normalised(text)):
        run = piece.group()
        if piece.lastgroup == "han":
            grams.extend(run)
            grams.extend(run[i : i + 2] for i in range(len(run) - 1))
            continue
        bare = run if run.isalnum() else _JOINTS.sub("", run)
        word = f"${bare[:_LONGEST_PIECE]}$"
        grams.extend(word[i : i + 3] for i in range(len(word) - 2))
    return grams


def _pieces(plain: str) -> Iterator[tuple[str, int, int]]:
    series, series_at, series_end = "", 0, -1
    for piece in _PIECE.finditer(plain):
        at, end = piece.span()
        run = piece.group()
        if piece.lastgroup == "han":
            for word in rjieba.cut(run):
                yield word, at, at + len(word)
                at += len(word)
        elif piece.lastgroup == "standard":
            yield from _code(run, at, end)
        elif len(run) <= _LONGEST_PIECE:
            yield from _latin(run, at)
            if series and run[0].isdigit() and plain[series_end:at] == " ":
                yield series + _JOINTS.sub("", run), series_at, end
        is_series = _SERIES.fullmatch(run) and run not in STOP_WORDS
        series, series_at, series_end = run if is_series else "", at, end


def _latin(run: str, at: int) -> Iterator[tuple[str, int, int]]:
    if run.isalpha():  # most of them
        yield run, at, at + len(run)
        return
    if _DIGIT.search(run) or "+" in run:
        yield from _code(run, at, at + len(run))
        return
    for part in re.finditer(r"[^-/.·']+", run):
        yield part.group(), at + part.start(), at + part.end()
    joined = _JOINTS.sub("", run)
    if joined != run:
        yield joined, at, at + len(run)


def _code(code: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    yield code, start, end
    bare = _JOINTS.sub("", code)
    if bare != code and bare:
        yield bare, start, end
    undated = _JOINTS.sub("", _YEAR.sub("", code))
    if undated != bare:
        yield undated, start, end
