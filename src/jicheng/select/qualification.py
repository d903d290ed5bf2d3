"""All packs over all firms: who passes, who fails, of whom it is open, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from jicheng.errors import InvalidInput
from jicheng.rules.expression.intervals import Flags
from jicheng.rules.expression.nodes import Name
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.model import Pack
from jicheng.rules.score.evaluate import OPEN, VERDICTS, Evaluation, evaluate
from jicheng.rules.score.explanation import Explanation, explain
from jicheng.rules.score.gaps import gaps
from jicheng.rules.score.labels import Labels
from jicheng.zone import Zone

__all__ = ["QualificationResult", "qualify"]

_LISTED = 5  # missing facts of a firm that are spelt out


@dataclass(frozen=True, eq=False)
class QualificationResult:
    """What packs say of firms.

    Attributes
    ----------
    facts : FactTable
        Of n firms.
    evaluations : tuple of Evaluation
        One for each pack.
    table : polars.DataFrame
        One row for each firm and pack, packs first: ``subject, pack, verdict, low, high``
        (empty for a pack without points), ``n_missing`` (facts that are missing in
        elements that they leave open; years count one by one), ``missing`` (their names,
        up to five; empty list = none, or more), ``is_draft``.
    gaps : polars.DataFrame
        One row for each pack and missing fact: ``pack, fact, zh, en, n_firms`` (firms
        whose verdict is open and that lack it), most firms first.
    """

    facts: FactTable
    evaluations: tuple[Evaluation, ...]
    table: pl.DataFrame
    gaps: pl.DataFrame

    def explain(self, pack: str, subject: str, *, zone: Zone | None = None) -> Explanation:
        """Account for the verdict of one pack, ``id`` or ``id@version``, on one firm.

        Raises
        ------
        InvalidInput
            E961 if there is no such pack or firm.
        """
        for evaluation in self.evaluations:
            if pack in (evaluation.pack.key, evaluation.pack.id):
                return explain(evaluation, subject, zone=zone)
        near = ", ".join(each.pack.key for each in self.evaluations)
        raise InvalidInput.of("E961", subject=pack, near=near)


def qualify(facts: FactTable, packs: Sequence[Pack]) -> QualificationResult:
    """Apply packs to firms.

    Parameters
    ----------
    facts : FactTable
        Of n firms.
    packs : sequence of Pack
        Of titles and eligibility.
    """
    evaluations = tuple(evaluate(pack, facts) for pack in packs)
    missing = [gaps(each) for each in evaluations]
    tables = [_table(*each) for each in zip(evaluations, missing, strict=True)]
    wanted = [_wanted(*each) for each in zip(evaluations, missing, strict=True)]
    return QualificationResult(
        facts,
        evaluations,
        pl.concat(tables) if tables else pl.DataFrame(),
        pl.concat(wanted) if wanted else pl.DataFrame(),
    )


def _table(evaluation: Evaluation, missing: dict[Name, Flags]) -> pl.DataFrame:
    facts, pack, score = evaluation.facts, evaluation.pack, evaluation.score
    n_missing = np.zeros(facts.n, dtype=np.int64)
    for gap in missing.values():
        n_missing += gap
    empty = pl.Series([None] * facts.n, dtype=pl.Float64)
    return pl.DataFrame(
        {
            "subject": facts.subjects,
            "pack": pl.Series([pack.key], dtype=pl.String).new_from_index(0, facts.n),
            "verdict": pl.Series(VERDICTS).gather(evaluation.verdicts.astype(np.uint32)),
            "low": empty if score is None else pl.Series(score.low),
            "high": empty if score is None else pl.Series(score.high),
            "n_missing": n_missing,
            "missing": _listed(missing, n_missing),
            "is_draft": np.full(facts.n, evaluation.is_draft),
        }
    )


def _listed(
    missing: dict[Name, Flags], n_missing: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> pl.Series:
    """Return the names of missing facts of firms that lack few."""
    is_few = n_missing <= _LISTED
    rows_of = [np.flatnonzero(gap & is_few) for gap in missing.values()]
    if not any(len(rows) for rows in rows_of):
        return pl.Series([[]] * len(n_missing), dtype=pl.List(pl.String))
    facts = pl.Series([str(name) for name in missing], dtype=pl.String)
    places = np.repeat(np.arange(len(rows_of)), [len(rows) for rows in rows_of])
    long = pl.DataFrame({"row": np.concatenate(rows_of), "fact": facts.gather(places)})
    listed = long.group_by("row", maintain_order=True).agg("fact")
    everybody = pl.DataFrame({"row": np.arange(len(n_missing))})
    joined = everybody.join(listed, on="row", how="left", maintain_order="left")["fact"]
    return joined.fill_null(pl.Series([[]], dtype=pl.List(pl.String)))


def _wanted(evaluation: Evaluation, missing: dict[Name, Flags]) -> pl.DataFrame:
    """Return the missing facts of a pack, those first that most open firms lack."""
    labels = Labels.of(evaluation.pack, evaluation.facts.dictionary)
    is_open = evaluation.verdicts == OPEN
    year = evaluation.facts.year
    told = [
        (name, labels.label(name, year), int((gap & is_open).sum()))
        for name, gap in missing.items()
    ]
    return pl.DataFrame(
        {
            "pack": [evaluation.pack.key for _ in told],
            "fact": [str(name) for name, _, _ in told],
            "zh": [label.zh for _, label, _ in told],
            "en": [label.en for _, label, _ in told],
            "n_firms": [n for _, _, n in told],
        },
        schema={"pack": pl.String, "fact": pl.String, "zh": pl.String, "en": pl.String,
                "n_firms": pl.Int64},
    ).sort("n_firms", descending=True, maintain_order=True)  # fmt: skip
