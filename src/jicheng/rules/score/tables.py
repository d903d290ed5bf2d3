"""Evaluations as tables: a row a subject, and a row for every element of a subject."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from jicheng.rules.expression.intervals import Flags, Interval
from jicheng.rules.pack.model import Condition, Indicator
from jicheng.rules.score.evaluate import VERDICTS, Evaluation

__all__ = ["as_tables", "elements_table", "scores_table"]

_TRUTHS = ("false", "unknown", "true")


def as_tables(
    evaluation: Evaluation, *, places: Sequence[int] | None = None
) -> dict[str, pl.DataFrame]:
    """Return ``scores``, a row a subject, and ``elements``, a row for each of its elements.

    Parameters
    ----------
    evaluation : Evaluation
        Of n subjects.
    places : sequence of int, optional
        Subjects of whom the elements are told; default all. With many subjects the long
        table is large: ask for those that matter.
    """
    return {
        "scores": scores_table(evaluation),
        "elements": elements_table(evaluation, places=places),
    }


def scores_table(evaluation: Evaluation) -> pl.DataFrame:
    """Return one row for each subject.

    Returns
    -------
    polars.DataFrame
        ``subject, name, pack, version, year, verdict, low, high, is_draft, is_demo`` and
        ``group.<id>.low``, ``group.<id>.high``; points are empty for a pack without.
    """
    facts, pack = evaluation.facts, evaluation.pack
    score = evaluation.score
    empty = pl.Series([None] * facts.n, dtype=pl.Float64)
    names = facts.subjects if facts.names is None else facts.names
    columns: dict[str, object] = {
        "subject": facts.subjects,
        "name": names,
        "pack": pl.Series([pack.id] * facts.n, dtype=pl.String),
        "version": pl.Series([pack.version] * facts.n, dtype=pl.String),
        "year": pl.Series(np.full(facts.n, facts.year)),
        "verdict": pl.Series(evaluation.verdicts).replace_strict(
            [0, 1, 2], list(VERDICTS), return_dtype=pl.String
        ),
        "low": empty if score is None else score.low,
        "high": empty if score is None else score.high,
        "is_draft": pl.Series(np.full(facts.n, evaluation.is_draft)),
        "is_demo": pl.Series(np.full(facts.n, evaluation.has_demo_weights)),
    }
    for name, points in evaluation.groups.items():
        columns[f"group.{name}.low"], columns[f"group.{name}.high"] = points.low, points.high
    return pl.DataFrame(columns)


def elements_table(evaluation: Evaluation, *, places: Sequence[int] | None = None) -> pl.DataFrame:
    """Return one row for each element of each subject, subjects first.

    Returns
    -------
    polars.DataFrame
        ``subject, path, zh, en, status, truth, low, high, most, value_low, value_high,
        flags``; ``truth`` is empty for points and points for conditions, ``flags`` are
        divided by blanks.
    """
    at = np.arange(evaluation.facts.n) if places is None else np.asarray(places, dtype=np.int64)
    subjects = evaluation.facts.subjects.gather(at)
    elements = [
        each for each in evaluation.pack.elements() if isinstance(each, Condition | Indicator)
    ]
    pieces = [_element(evaluation, each, k, at, subjects) for k, each in enumerate(elements)]
    if not pieces:
        return pl.DataFrame(schema=_COLUMNS)
    return pl.concat(pieces).sort("at", "order").select(list(_COLUMNS))


_COLUMNS: dict[str, type[pl.DataType]] = {
    "subject": pl.String, "path": pl.String, "zh": pl.String, "en": pl.String,
    "status": pl.String, "truth": pl.String, "low": pl.Float64, "high": pl.Float64,
    "most": pl.Float64, "value_low": pl.Float64, "value_high": pl.Float64, "flags": pl.String,
}  # fmt: skip


def _element(
    evaluation: Evaluation,
    element: Condition | Indicator,
    order: int,
    at: np.ndarray[tuple[int], np.dtype[np.int64]],
    subjects: pl.Series,
) -> pl.DataFrame:
    path, n = element.path, len(at)
    truth = evaluation.truths.get(path)
    codes = None if truth is None else truth.certainly[at].astype(int) + truth.possibly[at]
    low, high = _ends(evaluation.points.get(path), at)
    value_low, value_high = _ends(evaluation.values.get(path), at)
    most = element.max if isinstance(element, Indicator) else None
    return pl.DataFrame(
        {
            "at": np.arange(n),
            "order": np.full(n, order),
            "subject": subjects,
            "path": pl.Series([path] * n, dtype=pl.String),
            "zh": pl.Series([element.name.zh] * n, dtype=pl.String),
            "en": pl.Series([element.name.en] * n, dtype=pl.String),
            "status": pl.Series([element.status.value] * n, dtype=pl.String),
            "truth": pl.Series(
                [None] * n if codes is None else [_TRUTHS[code] for code in codes], dtype=pl.String
            ),
            "low": low,
            "high": high,
            "most": pl.Series([most] * n, dtype=pl.Float64),
            "value_low": value_low,
            "value_high": value_high,
            "flags": _flags(evaluation, path, at),
        }
    )


def _ends(
    values: Interval | None, at: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> tuple[pl.Series, pl.Series]:
    if values is None:
        empty = pl.Series([None] * len(at), dtype=pl.Float64)
        return empty, empty
    return pl.Series(values.low[at]), pl.Series(values.high[at])


def _flags(
    evaluation: Evaluation, path: str, at: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> pl.Series:
    raised: list[tuple[str, Flags]] = [
        (flag, where[at]) for (owner, flag), where in evaluation.flags.items() if owner == path
    ]
    return pl.Series(
        [" ".join(flag for flag, where in raised if where[k]) for k in range(len(at))],
        dtype=pl.String,
    )
