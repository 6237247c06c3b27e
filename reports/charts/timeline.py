"""What is sent to a country and from it over time, with policy measures as thin lines with a date and words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from reports import numbers
from reports.charts import svg
from reports.charts.line import gaps, middle, without_gaps
from reports.language import _, pgettext

_LETTER = 6.6
_MOST_WORDS = 4
"""Up to so many measures have their words on the drawing; more have numbers, and their words are below it."""


@dataclass(frozen=True)
class Series:
    """One line. `points`: (period, per cent), oldest first. `kind`: `ln` solid, `lns` dashed. At the periods of
    `breaks` it starts anew, because what it rests on changed."""

    label: str
    points: tuple[tuple[str, Decimal], ...]
    kind: str
    breaks: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Mark:
    """A measure on the drawing: its number in the list below, day, and words."""

    number: int
    day: dt.date
    words: str


@dataclass(frozen=True)
class Timeline:
    """What both drawings say. `title`: the text alternative."""

    ident: str
    title: str
    series: tuple[Series, ...]
    marks: tuple[Mark, ...]


def span_of(series: Sequence[Series]) -> tuple[dt.date, dt.date]:
    """First and last day of all lines."""
    periods = sorted({period for one in series for period, _ in one.points}, key=numbers.period_days)
    return numbers.period_days(periods[0])[0], numbers.period_days(periods[-1])[1]


def draw(timeline: Timeline) -> Markup:
    """Both drawings, wide and narrow. One line with one point is enough."""
    return _draw(timeline, 912, 380, "wide-only", "w", 10) + _draw(timeline, 350, 330, "narrow", "s", 4)


def _draw(timeline: Timeline, width: float, height: float, kind: str, suffix: str, most: int) -> Markup:
    worded = kind == "wide-only" and len(timeline.marks) <= _MOST_WORDS
    named = kind == "wide-only"  # on the narrow drawing the names of the lines stand above it: beside it is no room
    ends = [_end(one, named=named) for one in timeline.series]
    goals = [("x3", _("3% target"), 3.0), ("x5", _("5% ceiling"), 5.0)]
    rows = len(timeline.marks) if worded else min(1, len(timeline.marks))
    above = 0.0 if named else 20.0 * len(timeline.series)
    room = max(_LETTER * len(words) for words in [*ends, *(words for _kind, words, _level in goals)])
    left, top, right, floor = 38.0, 16.0 + 18 * rows + above, width - 14 - max(60.0, room), height - 28
    values = [float(value) for one in timeline.series for _, value in one.points]
    ticks = svg.axis_ticks(min(values), max(*values, 5.0))
    low, high = ticks[0], ticks[-1]
    first, last = span_of(timeline.series)
    axis = svg.TimeAxis(first, last, left, right)

    def y(value: float) -> float:
        return floor - (value - low) / (high - low) * (floor - top)

    body = _gaps(timeline, axis, top, floor, suffix)
    for tick in ticks:
        body.append(svg.path("axis" if tick == 0 else "grid", f"M{svg.num(left)},{svg.num(y(tick))}H{svg.num(right)}"))
        body.append(svg.text(left - 6, y(tick) + 4.5, svg.tick_words(tick), kind="sm", anchor="end"))
    for day, words in axis.ticks(most):
        x = axis.x(day)
        body.append(svg.path("tickm", f"M{svg.num(x)},{svg.num(floor)}v5"))
        body.append(svg.text(x, floor + 19, words, kind="sm", anchor="middle"))
    for level, name in ((3.0, "l3"), (5.0, "l5")):
        body.append(svg.path(name, f"M{svg.num(left)},{svg.num(y(level))}H{svg.num(right)}"))
    body += _marks(timeline, axis, above, floor, worded=worded)
    labels = [(name, words, y(level)) for name, words, level in goals]
    if not named:
        body += _names(timeline.series)
    for one, end in zip(timeline.series, ends, strict=True):
        runs = without_gaps(one.points, one.breaks)
        for run in runs:
            points = [(axis.x(middle(period)), y(float(value))) for period, value in run]
            if len(points) == 1:
                body.append(svg.dot(*points[0], 3, hollow=one.kind != "ln"))
            else:
                body.append(svg.path(one.kind, "M" + "L".join(f"{svg.num(x)},{svg.num(v)}" for x, v in points)))
        period, value = one.points[-1]
        body.append(svg.dot(axis.x(middle(period)), y(float(value)), 4.5, hollow=one.kind != "ln"))
        labels.append(("hd" if one.kind == "ln" else "", end, y(float(value))))
    for (name, words, _wanted), at in zip(
        labels, svg.spread([label[2] for label in labels], 17, top, floor), strict=True
    ):
        body.append(svg.text(right + 9, at + 4.5, words, kind=name, halo=True))
    return svg.chart(
        body, ident=f"{timeline.ident}{suffix}t", title=timeline.title, width=width, height=height, kind=kind
    )


def _end(one: Series, *, named: bool) -> str:
    """The words at the end of a line: its name and its newest value, or the value alone."""
    value = numbers.percent(one.points[-1][1])
    return pgettext("line and its last value", "{line} {value}", line=one.label, value=value) if named else value


def _names(series: Sequence[Series]) -> list[str]:
    """A row for every line above the drawing: a piece of it and its name."""
    body = []
    for row, one in enumerate(series):
        y = 12.0 + 20 * row
        body.append(svg.path(one.kind, f"M2,{svg.num(y - 4.5)}h26"))
        body.append(svg.text(36, y, one.label, kind="hd" if one.kind == "ln" else ""))
    return body


def _marks(timeline: Timeline, axis: svg.TimeAxis, above: float, floor: float, *, worded: bool) -> list[str]:
    """A thin line for every measure, with its words beside its upper end, or only its number."""
    body = []
    for row, mark in enumerate(timeline.marks):
        x, y = axis.x(mark.day), 12 + 18 * row if worded else 12.0 + above
        body.append(svg.path("lead-l", f"M{svg.num(x)},{svg.num(y + 6 if not worded else y - 8)}V{svg.num(floor)}"))
        if not worded:
            body.append(svg.text(x, y, str(mark.number), kind="sm", anchor="middle", halo=True))
            continue
        room = axis.right + 100 - x
        anchor = "start" if len(mark.words) * _LETTER < room or x < axis.left + 300 else "end"
        length = int((room if anchor == "start" else x - 8) / _LETTER)
        words = mark.words if len(mark.words) <= length else mark.words[: length - 1].rstrip() + "…"
        body.append(svg.text(x + (5 if anchor == "start" else -5), y, words, kind="sm", anchor=anchor, halo=True))
    return body


def _gaps(timeline: Timeline, axis: svg.TimeAxis, top: float, floor: float, suffix: str) -> list[str]:
    """The spans in which no line has a figure, hatched."""
    held = sorted({period for one in timeline.series for period, _ in one.points}, key=numbers.period_days)
    pattern = f"{timeline.ident}{suffix}h"
    body: list[str] = []
    for before, after in gaps(held):
        x1, x2 = axis.x(numbers.period_days(before)[0]), axis.x(numbers.period_days(after)[1])
        if not body:
            body.append(svg.hatch(pattern))
        body.append(
            f'<rect class="gapr" fill="url(#{pattern})" x="{svg.num(x1)}" y="{svg.num(top)}" '
            f'width="{svg.num(max(x2 - x1, 1.5))}" height="{svg.num(floor - top)}"/>'
        )
        if x2 - x1 > 110:
            words = _("no figures held")
            body.append(svg.text((x1 + x2) / 2, top + 40, words, anchor="middle", halo=True))
    return body
