"""Who could solve it: the candidates of a zone, compared with a query.

Three channels find candidates: the texts (vectors and words), the capabilities on record,
and the ties with candidates that are strong already. Hard filters come first; whoever is
left and was found by a channel gets a score (:mod:`jicheng.integrate.match.score`), but who
has only ties, and none with a strong candidate, is left out for that reason.
A matcher is made once for a zone and answers many queries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import Fault, fault
from jicheng.integrate.match.asks import asking
from jicheng.integrate.match.criteria import weights_of
from jicheng.integrate.match.evidence import PartyEvidence
from jicheng.integrate.match.facts import (
    centre_of,
    experience,
    free_capacity,
    nearness,
    projects_of,
)
from jicheng.integrate.match.filters import Filtered, filter_parties
from jicheng.integrate.match.graph import Taxonomy, Ties
from jicheng.integrate.match.levels import Interval, PartyLevels
from jicheng.integrate.match.parties import Direction, Parties
from jicheng.integrate.match.proposals import CapabilityIndex
from jicheng.integrate.match.query import Query, QueryKind
from jicheng.integrate.match.remembering import Remembering
from jicheng.integrate.match.score import Scores, add_up
from jicheng.integrate.match.settings import MatchSettings
from jicheng.integrate.match.subject import share_held
from jicheng.integrate.match.texts import Likeness, PartyTexts
from jicheng.retrieval import RetrievalSettings
from jicheng.retrieval.embedding import Embedder, installed_embedders
from jicheng.retrieval.index import Progress
from jicheng.zone import Zone

__all__ = ["Found", "Matcher"]

Flags = NDArray[np.bool_]

_NAMED = 40  # characters of a query that a warning repeats


@dataclass(frozen=True, eq=False)
class Found:
    """What the channels, filters and criteria say of all candidates of a query.

    Attributes
    ----------
    query : Query
        With the needs that were proposed, if none are stated.
    wanted : ndarray of bool, shape (n,)
        Who is in the list that is asked for.
    by : dict of str to ndarray of bool, shape (n,)
        Whom each channel found: ``texts``, ``holdings``, ``ties``.
    order : ndarray of intp
        Candidates, best first.
    """

    query: Query
    direction: Direction
    wanted: Flags
    filtered: Filtered
    by: dict[str, Flags]
    likeness: Likeness
    scores: Scores
    seeds: NDArray[np.float64]
    order: NDArray[np.intp]
    warnings: tuple[Fault, ...]


@dataclass(frozen=True, eq=False)
class Matcher:
    """A zone made ready for matching."""

    zone: Zone
    settings: MatchSettings
    parties: Parties
    texts: PartyTexts
    levels: PartyLevels
    evidence: PartyEvidence
    ties: Ties
    taxonomy: Taxonomy
    capabilities: CapabilityIndex
    weights: dict[str, float] = field(default_factory=dict)
    retrieval: RetrievalSettings | None = None
    embedders: tuple[Embedder, ...] = ()

    @classmethod
    def of(
        cls,
        zone: Zone,
        settings: MatchSettings | None = None,
        *,
        retrieval: RetrievalSettings | None = None,
        folder: Path | None = None,
        embedders: Sequence[Embedder] | None = None,
        progress: Progress | None = None,
    ) -> Matcher:
        """Read a zone and index its texts.

        Parameters
        ----------
        zone : Zone
            Every table may be absent; what then cannot be told is said.
        settings : MatchSettings, optional
            Defaults: :class:`MatchSettings`.
        retrieval : RetrievalSettings, optional
            Engines of the texts.
        folder : Path, optional
            Folder where indexes are kept between calls, beside the zone.
        embedders : sequence of Embedder, optional
            Engines that are loaded already; default those that are installed and wanted.
        progress : callable, optional
            Called with the texts that are indexed and their number.

        Raises
        ------
        InvalidInput
            E050, E051 for weights that cannot be.
        """
        settings = settings or MatchSettings()
        weights = weights_of(settings.weights)
        retrieval = retrieval or RetrievalSettings()
        engines = installed_embedders(retrieval) if embedders is None else embedders
        used = tuple(Remembering(one) for one in engines)
        parties = Parties.of(zone)
        texts = PartyTexts.of(
            zone,
            parties,
            settings=retrieval,
            folder=None if folder is None else folder / "texts",
            embedders=used,
            progress=progress,
        )
        capabilities = CapabilityIndex.of(
            zone,
            retrieval,
            folder=None if folder is None else folder / "capabilities",
            embedders=used,
        )
        return cls(
            zone=zone,
            settings=settings,
            parties=parties,
            texts=texts,
            levels=PartyLevels.of(zone, parties, settings),
            evidence=PartyEvidence.of(zone, parties, settings),
            ties=Ties.of(zone, parties, settings),
            taxonomy=Taxonomy.of(zone),
            capabilities=capabilities,
            weights=weights,
            retrieval=retrieval,
            embedders=used,
        )

    def with_needs(self, query: Query) -> Query:
        """Return the query with proposed needs where it states none."""
        if query.needs.height:
            return query
        return query.with_needs(self.capabilities.propose(query.words, self.settings))

    def find(
        self,
        query: Query,
        direction: Direction = Direction.ORGANISATIONS,
        *,
        likeness: Likeness | None = None,
    ) -> Found:
        """Compare all candidates with a query.

        Parameters
        ----------
        query : Query
            What is looked for.
        direction : Direction
            Which candidates are wanted.
        likeness : Likeness, optional
            Of the texts, if it is known already (when engines are compared).
        """
        query = self.with_needs(query)
        recent, old, may_be_old = self.texts.since(query.constraints.since)
        filtered = filter_parties(self.parties, query.constraints, old_texts=(old, may_be_old))
        if likeness is None:
            among = self._among(query, recent)
            likeness = self.texts.likeness(query.words, self.settings, among=among)
        kin = self.taxonomy.kin_of(query.needs["capability"].to_list(), self.settings)
        parts = self._parts(query, likeness, kin)
        wanted = self.parties.of_direction(direction)
        takes_part = wanted & filtered.passes
        seeds = self._seeds(parts, filtered.passes)
        tied = self.ties.nearness(seeds, self.settings)
        parts["ties"] = tied if self.ties.on_record.any() else None
        by = self._channels(kin, likeness, tied, takes_part)
        weak = takes_part & by["ties"] & self._only_weakly_tied(by, seeds)
        filtered = filtered.without("weak_ties", weak)
        found = takes_part & (by["texts"] | by["holdings"] | by["ties"]) & ~weak
        scores = add_up(parts, self.weights, takes_part)
        place = np.flatnonzero(found)
        mid = scores.mid[place] if scores.parts else np.zeros(len(place))
        order = place[np.lexsort((self.parties.order[place], -mid.round(9)))]
        return Found(
            query, direction, wanted, filtered, by, likeness, scores, seeds, order,
            self._warnings(query, likeness, scores),
        )  # fmt: skip

    def _among(self, query: Query, recent: Flags) -> Flags | None:
        if self.texts.index is None or not (query.constraints.since or query.own_texts):
            return None
        among = recent if query.constraints.since else np.ones(len(recent), np.bool_)
        among[self.texts.rows_of(query.own_texts)] = False
        return among

    @cached_property
    def projects(self) -> pl.DataFrame:
        """Projects and awards of the candidates."""
        return projects_of(self.zone, self.parties)

    @cached_property
    def _experience(self) -> Interval | None:
        rows = self.ties.rows.filter((pl.col("kind") == "project") & pl.col("text").is_null())
        joint = np.zeros(self.parties.n)
        for side in ("a", "b"):
            joint += np.bincount(rows[side].to_numpy(), rows["weight"].to_numpy(), len(joint))
        on_record = self.texts.on_record | self.ties.on_record
        return experience(self.projects, joint, on_record, self.settings.half_projects)

    def _parts(
        self, query: Query, likeness: Likeness, kin: dict[str, dict[str, float]]
    ) -> dict[str, Interval | None]:
        """Return the value of each criterion, ties aside; None where it applies to nobody."""
        needs = query.needs
        has_needs = needs.height > 0
        is_told = has_needs and bool(self.levels.on_record.any())
        has_evidence = has_needs and bool(self.evidence.on_record.any())
        centre = centre_of(self.parties, query.place_of)
        parts: dict[str, Interval | None] = {
            "texts": likeness.value if self.texts.index is not None else None,
            "coverage": self.levels.coverage(needs) if is_told else None,
            "related": self.levels.related(needs, kin) if is_told else None,
            "evidence": self.evidence.value(needs) if has_evidence else None,
            "ties": None,
            "experience": self._experience,
            "nearness": nearness(self.parties, centre, self.settings.half_distance_km),
            "capacity": free_capacity(self.parties),
        }
        if query.kind is QueryKind.RESULT:
            parts["asks"] = asking(
                self.zone,
                self.parties,
                query.words,
                self.settings,
                self.retrieval,
                embedders=self.embedders,
            )
        return parts

    def _seeds(self, parts: dict[str, Interval | None], passes: Flags) -> NDArray[np.float64]:
        """Return the strength of the strongest candidates by texts and capabilities.

        What is certain counts: the low ends.
        """
        strength = np.zeros(self.parties.n)
        told = [parts[name] for name in ("texts", "related") if parts[name] is not None]
        for part in told:
            if part is not None:
                strength += part.low / len(told)
        strength[~passes] = 0.0
        best = self.parties.first(strength, self.settings.n_seeds)
        seeds = np.zeros_like(strength)
        seeds[best] = strength[best]
        return seeds

    def _only_weakly_tied(self, by: dict[str, Flags], seeds: NDArray[np.float64]) -> Flags:
        """Tell who has neither text nor capability, and no tie with a strong candidate."""
        share = self.settings.strong_share
        if share <= 0.0:
            return np.zeros(self.parties.n, np.bool_)
        strong = (seeds > 0.0) & (seeds >= share * seeds.max(initial=0.0))
        return ~(by["texts"] | by["holdings"] | self.ties.with_any(strong))

    def _channels(
        self,
        kin: dict[str, dict[str, float]],
        likeness: Likeness,
        tied: Interval,
        takes_part: Flags,
    ) -> dict[str, Flags]:
        by_texts = np.zeros(self.parties.n, np.bool_)
        by_texts[likeness.party] = True
        related = sorted({one for counts in kin.values() for one in counts})
        near = np.where(takes_part, tied.low, 0.0)
        by_ties = np.zeros(self.parties.n, np.bool_)
        by_ties[self.parties.first(near, self.settings.n_seeds)] = True
        return {"texts": by_texts, "holdings": self.levels.holders(related), "ties": by_ties}

    def _warnings(self, query: Query, likeness: Likeness, scores: Scores) -> tuple[Fault, ...]:
        told = [*query.warnings, *self.texts.warnings, *self.levels.warnings]
        if query.is_proposed:
            told.append(fault("E057", is_warning=True))
        held = share_held(self.texts, query.words, likeness)
        if held is not None and held < self.settings.least_held:
            name = query.title.zh[:_NAMED]
            told.append(fault("E077", is_warning=True, name=name, share=f"{held:.0%}"))
        if not scores.parts:
            told.append(fault("E058", is_warning=True))
        return tuple(dict.fromkeys(told))
