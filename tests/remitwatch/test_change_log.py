"""The daily changes of a corridor: what counts as one, on which day, with which parts."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from remitwatch.indicators import Columns, Observations
from remitwatch.periods import parse_period
from remitwatch.pipeline.gathering.log import MOST, change_log, days_of_log
from remitwatch.pipeline.gathering.thinned import rows_of_log, thinned
from remitwatch.quotes import Basis
from reports.inputs import ChangeLog
from tests.remitwatch.conftest import observation_rows

Rows = Callable[..., pd.DataFrame]
TODAY = dt.date(2026, 10, 30)
NOW = dt.datetime(2026, 10, 30, 18, tzinfo=dt.UTC)


def days(provider: str, *totals: float | None, **given: Any) -> list[dict[str, Any]]:
    """A row a day for the last days up to today; None where the service has no price."""
    start = TODAY - dt.timedelta(days=len(totals) - 1)
    return [
        {"provider": provider, "day": start + dt.timedelta(days=number), "total": total, "fee_pct": 1.0} | given
        for number, total in enumerate(totals)
        if total is not None
    ]


def log_of(rows: Rows, *given: dict[str, Any], period: str = "latest", **options: Any) -> ChangeLog:
    frame = rows(*given, basis="standard")
    days_told = days_of_log(parse_period(period), NOW)
    return change_log(Observations(frame), Basis.STANDARD, days_told, options.get("keeps"))


def told(log: ChangeLog) -> list[tuple[Any, ...]]:
    """(day of October, kind, provider, before, after, change of fee, change of margin), per cent."""
    rows = []
    for row in log.rows.itertuples(index=False):
        parts = (row.before_e8, row.after_e8, row.fee_e8, row.margin_e8)
        numbers = [None if value != value else round(value / 1e8, 4) for value in parts]
        rows.append((row.day.day, row.kind, row.provider, *numbers))
    return rows


def test_a_price_counts_as_changed_from_half_a_point_on_with_its_parts(rows: Rows) -> None:
    steady = days("steady", *[4.0] * 6)
    log = log_of(rows, *steady, *days("mover", 4.0, 4.49, 4.99, 4.99, 4.2, 4.0))
    assert told(log) == [
        (29, "cheaper", "mover", 4.99, 4.2, 0.0, -0.79),
        (27, "dearer", "mover", 4.49, 4.99, 0.0, 0.5),
    ]
    assert (log.first, log.last) == (dt.date(2026, 8, 2), TODAY)


def test_fee_and_margin_are_told_apart(rows: Rows) -> None:
    before = {"provider": "a", "day": TODAY - dt.timedelta(days=1), "fee_pct": 2.0, "total": 4.0}
    log = log_of(rows, before, {"provider": "a", "day": TODAY, "fee_pct": 1.0, "total": 4.75})
    assert told(log) == [(30, "dearer", "a", 4.0, 4.75, -1.0, 1.75)]


def test_a_service_is_gone_after_three_days_without_it_and_comes_back(rows: Rows) -> None:
    steady = days("steady", *[4.0] * 10)
    gone = days("gone", *[5.0] * 7, None, None, None)
    away = days("away", 6.0, 6.0, None, None, None, 7.0, 7.0, 7.0, 7.0, 7.0)
    hiccup = days("hiccup", 3.0, 3.0, None, None, 3.0, 3.0, 3.0, 3.0, None, None)
    log = log_of(rows, *steady, *gone, *away, *hiccup)
    assert told(log) == [
        (28, "gone", "gone", 5.0, None, None, None),
        (26, "again", "away", 6.0, 7.0, 0.0, 1.0),
        (23, "gone", "away", 6.0, None, None, None),
    ]
    assert log.rows["since"].tolist() == [dt.date(2026, 10, 27), dt.date(2026, 10, 22), dt.date(2026, 10, 22)]


def test_a_source_that_gives_no_answer_makes_no_service_go(rows: Rows) -> None:
    other = days("other", *[4.0] * 9, source="one")
    silent = days("silent", *[5.0] * 4, *[None] * 5, source="two")
    assert told(log_of(rows, *other, *silent)) == []


def test_a_service_is_new_where_its_source_answered_before(rows: Rows) -> None:
    steady = days("steady", *[4.0] * 5)
    log = log_of(rows, *steady, *days("fresh", None, None, 3.0, 3.0, 3.0))
    assert told(log) == [(28, "new", "fresh", None, 3.0, None, None)]
    second_source = days("second", None, None, 3.0, 3.0, 3.0, source="second")
    assert told(log_of(rows, *steady, *second_source)) == []


def test_quarantine_release_and_confirmation_are_told_once(rows: Rows) -> None:
    steady = days("steady", *[4.0] * 6)
    held = [
        row | {"flags": flags}
        for row, flags in zip(
            days("held", 4.0, 40.0, 40.0, 40.0, 40.0, 4.0),
            ("", "jump+quarantined", "jump+quarantined", "jump+released", "jump+released", ""),
            strict=True,
        )
    ]
    moved = [
        row | {"flags": flags}
        for row, flags in zip(
            days("moved", *[4.0] * 4, 12.0, 12.0), ("", "", "", "", "jump+confirmed", ""), strict=True
        )
    ]
    assert told(log_of(rows, *steady, *held, *moved)) == [
        (30, "cheaper", "held", 40.0, 4.0, 0.0, -36.0),
        (29, "confirmed", "moved", 4.0, 12.0, 0.0, 8.0),
        (28, "released", "held", 4.0, 40.0, 0.0, 36.0),
        (26, "quarantined", "held", 4.0, 40.0, 0.0, 36.0),
    ]


def test_days_without_any_price_are_gaps_but_not_the_days_between_weekly_prices(rows: Rows) -> None:
    log = log_of(rows, *days("a", 4.0, 4.0, 4.0, None, None, 4.0, 4.0), *days("b", 5.0, 5.0, 5.0, None, None, 5.0, 5.0))
    gaps = log.rows[["day", "kind", "until"]].to_numpy().tolist()
    assert gaps == [[dt.date(2026, 10, 27), "gap", dt.date(2026, 10, 28)]]
    weekly = days("w", *[4.0 if number % 7 == 0 else None for number in range(29)])
    assert told(log_of(rows, *weekly)) == []


def test_private_services_leave_no_trace(rows: Rows) -> None:
    steady = days("steady", *[4.0] * 6)
    partner = days("partner", 4.0, 9.0, 9.0, None, None, None, private=True)
    half = days("half", 4.0, 4.0, 8.0, 8.0, 8.0, 8.0)
    half[0] |= {"private": True}
    assert told(log_of(rows, *steady, *partner, *half)) == []


def test_only_the_window_and_only_the_corridors_asked_for(rows: Rows) -> None:
    old = [
        {"provider": "old", "day": TODAY - dt.timedelta(days=120), "total": 4.0},
        {"provider": "old", "day": TODAY - dt.timedelta(days=100), "total": 9.0},
    ]
    here = days("here", 4.0, 5.0)
    there = days("there", 4.0, 5.0, corridor="GBR-PAK")
    log = log_of(rows, *old, *here, *there, keeps=lambda key: key == "GBR-PAK")
    assert [(row.corridor, row.provider) for row in log.rows.itertuples()] == [("GBR-PAK", "there")]
    earlier = log_of(rows, *here, period="2026-Q3")
    assert (earlier.first, earlier.last, len(earlier.rows)) == (dt.date(2026, 7, 3), dt.date(2026, 9, 30), 0)


def test_the_newest_changes_of_a_corridor_are_kept_and_the_rest_counted(rows: Rows) -> None:
    log = log_of(rows, *days("restless", *[4.0 + number % 2 for number in range(MOST + 6)]))
    assert len(log.rows) == MOST
    assert log.left == {"GBR-IND": 5}
    assert log.rows["day"].is_monotonic_decreasing


def test_the_order_of_rows_changes_nothing(rows: Rows) -> None:
    frame = rows(*days("a", 4.0, 5.0, 4.0), *days("b", 3.0, 3.0, 7.0), basis="standard")
    told_of = days_of_log(parse_period("latest"), NOW)
    made = [change_log(Observations(one), Basis.STANDARD, told_of, None) for one in (frame, frame.iloc[::-1])]
    pd.testing.assert_frame_equal(made[0].rows, made[1].rows)


def made_up(seed: int) -> pd.DataFrame:
    """The prices of some services from July to 20 August, at hazard: days without, jumps, flags, private rows."""
    draw = random.Random(seed)
    start = dt.date(2026, 7, 1)
    plain = ["", "", "", "", "jump+released", "jump+confirmed"]
    prices = [
        {"provider": provider, "corridor": corridor, "source": source, "day": start + dt.timedelta(days=number)}
        | {"total": draw.choice([4.0, 4.2, 9.0, None]), "flags": draw.choice([*plain, "jump+quarantined"])}
        | {"private": private > 0.9 and draw.random() < private - 0.9, "tier": draw.choice([200, 200, 500])}
        for provider in "abc"
        for corridor in ("GBR-IND", "GBR-PAK")
        for source in ("hand_in", "other")
        for often, private in [(draw.random() ** 3, draw.random())]
        for number in range(51)
        if draw.random() < often
    ]
    return observation_rows(*prices, {"provider": "d", "day": start, "total": 4.0}, basis="standard")


def both_ways(frame: pd.DataFrame) -> ChangeLog:
    """The log of August of prices of July and August, which is the same where July is thinned."""
    of_july = np.array([day.month == 7 for day in frame["day"]])
    july, august = Columns.of_frame(frame[of_july]), Columns.of_frame(frame[~of_july])
    thin = thinned(Observations(july), Basis.STANDARD)
    told_of = (dt.date(2026, 8, 2), dt.date(2026, 8, 20))
    found = change_log(Observations(rows_of_log([august], [(thin, lambda: [july])])), Basis.STANDARD, told_of, None)
    expected = change_log(Observations(frame), Basis.STANDARD, told_of, None)
    pd.testing.assert_frame_equal(found.rows, expected.rows)
    assert (found.first, found.last, found.left) == (expected.first, expected.last, expected.left)
    return found


@pytest.mark.parametrize("seed", range(60))
def test_of_earlier_months_the_rows_that_are_left_tell_the_same(seed: int) -> None:
    both_ways(made_up(seed))


@pytest.mark.parametrize("private", [dt.date(2026, 7, 11), dt.date(2026, 8, 3)])
def test_the_answers_of_an_earlier_month_are_not_those_of_private_services(private: dt.date) -> None:
    july = [dt.date(2026, 7, day) for day in range(1, 11)]
    august = [dt.date(2026, 8, day) for day in (2, 5, 8, 11, 14, 17, 20)]
    frame = observation_rows(
        *({"provider": name, "day": day} for name in ("a", "b") for day in july),
        {"provider": "a", "day": private, "private": True},
        *({"provider": "b", "day": day} for day in august),
        basis="standard",
    )
    assert both_ways(frame).rows["kind"].tolist() == ["gap"] * 6


def test_a_corridor_whose_only_price_was_not_disclosed_is_still_one() -> None:
    frame = observation_rows(
        {"provider": "a", "day": dt.date(2026, 7, 31)},
        {"provider": "b", "day": dt.date(2026, 7, 31), "corridor": "GBR-PAK", "total": None},
        {"provider": "b", "day": dt.date(2026, 8, 9), "corridor": "GBR-PAK", "flags": "jump+quarantined"},
        basis="standard",
    )
    assert "quarantined" in both_ways(frame).rows["kind"].tolist()


def test_of_an_earlier_month_a_row_a_service_and_an_answer_is_left() -> None:
    july = [dt.date(2026, 7, day) for day in range(1, 32)]
    given_rows = [{"provider": name, "day": day} for day in july for name in ("a", "b", "c", "d", "e")]
    left = thinned(Observations(observation_rows(*given_rows, basis="standard")), Basis.STANDARD)
    assert len(left) == 31 + 4  # one answer a day, and the last price of the four services that it is not of
