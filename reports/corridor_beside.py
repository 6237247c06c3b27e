"""What stands beside a corridor's figures: the other direction, its neighbours, other bases, the official series."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from reports import names, numbers, wording
from reports.charts import bars
from reports.findings import AVERAGE, FEE, MARGIN, SMART
from reports.language import _, pgettext
from reports.lookup import Figure, Place
from reports.site import BasisView, Site, corridor_place
from reports.trends import OFFICIAL_DIFFERS

MOST = 8
"""So many corridors to the same receiving country are listed: the cheapest ones, and this one."""


@dataclass(frozen=True)
class Neighbour:
    """A corridor in the table of neighbours. `kind`: `reverse`, `me` or empty."""

    name: str
    href: str | None
    kind: str
    value: str
    bar: Markup
    smart: str
    smart_tag: str
    services: int


@dataclass(frozen=True)
class Neighbours:
    """The same corridor in the other direction (None where no figure of it is held), and those to the same country."""

    axis: Markup
    reverse: Neighbour | None
    others: list[Neighbour]
    all: int
    shown: int


def neighbours(site: Site, view: BasisView, key: str) -> Neighbours | None:
    """None where neither the other direction nor another corridor to the receiver has a figure."""
    place = corridor_place(key)
    back: Place = ("corridor", place[2], place[1])
    figures = view.figures
    priced = [one for one in figures.to_receiver.get(place[2], []) if figures.value(AVERAGE, one) is not None]
    is_back = figures.value(AVERAGE, back) is not None
    if not is_back and not any(one != place for one in priced):
        return None
    chosen = [one for one in priced[:MOST] if one != place]
    if place in priced:
        chosen = [*chosen, place] if place not in priced[:MOST] else priced[:MOST]
    shown = [*chosen, back] if is_back else chosen
    values = [value for one in shown if (value := figures.value(AVERAGE, one)) is not None]
    scale = bars.BarScale(values, [value for one in shown if (value := figures.value(FEE, one)) is not None])
    others = [_neighbour(site, view, one, scale, "me" if one == place else "") for one in chosen]
    return Neighbours(
        axis=scale.axis(),
        reverse=_neighbour(site, view, back, scale, "reverse") if is_back else None,
        others=others if any(one.kind != "me" for one in others) else [],
        all=len(priced),
        shown=len(chosen),
    )


def _neighbour(site: Site, view: BasisView, place: Place, scale: bars.BarScale, kind: str) -> Neighbour:
    figures, key = view.figures, f"{place[1]}-{place[2]}"
    average, smart = figures.get(AVERAGE, place), figures.get(SMART, place)
    value = average.value if average else None
    return Neighbour(
        name=wording.corridor_name(key) if kind == "reverse" else names.country(place[1]),
        href=None if kind == "me" else site.corridor_link(view, key),
        kind=kind,
        value=numbers.percent(value),
        bar=scale.bar(figures.value(FEE, place), figures.value(MARGIN, place), value),
        smart=_or_dash(smart),
        smart_tag=_unjudged(smart),
        services=average.services if average else 0,
    )


@dataclass(frozen=True)
class BasisRow:
    """The corridor on one basis. `value` is empty where there is none, with the reason in `why`."""

    name: str
    href: str | None
    me: bool
    period: str
    value: str
    why: str
    smart: str
    smart_tag: str
    services: str


@dataclass(frozen=True)
class OfficialRow:
    """The official figure of a period beside ours. `apart`: `differs`, `agrees`, or empty
    where we hold none."""

    period: str
    value: str
    ours: str
    apart: str


def bases(site: Site, key: str, view: BasisView) -> list[BasisRow]:
    """The corridor's average and SmaRT on every basis of the edition."""
    place, rows = corridor_place(key), []
    for other in site.views:
        figure, smart = other.figures.get(AVERAGE, place), other.figures.get(SMART, place)
        held = key in other.paged
        has = figure is not None and figure.value is not None
        why = next((wording.ABSENT[flag] for flag in figure.flags if flag in wording.ABSENT), "") if figure else ""
        rows.append(
            BasisRow(
                name=wording.basis_name(other.basis),
                href=site.corridor_page(other, key) if held and other is not view else None,
                me=other is view,
                period=other.data.period if held else "–",
                value=numbers.percent(figure.value) if figure is not None and has else "",
                why="" if has else why or _("not covered"),
                smart=_or_dash(smart),
                smart_tag=_unjudged(smart),
                services=numbers.count(figure.services if figure else 0),
            )
        )
    return rows


def official(site: Site, key: str, series: dict[str, Decimal]) -> list[OfficialRow]:
    """The newest official figure that we hold one beside, and the newest of all where that is another; empty where no
    official one is held."""
    place = corridor_place(key)
    survey = next((view.figures for view in site.views if view.basis == "survey"), None)
    ours: dict[str, Decimal] = {}
    if survey is not None:
        ours = {one.period: one.value for one in survey.series(AVERAGE, place) if one.value is not None}
    newest = [max(periods, key=numbers.period_days) for periods in (series, series.keys() & ours.keys()) if periods]
    return [_official(period, series[period], ours.get(period)) for period in dict.fromkeys(newest)]


def _official(period: str, value: Decimal, own: Decimal | None) -> OfficialRow:
    if own is None:
        return OfficialRow(period, numbers.percent(value, 2), "", "")
    apart = "differs" if abs(own - value) >= OFFICIAL_DIFFERS else "agrees"
    return OfficialRow(period, numbers.percent(value, 2), numbers.percent(own, 2), apart)


def _or_dash(figure: Figure | None) -> str:
    return "–" if figure is None or figure.value is None else numbers.percent(figure.value)


def _unjudged(figure: Figure | None) -> str:
    return pgettext("corridor", "not judged") if figure is not None and figure.value is not None and figure.thin else ""
