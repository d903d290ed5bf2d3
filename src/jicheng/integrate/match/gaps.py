"""For which challenges an organisation is wanted: where it fills a gap.

For each needed capability the gap is told by who else reaches the level for certain: nobody,
only somebody abroad or outside the zone, one in the zone, or several (``gap_states.csv``
says what each counts). Somebody outside the zone whose country is empty may be anywhere: that
is a state of its own, never the claim that only somebody abroad reaches it. Where a
consortium is named, the gap is what it does not cover. The score of a challenge is the
weighted sum of the gap that the organisation fills, of its coverage and of the likeness of
its texts, added up like the criteria of candidates: an interval where levels or texts are
unknown, which for the order counts like the average of the other challenges. Challenges of
which it fills, or may fill, no gap come after those of which it does.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import Fault, InvalidInput, Text
from jicheng.integrate.match.explanation import quotes_of_rows
from jicheng.integrate.match.filters import filter_parties
from jicheng.integrate.match.levels import Interval, between
from jicheng.integrate.match.matcher import Matcher
from jicheng.integrate.match.query import Query, query_of_challenge
from jicheng.integrate.match.quotes import Quote
from jicheng.integrate.match.score import add_up

__all__ = ["GAP_WEIGHTS", "Opening", "OpeningsResult", "gap_states", "openings"]

Flags = NDArray[np.bool_]

GAP_WEIGHTS: Mapping[str, float] = {"gap": 0.5, "coverage": 0.2, "texts": 0.3}
"""Weight of each part of the score of a challenge for an organisation (ours)."""


@dataclass(frozen=True, slots=True)
class Opening:
    """One challenge, seen from an organisation.

    Attributes
    ----------
    query : Query
        The challenge.
    low, mid, high : float
        Score, 0 to 100.
    parts : dict of str to tuple of float or None
        Low and high end of ``gap``, ``coverage`` and ``texts``; None = no data.
    needs : tuple of dict
        Each need with ``capability``, ``name``, ``name_en``, ``weight``, ``needed``,
        ``state`` of the gap and ``verdict`` of the organisation (yes, open, no).
    quotes : tuple of Quote
        Its texts that are like the challenge, best first.
    barred : tuple of Text
        Filters that would leave it out.
    """

    query: Query
    low: float
    mid: float
    high: float
    parts: dict[str, tuple[float, float] | None]
    needs: tuple[dict[str, Any], ...]
    quotes: tuple[Quote, ...]
    barred: tuple[Text, ...]

    def fills(self, *, verdicts: Sequence[str] = ("yes", "open")) -> list[dict[str, Any]]:
        """Return the needs with a gap that the organisation reaches or may reach."""
        counts = {name: share for name, (share, _) in gap_states().items()}
        return [
            row for row in self.needs if row["verdict"] in verdicts and counts[row["state"]] > 0.0
        ]

    def as_text(self, language: str) -> list[str]:
        """Return the opening as lines."""
        title = self.query.title.in_language(language)
        score = f"{self.mid:.1f} [{self.low:.1f}, {self.high:.1f}]"
        lines = [f"{title} ({self.query.id})  {score}"]
        for row in self.fills():
            state = gap_states()[row["state"]][1].in_language(language)
            name = row["name"] if language == "zh" else row["name_en"] or row["name"]
            sure = {
                "yes": Text("已达到", "reaches it"), "open": Text("可能达到", "may reach it"),
            }[row["verdict"]].in_language(language)  # fmt: skip
            lines.append(f"    {name or row['capability']}: {state}; {sure}")
        lines += [f"    {one.as_text(language)}" for one in self.quotes[:1]]
        lines += [f"    ! {one.in_language(language)}" for one in self.barred]
        return lines


@dataclass(frozen=True)
class OpeningsResult:
    """Challenges for an organisation, best first."""

    organisation: str
    name: Text
    openings: tuple[Opening, ...]
    engines: tuple[str, ...]
    warnings: tuple[Fault, ...]
    is_sample: bool

    @property
    def table(self) -> pl.DataFrame:
        """One row a challenge."""
        rows = []
        for rank, one in enumerate(self.openings, 1):
            row: dict[str, Any] = {
                "rank": rank, "challenge": one.query.id, "name": one.query.title.zh,
                "name_en": one.query.title.en, "score": one.mid, "score_low": one.low,
                "score_high": one.high,
            }  # fmt: skip
            for part, ends in one.parts.items():
                row[f"{part}_low"], row[f"{part}_high"] = ends or (None, None)
            row["fills"] = ";".join(need["capability"] for need in one.fills()) or None
            row["best_text"] = one.quotes[0].text if one.quotes else None
            row["barred_zh"] = "；".join(text.zh for text in one.barred) or None
            rows.append(row)
        return pl.DataFrame(rows, infer_schema_length=None)

    def as_plain(self) -> dict[str, Any]:
        """Return the answer as JSON values."""
        return {
            "organisation": self.organisation, "name_zh": self.name.zh, "name_en": self.name.en,
            "engines": list(self.engines), "weights": dict(GAP_WEIGHTS),
            "warnings": [{"code": one.code, "zh": one.message.zh, "en": one.message.en}
                         for one in self.warnings],
            "challenges": [
                row | {"needs": list(one.needs), "quotes": [text.as_plain() for text in one.quotes]}
                for row, one in zip(self.table.to_dicts(), self.openings, strict=True)
            ],
            "is_sample": self.is_sample,
        }  # fmt: skip


@cache
def gap_states() -> dict[str, tuple[float, Text]]:
    """Return what each state of a need counts as a gap, and what it is called."""
    file = resources.files("jicheng.integrate.match").joinpath("gap_states.csv")
    return {
        row["state"]: (float(row["counts"]), Text(row["zh"], row["en"]))
        for row in csv.DictReader(file.read_text("utf-8").splitlines())
    }


def openings(
    matcher: Matcher,
    organisation: str,
    *,
    teams: Mapping[str, Sequence[str]] | None = None,
) -> OpeningsResult:
    """Rank the challenges of the zone for an organisation (or a person).

    Parameters
    ----------
    matcher : Matcher
        Of the zone.
    organisation : str
        Its id.
    teams : mapping of str to sequence of str, optional
        Planned members by challenge; where given, the gap is what they do not cover.

    Raises
    ------
    InvalidInput
        E052 for an unknown organisation, E060 if the zone has no challenge.
    """
    place = matcher.parties.place(organisation)
    zone = matcher.zone
    names = zone["challenges"]["id"].to_list()
    if not names:
        raise InvalidInput.of("E060")
    made = _added_up([
        _opening(
            matcher,
            place,
            matcher.with_needs(query_of_challenge(zone, name)),
            (teams or {}).get(name),
        )
        for name in names
    ])  # fmt: skip
    made.sort(key=lambda one: (not one.fills(), -round(one.mid, 9), one.query.id))
    warnings = (*matcher.texts.warnings, *matcher.levels.warnings)
    return OpeningsResult(organisation, matcher.parties.named(place), tuple(made),
                          matcher.texts.engines, warnings, zone.is_sample)  # fmt: skip


def _added_up(made: Sequence[Opening]) -> list[Opening]:
    """Return the openings with their scores."""
    parts: dict[str, Interval | None] = {}
    for name in GAP_WEIGHTS:
        ends = [one.parts[name] for one in made]
        low, high = (
            np.array([0.0 if part is None else part[end] for part in ends]) for end in (0, 1)
        )
        parts[name] = between(low, high, np.array([part is not None for part in ends]))
    scores = add_up(parts, GAP_WEIGHTS, np.ones(len(made), np.bool_))
    if not scores.parts:  # nothing is known of any
        return [replace(one, low=0.0, mid=0.0, high=100.0) for one in made]
    return [
        replace(one, low=float(low), mid=float(mid), high=float(high))
        for one, low, mid, high in zip(made, scores.low, scores.mid, scores.high, strict=True)
    ]


def _opening(matcher: Matcher, place: int, query: Query, team: Sequence[str] | None) -> Opening:
    """Return a challenge as seen from an organisation, its score still to be added up."""
    needs = _needs(matcher, place, query, team)
    parts: dict[str, tuple[float, float] | None] = {"gap": None, "coverage": None, "texts": None}
    if needs and matcher.levels.on_record[place]:
        counts = gap_states()
        for part in ("gap", "coverage"):
            ends = [0.0, 0.0]
            for row in needs:
                worth = row["weight"] * (counts[row["state"]][0] if part == "gap" else 1.0)
                ends[0] += worth * (row["verdict"] == "yes")
                ends[1] += worth * (row["verdict"] in ("yes", "open"))
            parts[part] = (ends[0], ends[1])
    quotes: tuple[Quote, ...] = ()
    if matcher.texts.index is not None and matcher.texts.on_record[place]:
        mine = np.zeros(matcher.texts.table.height, np.bool_)
        mine[matcher.texts.of_party(place)] = True
        likeness = matcher.texts.likeness(query.words, matcher.settings, among=mine)
        value = float(likeness.value.low[place])
        parts["texts"] = (value, value)
        rows, z = likeness.of(place)
        quotes = quotes_of_rows(matcher, query.words, rows[:1], z[:1])
    filtered = filter_parties(matcher.parties, query.constraints)
    barred = tuple(filtered.told(reason)[0] for reason in filtered.why_out(place))
    return Opening(query, 0.0, 0.0, 0.0, parts, needs, quotes, barred)


def _needs(
    matcher: Matcher, place: int, query: Query, team: Sequence[str] | None
) -> tuple[dict[str, Any], ...]:
    """Return the needs of a challenge with the state of the gap and what the organisation holds.

    Only organisations count for the state, without the one that asks and its people.
    """
    roster = matcher.parties.roster
    others = np.arange(matcher.parties.n) < roster.n
    home = matcher.parties.home[place]
    others[[place, *([home] if home >= 0 else [])]] = False
    names = {row["id"]: row for row in matcher.zone["capabilities"].iter_rows(named=True)}
    made = []
    for row in query.needs.iter_rows(named=True):
        sure, may = matcher.levels.reached(row["capability"], row["level"])
        called = names.get(row["capability"], {})
        made.append({
            "capability": row["capability"], "name": called.get("name"),
            "name_en": called.get("name_en"), "weight": row["weight"], "needed": row["level"],
            "state": _state(matcher, sure & others, team),
            "verdict": "yes" if sure[place] else "open" if may[place] else "no",
        })  # fmt: skip
    return tuple(made)


def _state(matcher: Matcher, sure: Flags, team: Sequence[str] | None) -> str:
    roster = matcher.parties.roster
    if team is not None:
        seats = [roster.index[name] for name in team if name in roster.index]
        return "covered" if sure[seats].any() else "uncovered"
    held = sure[: roster.n]
    inside = int((held & roster.in_zone).sum())
    if inside:
        return "one" if inside == 1 else "several"
    home, country = matcher.parties.country, roster.table["country"].fill_null("").to_numpy()
    if (held & (country == home) & (country != "")).any():
        return "outside"
    if not home or (held & (country == "")).any():
        return "elsewhere" if held.any() else "nobody"
    return "abroad" if held.any() else "nobody"
