"""What counts as nearly eligible, how far ahead is counted: settings, all of them ours."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from jicheng.errors import InvalidInput, fault

__all__ = ["PolicySettings", "check_settings"]


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """Thresholds of policy matching; every one is ours.

    Attributes
    ----------
    near_elements : int
        A subject that is not eligible is nearly so if at most so many gates or pass
        conditions fail.
    near_gap : float
        And if each figure that fails is short by at most this share of its bound.
    near_units : float
        Or by at most so many units, where the bound is a whole number.
    unchangeable : tuple of str
        Facts that nobody can change: who fails by one of them is not nearly eligible.
    soon_days : int
        An open window that closes within as many days is closing soon.
    period_days : int
        Length of the period, from the day of the analysis on, in which takers and money are
        counted.
    most_sets : int
        Most sets of policies that exclude one another which are compared.
    """

    near_elements: int = 2
    near_gap: float = 0.2
    near_units: float = 1.0
    unchangeable: tuple[str, ...] = (
        "abnormal_list", "env_violation", "founded_year", "is_sme", "legal_person",
        "major_accident", "major_safety_quality_environment_case", "product_class",
        "organisation_kind", "person_kind", "research_dishonesty", "size", "stage", "talent_level",
        "tech_field", "time_honoured", "won_before",
    )  # fmt: skip
    soon_days: int = 30
    period_days: int = 365
    most_sets: int = 20_000


_RANGES: dict[str, tuple[float, float]] = {
    "near_elements": (0, math.inf),
    "near_gap": (0.0, 1.0),
    "near_units": (0.0, math.inf),
    "soon_days": (0, 366),
    "period_days": (1, 3660),
    "most_sets": (1, math.inf),
}


def check_settings(settings: PolicySettings) -> None:
    """Refuse settings outside their legal ranges.

    Raises
    ------
    InvalidInput
        E979 for every number outside its range.
    """
    faults = []
    for field in fields(settings):
        if field.name not in _RANGES:
            continue
        low, high = _RANGES[field.name]
        value = getattr(settings, field.name)
        if not low <= value <= high:
            faults.append(fault("E979", name=field.name, value=value, range=f"[{low:g}, {high:g}]"))
    if faults:
        raise InvalidInput(faults)
