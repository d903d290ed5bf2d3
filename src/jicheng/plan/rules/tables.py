"""Verdicts as tables of a plan: only what people need of them."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.conform import empty_frame
from jicheng.errors import Text
from jicheng.plan.rules.judged import Judged, JudgedPack
from jicheng.rules.expression.intervals import Flags
from jicheng.rules.score.evaluate import FAIL, OPEN, PASS, VERDICTS
from jicheng.schema import plan_tables
from jicheng.zone import Zone

__all__ = ["named", "qualification_table", "typed", "verdict_table"]

_DIGITS = 4
_MOST_OPEN = 500  # more are a question to the zone's registers, not to firms

Places = NDArray[np.int64]


def typed(table: str, frame: pl.DataFrame, *sort: str) -> pl.DataFrame:
    """Return a frame with all columns of a table of the plan, sorted."""
    schema = empty_frame(plan_tables()[table]).schema
    missing = [pl.lit(None, kind).alias(name) for name, kind in schema.items()
               if name not in frame.columns]  # fmt: skip
    whole = frame.with_columns(missing).select(pl.col(n).cast(k) for n, k in schema.items())
    return whole.sort(sort, nulls_last=True, maintain_order=True)


def named(zone: Zone, frame: pl.DataFrame, column: str = "organisation") -> pl.DataFrame:
    """Add names of organisations in both languages."""
    names = zone["organisations"].select(pl.col("id").alias(column), "name", "name_en")
    return frame.join(names, on=column, how="left", maintain_order="left")


def verdict_table(judged: Judged) -> pl.DataFrame:
    """Return one row a pack that judges, in the order of the settings."""
    rows = [_verdict_row(one) for one in judged.packs]
    frame = pl.DataFrame(rows, infer_schema_length=None)
    return typed("verdicts", frame) if rows else empty_frame(plan_tables()["verdicts"])


def _verdict_row(one: JudgedPack) -> dict[str, object]:
    verdicts, pack, held = one.evaluation.verdicts, one.pack, one.held
    label, n_asked = _most_wanted(one, verdicts == OPEN)
    holds = None if held is None or not one.is_listed else held.certainly
    return {
        "pack": pack.key,
        "name": pack.name.zh,
        "name_en": pack.name.en,
        "is_draft": pack.is_draft,
        "n_firms": verdicts.size,
        "n_pass": int((verdicts == PASS).sum()),
        "n_open": int((verdicts == OPEN).sum()),
        "n_fail": int((verdicts == FAIL).sum()),
        "n_held": None if holds is None else int(holds.sum()),
        "n_new": None if holds is None else int(((verdicts == PASS) & ~holds).sum()),
        "n_at_risk": None if holds is None else int(((verdicts == FAIL) & holds).sum()),
        "asked": label.zh if n_asked else None,
        "asked_en": label.en if n_asked else None,
        "n_asked": n_asked or None,
    }


def _most_wanted(one: JudgedPack, is_open: Flags) -> tuple[Text, int]:
    """Return the fact that most open firms lack, and their number."""
    counts = [(int((is_missing & is_open).sum()), label) for label, is_missing in one.gaps]
    if not counts:
        return Text("", ""), 0
    most = max(n for n, _ in counts)
    return next(label for n, label in counts if n == most), most


def qualification_table(judged: Judged, zone: Zone, most_missing: int) -> pl.DataFrame:
    """Return verdicts that somebody acts on.

    Firms that pass and do not hold the title, that hold it and fail, and those that are open
    for at most ``most_missing`` facts: of these at most ``_MOST_OPEN`` a pack, who lack least.
    """
    frames = [_qualified(one, most_missing) for one in judged.packs]
    whole = pl.concat(frames) if frames else empty_frame(plan_tables()["qualification"])
    if whole.is_empty():
        return empty_frame(plan_tables()["qualification"])
    return typed("qualification", named(zone, whole), "pack", "organisation")


def _qualified(one: JudgedPack, most_missing: int) -> pl.DataFrame:
    evaluation = one.evaluation
    verdicts = evaluation.verdicts
    nobody = np.zeros(verdicts.size, dtype=np.bool_)
    certainly = nobody if one.held is None else one.held.certainly
    possibly = nobody if one.held is None else one.held.possibly
    acts = (verdicts == np.where(certainly, FAIL, PASS)) | _nearly_settled(one, most_missing)
    at: Places = np.flatnonzero(acts)
    lacks = _lacking(one, at, most_missing)
    ends = {"low": None, "high": None} if evaluation.score is None else {
        "low": _rounded(evaluation.score.low[at]), "high": _rounded(evaluation.score.high[at])
    }  # fmt: skip
    known = certainly[at] == possibly[at]
    return pl.DataFrame({
        "organisation": evaluation.facts.subjects.gather(at).cast(pl.String),
        "verdict": [VERDICTS[code] for code in verdicts[at]],
        "is_held": [bool(held) if is_known else None
                    for held, is_known in zip(certainly[at], known, strict=True)],
        "n_missing": one.n_missing[at],
        "missing": [text.zh or None for text in lacks],
        "missing_en": [text.en or None for text in lacks],
    }, schema_overrides={"is_held": pl.Boolean, "verdict": pl.String, "missing": pl.String,
                         "missing_en": pl.String}).with_columns(
        *(pl.Series(name, values, pl.Float64) if values is not None
          else pl.lit(None, pl.Float64).alias(name) for name, values in ends.items()),
        pack=pl.lit(one.pack.key),
        is_draft=pl.lit(one.pack.is_draft),
    )  # fmt: skip


def _nearly_settled(one: JudgedPack, most_missing: int) -> Flags:
    """Tell which firms are open for few facts: first who lack fewest, then who have most points."""
    is_open = (one.evaluation.verdicts == OPEN) & (one.n_missing <= most_missing)
    score = one.evaluation.score
    points = np.zeros(is_open.size) if score is None else score.low
    order = np.lexsort((np.arange(is_open.size), -points, one.n_missing, ~is_open))
    first: Flags = np.zeros(is_open.size, dtype=np.bool_)
    first[order[:_MOST_OPEN]] = is_open[order[:_MOST_OPEN]]
    return first


def _lacking(one: JudgedPack, at: Places, most: int) -> list[Text]:
    """Return the labels of what firms lack, where it is little."""
    found: list[list[Text]] = [[] for _ in at]
    few = one.n_missing[at] <= most
    for label, is_missing in one.gaps:
        for k in np.flatnonzero(is_missing[at] & few):
            found[k].append(label)
    return [
        Text("、".join(t.zh for t in labels), ", ".join(t.en for t in labels)) for labels in found
    ]


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.round(values, _DIGITS) + 0.0
