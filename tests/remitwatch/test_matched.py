"""The matched-sample index: by hand, over gaps and breaks, and against what it must not notice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remitwatch.errors import InputError
from remitwatch.indicators import MatchedPoint, explain, matched_index

Rows = Callable[..., pd.DataFrame]
NOW = dt.datetime(2026, 10, 30, 18, tzinfo=dt.UTC)
RANGE = "2025-Q1..2025-Q3"


def quarters(**totals: list[float | None]) -> list[dict[str, Any]]:
    """Survey rows: of each provider its total in 2025-Q1, Q2 ...; None where it is not sold."""
    return [
        {"provider": provider, "survey_period": f"2025-Q{number}", "total": total}
        for provider, series in totals.items()
        for number, total in enumerate(series, 1)
        if total is not None
    ]


def points(frame: pd.DataFrame, **given: Any) -> list[MatchedPoint]:
    return matched_index(frame, as_of=NOW, **{"period": RANGE} | given)


def told(found: list[MatchedPoint], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(getattr(row, name) for name in names) for row in found]


BY_HAND = quarters(a=[4.0, 5.0, None], b=[6.0, 7.0, 7.0], c=[None, 12.0, 6.0])


class TestByHand:
    def test_the_example_of_the_formulas(self, rows: Rows) -> None:
        found = points(rows(*BY_HAND))
        chained = Fraction(120) * 13 / 19
        assert told(found, "period", "previous", "average", "index", "level", "change", "matched", "services") == [
            ("2025-Q1", None, 5, 100, 5, None, 0, 2),
            ("2025-Q2", "2025-Q1", 8, 120, 6, 1, 2, 3),
            ("2025-Q3", "2025-Q2", Fraction(13, 2), chained, chained / 20, -3, 2, 2),
        ]
        assert {row.base for row in found} == {"2025-Q1"}
        assert found[2].as_json() == {
            "period": "2025-Q3", "base": "2025-Q1", "previous": "2025-Q2", "scope": "world", "sender": None,
            "receiver": None, "region": None, "amount": 200, "basis": "survey", "index": "82.1053", "level": "4.1053",
            "change": "-3.0000", "mean_before": "9.5000", "mean_now": "6.5000", "average": "6.5000", "services": 2,
            "matched": 2, "flags": [], "method": "1", "as_of": "2026-10-30T18:00:00Z",
        }  # fmt: skip

    def test_a_change_is_the_fee_and_margin_of_explain(self, rows: Rows) -> None:
        frame = rows(*BY_HAND)
        for row in points(frame)[1:]:
            (change,) = explain(frame, period=f"{row.previous}..{row.period}", as_of=NOW)
            assert change.fee is not None
            assert change.margin is not None
            assert row.change == change.fee + change.margin

    def test_days_of_collected_quotes(self, rows: Rows) -> None:
        made = [
            {"provider": name, "basis": "standard", "day": dt.date(2026, 10, day), "total": total}
            for name, day, total in (("a", 1, 4.0), ("b", 1, 40.0), ("a", 2, 5.0), ("c", 2, 1.0), ("a", 3, 6.0))
        ]
        found = points(rows(*made), period="2026-10-01..2026-10-03")
        assert told(found, "index", "average") == [(100, 22), (125, 3), (150, 6)]


class TestNothingIsInvented:
    def test_a_period_without_observations_is_stepped_over(self, rows: Rows) -> None:
        found = points(rows(*quarters(a=[4.0, None, 5.0])))
        assert told(found, "index", "level", "previous", "flags") == [
            (100, 4, None, ()),
            (None, None, None, ("no_observations",)),
            (125, 5, "2025-Q1", ("link_over_gap",)),
        ]

    def test_the_first_period_with_a_figure_is_the_base(self, rows: Rows) -> None:
        found = points(rows(*quarters(a=[None, 4.0, 5.0])))
        assert told(found, "base", "index") == [("2025-Q2", None), ("2025-Q2", 100), ("2025-Q2", 125)]

    def test_a_broken_chain_stays_broken(self, rows: Rows) -> None:
        found = points(rows(*quarters(a=[4.0, None, None, None], b=[None, 5.0, 6.0, 3.0])), period="2025-Q1..2025-Q4")
        assert told(found, "index", "level", "change", "average", "flags") == [
            (100, 4, None, 4, ()),
            (None, None, None, 5, ("nothing_in_common",)),
            (None, None, 1, 6, ("chain_broken",)),
            (None, None, -3, 3, ("chain_broken",)),
        ]

    def test_no_ratio_of_what_is_not_above_zero(self, rows: Rows) -> None:
        for middle in (0.0, -1.0):
            found = points(rows(*quarters(a=[4.0, middle, 2.0])))
            assert told(found, "index", "change") == [(100, None), (None, middle - 4), (None, 2 - middle)]
            assert "not_above_zero" in found[1].flags
            assert {"chain_broken", "not_above_zero"} <= set(found[2].flags)

    def test_nothing_at_all(self, rows: Rows) -> None:
        frame = rows(*BY_HAND)
        assert points(frame, corridor="USA-MEX") == []
        found = points(frame, corridor="USA-MEX", basis="survey")
        assert told(found, "base", "index", "services", "flags") == [(None, None, 0, ("no_observations",))] * 3

    @pytest.mark.parametrize("period", ["2025-Q1", "latest", "2025-Q3..2025-Q1", "2025-Q1..2025-09"])
    def test_a_period_that_is_no_range(self, rows: Rows, period: str) -> None:
        with pytest.raises(InputError, match="period"):
            points(rows(*BY_HAND), period=period)


class TestRules:
    def test_senders_in_russia_are_left_out_of_the_world_only(self, rows: Rows) -> None:
        russian = [row | {"corridor": "RUS-IND"} for row in quarters(r=[10.0, 90.0, 10.0])]
        frame = rows(*BY_HAND, *russian)
        assert told(points(frame), "index") == told(points(rows(*BY_HAND)), "index")
        assert [row.index for row in points(frame, sender="RUS")] == [100, 900, 100]

    def test_private_rows_are_left_out(self, rows: Rows) -> None:
        made = [
            {"provider": name, "basis": "standard", "day": dt.date(2026, 10, day), "total": total, "private": private}
            for day in (1, 2)
            for name, total, private in (("a", 1.0 * day, True), ("p", 4.0 + day, False))
        ]
        found = points(rows(*made), period="2026-10-01..2026-10-02", basis="standard")
        assert told(found, "index", "average", "services") == [(100, 5, 1), (120, 6, 1)]
        assert {row.flags for row in found} == {("private_left_out",)}

    @settings(max_examples=40, deadline=None)
    @given(
        prices=st.lists(st.integers(1, 90), min_size=1, max_size=4),
        rises=st.lists(st.sampled_from([50, 100, 120, 200]), min_size=2, max_size=2),
        turnover=st.lists(st.integers(0, 3), min_size=3, max_size=3),
        seed=st.integers(0, 99),
    )
    def test_where_all_prices_move_alike_it_shows_that_whoever_comes_and_goes(
        self, rows: Rows, prices: list[int], rises: list[int], turnover: list[int], seed: int
    ) -> None:
        made: list[dict[str, Any]] = []
        index, expected = Fraction(1), [Fraction(100)]
        for number in range(3):
            if number:
                index = index * rises[number - 1] / 100
                expected.append(index * 100)
            period = {"survey_period": f"2025-Q{number + 1}"}
            made += [
                {"provider": f"stays_{at}", "total": float(price * index), **period} for at, price in enumerate(prices)
            ]
            made += [{"provider": f"came_{number}_{at}", "total": 77.0, **period} for at in range(turnover[number])]
        frame = rows(*made)
        found = points(frame)
        assert [row.index for row in found] == expected
        assert points(frame.sample(frac=1, random_state=seed)) == found
        assert all(row.level == found[0].average * row.index / 100 for row in found)  # type: ignore[operator]
