"""Apply a pack to facts: intervals of points, verdicts in three values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from jicheng.rules.expression.intervals import Flags, Interval, Truth
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.model import Pack
from jicheng.rules.score.percentile import PeerQuantiles

__all__ = ["FAIL", "OPEN", "PASS", "Evaluation", "evaluate"]

FAIL, OPEN, PASS = 0, 1, 2  # codes of verdicts
Verdicts = NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a pack says of each subject.

    Paths name elements: ``gates/age``, ``indicators/ip``, ``indicators/ip/count``,
    ``conditions/0``, ``direct/hte``.

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

    @property
    def is_draft(self) -> bool:
        """Whether any element is not verified."""
        raise NotImplementedError


def evaluate(pack: Pack, facts: FactTable, *, peers: PeerQuantiles | None = None) -> Evaluation:
    """Apply a pack to facts.

    Parameters
    ----------
    pack : Pack
        Checked (:func:`jicheng.rules.pack.checking.check`).
    facts : FactTable
        Of subjects of the pack's kind.
    peers : PeerQuantiles, optional
        Quantiles of peer groups frozen earlier; default: those of ``facts`` itself.
    """
    raise NotImplementedError
