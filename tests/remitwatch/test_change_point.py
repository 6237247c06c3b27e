"""Change points: a service that left its level for good, against its own past; an odd day is none."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from remitwatch.alerts.change_point import levels

POINT = 1e8


def of(*costs: float | None) -> tuple[bool, bool, float, float]:
    row = np.array([[np.nan if one is None else one * POINT for one in costs]])
    found = levels(row, 28)
    return bool(found.judged[0]), bool(found.left[0]), found.before[0] / POINT, found.now[0] / POINT


def test_three_days_far_away_on_one_side_are_a_change_point() -> None:
    assert of(*[3.0] * 10, 4.5, 4.5, 4.6) == (True, True, 3.0, 4.5)
    assert of(*[3.0] * 10, 1.5, 1.5, 1.6) == (True, True, 3.0, 1.5)


def test_an_odd_day_or_a_swing_is_none() -> None:
    assert of(*[3.0] * 10, 4.5, 3.0, 3.0)[1] is False
    assert of(*[3.0] * 10, 4.5, 1.5, 4.5)[1] is False


def test_a_restless_past_asks_for_more() -> None:
    restless = [2.0, 4.0, 3.0, 2.5, 3.5, 2.2, 3.8, 3.0, 2.9, 3.1]
    assert of(*restless, 4.5, 4.5, 4.5)[:2] == (True, False)
    assert of(*restless, 9.0, 9.0, 9.0)[:2] == (True, True)


def test_too_short_a_past_or_no_cost_today_is_not_judged() -> None:
    assert of(*[3.0] * 7, 9.0, 9.0, 9.0)[0] is False
    assert of(*[3.0] * 10, 9.0, 9.0, 9.0, None)[0] is False
    assert of(*[3.0] * 10, 9.0, None, 9.0, 9.0)[:2] == (True, True)  # days without a cost are passed over


@given(st.lists(st.integers(100, 900), min_size=11, max_size=40), st.integers(-500, 500))
def test_a_level_that_is_moved_is_judged_as_before(costs: list[int], by: int) -> None:
    row = np.array([costs], dtype=np.float64) * 1e6
    one, other = levels(row, 28), levels(row + by * 1e6, 28)
    assert (one.judged == other.judged).all()
    assert (one.left == other.left).all()
