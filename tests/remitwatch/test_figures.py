"""Figures: exact ratios, rounding once, and ids that lead back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from remitwatch.figures import FigureId, parse_figure_id, ratio, rounded
from remitwatch.method import METHOD, Options, options_of

WHOLE = st.integers(-(10**18), 10**18)


@given(WHOLE, st.integers(1, 10**16))
@example(3 * 10**13 + 1, 10**13)
@example(5 * 10**13 - 1, 10**13)
@example(3_18344_99999_99999, 10**14)
def test_a_kept_ratio_rounds_and_compares_like_the_exact_one(numerator: int, denominator: int) -> None:
    exact, kept = Fraction(numerator, denominator), ratio(numerator, denominator)
    for places in (1, 2, 4, 8):
        scaled = abs(exact) * 10**places
        half_up = (scaled + Fraction(1, 2)).__floor__() * (1 if exact >= 0 else -1)
        assert rounded(kept, places) == Decimal(half_up).scaleb(-places)
    for line in (0, 3, 5, 75):
        assert ((kept < line), (kept > line)) == ((exact < line), (exact > line))


def test_no_minus_before_nothing() -> None:
    assert str(rounded(Decimal("-0.00004"))) == "0.0000"


@given(
    region=st.none() | st.text(min_size=1),
    as_of=st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2100, 1, 1), timezones=st.just(dt.UTC)),
    method=st.sampled_from([METHOD, Options(one_per_provider=True).method]),
)
def test_an_id_is_read_back_whatever_it_holds(region: str | None, as_of: dt.datetime, method: str) -> None:
    given_id: dict[str, Any] = {
        "indicator": "smart", "scope": "region", "sender": None, "receiver": None, "region": region,
        "breakdown": None, "group": None, "period": "2025-Q3", "amount": 200, "basis": "survey",
    }  # fmt: skip
    figure = FigureId(**given_id, method=method, as_of=as_of)
    assert parse_figure_id(str(figure)) == figure
    assert " " not in str(figure)


def test_a_method_names_the_options_that_are_on() -> None:
    both = Options(one_per_provider=True, needs_wide_coverage=True)
    assert Options().method == METHOD
    assert both.method == f"{METHOD}+one_per_provider+needs_wide_coverage"
    assert options_of(both.method) == both
    for wrong in ("0", f"{METHOD}+magic", ""):
        with pytest.raises(ValueError, match="this program computes"):
            options_of(wrong)
