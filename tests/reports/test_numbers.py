"""How numbers, dates and periods are written."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import numbers
from reports.charts import line


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        ("2.25", 1, "2.3%"),
        ("2.35", 1, "2.4%"),  # half up, not half even
        ("4.95", 1, "5.0%"),
        ("-1.25", 1, "−1.3%"),
        ("-0.04", 1, "0.0%"),
        ("1234.5", 0, "1,235%"),
        ("22.5643", 2, "22.56%"),
    ],
)
def test_percent_rounds_half_up_once_with_a_true_minus(value, digits, shown):
    assert numbers.percent(Decimal(value), digits) == shown


def test_a_missing_percent_is_words_never_zero():
    assert numbers.percent(None) == "no figure"


@pytest.mark.parametrize(
    ("value", "shown"), [("0.24", "+0.2"), ("-0.25", "−0.3"), ("0.04", "±0.0"), ("-0.049", "±0.0")]
)
def test_a_change_has_its_sign_and_none_for_nothing(value, shown):
    assert numbers.change(Decimal(value)) == shown


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [("13.325", "USD", "USD 13.33"), ("324500", "TZS", "TZS 324,500"), ("1.5", "JPY", "JPY 2"), ("0", "GBP", "GBP 0")],
)
def test_money_has_the_decimals_of_its_currency(amount, currency, shown):
    assert numbers.money(Decimal(amount), currency) == shown


@pytest.mark.parametrize("nothing", [None, float("nan"), float("inf"), "", "abc", object(), Decimal("NaN")])
def test_what_is_no_number_is_none(nothing):
    assert numbers.decimal_of(nothing) is None


def test_units_of_1e8_become_exact_decimals():
    assert numbers.percent_of_e8(358300000.0) == Decimal("3.58300000")
    assert numbers.percent_of_e8(float("nan")) is None


@pytest.mark.parametrize(
    ("period", "first", "last", "following"),
    [
        ("2025-Q4", "2025-10-01", "2025-12-31", "2026-Q1"),
        ("2024-02", "2024-02-01", "2024-02-29", "2024-03"),
        ("2026-W53", "2026-12-28", "2027-01-03", "2027-W01"),
        ("2024-12-31", "2024-12-31", "2024-12-31", "2025-01-01"),
        ("2025", "2025-01-01", "2025-12-31", "2026"),
    ],
)
def test_periods_have_their_days_and_a_follower(period, first, last, following):
    assert numbers.period_days(period) == (dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    assert numbers.next_period(period) == following


@given(st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1)))
def test_a_period_is_followed_by_the_day_after_its_last(day):
    year, week, _ = day.isocalendar()
    for period in (f"{day:%Y-%m}", f"{day.year}-Q{(day.month + 2) // 3}", day.isoformat(), f"{year}-W{week:02d}"):
        following = numbers.period_days(numbers.next_period(period))[0]
        assert following - numbers.period_days(period)[1] == dt.timedelta(days=1)
        assert numbers.period_kind(period) == numbers.period_kind(numbers.next_period(period))


def test_holes_are_found_in_quarters_and_where_a_day_follows_weeks():
    assert line.gaps(["2025-Q1", "2025-Q3", "2025-Q4", "2026-Q4"]) == [("2025-Q2", "2025-Q2"), ("2026-Q1", "2026-Q3")]
    assert line.gaps(["2026-W42", "2026-W43", "2026-10-30"]) == []
    assert line.gaps(["2026-W40", "2026-10-30"]) == [("2026-W41", "2026-W43")]


def test_shares_in_words():
    assert numbers.share_in_words(Decimal("2.0"), Decimal("6.7")) == "three tenths"
    assert numbers.share_in_words(Decimal("0.1"), Decimal("6.7")) == "hardly any"
