"""On which days prices are held: what part of a period its figures rest on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from reports import numbers
from reports.language import ngettext, pgettext

_WHOLE = ("week", "month", "quarter", "year")


@dataclass(frozen=True)
class Part:
    """The days of a period that have prices: `held` of its `days`, from `first` to `last`. `is_open`: the period is
    not over."""

    held: int
    days: int
    first: dt.date
    last: dt.date
    is_open: bool

    @property
    def words(self) -> str:
        """`30 of 92 days so far`, `60 of 92 days`."""
        held = numbers.count(self.held)
        if self.is_open:
            return ngettext("{held} of {n} day so far", "{held} of {n} days so far", self.days, held=held)
        return ngettext("{held} of {n} day", "{held} of {n} days", self.days, held=held)

    @property
    def when(self) -> str:
        """`from 18 to 27 August 2025`, `on 19 August 2025`."""
        if self.first == self.last:
            return span(self.first, self.last)
        first, last = _ends(self.first, self.last)
        return pgettext("days", "from {first} to {last}", first=first, last=last)


def part_of(days: Sequence[dt.date], period: str, as_of: dt.date) -> Part | None:
    """What is held of a period, where that is not the whole: it is not over, prices begin later or end earlier, or a
    tenth of its days is without prices. None for a whole period, for a day, and where no days are known (surveys)."""
    if numbers.period_kind(period) not in _WHOLE:
        return None
    start, end = numbers.period_days(period)
    found = [day for day in days if start <= day <= end]
    if not found:
        return None
    part = Part(len(found), (end - start).days + 1, min(found), max(found), as_of < end)
    whole = part.first == start and part.last == end and part.held * 10 >= part.days * 9
    return None if whole else part


def span(first: dt.date, last: dt.date) -> str:
    """`on 19 August 2025`, `18 to 27 August 2025`, `2 August to 30 October 2026`."""
    if first == last:
        return pgettext("day", "on {day}", day=numbers.day(first))
    start, end = _ends(first, last)
    return pgettext("days", "{first} to {last}", first=start, last=end)


def _ends(first: dt.date, last: dt.date) -> tuple[str, str]:
    """The two days of a span: the first one says no month and no year that the last one says."""
    if (first.year, first.month) == (last.year, last.month):
        return numbers.day_of_month(first), numbers.day(last)
    return numbers.day(first, year=first.year != last.year), numbers.day(last)
