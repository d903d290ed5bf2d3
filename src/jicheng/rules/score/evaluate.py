"""Apply a pack to facts: intervals of points, verdicts in three values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_

import numpy as np
from numpy.typing import NDArray

from jicheng.errors import InvalidInput
from jicheng.rules.expression.intervals import Flags, Interval, Truth
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.model import Pack, Peers, Provenance
from jicheng.rules.score.application import Application, Named
from jicheng.rules.score.items import points_of, total_of
from jicheng.rules.score.percentile import PeerGroups, PeerQuantiles
from jicheng.rules.score.weights import percentile_indicators, stage_weights

__all__ = ["FAIL", "ONE_GROUP", "OPEN", "PASS", "VERDICTS", "Evaluation", "evaluate"]

FAIL, OPEN, PASS = 0, 1, 2  # codes of verdicts
VERDICTS = ("fail", "open", "pass")  # their names, by code
Verdicts = NDArray[np.int8]

ONE_GROUP = Peers("", "", 30, 0.05, 0.95, Provenance.OURS)  # of a pack that names no groups


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a pack says of each subject.

    Paths name elements: ``gates/age``, ``indicators/ip``, ``indicators/ip/count``,
    ``conditions/total``, ``direct/hte``.

    Attributes
    ----------
    pack, facts
        What was applied to what.
    verdicts : ndarray of int8, shape (n,)
        FAIL, OPEN or PASS; for a pack without gates and conditions PASS throughout.
    score : Interval or None
        Points, bonus included; None for a pack without points.
    truths : mapping of str to Truth
        Of every gate, pass condition and direct pass, by path.
    points : mapping of str to Interval
        Of every indicator, part and option, by path.
    values : mapping of str to Interval
        Of the expression that a banded or percentile indicator looks at, by path.
    groups : mapping of str to Interval
        Points by group.
    flags : mapping of (str, str) to ndarray of bool
        Path and flag (``zero_denominator``, ``missing``, ``negative_base`` ...) to where it
        applies.
    peers : PeerQuantiles or None
        Quantiles that percentile points rest on, to freeze; None without such points.
    results : mapping of str to Interval or Truth
        What pass conditions may name: ``score``, ``group.x``, ``indicator.x``,
        ``direct_pass``, and definitions by bands.
    """

    pack: Pack
    facts: FactTable
    verdicts: Verdicts
    score: Interval | None
    truths: Mapping[str, Truth]
    points: Mapping[str, Interval]
    values: Mapping[str, Interval]
    groups: Mapping[str, Interval]
    flags: Mapping[tuple[str, str], Flags] = field(default_factory=dict)
    peers: PeerQuantiles | None = None
    results: Mapping[str, Named] = field(default_factory=dict)

    @property
    def is_draft(self) -> bool:
        """Whether any element is not verified."""
        return self.pack.is_draft

    @property
    def has_demo_weights(self) -> bool:
        """Whether points rest on weights that nobody issued."""
        return self.pack.has_demo_weights


def evaluate(
    pack: Pack,
    facts: FactTable,
    *,
    peers: PeerQuantiles | None = None,
    fixed: Mapping[str, Named] | None = None,
) -> Evaluation:
    """Apply a pack to facts.

    Parameters
    ----------
    pack : Pack
        Checked (:func:`jicheng.rules.pack.checking.check`).
    facts : FactTable
        Of subjects of the pack's kind.
    peers : PeerQuantiles, optional
        Quantiles of peer groups frozen earlier; default: those of ``facts`` itself.
    fixed : mapping of str to Interval or Truth, optional
        Elements, by path, whose points or truth are given instead of found.

    Raises
    ------
    InvalidInput
        E960 if frozen quantiles lack an indicator of the pack.
    """
    at_work = Application(pack, facts, frozen=peers, fixed=fixed or {})
    _group_peers(at_work)
    score, groups = _score(at_work)
    verdicts = _verdicts(at_work, score, groups)
    return Evaluation(
        pack=pack,
        facts=facts,
        verdicts=verdicts,
        score=score,
        truths=at_work.truths,
        points=at_work.points,
        values=at_work.values,
        groups=groups,
        flags=at_work.flags,
        peers=_used_peers(at_work),
        results=at_work.names,
    )


def _group_peers(at_work: Application) -> None:
    """Sort subjects into peer groups, where the pack has percentile points."""
    pack, frozen = at_work.pack, at_work.frozen
    paths = [each.path for each in percentile_indicators(pack)]
    if not paths:
        return
    lacking = [path for path in paths if frozen is not None and path not in frozen.tables]
    if lacking:
        raise InvalidInput.of("E960", pack=pack.key, paths=", ".join(lacking))
    weighed = tuple(pack.weights.by_stage) if pack.weights else ()
    groups = PeerGroups.of(pack.peers or ONE_GROUP, at_work.facts, frozen=frozen, stages=weighed)
    at_work.groups = groups
    at_work.weights = stage_weights(pack, groups.stages)


def _score(at_work: Application) -> tuple[Interval | None, dict[str, Interval]]:
    pack, n = at_work.pack, at_work.facts.n
    if not pack.indicators:
        return None, {}
    points = {each.id: points_of(at_work, each) for each in pack.indicators}
    plain = total_of([points[each.id] for each in pack.indicators if not each.is_bonus], n)
    if (
        pack.total > 0 and not plain.is_point
    ):  # a stage that is unknown may have lent its best weights to each
        plain = Interval(plain.low, np.minimum(plain.high, np.maximum(pack.total, plain.low)))
    bonus = [points[each.id] for each in pack.indicators if each.is_bonus]
    groups = {
        group.id: total_of(
            [points[each.id] for each in pack.indicators if each.group == group.id], n
        )
        for group in pack.groups
    }
    return total_of([plain, *bonus], n), groups


def _verdicts(
    at_work: Application, score: Interval | None, groups: Mapping[str, Interval]
) -> Verdicts:
    """Return gates and (all pass conditions or any direct pass)."""
    pack, n = at_work.pack, at_work.facts.n
    always, never = (Truth.known(np.full(n, known)) for known in (True, False))
    gates = reduce(and_, map(at_work.truth, pack.gates), always)
    direct = reduce(or_, map(at_work.truth, pack.direct), never)
    if score is not None:
        at_work.names["score"] = score
    at_work.names |= {f"group.{name}": points for name, points in groups.items()}
    at_work.names |= {
        path.replace("indicators/", "indicator.", 1).replace("/", "."): points
        for path, points in at_work.points.items()
    }
    at_work.names["direct_pass"] = direct
    passes = reduce(and_, map(at_work.truth, pack.conditions), always)
    if pack.direct and not pack.conditions:  # then a direct pass is the only way
        passes = never
    verdict = gates & (passes | direct)
    return verdict.certainly.astype(np.int8) + verdict.possibly.astype(np.int8)


def _used_peers(at_work: Application) -> PeerQuantiles | None:
    if at_work.groups is None:
        return None
    return at_work.frozen or PeerQuantiles(
        at_work.groups.stages, at_work.groups.fields, at_work.tables
    )
