"""Units: the services of one period or several, each with what it costs over its days."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from remitwatch.flows import FlowTable
from remitwatch.indicators.columns import Labels
from remitwatch.indicators.exact import BoolArray, FloatArray, IntArray, sums
from remitwatch.periods import Period

if TYPE_CHECKING:
    from remitwatch.indicators.panel import Panel

T = TypeVar("T")


class Units:
    """The services of the periods. A unit is one service in one period: over its days (collected), or one row (survey).

    `row_at` are the panel positions that count, `unit_of` the unit of each; `period_of` the number of each unit's
    period; `newest` the newest position of each unit: its attributes (speed, type, region ...) are the unit's. Totals
    are summed over the disclosed days. `flows` are the weights of their corridors, where there are any.
    """

    def __init__(
        self, panel: Panel, row_at: IntArray, unit_of: IntArray, periods: tuple[Period, ...], period_of: IntArray
    ) -> None:
        self.panel = panel
        self.periods = periods
        self.flows: FlowTable | None = None
        self.period_of = period_of
        self.row_at = row_at
        self.unit_of = unit_of.astype(np.int64)
        self.size = len(period_of)
        self.newest = row_at
        if self.size != len(row_at):
            self.newest = np.zeros(self.size, dtype=np.int64)
            self.newest[self.unit_of] = row_at  # positions rise with the day within a service: the last one stays
        self._every_row = self.size == len(panel)  # then each unit is one row of the panel, in its order

    def __len__(self) -> int:
        return self.size

    @property
    def period(self) -> Period:
        """The one period."""
        (only,) = self.periods
        return only

    @cached_property
    def days(self) -> IntArray:
        """On how many days each unit has a disclosed cost."""
        if self._every_row:
            return self.panel.disclosed.astype(np.int64)
        shown = self.panel.disclosed[self.row_at]
        return np.bincount(self.unit_of[shown], minlength=self.size).astype(np.int64)

    @cached_property
    def disclosed(self) -> BoolArray:
        """Which units have a cost."""
        return self.days > 0

    @cached_property
    def transparent(self) -> BoolArray:
        """Which units disclose their rate (on their newest day)."""
        return self.panel.transparent[self.newest]

    @cached_property
    def private(self) -> BoolArray:
        """Which units rest on a partner's private rows."""
        return np.bincount(self.unit_of[self.panel.private[self.row_at]], minlength=self.size) > 0

    @cached_property
    def without_russia(self) -> BoolArray:
        """Which units do not send from Russia."""
        sender = self.labels("sender")
        found: BoolArray = sender.codes != sender.code("RUS")
        return found

    def totals(self, column: str) -> IntArray:
        """The sum over the disclosed days, in 1e-8 per cent."""
        if column not in self._totals:
            costs = self.panel.costs(column)
            self._totals[column] = costs if self._every_row else sums(self.unit_of, costs[self.row_at], self.size)
        return self._totals[column]

    @cached_property
    def _totals(self) -> dict[str, IntArray]:
        return {}

    def means(self, column: str) -> FloatArray:
        """The mean over the disclosed days in 1e-8 per cent; NaN without any. Equal means give equal floats."""
        found: FloatArray = np.full(self.size, np.nan)
        np.divide(self.totals(column), self.days, out=found, where=self.days > 0)
        return found

    @cached_property
    def every(self) -> IntArray:
        """The numbers of all units."""
        return np.arange(self.size)

    def numbered(self, column: str) -> IntArray:
        """By unit the number of its period and label: period * labels + label. The same array whenever it is asked."""
        labels = self.labels(column)
        return self.once(lambda: self.period_of * len(labels.names) + labels.codes, self.period_of, labels.codes)

    def narrowed(self, unit: IntArray, wanted: BoolArray) -> tuple[IntArray | None, IntArray]:
        """Of these units those that are wanted (`wanted` by unit number): their places, None for all, and numbers.

        Many groupings narrow the same units in the same way: each is done once, known by the arrays themselves.
        """

        def made() -> tuple[IntArray | None, IntArray]:
            at = np.flatnonzero(wanted if unit is self.every else wanted.take(unit))
            if len(at) == len(unit):
                return None, unit
            return at, at if unit is self.every else unit.take(at)

        return self.once(made, unit, wanted)

    def of(self, values: IntArray, unit: IntArray) -> IntArray:
        """What these units have of `values`, a number for each unit."""
        return values if unit is self.every else self.once(lambda: values.take(unit), unit, values)

    def once(self, make: Callable[[], T], *arrays: NDArray[Any]) -> T:
        """What `make` gives for these arrays, made once."""
        key = tuple(map(id, arrays))
        if key not in self._made:
            self._made[key] = (arrays, make())  # the arrays are kept, so that no other one gets their id
        found: T = self._made[key][1]
        return found

    @cached_property
    def _made(self) -> dict[tuple[int, ...], tuple[Any, Any]]:
        return {}

    @cached_property
    def by_cost(self) -> IntArray:
        """The units from the cheapest on, those of equal cost in the order of their keys; those without a cost last."""
        totals, size = self.totals("total_e8"), self.size
        if size and self.days.max() <= 1:  # whole numbers: cost and unit in one number are sorted much faster
            low, high = int(totals.min()), int(totals.max())
            if (high - low + 2) * size < 2**62:
                key = np.where(self.days > 0, totals - low, high - low + 1) * size + np.arange(size)
                key.sort()
                return key % size
        return np.argsort(self.means("total_e8"), kind="stable").astype(np.int64)

    @cached_property
    def cost_rank(self) -> IntArray:
        """The place of each unit in `by_cost`."""
        place = np.empty(self.size, dtype=np.int64)
        place[self.by_cost] = np.arange(self.size)
        return place

    def labels(self, column: str) -> Labels:
        """A text attribute of each unit."""
        if column not in self._labels:
            whole = self.panel.labels(column)
            self._labels[column] = whole if self._every_row else Labels(whole.codes.take(self.newest), whole.names)
        return self._labels[column]

    @cached_property
    def _labels(self) -> dict[str, Labels]:
        return {}
