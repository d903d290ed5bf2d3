"""Many challenges at once, with a cap on how often anybody is proposed.

Without a cap the few best known organisations head every list, and are asked by everybody.
With a cap of k each candidate is kept in the k challenges where it scores highest; its seat
elsewhere goes to the next in order, and the answer tells whom the cap moved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from jicheng.errors import InvalidInput
from jicheng.integrate.match.matcher import Matcher
from jicheng.integrate.match.parties import Direction
from jicheng.integrate.match.query import Query
from jicheng.integrate.match.result import MatchResult, match

__all__ = ["BatchResult", "match_all"]


@dataclass(frozen=True, eq=False)
class BatchResult:
    """Candidates of several queries.

    Attributes
    ----------
    results : tuple of MatchResult
        In the order of the queries; who was capped is not among the chosen.
    cap : int
        Most queries for which anybody is proposed; 0 = no cap.
    capped : polars.DataFrame
        ``query``, ``candidate``, ``rank``, ``score``: who stood among the best ``n`` and was
        moved out by the cap.
    """

    results: tuple[MatchResult, ...]
    cap: int
    capped: pl.DataFrame

    @property
    def table(self) -> pl.DataFrame:
        """All chosen candidates with the query for which they are proposed."""
        frames = [
            one.table.select(pl.lit(one.query.id).alias("query"), pl.all())
            for one in self.results
            if one.table.height
        ]
        return pl.concat(frames) if frames else pl.DataFrame(schema={"query": pl.String})

    def as_plain(self) -> dict[str, Any]:
        """Return the answer as JSON values."""
        return {"cap": self.cap or None, "capped": self.capped.to_dicts(),
                "results": [one.as_plain() for one in self.results]}  # fmt: skip


def match_all(
    matcher: Matcher,
    queries: Sequence[Query],
    direction: Direction = Direction.ORGANISATIONS,
    *,
    n: int = 20,
    cap: int = 0,
    diversity: float | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> BatchResult:
    """Match several queries; nobody is proposed for more than ``cap`` of them.

    Raises
    ------
    InvalidInput
        E061 for a negative cap.
    """
    if cap < 0:
        raise InvalidInput.of("E061", cap=cap)
    plain = []
    for done, query in enumerate(queries, 1):
        plain.append(match(matcher, query, direction, n=n, diversity=diversity))
        if progress is not None:
            progress(done, len(queries))
    if not cap:
        return BatchResult(tuple(plain), 0, _capped([]))
    return _with_cap(matcher, plain, n, cap)


def _with_cap(matcher: Matcher, plain: Sequence[MatchResult], n: int, cap: int) -> BatchResult:
    """Fill the lists from the highest score down; ties by the order of ids and of queries."""
    wanted = []
    for i, one in enumerate(plain):
        line = _line(one)
        for at, place in enumerate(line):
            score = one.found.scores.mid[place] if one.found.scores.parts else 0.0
            wanted.append((-round(float(score), 9), at, i, int(place)))
    wanted.sort(key=lambda pair: (pair[0], matcher.parties.order[pair[3]], pair[1], pair[2]))
    used = np.zeros(matcher.parties.n, np.intp)
    kept: list[list[tuple[int, int]]] = [[] for _ in plain]
    for _, at, i, place in wanted:
        if len(kept[i]) < n and used[place] < cap:
            kept[i].append((at, place))
            used[place] += 1
    results, moved = [], []
    for one, seats in zip(plain, kept, strict=True):
        chosen = np.array([place for _, place in sorted(seats)], dtype=np.intp)
        results.append(replace(one, chosen=chosen))
        gone = one.table_of(np.setdiff1d(one.chosen, chosen, assume_unique=True))
        moved += [
            {"query": one.query.id} | row
            for row in gone.select("candidate", "rank", "score").to_dicts()
        ]
    return BatchResult(tuple(results), cap, _capped(moved))


def _line(one: MatchResult) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Return all candidates of a query in the order in which seats go to them."""
    rest = one.found.order[~np.isin(one.found.order, one.chosen)]
    return np.concatenate([one.chosen, rest])


def _capped(rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    schema = {"query": pl.String, "candidate": pl.String, "rank": pl.Int64, "score": pl.Float64}
    return pl.DataFrame(rows, schema=schema).sort("query", "rank")
