"""Targets: what meets them, and the pace towards them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remitwatch.errors import InputError
from remitwatch.figures import IndicatorRow
from remitwatch.targets import Status, Target, find_target, progress, progress_of_all, targets

NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
AVERAGE = find_target("sdg_10c_average")
CORRIDOR = find_target("sdg_10c_corridor")


def row(period: str, value: str | None, **given: Any) -> IndicatorRow:
    plain: dict[str, Any] = {
        "indicator": "average_total_cost", "scope": "world", "sender": None, "receiver": None, "region": None,
        "breakdown": None, "group": None, "period": period, "amount": 200, "basis": "survey",
        "value": None if value is None else Decimal(value), "services": 9, "providers": 4, "corridors": 3, "flags": (),
        "as_of": NOW,
    }  # fmt: skip
    return IndicatorRow(**plain | given)


def smart(period: str, value: str | None, flags: tuple[str, ...] = ()) -> IndicatorRow:
    return row(period, value, indicator="smart", scope="corridor", sender="GBR", receiver="IND", flags=flags)


@pytest.mark.parametrize(
    ("code", "value", "met"),
    [
        ("sdg_10c_average", "2.999999999999", True),
        ("sdg_10c_average", "3.00", False),
        ("g20_cost", "3.00", True),
        ("g20_cost", "3.000000000001", False),
        ("sdg_10c_corridor", "5.00", True),
        ("sdg_10c_corridor", "5.000000000001", False),
        ("g20_speed", "75", True),
        ("g20_speed", "74.999999999999", False),
    ],
)
def test_a_value_exactly_on_the_line_follows_the_targets_own_operator(code: str, value: str, met: bool) -> None:
    assert find_target(code).is_met_by(Decimal(value)) is met


def test_the_shipped_targets_are_the_official_ones() -> None:
    assert {one.code: (one.operator, one.value, one.deadline) for one in targets()} == {
        "sdg_10c_average": ("lt", 3, 2030),
        "sdg_10c_corridor": ("le", 5, 2030),
        "g20_cost": ("le", 3, 2030),
        "g20_cost_corridor": ("le", 5, 2030),
        "g20_speed": ("ge", 75, 2027),
        "g20_speed_day": ("ge", 100, 2027),
        "5x5": ("le", 5, 2014),
    }
    assert {one.code: one.part_of for one in targets() if one.part_of} == {
        "g20_cost_corridor": "g20_cost", "g20_speed_day": "g20_speed",
    }  # fmt: skip
    assert [one.code for one in targets() if one.historic] == ["5x5"]
    with pytest.raises(InputError, match="expected one of sdg_10c_average"):
        find_target("6x6")


@pytest.mark.parametrize(
    ("now", "status", "year"),
    [
        # From 9 in mid 2020 the target needs 6 points in 10.5 years: 0.5714 a year, so 6.143 in mid 2025.
        ("2.99", Status.MET, None),
        ("6.10", Status.ON_TRACK, 2030),
        ("6.28", Status.ON_TRACK, 2031),  # 95.2 % of the pace: on track by the chart's rule, a little late by the line
        ("6.29", Status.IMPROVING, 2031),
        ("8.50", Status.IMPROVING, 2080),
        ("8.80", Status.STAGNANT, 2170),
        ("9.00", Status.STAGNANT, None),
        ("9.20", Status.STAGNANT, None),
        ("9.40", Status.DETERIORATING, None),
    ],
)
def test_progress_compares_the_actual_pace_with_the_required_one(now: str, status: Status, year: int | None) -> None:
    found = progress([row("2025", now), row("2022", "20"), row("2020", "9")], AVERAGE)
    assert (found.status, found.projected_year) == (status, year)
    assert found.window == "2020 to 2025, 5.0 years"
    assert found.actual_pace == (Decimal(now) - 9) / 5
    assert found.required_pace is not None
    assert round(found.required_pace, 4) == Decimal("-0.5714")
    assert found.gap == Decimal(now) - 3


def test_a_target_to_rise_to() -> None:
    speed = find_target("g20_speed")
    given = {"indicator": "share_services_within_hour"}
    assert progress([row("2024", "40", **given), row("2025", "52", **given)], speed).status is Status.ON_TRACK
    assert progress([row("2024", "52", **given), row("2025", "40", **given)], speed).status is Status.DETERIORATING


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (smart("2025-Q3", "4.2", ("fewer_than_three",)), "fewer_than_three"),
        (smart("2025-Q3", None, ("no_qualifying_service",)), "no_qualifying_service"),
        (smart("2025-Q3", None, ("private_suppressed",)), "private_suppressed"),
    ],
)
def test_a_thin_or_missing_smart_is_not_assessable(last: IndicatorRow, reason: str) -> None:
    found = progress([smart("2024-Q3", "6"), last], CORRIDOR)
    assert (found.status, found.reason, found.met) == (Status.NOT_ASSESSABLE, reason, None)


def test_thin_periods_begin_no_window() -> None:
    series = [smart("2023-Q1", "1", ("fewer_than_three",)), smart("2023-Q3", "8"), smart("2025-Q3", "6")]
    found = progress(series, CORRIDOR)
    assert (found.baseline_period, found.status) == ("2023-Q3", Status.ON_TRACK)


def test_one_period_shows_its_gap_and_no_trend() -> None:
    found = progress([row("2025-Q3", "6.36")], AVERAGE)
    assert (found.status, found.reason, found.met, found.gap) == (
        Status.NOT_ASSESSABLE, "one_period", False, Decimal("3.36"),
    )  # fmt: skip
    assert progress([row("2025-Q3", "2.5")], AVERAGE).status is Status.MET


def test_a_series_that_was_under_the_line_and_rose_over_it_deteriorates() -> None:
    assert progress([row("2020", "2.5"), row("2025", "3.5")], AVERAGE).status is Status.DETERIORATING


def test_after_the_deadline_nothing_is_on_track() -> None:
    found = progress([row("2020", "9"), row("2031", "3.1")], AVERAGE)
    assert (found.status, found.required_from_now) == (Status.IMPROVING, None)


def test_a_short_window_is_flagged_and_a_named_baseline_is_used() -> None:
    assert progress([row("2026-W30", "6"), row("2026-W40", "5.9")], AVERAGE).flags == ("short_window",)
    ministry = Target(**AVERAGE.model_dump() | {"code": "ministry", "baseline": "2022"})
    found = progress([row("2020", "4"), row("2022", "9"), row("2025", "6.9")], ministry)
    assert (found.baseline_period, found.status) == ("2022", Status.ON_TRACK)


def test_series_of_unlike_bases_are_never_mixed() -> None:
    rows = [row("2024-Q3", "7"), row("2025-Q3", "6"), row("2025-Q3", "4", basis="standard"), row("latest", "9")]
    found = progress_of_all(rows, [AVERAGE])
    assert [(one.basis, one.period, one.value) for one in found] == [
        ("standard", "2025-Q3", Decimal(4)), ("survey", "2025-Q3", Decimal(6)),
    ]  # fmt: skip
    with pytest.raises(ValueError, match="not one series"):
        progress(rows[1:3], AVERAGE)
    with pytest.raises(ValueError, match="empty"):
        progress([], AVERAGE)


def test_a_baseline_that_is_not_held_is_said() -> None:
    ministry = Target(**AVERAGE.model_dump() | {"code": "ministry", "baseline": "2019"})
    found = progress([row("2020", "9"), row("2025", "6")], ministry)
    assert (found.status, found.reason, found.gap, found.met) == (Status.NOT_ASSESSABLE, "no_baseline", 3, False)


def test_figures_of_unlike_numbers_of_corridors_are_flagged() -> None:
    assert progress([row("2020", "9"), row("2025", "6", corridors=4)], AVERAGE).flags == ("corridors_differ",)


class TestCompoundPace:
    """From 12 to 6 in two years is a fall by 29.29 per cent a year (1 / sqrt 2); to 3 takes two more."""

    def test_by_hand(self) -> None:
        found = progress([row("2022", "12"), row("2024", "6")], AVERAGE, "compound")
        assert (found.pace, round(found.actual_pace or 0, 4), found.status) == (
            "compound",
            Decimal("-29.2893"),
            Status.ON_TRACK,
        )
        assert found.projected_year == 2026
        # needed: (3 / 12) ^ (1 / 8.5) - 1 from mid 2022 to the end of 2030
        assert round(found.required_pace or 0, 4) == Decimal("-15.0488")
        assert progress([row("2022", "12"), row("2024", "6")], AVERAGE).actual_pace == -3

    @pytest.mark.parametrize(("first", "last"), [("-1", "6"), ("6", "-1"), ("0", "6")])
    def test_it_needs_values_above_0(self, first: str, last: str) -> None:
        found = progress([row("2022", first), row("2024", last)], AVERAGE, "compound")
        assert found.reason == "not_positive"
        assert found.status is (Status.MET if last == "-1" else Status.NOT_ASSESSABLE)

    @given(first=st.integers(301, 5000), last=st.integers(301, 5000))
    def test_both_paces_agree_on_the_direction(self, first: int, last: int) -> None:
        series = [row("2020", f"{first}e-2"), row("2025", f"{last}e-2")]
        one, other = progress(series, AVERAGE), progress(series, AVERAGE, "compound")
        assert one.actual_pace is not None
        assert other.actual_pace is not None
        assert one.actual_pace.compare(0) == other.actual_pace.compare(0)
        assert (one.projected_year is None) == (last >= first) or one.projected_year is None  # none beyond 1000 years


def test_a_national_target_is_about_its_own_subject() -> None:
    fields = AVERAGE.model_dump() | {"code": "kenya", "scope": ("receiver",), "receiver": "KEN", "national": True}
    rows = [row("2025", "6", scope="receiver", receiver=code) for code in ("KEN", "UGA")] + [row("2025", "7")]
    assert [one.subject for one in progress_of_all(rows, [Target(**fields)])] == ["KEN"]
