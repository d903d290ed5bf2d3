"""The coefficients by which likeness becomes a chance: data, with where they come from."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

__all__ = ["Calibration", "calibrations"]


@dataclass(frozen=True, slots=True)
class Calibration:
    """How one set of engines is read.

    Attributes
    ----------
    model : str
        ``words``, ``use`` or ``use+e5``: which features there are.
    none : float
        Utility of "none of these".
    coefficients : mapping of str to float
        By feature; see :mod:`jicheng.integrate.profile.features`.
    error : float
        Standard error on the logit, >= 0: of the fit, and for texts of another kind.
    least_chance : mapping of float to float
        By share of misses, the chance from which an answer belongs to the prediction set.
    origin : str
        How it was fitted.
    """

    model: str
    none: float
    coefficients: Mapping[str, float]
    error: float
    least_chance: Mapping[float, float]
    origin: str

    def chance_for(self, miss: float) -> float:
        """Return the chance of the prediction set for the largest share of misses <= miss."""
        fitting = [share for share in self.least_chance if share <= miss + 1e-9]
        return self.least_chance[max(fitting, default=min(self.least_chance))]


@cache
def calibrations() -> Mapping[str, Calibration]:
    """Return the shipped calibrations by model."""
    file = resources.files("jicheng.integrate.profile").joinpath("calibration.csv")
    rows = list(csv.DictReader(file.read_text("utf-8").splitlines()))
    made = {}
    for model in dict.fromkeys(row["model"] for row in rows):
        own = {row["term"]: float(row["value"]) for row in rows if row["model"] == model}
        origin = next(row["provenance"] for row in rows if row["model"] == model)
        made[model] = Calibration(
            model,
            own["none"],
            {term[2:]: value for term, value in own.items() if term.startswith("x.")},
            own["error"],
            {float(term[4:]): v for term, v in own.items() if term.startswith("set.")},
            origin,
        )
    return made
