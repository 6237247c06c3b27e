"""Exact sums over groups: costs are whole numbers of 1e-8 per cent, so no sum depends on the order of the rows."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import gcd, lcm

import numpy as np
from numpy.typing import NDArray

from remitwatch.figures import ratio

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

SCALE = 10**8


@dataclass(frozen=True)
class Ratio:
    """An exact rational number of per cent: numerator / denominator, denominator above 0."""

    numerator: int
    denominator: int

    @property
    def value(self) -> Decimal:
        """With 12 decimals, ready to be rounded once more (see figures.ratio)."""
        return ratio(self.numerator, self.denominator)

    def is_below(self, threshold: int) -> bool:
        """Strictly below: 5 is not below 5."""
        return self.numerator < threshold * self.denominator

    def is_above(self, threshold: int) -> bool:
        """Strictly above: 5 is not above 5."""
        return self.numerator > threshold * self.denominator


def mean_of(ratios: list[Ratio]) -> Ratio:
    """The mean of ratios, exactly. Raises ValueError for none."""
    if not ratios:
        raise ValueError("no values to average")
    common = lcm(*(one.denominator for one in ratios))
    total = sum(one.numerator * (common // one.denominator) for one in ratios)
    divisor = common * len(ratios)
    shared = gcd(total, divisor)
    return Ratio(total // shared, divisor // shared)


def sums(groups: IntArray, values: IntArray, size: int) -> IntArray:
    """The sum of `values` in each of `size` groups, in whole numbers."""
    found = np.zeros(size, dtype=np.int64)
    np.add.at(found, groups, values)
    return found


def means(groups: IntArray, totals: IntArray, days: IntArray, size: int) -> dict[int, Ratio]:
    """The mean over the members of each group of (total / days): every member weighs the same, whatever its days.

    `totals` in 1e-8 per cent summed over `days` days. Groups without members are left out.
    """
    members = np.bincount(groups, minlength=size)
    spans, span_of = np.unique(days, return_inverse=True)
    width = len(spans)
    if not width:
        return {}
    table = sums(groups * width + span_of, totals, size * width).reshape(size, width)
    common = lcm(*(int(span) for span in spans))
    weights = [common // int(span) for span in spans]
    return {
        int(group): Ratio(
            sum(int(part) * weight for part, weight in zip(table[group], weights, strict=True)),
            common * SCALE * int(members[group]),
        )
        for group in np.flatnonzero(members)
    }


def distinct(groups: IntArray, labels: IntArray, size: int) -> IntArray:
    """How many different labels each group holds."""
    if not len(groups):
        return np.zeros(size, dtype=np.int64)
    width = int(labels.max()) + 1
    pairs = np.unique(groups * width + labels)
    return np.bincount(pairs // width, minlength=size).astype(np.int64)
