"""Exact sums over groups: costs are whole numbers of 1e-8 per cent, so no sum depends on the order of the rows.

Everything is done in 64-bit whole numbers as long as a bound computed from the very numbers says that nothing can
overflow (or, where floats add up whole numbers, that every partial sum stays below 2^53); beyond it, in Python's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remitwatch.figures import ratio

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

SCALE = 10**8
_FLOAT_EXACT = 2.0**52
"""Sums of whole numbers are exact in floats while the sum of their absolute values stays below (2^53, less a bit for
the rounding of the bound itself)."""
_FITS = 2**60
"""Below it a number fits 64 bits with room for a factor of 8."""
_LOW = 26
_SMALL = 2**18
"""So many pairs of group and label are counted in a table of yes and no that stays in the processor's cache; of more,
the ones that are there are sorted."""
_DENSE = 2**25
"""Up to so many pairs are numbered by such a table."""


@dataclass(frozen=True)
class Ratio:
    """An exact rational number of per cent: numerator / denominator, denominator above 0."""

    numerator: int
    denominator: int

    @property
    def value(self) -> Decimal:
        """With 12 decimals, ready to be rounded once more (see figures.ratio)."""
        return ratio(self.numerator, self.denominator)


@dataclass(frozen=True)
class Ratios:
    """One exact rational number a group: numerators / denominators; denominator 0 where a group has none.

    The arrays hold 64-bit whole numbers, or Python's where those would not fit.
    """

    numerators: NDArray[np.int64] | NDArray[np.object_]
    denominators: NDArray[np.int64] | NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.numerators)

    def __getitem__(self, group: int) -> Ratio | None:
        divisor = int(self.denominators[group])
        return Ratio(int(self.numerators[group]), divisor) if divisor else None

    def items(self) -> Iterator[tuple[int, Ratio]]:
        """The groups that have one, in order, each with it."""
        for group in np.flatnonzero(self.known).tolist():
            yield group, Ratio(int(self.numerators[group]), int(self.denominators[group]))

    @cached_property
    def known(self) -> BoolArray:
        """Which groups have one."""
        found: BoolArray = (self.denominators != 0).astype(bool)
        return found

    @property
    def negative(self) -> BoolArray:
        """Which groups have one below 0."""
        found: BoolArray = self.known & (self.numerators < 0).astype(bool)
        return found

    def below(self, line: int) -> BoolArray:
        """Which are strictly below: 5 is not below 5."""
        lines, numerators = self._lines(line)
        found: BoolArray = self.known & (numerators < lines).astype(bool)
        return found

    def above(self, line: int) -> BoolArray:
        """Which are strictly above: 5 is not above 5."""
        lines, numerators = self._lines(line)
        found: BoolArray = self.known & (numerators > lines).astype(bool)
        return found

    def floats(self) -> FloatArray:
        """As floats, NaN where there is none."""
        found = np.full(len(self), np.nan)
        known = self.known
        found[known] = self.numerators[known].astype(np.float64) / self.denominators[known].astype(np.float64)
        return found

    def _lines(self, line: int) -> tuple[Any, Any]:
        if line and _highest(self.denominators) * abs(line) >= _FITS:
            return self.denominators.astype(object) * line, self.numerators.astype(object)
        return self.denominators * line, self.numerators


def _highest(values: NDArray[np.int64] | NDArray[np.object_]) -> int:
    return max(abs(int(values.min())), abs(int(values.max()))) if len(values) else 0


def sums(groups: IntArray, values: IntArray, size: int) -> IntArray:
    """The sum of `values` in each of `size` groups, in whole numbers, exactly.

    Floats add them up exactly while the absolute values together stay below 2^52; beyond, the numbers are added in two
    halves of 26 bits and the rest (exact below 2^26 values and a total below 2^60). Raises OverflowError beyond that.
    """
    reach = float(_highest(values)) * len(values)
    if reach >= _FLOAT_EXACT:  # only then the closer bound, which takes longer
        reach = float(np.abs(values).sum(dtype=np.float64))
    if reach < _FLOAT_EXACT:
        return np.bincount(groups, values, size).astype(np.int64)
    if reach >= _FITS or len(values) >= 2**_LOW:
        raise OverflowError(f"{len(values)} values of {reach:.3g} together are more than can be added up exactly")
    low = np.bincount(groups, values & (2**_LOW - 1), size).astype(np.int64)
    high = np.bincount(groups, values >> _LOW, size).astype(np.int64)
    return (high << _LOW) + low


def means(groups: IntArray, numerators: IntArray, denominators: IntArray, size: int, scale: int = SCALE) -> Ratios:
    """The mean over the members of each group of numerator / denominator / scale: every member weighs the same.

    A cost is its total in 1e-8 per cent over the days it is summed over. Groups without members have none.
    """
    members = np.bincount(groups, minlength=size)
    if not len(groups):
        return Ratios(np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64))
    if denominators.min() == denominators.max():
        spans = denominators[:1]
        table = sums(groups, numerators, size).reshape(size, 1)
    else:
        spans, span_of = np.unique(denominators, return_inverse=True)
        width = len(spans)
        table = sums(groups * width + span_of, numerators, size * width).reshape(size, width)
    common = lcm(*(int(span) for span in spans))
    reach = int(np.abs(table).sum(axis=1, dtype=np.float64).max()) * common
    if max(reach, common * scale * int(members.max())) < _FITS:
        weights = np.array([common // int(span) for span in spans], dtype=np.int64)
        return Ratios((table * weights).sum(axis=1), members.astype(np.int64) * (common * scale))
    exact = np.array([common // int(span) for span in spans], dtype=object)
    held = np.flatnonzero(members)
    totals = np.zeros(size, dtype=object)
    totals[held] = (table[held].astype(object) * exact).sum(axis=1)
    return Ratios(totals, members.astype(object) * (common * scale))


def means_of(groups: IntArray, ratios: Ratios, size: int) -> Ratios:
    """The mean of one ratio a member, all known: `groups` says where each belongs."""
    numerators, denominators = ratios.numerators, ratios.denominators
    if numerators.dtype == np.int64 and denominators.dtype == np.int64:
        shared = np.gcd(numerators, denominators)
        return means(groups, numerators // shared, denominators // shared, size, scale=1)
    members = np.bincount(groups, minlength=size).astype(object)
    common = lcm(*(int(one) for one in denominators))
    totals = np.zeros(size, dtype=object)
    np.add.at(totals, groups, numerators * (common // denominators))
    return Ratios(totals, members * common)


def distinct(groups: IntArray, labels: IntArray, size: int) -> IntArray:
    """How many different labels each group holds."""
    if not len(groups):
        return np.zeros(size, dtype=np.int64)
    width = int(labels.max()) + 1
    pairs = groups * width + labels
    if size * width <= _SMALL:
        held = np.zeros(size * width, dtype=bool)
        held[pairs] = True
        each = np.flatnonzero(held)
    else:
        pairs.sort()
        each = pairs[np.flatnonzero(np.diff(pairs, prepend=-1))]
    return np.bincount(each // width, minlength=size).astype(np.int64)


def pairs_of(groups: IntArray, labels: IntArray, size: int, width: int) -> tuple[IntArray, IntArray]:
    """The groups split by label: the number of the finer group of each member, and the pair (group * width + label)
    that each finer group is, in order."""
    pair = groups * width + labels
    if size * width <= _DENSE:
        held = np.zeros(size * width, dtype=bool)
        held[pair] = True
        return (np.cumsum(held) - 1)[pair], np.flatnonzero(held)
    pairs, finer = np.unique(pair, return_inverse=True)
    return finer.astype(np.int64), pairs
