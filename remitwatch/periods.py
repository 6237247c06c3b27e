"""Periods: the calendar of figures. Quarters `2025-Q3`, months `2025-09`, weeks `2025-W38`, days, years, `latest`.

A year has two forms: `2025`, for survey figures its third quarter as the official annual series have it, and
`2025-pooled`, all its rows together.

All dates are UTC dates. A period is written one way inside; the survey's `2025_3Q` is accepted.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from remitwatch.errors import InputError
from remitwatch.fields import Value

_EXPECTED = "expected 2025-Q3, 2025_3Q, 2025, 2025-pooled, 2025-09, 2025-W38, 2025-09-14 or latest"
_LONGEST_RANGE = 5000


class PeriodKind(StrEnum):
    """How long a period is. `latest` has no dates of its own: it is the newest that the data holds."""

    YEAR = "year"
    POOLED_YEAR = "pooled_year"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"
    LATEST = "latest"


class Period(Value):
    """A span of days, both ends included. `key` is how it is written (`2025-Q3`); `latest` has no days."""

    kind: PeriodKind
    key: str
    first_day: dt.date | None
    last_day: dt.date | None

    def __str__(self) -> str:
        return self.key

    @property
    def middle(self) -> Decimal:
        """Its middle as a point on the line of years (`2025-Q3` is 2025.6246...). Raises ValueError for `latest`."""
        if self.first_day is None or self.last_day is None:
            raise ValueError("the latest period has no dates")
        days = Decimal(self.first_day.toordinal() + self.last_day.toordinal() + 1) / 2
        year = dt.date.fromordinal(int(days)).year
        start, end = dt.date(year, 1, 1).toordinal(), dt.date(year + 1, 1, 1).toordinal()
        return year + (days - start) / (end - start)


def parse_period(text: str) -> Period:
    """The period that `text` names. Raises InputError for anything that is not one."""
    plain = text.strip()
    try:
        found = _parse(plain)
    except ValueError:  # a month 13, a day 31 June, a week 54: of the right shape, but not in the calendar
        found = None
    if found is None:
        raise InputError(f"period {text!r}: {_EXPECTED}")
    return found


def _parse(text: str) -> Period | None:
    if text.lower() == "latest":
        return Period(kind=PeriodKind.LATEST, key="latest", first_day=None, last_day=None)
    if match := re.fullmatch(r"(\d{4})-?Q([1-4])|(\d{4})_([1-4])Q", text, re.ASCII | re.IGNORECASE):
        year, number = (int(part) for part in match.groups() if part)
        first = dt.date(year, 3 * number - 2, 1)
        return _span(PeriodKind.QUARTER, f"{year:04d}-Q{number}", first, _month_end(year, 3 * number))
    if match := re.fullmatch(r"(\d{4})(-pooled)?", text, re.ASCII | re.IGNORECASE):
        year, kind = int(match[1]), PeriodKind.POOLED_YEAR if match[2] else PeriodKind.YEAR
        return _span(kind, text.lower(), dt.date(year, 1, 1), dt.date(year, 12, 31))
    if match := re.fullmatch(r"(\d{4})-(\d{2})", text, re.ASCII):
        year, month = int(match[1]), int(match[2])
        return _span(PeriodKind.MONTH, text, dt.date(year, month, 1), _month_end(year, month))
    if match := re.fullmatch(r"(\d{4})-W(\d{2})", text, re.ASCII | re.IGNORECASE):
        year, week = int(match[1]), int(match[2])
        monday = dt.date.fromisocalendar(year, week, 1)
        return _span(PeriodKind.WEEK, f"{year:04d}-W{week:02d}", monday, monday + dt.timedelta(days=6))
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        day = dt.date.fromisoformat(text)
        return _span(PeriodKind.DAY, text, day, day)
    return None


def _span(kind: PeriodKind, key: str, first: dt.date, last: dt.date) -> Period:
    return Period(kind=kind, key=key, first_day=first, last_day=last)


def _month_end(year: int, month: int) -> dt.date:
    following = dt.date(year + month // 12, month % 12 + 1, 1)
    return following - dt.timedelta(days=1)


@lru_cache(maxsize=10_000)
def period_of(day: dt.date, kind: PeriodKind | str) -> Period:
    """The period of this kind that holds `day`. Raises ValueError for `latest`, which no day belongs to."""
    match PeriodKind(kind):
        case PeriodKind.YEAR:
            key = f"{day.year:04d}"
        case PeriodKind.POOLED_YEAR:
            key = f"{day.year:04d}-pooled"
        case PeriodKind.QUARTER:
            key = f"{day.year:04d}-Q{(day.month + 2) // 3}"
        case PeriodKind.MONTH:
            key = f"{day.year:04d}-{day.month:02d}"
        case PeriodKind.WEEK:
            year, week, _ = day.isocalendar()
            key = f"{year:04d}-W{week:02d}"
        case PeriodKind.DAY:
            key = day.isoformat()
        case _:
            raise ValueError("no day belongs to the latest period")
    return parse_period(key)


def following(period: Period) -> Period:
    """The period after this one, of the same kind."""
    assert period.last_day is not None, "latest has no following period"
    return period_of(period.last_day + dt.timedelta(days=1), period.kind)


def preceding(period: Period) -> Period:
    """The period before this one, of the same kind."""
    assert period.first_day is not None, "latest has no preceding period"
    return period_of(period.first_day - dt.timedelta(days=1), period.kind)


def parse_periods(text: str) -> tuple[Period, ...]:
    """One period, or every period of a range `2023-Q1..2025-Q3`, both ends included, oldest first.

    Raises InputError when the ends are of different kinds, in the wrong order, or too far apart.
    """
    first_text, dots, last_text = text.partition("..")
    if not dots:
        return (parse_period(text),)
    first, last = parse_period(first_text), parse_period(last_text)
    if PeriodKind.LATEST in (first.kind, last.kind) or first.kind is not last.kind:
        raise InputError(f"period {text!r}: both ends of a range must be of one kind, such as 2023-Q1..2025-Q3")
    if first.first_day > last.first_day:  # type: ignore[operator]  # only `latest` has no days
        raise InputError(f"period {text!r}: the range ends before it begins")
    found = [first]
    while found[-1].key != last.key:
        if len(found) == _LONGEST_RANGE:
            raise InputError(f"period {text!r}: a range holds at most {_LONGEST_RANGE} periods")
        found.append(following(found[-1]))
    return tuple(found)
