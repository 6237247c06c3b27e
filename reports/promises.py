"""The official targets as cards: which figure each names, how it stands, and why where it cannot be judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reports import numbers, wording
from reports.findings import smart_count, window_days, window_of
from reports.lookup import Figures

STATUS = {
    # code: (words, class of the word, class of the card, icon)
    "met": ("Met", "met", "met", "tick"),
    "on_track": ("On track", "met", "met", "tick"),
    "improving": ("Improving, too slowly", "slow", "slow", "slope"),
    "stagnant": ("Stagnant", "none", "slow", "dash"),
    "deteriorating": ("Deteriorating", "bad", "bad", "cross"),
    "not_met": ("Not met so far", "slow", "slow", "dash"),
    "not_assessable": ("Not assessable", "none", "none", "dash"),
    "no_figure": ("No figure", "none", "none", "dash"),
}
SHORTEST = 365
"""With a window of fewer days, a pace a year is not shown."""
_WHY = {
    "one_period": "Only one period is held; a pace needs two.",
    "fewer_than_three": "Fewer than three services stand behind the figure.",
    "private_suppressed": wording.ABSENT["private_suppressed"],
    "no_value": "The figure that this target names is not held.",
}


@dataclass(frozen=True)
class Card:
    """One target on a page."""

    title: str
    value: str
    status: str
    text: str

    @property
    def words(self) -> tuple[str, str, str, str]:
        """Words, class of the word, class of the card, icon."""
        return STATUS[self.status]


def world_targets(targets: list[Mapping[str, Any]], basis: str) -> list[Mapping[str, Any]]:
    """The targets of a basis that speak for all its corridors together, in the order given."""
    return [
        target
        for target in targets
        if target.get("basis") in (None, basis) and _scope(target) in ("world", "") and not target.get("corridor")
    ]


def _scope(target: Mapping[str, Any]) -> str:
    scope = target.get("scope")
    return scope if isinstance(scope, str) else ""


def cost_target(targets: list[Mapping[str, Any]], basis: str) -> Mapping[str, Any] | None:
    """The target on the average cost that the headline is measured against."""
    found = [target for target in world_targets(targets, basis) if target.get("indicator") == "average_total_cost"]
    return next(
        (target for target in found if str(target.get("code", "")).startswith("sdg")), found[0] if found else None
    )


def cards(targets: list[Mapping[str, Any]], figures: Figures, basis: str) -> list[Card]:
    """One card a target. The corridor target, where it is not among the targets given, is counted from SmaRT."""
    chosen = world_targets(targets, basis)
    made = [_card(target) for target in chosen]
    if chosen and not any("smart" in str(target.get("indicator")) for target in chosen):
        made.insert(1, _corridor_card(figures))
    return made


def _card(target: Mapping[str, Any]) -> Card:
    value = numbers.decimal_of(target.get("value"))
    status = str(target.get("status") or "not_assessable")
    if status not in STATUS:
        status = "not_assessable"
    if value is None:
        status = "no_figure" if status != "not_assessable" else status
    elif status == "not_assessable" and target.get("why") == "one_period":
        status = "not_met"  # one value is enough to see that a target is missed, not how fast it is approached
    elif 0 < window_days(target) < SHORTEST and status in ("on_track", "improving", "stagnant", "deteriorating"):
        status = "not_met"  # a pace over some weeks says nothing about a year
    title = f"{target.get('owner', '')}: {_lower(str(target.get('name', '')))}".removeprefix(": ")
    if target.get("deadline"):
        title += f" by {target['deadline']}"
    return Card(
        wording.clean_text(title, 160), "–" if value is None else numbers.percent(value), status, _text(target, value)
    )


def _text(target: Mapping[str, Any], value: Decimal | None) -> str:
    parts = []
    if target.get("indicator") == "share_corridors_smart_above_5" and value is not None:
        parts.append("Share of assessed corridors whose three cheapest services average more than 5%.")
    if target.get("indicator") == "share_services_within_hour" and value is not None:
        parts.append("Share of services, not of payments: it stands in for the target.")
    actual, required = numbers.decimal_of(target.get("actual_pace")), numbers.decimal_of(target.get("required_pace"))
    window, days, status_ = window_of(target), window_days(target), str(target.get("status"))
    if status_ == "met":
        pass
    elif window is not None and days < SHORTEST:
        parts.append(f"{numbers.counted(round(days / 7), 'week')} are held: too short to judge a pace.")
    elif window is not None and actual is not None:
        share = ""
        if required and actual / required > 0 and status_ in ("improving", "on_track"):
            share = f", {numbers.percent(actual / required * 100, 0)} of the pace needed"
        parts.append(f"{_pace(actual)} since {window[0]}{share}.")
        now = numbers.decimal_of(target.get("required_from_now"))
        if now and status_ in ("improving", "stagnant", "deteriorating"):
            way = "fall" if now < 0 else "rise"
            parts.append(f"Must now {way} {numbers.number(abs(now), 2)} points a year.")
    if why := target.get("why"):
        parts.append(_WHY.get(str(why), wording.clean_text(why, 400)))
    if value is None and not parts:
        parts.append("The figure that this target names is not held for this period.")
    return " ".join(parts)


def _pace(actual: Decimal) -> str:
    if abs(actual) < Decimal("0.005"):
        return "Unchanged"
    return f"{'Fell' if actual < 0 else 'Rose'} {numbers.number(abs(actual), 2)} points a year"


def _corridor_card(figures: Figures) -> Card:
    title = "SDG 10.c: no corridor above 5% by 2030"
    count = smart_count(figures)
    if not count.assessed:
        return Card(
            title,
            "–",
            "not_assessable",
            "The target looks at the three cheapest services of a corridor; none can be judged.",
        )
    text = "Corridors whose three cheapest services (SmaRT) average 5% or less."
    if count.thin:
        text += f" {numbers.counted(count.thin, 'corridor')} with fewer than three services not judged."
    return Card(title, f"{count.within} of {count.assessed}", "met" if not count.above else "not_met", text)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
