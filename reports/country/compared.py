"""A country beside its neighbours and its region: the same average, then and now."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from remitwatch.countries import countries, neighbours
from reports import names, numbers
from reports.charts.dumbbell import DumbbellScale
from reports.country.ways import Way, place_of
from reports.findings import AVERAGE
from reports.language import _
from reports.lookup import Figure, Place
from reports.site import BasisView, Site


@dataclass(frozen=True)
class ComparedRow:
    """One country or region. `kind`: `me`, `neighbour`, `region` or `other`."""

    kind: str
    name: str
    href: str | None
    value: str
    marks: Markup
    change: str
    services: str
    corridors: str


@dataclass(frozen=True)
class Compared:
    """`near`: the country and its land neighbours with a figure, cheapest first, then its region. `region_rows`: every
    country of the region with a figure, cheapest first. `then`: the earlier period, empty where none may be compared.
    `rank`: the country's place among `ranked` countries of its region, 0 where it has none. `without`: neighbours
    without a figure."""

    near: tuple[ComparedRow, ...]
    region: str
    region_rows: tuple[ComparedRow, ...]
    axis: Markup
    then: str
    rank: int
    ranked: int
    without: tuple[str, ...]


def compared(site: Site, view: BasisView, way: Way, code: str) -> Compared | None:
    """None where the country itself has no figure of this way."""
    figures = view.figures
    mine = figures.get(AVERAGE, place_of(way, code))
    if mine is None or mine.value is None:
        return None
    region = countries()[code].region or ""
    around = neighbours(code)
    held = {
        place[1]: figure
        for place in figures.places(place_of(way, code)[0])
        if (figure := figures.get(AVERAGE, place)) is not None and figure.value is not None
    }
    near = [one for one in (*around, code) if one in held]
    alike = [one for one in held if region and countries()[one].region == region]
    whole = figures.get(AVERAGE, ("region", region, "")) if way == "inbound" and region else None
    then = _then(view, place_of(way, code))
    chosen = [held[one] for one in {*near, *alike}]
    scale = DumbbellScale([one.value for one in (*chosen, *([whole] if whole else [])) if one.value is not None])
    rows = {
        one: _row(site, view, place_of(way, one), one, held[one], scale, then, "me" if one == code else "neighbour")
        for one in near
    }
    others = {
        one: rows.get(one) or _row(site, view, place_of(way, one), one, held[one], scale, then, "other")
        for one in alike
    }

    def by_cost(codes: list[str]) -> list[str]:
        return sorted(codes, key=lambda one: (held[one].value or Decimal(0), one))

    shown = [rows[one] for one in by_cost(near)]
    if whole is not None and whole.value is not None:
        shown.append(_region_row(view, region, whole, scale, then))
    order = by_cost(alike)
    return Compared(
        near=tuple(shown),
        region=names.region(region) if region else "",
        region_rows=tuple(others[one] for one in order),
        axis=scale.axis(),
        then=then or "",
        rank=order.index(code) + 1 if code in order else 0,
        ranked=len(order),
        without=tuple(names.country(one) for one in around if one not in held),
    )


def _then(view: BasisView, place: Place) -> str | None:
    """The first period with which the country's own figure may be compared."""
    steady = view.figures.steady(AVERAGE, place)
    return steady[0].period if len(steady) > 1 else None


def _row(
    site: Site,
    view: BasisView,
    place: Place,
    code: str,
    figure: Figure,
    scale: DumbbellScale,
    then: str | None,
    kind: str,
) -> ComparedRow:
    href = None if kind == "me" else site.country_link(code, view)
    return _compared(view, place, names.country(code), href, figure, scale, then, kind)


def _region_row(view: BasisView, region: str, figure: Figure, scale: DumbbellScale, then: str | None) -> ComparedRow:
    return _compared(view, ("region", region, ""), names.region(region), None, figure, scale, then, "region")


def _compared(
    view: BasisView,
    place: Place,
    name: str,
    href: str | None,
    figure: Figure,
    scale: DumbbellScale,
    then: str | None,
    kind: str,
) -> ComparedRow:
    assert figure.value is not None
    before = view.figures.at(AVERAGE, then, place) if then else None
    if before is not None and not view.figures.comparable(before, figure, place):
        before = None
    earlier = before.value if before else None
    return ComparedRow(
        kind=kind,
        name=name,
        href=href,
        value=numbers.percent(figure.value),
        marks=scale.marks(figure.value, earlier),
        change=_("not compared") if earlier is None else numbers.change(figure.value - earlier),
        services=numbers.count(figure.services),
        corridors=numbers.count(figure.corridors),
    )
