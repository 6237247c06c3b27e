"""Indicators over days, of selections; histories, evidence, and any order of rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remitwatch.errors import InputError
from remitwatch.indicators import (
    CODES,
    SCOPES,
    IndicatorRow,
    Observations,
    history,
    indicators,
    members,
    parse_figure_id,
    periods_present,
    service_table,
)

Rows = Callable[..., pd.DataFrame]
NOW = dt.datetime(2026, 10, 30, 18, tzinfo=dt.UTC)
TODAY = NOW.date()


def one(found: list[IndicatorRow]) -> IndicatorRow:
    (row,) = found
    return row


def value(frame: pd.DataFrame, code: str = "average_total_cost", **given: Any) -> Decimal | None:
    return one(indicators(frame, codes=code, as_of=NOW, **{"period": "2025-Q3", "basis": "survey"} | given)).value


def collected(rows: Rows, *given: dict[str, Any], **common: Any) -> pd.DataFrame:
    return rows(*given, **{"basis": "standard", "day": TODAY} | common)


class TestDays:
    def test_a_service_is_the_mean_of_its_days_then_services_are_equal(self, rows: Rows) -> None:
        days = [{"provider": "a", "total": 2.0, "day": TODAY - dt.timedelta(days=back)} for back in range(9)]
        frame = collected(rows, *days, {"provider": "b", "total": 8.0})
        assert value(frame, basis="standard", period="2026-10") == 5  # the mean of quotes would be 2.6
        assert value(frame, basis="standard", period=TODAY.isoformat()) == 5
        assert value(frame, basis="standard", period="2026-10-29") == 2
        table = service_table(frame, period="2026-10", basis="standard", as_of=NOW)
        assert list(zip(table["provider"], table["days"], table["total_e8"], table["smart_rank"], strict=True)) == [
            ("a", 9, 2e8, 1), ("b", 1, 8e8, 2),
        ]  # fmt: skip

    def test_latest_takes_each_services_newest_quote_of_the_last_seven_days(self, rows: Rows) -> None:
        frame = collected(
            rows,
            {"provider": "a", "total": 2.0},
            {"provider": "a", "total": 90.0, "day": TODAY - dt.timedelta(days=1)},
            {"provider": "b", "total": 4.0, "day": TODAY - dt.timedelta(days=7)},
            {"provider": "c", "total": 80.0, "day": TODAY - dt.timedelta(days=8)},
            {"provider": "d", "total": 70.0, "day": TODAY + dt.timedelta(days=1)},
        )
        assert value(frame, basis="standard", period="latest") == 3
        slower = Observations(frame, max_age_days={"hand_in": 14})
        assert one(indicators(slower, codes="average_total_cost", as_of=NOW)).services == 3
        table = service_table(frame, basis="standard", as_of=NOW, stale=True)
        assert list(zip(table["provider"], table["age_days"], table["stale"], table["smart_rank"], strict=True)) == [
            ("a", 0, False, 1), ("b", 7, False, 2), ("c", 8, True, 0),
        ]  # fmt: skip

    def test_the_age_of_a_quote_is_by_the_sources_own_time(self, rows: Rows) -> None:
        old = dt.datetime(2026, 10, 20, tzinfo=dt.UTC)
        frame = collected(rows, {"provider": "a", "total": 2.0}, {"provider": "b", "total": 9.0, "quoted_at": old})
        assert value(frame, basis="standard", period="latest") == 2
        assert value(frame, basis="standard", period="2026-10-30") == Decimal("5.5")

    def test_of_two_sources_for_a_service_and_day_the_preferred_speaks(self, rows: Rows) -> None:
        frame = collected(
            rows,
            {"provider": "wise", "source": "wise_comparisons", "total": 9.0, "quoted_at": NOW},
            {"provider": "wise", "source": "wise_quotes", "total": 2.0},
            {"provider": "wise", "source": "a_team", "total": 30.0},
        )
        assert value(frame, basis="standard", period="latest") == 2
        other = Observations(frame, precedence=["a_team"])
        assert one(indicators(other, codes="average_total_cost", as_of=NOW)).value == 30

    def test_of_two_quotes_of_one_source_and_day_the_newest_speaks(self, rows: Rows) -> None:
        early, late = (dt.datetime(2026, 10, 30, hour, tzinfo=dt.UTC) for hour in (6, 12))
        frame = collected(
            rows,
            {"provider": "a", "total": 2.0, "quoted_at": late},
            {"provider": "a", "total": 9.0, "quoted_at": early},
            {"provider": "b", "total": 4.0, "fetched_at": late},
            {"provider": "b", "total": 9.0, "fetched_at": early},
            {"provider": "c", "total": 9.0},
            {"provider": "c", "total": 6.0},  # no times differ: the one stored last
        )
        assert value(frame, basis="standard", period="latest") == 4

    def test_quarantined_quotes_are_out_of_collected_figures_and_survey_rows_never(self, rows: Rows) -> None:
        flagged = {"total": 90.0, "flags": "extreme+quarantined"}
        assert value(collected(rows, {"total": 2.0}, flagged), basis="standard", period="latest") == 2
        assert value(rows({"total": 2.0}, flagged)) == 46

    def test_a_day_without_a_disclosed_rate_does_not_count(self, rows: Rows) -> None:
        yesterday = TODAY - dt.timedelta(days=1)
        frame = collected(
            rows, {"provider": "a", "total": 4.0, "day": yesterday}, {"provider": "a", "total": None, "day": TODAY}
        )
        month = one(indicators(frame, codes="average_total_cost", period="2026-10", as_of=NOW))
        assert (month.value, month.services, month.undisclosed) == (4, 1, 0)
        assert list(members(frame, month)["day"]) == [yesterday]
        latest = one(indicators(frame, codes="average_total_cost", as_of=NOW))
        assert (latest.value, latest.undisclosed) == (None, 1)

    def test_exact_where_days_differ(self, rows: Rows) -> None:
        """Means of 3 and of 7 days: 1/3 and 1/7 have no finite decimals, their mean is still exact."""
        days = [TODAY - dt.timedelta(days=back) for back in range(7)]
        frame = collected(
            rows,
            *({"provider": "a", "total": total, "day": day} for total, day in zip((1.0, 0.0, 0.0), days, strict=False)),
            *({"provider": "b", "total": float(day == TODAY), "day": day} for day in days),
        )
        found = value(frame, basis="standard", period="2026-10")
        assert found is not None
        assert abs(found - Decimal(5) / 21) < Decimal("1E-12")  # (1/3 + 1/7) / 2


class TestAsking:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"codes": "average"}, {"scope": "planet"}, {"amount": 300}, {"basis": "mixed"}, {"by": "colour"},
            {"sender": "GB"}, {"corridor": "GBRIN"}, {"region": "Atlantis"}, {"period": "soon"},
            {"scope": "world", "sender": "GBR"}, {"scope": "sender", "region": "South Asia"},
            {"scope": "sender", "codes": "smart"}, {"codes": "smart", "corridor": "GBR-IND", "by": "speed"},
            {"scope": "receiver", "sender": "GBR"},
        ],
    )  # fmt: skip
    def test_what_is_unknown_or_does_not_fit_is_refused_in_one_line(self, rows: Rows, wrong: dict[str, Any]) -> None:
        with pytest.raises(InputError) as caught:
            indicators(rows({}), as_of=NOW, **wrong)
        assert "\n" not in str(caught.value)

    def test_the_scope_follows_from_the_filters(self, rows: Rows) -> None:
        frame = rows({"corridor": "GBR-IND"}, {"corridor": "USA-IND"})
        for filters, subjects in (
            ({}, ["world"]),
            ({"corridor": "GBRIND"}, ["GBR-IND"]),
            ({"sender": "usa", "receiver": "IND"}, ["USA-IND"]),
            ({"receiver": "IND"}, ["IND"]),
            ({"scope": "corridor", "receiver": "IND"}, ["GBR-IND", "USA-IND"]),
            ({"scope": "receiver", "region": "South Asia"}, ["IND"]),
        ):
            found = indicators(frame, codes="average_total_cost", period="2025-Q3", as_of=NOW, **filters)  # type: ignore[arg-type]
            assert [row.subject for row in found] == subjects

    def test_every_indicator_has_its_scopes(self, rows: Rows) -> None:
        found = indicators(rows(*({} for _ in range(3))), scope=SCOPES, period="2025-Q3", as_of=NOW)
        assert {row.indicator for row in found} == set(CODES)
        assert {row.scope for row in found if row.indicator == "smart"} == {"world", "corridor"}
        assert {row.scope for row in found if row.indicator == "share_corridors_below_5"} == set(SCOPES) - {"corridor"}

    def test_nothing_observed_says_so_where_a_basis_is_named(self, rows: Rows) -> None:
        empty = rows({}).iloc[:0]
        found = one(indicators(empty, basis="survey", corridor="GBR-IND", codes="smart", period="2025-Q2", as_of=NOW))
        assert (found.value, found.flags, found.subject) == (None, ("no_observations",), "GBR-IND")
        assert indicators(empty, as_of=NOW) == []
        assert service_table(empty, basis="standard", as_of=NOW).empty

    def test_survey_figures_have_no_months(self, rows: Rows) -> None:
        assert indicators(rows({}), period="2025-08", as_of=NOW) == []

    def test_a_range_gives_every_period(self, rows: Rows) -> None:
        frame = rows({"total": 4.0, "survey_period": "2025-Q1"}, {"total": 6.0})
        found = indicators(frame, basis="survey", codes="average_total_cost", period="2025-Q1..2025-Q3", as_of=NOW)
        assert [(row.period, row.value) for row in found] == [("2025-Q1", 4), ("2025-Q2", None), ("2025-Q3", 6)]


class TestEvidence:
    def test_the_members_of_every_figure_make_the_figure_again(self, rows: Rows) -> None:
        frame = mixed_market(rows)
        for row in indicators(frame, scope=SCOPES, period="2026-10", codes=COSTS, as_of=NOW)[::5]:
            again = indicators(
                members(frame, row.id), scope=row.scope, period="2026-10", codes=row.indicator, basis=row.basis,
                as_of=NOW,
            )  # fmt: skip
            assert row.value in [one.value for one in again if one.subject == row.subject]

    @pytest.mark.parametrize("wrong", ["", "smart", "smart:corridor:GBR:IND::::2026-10:200:standard:9:20261030T180000"])
    def test_an_id_that_names_no_figure_is_refused(self, rows: Rows, wrong: str) -> None:
        with pytest.raises(InputError, match="figure id"):
            members(rows({}), wrong)

    def test_ids_hold_names_of_any_kind(self, rows: Rows) -> None:
        frame = rows({"region": "Latin America & Caribbean: all"})
        row = one(indicators(frame, scope="region", codes="average_total_cost", period="2025-Q3", as_of=NOW))
        assert " " not in row.id
        assert parse_figure_id(row.id).region == "Latin America & Caribbean: all"
        assert len(members(frame, row.id)) == 1


COSTS = ("average_total_cost", "average_fee", "average_fx_margin", "median_total_cost", "smart")


def mixed_market(rows: Rows) -> pd.DataFrame:
    """Three bases, four corridors, ten services with days missing, ties, an undisclosed rate, a Russian sender."""
    given = [
        {
            "corridor": corridor,
            "provider": f"firm_{firm}",
            "basis": ("standard", "estimate", "promotional")[firm % 3],
            "total": None if firm == 7 else 1.0 + (firm * day) % 5 + firm / 7,
            "fee_pct": 1.0,
            "day": TODAY - dt.timedelta(days=day),
            "payment_instrument": "cash+debit_card" if firm % 2 else "cash",
            "region": corridor[4:],
        }
        for corridor in ("GBR-IND", "USA-MEX", "RUS-UZB", "DEU-TUR")
        for firm in range(10)
        for day in range(0, 20, 1 + firm % 4)
    ]
    return rows(*given)


def everything(frame: pd.DataFrame) -> list[Any]:
    """Figures, breakdowns, evidence and a table, as they are printed."""
    held = Observations(frame)
    figures = indicators(held, scope=SCOPES, period="2026-10", as_of=NOW)
    broken_down = indicators(held, scope="world", by="payment_instrument", period="2026-W42", as_of=NOW)
    evidence = [list(members(held, row)["quote_id"]) for row in figures[::9]]
    table = service_table(held, basis="standard", period="2026-10", as_of=NOW).to_csv()
    return [*(row.as_json() for row in [*figures, *broken_down]), *evidence, table]


@pytest.fixture(scope="module")
def market(rows: Rows) -> tuple[pd.DataFrame, list[Any]]:
    """A market, and everything that is computed of it."""
    frame = mixed_market(rows)
    return frame, everything(frame)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_any_order_of_rows_gives_the_same_output(market: tuple[pd.DataFrame, list[Any]], seed: int) -> None:
    frame, expected = market
    assert everything(frame.sample(frac=1, random_state=seed)) == expected


class TestHistory:
    def test_weeks_of_collected_quotes_and_quarters_of_the_survey(self, rows: Rows) -> None:
        weeks = ({"total": float(back), "day": TODAY - dt.timedelta(days=7 * back)} for back in range(4))
        frame = collected(rows, *weeks, provider="a")
        found = history(frame, basis="standard", scopes="world", codes="average_total_cost", as_of=NOW)
        assert [(row.period, row.value) for row in found] == [
            ("2026-W41", 3), ("2026-W42", 2), ("2026-W43", 1), ("2026-W44", 0),
        ]  # fmt: skip
        daily = periods_present(frame, basis="standard", kind="day", until=dt.date(2026, 10, 16))
        assert [one.key for one in daily] == ["2026-10-09", "2026-10-16"]
        survey = rows({"survey_period": "2025-Q1"}, {}, {"survey_period": "2024-Q3"})
        assert [one.key for one in periods_present(survey, basis="survey")] == ["2024-Q3", "2025-Q1", "2025-Q3"]
        assert [one.key for one in periods_present(survey, basis="survey", kind="year")] == ["2024", "2025"]
        with pytest.raises(InputError, match="quarter or year"):
            periods_present(survey, basis="survey", kind="day")

    def test_a_history_is_the_figures_of_its_periods(self, rows: Rows) -> None:
        frame = mixed_market(rows)
        found = history(frame, basis="standard", as_of=NOW)
        assert {row.indicator for row in found} == {"average_total_cost", "average_fee", "average_fx_margin", "smart"}
        week = [row for row in found if row.period == "2026-W42"]
        asked = indicators(
            frame, basis="standard", period="2026-W42", scope=("world", "region", "corridor"),
            codes=("average_total_cost", "average_fee", "average_fx_margin", "smart"), as_of=NOW,
        )  # fmt: skip
        assert week == asked
