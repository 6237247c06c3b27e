"""The panel: observations of one basis and one amount, and which of them count for which periods.

Rows are put in an order of their own (service, survey row, day, quote id), so nothing depends on how they came.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from remitwatch.countries import country_groups
from remitwatch.indicators.columns import NO_TIME, Columns, Labels
from remitwatch.indicators.exact import BoolArray, IntArray
from remitwatch.indicators.units import Units
from remitwatch.periods import Period, PeriodKind
from remitwatch.quotes import Basis
from remitwatch.reference import read_toml

DEFAULT_MAX_AGE_DAYS = 7
QUARANTINED = "quarantined"
SENDER_GROUP = "sender_group"
_DAY = 86_400_000_000  # microseconds
_EPOCH = dt.date(1970, 1, 1)


def source_precedence() -> tuple[str, ...]:
    """Which source speaks for a service that two price on one day: first wins (reference/source_precedence.toml)."""
    return tuple(read_toml("source_precedence.toml")["order"])


class Panel:
    """The observations of one basis and one amount that count, in the panel's own order.

    Of collected quotes one counts for a service and a day: the preferred source's, then the newest. Quarantined quotes
    do not count. Every survey row counts, as one service each. `columns` are the counted rows, `rows` their places
    among those given.
    """

    def __init__(self, columns: Columns, basis: Basis, amount: int, precedence: Sequence[str] | None = None) -> None:
        self.basis = basis
        self.amount = amount
        bases = columns.labels("basis")
        wanted = (bases.codes == bases.code(basis.value)) & (columns.whole("tier") == amount)
        if basis is not Basis.SURVEY and wanted.any():
            flags = columns.labels("flags")
            wanted &= ~np.array([QUARANTINED in name.split("+") for name in flags.names], dtype=bool)[flags.codes]
        rows = np.flatnonzero(wanted)
        self.rows = (
            _survey_order(columns, rows) if basis is Basis.SURVEY else _collected_order(columns, rows, precedence)
        )
        self.columns = columns.taking(self.rows)

    def __len__(self) -> int:
        return len(self.columns)

    def labels(self, column: str) -> Labels:
        """A text column of the counted rows; `sender_group` is that of the sending country (G8, G20)."""
        if column != SENDER_GROUP:
            return self.columns.labels(column)
        return self._sender_group

    @cached_property
    def _sender_group(self) -> Labels:
        sender = self.columns.labels("sender")
        return Labels.of(sender.codes, [country_groups().get(name, "") for name in sender.names])

    @cached_property
    def days(self) -> IntArray:
        """The day of each row, as days since 1970-01-01."""
        return self.columns.whole("day")

    def dates(self) -> list[dt.date]:
        """The days that have counted rows, in order."""
        return [_EPOCH + dt.timedelta(days=day) for day in np.unique(self.days).tolist()]

    @cached_property
    def own_days(self) -> IntArray:
        """The day of the source's own time where it is stated and not later than the day of the row, else that day."""
        quoted = self.columns.whole("quoted_at")
        stated = np.where(quoted == NO_TIME, self.days, quoted // _DAY)
        return np.minimum(stated, self.days)

    @cached_property
    def transparent(self) -> BoolArray:
        return self.columns.yes_no("transparent")

    @cached_property
    def private(self) -> BoolArray:
        return self.columns.yes_no("private")

    @cached_property
    def disclosed(self) -> BoolArray:
        """Whether a row has a total cost: its rate is disclosed and a total is there."""
        return self.transparent & ~np.isnan(self.columns.numbers("total_e8"))

    def costs(self, column: str) -> IntArray:
        """`fee_e8`, `margin_e8` or `total_e8` as whole numbers; 0 where the row is not disclosed."""
        if column not in self._costs:
            values = self.columns.numbers(column)
            self._costs[column] = np.rint(np.where(self.disclosed, np.nan_to_num(values), 0.0)).astype(np.int64)
        return self._costs[column]

    @cached_property
    def _costs(self) -> dict[str, IntArray]:
        return {}

    def units(
        self,
        periods: Sequence[Period],
        as_of: dt.datetime,
        max_age_days: int | Mapping[str, int] = DEFAULT_MAX_AGE_DAYS,
    ) -> Units:
        """The services of one period, or of several that do not overlap, oldest first.

        Survey: the rows of the quarter; of a year its third quarter (as the official series do); of a pooled year all
        its rows; `latest` the newest quarter; none for shorter periods, which the survey has not. Collected: each
        service with its quotes of the period; `latest` (which stands alone) each service's newest quote, at most
        `max_age_days` old (by source, or one for all) on the day of `as_of`, by the source's own time where it states
        one.
        """
        if self.basis is Basis.SURVEY:
            return self._survey_units(periods)
        if periods[0].kind is PeriodKind.LATEST:
            chosen = self._latest(as_of, max_age_days)
            period = np.zeros(len(chosen), dtype=np.int64)
        else:
            first = np.array([_day_number(one.first_day) for one in periods], dtype=np.int64)
            last = np.array([_day_number(one.last_day) for one in periods], dtype=np.int64)
            period = np.searchsorted(first, self.days, side="right") - 1
            chosen = np.flatnonzero((period >= 0) & (self.days <= last[period]))
            period = period[chosen].astype(np.int64)
        service = self.labels("service").codes[chosen]
        begins = np.ones(len(chosen), dtype=bool)  # rows are in the order of service and day
        begins[1:] = (service[1:] != service[:-1]) | (period[1:] != period[:-1])
        unit_of = np.cumsum(begins) - 1
        return Units(self, chosen, unit_of, tuple(periods), period[begins])

    def _survey_units(self, periods: Sequence[Period]) -> Units:
        quarters = self.labels("survey_period")
        of_quarter = np.full(max(len(quarters.names), 1), -1, dtype=np.int64)
        for number, period in enumerate(periods):
            for quarter in self._survey_quarters(period):
                if (code := quarters.code(quarter)) >= 0:
                    of_quarter[code] = number
        period_of_row = of_quarter[quarters.codes]
        chosen = np.flatnonzero(period_of_row >= 0)
        return Units(self, chosen, np.arange(len(chosen)), tuple(periods), period_of_row[chosen])

    def _survey_quarters(self, period: Period) -> tuple[str, ...]:
        match period.kind:
            case PeriodKind.QUARTER:
                return (period.key,)
            case PeriodKind.YEAR:
                return (f"{period.key}-Q3",)
            case PeriodKind.POOLED_YEAR:
                return tuple(f"{period.key[:4]}-Q{number}" for number in range(1, 5))
            case PeriodKind.LATEST:
                return tuple(sorted(name for name in self.labels("survey_period").names if name)[-1:])
            case _:
                return ()

    def newest(self, as_of: dt.datetime) -> IntArray:
        """The newest counted row of each service up to the day of `as_of`, however old (positions in `columns`)."""
        known = np.flatnonzero(self.days <= _day_number(as_of.date()))
        service = self.labels("service").codes[known]  # rows are in the order of service, then day: the last is newest
        last = np.ones(len(known), dtype=bool)
        last[:-1] = service[1:] != service[:-1]
        return known[last]

    def _latest(self, as_of: dt.datetime, max_age_days: int | Mapping[str, int]) -> IntArray:
        newest = self.newest(as_of)
        age = _day_number(as_of.date()) - self.own_days[newest]
        if isinstance(max_age_days, Mapping):
            sources = self.labels("source")
            by_source = [max_age_days.get(name, DEFAULT_MAX_AGE_DAYS) for name in sources.names]
            allowed = np.array(by_source, dtype=np.int64)[sources.codes[newest]] if by_source else age
        else:
            allowed = np.full(len(newest), max_age_days, dtype=np.int64)
        return newest[age <= allowed]


def _survey_order(columns: Columns, rows: IntArray) -> IntArray:
    """The rows in the order of service, survey row and quote id."""
    ids, row = columns.whole("quote_id")[rows], columns.labels("survey_row")
    key = columns.labels("service").codes[rows] * max(len(row.names), 1) + row.codes[rows]
    if np.all(ids[1:] > ids[:-1]):
        return rows[np.argsort(key, kind="stable")]
    return rows[np.lexsort((ids, key))]


def _collected_order(columns: Columns, rows: IntArray, precedence: Sequence[str] | None) -> IntArray:
    """The counted rows, in the order of service and day: one row for each."""
    if not len(rows):
        return rows
    day = columns.whole("day")[rows]
    day = day - day.min()
    key = columns.labels("service").codes[rows] * (int(day.max()) + 1) + day
    order = np.argsort(key, kind="stable").astype(np.int64)
    again = key[order][1:] == key[order][:-1]
    if not again.any():
        return rows[order]
    several = np.zeros(len(order), dtype=bool)  # only services with several rows of a day need a decision
    several[1:] |= again
    several[:-1] |= again
    asked = order[several]
    of = columns.taking(rows[asked])
    sources = of.labels("source")
    named = list(precedence if precedence is not None else source_precedence())
    rank_of = np.array(
        [named.index(name) if name in named else len(named) + at for at, name in enumerate(sources.names)],
        dtype=np.int64,
    )
    newest_first = [np.where(time == NO_TIME, 2**62, -time) for time in (of.whole("fetched_at"), of.whole("quoted_at"))]
    order[several] = asked[np.lexsort((-of.whole("quote_id"), *newest_first, rank_of[sources.codes], key[asked]))]
    first = np.ones(len(order), dtype=bool)
    first[1:] = key[order][1:] != key[order][:-1]
    return rows[order[first]]


def _day_number(day: dt.date | None) -> int:
    assert day is not None, "the period has days"
    return (day - _EPOCH).days
