"""How far ranks depend on the weights: drawn around those in force, ranked each time.

Weights of a stage are drawn as ``total * Dirichlet(kappa * w / total)``: their means are
the weights in force, and a share v of the total varies with the relative standard
deviation ``sqrt((1 - v) / (v (kappa + 1)))``, 25 % at v = 1/18 and the default kappa of 270.
Bonus points are not drawn. Stages are drawn independently of one another. The rule is
ours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import InvalidInput, fault
from jicheng.kernel.draws import generator
from jicheng.kernel.rank_intervals import RankIntervals, Shares, rank_bounds, rank_intervals
from jicheng.rules.expression.intervals import Floats
from jicheng.rules.pack.model import Indicator, Percentile
from jicheng.rules.score.evaluate import Evaluation
from jicheng.rules.score.percentile import PeerGroups
from jicheng.rules.score.weights import stage_weights

__all__ = ["SensitivityResult", "SensitivitySettings", "draw_weights", "weight_sensitivity"]

_PURPOSE = "weights"
_ANY = ""  # stage of subjects whose stage is not known, and of packs without stages


@dataclass(frozen=True, slots=True)
class SensitivitySettings:
    """How weights are drawn; all of it ours.

    Attributes
    ----------
    kappa : float
        Concentration: the larger, the nearer draws are to the weights in force.
    n_draws, seed : int
        Number and seed of the draws; the weight of an indicator depends on the seed, its
        name and its stage only.
    tail : float
        Share of draws cut at each end of an interval (0.05: 5 % to 95 %).
    places : int
        Length of a list; how often each subject is on it is counted.
    within : str
        Column of ``groups`` among whose members ranks are taken; empty = all.
    by_low_end : bool
        Whether points that are open count at their low end, as in a list that orders by
        points; else ranks span all that they may be.
    """

    kappa: float = 270.0
    n_draws: int = 1000
    seed: int = 1
    tail: float = 0.05
    places: int = 100
    within: str = ""
    by_low_end: bool = False


_RANGES: dict[str, tuple[float, float]] = {
    "kappa": (1.0, 1e9),
    "n_draws": (1, 1e6),
    "seed": (0, math.inf),
    "tail": (0.0, 0.49),
    "places": (0, math.inf),
}


@dataclass(frozen=True, eq=False)
class SensitivityResult:
    """Ranks under the weights in force and under drawn ones.

    Attributes
    ----------
    table : polars.DataFrame
        One row a subject: ``subject``, ``name``, ``group``, ``score_low``, ``score_high``,
        ``rank_best`` and ``rank_worst`` with the weights in force (they differ where facts
        are missing), ``rank_low`` and ``rank_high`` over the draws, ``listed_certainly``
        and ``listed_possibly``: shares of draws in which it is among the first ``places``.
    weights : polars.DataFrame
        ``stage``, ``indicator``, ``weight`` in force, mean and standard deviation of the
        draws (``drawn_mean``, ``drawn_deviation``).
    settings : SensitivitySettings
    is_draft, has_demo_weights : bool
        Whether the pack has unverified or missing elements, or weights that nobody issued.
    """

    table: pl.DataFrame
    weights: pl.DataFrame
    settings: SensitivitySettings
    is_draft: bool
    has_demo_weights: bool


def weight_sensitivity(
    evaluation: Evaluation, settings: SensitivitySettings | None = None
) -> SensitivityResult:
    """Rank subjects under drawn weights.

    Parameters
    ----------
    evaluation : Evaluation
        Of a pack with points.
    settings : SensitivitySettings, optional

    Returns
    -------
    SensitivityResult
        The same for the same evaluation and settings, whatever the order of subjects.

    Raises
    ------
    InvalidInput
        E978 if the pack has no points, E979 for settings out of range and a grouping that
        the facts do not have.

    Notes
    -----
    O(d n (m + log n)) time for d draws, n subjects and m indicators; O(n (m + tail d))
    memory.
    """
    settings = settings or SensitivitySettings()
    _check(settings, evaluation)
    indicators = [one for one in evaluation.pack.indicators if not one.is_bonus]
    if not indicators:
        raise InvalidInput.of("E978", pack=evaluation.pack.key)
    stages, stage = _stages(evaluation)
    base = _base_weights(evaluation, indicators, stages)
    shares = _shares(evaluation, indicators, base, stage, settings)
    names = [indicator.id for indicator in indicators]
    drawn = draw_weights(base, stages, names, settings)
    found = rank_intervals(shares, drawn, tail=settings.tail, places=settings.places)
    return SensitivityResult(
        _table(evaluation, shares, base, found, settings),
        _weights_table(base, drawn, stages, names),
        settings,
        evaluation.is_draft,
        evaluation.has_demo_weights,
    )


def _check(settings: SensitivitySettings, evaluation: Evaluation) -> None:
    faults = []
    for name, (low, high) in _RANGES.items():
        value = getattr(settings, name)
        if not low <= value <= high:
            faults.append(fault("E979", name=name, value=value, range=f"[{low:g}, {high:g}]"))
    groups = evaluation.facts.groups.columns
    if settings.within and settings.within not in groups:
        known = ", ".join(groups) or "-"
        faults.append(fault("E979", name="within", value=settings.within, range=known))
    if faults:
        raise InvalidInput(faults)


def _stages(evaluation: Evaluation) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Return the stages that have weights, and the place of each subject's among them."""
    pack, facts = evaluation.pack, evaluation.facts
    if evaluation.peers is None or pack.peers is None:
        return (_ANY,), np.zeros(facts.n, dtype=np.int64)
    stages = evaluation.peers.stages
    groups = PeerGroups.of(pack.peers, facts, frozen=evaluation.peers)
    place = groups.stage.astype(np.int64)
    known = (*stages, _ANY)
    return known, np.where((place < 0) | (place >= len(stages)), len(stages), place)


