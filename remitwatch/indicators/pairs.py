"""Two periods side by side: the priced services of each by subject, and which of them are the same service.

The same service is, for collected quotes, the same identity (provider, corridor with its currencies, payment
instrument, access point, pickup method, product). For survey rows it is firm, corridor, payment instrument, access
point, pickup method, product, speed and coverage; the currency is left out, because the survey writes it in more than
one way. Survey rows that agree in all of these are one service, priced at their mean.

A service that does not disclose its rate has no price: when it begins to, it enters, and it leaves when it stops.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from remitwatch.figures import IndicatorRow, Scope
from remitwatch.indicators.compute import figures_of, outcome_of
from remitwatch.indicators.exact import SCALE, BoolArray, IntArray, distinct, means
from remitwatch.indicators.family import Groups
from remitwatch.indicators.observations import Observations
from remitwatch.indicators.private import public_only
from remitwatch.indicators.selection import Selection, find_indicator, group_units
from remitwatch.indicators.units import Units
from remitwatch.method import Options
from remitwatch.periods import Period
from remitwatch.quotes import Basis, Tier

AVERAGE = "average_total_cost"
_SURVEY_IDENTITY = (
    "provider", "corridor", "payment_instrument", "access_point", "pickup_method", "product", "speed", "coverage",
)  # fmt: skip


@dataclass(frozen=True)
class Side:
    """What an average of one period and scope rests on.

    `used`: the priced services by subject number. `published`: the average as `indicators` gives it, by subject name
    ('' for the world), of named subjects without observations too.
    """

    units: Units
    used: Groups
    published: dict[str, IndicatorRow]
    subjects: tuple[str, ...]

    def number(self, subject: str) -> int:
        """The number of a subject, -1 when no row names it."""
        return self._numbers.get(subject, -1)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {subject: number for number, subject in enumerate(self.subjects)}

    def without_private(self) -> Side:
        """The same without services that rest on private rows."""
        return Side(self.units, public_only(self.units, self.used), self.published, self.subjects)

    @cached_property
    def services(self) -> IntArray:
        """How many services are behind the average of each subject; every survey row is one."""
        return np.bincount(self.used.group, minlength=self.used.size)

    @cached_property
    def private(self) -> IntArray:
        """How many of them rest on private rows."""
        return np.bincount(self.used.only(self.units.private).group, minlength=self.used.size)

    @cached_property
    def averages(self) -> dict[int, Fraction]:
        """The average of each subject, exactly, in per cent."""
        one = np.ones(len(self.used.unit), dtype=np.int64)
        found = self.sums("total_e8", self.used.group, one, self.used.size)
        return {group: total / int(self.services[group]) for group, total in found.items()}

    def sums(self, column: str, group: IntArray, shares: IntArray, size: int) -> dict[int, Fraction]:
        """The sum of what the memberships cost, each divided by its `shares`; those of group -1 are left out."""
        kept = group >= 0
        unit = self.used.unit[kept]
        totals, days = self.units.totals(column)[unit], self.units.days[unit]
        return _sums(group[kept], totals, days * shares[kept], size)


def _sums(group: IntArray, totals: IntArray, divisors: IntArray, size: int) -> dict[int, Fraction]:
    """The sum of total / divisor of each group that has a member; totals in 1e-8 per cent, sums in per cent."""
    members = np.bincount(group, minlength=size)
    found = means(group, totals, divisors, size)
    return {key: Fraction(one.numerator, one.denominator) * int(members[key]) for key, one in found.items()}


def side(
    observations: Observations,
    basis: Basis,
    amount: Tier,
    period: Period,
    selection: Selection,
    scope: Scope,
    as_of: dt.datetime,
    options: Options,
) -> Side:
    """The priced services of a period by the subjects of a scope, under the rules of the published average."""
    units = observations.units(basis, amount, period, as_of)
    grouping = group_units(units, selection, scope)
    indicator = find_indicator(AVERAGE, scope)
    assert indicator is not None, "the average exists for every scope"
    _, outcome, _ = outcome_of(units, grouping, indicator, scope, options)
    rows: Iterator[IndicatorRow] = figures_of(
        observations, basis, amount, (period,), selection, as_of, options, empty_rows=True
    )
    published = {"" if scope == "world" else row.subject: row for row in rows if row.scope == scope}
    return Side(units, outcome.used, published, grouping.subjects)


@dataclass(frozen=True)
class Half:
    """One side of a pair. By membership: whether its service is on the other side too (`stays`), and how many rows its
    service has on this side (`rows`). By subject: how many different services there are."""

    side: Side
    stays: BoolArray
    rows: IntArray
    services: IntArray

    def staying_sums(self, column: str, group: IntArray | None = None, size: int = 0) -> dict[int, Fraction]:
        """The sum over the services that stay of what each costs, the rows of one service averaged; by subject, or by
        another `group` of each membership."""
        if group is None:
            group, size = self.side.used.group, self.side.used.size
        return self.side.sums(column, np.where(self.stays, group, -1), self.rows, size)

    def staying_counts(self, group: IntArray, size: int) -> dict[int, Fraction]:
        """How many services of each group stay; one whose rows are in two groups is shared between them."""
        ones = np.full(int(self.stays.sum()), SCALE, dtype=np.int64)
        return _sums(group[self.stays], ones, self.rows[self.stays], size)

    @cached_property
    def repeated(self) -> IntArray:
        """How many rows of each subject are averaged with others to one service that stays."""
        again = self.side.used.group[self.stays & (self.rows > 1)]
        return np.bincount(again, minlength=self.side.used.size)

    @cached_property
    def splits_private(self) -> BoolArray:
        """Whether some, but not all, of a subject's private services stay."""
        private = self.side.units.private[self.side.used.unit]
        size = self.side.used.size
        every = np.bincount(self.side.used.group[private], minlength=size)
        stay = np.bincount(self.side.used.group[private & self.stays], minlength=size)
        found: BoolArray = (stay > 0) & (stay < every)
        return found


