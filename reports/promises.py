"""The official targets as cards: which figure each names, how it stands, and why where it cannot be judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reports import numbers, wording
from reports.findings import smart_count
from reports.lookup import Figures

STATUS = {
    # code: (words, class of the word, class of the card, icon)
    "met": ("Met", "met", "met", "tick"),
    "on_track": ("On track", "met", "met", "tick"),
    "improving": ("Improving, too slowly", "slow", "slow", "slope"),
    "stagnant": ("Stagnant", "none", "slow", "dash"),
    "deteriorating": ("Deteriorating", "bad", "bad", "cross"),
    "not_met": ("Not met", "bad", "bad", "cross"),
    "not_assessable": ("Not assessable", "none", "none", "dash"),
    "no_figure": ("No figure", "none", "none", "dash"),
}
_SIGNS = {"lt": "under", "le": "at most", "ge": "at least", "gt": "over"}


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
    window = target.get("window")
    if actual is not None and window:
        parts.append(f"{_pace(actual)} since {window[0]}.")
    if required is not None and str(target.get("status")) in ("improving", "stagnant", "deteriorating"):
        way = "fall" if required < 0 else "rise"
        parts.append(f"Must now {way} {numbers.number(abs(required), 2)} points a year.")
    why = target.get("why")
    if why:
        parts.append(wording.clean_text(why, 400))
    return " ".join(parts) or "The figure that this target names is not held for this period."


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
