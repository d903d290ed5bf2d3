"""How good the matching of a zone is, by what its own people say.

Organisations, people and facilities are measured apart: how well a zone finds some says
nothing of the others, and nobody asks for a list that mixes them. Each way of ranking (words
alone, each vector engine, all texts, the whole score) orders the labelled candidates of each
challenge; unlabelled ones are left out, because nobody knows whether they fit (condensed
lists: Sakai 2007, Alternatives to Bpref). nDCG@10, recall@10 and the share of first places
that could solve it come with bootstrap intervals over challenges, and with how many
challenges it takes until they say something.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import Fault, Text, fault
from jicheng.integrate.match.agreement import agreement, grades_of_all
from jicheng.integrate.match.labels import held_labels
from jicheng.integrate.match.matcher import Matcher
from jicheng.integrate.match.parties import Direction
from jicheng.integrate.match.pooling import rankings
from jicheng.integrate.match.query import query_of_challenge
from jicheng.kernel.ranking import bootstrap_interval, ndcg, precision_at_1, recall_at

__all__ = ["Graded", "KindQuality", "QualityResult", "graded_lists", "quality"]

Floats = NDArray[np.float64]

_LEAST = 10  # challenges below which an interval means little
_HALF_WIDTH = 0.05  # of nDCG that is small enough to compare engines


@dataclass(frozen=True, eq=False)
class Graded:
    """The labelled candidates of one kind of one challenge.

    Attributes
    ----------
    challenge : str
        Its id.
    places : ndarray of intp, shape (k,)
        Candidates.
    grades : ndarray of int64, shape (k,)
        What people say.
    scores : dict of str to ndarray of float64, shape (k,)
        By way of ranking.
    parts : dict of str to ndarray of float64, shape (k,)
        Value of each criterion that counts for the order.
    weights : dict of str to float
        Of the criteria.
    """

    challenge: str
    places: NDArray[np.intp]
    grades: NDArray[np.int64]
    scores: dict[str, Floats]
    parts: dict[str, Floats]
    weights: dict[str, float]


@dataclass(frozen=True, eq=False)
class KindQuality:
    """Measured quality for one kind of candidates.

    Attributes
    ----------
    kind : Direction
        Organisations, people or facilities.
    table : polars.DataFrame
        One row a way of ranking and measure: ``kind``, ``engine``, ``measure``, ``mean``,
        ``low``, ``high``, ``challenges``.
    agreement : polars.DataFrame
        Cohen's kappa of each two people.
    graded : tuple of Graded
        What it rests on.
    n_labels, n_pairs, n_people : int
        Labels that count, pairs that are graded, people who graded them.
    needed : int or None
        Challenges after which the interval of nDCG of the whole score is about as narrow as
        +-0.05; None = cannot be told yet.
    """

    kind: Direction
    table: pl.DataFrame
    agreement: pl.DataFrame
    graded: tuple[Graded, ...]
    n_labels: int
    n_pairs: int
    n_people: int
    needed: int | None

    @property
    def sentences(self) -> tuple[Text, ...]:
        """What the figures mean, in words."""
        n = len(self.graded)
        said = [
            Text(
                f"{self.kind.label.zh}：{self.n_labels} 条标注，{self.n_pairs} 个候选者有评分，"
                f"{n} 个攻关项目，{self.n_people} 位标注人",
                f"{self.kind.label.en}: {self.n_labels} labels, {self.n_pairs} graded "
                f"candidates, {n} challenges, labelled by {self.n_people}",
            )
        ]
        if self.needed is None:
            said.append(
                Text(
                    f"至少要 {_LEAST} 个项目有标注，数字才有意义",
                    f"Figures begin to mean something from {_LEAST} labelled challenges",
                )
            )
        elif self.needed > n:
            said.append(
                Text(
                    f"要使 nDCG 的误差小于 ±{_HALF_WIDTH}，约需 {self.needed} 个项目的标注",
                    f"For nDCG to within {_HALF_WIDTH} about {self.needed} challenges "
                    "must be labelled",
                )
            )
        else:
            said.append(Text("标注数已够比较各引擎", "There are enough labels to compare engines"))
        return tuple(said)

    def as_plain(self) -> dict[str, Any]:
        """Return the measurement as JSON values."""
        return {
            "kind": self.kind.value,
            "measures": self.table.drop("kind").fill_nan(None).to_dicts(),
            "agreement": self.agreement.to_dicts(),
            "n_labels": self.n_labels, "n_pairs": self.n_pairs, "n_people": self.n_people,
            "n_challenges": len(self.graded), "needed": self.needed,
            "sentences": [{"zh": one.zh, "en": one.en} for one in self.sentences],
        }  # fmt: skip


@dataclass(frozen=True, eq=False)
class QualityResult:
    """Measured quality of each kind that anybody labelled, and what a reader must know."""

    kinds: tuple[KindQuality, ...]
    warnings: tuple[Fault, ...]


def quality(
    matcher: Matcher, rows: pl.DataFrame, direction: Direction = Direction.ALL, *, seed: int = 1
) -> QualityResult:
    """Measure the matching of a zone on its labels.

    Parameters
    ----------
    matcher : Matcher
        Of the zone.
    rows : polars.DataFrame
        Labels as read; the last one of each person about each pair counts.
    direction : Direction
        Which kind is measured; all of them apart unless told.
    seed : int
        Of the bootstrap.

    Returns
    -------
    QualityResult
        Without kinds of which there is no label; E069 warns of labels that name nobody.
    """
    labels = held_labels(rows)
    lists = matcher.parties.table.select("list", candidate="id")
    known = [*matcher.zone["challenges"]["id"], *matcher.zone["technologies"]["id"]]
    here = labels.filter(pl.col("challenge").is_in(known)).join(
        lists, on="candidate", maintain_order="left"
    )
    kinds = tuple(
        _of_kind(matcher, kind, mine.drop("list"), seed)
        for kind in direction.kinds
        if (mine := here.filter(list=kind.value)).height
    )
    lost = labels.height - here.height
    return QualityResult(kinds, (fault("E069", count=lost, is_warning=True),) if lost else ())


def _of_kind(matcher: Matcher, kind: Direction, labels: pl.DataFrame, seed: int) -> KindQuality:
    graded = graded_lists(matcher, kind, labels)
    made = []
    spread = None
    for engine in dict.fromkeys(name for one in graded for name in one.scores):
        measured = measures([one for one in graded if engine in one.scores], engine)
        for measure, values in measured.items():
            interval = bootstrap_interval(values, seed=seed)
            made.append((kind.value, engine, measure, interval.mean, interval.low, interval.high,
                         interval.count))  # fmt: skip
            if engine == "everything" and measure == "ndcg_10":
                told = values[np.isfinite(values)]
                spread = float(told.std(ddof=1)) if len(told) >= _LEAST else None
    schema = {"kind": pl.String, "engine": pl.String, "measure": pl.String, "mean": pl.Float64,
              "low": pl.Float64, "high": pl.Float64, "challenges": pl.Int64}  # fmt: skip
    needed = None
    if spread is not None:
        needed = max(_LEAST, math.ceil((1.96 * spread / _HALF_WIDTH) ** 2))
    return KindQuality(
        kind=kind,
        table=pl.DataFrame(made, schema=schema, orient="row"),
        agreement=agreement(labels),
        graded=graded,
        n_labels=labels.height,
        n_pairs=sum(len(one.grades) for one in graded),
        n_people=labels["who"].n_unique(),
        needed=needed,
    )


def graded_lists(matcher: Matcher, kind: Direction, labels: pl.DataFrame) -> tuple[Graded, ...]:
    """Return the graded candidates of each challenge.

    Parameters
    ----------
    matcher : Matcher
        Of the zone.
    kind : Direction
        What the candidates are.
    labels : polars.DataFrame
        Labels that count, of challenges and candidates of the zone.
    """
    grades = grades_of_all(labels)
    made = []
    for (challenge,), rows in grades.partition_by(
        "challenge", as_dict=True, maintain_order=True
    ).items():
        found = matcher.find(query_of_challenge(matcher.zone, str(challenge)), kind)
        place = np.array([matcher.parties.index[name] for name in rows["candidate"]], np.intp)
        grade = rows["grade"].to_numpy().astype(np.int64)
        made.append(
            Graded(
                str(challenge), place, grade,
                {name: score[place] for name, score in rankings(matcher, found).items()},
                {name: value[place] for name, value in found.scores.counted.items()},
                found.scores.weights,
            )
        )  # fmt: skip
    return tuple(made)


def measures(graded: list[Graded], engine: str) -> dict[str, Floats]:
    """Return nDCG@10, recall@10 and P@1 of each challenge; nan where none could be right."""
    rows = [(one.scores[engine], one.grades) for one in graded]
    return {
        "ndcg_10": np.array([float(ndcg(s[None], g[None])[0]) for s, g in rows]),
        "recall_10": np.array([float(recall_at(s[None], g[None])[0]) for s, g in rows]),
        "p_1": np.array([
            float(precision_at_1(s[None], g[None])[0]) if (g >= 2).any() else np.nan
            for s, g in rows
        ]),
    }  # fmt: skip
