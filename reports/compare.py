"""With which earlier period the figures of an edition are compared, and what moved since.

A change is stated where both figures rest on the same corridors and on about as many services, at most five years
apart; elsewhere the pages say why none is.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from reports import held, numbers
from reports.inputs import BasisInput
from reports.language import _, ngettext, pgettext
from reports.lookup import WORLD, Figures, Place, alike, near

_AVERAGE = "average_total_cost"
UNCHANGED = Decimal("0.05")
"""Differences under this many points are "unchanged"."""


@dataclass(frozen=True)
class Earlier:
    """The period compared with, in the language spoken. `words`: `a year earlier`, `on 30 September`; `head`: for a
    table head; `part`: which part of it is held (`60 of 92 days`), empty for a whole one."""

    period: str
    words: str
    head: str
    part: str = ""


def earlier_period(data: BasisInput, figures: Figures, as_of: dt.date, place: Place = WORLD) -> Earlier | None:
    """A year earlier where that quarter, month or year is held; else the previous period named by the edition; else,
    for a day, the period nearest to 30 days earlier; else the newest one held; None where nothing earlier is held.

    Only periods within five years whose figure of the place may be compared (`Figures.comparable`).
    """
    now = figures.get(_AVERAGE, place)
    if now is None:
        return None
    newest = _newest(data, as_of)
    found = [
        figure.period
        for figure in figures.series(_AVERAGE, place)
        if figure.period != data.period and near(figure.period, newest) and figures.comparable(figure, now, place)
    ]
    period = _preferred(data, found, newest)
    return None if period is None else named(data, period, as_of)


def period_before(data: BasisInput, as_of: dt.date) -> str | None:
    """The period that changes of corridors count from, each compared with itself: chosen as in `earlier_period` among
    all periods held, whatever corridors they are of. None where nothing is held within five years."""
    rows = data.history
    world = rows[(rows["scope"] == "world") & (rows["indicator"] == _AVERAGE) & (rows["amount"] == 200)]
    known = world[world["value"].notna() & world["breakdown"].isna() & (world["period"] != data.period)]
    newest = _newest(data, as_of)
    periods = sorted(map(str, known["period"].unique()), key=numbers.period_days)
    return _preferred(data, [period for period in periods if near(period, newest)], newest)


def _newest(data: BasisInput, as_of: dt.date) -> str:
    return as_of.isoformat() if numbers.period_kind(data.period) == "latest" else data.period


def named(data: BasisInput, period: str, as_of: dt.date) -> Earlier:
    """An earlier period in words."""
    part = held.part_of(data.days, period, as_of)
    made = (
        Earlier(period, _("a year earlier"), _("In a year"))
        if period == numbers.year_earlier(data.period)
        else _plain(period)
    )
    if part is None:
        return made
    words = pgettext("period and its part", "{when} ({part})", when=made.words, part=part.words)
    return Earlier(made.period, words, made.head, part.words)


def _preferred(data: BasisInput, found: list[str], newest: str) -> str | None:
    for wanted in (numbers.year_earlier(data.period), data.previous_period):
        if wanted in found:
            return wanted
    if numbers.period_kind(newest) == "day":
        goal = numbers.period_days(newest)[0] - dt.timedelta(days=30)
        close = [period for period in found if abs((numbers.period_days(period)[0] - goal).days) <= 3]
        if close:
            return min(close, key=lambda period: abs((numbers.period_days(period)[0] - goal).days))
    return found[-1] if found else None


def untold(data: BasisInput, figures: Figures, place: Place = WORLD) -> str:
    """Why no change is stated although earlier figures are held, in a sentence; empty where nothing earlier is held."""
    now = figures.get(_AVERAGE, place)
    before = [figure for figure in figures.series(_AVERAGE, place) if figure.period != data.period]
    if now is None or now.value is None or not before:
        return ""
    last = before[-1]
    when = numbers.period_words(last.period)
    if not figures.same_corridors(last, now, place):
        return _("The average {when} rests on another set of corridors, so no change is stated.", when=when)
    if not alike(last, now):
        return ngettext(
            "The average {when} rests on {n} service, now on {now}, so no change is stated.",
            "The average {when} rests on {n} services, now on {now}, so no change is stated.",
            last.services,
            when=when,
            now=numbers.count(now.services),
        )
    return _("The average {when} is more than five years old, so no change is stated.", when=when)


def _plain(period: str) -> Earlier:
    day = numbers.period_days(period)[0]
    if numbers.period_kind(period) == "day":
        return Earlier(period, at(period), _("Since {period}", period=numbers.short_day(day)))
    if numbers.period_kind(period) == "week":
        return Earlier(period, at(period), _("Since the week of {day}", day=numbers.short_day(day)))
    return Earlier(period, numbers.period_words(period), _("Since {period}", period=period))


def at(period: str, *, year: bool = False) -> str:
    """When a period is, shortly: `in 2025-Q3`, `on 30 September`, `in the week of 28 September`; days with their year
    on demand."""
    kind = numbers.period_kind(period)
    if kind not in ("day", "week"):
        return pgettext("period", "in {period}", period=period)
    day = numbers.day(numbers.period_days(period)[0], year=year)
    return pgettext("day", "on {day}", day=day) if kind == "day" else _("in the week of {day}", day=day)


def noun(period: str) -> str:
    """A period by its name: `2025-Q3`, `30 September`, `the week of 28 September`."""
    kind = numbers.period_kind(period)
    if kind not in ("day", "week"):
        return period
    day = numbers.day(numbers.period_days(period)[0], year=False)
    return day if kind == "day" else _("the week of {day}", day=day)


def difference(
    figures: Figures, indicator: str, earlier: Earlier | None, place: Place = WORLD, amount: int = 200
) -> Decimal | None:
    """Points between now and the earlier period; None where one of the two is absent."""
    now = figures.value(indicator, place, amount)
    before = figures.at(indicator, earlier.period, place, amount) if earlier else None
    return None if now is None or before is None or before.value is None else now - before.value


def moved(change: Decimal) -> str:
    """`fell`, `rose` or `unchanged`."""
    if abs(change) < UNCHANGED:
        return "unchanged"
    return "fell" if change < 0 else "rose"


def direction(now: Decimal, before: Decimal) -> Literal["same", "hardly", "down", "up"]:
    """How two figures compare as they are printed: `same` where both print alike; `hardly` where they do not although
    they are under 0.05 points apart."""
    if numbers.rounded(now, 1) == numbers.rounded(before, 1):
        return "same"
    if abs(now - before) < UNCHANGED:
        return "hardly"
    return "down" if now < before else "up"
