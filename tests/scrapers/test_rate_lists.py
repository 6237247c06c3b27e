"""Units, mids and spans of lists of rates: exact, or refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.base import AnswerError
from scrapers.clean import day_first
from scrapers.rate_lists import from_a_week_back, is_wanted, middle, per_unit, refuse_page, spans, wanted, weekdays

RATES = st.decimals(min_value="0.0000001", max_value="100000", places=7)
DAYS = st.dates(min_value=dt.date(1999, 1, 1), max_value=dt.date(2030, 1, 1))


@given(RATES, st.sampled_from([1, 2, 5, 10, 100, 1000, 10000]))
def test_the_rate_of_one_unit_is_exact(rate: Decimal, units: int) -> None:
    assert Fraction(per_unit(rate, Decimal(units))) * units == Fraction(rate)


@pytest.mark.parametrize(("rate", "units"), [("1", "3"), ("1", "0"), ("1", "-100")])
def test_what_is_not_exact_is_refused(rate: str, units: str) -> None:
    with pytest.raises(ValueError, match=r"exact|above 0"):
        per_unit(Decimal(rate), Decimal(units))


@given(RATES, RATES)
def test_the_mid_is_exact_and_the_order_is_kept(one: Decimal, other: Decimal) -> None:
    low, high = min(one, other), max(one, other)
    assert Fraction(middle(low, high)) * 2 == Fraction(low) + Fraction(high)
    if low < high:
        with pytest.raises(ValueError, match="at most the selling rate"):
            middle(high, low)


@given(DAYS, st.integers(0, 400), st.integers(1, 93))
def test_spans_hold_every_day_once(since: dt.date, days: int, longest: int) -> None:
    until = since + dt.timedelta(days=days)
    parts = list(spans(since, until, longest))
    held = [first + dt.timedelta(days=n) for first, last in parts for n in range((last - first).days + 1)]
    assert held == [since + dt.timedelta(days=n) for n in range(days + 1)]
    assert all((last - first).days < longest for first, last in parts)


def test_a_span_reaches_a_week_back() -> None:
    friday = dt.date(2026, 11, 20)
    assert from_a_week_back(friday, friday) == dt.date(2026, 11, 13)
    assert from_a_week_back(dt.date(2026, 9, 1), friday) == dt.date(2026, 9, 1)
    assert [day.day for day in weekdays(dt.date(2026, 11, 13), friday)] == [13, 16, 17, 18, 19, 20]


@given(DAYS, DAYS, DAYS)
def test_what_is_noted_of_a_span_is_read_again(since: dt.date, until: dt.date, day: dt.date) -> None:
    assert is_wanted(day, wanted(since, until)) == (since <= day <= until)


@pytest.mark.parametrize(
    ("text", "separator"), [("20/11/2026", "/"), ("20.11.2026", "."), ("20 Nov 2026", " "), ("20 NOV 2026", " ")]
)
def test_days_first(text: str, separator: str) -> None:
    assert day_first(text, separator) == dt.date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "separator"),
    [("2026-11-20", "/"), ("11/20/2026", "/"), ("20/11/26", "/"), ("20 Nop 2026", " "), ("", "/"), ("٢٠/11/2026", "/")],
)
def test_other_dates_are_refused(text: str, separator: str) -> None:
    with pytest.raises(ValueError, match=r"expected a date|month must be"):
        day_first(text, separator)


def test_a_page_in_place_of_data() -> None:
    refuse_page(b"DATE,XUDLUSS\n")
    with pytest.raises(AnswerError, match="a page of HTML"):
        refuse_page(b"\xef\xbb\xbf\n <!DOCTYPE html><html>")
