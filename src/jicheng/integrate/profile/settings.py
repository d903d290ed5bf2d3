"""What a profile assumes; every number is ours unless its comment says so."""

from __future__ import annotations

from dataclasses import dataclass, fields

from jicheng.errors import InvalidInput, fault

__all__ = ["DERIVED", "MOST_PARTIES", "ProfileSettings", "check_settings"]

DERIVED = "jicheng.profile"
"""Begins the source of every row that a profile wrote, and of no other."""

MOST_PARTIES = 50
"""Parties of a text above which who worked with whom is not told."""


@dataclass(frozen=True, slots=True)
class ProfileSettings:
    """How texts become evidence, evidence levels, and texts ties.

    Attributes
    ----------
    threshold : float
        Least calibrated chance at which a text is evidence of a capability, 0 to 1.
    none_threshold : float
        Least chance at which a text is told to show none of the capabilities; of one that
        reaches neither threshold nothing is told. The least at which about nine in ten
        were right on texts to choose on.
    most_labels : int
        Most capabilities of one text.
    strength_scale : float
        Strength s0 at which a level is 1 - 1/e = 0.63: about two and a half granted patents.
    strength_scale_low, strength_scale_high : float
        Ends between which the scale may lie; nobody has measured it.
    interval : float
        Chance that the strength lies between its ends, below 1.
    unknown_age, unknown_age_most : float
        Half-lives that a text without a year is taken to be old, and at most.
    proposal_threshold : float
        Least chance at which a need is proposed to a person.
    most_proposals : int
        Most needs proposed for a technology.
    review_miss : float
        Share of texts whose true answer a prediction set may miss (split conformal).
    review_margin : float
        Distance from the threshold within which a person is asked.
    most_parties : int
        Parties of a text above which it makes no ties: who worked with whom is not told.
    """

    threshold: float = 0.5
    none_threshold: float = 0.75
    most_labels: int = 3
    strength_scale: float = 3.0
    strength_scale_low: float = 2.0
    strength_scale_high: float = 4.5
    interval: float = 0.8
    unknown_age: float = 1.0
    unknown_age_most: float = 4.0
    proposal_threshold: float = 0.25
    most_proposals: int = 8
    review_miss: float = 0.1
    review_margin: float = 0.15
    most_parties: int = MOST_PARTIES


_RANGES = {
    "threshold": (0.05, 0.99), "none_threshold": (0.5, 0.99), "most_labels": (1, 3),
    "strength_scale": (0.1, 1000),
    "strength_scale_low": (0.1, 1000), "strength_scale_high": (0.1, 1000),
    "interval": (0.01, 0.99), "unknown_age": (0, 50), "unknown_age_most": (0, 50),
    "proposal_threshold": (0.01, 0.99), "most_proposals": (1, 50), "review_miss": (0.01, 0.5),
    "review_margin": (0, 0.5), "most_parties": (2, 1000),
}  # fmt: skip


def check_settings(settings: ProfileSettings) -> None:
    """Refuse settings outside their ranges.

    Raises
    ------
    InvalidInput
        E030 for each of them.
    """
    faults = []
    for item in fields(settings):
        low, high = _RANGES[item.name]
        value = getattr(settings, item.name)
        if not low <= value <= high:
            faults.append(fault("E030", name=item.name, value=value, range=f"{low:g} – {high:g}"))
    ends = (settings.strength_scale_low, settings.strength_scale, settings.strength_scale_high)
    if sorted(ends) != list(ends):
        shown = " / ".join(f"{end:g}" for end in ends)
        faults.append(
            fault("E030", name="strength_scale", value=shown, range="low <= scale <= high")
        )
    if faults:
        raise InvalidInput(faults)
