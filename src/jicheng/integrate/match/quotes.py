"""The sentences of a text that answer a query, with the words that match marked in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jicheng.errors import Text
from jicheng.integrate.match.texts import PartyTexts
from jicheng.retrieval import TextIndex
from jicheng.retrieval.explanation import Explanation
from jicheng.schema import choices

__all__ = ["Quote", "quote"]

_LONGEST = 160  # letters of a sentence that are shown


@dataclass(frozen=True, slots=True)
class Quote:
    """A text that counts for a candidate.

    Attributes
    ----------
    text, title, number : str
        Which text; empty = it has none.
    kind : Text
        Kind of text.
    period : int or None
        Its year; None = unknown.
    z : float
        Likeness of the whole text [standard deviations above the mean text].
    sentence, marked : str
        The sentence that answers best, as written and with matching words in 【】; the
        beginning of the text where no sentence stands out.
    words : tuple of str
        The words of the text that match.
    engine : str
        What judged the sentence.
    """

    text: str
    title: str
    number: str
    kind: Text
    period: int | None
    z: float
    sentence: str
    marked: str
    words: tuple[str, ...]
    engine: str

    def as_text(self, language: str) -> str:
        """Return the quotation in one line."""
        year = "" if self.period is None else f" {self.period}"
        number = f" {self.number}" if self.number else ""
        if language == "en":
            return (f"{self.kind.en}{year}{number} “{self.title}” ({self.text}, z {self.z:.1f}): "
                    f"“{self.marked}”")  # fmt: skip
        return (f"{self.kind.zh}{year}{number}《{self.title}》（{self.text}，z {self.z:.1f}）："
                f"“{self.marked}”")  # fmt: skip

    def as_plain(self) -> dict[str, Any]:
        """Return the quotation as JSON values."""
        return {
            "text": self.text, "title": self.title, "number": self.number,
            "kind_zh": self.kind.zh, "kind_en": self.kind.en, "period": self.period,
            "z": round(self.z, 3), "sentence": self.sentence, "marked": self.marked,
            "words": list(self.words), "engine": self.engine,
        }  # fmt: skip


def quote(texts: PartyTexts, index: TextIndex, words: str, row: int, z: float) -> Quote:
    """Quote a text of the corpus against the words that were looked for."""
    about = texts.table.row(row, named=True)
    told = index.explain(words, row, most=1)
    kinds = {one.value: one.label for one in choices()["text_kind"]}
    sentence, marked, found = _sentence(index.corpus.texts[row], told)
    return Quote(
        text=about["id"],
        title=about["title"] or "",
        number=about["number"] or "",
        kind=kinds.get(about["kind"], Text(about["kind"], about["kind"])),
        period=about["period"],
        z=float(z),
        sentence=sentence,
        marked=marked,
        words=found,
        engine=told.engine,
    )


def _sentence(said: str, told: Explanation) -> tuple[str, str, tuple[str, ...]]:
    """Return the best sentence, the same with marks, and the words that match in the text."""
    words = tuple(dict.fromkeys(match.text for match in told.matches))
    start, end = 0, min(len(said), _LONGEST)
    if told.sentences:
        best = told.sentences[0].sentence
        start, end = best.start, min(best.end, best.start + _LONGEST)
    marked, at = [], start
    for match in told.matches:
        if match.start >= at and match.end <= end:
            marked += [said[at : match.start], f"【{match.text}】"]
            at = match.end
    marked.append(said[at:end])
    return " ".join(said[start:end].split()), " ".join("".join(marked).split()), words
