"""Averages of groups of services: by speed, provider type, instrument and pay-out, from the figures given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from reports import wording
from reports.charts import bars
from reports.findings import AVERAGE, FEE, MARGIN
from reports.language import N_, _
from reports.lookup import Figure, Figures, Place

_KINDS = (
    ("speed", N_("Speed"), wording.SPEEDS),
    ("provider_type", N_("Provider type"), wording.PROVIDER_TYPES),
    ("payment_instrument", N_("Pay in by"), wording.INSTRUMENTS),
    ("pickup_method", N_("Pay out to"), wording.PICKUPS),
)


@dataclass(frozen=True)
class Group:
    """One group: its average, or the reason why it has none."""

    name: str
    figure: Figure
    bar: Markup
    absent: str


def group_tables(figures: Figures, place: Place, amount: int = 200) -> dict[str, Any] | None:
    """The groups of a place on one scale; None where no breakdown is given."""
    found = []
    for breakdown, head, words in _KINDS:
        parts = {
            code: dict(figures.groups.get((code, place, amount, breakdown), ())) for code in (AVERAGE, FEE, MARGIN)
        }
        members = [
            (group, figure) for group, figure in parts[AVERAGE].items() if figure.services or figure.value is not None
        ]
        if members:
            found.append((breakdown, head, words, members, parts))
    if not found:
        return None
    values = [figure.value for *_, members, _ in found for _, figure in members if figure.value is not None]
    fees = [figure.value for *_, parts in found for figure in parts[FEE].values() if figure.value is not None]
    scale = bars.BarScale(values, fees)
    sections = []
    for breakdown, head, words, members, parts in found:
        order = list(words)
        rows = []
        for group, figure in members:
            fee, margin = parts[FEE].get(group), parts[MARGIN].get(group)
            bar = scale.bar(fee.value if fee else None, margin.value if margin else None, figure.value)
            absent = next((wording.ABSENT[flag] for flag in figure.flags if flag in wording.ABSENT), _("No figure"))
            name = words.get(group, wording.plain(group))
            rows.append((group, Group(name[:1].upper() + name[1:], figure, bar, absent)))
        if breakdown == "speed":
            rows.sort(key=lambda row: order.index(row[0]) if row[0] in order else len(order))
        else:
            rows.sort(key=lambda row: (row[1].figure.value is None, row[1].figure.value or 0, row[0]))
        sections.append((_(head), [group for _, group in rows]))
    return {"axis": scale.axis(), "sections": sections}
