"""How fast a source is asked: never more in a window than it allows."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

__all__ = ["Bucket", "Clock", "Pace"]


class Clock:
    """The time; tests give another that does not wait."""

    def now(self) -> float:
        """Return seconds that never run backwards."""
        return time.monotonic()

    def moment(self) -> datetime:
        """Return the time of day in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Pace:
    """At most ``requests`` in any window of ``seconds``."""

    requests: int
    seconds: float


class Bucket:
    """A token bucket that keeps its promise in every window, also the first.

    Notes
    -----
    With capacity c and rate r a window of T seconds sees at most c + r T requests; so
    c = a tenth of the quota (at least 1) and r = (quota - c) / T.
    """

    def __init__(self, pace: Pace, clock: Clock) -> None:
        self._clock = clock
        self._capacity = max(1, pace.requests // 10)
        self._rate = max(pace.requests - self._capacity, 0.5) / pace.seconds
        self._tokens = float(self._capacity)
        self._last = clock.now()

    def take(self) -> None:
        """Wait until one more request is allowed."""
        self._fill()
        if self._tokens < 1.0:
            self._clock.sleep((1.0 - self._tokens) / self._rate)
            self._fill()
        self._tokens = max(self._tokens - 1.0, 0.0)

    def _fill(self) -> None:
        now = self._clock.now()
        more = (now - self._last) * self._rate
        self._tokens, self._last = min(self._tokens + more, float(self._capacity)), now
