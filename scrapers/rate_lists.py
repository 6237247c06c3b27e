"""What lists of reference rates have in common: units, spans of dates, and pages that come in place of data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import Context, Decimal, Inexact

from remitwatch.rates import ReferenceRate
from scrapers.base import AnswerError, NothingPublished, Record, Refused, Request

LOOK_BACK_DAYS = 7
"""Lists are asked for at least a week: a holiday is then no empty answer, and a correction is seen."""

NOT_MONEY = frozenset({"XDR", "XAU", "XAG", "XPT", "XPD"})
"""In many lists, and nothing that a person is paid in: the drawing right and metals. Counted as `not_money`."""

_EXACT = Context(prec=60, traps=[Inexact])


def per_unit(rate: Decimal, units: Decimal) -> Decimal:
    """The rate of one unit where a list states it for 10, 100, 1,000 ... Raises ValueError where that is not exact."""
    if units <= 0:
        raise ValueError(f"expected a number of units above 0, got {units}")
    try:
        return _EXACT.divide(rate, units)
    except Inexact:
        raise ValueError(f"{rate} for {units} units: not exact for one") from None


def middle(buying: Decimal, selling: Decimal) -> Decimal:
    """The mid of a buying and a selling rate, exactly. Raises ValueError where they are not in this order."""
    if not 0 < buying <= selling:
        raise ValueError(f"expected a buying rate of at most the selling rate, got {buying} and {selling}")
    return _EXACT.divide(_EXACT.add(buying, selling), Decimal(2))


def from_a_week_back(since: dt.date, until: dt.date, days: int = LOOK_BACK_DAYS) -> dt.date:
    """The first day to ask for: `since`, or `days` before `until` where that is earlier."""
    return min(since, until - dt.timedelta(days=days))


def weekdays(since: dt.date, until: dt.date) -> Iterator[dt.date]:
    """The days from Monday to Friday of a span, both ends included."""
    for number in range(since.toordinal(), until.toordinal() + 1):
        day = dt.date.fromordinal(number)
        if day.weekday() < 5:
            yield day


def spans(since: dt.date, until: dt.date, longest: int) -> Iterator[tuple[dt.date, dt.date]]:
    """A span in parts of at most `longest` days, the oldest first."""
    while since <= until:
        end = min(until, since + dt.timedelta(days=longest - 1))
        yield since, end
        since = end + dt.timedelta(days=1)


def wanted(since: dt.date, until: dt.date) -> dict[str, str]:
    """A span as the context of a request whose answer always holds everything."""
    return {"since": since.isoformat(), "until": until.isoformat()}


def is_wanted(day: dt.date, context: Mapping[str, str]) -> bool:
    """Whether a day is in the span noted by `wanted`."""
    return dt.date.fromisoformat(context["since"]) <= day <= dt.date.fromisoformat(context["until"])


def refuse_page(body: bytes) -> None:
    """Raises AnswerError (`blocked`) where a page of HTML came in place of data."""
    head = body[:300].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if head.startswith((b"<!doctype", b"<html", b"<head")):
        raise AnswerError("blocked", "a page of HTML came in place of the rates")


def or_nothing(records: Iterable[Record], why: str) -> Iterator[Record]:
    """The records of a list, and that nothing was published where no rate, refusal or further request is among them."""
    empty = True
    for record in records:
        empty = empty and not isinstance(record, ReferenceRate | Refused | Request)
        yield record
    if empty:
        yield NothingPublished(why)
