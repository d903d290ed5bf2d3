"""What is assumed when records are joined; every default is ours."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ResolveSettings"]


@dataclass(frozen=True, slots=True)
class ResolveSettings:
    """Thresholds and limits of joining records.

    Attributes
    ----------
    automatic : float
        Probability from which two records are joined without asking.
    review : float
        Probability from which a person is asked; below it nothing is said.
    probable : bool
        Whether records are compared beyond their identifiers (needs the extra ``er``).
    more_records_each : float
        Expected pairs of one organisation for each record: sets the prior.
    largest_block : int
        Most records that a block may hold.
    threads, memory_gb : int, float
        What the database may use.
    """

    automatic: float = 0.85
    review: float = 0.6
    probable: bool = True
    more_records_each: float = 0.6
    largest_block: int = 300
    threads: int = 2
    memory_gb: float = 1.8
