"""The chart of a mail: what the costs of a place did, with the lines of 3 % and 5 %, as a small PNG. The same data in
the same language give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from reports import numbers
from reports.alerts.told import Item
from reports.charts.line import Line, Trend
from reports.figures import trend_png
from reports.indicator_names import indicator_name
from reports.language import _
from reports.wording import SANDBOX_WORDS

LEAST_POINTS = 2
_SIZE, _DPI = (7.0, 3.6), 160


def chart(item: Item, indicator: str, points: Sequence[tuple[str, Decimal]], *, world: str) -> bytes | None:
    """The PNG of an alert: `points` are (day or period, per cent), oldest first. None where there are too few."""
    if len(points) < LEAST_POINTS:
        return None
    subtitle = _("{indicator}, % of the amount sent, {first} to {last}", indicator=indicator_name(indicator),
                 first=numbers.period_words(points[0][0], with_in=False),
                 last=numbers.period_words(points[-1][0], with_in=False))  # fmt: skip
    trend = Trend("alert", item.place, subtitle, "", (Line(_("Now"), tuple(points)),))
    note = f"{_(SANDBOX_WORDS)}." if world == "sandbox" else ""
    return trend_png(trend, note, size=_SIZE, dpi=_DPI)
