"""Corridors of a basis in order of their average cost."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from reports import numbers, wording
from reports.charts import bars
from reports.findings import AVERAGE, FEE, MARGIN, SMART
from reports.language import ngettext, pgettext
from reports.lookup import Figure, Place
from reports.site import BasisView, Site, corridor_place


@dataclass(frozen=True)
class Ranked:
    """A corridor in a ranking. `judged`: `within` or `above` the 5 % ceiling, `not_judged`. `order`: what its cells are
    sorted by, in their order, empty where there is nothing."""

    key: str
    name: str
    href: str | None
    value: str | None
    tag: str
    bar: Markup
    smart: str
    smart_tag: str
    fee: str
    margin: str
    services: int
    judged: str
    order: dict[str, str]


def ranked(site: Site, view: BasisView) -> dict[str, Any]:
    """All corridors of a basis, dearest last, on one scale; those without an average at the end."""
    figures = view.figures
    keys = sorted(view.corridors, key=lambda key: _rank(figures.value(AVERAGE, corridor_place(key)), key))
    places = {key: corridor_place(key) for key in keys}
    totals = [value for place in places.values() if (value := figures.value(AVERAGE, place)) is not None]
    scale = bars.BarScale(totals, [fee for place in places.values() if (fee := figures.value(FEE, place)) is not None])
    rows = [_ranked_row(site, view, key, place, scale) for key, place in places.items()]
    return {"axis": scale.axis(), "rows": rows, "priced": [row for row in rows if row.value is not None]}


def _rank(value: Decimal | None, key: str) -> tuple[bool, Decimal, str]:
    return value is None, value if value is not None else Decimal(0), key


def _ranked_row(site: Site, view: BasisView, key: str, place: Place, scale: bars.BarScale) -> Ranked:
    figures = view.figures
    figure, smart = figures.get(AVERAGE, place), figures.get(SMART, place)
    value, fee, margin = (figures.value(code, place) for code in (AVERAGE, FEE, MARGIN))
    services = figure.services if figure else 0
    return Ranked(
        key=key,
        name=wording.corridor_name(key),
        href=site.corridor_link(view, key),
        value=None if value is None else numbers.percent(value),
        tag=ngettext("{n} service", "{n} services", services) if value is not None and services < 3 else "",
        bar=scale.bar(fee, margin, value),
        smart="–" if smart is None or smart.value is None else numbers.percent(smart.value),
        smart_tag=pgettext("corridor", "not judged")
        if smart is not None and smart.value is not None and smart.thin
        else "",
        fee="–" if fee is None else numbers.number(fee),
        margin="–" if margin is None else numbers.number(margin),
        services=services,
        judged=_judged(smart),
        order={
            "value": _order(value),
            "smart": _order(smart.value if smart else None),
            "fee": _order(fee),
            "margin": _order(margin),
        },
    )


def _judged(smart: Figure | None) -> str:
    if smart is None or smart.value is None or smart.thin:
        return "not_judged"
    return "within" if smart.value <= 5 else "above"


def _order(value: Decimal | None) -> str:
    return "" if value is None else f"{numbers.rounded(value, 4):f}"
