"""The trend: cost by period with the 3 % and 5 % lines. Periods without a figure break the line and are hatched."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from reports import numbers
from reports.charts import svg
from reports.language import _, pgettext

_Scale = Callable[[float], float]
"""Per cent to y."""


@dataclass(frozen=True)
class Line:
    """One series: (period, per cent) pairs, oldest first. `kind`: `ln` the measure, `lns` the three cheapest, `ln2` a
    quiet comparison. At the periods of `breaks` the line starts anew, because what it rests on changed."""

    label: str
    points: tuple[tuple[str, Decimal], ...]
    kind: str = "ln"
    short: str = ""
    breaks: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Pace:
    """Where the average must go, and where it goes at the pace so far: year of the deadline, and year of landing."""

    target: Decimal
    deadline: int
    landing: int | None


@dataclass(frozen=True)
class Trend:
    """What both drawings and the data table of a trend say."""

    ident: str
    headline: str
    subtitle: str
    alternative: str
    lines: tuple[Line, ...]
    note: str = ""
    pace: Pace | None = None
    ceiling: bool = True
    provisional: bool = False
    """The newest period is not held whole: lines end in dashes."""


@dataclass(frozen=True)
class _Frame:
    width: float
    height: float
    kind: str
    suffix: str
    right: float
    most: int


_WIDE = _Frame(912, 380, "wide-only", "w", 146, 10)
_HERO = _Frame(600, 400, "wide-only", "w", 142, 6)
_NARROW = _Frame(350, 330, "narrow", "s", 92, 4)
_LEFT, _TOP, _BOTTOM = 38.0, 18.0, 28.0


def middle(period: str) -> dt.date:
    """The middle day of a period."""
    first, last = numbers.period_days(period)
    return first + (last - first) / 2


def gaps(periods: Sequence[str]) -> list[tuple[str, str]]:
    """First and last missing period of every hole, oldest first. A day may follow weeks (the newest figure)."""
    holes = []
    for before, after in itertools.pairwise(periods):
        expected, start = numbers.next_period(before), numbers.period_days(after)[0]
        if numbers.period_days(expected)[1] >= start:
            continue
        last = expected
        while numbers.period_days(following := numbers.next_period(last))[1] < start:
            last = following
        holes.append((expected, last))
    return holes


def unbroken(line: Line) -> list[list[tuple[str, Decimal]]]:
    """The points of a line cut into runs: at missing periods and at its breaks."""
    return without_gaps(line.points, line.breaks)


def without_gaps(
    points: Sequence[tuple[str, Decimal]], breaks: Container[str] = frozenset()
) -> list[list[tuple[str, Decimal]]]:
    """Points (period, value) cut into runs without a missing period; a run also begins at each period of `breaks`."""
    runs: list[list[tuple[str, Decimal]]] = []
    for point in points:
        if not runs or point[0] in breaks or gaps([runs[-1][-1][0], point[0]]):
            runs.append([])
        runs[-1].append(point)
    return runs


def draw(trend: Trend, *, hero: bool = False) -> Markup:
    """Both drawings of a trend, wide and narrow. Needs one point at least."""
    return _draw(trend, _HERO if hero else _WIDE) + _draw(trend, _NARROW)


def _draw(trend: Trend, frame: _Frame) -> Markup:
    held = sorted({period for line in trend.lines for period, _ in line.points}, key=numbers.period_days)
    values = [float(value) for line in trend.lines for _, value in line.points]
    ticks = svg.axis_ticks(min(values), max(*values, 5.0 if trend.ceiling else 3.0))
    low, high = ticks[0], ticks[-1]
    first, last = numbers.period_days(held[0])[0], numbers.period_days(held[-1])[1]
    if trend.pace is not None:
        first = dt.date(first.year, 1, 1)
        last = dt.date(min(max(trend.pace.deadline, trend.pace.landing or 0), trend.pace.deadline + 15) + 1, 1, 1)
    right = frame.width - (6 if trend.pace else frame.right)
    floor = frame.height - _BOTTOM
    axis = svg.TimeAxis(first, last, _LEFT, right)

    def y(value: float) -> float:
        return floor - (value - low) / (high - low) * (floor - _TOP)

    body = _gaps(trend, frame, axis, held, floor)
    for tick in ticks:
        body.append(svg.path("axis" if tick == 0 else "grid", f"M{svg.num(_LEFT)},{svg.num(y(tick))}H{svg.num(right)}"))
        body.append(svg.text(_LEFT - 6, y(tick) + 4.5, svg.tick_words(tick), kind="sm", anchor="end"))
    if low < 0:
        body.append(svg.path("axis", f"M{svg.num(_LEFT)},{svg.num(floor)}H{svg.num(right)}"))
    for place, (tick_day, words) in enumerate(axis.ticks(frame.most)):
        x = axis.x(tick_day)
        body.append(svg.path("tickm", f"M{svg.num(x)},{svg.num(floor)}v5"))
        anchor = "start" if place == 0 and x - _LEFT < 14 else "middle"
        body.append(svg.text(x if anchor == "middle" else x - 4, floor + 19, words, kind="sm", anchor=anchor))
    for level, kind in ((3.0, "l3"), (5.0, "l5")):
        if kind == "l3" or trend.ceiling:
            body.append(svg.path(kind, f"M{svg.num(_LEFT)},{svg.num(y(level))}H{svg.num(right)}"))
    if trend.pace is not None:
        body.extend(_pace(trend, trend.pace, axis, y, narrow=frame is _NARROW))
    else:
        body.extend(_end_labels(trend, axis, y, right, floor, narrow=frame is _NARROW))
    for line in reversed(trend.lines):
        body.extend(_line(line, axis, y, dashed=trend.provisional and line.points[-1][0] == held[-1]))
    return svg.chart(
        body,
        ident=f"{trend.ident}{frame.suffix}t",
        title=trend.alternative,
        width=frame.width,
        height=frame.height,
        kind=frame.kind,
    )


def _gaps(trend: Trend, frame: _Frame, axis: svg.TimeAxis, held: list[str], floor: float) -> list[str]:
    body: list[str] = []
    holes = gaps(held)
    pattern = f"{trend.ident}{frame.suffix}h"
    for before, after in holes:
        x1, x2 = axis.x(numbers.period_days(before)[0]), axis.x(numbers.period_days(after)[1])
        if not body:
            body.append(svg.hatch(pattern))
        body.append(
            f'<rect class="gapr" fill="url(#{pattern})" x="{svg.num(x1)}" y="{svg.num(_TOP)}" '
            f'width="{svg.num(max(x2 - x1, 1.5))}" height="{svg.num(floor - _TOP)}"/>'
        )
        if x2 - x1 > 110:
            words = before if before == after else pgettext("periods", "{first} to {last}", first=before, last=after)
            body.append(svg.text((x1 + x2) / 2, _TOP + 40, _("no figures held"), anchor="middle", halo=True))
            body.append(svg.text((x1 + x2) / 2, _TOP + 57, words, kind="sm", anchor="middle", halo=True))
    return body


def _line(line: Line, axis: svg.TimeAxis, y: _Scale, *, dashed: bool = False) -> list[str]:
    runs = [[(axis.x(middle(period)), y(float(value))) for period, value in run] for run in unbroken(line)]
    last = runs[-1][-1]
    body = []
    if dashed and len(runs[-1]) > 1:
        (x1, y1), (x2, y2) = runs[-1][-2:]
        body.append(svg.path("pace", f"M{svg.num(x1)},{svg.num(y1)}L{svg.num(x2)},{svg.num(y2)}"))
        runs[-1].pop()
    for run in runs:
        if len(run) > 1:
            body.append(svg.path(line.kind, "M" + "L".join(f"{svg.num(x)},{svg.num(v)}" for x, v in run)))
        elif line.kind == "ln2":
            body.append(
                f'<circle class="lnp" fill="{svg.TICK}" cx="{svg.num(run[0][0])}" cy="{svg.num(run[0][1])}" r="2"/>'
            )
        else:
            body.append(svg.dot(*run[0], 3, hollow=line.kind != "ln"))
    if line.kind == "ln":
        body.append(svg.dot(*last, 4.5, hollow=dashed))
    elif line.kind == "lns":
        body.append(svg.dot(*last, 4.5, hollow=True))
    return body


def _end_labels(trend: Trend, axis: svg.TimeAxis, y: _Scale, right: float, floor: float, *, narrow: bool) -> list[str]:
    """The value of every line at its end and the names of the target lines, in the right margin, kept apart."""
    labels = [("x3", _("3% target"), y(3.0), right)]
    if trend.ceiling:
        labels.append(("x5", _("5% ceiling"), y(5.0), right))
    for line in trend.lines:
        if line.kind == "ln2":
            continue
        period, value = line.points[-1]
        name = line.short if narrow and line.short else line.label
        words = pgettext("a line and its last value", "{name} {cost}", name=name, cost=numbers.percent(value))
        labels.append(("hd" if line.kind == "ln" else "", words, y(float(value)), axis.x(middle(period))))
    placed = svg.spread([label[2] for label in labels], 17, _TOP, floor)
    body = []
    for (kind, words, wanted, x), at in zip(labels, placed, strict=True):
        if abs(at - wanted) > 3 and kind not in ("x3", "x5"):
            body.append(svg.path("lead-l", f"M{svg.num(x + 5)},{svg.num(wanted)}L{svg.num(right + 7)},{svg.num(at)}"))
        body.append(svg.text(right + 9, at + 4.5, words, kind=kind, halo=True))
    return body


def _pace(trend: Trend, pace: Pace, axis: svg.TimeAxis, y: _Scale, *, narrow: bool) -> list[str]:
    """The way needed (green dots), the way at the pace so far (grey dashes), and where they land."""
    line = trend.lines[0]
    start_period, start = line.points[0]
    period, value = line.points[-1]
    x0, y0, target = axis.x(middle(period)), y(float(value)), y(float(pace.target))
    deadline = axis.x(dt.date(pace.deadline, 12, 31))
    body = [svg.path("need", f"M{svg.num(x0)},{svg.num(y0)}L{svg.num(deadline)},{svg.num(target)}")]
    if pace.landing is not None:
        end = dt.date(pace.landing, 7, 1)
        fits = end <= axis.last
        span = (end - middle(period)).days or 1
        part = 1.0 if fits else (axis.last - middle(period)).days / span
        x1, y1 = axis.x(end if fits else axis.last), y0 + (target - y0) * part
        body.append(svg.path("pace", f"M{svg.num(x0)},{svg.num(y0)}L{svg.num(x1)},{svg.num(y1)}"))
        if fits and pace.landing != pace.deadline:
            body.append(svg.dot(x1, target, 5, hollow=True))
            body.append(
                svg.text(
                    min(x1, axis.right - 16), target - 14, str(pace.landing), kind="hd", anchor="middle", halo=True
                )
            )
        xm, ym = x0 + (x1 - x0) * 0.55, y0 + (y1 - y0) * 0.55
        body.append(svg.text(min(xm + 8, axis.right - 80), ym - 10, _("pace so far"), halo=True))
    body.append(svg.dot(deadline, target, 5, hollow=True))
    body.append(
        svg.text(
            deadline,
            target + 36,
            _("{year} deadline", year=pace.deadline),
            kind="hd",
            anchor="middle" if not narrow else "end",
            halo=True,
        )
    )
    body.append(svg.path("lead-l", f"M{svg.num(deadline)},{svg.num(target + 22)}V{svg.num(target + 7)}"))
    body.append(
        svg.text((x0 + deadline) / 2 - 14, (y0 + target) / 2 + 22, _("needed"), kind="x3", anchor="end", halo=True)
    )
    level = numbers.percent(pace.target, 0)
    body.append(svg.text(_LEFT + 4, target + 17, _("Target: {level}", level=level), kind="x3", halo=True))
    if len(line.points) > 1:
        body.append(
            svg.text(axis.x(middle(start_period)), y(float(start)) - 12, numbers.percent(start), kind="hd", halo=True)
        )
    body.append(svg.text(x0 + 6, y0 - 10, numbers.percent(value), kind="hd", halo=True))
    return body
