"""Points by the place of a value among peers: groups, their quantiles, shrinkage."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PeerQuantiles"]


@dataclass(frozen=True, eq=False)
class PeerQuantiles:
    """Quantiles of each percentile indicator in each peer group, to use again."""
