"""Innovation points of firms over several years, with their places among peers.

Points are intervals where facts are missing, and so are places: the best and the worst
that the missing facts of a firm and of its peers allow. Lists that order by points use the
low end, and say so. Explanations are made on demand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl

from jicheng.errors import InvalidInput, Text
from jicheng.rules.expression.intervals import Codes, Floats
from jicheng.rules.facts.dictionary import fact_dictionary
from jicheng.rules.facts.from_zone import facts_of
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.expressions import facts_needed
from jicheng.rules.pack.model import Pack
from jicheng.rules.score.evaluate import ONE_GROUP, Evaluation, evaluate
from jicheng.rules.score.explanation import Explanation, explain
from jicheng.rules.score.percentile import PeerGroups, PeerQuantiles
from jicheng.rules.score.ranks import Ranks, rank, rank_among
from jicheng.rules.score.wording import say
from jicheng.zone import Zone

__all__ = ["PointsResult", "YearOfPoints", "changes", "score", "score_zone"]

_COMPARED = (
    "year", "low", "high", "n_missing", "rank", "rank_best", "rank_worst", "n_peers",
    "rank_of_all", "rank_of_all_best", "rank_of_all_worst", "n_of_all",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class YearOfPoints:
    """Points of one year.

    Attributes
    ----------
    facts : FactTable
        Of n firms.
    peers : PeerQuantiles or None
        Quantiles of their peer groups.
    table : polars.DataFrame
        Rows as :attr:`PointsResult.table`, in the order of the facts.
    """

    facts: FactTable
    peers: PeerQuantiles | None
    table: pl.DataFrame


@dataclass(frozen=True, eq=False)
class PointsResult:
    """Points of firms over some years.

    Attributes
    ----------
    pack : Pack
        By which they are given.
    years : tuple of YearOfPoints
        Rising.
    """

    pack: Pack
    years: tuple[YearOfPoints, ...]

    @property
    def table(self) -> pl.DataFrame:
        """One row for each firm and year.

        ``subject, year, stage, field, low, high, n_missing`` (indicators without a value),
        ``rank`` (in the peer group by the low ends), ``rank_best, rank_worst, n_peers``,
        ``percentile, percentile_low, percentile_high`` (share of the other peers that have
        fewer points: by the low ends, at worst, at best; empty without peers),
        ``rank_of_all`` (by the low ends), ``rank_of_all_best, rank_of_all_worst`` (what
        missing facts allow), ``n_of_all``, ``is_draft, is_demo``. ``rank`` is empty where
        stage or field, and so the group, is unknown.
        """
        return pl.concat([year.table for year in self.years])

    @property
    def labels(self) -> tuple[Text, ...]:
        """What must stand beside every figure: draft rules, demo weights."""
        marks = {"draft": self.pack.is_draft, "demo_weights": self.pack.has_demo_weights}
        return tuple(say(key) for key, holds in marks.items() if holds)

    def explain(
        self, subject: str, *, year: int | None = None, zone: Zone | None = None
    ) -> Explanation:
        """Account for the points of one firm in one year, by default the latest.

        Raises
        ------
        InvalidInput
            E961 if there is no such firm, or no such year.
        """
        chosen = [each for each in self.years if year in (None, each.facts.year)]
        if not chosen:
            near = ", ".join(str(each.facts.year) for each in self.years)
            raise InvalidInput.of("E961", subject=year, near=near)
        latest = chosen[-1]
        return explain(_bare(self.pack, latest), subject, zone=zone)


def score(
    facts: FactTable | Iterable[FactTable],
    pack: Pack,
    *,
    peers: Mapping[int, PeerQuantiles] | None = None,
    among: Mapping[int, FactTable] | None = None,
    threads: int = 1,
) -> PointsResult:
    """Give points to firms, year by year.

    Parameters
    ----------
    facts : FactTable or iterable of FactTable
        One for each year.
    pack : Pack
        Of points.
    peers : mapping of int to PeerQuantiles, optional
        Quantiles frozen earlier, by year; default those of the firms compared with.
    among : mapping of int to FactTable, optional
        Firms with which each firm is compared by itself, by year; one of the same id is the
        firm itself. Default the firms of the facts with one another.
    threads : int
        Years that are scored at the same time; the result is the same.

    Raises
    ------
    InvalidInput
        E960 if frozen quantiles do not fit the pack.
    """
    tables = [facts] if isinstance(facts, FactTable) else facts
    frozen, others = peers or {}, among or {}
    with ThreadPoolExecutor(threads) as pool:
        years = list(
            pool.map(
                lambda each: _year(each, pack, frozen.get(each.year), others.get(each.year)), tables
            )
        )
    return PointsResult(pack, tuple(sorted(years, key=lambda each: each.facts.year)))


def score_zone(zone: Zone, pack: Pack, *, years: Iterable[int] | None = None) -> PointsResult:
    """Give points to the firms of a zone, by default for its latest year.

    Raises
    ------
    InvalidInput
        As reading the facts does (:func:`jicheng.rules.facts.from_zone.facts_of`).
    """
    known = fact_dictionary()
    needed = facts_needed(pack, known)
    dictionary = known.with_facts(each for each in needed if each.name not in known)
    asked = [None] if years is None else list(years)
    names = [each.name for each in needed]
    return score(
        [facts_of(zone, year=year, only=names, dictionary=dictionary) for year in asked], pack
    )


def changes(now: YearOfPoints, before: YearOfPoints) -> pl.DataFrame:
    """Return the points of firms beside those of an earlier year.

    Both years are to be scored against the same quantiles, or their points do not compare.

    Returns
    -------
    polars.DataFrame
        :attr:`PointsResult.table` of the later year, the columns of the earlier one with the
        ending ``_before`` (empty for a firm that it does not have), ``change_low`` and
        ``change_high``: between which numbers the gain in points lies.
    """
    earlier = before.table.select(
        "subject", *(pl.col(name).alias(f"{name}_before") for name in _COMPARED)
    )
    return now.table.join(earlier, on="subject", how="left", maintain_order="left").with_columns(
        change_low=pl.col("low") - pl.col("high_before"),
        change_high=pl.col("high") - pl.col("low_before"),
    )


def _year(
    facts: FactTable, pack: Pack, peers: PeerQuantiles | None, among: FactTable | None
) -> YearOfPoints:
    others = None if among is None else evaluate(pack, among, peers=peers)
    evaluation = evaluate(pack, facts, peers=peers if others is None else others.peers)
    if evaluation.score is None:
        raise InvalidInput.of("E962", pack=pack.key)
    groups, group = _grouped(evaluation, evaluation.peers)
    nowhere = np.zeros(facts.n, dtype=np.int32)
    if others is None or others.score is None:
        inside, everybody = rank(evaluation.score, group), rank(evaluation.score, nowhere)
    else:
        _, other_group = _grouped(others, evaluation.peers)
        own = facts.subjects.replace_strict(
            others.facts.subjects, np.arange(others.facts.n), default=-1, return_dtype=pl.Int64
        ).to_numpy()
        compared = evaluation.score, others.score
        inside = rank_among(compared[0], group, compared[1], other_group, own)
        everybody = rank_among(compared[0], nowhere, compared[1], np.zeros_like(other_group), own)
    table = _table(evaluation, groups, inside, everybody)
    return YearOfPoints(facts, evaluation.peers, table)


def _grouped(evaluation: Evaluation, peers: PeerQuantiles | None) -> tuple[PeerGroups, Codes]:
    """Return the peer groups of firms as numbers, below 0 where they are unknown."""
    groups = PeerGroups.of(evaluation.pack.peers or ONE_GROUP, evaluation.facts, frozen=peers)
    number = groups.stage * (len(groups.fields) + 1) + groups.field
    return groups, np.where(groups.is_known, number, -1).astype(np.int32)


def _table(
    evaluation: Evaluation, groups: PeerGroups, inside: Ranks, everybody: Ranks
) -> pl.DataFrame:
    facts, points = evaluation.facts, evaluation.score
    if points is None:
        raise AssertionError(evaluation.pack.key)
    n_missing = np.zeros(facts.n, dtype=np.int64)
    for (path, flag), where in evaluation.flags.items():
        if flag == "missing" and path in evaluation.points:
            n_missing += where
    return pl.DataFrame(
        {
            "subject": facts.subjects,
            "year": np.full(facts.n, facts.year),
            "stage": _words(groups.stages, groups.stage),
            "field": _words(groups.fields, groups.field),
            "low": points.low,
            "high": points.high,
            "n_missing": n_missing,
            "rank": _places(inside.place),
            "rank_best": _places(inside.best),
            "rank_worst": _places(inside.worst),
            "n_peers": _places(inside.n_peers),
            "percentile": _shares(inside.ahead),
            "percentile_low": _shares(inside.ahead_low),
            "percentile_high": _shares(inside.ahead_high),
            "rank_of_all": everybody.place,
            "rank_of_all_best": everybody.best,
            "rank_of_all_worst": everybody.worst,
            "n_of_all": everybody.n_peers,
            "is_draft": np.full(facts.n, evaluation.is_draft),
            "is_demo": np.full(facts.n, evaluation.has_demo_weights),
        }
    )


def _words(values: tuple[str, ...], codes: Codes) -> pl.Series:
    """Return a value for each code; empty where unknown, or where nobody's is known."""
    words = pl.Series([*(value or None for value in values), None, None], dtype=pl.String)
    at = np.where(codes < 0, len(values) + 1, codes)
    return words.gather(at)


def _places(places: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pl.Series:
    return pl.Series(places).replace(0, None)


def _shares(shares: Floats) -> pl.Series:
    return pl.Series(shares).fill_nan(None)


def _bare(pack: Pack, year: YearOfPoints) -> Evaluation:
    """Return what an explanation starts from: facts and quantiles."""
    n = year.facts.n
    return Evaluation(
        pack=pack,
        facts=year.facts,
        verdicts=np.zeros(n, dtype=np.int8),
        score=None,
        truths={},
        points={},
        values={},
        groups={},
        peers=year.peers,
    )
