"""A row of days, one cell each: what a source gave on which day. Time runs left to right in every language."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping

from markupsafe import Markup

from reports import numbers
from reports.charts import svg

HEIGHT = 18
KINDS = {
    # status: class that gives the colour, the colour without style sheet, top and height of the cell, its width
    "ok": ("s-met", "#0b7350", 3, 12, 0.8),
    "partial": ("s-slow", "#8a4a0b", 3, 6, 0.8),
    "held": ("s-slow", "#8a4a0b", 9, 6, 0.8),
    "empty": ("s-none", "#45525e", 13, 2, 0.8),
    "failed": ("s-bad", "#b01745", 0, 18, 0.3),
    "missed": ("s-bad", "#b01745", 0, 18, 0.3),
    "none": ("s-none", "#45525e", 8, 2, 0.3),
}
"""Every state has a shape of its own; its colour only adds to it."""


def strip(states: Mapping[dt.date, str], first: dt.date, last: dt.date) -> Markup:
    """The days from `first` to `last`. Days without a state stay empty. The words are in the table beside it."""
    paths: dict[str, list[str]] = {}
    for day in sorted(states):
        if first <= day <= last:
            _kind, _colour, top, height, width = KINDS[states[day]]
            x = (day - first).days + (1 - width) / 2
            paths.setdefault(states[day], []).append(f"M{x:g} {top}h{width:g}v{height}h-{width:g}z")
    drawn = [
        f'<path class="{KINDS[state][0]}" fill="currentColor" color="{KINDS[state][1]}" d="{"".join(d)}"/>'
        for state, d in sorted(paths.items())
    ]
    days = (last - first).days + 1
    frame = f'<path class="axis" stroke="{svg.RULE}" fill="none" d="M0 17.5H{days}"/>'
    return svg.drawn(
        f'<svg class="days" viewBox="0 0 {days} {HEIGHT}" preserveAspectRatio="none" height="{HEIGHT}" '
        f'aria-hidden="true">{frame}{"".join(drawn)}</svg>'
    )


def axis(first: dt.date, last: dt.date) -> Markup:
    """The first day of every month, for the head of the column; a narrow screen shows the first one only."""
    span = (last - first).days + 1
    months = [day for day in (first + dt.timedelta(days=count) for count in range(span)) if day.day == 1]
    parts = [
        f'<text class="{kind}" font-size="12.5" fill="{svg.INK2}" x="{svg.num(at * 100)}%" y="11">'
        f"{numbers.short_day(day)}</text>"
        for kind, day in zip(itertools.chain(["sm"], itertools.repeat("sm alt")), months, strict=False)
        if (at := (day - first).days / span) < 0.9
    ]
    return svg.drawn(f'<svg class="axisbar" height="14" aria-hidden="true">{"".join(parts)}</svg>')


def key(state: str) -> Markup:
    """One cell for the legend."""
    _kind, colour, top, height, width = KINDS[state]
    x = (1 - width) * 7
    return svg.drawn(
        f'<svg viewBox="0 0 14 18" aria-hidden="true"><path class="{KINDS[state][0]}" fill="currentColor" '
        f'color="{colour}" d="M{x:g} {top}h{14 * width:g}v{height}h-{14 * width:g}z"/></svg>'
    )
