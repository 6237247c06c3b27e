"""The targets as cards, official ones for the world, then national ones: the figure of each and how it stands, or why
it cannot be judged."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reports import names, numbers, wording
from reports.findings import WORLD_CORRIDORS, smart_count, window_days, window_of
from reports.held import span
from reports.inputs import BasisInput
from reports.lookup import WORLD, Figures, near

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
    "no_baseline": "The period that progress counts from is not held.",
    "no_value": "The figure that this target names is not held.",
}


_PACED = ("on_track", "improving", "stagnant", "deteriorating")
NO_PACE = "no pace is stated"


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
    """The official targets of a basis that speak for all its corridors together, in the order given."""
    return [
        target
        for target in targets
        if target.get("basis") in (None, basis)
        and _scope(target) in ("world", "")
        and not target.get("corridor")
        and not target.get("national")
    ]


def national_targets(targets: list[Mapping[str, Any]], basis: str) -> list[Mapping[str, Any]]:
    """The national targets of a basis about one subject: a target about every corridor of a country has no card, its
    corridors are in the table of targets."""
    return [
        target
        for target in targets
        if target.get("national")
        and target.get("basis") in (None, basis)
        and (_scope(target) != "corridor" or (target.get("sender") and target.get("receiver")))
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


def sound(targets: list[Mapping[str, Any]], data: BasisInput, figures: Figures) -> list[Mapping[str, Any]]:
    """The targets without the paces of a basis that say nothing: over less than a year of prices, between different
    corridors, or across a gap of years. Their status is then `not_assessable`, and `why` a sentence."""
    return [
        {
            **target, "status": "not_assessable", "actual_pace": None, "required_pace": None, "projected_year": None,
            "why": why,
        }
        if target.get("basis") in (None, data.basis) and (why := _unsound(target, data, figures))
        else target
        for target in targets
    ]  # fmt: skip


def _unsound(target: Mapping[str, Any], data: BasisInput, figures: Figures) -> str:
    """Why a pace is not told, in a sentence; empty for one that is."""
    window = window_of(target)
    if window is None or target.get("status") not in _PACED:
        return ""
    if window_days(target, data.days) < SHORTEST:
        start, end = numbers.period_days(window[0])[0], numbers.period_days(window[1])[1]
        days = [day for day in data.days if start <= day <= end]
        if not days:
            return f"Only {window[0]} to {window[1]} is held: too short to judge a pace."
        when = span(days[0], days[-1])
        return f"Prices of {numbers.counted(len(days), 'day')} are held ({when}): too short to judge a pace."
    code = str(target.get("indicator"))
    now, before = figures.get(code), figures.at(code, window[0])
    if _scope(target) not in ("world", "") or now is None or before is None:
        return ""
    everywhere = min(now.corridors, before.corridors) >= WORLD_CORRIDORS  # the world's own series, as it is official
    if not everywhere and not figures.same_corridors(before, now, WORLD):
        return f"The figure of {window[0]} rests on another set of corridors, so {NO_PACE}."
    held = [figure.period for figure in figures.series(code) if figure.period != data.period] + [window[1]]
    if any(not near(one, other) for one, other in itertools.pairwise(held[held.index(window[0]) :])):
        return f"Between {window[0]} and {window[1]} no figures are held for over five years, so {NO_PACE}."
    return ""


def cards(targets: list[Mapping[str, Any]], figures: Figures, basis: str) -> list[Card]:
    """One card a target. The corridor target, where it is not among the targets given, is counted from SmaRT."""
    chosen = world_targets(targets, basis)
    made = [_card(target) for target in chosen]
    if chosen and not any("smart" in str(target.get("indicator")) for target in chosen):
        made.insert(1, _corridor_card(figures))
    return made + [_card(target) for target in national_targets(targets, basis)]


def _card(target: Mapping[str, Any]) -> Card:
    value = numbers.decimal_of(target.get("value"))
    status = str(target.get("status") or "not_assessable")
    if status not in STATUS:
        status = "not_assessable"
    if value is None:
        status = "no_figure" if status != "not_assessable" else status
    elif status == "not_assessable" and (target.get("why") in ("one_period", "no_baseline") or _without_pace(target)):
        status = "not_met"  # one value is enough to see that a target is missed, not how fast it is approached
    name = str(target.get("name", "")) if target.get("national") else _lower(str(target.get("name", "")))
    title = f"{target.get('owner', '')}: {name}".removeprefix(": ")
    if target.get("national") and target.get("subject") != "world":
        title += f" ({_place(target)})"
    if target.get("deadline"):
        title += f" by {target['deadline']}"
    return Card(
        wording.clean_text(title, 160), "–" if value is None else numbers.percent(value), status, _text(target, value)
    )


def _place(target: Mapping[str, Any]) -> str:
    """Whom a national target is about: `to Kenya`, `from Kenya`, `Tanzania to Kenya`."""
    subject = str(target.get("subject"))
    if _scope(target) == "corridor":
        return wording.corridor_title(subject)
    return f"{'from' if _scope(target) == 'sender' else 'to'} {names.country(subject)}"


def _without_pace(target: Mapping[str, Any]) -> bool:
    return str(target.get("why") or "").endswith((f"{NO_PACE}.", "too short to judge a pace."))


def _text(target: Mapping[str, Any], value: Decimal | None) -> str:
    parts = []
    if target.get("indicator") == "share_corridors_smart_above_5" and value is not None:
        parts.append("Share of assessed corridors whose three cheapest services average more than 5%.")
    if str(target.get("indicator")).startswith("share_services_within_") and value is not None:
        parts.append("Share of services, not of payments: it stands in for the target.")
    actual, required = numbers.decimal_of(target.get("actual_pace")), numbers.decimal_of(target.get("required_pace"))
    window, now = window_of(target), numbers.decimal_of(target.get("required_from_now"))
    if target.get("status") == "met":
        pass
    elif window is not None and actual is not None:
        parts.append(f"{_pace(actual)} since {window[0]}.")
        if required and now:
            then, rest = (numbers.number(abs(pace), 2) for pace in (required, now))
            parts.append(f"Needed: {then} a year from then, {rest} from now.")
        elif required or now:
            parts.append(f"Needed: {numbers.number(abs(required or now or Decimal(0)), 2)} a year.")
    if target.get("national") and "corridors_differ" in (target.get("flags") or ()):
        parts.append("The two figures rest on different numbers of corridors.")
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
