"""The path of a country's average to SDG 10.c: the chart, its finding, and the paces so far and needed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from remitwatch.targets import Progress
from reports import numbers
from reports.charts import path as chart
from reports.country.targets import limit, status_code, status_words, why
from reports.country.ways import Way, place_of
from reports.findings import AVERAGE
from reports.language import _, pgettext
from reports.lookup import Figures


@dataclass(frozen=True)
class PathFact:
    """One of the three numbers under the chart."""

    name: str
    value: str
    text: str


@dataclass(frozen=True)
class PathView:
    """`svg` None where no pace can be told: `finding` then says the state and `why` the reason. The figures of the line
    are those of the history."""

    finding: str
    why: str
    status: tuple[str, str, str]
    svg: Markup | None
    title: str
    facts: tuple[PathFact, ...]


def path_of(figures: Figures, way: Way, code: str, found: Progress | None) -> PathView | None:
    """None where the country has no figure of this way."""
    if found is None or found.value is None:
        return None
    target = found.target
    status = status_words(status_code(found))
    finding = _finding(found)
    if found.actual_pace is None or found.baseline_period is None or found.window_years is None:
        return PathView(finding, why(found.reason), status, None, "", ())
    steady = figures.steady(AVERAGE, place_of(way, code))
    points = tuple((one.period, one.value) for one in steady if one.value is not None)
    drawn = chart.Path(
        ident=f"{way}path",
        title="",
        points=points,
        pace=found.actual_pace,
        target=target.value,
        deadline=target.deadline,
        limit=limit(target.operator, target.value),
        met=bool(found.met),
    )
    title = _alternative(points, chart.landing(drawn), found)
    return PathView(
        finding=finding,
        why="",
        status=status,
        svg=chart.draw(chart.Path(**{**drawn.__dict__, "title": title})),
        title=title,
        facts=_facts(found),
    )


def _finding(found: Progress) -> str:
    """What the pace means, in one line."""
    target = found.target
    if found.met:
        return _("The average is {limit}: the target is met", limit=limit(target.operator, target.value))
    actual, needed = found.actual_pace, found.required_from_now
    if needed is None:
        return _("The deadline is past and the target is not met")
    if actual is None:
        return _("Costs must fall by {pace} points a year from now", pace=numbers.number(abs(needed), 2))
    if actual >= Decimal("-0.005"):
        return _(
            "Costs do not fall; they must fall by {pace} points a year from now", pace=numbers.number(abs(needed), 2)
        )
    times = needed / actual
    if times <= Decimal("1.05"):
        return _("At the pace so far the target is met in {year}", year=found.projected_year)
    shown = numbers.number(times, 0 if times >= 3 else 1)
    return _("Costs must fall {times} times as fast as they have", times=shown)


def _facts(found: Progress) -> tuple[PathFact, ...]:
    facts = [
        PathFact(
            _("Pace so far"),
            numbers.change(found.actual_pace or Decimal(0), 2),
            _("points a year since {period}", period=found.baseline_period),
        )
    ]
    if not found.met and found.required_from_now is not None:
        facts.append(
            PathFact(
                _("Pace needed from now"),
                numbers.change(found.required_from_now, 2),
                _("points a year to the end of {year}", year=found.target.deadline),
            )
        )
    if not found.met and found.required_pace is not None:
        facts.append(
            PathFact(
                _("Pace needed from the start"),
                numbers.change(found.required_pace, 2),
                _("points a year from {period} to the end of {year}", period=found.baseline_period,
                  year=found.target.deadline),
            )
        )  # fmt: skip
    if not found.met:
        year = found.projected_year
        if year is None:
            facts.append(
                PathFact(_("Target met at this pace"), pgettext("target", "never"), _("costs do not move towards it"))
            )
        else:
            late = year > found.target.deadline
            text = (
                _("after the deadline, the end of {year}", year=found.target.deadline)
                if late
                else _("before the deadline, the end of {year}", year=found.target.deadline)
            )
            facts.append(PathFact(_("Target met at this pace"), str(year), text))
    return tuple(facts)


def _alternative(points: tuple[tuple[str, Decimal], ...], end: chart.Landing | None, found: Progress) -> str:
    first, last = points[0], points[-1]
    values = {
        "first": numbers.percent(first[1]),
        "start": first[0],
        "last": numbers.percent(last[1]),
        "end": last[0],
        "limit": limit(found.target.operator, found.target.value),
    }
    if end is None:
        return _(
            "Line chart: the average went from {first} in {start} to {last} in {end}. It meets the target, {limit}.",
            **values,
        )
    if end.met:
        return _(
            "Line chart: the average went from {first} in {start} to {last} in {end}. At this pace it meets the "
            "target, {limit}, in {year}.",
            **values,
            year=end.day.year,
        )
    return _(
        "Line chart: the average went from {first} in {start} to {last} in {end}. At this pace it would be {there} in "
        "{year}; the target is {limit}.",
        **values,
        there=numbers.percent(end.value),
        year=end.day.year,
    )
