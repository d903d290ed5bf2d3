"""The coefficients by which likeness becomes a chance: data, with where they come from."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources

from jicheng.errors import Text
from jicheng.integrate.profile.recalibration import Recalibration

__all__ = ["Calibration", "calibrations"]


_MEASURED = ("top1", "top3", "logloss", "ece", "title.top1", "title.ece")


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
    best, nothing : Recalibration
        How the chances of the best node and of none are read, given the length of the text.
    error : float
        Standard error on the logit, >= 0: of the fit, and for texts of another kind.
    least_chance : mapping of float to float
        By share of misses, the chance from which an answer belongs to the prediction set.
    n_texts : int
        Labelled texts on which it was fitted.
    measured : mapping of str to float
        Cross-validated: ``top1``, ``top3``, ``logloss``, ``ece`` (calibration error) of whole
        texts, and ``title.top1``, ``title.ece`` of as much of them as a title holds.
    n_own : int
        Texts of the zone on which it was fitted anew.
    """

    model: str
    none: float
    coefficients: Mapping[str, float]
    best: Recalibration
    nothing: Recalibration
    error: float
    least_chance: Mapping[float, float]
    n_texts: int
    measured: Mapping[str, float]
    n_own: int = 0

    @property
    def most(self) -> float:
        """Most that a chance may be: 1 - 1 / (n + 2), Laplace's rule of succession.

        After n texts without a miss the next one is expected to be right with this chance:
        nothing that was seen supports more.
        """
        return 1.0 - 1.0 / (self.n_texts + 2)

    @property
    def origin(self) -> Text:
        """How it was fitted, and what it is worth on texts that it was not fitted on."""
        top1, top3, loss, ece, title, title_ece = (self.measured[name] for name in _MEASURED)
        own_zh = f"；又按本区 {self.n_own} 个文本重新校准" if self.n_own else ""
        own_en = f"; refitted on {self.n_own} texts of the zone" if self.n_own else ""
        return Text(
            f"按 {self.n_texts} 个文本校准，交叉验证：首选正确 {top1:.0%}，前三含正确 {top3:.0%}，"
            f"对数损失 {loss:.2f}，校准误差 {ece:.3f}；仅有标题时首选正确 {title:.0%}，"
            f"校准误差 {title_ece:.3f}{own_zh}",
            f"fitted on {self.n_texts} texts; cross-validated: first right {top1:.0%}, among "
            f"three {top3:.0%}, log loss {loss:.2f}, calibration error {ece:.3f}; on titles alone "
            f"first right {title:.0%}, calibration error {title_ece:.3f}{own_en}",
        )

    def refitted(self, none: float, coefficients: Mapping[str, float], n_own: int) -> Calibration:
        """Return it with coefficients fitted to texts of a zone."""
        return dataclasses.replace(
            self, none=none, coefficients={**self.coefficients, **coefficients}, n_own=n_own
        )

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
        made[model] = Calibration(
            model,
            own["none"],
            {term[2:]: value for term, value in own.items() if term.startswith("x.")},
            _recalibration(own, "best"),
            _recalibration(own, "nothing"),
            own["error"],
            {float(term[4:]): v for term, v in own.items() if term.startswith("set.")},
            int(own["texts"]),
            {name: own[f"cv.{name}"] for name in _MEASURED},
        )
    return made


def _recalibration(terms: Mapping[str, float], part: str) -> Recalibration:
    return Recalibration(
        **{item.name: terms[f"{part}.{item.name}"] for item in fields(Recalibration)}
    )
