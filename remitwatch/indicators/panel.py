"""The panel: observations of one basis and one amount as arrays, and the services of a period drawn from them.

Rows are put in an order of their own (service, survey row, day, quote id), so nothing depends on how they came.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from remitwatch.flows import FlowTable
from remitwatch.indicators.exact import BoolArray, FloatArray, IntArray
from remitwatch.periods import Period, PeriodKind
from remitwatch.quotes import Basis
from remitwatch.reference import read_toml

DEFAULT_MAX_AGE_DAYS = 7
QUARANTINED = "quarantined"
_NO_TIME = -(2**62)


@dataclass(frozen=True)
class Labels:
    """A text column as codes into its sorted distinct labels."""

    codes: IntArray
    names: tuple[str, ...]

    def code(self, name: str) -> int:
        """The code of a label, -1 when no row has it."""
        return self.names.index(name) if name in self.names else -1


def source_precedence() -> tuple[str, ...]:
    """Which source speaks for a service that two price on one day: first wins (reference/source_precedence.toml)."""
    return tuple(read_toml("source_precedence.toml")["order"])


class Panel:
    """The observations of one basis and one amount that count, in the panel's own order.

    Of collected quotes one counts for a service and a day: the preferred source's, then the newest. Quarantined quotes
    do not count. Every survey row counts, as one service each. `rows` are the counted rows of the frame.
    """

    def __init__(self, frame: pd.DataFrame, basis: Basis, amount: int, precedence: Sequence[str] | None = None) -> None:
        self.basis = basis
        self.amount = amount
        rows = frame[(frame["basis"] == basis.value) & (frame["tier"] == amount)]
        if basis is not Basis.SURVEY and len(rows):
            flags = rows["flags"].astype(str)
            if flags.str.contains(QUARANTINED, regex=False).any():
                rows = rows[~flags.str.split("+").map(lambda found: QUARANTINED in found).astype(bool)]
        self.rows = rows.iloc[self._order(rows, precedence)]

    def _order(self, rows: pd.DataFrame, precedence: Sequence[str] | None) -> IntArray:
        """The positions of the counted rows, in the panel's order."""
        service = _labels(rows["service"]).codes
        ids = rows["quote_id"].to_numpy(dtype=np.int64)
        if self.basis is Basis.SURVEY:
            return np.lexsort((ids, _labels(rows["survey_row"]).codes, service)).astype(np.int64)
        days = _days(rows["day"])
        sources = _labels(rows["source"])
        named = list(precedence if precedence is not None else source_precedence())
        rank_of = np.array(
            [named.index(name) if name in named else len(named) + at for at, name in enumerate(sources.names)],
            dtype=np.int64,
        )
        rank = rank_of[sources.codes] if len(rows) else sources.codes
        order = np.lexsort((-ids, -_times(rows["fetched_at"]), -_times(rows["quoted_at"]), rank, days, service))
        if not len(order):
            return order.astype(np.int64)
        service, days = service[order], days[order]
        first = np.ones(len(order), dtype=bool)
        first[1:] = (service[1:] != service[:-1]) | (days[1:] != days[:-1])
        return order[first].astype(np.int64)

    def __len__(self) -> int:
        return len(self.rows)

    def labels(self, column: str) -> Labels:
        """A text column of the counted rows."""
        if column not in self._labels:
            self._labels[column] = _labels(self.rows[column])
        return self._labels[column]

    @cached_property
    def _labels(self) -> dict[str, Labels]:
        return {}

    @cached_property
    def days(self) -> IntArray:
        """The day of each row, as days since 1970-01-01."""
        return _days(self.rows["day"])

    @cached_property
    def own_days(self) -> IntArray:
        """The day of the source's own time where it is stated and not later than the day of the row, else that day."""
        quoted = _times(self.rows["quoted_at"])
        stated = np.where(quoted == _NO_TIME, self.days, quoted // 86_400_000_000)
        return np.minimum(stated, self.days)

    @cached_property
    def transparent(self) -> BoolArray:
        return self.rows["transparent"].to_numpy(dtype=bool)

    @cached_property
    def private(self) -> BoolArray:
        return self.rows["private"].to_numpy(dtype=bool)

    @cached_property
    def disclosed(self) -> BoolArray:
        """Whether a row has a total cost: its rate is disclosed and a total is there."""
        has_total: BoolArray = ~np.isnan(self.rows["total_e8"].to_numpy(dtype=np.float64))
        return self.transparent & has_total

    def costs(self, column: str) -> IntArray:
        """`fee_e8`, `margin_e8` or `total_e8` as whole numbers; 0 where the row is not disclosed."""
        if column not in self._costs:
            values = self.rows[column].to_numpy(dtype=np.float64)
            self._costs[column] = np.rint(np.where(self.disclosed, np.nan_to_num(values), 0.0)).astype(np.int64)
        return self._costs[column]

    @cached_property
    def _costs(self) -> dict[str, IntArray]:
        return {}

    def units(
        self, period: Period, as_of: dt.datetime, max_age_days: int | Mapping[str, int] = DEFAULT_MAX_AGE_DAYS
    ) -> Units:
        """The services of a period.

        Survey: the rows of the quarter; of a year its third quarter (as the official series do); `latest` the newest
        quarter; none for shorter periods, which the survey has not. Collected: each service with its quotes of the
        period; `latest` each service's newest quote, at most `max_age_days` old (by source, or one for all) on the day
        of `as_of`, by the source's own time where it states one.
        """
        if self.basis is Basis.SURVEY:
            quarter = self._survey_quarter(period)
            at = self.labels("survey_period").code(quarter) if quarter else -1
            chosen = np.flatnonzero(self.labels("survey_period").codes == at) if at >= 0 else _no_rows()
            return Units(self, chosen, np.arange(len(chosen)), period)
        if period.kind is PeriodKind.LATEST:
            chosen = self._latest(as_of, max_age_days)
        else:
            assert period.first_day is not None
            assert period.last_day is not None
            first, last = _day_number(period.first_day), _day_number(period.last_day)
            chosen = np.flatnonzero((self.days >= first) & (self.days <= last))
        service = self.labels("service").codes[chosen]
        _, unit_of = np.unique(service, return_inverse=True)
        return Units(self, chosen, unit_of, period)

    def _survey_quarter(self, period: Period) -> str | None:
        if period.kind is PeriodKind.QUARTER:
            return period.key
        if period.kind is PeriodKind.YEAR:
            return f"{period.key}-Q3"
        if period.kind is PeriodKind.LATEST:
            return max((name for name in self.labels("survey_period").names if name), default=None)
        return None

    def newest(self, as_of: dt.datetime) -> IntArray:
        """The newest counted row of each service up to the day of `as_of`, however old (positions in `rows`)."""
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


class Units:
    """The services of one period. A unit is one service: over its days (collected), or one row (survey).

    `row_at` are the panel positions that count, `unit_of` the unit of each; `newest` the newest position of each unit:
    its attributes (speed, type, region ...) are the unit's. Totals are summed over the disclosed days. `flows` are the
    weights of their corridors, where there are any.
    """

    def __init__(self, panel: Panel, row_at: IntArray, unit_of: IntArray, period: Period) -> None:
        self.panel = panel
        self.period = period
        self.flows: FlowTable | None = None
        self.row_at = row_at
        self.unit_of = unit_of.astype(np.int64)
        self.size = int(self.unit_of.max()) + 1 if len(self.unit_of) else 0
        self.newest = np.zeros(self.size, dtype=np.int64)
        self.newest[self.unit_of] = row_at  # positions rise with the day within a service: the last one stays

    def __len__(self) -> int:
        return self.size

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
            found = np.zeros(self.size, dtype=np.int64)
            np.add.at(found, self.unit_of, self.panel.costs(column)[self.row_at])
            self._totals[column] = found
        return self._totals[column]

    @cached_property
    def _totals(self) -> dict[str, IntArray]:
        return {}

    def means(self, column: str) -> FloatArray:
        """The mean over the disclosed days in 1e-8 per cent; NaN without any. Equal means give equal floats."""
        found: FloatArray = np.full(self.size, np.nan)
        np.divide(self.totals(column), self.days, out=found, where=self.days > 0)
        return found

    def labels(self, column: str) -> Labels:
        """A text attribute of each unit."""
        if column not in self._labels:
            whole = self.panel.labels(column)
            self._labels[column] = Labels(whole.codes[self.newest], whole.names)
        return self._labels[column]

    @cached_property
    def _labels(self) -> dict[str, Labels]:
        return {}


def _labels(column: pd.Series) -> Labels:
    """Missing values become ''."""
    codes, names = pd.factorize(column, sort=True)
    if len(codes) and codes.min() < 0:
        return _labels(column.astype(object).where(column.notna(), ""))
    return Labels(codes.astype(np.int64), tuple(str(name) for name in names))


def _days(column: pd.Series) -> IntArray:
    return column.to_numpy(dtype="datetime64[D]").astype(np.int64)


def _times(column: pd.Series) -> IntArray:
    """Microseconds since 1970 in UTC; `_NO_TIME`, far before all times, where there is none."""
    if not len(column) or column.isna().all():
        return np.full(len(column), _NO_TIME, dtype=np.int64)
    times = pd.to_datetime(column, utc=True, format=None if column.dtype.kind == "M" else "ISO8601")
    found = times.dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
    return np.where(np.isnat(found), _NO_TIME, found.astype(np.int64))


def _day_number(day: dt.date) -> int:
    return day.toordinal() - dt.date(1970, 1, 1).toordinal()


def _no_rows() -> IntArray:
    return np.zeros(0, dtype=np.int64)
