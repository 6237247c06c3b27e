"""The path to a target: what was measured, where the pace so far leads, and what is needed until the deadline."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from reports import numbers
from reports.charts import svg
from reports.charts.line import middle, without_gaps
from reports.language import _, pgettext


@dataclass(frozen=True)
class Path:
    """`points`: (period, per cent), oldest first, two at least. `pace`: points a year so far. `target`: per cent,
    by the end of the year `deadline`; `limit` in words (`under 3%`); `met`: the newest point meets it, so that no
    way to it is left to draw. `title`: the text alternative."""

    ident: str
    title: str
    points: tuple[tuple[str, Decimal], ...]
    pace: Decimal
    target: Decimal
    deadline: int
    limit: str
    met: bool


@dataclass(frozen=True)
class Landing:
    """Where the pace so far leads: the year in which it meets the target, or else the value at the deadline."""

    day: dt.date
    value: Decimal
    met: bool


def landing(path: Path) -> Landing | None:
    """Its end: at the target where the pace meets it by the deadline, else at the deadline. None where it is met."""
    if path.met:
        return None
    period, value = path.points[-1]
    start, deadline = middle(period), dt.date(path.deadline, 12, 31)
    years = Decimal((deadline - start).days) / Decimal("365.25")
    there = value + path.pace * years
    if path.pace < 0 and there < path.target:
        days = float((path.target - value) / path.pace) * 365.25
        return Landing(start + dt.timedelta(days=days), path.target, met=True)
    return Landing(deadline, there, met=False)


def draw(path: Path) -> Markup:
    """Both drawings, wide and narrow."""
    return _draw(path, 912, 380, "wide-only", "w", 10) + _draw(path, 350, 320, "narrow", "s", 4)


def _draw(path: Path, width: float, height: float, kind: str, suffix: str, most: int) -> Markup:
    left, top, right, floor = 38.0, 24.0, width - 10, height - 28
    end = landing(path)
    values = [float(value) for _, value in path.points]
    shown = [*values, float(path.target), *([] if end is None else [float(end.value)])]
    ticks = svg.axis_ticks(min(values), max(shown))
    low, high = ticks[0], ticks[-1]
    first = dt.date(numbers.period_days(path.points[0][0])[0].year, 1, 1)
    axis = svg.TimeAxis(first, dt.date(path.deadline + 1, 6, 30), left, right)

    def y(value: float) -> float:
        return floor - (value - low) / (high - low) * (floor - top)

    body = []
    for tick in ticks:
        body.append(svg.path("axis" if tick == 0 else "grid", f"M{svg.num(left)},{svg.num(y(tick))}H{svg.num(right)}"))
        body.append(svg.text(left - 6, y(tick) + 4.5, svg.tick_words(tick), kind="sm", anchor="end"))
    for day, words in axis.ticks(most):
        x = axis.x(day)
        body.append(svg.path("tickm", f"M{svg.num(x)},{svg.num(floor)}v5"))
        body.append(svg.text(x, floor + 19, words, kind="sm", anchor="middle"))
    goal = y(float(path.target))
    body.append(svg.path("l3", f"M{svg.num(left)},{svg.num(goal)}H{svg.num(right)}"))
    x, anchor = (right - 4, "end") if path.met else (left + 4, "start")  # away from a line that has come below it
    body.append(svg.text(x, goal + 17, _("Target: {limit}", limit=path.limit), kind="x3", anchor=anchor, halo=True))
    period, value = path.points[-1]
    x0, y0 = axis.x(middle(period)), y(float(value))
    deadline = axis.x(dt.date(path.deadline, 12, 31))
    if end is not None:
        x1, y1 = axis.x(end.day), y(float(end.value))
        body.append(svg.path("need", f"M{svg.num(x0)},{svg.num(y0)}L{svg.num(deadline)},{svg.num(goal)}"))
        body.append(svg.path("pace", f"M{svg.num(x0)},{svg.num(y0)}L{svg.num(x1)},{svg.num(y1)}"))
    for run in without_gaps(path.points):
        points = [(axis.x(middle(one)), y(float(cost))) for one, cost in run]
        body.append(svg.line_of(points, 2.5))
    body.append(svg.dot(x0, y0, 5))
    start = axis.x(middle(path.points[0][0])), y(float(path.points[0][1]))
    body += _values(path, start, (x0, y0))
    if end is not None:
        body.append(svg.dot(deadline, goal, 5, hollow=True))
        body.append(svg.dot(x1, y1, 5, hollow=True))
        body += _ways(path, end, (x0, y0), (x1, y1), (deadline, goal), floor)
    return svg.chart(body, ident=f"{path.ident}{suffix}t", title=path.title, width=width, height=height, kind=kind)


def _values(path: Path, start: tuple[float, float], now: tuple[float, float]) -> list[str]:
    """The first and the newest value above their points."""
    return [
        svg.text(start[0], start[1] - 11, numbers.percent(path.points[0][1]), kind="hd", halo=True),
        svg.text(now[0] + 4, now[1] - 11, numbers.percent(path.points[-1][1]), kind="hd", halo=True),
    ]


def _ways(
    path: Path,
    end: Landing,
    now: tuple[float, float],
    landed: tuple[float, float],
    goal: tuple[float, float],
    floor: float,
) -> list[str]:
    """The words beside the two ways from now, kept apart where they end close together."""
    (x0, y0), (x1, y1), (deadline, goal_y) = now, landed, goal
    body = []
    if end.met:
        body.append(svg.text(x1, goal_y - 14, str(end.day.year), kind="hd", anchor="middle", halo=True))
    else:
        words = pgettext("cost and year", "{cost} in {year}", cost=numbers.percent(end.value), year=path.deadline)
        below = abs(goal_y - y1) > 40 or y1 > goal_y
        place = min(y1 + 22, floor - 6) if below else y1 - 13
        body.append(svg.text(deadline + 8, place, words, kind="hd", anchor="end", halo=True))
    xm, ym = x0 + (x1 - x0) * 0.45, y0 + (y1 - y0) * 0.45
    body.append(svg.text(xm, ym - 11, _("at the pace so far"), anchor="middle", halo=True))
    xn, yn = x0 + (deadline - x0) * 0.45, y0 + (goal_y - y0) * 0.45
    if abs(yn - ym) > 26:
        body.append(svg.text(xn - 12, yn + 18, _("needed"), kind="x3", anchor="end", halo=True))
    return body
