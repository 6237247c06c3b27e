"""Trends as charts with their titles, alternatives and data tables."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from markupsafe import Markup

from reports import compare, numbers
from reports.charts import line
from reports.charts.line import Line, Pace, Trend
from reports.findings import AVERAGE, FEE, MARGIN, SMART, long_pace, window_of
from reports.held import Part
from reports.lookup import WORLD, Figure, Figures, Place, alike

OFFICIAL_DIFFERS = Decimal("0.05")
_WHOLE: Mapping[str, Part] = MappingProxyType({})


@dataclass(frozen=True)
class TrendView:
    """A trend for a page: the chart, or None with the reason why there is none."""

    trend: Trend | None
    svg: Markup | None
    head: list[str]
    rows: list[list[str]]
    empty: str = ""
    differs: str = ""


def world_trend(
    figures: Figures,
    name: str,
    target: Mapping[str, Any] | None,
    ident: str = "world",
    parts: Mapping[str, Part] = _WHOLE,
) -> TrendView:
    """The average of a basis over time. With a pace of two years or more, the way to the target is drawn too. `parts`:
    the periods that are not held whole."""
    held = figures.series(AVERAGE)
    if len(held) < 2:
        return _none(held)
    pace = None
    if target is not None and long_pace(target):
        pace = Pace(Decimal(3), int(target["deadline"]), int(target["projected_year"]))
    smart = [] if pace else figures.series(SMART)
    lines = [Line("average", _points(held), breaks=_breaks(held))]
    if len(smart) > 1:
        lines.append(Line("three cheapest", _points(smart), "lns", "SmaRT"))
    steady = figures.steady(AVERAGE)
    headline = _fell(name, steady)
    actual, required = _paces(target)
    if pace is not None and actual is not None and required is not None:
        verb = "falls" if actual < 0 else "rises"
        so_far, needed = (numbers.number(abs(pace_), 2) for pace_ in (actual, required))
        headline = f"{name} {verb} {so_far} points a year; {needed} are needed from now"
    alternative = _alternative(name, held, steady)
    if pace is not None and pace.landing is not None:
        landing = f"; at the pace so far it reaches 3% in {pace.landing}; the deadline is {pace.deadline}."
        alternative = alternative[:-1] + landing
    trend = Trend(
        ident=ident,
        headline=headline,
        subtitle=f"Average total cost of sending USD 200, % of the amount, {held[0].period} to {held[-1].period}"
        + _so_far((steady[0], held[-1]), parts),
        alternative=alternative,
        lines=tuple(lines),
        note=_note(figures, held, steady, pace, target),
        pace=pace,
        ceiling=pace is None,
        provisional=held[-1].period in parts,
    )
    head, rows = _table(figures, WORLD, held, {}, parts)
    return TrendView(trend, line.draw(trend, hero=True), head, rows)


def corridor_trend(
    figures: Figures,
    place: Place,
    name: str,
    official: Mapping[str, Decimal],
    ident: str = "trend",
    parts: Mapping[str, Part] = _WHOLE,
) -> TrendView:
    """A corridor's average and its three cheapest services over time, with the official series where one is held."""
    held = figures.series(AVERAGE, place)
    if not held or (len(held) < 2 and len(official) < 2):
        return _none(held)
    smart = [figure for figure in figures.series(SMART, place) if not figure.thin]
    lines = [Line("average", _points(held), breaks=_breaks(held))]
    if smart:
        lines.append(Line("three cheapest", _points(smart), "lns", "SmaRT"))
    if official:
        periods = sorted(official, key=numbers.period_days)
        lines.append(Line("official", tuple((period, official[period]) for period in periods), "ln2"))
    steady = figures.steady(AVERAGE, place)
    alternative = _alternative("the average", held, steady)
    if smart and smart[-1].value is not None:
        alternative += f" The three cheapest services average {numbers.percent(smart[-1].value)} in {smart[-1].period}."
    if official:
        alternative += f" The official series runs from {periods[0]} to {periods[-1]}."
    trend = Trend(
        ident=ident,
        headline=_fell("The average", steady),
        subtitle=f"Total cost of sending USD 200, {name}, % of the amount" + _so_far((steady[0], held[-1]), parts),
        alternative=alternative,
        lines=tuple(lines),
        note=_note(figures, held, steady, None, None, place)
        + (" Thin grey line: the official corridor series." if official else ""),
        provisional=held[-1].period in parts,
    )
    head, rows = _table(figures, place, held, official, parts)
    return TrendView(trend, line.draw(trend), head, rows, differs=_differs(held, official))


def _none(held: list[Figure]) -> TrendView:
    if not held:
        return TrendView(
            None,
            None,
            [],
            [],
            "No average is held for any period; a trend needs two.",
        )
    return TrendView(
        None, None, [], [],
        f"Only {held[0].period} is held ({numbers.percent(held[0].value)}). A trend appears with the next period.",
    )  # fmt: skip


def _points(held: list[Figure]) -> tuple[tuple[str, Decimal], ...]:
    return tuple((figure.period, figure.value) for figure in held if figure.value is not None)


def _behind(figure: Figure) -> str:
    services, corridors = numbers.counted(figure.services, "service"), numbers.counted(figure.corridors, "corridor")
    return services if figure.corridors <= 1 else f"{services} in {corridors}"


def _breaks(held: list[Figure]) -> frozenset[str]:
    return frozenset(after.period for before, after in itertools.pairwise(held) if not alike(before, after))


