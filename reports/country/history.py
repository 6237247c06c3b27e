"""What is sent to a country and from it over time, with the policy measures of the country."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from remitwatch.events import Event, events_of
from reports import names, numbers, wording
from reports.charts import timeline
from reports.country.ways import TITLES, Way, place_of, said
from reports.findings import AVERAGE
from reports.language import N_, Words, _, pgettext
from reports.lookup import Figure, alike
from reports.site import BasisView, Site

KINDS = Words({
    "licensing": N_("Licensing"),
    "tax": N_("Tax"),
    "exchange_rate": N_("Exchange rate"),
    "payment_system": N_("Payment system"),
    "transparency": N_("Transparency"),
    "incentive": N_("Incentive"),
    "sanctions": N_("Sanctions"),
    "other": N_("Other"),
})  # fmt: skip


@dataclass(frozen=True)
class EventRow:
    """A measure in the list. `number` on the drawing, empty where it lies outside the periods shown."""

    number: str
    date: str
    title: str
    kind: str
    source: str
    verified: bool
    own: bool


@dataclass(frozen=True)
class HistoryView:
    """`svg` None where nothing is held over time; `empty` then says so."""

    finding: str
    svg: Markup | None
    empty: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    events: tuple[EventRow, ...]


def history_of(site: Site, view: BasisView, ways: tuple[Way, ...], code: str) -> HistoryView:
    """The lines of the ways that have figures, in the order of the page."""
    held = {way: view.figures.series(AVERAGE, place_of(way, code)) for way in ways}
    held = {way: series for way, series in held.items() if series}
    found = events_of(site.data.about_countries.events, code)
    periods = {one.period for series in held.values() for one in series}
    if len(periods) < 2:
        empty = _("No figure is held over time: a line needs two periods.")
        return HistoryView("", None, empty, (), (), tuple(_event(event, "") for event in found))
    lines = tuple(
        timeline.Series(said(TITLES, way, code), _points(series), "ln" if place == 0 else "lns", _breaks(series))
        for place, (way, series) in enumerate(held.items())
    )
    first, last = timeline.span_of(lines)
    shown = [event for event in found if first <= event.day <= last]
    marks = tuple(
        timeline.Mark(
            number,
            event.day,
            pgettext("date and measure", "{date}: {measure}", date=_date(event), measure=_title(event)),
        )
        for number, event in enumerate(shown, 1)
    )
    numbered = {id(event): str(number) for number, event in enumerate(shown, 1)}
    finding = " ".join(_moved(view, way, code, series) for way, series in held.items())
    drawn = timeline.Timeline("history", _("Line chart. {finding}", finding=finding), lines, marks)
    head = [_("Period")]
    for way in held:
        head += [said(TITLES, way, code), _("Services")]
    return HistoryView(
        finding=finding,
        svg=timeline.draw(drawn),
        empty="",
        head=tuple(head),
        rows=_rows(view, held),
        events=tuple(_event(event, numbered.get(id(event), "")) for event in found),
    )


def _points(series: list[Figure]) -> tuple[tuple[str, Decimal], ...]:
    return tuple((one.period, one.value) for one in series if one.value is not None)


def _breaks(series: list[Figure]) -> frozenset[str]:
    return frozenset(after.period for before, after in itertools.pairwise(series) if not alike(before, after))


_MOVED = {
    "inbound": Words({
        "down": N_("Sending to {country} cost {first} in {start} and {last} in {end}: it fell."),
        "up": N_("Sending to {country} cost {first} in {start} and {last} in {end}: it rose."),
        "same": N_("Sending to {country} cost {last} in {start} and in {end}."),
        "one": N_("Sending to {country} cost {last} in {end}; no other period is held."),
        "apart": N_(
            "Sending to {country} cost {first} in {start} and {last} in {end}, over other corridors or services."
        ),
    }),
    "outbound": Words({
        "down": N_("Sending from {country} cost {first} in {start} and {last} in {end}: it fell."),
        "up": N_("Sending from {country} cost {first} in {start} and {last} in {end}: it rose."),
        "same": N_("Sending from {country} cost {last} in {start} and in {end}."),
        "one": N_("Sending from {country} cost {last} in {end}; no other period is held."),
        "apart": N_(
            "Sending from {country} cost {first} in {start} and {last} in {end}, over other corridors or services."
        ),
    }),
}  # fmt: skip


def _moved(view: BasisView, way: Way, code: str, series: list[Figure]) -> str:
    """Where the line begins and ends, in a sentence; without a comparison where the two do not rest on the same."""
    first, last = series[0], series[-1]
    assert first.value is not None  # a series holds only figures with a value
    assert last.value is not None
    change = numbers.rounded(last.value, 1) - numbers.rounded(first.value, 1)
    how = "same" if change == 0 else "down" if change < 0 else "up"
    if len(series) == 1:
        how = "one"
    elif (
        not alike(first, last) or first.corridors * 10 < last.corridors * 9 or last.corridors * 10 < first.corridors * 9
    ):
        how = "apart"
    return _MOVED[way][how].format(
        country=names.country(code),
        first=numbers.percent(first.value),
        start=first.period,
        last=numbers.percent(last.value),
        end=last.period,
    )


def _rows(view: BasisView, held: dict[Way, list[Figure]]) -> tuple[tuple[str, ...], ...]:
    by_period = {way: {one.period: one for one in series} for way, series in held.items()}
    periods = sorted({period for one in by_period.values() for period in one}, key=numbers.period_days, reverse=True)
    rows = []
    for period in periods:
        part = view.parts.get(period)
        cells = [pgettext("period and its part", "{when} ({part})", when=period, part=part.words) if part else period]
        for one in by_period.values():
            figure = one.get(period)
            if figure is None or figure.value is None:
                cells += [_("no figure"), "–"]
            else:
                cells += [numbers.number(figure.value, 2), numbers.count(figure.services)]
        rows.append(tuple(cells))
    return tuple(rows)


def _event(event: Event, number: str) -> EventRow:
    return EventRow(
        number=number,
        date=_date(event),
        title=_title(event),
        kind=KINDS[event.kind],
        source=wording.clean_text(event.source, 300),
        verified=event.verified,
        own=event.own,
    )


def _words(event: Event) -> str:
    return pgettext("date and measure", "{date}: {measure}", date=_date(event), measure=_title(event))


def _date(event: Event) -> str:
    return numbers.day(event.day) if len(event.date) == 10 else numbers.month(event.day)


def _title(event: Event) -> str:
    """Shipped titles are messages; an operator's own stand as they are written."""
    return wording.clean_text(event.title, 100) if event.own else _(event.title)
