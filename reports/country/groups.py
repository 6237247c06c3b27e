"""Who charges what: a country's averages by provider type, payment instrument, access point and pay-out."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from reports import numbers, wording
from reports.charts import bars, svg
from reports.country.corridors import FEW
from reports.findings import AVERAGE, FEE, MARGIN
from reports.language import N_, Words, _, ngettext
from reports.lookup import Figures, Place

_HEADS = Words({
    "provider_type": N_("By provider type"),
    "payment_instrument": N_("By payment instrument"),
    "access_point": N_("By access point"),
    "pickup_method": N_("By pay-out"),
})  # fmt: skip
_NAMES = {
    "provider_type": wording.PROVIDER_TYPES,
    "payment_instrument": wording.INSTRUMENTS,
    "access_point": wording.ACCESS_POINTS,
    "pickup_method": wording.PICKUPS,
}


@dataclass(frozen=True)
class GroupRow:
    """One group: its average or the reason why it has none. `mark`: of a provider type, else empty."""

    name: str
    mark: Markup
    value: str
    absent: str
    tag: str
    bar: Markup
    services: str


@dataclass(frozen=True)
class GroupTable:
    """The groups of one breakdown, cheapest first. `axis`: the scale, the same for all; the first one holds the target
    lines that all bars refer to."""

    code: str
    head: str
    axis: Markup
    rows: tuple[GroupRow, ...]


@dataclass(frozen=True)
class Groups:
    """All breakdowns of one way of a country; no tables where none is held."""

    tables: tuple[GroupTable, ...]


def groups_of(figures: Figures, place: Place, ident: str) -> Groups:
    """The breakdowns of a sender or receiver at USD 200. `ident`: unique in the page."""
    found = {
        breakdown: {
            code: dict(figures.groups.get((code, place, 200, breakdown), ())) for code in (AVERAGE, FEE, MARGIN)
        }
        for breakdown in _HEADS
    }
    values = [one.value for parts in found.values() for one in parts[AVERAGE].values() if one.value is not None]
    fees = [one.value for parts in found.values() for one in parts[FEE].values() if one.value is not None]
    scale, plain = bars.BarScale(values, fees, ident), bars.BarScale(values, fees)
    tables: list[GroupTable] = []
    for breakdown, parts in found.items():
        rows = []
        for group, figure in parts[AVERAGE].items():
            if figure.value is None and not figure.services:
                continue
            fee, margin = parts[FEE].get(group), parts[MARGIN].get(group)
            absent = next((wording.ABSENT[flag] for flag in figure.flags if flag in wording.ABSENT), "")
            row = GroupRow(
                name=_name(breakdown, group),
                mark=svg.drawn(svg.MARKS[group]) if breakdown == "provider_type" and group in svg.MARKS else Markup(),
                value="" if figure.value is None else numbers.percent(figure.value),
                absent=absent or _("No service to count."),
                tag=ngettext("{n} service", "{n} services", figure.services) if figure.services < FEW else "",
                bar=scale.bar(fee.value if fee else None, margin.value if margin else None, figure.value),
                services=numbers.count(figure.services),
            )
            rows.append((figure.value is None, figure.value or 0, group, row))
        if rows:
            rows.sort(key=lambda found: found[:3])
            axis = plain.axis() if tables else scale.axis()
            tables.append(GroupTable(breakdown, _HEADS[breakdown], axis, tuple(row for *_order, row in rows)))
    return Groups(tuple(tables))


def _name(breakdown: str, group: str) -> str:
    words = _NAMES[breakdown].get(group) or wording.plain(group)
    return words[:1].upper() + words[1:]
