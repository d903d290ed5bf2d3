"""What is assumed when candidates are sought; every answer prints it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jicheng.integrate.profile.settings import MOST_PARTIES

__all__ = ["MatchSettings"]


@dataclass(frozen=True, slots=True)
class MatchSettings:
    """Weights and limits of a match; all are defaults of the engine (ours).

    Attributes
    ----------
    weights : mapping of str to float
        Weights of criteria that differ from those in ``criteria.csv``; 0 leaves one out.
    engine_weights : mapping of str to float
        Weights of the engines of the texts that differ from those of the index.
    most_texts : int
        Texts that each engine hands over.
    text_weights : tuple of float
        Weights of the best, second best ... text of a holder.
    likeness_from : float
        Likeness [standard deviations above the mean text] from which a text counts.
    half_likeness : float
        Likeness beyond it that counts half.
    child, parent, sibling : float
        What a narrower, a broader and a sibling capability count against the same one.
    tie_kinds : tuple of str
        Kinds of ties that count.
    most_parties : int
        Parties of a text above which it ties nobody.
    tie_limit : float
        Strength at which the ties between two count in full.
    second_step : float
        What a tie of a tie counts against a tie.
    n_seeds : int
        Strongest candidates whose ties count.
    strong_share : float
        Share of the strongest candidate's strength from which a tie with a candidate is
        enough to be ranked without a text or a capability of one's own; 0 = any tie is.
    evidence_years : float
        Years after which evidence counts half.
    half_projects : float
        Number of projects that counts half.
    half_distance_km : float
        Distance that counts half.
    diversity : float
        Share of the score against variety when the list is spread, 1 = score alone.
    n_proposed : int
        Capabilities proposed for a free text.
    proposed_from : float
        Likeness [standard deviations] from which a capability is proposed.
    proposed_share : float
        Share of the greatest likeness that the others must have.
    least_held : float
        Share of the words of a query (rare ones weigh more) that the best texts hold
        together, below which it is said that the zone may not speak of it; 0 = never.
    needs_source : bool
        Whether a holding without evidence and source is open below.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    engine_weights: Mapping[str, float] = field(default_factory=dict)
    most_texts: int = 500
    text_weights: tuple[float, ...] = (1.0, 0.5, 0.25)
    likeness_from: float = 1.0
    half_likeness: float = 2.0
    child: float = 0.7
    parent: float = 0.5
    sibling: float = 0.3
    tie_kinds: tuple[str, ...] = ("co_patent", "co_author", "project", "supply")
    most_parties: int = MOST_PARTIES
    tie_limit: float = 2.0
    second_step: float = 0.3
    n_seeds: int = 50
    strong_share: float = 0.5
    evidence_years: float = 6.0
    half_projects: float = 2.0
    half_distance_km: float = 100.0
    diversity: float = 1.0
    n_proposed: int = 5
    proposed_from: float = 2.0
    proposed_share: float = 0.6
    least_held: float = 0.25
    needs_source: bool = True