def _base_weights(
    evaluation: Evaluation, indicators: Sequence[Indicator], stages: Sequence[str]
) -> Floats:
    """Return the weights in force, shape (s, m); those of an unknown stage are the mean."""
    own = stage_weights(evaluation.pack, stages[:-1])
    base = np.empty((len(stages), len(indicators)))
    for column, indicator in enumerate(indicators):
        base[:, column] = indicator.max
        if indicator.path in own:
            weight = own[indicator.path]
            base[:, column] = (weight.low + weight.high)[: len(stages)] / 2
    if len(stages) > 1:
        base[-1] = base[:-1].mean(axis=0)
    return base


def _shares(
    evaluation: Evaluation,
    indicators: Sequence[Indicator],
    base: Floats,
    stage: NDArray[np.int64],
    settings: SensitivitySettings,
) -> Shares:
    n = evaluation.facts.n
    weight = base.T[:, stage]
    points = [evaluation.points[indicator.path] for indicator in indicators]
    bonus = [evaluation.points[i.path] for i in evaluation.pack.indicators if i.is_bonus]
    is_known = settings.by_low_end or all(each.is_point for each in (*points, *bonus))
    ends = []
    for end in ("low", "high"):
        earned = np.stack([getattr(each, end) for each in points])
        part = np.divide(earned, weight, out=np.zeros_like(earned), where=weight > 0)
        fixed = np.zeros(n) + sum(getattr(each, end) for each in bonus)
        most = [1.0 if isinstance(i.rule, Percentile) else np.inf for i in indicators]
        ends.append((np.minimum(part, np.array(most)[:, None]), fixed))
        if is_known:
            ends.append(ends[0])
            break
    group = np.zeros(n, dtype=np.int64)
    if settings.within:
        group = evaluation.facts.groups[settings.within].cast(pl.String).rank("dense").fill_null(0)\
            .to_numpy().astype(np.int64)  # fmt: skip
    return Shares(ends[0][0], ends[1][0], ends[0][1], ends[1][1], stage, group)


def draw_weights(
    base: Floats, stages: Sequence[str], indicators: Sequence[str], settings: SensitivitySettings
) -> Floats:
    """Draw weights around those in force.

    Parameters
    ----------
    base : ndarray of float64, shape (s, m)
        Weights in force; one of 0 stays 0.
    stages, indicators : sequence of str
        Names of both axes.
    settings : SensitivitySettings

    Returns
    -------
    ndarray of float64, shape (d, s, m)
        Every draw of a stage sums to the same as its weights in force.
    """
    drawn = np.zeros((settings.n_draws, *base.shape))
    total = base.sum(axis=1)
    for s, stage in enumerate(stages):
        for i, indicator in enumerate(indicators):
            if base[s, i] > 0:
                shape = settings.kappa * base[s, i] / total[s]
                stream = generator(settings.seed, _PURPOSE, f"{stage}\x1f{indicator}")
                drawn[:, s, i] = stream.gamma(shape, size=settings.n_draws)
    sums = drawn.sum(axis=2)
    scale = np.divide(total, sums, out=np.zeros_like(sums), where=sums > 0)
    result: Floats = drawn * scale[:, :, None]
    return result


def _table(
    evaluation: Evaluation,
    shares: Shares,
    base: Floats,
    found: RankIntervals,
    settings: SensitivitySettings,
) -> pl.DataFrame:
    facts = evaluation.facts
    weight = base.T[:, shares.stage]
    low = (shares.low * weight).sum(axis=0) + shares.fixed_low
    high = (shares.high * weight).sum(axis=0) + shares.fixed_high
    best, worst = rank_bounds(np.round(low, 9), np.round(high, 9), shares.group)
    group = pl.Series([""] * facts.n, dtype=pl.String)
    if settings.within:
        group = facts.groups[settings.within].cast(pl.String).fill_null("")
    columns: Mapping[str, object] = {
        "subject": facts.subjects.cast(pl.String),
        "name": (facts.subjects if facts.names is None else facts.names).cast(pl.String),
        "group": group,
        "score_low": low,
        "score_high": high,
        "rank_best": best,
        "rank_worst": worst,
        "rank_low": found.low,
        "rank_high": found.high,
        "listed_certainly": found.certainly_in,
        "listed_possibly": found.possibly_in,
    }
    return pl.DataFrame(columns)


def _weights_table(
    base: Floats, drawn: Floats, stages: Sequence[str], indicators: Sequence[str]
) -> pl.DataFrame:
    mean, deviation = drawn.mean(axis=0), drawn.std(axis=0)
    rows = [
        (stage, indicator, base[s, i], mean[s, i], deviation[s, i])
        for s, stage in enumerate(stages)
        for i, indicator in enumerate(indicators)
    ]
    schema = {
        "stage": pl.String, "indicator": pl.String, "weight": pl.Float64,
        "drawn_mean": pl.Float64, "drawn_deviation": pl.Float64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")