def _fell(name: str, held: list[Figure], *, long: bool = False) -> str:
    first, last = held[0], held[-1]
    assert first.value is not None  # series holds only figures with a value
    assert last.value is not None
    if len(held) == 1:
        return f"{name} is {numbers.percent(last.value)}"
    start, end = (_when(figure.period, long) for figure in (first, last))
    way = compare.direction(last.value, first.value)
    if way == "same":
        return f"{name} is {numbers.percent(last.value)} {end}, as {start}"
    verb = {"hardly": "hardly moved", "down": "fell", "up": "rose"}[way]
    return f"{name} {verb} from {numbers.percent(first.value)} {start} to {numbers.percent(last.value)} {end}"


def _when(period: str, long: bool) -> str:
    kind = numbers.period_kind(period)
    if kind not in ("day", "week"):
        return f"in {period}"
    day = numbers.day(numbers.period_days(period)[0], year=long)
    return f"on {day}" if kind == "day" else f"in the week of {day}"


def _alternative(name: str, held: list[Figure], steady: list[Figure]) -> str:
    """What the line says; where its ends are not comparable only which they are."""
    if len(steady) == len(held):
        return f"Line chart: {_fell(name, held, long=True)}."
    first, last = held[0], held[-1]
    return (
        f"Line chart of {name[0].lower()}{name[1:]}: {numbers.percent(first.value)} {_when(first.period, True)}, "
        f"{numbers.percent(last.value)} {_when(last.period, True)}; the two are not compared."
    )


def _so_far(ends: tuple[Figure, Figure], parts: Mapping[str, Part]) -> str:
    """Which part of the two periods that a title compares is held."""
    said = {end.period: f"{end.period}: {parts[end.period].words}" for end in ends if end.period in parts}
    return f" ({'; '.join(said.values())})" if said else ""


def _paces(target: Mapping[str, Any] | None) -> tuple[Decimal | None, Decimal | None]:
    if target is None:
        return None, None
    required = target.get("required_from_now") or target.get("required_pace")
    return numbers.decimal_of(target.get("actual_pace")), numbers.decimal_of(required)


def _note(
    figures: Figures,
    held: list[Figure],
    steady: list[Figure],
    pace: Pace | None,
    target: Mapping[str, Any] | None,
    place: Place = WORLD,
) -> str:
    parts = []
    if pace is not None and (window := window_of(target)):
        parts.append(f"Pace: straight line from {window[0]}.")
    holes = line.gaps([figure.period for figure in held])
    if holes:
        spans = [first if first == last else f"{first} to {last}" for first, last in holes]
        shown = ", ".join(spans[:4]) + (f" and {len(spans) - 4} more" if len(spans) > 4 else "")
        if 1 < len(spans) <= 4:
            shown = f"{', '.join(spans[:-1])} and {spans[-1]}"
        parts.append(f"No figures are held for {shown}; the line stops there.")
    if len(steady) < len(held):
        before, now = held[len(held) - len(steady) - 1], held[-1]
        if figures.same_corridors(before, now, place) and alike(before, now):
            parts.append("Across a gap of more than five years nothing is compared.")
        else:
            other = "" if figures.same_corridors(before, now, place) else ", on another set of corridors"
            parts.append(
                f"In {before.period} the average rests on {_behind(before)}, now on {_behind(now)}{other}: what is "
                "measured changed, so the two are not compared."
            )
    return " ".join(parts)


def _table(
    figures: Figures,
    place: Place,
    held: list[Figure],
    official: Mapping[str, Decimal],
    parts: Mapping[str, Part],
) -> tuple[list[str], list[list[str]]]:
    periods = sorted({figure.period for figure in held} | set(official), key=numbers.period_days)
    by_start = {numbers.period_days(first)[0]: (first, last) for first, last in line.gaps(periods)}
    names = ["Period", "Average, %", "Fee", "Margin", "Three cheapest", *(["Official"] if official else []), "Services"]
    names += ["Corridors"] if place == WORLD else []
    rows: list[list[str]] = []
    for period in periods:
        average = figures.at(AVERAGE, period, place) or (
            figures.get(AVERAGE, place) if period == figures.period else None
        )
        cells = [f"{period} ({parts[period].words})" if period in parts else period, _two(average)]
        for code in (FEE, MARGIN, SMART):
            cells.append(
                _two(
                    figures.at(code, period, place) or (figures.get(code, place) if period == figures.period else None)
                )
            )
        if official:
            cells.append(numbers.number(official[period], 2) if period in official else "–")
        for behind in (average.services, average.corridors)[: 2 if place == WORLD else 1] if average else ():
            cells.append(numbers.count(behind) if behind else "–")
        cells += ["–"] * (len(names) - len(cells))
        rows.append(cells)
        following = numbers.period_days(period)[1] + dt.timedelta(days=1)
        if following in by_start:
            first, last = by_start[following]
            span = first if first == last else f"{first} – {last}"
            rows.append([span, "no figure", *["–"] * (len(names) - 2)])
    return names, rows[::-1]


def _two(figure: Figure | None) -> str:
    return "–" if figure is None or figure.value is None else numbers.number(figure.value, 2)


def _differs(held: list[Figure], official: Mapping[str, Decimal]) -> str:
    """A sentence where our average and the official one of the same period differ; both stay as they are."""
    apart = [
        (figure.period, figure.value, official[figure.period])
        for figure in held
        if figure.value is not None and figure.period in official
        and abs(figure.value - official[figure.period]) >= OFFICIAL_DIFFERS
    ]  # fmt: skip
    if not apart:
        return ""
    period, ours, theirs = apart[-1]
    times = "once" if len(apart) == 1 else f"in {len(apart)} periods"
    return (
        f"Ours and the official series differ {times}; last in {period}: {numbers.percent(ours, 2)} here, "
        f"{numbers.percent(theirs, 2)} there. Neither is changed."
    )
