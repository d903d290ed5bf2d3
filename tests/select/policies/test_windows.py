"""Windows of policies: where they stand, how they come again, and the calendar file."""

from __future__ import annotations

import datetime

import pytest

from jicheng.errors import Text
from jicheng.select.policies.model import Policy, Recurrence
from jicheng.select.policies.windows import Window, calendar, icalendar, windows_between

DAY = datetime.timedelta(days=1)


def day(text):
    return datetime.date.fromisoformat(text)


def policy(opens=None, closes=None, recurrence=None, until=None, name="奖励"):
    return Policy(
        id="p",
        name=Text(name, "Award"),
        window_from=day(opens) if opens else None,
        window_until=day(closes) if closes else None,
        recurrence=recurrence,
        recurs_until=day(until) if until else None,
    )


def row(made, on):
    return calendar([made], day(on)).row(0, named=True)


SPRING = policy("2026-04-01", "2026-04-30")
YEARLY = policy("2026-04-01", "2026-04-30", Recurrence.YEARLY)


@pytest.mark.parametrize(
    ("on", "state", "days"),
    [
        ("2026-03-31", "upcoming", 1),
        ("2026-04-01", "closing_soon", 29),
        ("2026-04-30", "closing_soon", 0),
        ("2026-05-01", "closed", None),
    ],
)
def test_state_on_both_sides_of_each_day(on, state, days):
    found = row(SPRING, on)
    assert (found["state"], found["days_left"]) == (state, days)


def test_window_with_more_than_thirty_days_left_is_open():
    assert row(policy("2026-04-01", "2026-09-30"), "2026-05-01")["state"] == "open"


def test_yearly_window_comes_again_after_it_closed():
    found = row(YEARLY, "2026-05-01")
    assert (found["state"], found["opens"]) == ("upcoming", day("2027-04-01"))
    assert found["next_opens"] == day("2028-04-01")


def test_window_that_stops_recurring_is_closed():
    stopped = policy("2026-04-01", "2026-04-30", Recurrence.YEARLY, until="2027-04-01")
    assert row(stopped, "2026-06-01")["opens"] == day("2027-04-01")
    assert row(stopped, "2027-05-01")["state"] == "closed"


def test_no_dates_are_unknown_and_always_is_always():
    assert row(policy(), "2026-05-01")["state"] == "unknown"
    assert row(policy(recurrence=Recurrence.ALWAYS), "2026-05-01")["state"] == "always"
    assert windows_between(policy(), day("2026-01-01"), day("2026-12-31")) is None


def test_deadline_alone_is_open_until_then():
    assert row(policy(None, "2026-06-30"), "2026-05-01")["state"] == "open"
    assert row(policy(None, "2026-06-30"), "2026-07-01")["state"] == "closed"


def test_first_day_alone_has_no_known_end():
    found = row(policy("2026-04-01"), "2031-01-01")
    assert (found["state"], found["closes"], found["days_left"]) == ("open", None, None)


def test_window_in_the_far_future_is_upcoming():
    assert row(policy("2040-01-01", "2040-02-01"), "2026-01-01")["state"] == "upcoming"


@pytest.mark.parametrize("recurrence", [None, *Recurrence])
def test_last_day_of_the_calendar_stands_for_no_end(recurrence):
    made = policy("2026-01-01", "9999-12-31", recurrence)
    assert row(made, "2026-05-01")["state"] in ("open", "always")
    assert "END:VCALENDAR" in icalendar([made], day("2026-01-01"), day("2027-01-01"))


def test_recurring_deadline_begins_after_the_one_before():
    found = windows_between(
        policy(None, "2026-03-31", Recurrence.QUARTERLY), day("2026-04-01"), day("2026-09-30")
    )
    assert found == (
        Window(day("2026-04-01"), day("2026-06-30")),
        Window(day("2026-07-01"), day("2026-09-30")),
    )


def test_last_day_of_a_long_month_becomes_the_last_day_of_a_short_one():
    monthly = policy("2026-01-01", "2026-01-31", Recurrence.MONTHLY)
    found = windows_between(monthly, day("2026-01-01"), day("2026-05-31"))
    assert [str(w.closes) for w in found] == [
        "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31",
    ]  # fmt: skip


def test_leap_day_comes_again_on_the_last_of_february():
    leap = policy("2028-02-29", "2028-03-10", Recurrence.YEARLY)
    found = windows_between(leap, day("2029-01-01"), day("2032-12-31"))
    assert [str(w.opens) for w in found] == [
        "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29",
    ]  # fmt: skip


@pytest.mark.parametrize("recurrence", list(Recurrence))
@pytest.mark.parametrize("length", [0, 20, 45, 400])
def test_windows_of_a_span_are_those_met_day_by_day(recurrence, length):
    """Every day of two years, against stepping from the first window on."""
    opens = day("2026-01-31")
    made = policy(str(opens), str(opens + length * DAY), recurrence)
    if recurrence is Recurrence.ALWAYS:
        return
    whole = windows_between(made, day("2020-01-01"), day("2040-01-01"))
    for k in range(0, 730, 9):
        on = day("2025-12-01") + k * DAY
        expected = tuple(w for w in whole if w.opens <= on <= w.closes)
        assert windows_between(made, on, on) == expected


def unfolded(text):
    return text.replace("\r\n ", "").split("\r\n")


def test_calendar_file_has_one_event_a_window_with_exclusive_end():
    text = icalendar([YEARLY], day("2026-01-01"), day("2027-12-31"), language="en")
    lines = unfolded(text)
    assert (lines[0], lines[-2]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    assert [line for line in lines if line.startswith("DTSTART")] == [
        "DTSTART;VALUE=DATE:20260401", "DTSTART;VALUE=DATE:20270401",
    ]  # fmt: skip
    assert "DTEND;VALUE=DATE:20260501" in lines
    assert "SUMMARY:Window: Award" in lines
    assert "TRIGGER;RELATED=END:-P8D" in lines  # the end is the day after the last
    assert len({line for line in lines if line.startswith("UID")}) == 2


def test_calendar_file_folds_lines_at_75_octets_and_loses_nothing():
    name = "关于支持科技型中小企业开展研发活动并给予后补助的若干措施；含逗号, 和分号; 以及\\反斜杠"
    text = icalendar(
        [policy("2026-04-01", "2026-04-30", name=name)], day("2026-01-01"), day("2026-12-31")
    )
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    summary = next(line for line in unfolded(text) if line.startswith("SUMMARY"))
    written = summary.removeprefix("SUMMARY:申报: ")
    assert written.replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\") == name


def test_policy_without_window_is_not_in_the_calendar_file():
    text = icalendar([policy()], day("2026-01-01"), day("2026-12-31"))
    assert "BEGIN:VEVENT" not in text


def test_deadline_alone_is_an_event_of_a_day():
    lines = unfolded(icalendar([policy(None, "2026-06-30")], day("2026-01-01"), day("2026-12-31")))
    assert "DTSTART;VALUE=DATE:20260630" in lines
    assert "DTEND;VALUE=DATE:20260701" in lines
    assert "SUMMARY:申报截止: 奖励" in lines
