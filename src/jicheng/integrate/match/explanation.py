"""Why a candidate stands where it stands: every criterion with what it rests on.

Nothing is told that the tables do not hold: sentences of texts with their ids, shared
capabilities with both levels, rows of evidence, ties, projects, and what is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jicheng.errors import Text
from jicheng.integrate.match.criteria import criteria
from jicheng.integrate.match.grounds import (
    capability_grounds,
    evidence_grounds,
    other_grounds,
    tie_grounds,
)
from jicheng.integrate.match.matcher import Found, Matcher
from jicheng.integrate.match.quotes import Quote, quote

__all__ = [
    "CriterionPart",
    "MatchExplanation",
    "explain_candidate",
    "quotes_of",
    "quotes_of_rows",
]


@dataclass(frozen=True, slots=True)
class CriterionPart:
    """One criterion of a candidate.

    Attributes
    ----------
    name : str
        Of the criterion.
    label : Text
        What it is called.
    weight : float
        Its share of the score.
    low, high, counted : float
        Its value, 0 to 1, and what counts for the order.
    points_low, points_high : float
        What it adds to the score.
    is_known : bool
        Whether there is any data about this candidate.
    grounds : tuple of Text
        What it rests on, or what is missing.
    """

    name: str
    label: Text
    weight: float
    low: float
    high: float
    counted: float
    points_low: float
    points_high: float
    is_known: bool
    grounds: tuple[Text, ...]

    def as_text(self, language: str) -> list[str]:
        """Return the criterion as lines."""
        ends = _range(self.points_low, self.points_high, 1)
        value = _range(self.low, self.high, 2)
        label = self.label.in_language(language)
        head = (
            f"  {label}: {ends} points (value {value}, weight {self.weight:.0%})"
            if language == "en"
            else f"  {label}：{ends} 分（值 {value}，权重 {self.weight:.0%}）"
        )
        return [head, *(f"    {one.in_language(language)}" for one in self.grounds)]

    def as_plain(self) -> dict[str, Any]:
        """Return the criterion as JSON values."""
        return {
            "criterion": self.name, "zh": self.label.zh, "en": self.label.en,
            "weight": self.weight, "low": self.low, "high": self.high, "counted": self.counted,
            "points_low": self.points_low, "points_high": self.points_high,
            "is_known": self.is_known,
            "grounds": [{"zh": one.zh, "en": one.en} for one in self.grounds],
        }  # fmt: skip


@dataclass(frozen=True)
class MatchExplanation:
    """Why a candidate stands where it stands.

    Attributes
    ----------
    candidate : str
        Its id.
    name : Text
        Its name.
    place : int
        From 1; 0 = not among the candidates.
    n_candidates : int
        How many there are.
    low, mid, high : float
        Score.
    parts : tuple of CriterionPart
        In the order of the criteria.
    quotes : tuple of Quote
        Texts that count, best first.
    missing : tuple of Text
        Of what there is no data.
    """

    candidate: str
    name: Text
    place: int
    n_candidates: int
    low: float
    mid: float
    high: float
    parts: tuple[CriterionPart, ...]
    quotes: tuple[Quote, ...]
    missing: tuple[Text, ...]

    def as_text(self, language: str) -> str:
        """Return the whole explanation in one language."""
        name = self.name.in_language(language)
        ends = f"{self.mid:.1f} [{self.low:.1f}, {self.high:.1f}]"
        if language == "en":
            place = f"place {self.place} of {self.n_candidates}" if self.place else "no candidate"
            lines = [f"{name} ({self.candidate}): {place}, score {ends}"]
        else:
            place = (
                f"第 {self.place} 名（共 {self.n_candidates} 个候选者）"
                if self.place
                else "不在候选者中"
            )
            lines = [f"{name}（{self.candidate}）：{place}，得分 {ends}"]
        for part in self.parts:
            lines += part.as_text(language)
        if self.missing:
            lines.append("  Missing:" if language == "en" else "  缺少的数据：")
            lines += [f"    {one.in_language(language)}" for one in self.missing]
        return "\n".join(lines)

    def as_plain(self) -> dict[str, Any]:
        """Return the explanation as JSON values."""
        return {
            "candidate": self.candidate, "name_zh": self.name.zh, "name_en": self.name.en,
            "place": self.place or None, "n_candidates": self.n_candidates,
            "score_low": self.low, "score": self.mid, "score_high": self.high,
            "criteria": [part.as_plain() for part in self.parts],
            "quotes": [one.as_plain() for one in self.quotes],
            "missing": [{"zh": one.zh, "en": one.en} for one in self.missing],
        }  # fmt: skip


def _range(low: float, high: float, digits: int) -> str:
    one, other = f"{low:.{digits}f}", f"{high:.{digits}f}"
    return one if one == other else f"{one}–{other}"


def quotes_of_rows(
    matcher: Matcher, words: str, rows: NDArray[np.intp], z: NDArray[np.float64]
) -> tuple[Quote, ...]:
    """Quote texts of the corpus against words, in their order."""
    index = matcher.texts.index
    if index is None:
        return ()
    return tuple(
        quote(matcher.texts, index, words, int(row), float(one))
        for row, one in zip(rows, z, strict=True)
    )


def quotes_of(
    matcher: Matcher, found: Found, place: int, *, most: int | None = None
) -> tuple[Quote, ...]:
    """Return the texts that count for a candidate, best first, all or the first ones."""
    rows, z = found.likeness.of(place)
    return quotes_of_rows(matcher, found.query.words, rows[:most], z[:most])


def explain_candidate(matcher: Matcher, found: Found, place: int) -> MatchExplanation:
    """Account for the score of a candidate (its place in the list of all parties)."""
    quotes = quotes_of(matcher, found, place)
    none = Text("与需求相近的文本没有进入比较", "None of its texts is among those like the need")
    grounds = {
        "texts": tuple(Text(one.as_text("zh"), one.as_text("en")) for one in quotes) or (none,),
        **capability_grounds(matcher, found, place),
        "evidence": evidence_grounds(matcher, found, place),
        "ties": tie_grounds(matcher, found, place),
        **other_grounds(matcher, found, place),
    }
    scores = found.scores
    parts, missing = [], []
    for one in criteria():
        if one.name not in scores.parts:
            continue
        part, weight = scores.parts[one.name], scores.weights[one.name]
        known = bool(part.known[place])
        low, high = float(part.low[place]), float(part.high[place])
        counted = float(scores.counted[one.name][place])
        lacks = Text(
            f"无数据：{one.missing.zh}；排序时按有数据者的平均值 {counted:.2f} 计",
            f"no data: {one.missing.en}; for the order it counts {counted:.2f}, "
            "the average of all with data",
        )
        if not known:
            missing.append(Text(f"{one.label.zh}：{one.missing.zh}",
                                f"{one.label.en}: {one.missing.en}"))  # fmt: skip
        parts.append(
            CriterionPart(one.name, one.label, weight, low, high, counted, 100.0 * weight * low,
                          100.0 * weight * high, known,
                          grounds[one.name] if known else (lacks,))
        )  # fmt: skip
    seat = (found.order == place).nonzero()[0]
    return MatchExplanation(
        candidate=matcher.parties.ids[place],
        name=matcher.parties.named(place),
        place=int(seat[0]) + 1 if len(seat) else 0,
        n_candidates=len(found.order),
        low=float(scores.low[place]) if scores.parts else 0.0,
        mid=float(scores.mid[place]) if scores.parts else 0.0,
        high=float(scores.high[place]) if scores.parts else 100.0,
        parts=tuple(parts),
        quotes=quotes,
        missing=tuple(missing),
    )
