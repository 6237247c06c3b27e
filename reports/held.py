"""On which days prices are held: what part of a period its figures rest on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from reports import numbers

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
        return f"{self.held} of {self.days} days{' so far' if self.is_open else ''}"

    @property
    def when(self) -> str:
        """`from 18 to 27 August 2025`, `on 19 August 2025`."""
        return span(self.first, self.last) if self.first == self.last else f"from {span(self.first, self.last)}"


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
        return f"on {numbers.day(first)}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {numbers.day(last)}"
    return f"{numbers.day(first, year=first.year != last.year)} to {numbers.day(last)}"
