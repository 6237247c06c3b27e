"""With which earlier period the figures of an edition are compared, and what moved since."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from reports import numbers
from reports.inputs import BasisInput
from reports.lookup import WORLD, Figures, Place, alike

_AVERAGE = "average_total_cost"
UNCHANGED = Decimal("0.05")
"""Differences under this many points are "unchanged"."""


@dataclass(frozen=True)
class Earlier:
    """The period compared with. `words`: `a year earlier`, `on 30 September`; `head`: for a table head."""

    period: str
    words: str
    head: str


@dataclass(frozen=True)
class Mover:
    """A corridor whose average changed. Changes in points."""

    place: Place
    before: Decimal
    now: Decimal
    fee: Decimal
    margin: Decimal
    services_before: int
    services_now: int

    @property
    def change(self) -> Decimal:
        """Points, from unrounded values."""
        return self.now - self.before


def earlier_period(data: BasisInput, figures: Figures, as_of: dt.date, place: Place = WORLD) -> Earlier | None:
    """A year earlier where that quarter, month or year is held; else the previous period named by the edition; else,
    for a day, the period nearest to 30 days earlier; else the newest one held; None where nothing earlier is held.

    Periods that rest on far fewer or far more services (`alike`) are not compared with."""
    now = figures.get(_AVERAGE, place)
    held = [
        figure.period
        for figure in figures.series(_AVERAGE, place)
        if figure.period != data.period and now is not None and alike(figure, now)
    ]
    year = numbers.year_earlier(data.period)
    if year in held:
        return Earlier(year, "a year earlier", "In a year")
    if data.previous_period in held:
        return _plain(str(data.previous_period))
    if numbers.period_kind(data.period) in ("day", "latest"):
        day = as_of if numbers.period_kind(data.period) == "latest" else numbers.period_days(data.period)[0]
        goal = day - dt.timedelta(days=30)
        near = [period for period in held if abs((numbers.period_days(period)[0] - goal).days) <= 3]
        if near:
            best = min(near, key=lambda period: abs((numbers.period_days(period)[0] - goal).days))
            return _plain(best)
    return _plain(held[-1]) if held else None


def _plain(period: str) -> Earlier:
    if numbers.period_kind(period) == "day":
        day = numbers.period_days(period)[0]
        return Earlier(period, f"on {numbers.day(day, year=False)}", f"Since {numbers.short_day(day)}")
    if numbers.period_kind(period) == "week":
        day = numbers.period_days(period)[0]
        return Earlier(
            period, f"in the week of {numbers.day(day, year=False)}", f"Since week of {numbers.short_day(day)}"
        )
    return Earlier(period, numbers.period_words(period), f"Since {period}")


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


def versus(now: Decimal, before: Decimal | None, earlier: Earlier | None) -> str:
    """`down from 6.9% a year earlier`, `unchanged since a year earlier`, or nothing."""
    if before is None or earlier is None:
        return ""
    if abs(now - before) < UNCHANGED:
        return f"as {earlier.words}"
    direction = "down" if now < before else "up"
    return f"{direction} from {numbers.percent(before)} {earlier.words}"


def movers(figures: Figures, earlier: Earlier | None, most: int = 5) -> tuple[list[Mover], list[Mover]]:
    """The corridors that became cheaper and dearer, the largest change first; three services at both times at least."""
    if earlier is None:
        return [], []
    found = []
    for place in figures.places("corridor"):
        now, before = figures.get(_AVERAGE, place), figures.at(_AVERAGE, earlier.period, place)
        fee = difference(figures, "average_fee", earlier, place)
        margin = difference(figures, "average_fx_margin", earlier, place)
        if now is None or now.value is None or before is None or before.value is None or fee is None or margin is None:
            continue
        if (
            min(now.services, before.services) >= 3
            and alike(now, before)
            and abs(now.value - before.value) >= UNCHANGED
        ):
            found.append(Mover(place, before.value, now.value, fee, margin, before.services, now.services))
    cheaper = sorted((mover for mover in found if mover.change < 0), key=lambda mover: (mover.change, mover.place))
    dearer = sorted((mover for mover in found if mover.change > 0), key=lambda mover: (-mover.change, mover.place))
    return cheaper[:most], dearer[:most]


def reason(mover: Mover) -> str:
    """Which part moved, and whether the number of services changed. No causes beyond the data."""
    fee, margin = abs(mover.fee), abs(mover.margin)
    if fee >= 4 * margin:
        lead = "Almost all fees"
    elif margin >= 4 * fee:
        lead = "Almost all exchange-rate margin"
    elif (mover.fee < 0) == (mover.margin < 0):
        lead = "Fees and margin together"
    else:
        lead = "Fees and margin moved against each other"
    parts = f"{lead}: {_part('fees', mover.fee)}, {_part('margin', mover.margin)}."
    if mover.services_before == mover.services_now:
        return f"{parts} The same number of services, {mover.services_now}, both times."
    return f"{parts} Services {mover.services_before} → {mover.services_now}, so part may be a change of mix."


def _part(name: str, change: Decimal) -> str:
    if abs(change) < UNCHANGED:
        return f"{name} unchanged"
    return f"{name} {'down' if change < 0 else 'up'} {numbers.number(abs(change))}"
