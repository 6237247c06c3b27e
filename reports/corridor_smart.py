"""Which services SmaRT is the mean of, why cheap ones do not qualify, and how fast the services are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from reports import numbers, wording
from reports.charts import bars
from reports.findings import SMART
from reports.language import _, ngettext
from reports.lookup import Figure, Figures, Offer, Place

MOST_OUTSIDE = 10
"""So many services that do not qualify are listed with their reasons."""


@dataclass(frozen=True)
class Outside:
    """A service as cheap as the three, or of unknown cost, that does not qualify."""

    offer: Offer
    total: str
    reason: str


@dataclass(frozen=True)
class SmartView:
    """What stands behind SmaRT. `said`: in sentences; `left`: how many more do not qualify."""

    said: list[str]
    members: list[Offer]
    outside: list[Outside]
    left: int


def explained(figures: Figures, place: Place, offers: list[Offer], private: int) -> SmartView:
    """The members, and the services that are not among them although they are no dearer."""
    smart = figures.get(SMART, place)
    members = sorted((offer for offer in offers if 1 <= offer.smart_rank <= 3), key=lambda offer: offer.smart_rank)
    dearest = max((offer.total_pct for offer in members if offer.total_pct is not None), default=None)
    outside, dearer = [], 0
    for offer in offers:
        if offer in members:
            continue
        reason = _reason(offer, figures.basis)
        if not reason:
            dearer += 1
        elif len(members) < 3 or dearest is None or offer.total_pct is None or offer.total_pct < dearest:
            outside.append(Outside(offer, numbers.percent(offer.total_pct), reason))
    said = _said(smart, members, dearer, private)
    return SmartView(said, members, outside[:MOST_OUTSIDE], max(len(outside) - MOST_OUTSIDE, 0))


def _said(smart: Figure | None, members: list[Offer], dearer: int, private: int) -> list[str]:
    said = [_("SmaRT is the mean of the three cheapest services that qualify: a disclosed rate, and paid out within "
              "five days. That anyone can use them is taken as true.")]  # fmt: skip
    if smart is None or smart.value is None:
        withheld = smart is not None and "private_suppressed" in smart.flags
        return [*said, wording.ABSENT["private_suppressed" if withheld else "no_qualifying_service"]]
    costs = [offer.total_pct for offer in members if offer.total_pct is not None]
    if not members and private:
        said.append(_("Which services these are is not told, because a price handed in privately is among them."))
    elif len(costs) == 3:
        parts = {name: numbers.percent(cost, 2) for name, cost in zip(("first", "second", "third"), costs, strict=True)}
        said.append(
            _("Their mean: ({first} + {second} + {third}) ÷ 3 = {mean}.", mean=numbers.percent(smart.value, 2), **parts)
        )
    if smart.thin:
        said.append(_("Fewer than three services qualify: the mean is shown and not judged."))
    if dearer and members:
        said.append(
            ngettext("{n} more service qualifies and is dearer.", "{n} more services qualify and are dearer.", dearer)
        )
    return said


def _reason(offer: Offer, basis: str) -> str:
    """Why a service does not qualify; empty where it does."""
    if offer.total_pct is None:
        return _("It does not disclose its rate: what it costs is not known.")
    if offer.quarantined:
        return _("It is in quarantine until a person has looked at it.")
    if offer.stale:
        return _("Its price is too old to count.")
    if offer.speed == "six_days_or_more":
        return _("It pays out after six days or more.")
    if offer.speed == "unknown" and basis == "survey":
        return _("It does not state its speed.")
    return ""


@dataclass(frozen=True)
class SpeedRow:
    """The services of one speed."""

    name: str
    services: int
    share: str
    bar: Markup
    cheapest: str


@dataclass(frozen=True)
class SpeedView:
    """How fast the listed services that count pay out."""

    said: str
    rows: list[SpeedRow]


def speeds(figures: Figures, place: Place, counted: list[Offer]) -> SpeedView | None:
    """By speed: services, their share, the cheapest. None where no service is listed."""
    if not counted:
        return None
    sizes = Counter(offer.speed for offer in counted)
    rows = []
    for code in wording.SPEEDS:
        if not sizes[code]:
            continue
        share = Decimal(sizes[code]) * 100 / len(counted)
        totals = [offer.total_pct for offer in counted if offer.speed == code and offer.total_pct is not None]
        rows.append(
            SpeedRow(
                wording.SPEEDS[code], sizes[code], numbers.percent(share, 0), bars.share_bar(share),
                numbers.percent(min(totals)),
            )
        )  # fmt: skip
    return SpeedView(_fast(figures, place), rows)


def _fast(figures: Figures, place: Place) -> str:
    hour, day = (figures.value(f"share_services_within_{span}", place) for span in ("hour", "day"))
    if hour is None or day is None:
        return ""
    return _(
        "Of the services that state a speed, {hour} pay out within one hour and {day} within one business day. The "
        "G20 aims at 75% within one hour and the rest within one business day by the end of 2027; it counts "
        "payments, these are services.",
        hour=numbers.percent(hour, 0),
        day=numbers.percent(day, 0),
    )
