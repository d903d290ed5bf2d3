"""When one can apply: windows of policies, how they come again, and a calendar file.

A window reaches from its first day to its last, both included. Beside a last day an
empty first day means that it is open already, beside a first day an empty last day that
no end is stated; where such a window comes again, the next one ends it. With neither day,
and not always open, the window is unknown. A window that comes again keeps its day of
the month, or takes the last day of a shorter month.
"""

from __future__ import annotations

import calendar as months_of_the_year
import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from jicheng.select.policies.model import Policy, Recurrence

__all__ = ["State", "Window", "calendar", "icalendar", "windows_between"]

_MONTHS = {
    Recurrence.MONTHLY: 1,
    Recurrence.QUARTERLY: 3,
    Recurrence.HALF_YEARLY: 6,
    Recurrence.YEARLY: 12,
}
_DAY = datetime.timedelta(days=1)
_FAR = datetime.timedelta(days=3 * 366)  # how far ahead the next window is looked for
_LINE = 75  # octets of a line of a calendar file (RFC 5545, 3.1)


class State(StrEnum):
    """Where a policy's window stands on a day."""

    OPEN = "open"
    CLOSING_SOON = "closing_soon"
    UPCOMING = "upcoming"
    CLOSED = "closed"
    ALWAYS = "always"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Window:
    """One window: its first and last day; None = not stated."""

    opens: datetime.date | None
    closes: datetime.date | None

    def meets(self, first: datetime.date, last: datetime.date) -> bool:
        """Tell whether it is open on some day from ``first`` to ``last``."""
        return (self.opens is None or self.opens <= last) and (
            self.closes is None or self.closes >= first
        )


