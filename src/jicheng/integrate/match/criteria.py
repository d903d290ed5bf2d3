"""The criteria of a match as data: weight, label, what it measures, what lacks without it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from jicheng.errors import InvalidInput, Text

__all__ = ["Criterion", "criteria", "reasons", "weights_of"]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion; ``needs`` is what a zone or query must have for it to apply."""

    name: str
    weight: float
    needs: str
    label: Text
    description: Text
    missing: Text
    provenance: Text


def _rows(file: str) -> list[dict[str, str]]:
    found = resources.files("jicheng.integrate.match").joinpath(file)
    return list(csv.DictReader(found.read_text("utf-8").splitlines()))


def _text(row: Mapping[str, str], name: str) -> Text:
    return Text(row[f"{name}_zh"], row[name])


@cache
def criteria() -> tuple[Criterion, ...]:
    """Return all criteria in their order."""
    return tuple(
        Criterion(
            name=row["criterion"],
            weight=float(row["weight"]),
            needs=row["needs"],
            label=Text(row["zh"], row["en"]),
            description=_text(row, "description"),
            missing=_text(row, "missing"),
            provenance=_text(row, "provenance"),
        )
        for row in _rows("criteria.csv")
    )


@cache
def reasons() -> dict[str, tuple[Text, Text]]:
    """Return why somebody is left out, and what to do about it, by the reason's name."""
    return {
        row["reason"]: (Text(row["zh"], row["en"]), _text(row, "remedy"))
        for row in _rows("reasons.csv")
    }


def weights_of(changed: Mapping[str, float]) -> dict[str, float]:
    """Return the weight of every criterion, some of them changed.

    Raises
    ------
    InvalidInput
        E050 for an unknown criterion or a weight that is negative or no number, E051 if
        no weight is left.
    """
    weights = {one.name: one.weight for one in criteria()}
    for name, weight in changed.items():
        if name not in weights or not 0.0 <= weight < float("inf"):
            known = ", ".join(weights)
            raise InvalidInput.of("E050", name=name, weight=weight, known=known)
        weights[name] = float(weight)
    if sum(weights.values()) <= 0.0:
        raise InvalidInput.of("E051")
    return weights
