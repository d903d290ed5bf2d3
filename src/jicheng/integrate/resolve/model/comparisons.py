"""The comparisons of two records and what each level says, from ``comparisons.csv``.

A level has ``m``, the share of pairs of one organisation in it, and ``u``, the share of
pairs of two; its weight is log2(m / u). ``m`` is ours. ``u`` is ours, or counted in the
records: ``agreement`` is the chance that two records agree on a value (sum of squared
shares), ``per_record`` falls with their number, since a name that nobody else has is
shared by ever fewer pairs. ``frequency_of`` makes agreeing on a rare value weigh more.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from itertools import groupby
from typing import Any

import numpy as np
import polars as pl

from jicheng.errors import Text
from jicheng.integrate.resolve.model.scored import Comparison

__all__ = ["Level", "compared", "comparisons", "fitted", "splink_comparisons"]

_NAMES = {
    "name": Text("名称", "name"), "unit": Text("分支机构", "branch or department"),
    "region": Text("地区", "region"), "district": Text("区县", "district"),
    "industry": Text("行业", "industry"), "founded": Text("成立年份", "year of foundation"),
    "legal_person": Text("法定代表人", "legal representative"),
    "telephone": Text("电话", "telephone"),
    "credit_code": Text("统一社会信用代码", "credit code"),
}  # fmt: skip

_NOT_SAID = {  # a unit against none says a lot
    "unit": "unit_l IS NULL AND unit_r IS NULL",
    "name": "core_l IS NULL OR core_r IS NULL",
}
_RAREST = 1e-9


@dataclass(frozen=True, slots=True)
class Level:
    """How far two records agree on something, and how much that says."""

    comparison: str
    level: int
    label: Text
    condition: str
    m: float
    u: float
    u_kind: str
    frequency_of: str


@cache
def comparisons() -> dict[str, tuple[Level, ...]]:
    """Return the levels of each comparison, the closest first."""
    file = resources.files("jicheng.integrate.resolve.model").joinpath("comparisons.csv")
    levels = [
        Level(
            row["comparison"], int(row["level"]), Text(row["zh"], row["en"]), row["condition"],
            float(row["m"]), float(row["u"]), row["u_kind"], row["frequency_of"],
        )
        for row in csv.DictReader(file.read_text("utf-8").splitlines())
    ]  # fmt: skip
    return {name: tuple(of_it) for name, of_it in groupby(levels, lambda one: one.comparison)}


def compared() -> dict[str, Comparison]:
    """Return what two organisations are compared by, for explanations."""
    return {
        name: Comparison(_NAMES[name], {one.level: one.label for one in levels})
        for name, levels in comparisons().items()
    }


def fitted(keys: pl.DataFrame) -> dict[str, tuple[Level, ...]]:
    """Return the comparisons with every ``u`` as these records have it.

    Parameters
    ----------
    keys : polars.DataFrame
        The comparable columns of at least two records.
    """
    return {
        name: tuple(replace(level, u=_u(level, keys)) for level in levels)
        for name, levels in comparisons().items()
    }


def _u(level: Level, keys: pl.DataFrame) -> float:
    if level.u_kind == "per_record":
        return max(_RAREST, level.u / keys.height)
    if level.u_kind == "agreement":
        column = level.condition.split("_l =")[0]
        counts = keys[column].drop_nulls().value_counts()["count"].to_numpy().astype(np.float64)
        total, floor = float(counts.sum()), 1 / keys.height
        return max(floor, float(counts @ counts) / total**2) if total else floor
    return level.u


def splink_comparisons(fit: dict[str, tuple[Level, ...]]) -> list[dict[str, Any]]:
    """Return comparisons as Splink takes them."""
    return [_comparison(name, levels) for name, levels in fit.items()]


def _comparison(name: str, levels: tuple[Level, ...]) -> dict[str, Any]:
    nothing = _NOT_SAID.get(name, f"{name}_l IS NULL OR {name}_r IS NULL")
    found: list[dict[str, Any]] = [
        {"sql_condition": nothing, "label_for_charts": "not said", "is_null_level": True}
    ]
    for level in levels:
        said: dict[str, Any] = {
            "sql_condition": level.condition,
            "label_for_charts": level.label.en,
            "m_probability": level.m,
            "u_probability": level.u,
        }
        if level.frequency_of:
            said |= {"tf_adjustment_column": level.frequency_of, "tf_adjustment_weight": 1.0}
        found.append(said)
    return {"output_column_name": name, "comparison_levels": found}