def windows_between(
    policy: Policy, first: datetime.date, last: datetime.date
) -> tuple[Window, ...] | None:
    """Return the windows of a policy that are open on some day of a span of time.

    Returns
    -------
    tuple of Window or None
        In order; None where the policy does not say when one can apply.
    """
    if policy.recurrence is Recurrence.ALWAYS:
        return (Window(None, None),)
    base = Window(policy.window_from, policy.window_until)
    ends, starts = base.closes or base.opens, base.opens or base.closes
    if ends is None or starts is None:
        return None
    step = _MONTHS.get(policy.recurrence) if policy.recurrence else None
    if step is None:
        return (base,) if base.meets(first, last) else ()
    turns = range(max(0, _months(ends, first) // step - 1), _months(starts, last) // step + 3)
    windows = [_turn(policy, turn, step) for turn in turns]
    return tuple(w for w in windows if w is not None and w.meets(first, last))


def _turn(policy: Policy, turn: int, step: int) -> Window | None:
    """Return the window that comes at a turn, counted from 0; None = no more."""
    opens, closes = (_later(day, turn * step) for day in (policy.window_from, policy.window_until))
    if (
        turn
        and policy.recurs_until
        and (opens or closes or policy.recurs_until) > policy.recurs_until
    ):
        return None
    if opens is None and turn:
        before = _later(policy.window_until, (turn - 1) * step)
        opens = _after(before) if before else None
    if closes is None:
        after = _later(policy.window_from, (turn + 1) * step)
        ends = policy.recurs_until and after and after > policy.recurs_until
        closes = after - _DAY if after and not ends else None
    return Window(opens, closes)


def _after(day: datetime.date) -> datetime.date:
    return day if day == datetime.date.max else day + _DAY


def _months(start: datetime.date, day: datetime.date) -> int:
    return (day.year - start.year) * 12 + day.month - start.month


def _later(day: datetime.date | None, n_months: int) -> datetime.date | None:
    if day is None:
        return None
    year, month = divmod(day.year * 12 + day.month - 1 + n_months, 12)
    if year > datetime.MAXYEAR:  # such as 9999-12-31 for no end
        return datetime.date.max
    length = months_of_the_year.monthrange(year, month + 1)[1]
    return datetime.date(year, month + 1, min(day.day, length))


def calendar(
    policies: Sequence[Policy], as_of: datetime.date, *, soon_days: int = 30
) -> pl.DataFrame:
    """Tell where the windows of policies stand on a day.

    Parameters
    ----------
    policies : sequence of Policy
    as_of : date
        The day.
    soon_days : int
        An open window that closes within as many days is closing soon.

    Returns
    -------
    polars.DataFrame
        One row a policy: ``policy``, ``state`` (:class:`State`), the window that is open
        or comes next (``opens``, ``closes``, empty = not stated), ``days_left`` until it
        closes if it is open or else until it opens, and the first day of the window
        after it (``next_opens``).
    """
    rows = [_row(policy, as_of, soon_days) for policy in policies]
    days = dict.fromkeys(("opens", "closes"), pl.Date)
    schema = {
        "policy": pl.String, "state": pl.String, **days, "days_left": pl.Int64,
        "next_opens": pl.Date,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _row(policy: Policy, as_of: datetime.date, soon_days: int) -> tuple[object, ...]:
    windows = windows_between(policy, as_of, as_of + _FAR)
    if windows == () and policy.window_from is not None and policy.window_from > as_of:
        windows = (Window(policy.window_from, policy.window_until),)
    if windows is None:
        return (policy.id, State.UNKNOWN.value, None, None, None, None)
    if policy.recurrence is Recurrence.ALWAYS:
        return (policy.id, State.ALWAYS.value, None, None, None, None)
    if not windows:
        return (policy.id, State.CLOSED.value, policy.window_from, policy.window_until, None, None)
    window = windows[0]
    after = windows[1].opens if len(windows) > 1 else None
    if window.opens is not None and window.opens > as_of:
        state, left = State.UPCOMING, (window.opens - as_of).days
    elif window.closes is None:
        return (policy.id, State.OPEN.value, window.opens, None, None, after)
    else:
        left = (window.closes - as_of).days
        state = State.CLOSING_SOON if left <= soon_days else State.OPEN
    return (policy.id, state.value, window.opens, window.closes, left, after)


def icalendar(
    policies: Sequence[Policy],
    first: datetime.date,
    last: datetime.date,
    *,
    language: str = "zh",
    remind_days: int = 7,
) -> str:
    """Write the windows of a span of time as a calendar file.

    Parameters
    ----------
    policies : sequence of Policy
    first, last : date
        Windows that are open on some day between them are written, a day each where
        only one of their days is stated.
    language : {"zh", "en"}
        Of the titles.
    remind_days : int
        A reminder comes as many days before a window closes; 0 = none.

    Returns
    -------
    str
        Text in iCalendar format, lines ended by CR LF. The same windows give the same
        bytes, so that a calendar which subscribes to it changes only what has changed.

    References
    ----------
    RFC 5545, Internet Calendaring and Scheduling Core Object Specification.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//jicheng//policies//ZH",
        "CALSCALE:GREGORIAN",
    ]
    for policy in policies:
        for window in windows_between(policy, first, last) or ():
            if window.opens is not None or window.closes is not None:
                lines += _event(policy, window, first, language, remind_days)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _event(
    policy: Policy, window: Window, stamp: datetime.date, language: str, remind_days: int
) -> Iterable[str]:
    start = window.opens or window.closes
    end = window.closes or window.opens
    assert start is not None  # noqa: S101 - tells the types what the caller saw to
    assert end is not None  # noqa: S101
    name = policy.name.in_language(language)
    words = {"zh": ("申报", "申报截止"), "en": ("Window", "Deadline")}[language]
    title = f"{words[window.opens is None]}: {name}"
    yield from (
        "BEGIN:VEVENT",
        f"UID:{_escaped(policy.id)}-{start:%Y%m%d}@jicheng",
        f"DTSTAMP:{stamp:%Y%m%d}T000000Z",
        f"DTSTART;VALUE=DATE:{start:%Y%m%d}",
        f"DTEND;VALUE=DATE:{_after(end):%Y%m%d}",
        f"SUMMARY:{_escaped(title)}",
    )
    if policy.document:
        yield f"DESCRIPTION:{_escaped(policy.document)}"
    yield "TRANSP:TRANSPARENT"
    if remind_days and window.closes is not None:
        yield from (
            "BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{_escaped(f'{words[1]}: {name}')}",
            f"TRIGGER;RELATED=END:-P{remind_days + 1}D", "END:VALARM",
        )  # fmt: skip
    yield "END:VEVENT"


def _escaped(text: str) -> str:
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, written)
    return text.replace("\r", "")


def _folded(line: str) -> Iterable[str]:
    """Fold a line at 75 octets, never inside a letter."""
    part, used = "", 0
    for letter in line:
        size = len(letter.encode())
        if used + size > _LINE:
            yield part
            part, used = " ", 1
        part += letter
        used += size
    yield part
