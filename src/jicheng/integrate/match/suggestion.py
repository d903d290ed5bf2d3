"""Other weights of the criteria that would have ordered the labels better: a suggestion only.

Each criterion in turn is left out, halved or doubled (the others keep their proportions). The
gain is cross-validated: for each challenge the weights are chosen on all others and judged on
it, so that weights which only fit the labels show no gain. Nothing is applied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jicheng.errors import Text
from jicheng.integrate.match.quality import Graded
from jicheng.kernel.ranking import Interval, ndcg, paired_difference

__all__ = ["Suggestion", "suggest_weights"]

_FACTORS = (0.0, 0.5, 2.0, 4.0)
_LEAST = 5  # challenges from which anything is suggested


@dataclass(frozen=True)
class Suggestion:
    """Weights that would have ordered the labels better.

    Attributes
    ----------
    weights : dict of str to float
        Suggested, sum 1; those in use if no others are better.
    gain : Interval or None
        Cross-validated gain of nDCG@10 over those in use; None with too few challenges.
    fitted : float
        Gain on the labels it was chosen on: an upper end, not to be expected again.
    """

    weights: dict[str, float]
    gain: Interval | None
    fitted: float

    @property
    def is_worth_it(self) -> bool:
        """Whether the cross-validated gain is above zero for certain."""
        return self.gain is not None and self.gain.low > 0.0

    @property
    def sentence(self) -> Text:
        """What is suggested, in words."""
        if self.gain is None:
            return Text(
                f"标注的项目不足 {_LEAST} 个，不提出权重建议",
                f"With fewer than {_LEAST} labelled challenges no weights are suggested",
            )
        said = ", ".join(f"{name} {share:.2f}" for name, share in self.weights.items())
        ends = f"{self.gain.mean:+.3f} [{self.gain.low:+.3f}, {self.gain.high:+.3f}]"
        if not self.is_worth_it:
            return Text(
                f"没有可靠更好的权重（交叉验证的 nDCG 变化 {ends}）；保持现有权重",
                f"No weights are reliably better (cross-validated nDCG {ends}): keep these",
            )
        return Text(
            f"建议（不会自动采用）：{said}；交叉验证的 nDCG 变化 {ends}",
            f"Suggested, never applied by itself: {said}; cross-validated nDCG {ends}",
        )

    def as_plain(self) -> dict[str, Any]:
        """Return the suggestion as JSON values."""
        gain = None if self.gain is None else {
            "mean": self.gain.mean, "low": self.gain.low, "high": self.gain.high,
        }  # fmt: skip
        return {"weights": self.weights, "gain": gain, "fitted": self.fitted,
                "zh": self.sentence.zh, "en": self.sentence.en}  # fmt: skip


def suggest_weights(graded: Sequence[Graded], *, seed: int = 1) -> Suggestion:
    """Look for better weights on a small grid.

    Parameters
    ----------
    graded : sequence of Graded
        Labelled candidates by challenge.
    seed : int
        Of the bootstrap.
    """
    useful = [one for one in graded if (one.grades > 0).any() and one.parts]
    names = list(dict.fromkeys(name for one in useful for name in one.weights))
    now = {name: max((one.weights.get(name, 0.0) for one in useful), default=0.0)
           for name in names}  # fmt: skip
    now = _normalised(now)
    grid = [now, *_neighbours(now)]
    if len(useful) < _LEAST:
        return Suggestion(now, None, 0.0)
    table = np.array([[_ndcg(one, weights) for one in useful] for weights in grid])
    best = int(np.argmax(table.mean(axis=1).round(9)))
    judged = np.array([table[_best_without(table, i), i] for i in range(len(useful))])
    gain = paired_difference(judged, table[0], seed=seed)
    return Suggestion(grid[best], gain, float(table[best].mean() - table[0].mean()))


def _best_without(table: NDArray[np.float64], left_out: int) -> int:
    """Return the best weights on all challenges but one; those in use win a draw."""
    mean = np.delete(table, left_out, axis=1).mean(axis=1).round(9)
    return int(np.argmax(mean))


def _neighbours(now: Mapping[str, float]) -> list[dict[str, float]]:
    made = []
    for name in now:
        for factor in _FACTORS:
            changed = {**now, name: now[name] * factor}
            if sum(changed.values()) > 0.0:
                made.append(_normalised(changed))
    return made


def _normalised(weights: Mapping[str, float]) -> dict[str, float]:
    total = sum(weights.values()) or 1.0
    return {name: weight / total for name, weight in weights.items()}


def _ndcg(one: Graded, weights: Mapping[str, float]) -> float:
    score = np.zeros(len(one.grades))
    for name, value in one.parts.items():
        score += weights.get(name, 0.0) * value
    return float(ndcg(score[None], one.grades[None])[0])
