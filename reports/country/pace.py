"""How a country's average, or the three cheapest services of a corridor, move towards their target.

The window is the newest stretch of periods that may be compared with each other (`Figures.steady`): the same corridors,
about as many services.
"""

from __future__ import annotations

import datetime as dt
from typing import cast

from remitwatch.figures import IndicatorRow, Scope
from remitwatch.periods import PeriodKind, parse_period, period_of
from remitwatch.quotes import Basis
from remitwatch.targets import NOT_ASSESSABLE_FLAGS, Progress, Status, Target, progress
from reports import numbers
from reports.lookup import Figure, Figures, Place

_ANY_TIME = dt.datetime.min.replace(tzinfo=dt.UTC)
"""A pace asks for no time of computing."""
SHORT = "short_window"


def progress_of(figures: Figures, basis: str, target: Target, place: Place) -> Progress | None:
    """The progress of the figure of a place that a target is about; None where there is no such figure.

    A pace needs a year at least: over a shorter window none is told, and the reason is `short_window`.
    """
    now = figures.get(target.indicator, place)
    if now is None:
        return None
    newest = _calendar(now.period)
    kind = numbers.period_kind(newest)
    past = [
        one
        for one in figures.steady(target.indicator, place)
        if one.period not in (now.period, newest) and numbers.period_kind(one.period) == kind
    ]
    usable = [one for one in past if not NOT_ASSESSABLE_FLAGS.intersection(one.flags)]
    rows = [_row(one, basis, place, one.period) for one in usable[:1]]
    found = progress([*rows, _row(now, basis, place, newest)], target)
    if found.window_years is None or found.window_years >= 1:
        return found
    status = Status.MET if found.met else Status.NOT_ASSESSABLE
    without = dict.fromkeys(("actual_pace", "required_pace", "projected_year"))
    return found.model_copy(update={**without, "status": status, "reason": SHORT})


def _calendar(period: str) -> str:
    """A day's figure stands for the end of its week, because days are shown after weeks."""
    if numbers.period_kind(period) != "day":
        return period
    return period_of(numbers.period_days(period)[0], PeriodKind.WEEK).key


def _row(figure: Figure, basis: str, place: Place, period: str) -> IndicatorRow:
    scope, first, second = place
    ends = {"sender": (first, None), "receiver": (None, first), "corridor": (first, second)}
    sender, receiver = ends.get(scope, (None, None))
    return IndicatorRow.model_construct(
        indicator=figure.indicator,
        scope=cast(Scope, scope),
        sender=sender,
        receiver=receiver,
        region=None,
        breakdown=None,
        group=None,
        period=parse_period(period).key,
        amount=200,
        basis=Basis(basis),
        value=figure.value,
        services=figure.services,
        providers=figure.providers,
        corridors=figure.corridors,
        flags=figure.flags,
        as_of=_ANY_TIME,
    )
