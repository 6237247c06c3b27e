"""Maps of what it costs to send to and from each country, with their tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from markupsafe import Markup

from reports import names, numbers
from reports.charts.world_map import CallOut, map_legend, world_map
from reports.findings import AVERAGE
from reports.language import N_, Words, _, ngettext
from reports.lookup import Figure, Place
from reports.site import BasisView, Site

End = Literal["receiver", "sender"]
LEAST_SERVICES = 3
"""Fewer services: on the map and in its table, but not called out."""
_TITLES = Words({
    "receiver": N_("What it costs to send to each country"),
    "sender": N_("What it costs to send from each country"),
})  # fmt: skip
_SUBTITLES = Words({
    "receiver": N_("Average total cost of sending USD 200 to each country, % of the amount, {period}"),
    "sender": N_("Average total cost of sending USD 200 from each country, % of the amount, {period}"),
})  # fmt: skip


@dataclass(frozen=True)
class MapRow:
    """A country in the table of the map."""

    name: str
    href: str | None
    value: str | None
    services: str
    corridors: str


@dataclass(frozen=True)
class CostMap:
    """A map with its words, legend and table."""

    ident: str
    title: str
    subtitle: str
    svg: Markup
    legend: Markup
    rows: list[MapRow]
    countries: str


def cost_map(site: Site, view: BasisView, end: End) -> CostMap | None:
    """The map of averages by receiving or sending country; None where no country has one."""
    found = {place: view.figures.get(AVERAGE, place) for place in view.figures.places(end)}
    held: dict[Place, Figure] = {place: figure for place, figure in found.items() if figure is not None}
    priced = sorted((figure.value, place) for place, figure in held.items() if figure.value is not None)
    if not priced:
        return None
    judged = [(value, place[1]) for value, place in priced if held[place].services >= LEAST_SERVICES]
    subtitle = _SUBTITLES[end].format(period=view.data.period)
    title, call_outs = _TITLES[end], []
    if len(judged) > 1:
        title = _ends(end, judged)
        call_outs = [_call_out(code, held[end, code, ""]) for _, code in (judged[-1], judged[0])]
    called = {place[1]: names.country(place[1]) for place in held}
    values = {place[1]: figure.value for place, figure in held.items()}
    order = [place for _, place in reversed(priced)] + [place for place in held if held[place].value is None]
    return CostMap(
        ident=f"{end}s-map",
        title=title,
        subtitle=subtitle,
        svg=world_map(values, called, ident=f"{end}m", title=_("{finding}. {what}.", finding=title, what=subtitle),
                      call_outs=call_outs),
        legend=map_legend(values, ident=f"{end}l"),
        rows=[_row(site, view, place[1], held[place]) for place in order],
        countries=ngettext("Table of this map: {n} country", "Table of this map: {n} countries", len(held)),
    )  # fmt: skip


def _ends(end: End, judged: Sequence[tuple[Decimal, str]]) -> str:
    """The dearest and the cheapest country, and of how many they are."""
    (low, cheap), (high, dear) = judged[0], judged[-1]
    ends = {
        "dear": names.country(dear),
        "high": numbers.percent(high),
        "cheap": names.country(cheap),
        "low": numbers.percent(low),
    }
    if end == "receiver":
        return ngettext(
            "Of the {n} country judged here, {dear} is dearest to send to ({high}), {cheap} cheapest ({low})",
            "Of the {n} countries judged here, {dear} is dearest to send to ({high}), {cheap} cheapest ({low})",
            len(judged),
            **ends,
        )
    return ngettext(
        "Of the {n} country judged here, {dear} is dearest to send from ({high}), {cheap} cheapest ({low})",
        "Of the {n} countries judged here, {dear} is dearest to send from ({high}), {cheap} cheapest ({low})",
        len(judged),
        **ends,
    )


def _call_out(code: str, figure: Figure) -> CallOut:
    words = _("{country} {value}", country=names.country(code), value=numbers.percent(figure.value))
    return CallOut(code, words, ngettext("{n} corridor", "{n} corridors", figure.corridors))


def _row(site: Site, view: BasisView, code: str, figure: Figure) -> MapRow:
    return MapRow(
        name=names.country(code),
        href=site.country_link(code, view),
        value=None if figure.value is None else numbers.percent(figure.value),
        services=numbers.count(figure.services),
        corridors=numbers.count(figure.corridors),
    )
