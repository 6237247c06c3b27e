"""Periods: every way they are written, ranges, and the calendar's corners."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remitwatch.errors import InputError
from remitwatch.periods import PeriodKind, following, parse_period, parse_periods, period_of, preceding

DAYS = st.dates(dt.date(2005, 1, 10), dt.date(2099, 12, 20))
DATED = st.sampled_from([kind for kind in PeriodKind if kind is not PeriodKind.LATEST])


@pytest.mark.parametrize(
    ("text", "key", "first", "last"),
    [
        ("2025-Q3", "2025-Q3", "2025-07-01", "2025-09-30"),
        ("2025_3Q", "2025-Q3", "2025-07-01", "2025-09-30"),
        (" 2025q4 ", "2025-Q4", "2025-10-01", "2025-12-31"),
        ("2025", "2025", "2025-01-01", "2025-12-31"),
        ("2024-02", "2024-02", "2024-02-01", "2024-02-29"),
        ("2025-12", "2025-12", "2025-12-01", "2025-12-31"),
        ("2026-W53", "2026-W53", "2026-12-28", "2027-01-03"),
        ("2025-09-14", "2025-09-14", "2025-09-14", "2025-09-14"),
    ],
)
def test_a_period_is_written_one_way_inside(text: str, key: str, first: str, last: str) -> None:
    found = parse_period(text)
    assert (found.key, str(found.first_day), str(found.last_day)) == (key, first, last)


def test_latest_has_no_dates() -> None:
    assert parse_period("Latest").key == "latest"
    with pytest.raises(ValueError, match="no dates"):
        parse_period("latest").middle  # noqa: B018


@pytest.mark.parametrize(
    "text",
    ["", "2025-Q5", "2025-13", "2025-06-31", "2025-W54", "25-Q1", "2025-9", "2025/09", "Q3 2025", "٢٠٢٥", "0000"],
)
def test_anything_else_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(InputError, match="expected 2025-Q3") as caught:
        parse_period(text)
    assert "\n" not in str(caught.value)


def test_a_range_holds_both_ends() -> None:
    assert [one.key for one in parse_periods("2024_4Q..2025-Q3")] == ["2024-Q4", "2025-Q1", "2025-Q2", "2025-Q3"]
    assert [one.key for one in parse_periods("2025-12-31..2026-01-01")] == ["2025-12-31", "2026-01-01"]
    assert [one.key for one in parse_periods("2025")] == ["2025"]


@pytest.mark.parametrize(
    "text", ["2025-Q3..2025-Q1", "2025-Q3..2025", "2024..latest", "..2025", "2025..", "1900-01-01..2025-01-01"]
)
def test_a_range_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_periods(text)


@given(DAYS, DATED)
def test_every_day_is_in_its_period_and_periods_follow_without_gaps(day: dt.date, kind: PeriodKind) -> None:
    period = period_of(day, kind)
    assert period.first_day is not None
    assert period.last_day is not None
    assert period.first_day <= day <= period.last_day
    assert parse_period(period.key) == period
    assert following(period).first_day == period.last_day + dt.timedelta(days=1)
    assert preceding(following(period)) == period


def test_no_day_belongs_to_latest() -> None:
    with pytest.raises(ValueError, match="latest"):
        period_of(dt.date(2025, 1, 1), "latest")


@pytest.mark.parametrize(("text", "middle"), [("2025", "2025.5"), ("2023-07-02", "2023.5"), ("2024", "2024.5")])
def test_the_middle_of_a_period_on_the_line_of_years(text: str, middle: str) -> None:
    assert parse_period(text).middle == Decimal(middle)
