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
from reports.findings import AVERAGE, FEE, MARGIN, SMART, long_pace, services_in_corridors, window_of
from reports.held import Part
from reports.language import N_, Words, _, ngettext, pgettext
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
    target: Mapping[str, Any] | None,
    *,
    world: bool = False,
    ident: str = "world",
    parts: Mapping[str, Part] = _WHOLE,
) -> TrendView:
    """The average of a basis over time; `world` where it is the world's. With a pace of two years or more, the way to
    the target is drawn too. `parts`: the periods that are not held whole."""
    held = figures.series(AVERAGE)
    if len(held) < 2:
        return _none(held)
    pace = None
    if target is not None and long_pace(target):
        pace = Pace(Decimal(3), int(target["deadline"]), int(target["projected_year"]))
    smart = [] if pace else figures.series(SMART)
    lines = [Line(_("average"), _points(held), breaks=_breaks(held))]
    if len(smart) > 1:
        lines.append(Line(_("three cheapest"), _points(smart), "lns", _("SmaRT")))
    steady = figures.steady(AVERAGE)
    headline = _fell(_WORLD if world else _AVERAGE, steady)
    actual, required = _paces(target)
    if pace is not None and actual is not None and required is not None:
        so_far, needed = (numbers.number(abs(pace_), 2) for pace_ in (actual, required))
        code = f"{'world' if world else 'average'} {'falls' if actual < 0 else 'rises'}"
        headline = _NEEDED[code].format(so_far=so_far, needed=needed)
    alternative = _alternative(_WORLD if world else _AVERAGE, held, steady)
    if pace is not None and pace.landing is not None:
        landing = _("At the pace so far it reaches 3% in {landing}; the deadline is {deadline}.",
                    landing=pace.landing, deadline=pace.deadline)  # fmt: skip
        alternative = f"{alternative} {landing}"
    spans = {"first": held[0].period, "last": held[-1].period}
    if world:
        measured = _("Average total cost of sending USD 200, % of the amount, {first} to {last}", **spans)
    else:
        measured = _(
            "Average total cost of sending USD 200, % of the amount, {first} to {last}; at the end {behind}",
            **spans,
            behind=services_in_corridors(held[-1]),
        )
    trend = Trend(
        ident=ident,
        headline=headline,
        subtitle=_with_parts(measured, (steady[0], held[-1]), parts),
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
    lines = [Line(_("average"), _points(held), breaks=_breaks(held))]
    if smart:
        lines.append(Line(_("three cheapest"), _points(smart), "lns", _("SmaRT")))
    if official:
        periods = sorted(official, key=numbers.period_days)
        lines.append(Line(_("official"), tuple((period, official[period]) for period in periods), "ln2"))
    steady = figures.steady(AVERAGE, place)
    alternative = [_alternative(_AVERAGE, held, steady)]
    if smart and smart[-1].value is not None:
        told = _("The three cheapest services average {value} {when}.", value=numbers.percent(smart[-1].value),
                 when=compare.at(smart[-1].period, year=True))  # fmt: skip
        alternative.append(told)
    note = [_note(figures, held, steady, None, None, place)]
    if official:
        told = _("The official series runs from {first} to {last}.", first=periods[0], last=periods[-1])
        alternative.append(told)
        note.append(_("Thin grey line: the official corridor series."))
    measured = _("Total cost of sending USD 200, {corridor}, % of the amount", corridor=name)
    trend = Trend(
        ident=ident,
        headline=_fell(_AVERAGE, steady),
        subtitle=_with_parts(measured, (steady[0], held[-1]), parts),
        alternative=" ".join(alternative),
        lines=tuple(lines),
        note=" ".join(filter(None, note)),
        provisional=held[-1].period in parts,
    )
    head, rows = _table(figures, place, held, official, parts)
    return TrendView(trend, line.draw(trend), head, rows, differs=_differs(held, official))


def _none(held: list[Figure]) -> TrendView:
    if not held:
        return TrendView(None, None, [], [], _("No average is held for any period; a trend needs two."))
    only = _("Only {period} is held ({value}). A trend appears with the next period.", period=held[0].period,
             value=numbers.percent(held[0].value))  # fmt: skip
    return TrendView(None, None, [], [], only)


def _points(held: list[Figure]) -> tuple[tuple[str, Decimal], ...]:
    return tuple((figure.period, figure.value) for figure in held if figure.value is not None)


def _behind(figure: Figure) -> str:
    if figure.corridors <= 1:
        return ngettext("{n} service", "{n} services", figure.services)
    return services_in_corridors(figure)


def _breaks(held: list[Figure]) -> frozenset[str]:
    return frozenset(after.period for before, after in itertools.pairwise(held) if not alike(before, after))


_AVERAGE = Words({
    "one": N_("The average cost is {last}"),
    "same": N_("The average cost is {last} {end}, as {start}"),
    "hardly": N_("The average cost hardly moved from {first} {start} to {last} {end}"),
    "down": N_("The average cost fell from {first} {start} to {last} {end}"),
    "up": N_("The average cost rose from {first} {start} to {last} {end}"),
    "apart": N_("Line chart of the average cost: {first} {start}, {last} {end}; the two are not compared."),
})  # fmt: skip
_WORLD = Words({
    "one": N_("The world average cost is {last}"),
    "same": N_("The world average cost is {last} {end}, as {start}"),
    "hardly": N_("The world average cost hardly moved from {first} {start} to {last} {end}"),
    "down": N_("The world average cost fell from {first} {start} to {last} {end}"),
    "up": N_("The world average cost rose from {first} {start} to {last} {end}"),
    "apart": N_("Line chart of the world average cost: {first} {start}, {last} {end}; the two are not compared."),
})  # fmt: skip
_NEEDED = Words({
    "world falls": N_("The world average cost falls {so_far} points a year; {needed} are needed from now"),
    "world rises": N_("The world average cost rises {so_far} points a year; it must fall {needed} from now"),
    "average falls": N_("The average cost falls {so_far} points a year; {needed} are needed from now"),
    "average rises": N_("The average cost rises {so_far} points a year; it must fall {needed} from now"),
})  # fmt: skip


def _fell(words: Words, held: list[Figure], *, long: bool = False) -> str:
    """What an average did, in one of the `words`; with `long`, dates have their years."""
    first, last = held[0], held[-1]
    assert first.value is not None  # series holds only figures with a value
    assert last.value is not None
    way = "one" if len(held) == 1 else compare.direction(last.value, first.value)
    return words[way].format(**_ends(first, last, long=long))


def _ends(first: Figure, last: Figure, *, long: bool) -> dict[str, str]:
    start, end = (compare.at(figure.period, year=long) for figure in (first, last))
    return {"first": numbers.percent(first.value), "last": numbers.percent(last.value), "start": start, "end": end}


def _alternative(words: Words, held: list[Figure], steady: list[Figure]) -> str:
    """What the line says; where its ends are not comparable only which they are."""
    if len(steady) == len(held):
        return _("Line chart: {finding}.", finding=_fell(words, held, long=True))
    return words["apart"].format(**_ends(held[0], held[-1], long=True))


def _with_parts(subtitle: str, ends: tuple[Figure, Figure], parts: Mapping[str, Part]) -> str:
    """The subtitle, and which part of the two periods that a title compares is held."""
    said = {
        end.period: _("{period}: {part}", period=end.period, part=parts[end.period].words)
        for end in ends
        if end.period in parts
    }
    if not said:
        return subtitle
    return pgettext("what is measured", "{what} ({parts})", what=subtitle, parts=numbers.separated(said.values()))


def _part(period: str, parts: Mapping[str, Part]) -> str:
    return pgettext("period and its part", "{when} ({part})", when=period, part=parts[period].words)


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
        parts.append(_("Pace: straight line from {period}.", period=window[0]))
    holes = line.gaps([figure.period for figure in held])
    if holes:
        spans = [first if first == last else _between(first, last) for first, last in holes]
        if more := len(spans) - 4 if len(spans) > 4 else 0:
            spans = [*spans[:4], ngettext("{n} more", "{n} more", more)]
        parts.append(_("No figures are held for {periods}; the line stops there.", periods=numbers.listed(spans)))
    if len(steady) < len(held):
        before, now = held[len(held) - len(steady) - 1], held[-1]
        if figures.same_corridors(before, now, place) and alike(before, now):
            parts.append(_("Across a gap of more than five years nothing is compared."))
        else:
            if figures.same_corridors(before, now, place):
                changed = _("{when}, the average rests on {behind}; now on {now}.", **_behinds(before, now))
            else:
                changed = _(
                    "{when}, the average rests on {behind}; now on {now}, in another set of corridors.",
                    **_behinds(before, now),
                )
            parts += [changed, _("What is measured changed, so the two are not compared.")]
    return " ".join(parts)


def _behinds(before: Figure, now: Figure) -> dict[str, str]:
    when = numbers.period_words(before.period)
    return {"when": when[:1].upper() + when[1:], "behind": _behind(before), "now": _behind(now)}


def _between(first: str, last: str) -> str:
    return pgettext("periods", "{first} to {last}", first=first, last=last)


def _table(
    figures: Figures,
    place: Place,
    held: list[Figure],
    official: Mapping[str, Decimal],
    parts: Mapping[str, Part],
) -> tuple[list[str], list[list[str]]]:
    periods = sorted({figure.period for figure in held} | set(official), key=numbers.period_days)
    by_start = {numbers.period_days(first)[0]: (first, last) for first, last in line.gaps(periods)}
    names = [_("Period"), _("Average, %"), _("Fee"), _("Margin"), _("Three cheapest")]
    names += [_("Official")] if official else []
    names += [_("Services"), _("Corridors")] if place == WORLD else [_("Services")]
    rows: list[list[str]] = []
    for period in periods:
        average = figures.at(AVERAGE, period, place) or (
            figures.get(AVERAGE, place) if period == figures.period else None
        )
        cells = [_part(period, parts) if period in parts else period, _two(average)]
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
            rows.append([span, _("no figure"), *["–"] * (len(names) - 2)])
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
    return ngettext(
        "Ours and the official series differ in {n} period; last in {period}: {ours} here, {theirs} there. "
        "Neither is changed.",
        "Ours and the official series differ in {n} periods; last in {period}: {ours} here, {theirs} there. "
        "Neither is changed.",
        len(apart),
        period=period,
        ours=numbers.percent(ours, 2),
        theirs=numbers.percent(theirs, 2),
    )
