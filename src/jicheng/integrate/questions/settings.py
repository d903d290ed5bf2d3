"""Settings of the questions: how many answers, how far figures may be off, what rules weigh."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jicheng.kernel.columns.answers import AnswerLimits

__all__ = ["RELAXATION_WEIGHTS", "QuestionSettings"]

RELAXATION_WEIGHTS: Mapping[str, float] = {
    "need": 10.0,
    "lead": 8.0,
    "research": 6.0,
    "abroad": 5.0,
    "full": 4.0,
    "in": 3.0,
    "out": 3.0,
    "forbid": 3.0,
    "require": 3.0,
    "outside": 2.0,
    "small_share": 2.0,
    "size": 1.0,
}
"""Weight of missing a rule by one member, by kind of rule: the more, the harder to give up."""


@dataclass(frozen=True, slots=True)
class QuestionSettings:
    """Settings of the questions that a plan answers by itself, and defaults of the others.

    Attributes
    ----------
    answered_candidates : int
        Candidates of all challenges together up to which a plan answers by itself what
        takes many searches (alternatives, replacements, frequencies); beyond, only
        when asked.
    alternatives, members_leaving : int
        Other teams looked for in each challenge, and how many members of each earlier
        team must not be in the next.
    acceptable_loss : float
        Share of the value that a different plan may lose.
    members_checked : int
        Members locked out one after another, those in most consortia first.
    scarce_resolved : int
        Scarce organisations for which one more place is also solved.
    holders_checked : int
        Pairs of challenge and capability for which one more holder is tried.
    new_holder_level : float
        Level of that holder; at least the needed one.
    runs : int
        Draws of the selection frequency.
    level_spread : float
        By how much a level may be off where no interval is given.
    tie_spread, cost_spread : float
        Share by which points of ties and costs may be off.
    floors : mapping of str to float
        Least share of all seats by group: ``small`` (small and micro firms),
        ``outside``, or ``column=value`` of the table ``organisations``.
    relaxation_weights : mapping of str to float
        Weight of missing a rule by one member, by kind of rule.
    question_work_limit : float
        Most work of one search of a team [millions of elementary operations].
    question_nodes : int
        Most nodes of one choice of columns.
    """

    answered_candidates: int = 50_000
    alternatives: int = 3
    members_leaving: int = 2
    acceptable_loss: float = 0.02
    members_checked: int = 60
    scarce_resolved: int = 5
    holders_checked: int = 100
    new_holder_level: float = 0.8
    runs: int = 30
    level_spread: float = 0.1
    tie_spread: float = 0.2
    cost_spread: float = 0.2
    floors: Mapping[str, float] = field(default_factory=dict)
    relaxation_weights: Mapping[str, float] = field(default_factory=lambda: {**RELAXATION_WEIGHTS})
    question_work_limit: float = 50.0
    question_nodes: int = 2000

    @property
    def work_limit(self) -> int:
        """Most operations of one search of a team."""
        return int(self.question_work_limit * 1e6)

    @property
    def limits(self) -> AnswerLimits:
        """Limits of one choice of columns."""
        return AnswerLimits(gap=1e-6, nodes=self.question_nodes)
