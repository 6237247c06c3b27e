"""Units: the services of one period or several, each with what it costs over its days."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from remitwatch.indicators.columns import Labels
from remitwatch.indicators.exact import BoolArray, FloatArray, IntArray, sums
from remitwatch.periods import Period

if TYPE_CHECKING:
    from remitwatch.indicators.panel import Panel


class Units:
    """The services of the periods. A unit is one service in one period: over its days (collected), or one row (survey).

    `row_at` are the panel positions that count, `unit_of` the unit of each; `period_of` the number of each unit's
    period; `newest` the newest position of each unit: its attributes (speed, type, region ...) are the unit's. Totals
    are summed over the disclosed days.
    """

    def __init__(
        self, panel: Panel, row_at: IntArray, unit_of: IntArray, periods: tuple[Period, ...], period_of: IntArray
    ) -> None:
        self.panel = panel
        self.periods = periods
        self.period_of = period_of
        self.row_at = row_at
        self.unit_of = unit_of.astype(np.int64)
        self.size = len(period_of)
        self.newest = np.zeros(self.size, dtype=np.int64)
        self.newest[self.unit_of] = row_at  # positions rise with the day within a service: the last one stays

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

    def totals(self, column: str) -> IntArray:
        """The sum over the disclosed days, in 1e-8 per cent."""
        if column not in self._totals:
            self._totals[column] = sums(self.unit_of, self.panel.costs(column)[self.row_at], self.size)
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
    def by_cost(self) -> IntArray:
        """The units from the cheapest on, those of equal cost in the order of their keys; those without a cost last."""
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
            self._labels[column] = Labels(whole.codes[self.newest], whole.names)
        return self._labels[column]

    @cached_property
    def _labels(self) -> dict[str, Labels]:
        return {}
