"""Exact kernels: whatever the size of the numbers, what fractions give."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from remitwatch.indicators.exact import SCALE, Ratio, Ratios, distinct, means, means_of, sums

# Costs within a million per cent, in 1e-8 per cent, summed over up to a year of days; and far beyond.
COSTS = st.one_of(st.integers(-(10**11), 10**11), st.integers(-(2**50), 2**50))
MEMBERS = st.lists(st.tuples(st.integers(0, 4), COSTS, st.integers(1, 366)), max_size=60)


def as_fraction(found: Ratio | None) -> Fraction | None:
    return None if found is None else Fraction(found.numerator, found.denominator)


def arrays(members: list[tuple[int, int, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    groups, totals, days = zip(*members, strict=True) if members else ((), (), ())
    return tuple(np.array(cells, dtype=np.int64) for cells in (groups, totals, days))  # type: ignore[return-value]


@given(MEMBERS)
def test_sums_and_means_are_what_fractions_give(members: list[tuple[int, int, int]]) -> None:
    groups, totals, days = arrays(members)
    by_group = [[(total, day) for group, total, day in members if group == wanted] for wanted in range(5)]
    assert sums(groups, totals, 5).tolist() == [sum(total for total, _ in some) for some in by_group]
    found = means(groups, totals, days, 5)
    expected = [
        sum((Fraction(total, day) for total, day in some), Fraction(0)) / len(some) / SCALE if some else None
        for some in by_group
    ]
    assert [as_fraction(found[group]) for group in range(5)] == expected
    assert found.below(5).tolist() == [one is not None and one < 5 for one in expected]
    assert found.above(5).tolist() == [one is not None and one > 5 for one in expected]
    assert found.negative.tolist() == [one is not None and one < 0 for one in expected]


@given(MEMBERS)
def test_a_mean_of_means_weighs_each_mean_the_same(members: list[tuple[int, int, int]]) -> None:
    groups, totals, days = arrays(members)
    inner = means(groups, totals, days, 5)
    known = np.flatnonzero(inner.known)
    taken = Ratios(inner.numerators[known], inner.denominators[known])
    found = means_of(known % 2, taken, 2)
    for side in (0, 1):
        some = [as_fraction(inner[group]) for group in known.tolist() if group % 2 == side]
        assert as_fraction(found[side]) == (sum(some, Fraction(0)) / len(some) if some else None)  # type: ignore[arg-type]


def test_what_cannot_be_added_up_exactly_is_refused() -> None:
    with pytest.raises(OverflowError, match="more than can be added up exactly"):
        sums(np.zeros(2, dtype=np.int64), np.array([2**60, 2**60]), 1)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 6)), max_size=40), st.sampled_from([4, 2**19]))
def test_different_labels_are_counted(pairs: list[tuple[int, int]], size: int) -> None:
    groups, labels = (np.array([pair[at] for pair in pairs], dtype=np.int64) for at in (0, 1))
    expected = [len({label for group, label in pairs if group == wanted}) for wanted in range(4)]
    assert distinct(groups, labels, size)[:4].tolist() == expected
