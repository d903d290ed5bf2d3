"""Points by the place of a value among peers: groups, their quantiles, shrinkage.

A peer group is a field in a stage. The share u of an indicator's weight rises from 0 at
the low quantile of the group to 1 at the high one; a small group borrows from all firms of
its stage:

    p_q = lam Q_q(group) + (1 - lam) Q_q(stage),   lam = min(1, n / small_group)
    u   = clip((t(x) - p_low) / (p_high - p_low), 0, 1),  or, if both are equal, t(x) > p_low

with t(x) = log(1 + max(x, 0)) for money and counts, n the number of members with a value,
and quantiles by linear interpolation. The rule is ours, until an official one is typed in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jicheng.rules.expression.arithmetic import just_above
from jicheng.rules.expression.intervals import Codes, Flags, Floats, Interval
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.model import Peers, Transform

__all__ = ["PeerGroups", "PeerQuantiles", "PeerTable", "earned", "shares", "transformed"]

_STEP = 1e200  # slope where both quantiles are equal: any larger value has the whole weight


@dataclass(frozen=True, slots=True, eq=False)
class PeerTable:
    """Quantiles of one indicator in every group, shape (S + 1, F + 1).

    Rows are stages, the last one for a stage that nobody was in when the quantiles were
    taken; columns are fields, the last one for such a field, with the quantiles of the stage.

    Attributes
    ----------
    low, high : ndarray of float64
        Transformed values at which points begin and end; nan = nobody had a value.
    counts : ndarray of int64
        Members with a value; in the last column those of the whole stage.
    """

    low: Floats
    high: Floats
    counts: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PeerQuantiles:
    """Quantiles of each percentile indicator in each peer group, to use again.

    Attributes
    ----------
    stages, fields : tuple of str
        Values that tell groups apart; a single empty one where nobody's is known, so that
        all are compared with one another.
    tables : mapping of str to PeerTable
        By path of the indicator.
    """

    stages: tuple[str, ...]
    fields: tuple[str, ...]
    tables: Mapping[str, PeerTable] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class PeerGroups:
    """The peer group of each subject.

    Attributes
    ----------
    peers : Peers
        Among whom percentiles are taken.
    stages, fields : tuple of str
        As in :class:`PeerQuantiles`.
    stage, field : ndarray of int32, shape (n,)
        Place of each subject's; -1 = unknown, the length of the list = not among them.
    """

    peers: Peers
    stages: tuple[str, ...]
    fields: tuple[str, ...]
    stage: Codes
    field: Codes

    @classmethod
    def of(
        cls,
        peers: Peers,
        facts: FactTable,
        *,
        frozen: PeerQuantiles | None = None,
        stages: Sequence[str] = (),
    ) -> PeerGroups:
        """Sort subjects into groups: those of frozen quantiles, or those that are known.

        ``stages`` names more of them, such as those that have weights.
        """
        stages = frozen.stages if frozen else _values(facts, peers.stage, also=stages)
        fields = frozen.fields if frozen else _values(facts, peers.field)
        return cls(
            peers,
            stages,
            fields,
            _codes(facts, peers.stage, stages),
            _codes(facts, peers.field, fields),
        )

    @property
    def is_known(self) -> Flags:
        """Whether both stage and field of a subject are known."""
        return (self.stage >= 0) & (self.field >= 0)

    def may_be(self, stage: int, field: int) -> Flags:
        """Whether a subject is, or for all that is known may be, in a stage and a field.

        An unknown stage is one of those that are listed; an unknown field may be another.
        """
        is_listed = stage < len(self.stages)
        in_stage: Flags = (self.stage == stage) | ((self.stage < 0) & is_listed)
        in_field: Flags = (self.field == field) | (self.field < 0)
        return in_stage & in_field

    @cached_property
    def members(self) -> tuple[tuple[NDArray[np.int64], NDArray[np.int64]], ...]:
        """Subjects of each stage, field by field, and where each field begins and ends.

        Those whose field is unknown, or not among the fields, stand outside all of them.
        """
        found = []
        bounds = np.arange(len(self.fields) + 1)
        for s in range(len(self.stages)):
            inside = np.flatnonzero(self.stage == s)
            in_field = self.field[inside]
            order = np.argsort(in_field, kind="stable")
            found.append((inside[order], np.searchsorted(in_field[order], bounds)))
        return tuple(found)

    def quantiles(self, values: Interval) -> PeerTable:
        """Return the quantiles of the transformed values that are known, in every group."""
        has_value = ~values.is_open & np.isfinite(values.low)
        n_fields = len(self.fields)
        shape = (len(self.stages) + 1, n_fields + 1)
        ends = np.full((2, *shape), np.nan)
        counts = np.zeros(shape, dtype=np.int64)
        levels = (self.peers.low, self.peers.high)
        for s, (members, starts) in enumerate(self.members):
            of_stage, is_known = values.low[members], has_value[members]
            known = of_stage[is_known]
            whole = _quantiles(known, levels)
            ends[:, s, :], counts[s, n_fields] = whole[:, None], len(known)
            for f in range(n_fields):
                inside = slice(starts[f], starts[f + 1])
                group = of_stage[inside][is_known[inside]]
                counts[s, f] = len(group)
                if len(group):
                    own = min(1.0, len(group) / max(self.peers.small_group, 1))
                    ends[:, s, f] = whole + own * (_quantiles(group, levels) - whole)
        return PeerTable(ends[0], ends[1], counts)


def transformed(values: Interval, transform: Transform) -> Interval:
    """Return values on the scale on which they are compared."""
    if transform is Transform.IDENTITY:
        return values
    low = _logarithm(values.low)
    if values.is_point:
        return Interval.known(low)
    high, rows = low.copy(), np.flatnonzero(values.low != values.high)
    high[rows] = _logarithm(values.high[rows])
    return Interval(low, high)


def _logarithm(values: Floats) -> Floats:
    return np.log1p(np.maximum(values, 0.0))


def earned(values: Interval, table: PeerTable, groups: PeerGroups, weights: Interval) -> Interval:
    """Return the points that transformed values earn.

    Parameters
    ----------
    values : Interval
        Transformed.
    table : PeerTable
        Quantiles.
    groups : PeerGroups
        Of the subjects.
    weights : Interval
        Points at most by stage, shape (S + 1,).

    Returns
    -------
    Interval
        Where stage or field is unknown, the hull over all that it may be.
    """
    if groups.is_known.all():
        return _weighed(values, table, groups.stage, groups.field, weights)
    low, high = np.full(len(values.low), np.inf), np.full(len(values.low), -np.inf)
    for s in range(len(groups.stages) + 1):
        for f in range(len(groups.fields) + 1):
            rows = np.flatnonzero(groups.may_be(s, f))
            if not len(rows):
                continue
            some = Interval(values.low[rows], values.high[rows])
            where = np.full((2, len(rows)), [[s], [f]], dtype=np.int32)
            points = _weighed(some, table, where[0], where[1], weights)
            low[rows] = np.minimum(low[rows], points.low)
            high[rows] = np.maximum(high[rows], points.high)
    return Interval(low, high)


def _weighed(
    values: Interval, table: PeerTable, stage: Codes, field: Codes, weights: Interval
) -> Interval:
    part = shares(values, table, stage, field)
    low = part.low * weights.low[stage]
    if part.is_point and weights.is_point:
        return Interval.known(low)
    return Interval(low, part.high * weights.high[stage])


def shares(values: Interval, table: PeerTable, stage: Codes, field: Codes) -> Interval:
    """Return the shares of the weight that transformed values earn, in 0..1.

    Parameters
    ----------
    values : Interval
        Transformed.
    table : PeerTable
        Quantiles.
    stage, field : ndarray of int32, shape (n,)
        Row and column of the table; none below 0.

    Returns
    -------
    Interval
        [0, 1] where the group has no quantiles.
    """
    group = stage * np.int32(table.low.shape[1]) + field
    start, slope = (each.ravel()[group] for each in _ramp(table))
    low = _risen(values.low, start, slope)
    blank = np.isnan(start)
    if values.is_point and not blank.any():
        return Interval.known(low)
    high = low.copy()
    rows = np.flatnonzero(values.low != values.high)
    high[rows] = _risen(values.high[rows], start[rows], slope[rows])
    low[blank], high[blank] = 0.0, 1.0
    return Interval(low, high)


def _ramp(table: PeerTable) -> tuple[Floats, Floats]:
    """Return where points begin and how steeply they rise, in every group."""
    is_step = table.high <= just_above(table.low)
    width = np.where(is_step, 1.0, table.high - table.low)
    start = np.where(is_step, just_above(table.low), table.low)
    return start, np.where(is_step, _STEP, 1.0 / width)


def _risen(values: Floats, start: Floats, slope: Floats) -> Floats:
    """Return how far values have risen, 0 to 1; nan where there are no quantiles."""
    with np.errstate(over="ignore"):  # beyond the floats is beyond 1
        risen: Floats = (values - start) * slope
    return np.clip(risen, 0.0, 1.0, out=risen)


def _quantiles(values: Floats, levels: Sequence[float]) -> Floats:
    """Return quantiles by linear interpolation between the two nearest values."""
    if not len(values):
        return np.full(len(levels), np.nan)
    places = [level * (len(values) - 1) for level in levels]
    below = [int(place) for place in places]
    above = [min(k + 1, len(values) - 1) for k in below]
    ranked = np.partition(values, sorted({*below, *above}))
    return np.array(
        [
            ranked[k] + (place - k) * (ranked[up] - ranked[k])
            for place, k, up in zip(places, below, above, strict=True)
        ]
    )


def _values(facts: FactTable, name: str, *, also: Sequence[str] = ()) -> tuple[str, ...]:
    """Return all values, sorted; a single empty one where nobody's is known."""
    choices = facts.choices.get(name)
    if choices is None or not (choices.codes >= 0).any():
        return ("",)
    return tuple(sorted({*choices.values, *also}))


def _codes(facts: FactTable, name: str, values: tuple[str, ...]) -> Codes:
    choices = facts.choices.get(name)
    if values == ("",):
        return np.zeros(facts.n, dtype=np.int32)
    if choices is None:
        return np.full(facts.n, -1, dtype=np.int32)
    places = {value: k for k, value in enumerate(values)}
    lookup = [places.get(value, len(values)) for value in choices.values]
    return np.array([*lookup, -1], dtype=np.int32)[choices.codes]