@dataclass(frozen=True)
class Pair:
    """Two periods matched. `continuing`: how many services of each subject are in both."""

    first: Half
    second: Half
    continuing: IntArray

    def means(self, half: Half, column: str) -> dict[int, Fraction]:
        """The mean of the continuing services on one side, by subject that has any: every service weighs the same."""
        return {group: total / int(self.continuing[group]) for group, total in half.staying_sums(column).items()}


def matched(first: Side, second: Side) -> Pair:
    """Two sides of the same panel and scope, matched service by service within each subject."""
    size = first.used.size
    code = _identities(first, second)
    width = int(code.max()) + 1 if len(code) else 1
    edge = len(first.used.unit)
    keys = np.concatenate([first.used.group, second.used.group]) * width + code
    mine, yours = keys[:edge], keys[edge:]
    both = np.intersect1d(mine, yours)
    return Pair(
        _half(first, mine, both, code[:edge]),
        _half(second, yours, both, code[edge:]),
        np.bincount(both // width, minlength=size).astype(np.int64),
    )


def _half(one: Side, keys: IntArray, both: IntArray, code: IntArray) -> Half:
    _, at, counts = np.unique(keys, return_inverse=True, return_counts=True)
    services = distinct(one.used.group, code, one.used.size)
    return Half(one, np.isin(keys, both), counts[at].astype(np.int64), services)


def _identities(first: Side, second: Side) -> IntArray:
    """One number for every service, the same for every membership of it on both sides."""
    columns = _SURVEY_IDENTITY if first.units.panel.basis is Basis.SURVEY else ("service",)
    code = np.zeros(len(first.used.unit) + len(second.used.unit), dtype=np.int64)
    for column in columns:
        labels = [one.units.labels(column) for one in (first, second)]
        found = np.concatenate([label.codes[one.used.unit] for label, one in zip(labels, (first, second), strict=True)])
        _, code = np.unique(code * max(len(labels[0].names), 1) + found, return_inverse=True)
    return code.astype(np.int64)
