"""The answer to a query: who, with which score, why, and why somebody is not there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import Fault, Text
from jicheng.integrate.match.criteria import criteria
from jicheng.integrate.match.explanation import MatchExplanation, explain_candidate, quotes_of
from jicheng.integrate.match.matcher import Found, Matcher
from jicheng.integrate.match.parties import Direction
from jicheng.integrate.match.query import Query
from jicheng.integrate.match.quotes import Quote
from jicheng.integrate.match.spread import spread

__all__ = ["MatchResult", "Why", "match"]


@dataclass(frozen=True)
class Why:
    """Why somebody is in the list, or not.

    Attributes
    ----------
    candidate : str
        Its id.
    status : str
        ``listed``, ``below`` (a candidate, but not among those shown), ``varied`` (others
        were preferred for variety), ``excluded`` (by a filter), ``not_found`` (by no
        channel) or ``other_list`` (organisations were asked for, this is a person).
    sentences : tuple of Text
        The answer in words.
    """

    candidate: str
    status: str
    sentences: tuple[Text, ...]

    def as_text(self, language: str) -> str:
        """Return the sentences as lines."""
        return "\n".join(one.in_language(language) for one in self.sentences)

    def as_plain(self) -> dict[str, Any]:
        """Return the answer as JSON values."""
        said = [{"zh": one.zh, "en": one.en} for one in self.sentences]
        return {"candidate": self.candidate, "status": self.status, "sentences": said}


@dataclass(frozen=True, eq=False)
class MatchResult:
    """Candidates for a query.

    Attributes
    ----------
    matcher : Matcher
        What was asked.
    found : Found
        All candidates.
    chosen : ndarray of intp
        Those shown, in their order; with variety not simply the best ones.
    diversity : float
        Share of the score against variety; 1 = score alone.
    n : int
        How many were asked for.
    """

    matcher: Matcher
    found: Found
    chosen: NDArray[np.intp]
    diversity: float
    n: int

    @property
    def query(self) -> Query:
        """What was looked for, with proposed needs."""
        return self.found.query

    @property
    def engines(self) -> tuple[str, ...]:
        """What ranked the texts; empty = there is none."""
        return self.matcher.texts.engines

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """What a reader must know."""
        return self.found.warnings

    @property
    def n_candidates(self) -> int:
        """How many passed the filters and were found by a channel."""
        return len(self.found.order)

    @property
    def excluded(self) -> dict[str, int]:
        """How many of the list each reason leaves out (one may have several reasons)."""
        return self.found.filtered.counts(self.found.wanted)

    @cached_property
    def table(self) -> pl.DataFrame:
        """Those shown, best first: scores, criteria, channels, what to check.

        A criterion has its low and its high end; both are empty where there is no data.
        """
        return self.table_of(self.chosen)

    def table_of(self, places: NDArray[np.intp]) -> pl.DataFrame:
        """Return the table of some candidates, in their order."""
        scores, parties = self.found.scores, self.matcher.parties
        seat = {int(place): i + 1 for i, place in enumerate(self.found.order)}
        columns: dict[str, Any] = {
            "rank": pl.Series([seat.get(int(place)) for place in places], dtype=pl.Int64)
        }
        frame = parties.table[places.astype(np.int64)]
        for name in ("id", "list", "name", "name_en", "organisation"):
            columns["candidate" if name == "id" else name] = frame[name]
        for name, values in (("score", scores.mid), ("score_low", scores.low),
                             ("score_high", scores.high)):  # fmt: skip
            columns[name] = values[places].round(3) if scores.parts else None
        for one in criteria():
            part = scores.parts.get(one.name)
            for end in ("low", "high"):
                told: list[float | None] = [None] * len(places)
                if part is not None:
                    values = (part.low if end == "low" else part.high)[places]
                    told = [
                        round(float(value), 4) if known else None
                        for value, known in zip(values, part.known[places], strict=True)
                    ]
                columns[f"{one.name}_{end}"] = pl.Series(told, dtype=pl.Float64)
        columns["found_by"] = [
            ";".join(name for name, flags in self.found.by.items() if flags[place])
            for place in places
        ]
        columns["to_check"] = [
            ";".join(self.found.filtered.to_check(int(place))) or None for place in places
        ]
        return pl.DataFrame(columns, schema_overrides={"to_check": pl.String})

    def quotes(self, candidate: str, *, most: int | None = None) -> tuple[Quote, ...]:
        """Return the texts that count for a candidate, best first, all or the first ones."""
        place = self.matcher.parties.place(candidate)
        return quotes_of(self.matcher, self.found, place, most=most)

    def explain(self, candidate: str) -> MatchExplanation:
        """Account for the score of a candidate.

        Raises
        ------
        InvalidInput
            E052 for an unknown id.
        """
        place = self.matcher.parties.place(candidate)
        return explain_candidate(self.matcher, self.found, place)

    def why(self, candidate: str) -> Why:
        """Tell why somebody is in the list, or not.

        Raises
        ------
        InvalidInput
            E052 for an unknown id.
        """
        place = self.matcher.parties.place(candidate)
        name, found = self.matcher.parties.named(place), self.found
        if not found.wanted[place]:
            said = Text(
                f"{name.zh}不在所要的名单中（所要：{found.direction}）",
                f"{name.en} is not in the list that was asked for ({found.direction})",
            )
            return Why(candidate, "other_list", (said,))
        if not found.filtered.passes[place]:
            return Why(candidate, "excluded", self._reasons(place, name))
        seat = np.flatnonzero(found.order == place)
        if not len(seat):
            return Why(candidate, "not_found", self._unfound(place, name))
        at, mid = int(seat[0]) + 1, float(found.scores.mid[place])
        said = Text(
            f"{name.zh}是第 {at} 名（共 {self.n_candidates} 个候选者），得分 {mid:.1f}",
            f"{name.en} is number {at} of {self.n_candidates}, with {mid:.1f} points",
        )
        if place in self.chosen:
            return Why(candidate, "listed", (said,))
        last = Text(
            f"只显示 {len(self.chosen)} 名；用 -n 显示更多",
            f"Only {len(self.chosen)} are shown; see more with -n",
        )
        if at <= len(self.chosen):
            last = Text("为使名单多样，排在后面而不同的候选者代替了它（--diversity 1 即只按得分）",
                        "For variety a lower but different candidate took its place "
                        "(--diversity 1 goes by the score alone)")  # fmt: skip
            return Why(candidate, "varied", (said, last))
        return Why(candidate, "below", (said, last))

    def _reasons(self, place: int, name: Text) -> tuple[Text, ...]:
        filtered = self.found.filtered
        said = [Text(f"{name.zh}被排除：", f"{name.en} is left out:")]
        for reason in filtered.why_out(place):
            why, remedy = filtered.told(reason)
            said.append(Text(f"  {why.zh}（{remedy.zh}）", f"  {why.en} ({remedy.en})"))
        z = self.found.likeness.of(place)[1]
        if len(z):
            said.append(
                Text(
                    f"  它最相近的文本 z 为 {z[0]:.1f}，不参与排名",
                    f"  Its text most like the need has z {z[0]:.1f}; it does not count",
                )
            )
        return tuple(said)

    def _unfound(self, place: int, name: Text) -> tuple[Text, ...]:
        matcher = self.matcher
        has = [
            (
                matcher.texts.on_record[place],
                Text("它的文本都不在最相近的之列", "None of its texts is like the need"),
                Text("它没有任何文本", "It has no text"),
            ),
            (
                matcher.levels.on_record[place],
                Text("记录中的能力与所需能力无关", "Its capabilities are not those needed"),
                Text("它没有任何能力记录", "No capability of it is on record"),
            ),
            (
                matcher.ties.on_record[place],
                Text("与强候选者没有近的联系", "It has no close tie with a strong candidate"),
                Text("它没有任何合作记录", "No tie of it is on record"),
            ),
        ]
        told = [some if known else nothing for known, some, nothing in has]
        head = Text(f"{name.zh}没有被任何渠道找到：", f"No channel found {name.en}:")
        return (head, *(Text(f"  {one.zh}", f"  {one.en}") for one in told))

    def as_plain(self) -> dict[str, Any]:
        """Return the answer as JSON values, with a quotation for each candidate."""
        rows = []
        for row in self.table.to_dicts():
            quotes = self.quotes(row["candidate"], most=1)
            rows.append(row | {"quotes": [one.as_plain() for one in quotes]})
        query, scores = self.query, self.found.scores
        return {
            "query": {
                "kind": query.kind.value, "id": query.id, "zh": query.title.zh,
                "en": query.title.en, "words": query.words, "needs": query.needs.to_dicts(),
                "constraints_zh": query.constraints.as_text().zh,
                "constraints_en": query.constraints.as_text().en,
            },
            "engines": list(self.engines),
            "direction": self.found.direction.value,
            "n_candidates": self.n_candidates,
            "excluded": self.excluded,
            "weights": scores.weights,
            "criteria_left_out": list(scores.left_out),
            "diversity": self.diversity,
            "warnings": [{"code": one.code, "zh": one.message.zh, "en": one.message.en}
                         for one in self.warnings],
            "candidates": rows,
            "is_sample": self.matcher.zone.is_sample,
        }  # fmt: skip


def match(
    matcher: Matcher,
    query: Query,
    direction: Direction = Direction.ORGANISATIONS,
    *,
    n: int = 20,
    diversity: float | None = None,
) -> MatchResult:
    """Find who could answer a query.

    Parameters
    ----------
    matcher : Matcher
        Of the zone.
    query : Query
        What is looked for.
    direction : Direction
        Which candidates are wanted.
    n : int
        How many are shown, >= 1.
    diversity : float, optional
        Share of the score against variety, 0 to 1; 1 = score alone. Default: settings.

    Returns
    -------
    MatchResult
        The same for the same zone, whatever the order of its rows.
    """
    found = matcher.find(query, direction)
    share = matcher.settings.diversity if diversity is None else diversity
    chosen = spread(matcher, found, n, share) if share < 1.0 else found.order[:n]
    return MatchResult(matcher, found, chosen, share, n)
