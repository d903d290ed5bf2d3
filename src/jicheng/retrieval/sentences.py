"""Sentences of a text in Chinese and English, with their places."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Sentence", "sentences_of"]

_LONGEST = 300  # a text without full stops is cut here, at a comma or space if there is one
_END = re.compile(r"[。！？；!?;\n]+|\.(?=\s|$)")
_SOFT = re.compile(r"[，、,：:\s]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and its span; ``text`` is exactly what stands there."""

    text: str
    start: int
    end: int


def sentences_of(text: str) -> list[Sentence]:
    """Cut a text into sentences; none is empty or longer than 300 characters.

    Examples
    --------
    >>> [s.text for s in sentences_of("轴承寿命短。Tested at 3.5 kW. Good!")]
    ['轴承寿命短。', 'Tested at 3.5 kW.', 'Good!']
    """
    sentences: list[Sentence] = []
    start = 0
    for end in [*(match.end() for match in _END.finditer(text)), len(text)]:
        sentences.extend(_cut(text, start, end))
        start = end
    return sentences


def _cut(text: str, start: int, end: int) -> list[Sentence]:
    made: list[Sentence] = []
    while start < end:
        stop = end
        if end - start > _LONGEST:
            soft = [m.end() for m in _SOFT.finditer(text, start, start + _LONGEST)]
            stop = soft[-1] if soft else start + _LONGEST
        piece = text[start:stop]
        left = start + len(piece) - len(piece.lstrip())
        right = start + len(piece.rstrip())
        if left < right:
            made.append(Sentence(text[left:right], left, right))
        start = stop
    return made
