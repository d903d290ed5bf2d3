"""What a changed rule would do: who gains and who loses, costs, ranks, thresholds."""

from jicheng.select.laboratory.changes import Change, adjustable, changed
from jicheng.select.laboratory.comparison import ComparisonResult, compare
from jicheng.select.laboratory.differences import Difference, differences
from jicheng.select.laboratory.sensitivity import (
    SensitivityResult,
    SensitivitySettings,
    weight_sensitivity,
)
from jicheng.select.laboratory.sweep import BreakEven, Curve, sweep, threshold_curve

__all__ = [
    "BreakEven",
    "Change",
    "ComparisonResult",
    "Curve",
    "Difference",
    "SensitivityResult",
    "SensitivitySettings",
    "adjustable",
    "changed",
    "compare",
    "differences",
    "sweep",
    "threshold_curve",
    "weight_sensitivity",
]
