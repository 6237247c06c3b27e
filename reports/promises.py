"""The targets as cards, official ones for the world, then national ones: the figure of each and how it stands, or why
it cannot be judged."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reports import names, numbers, wording
from reports.findings import LEAST_COVERAGE, WORLD_CORRIDORS, smart_count, window_days, window_of
from reports.held import span
from reports.inputs import BasisInput
from reports.language import N_, NP_, Words, _, ngettext, pgettext
from reports.lookup import WORLD, Figures, near

STATUS = {
    # code: (words, for templates to translate; class of the word, class of the card, icon)
    "met": (NP_("target", "Met"), "met", "met", "tick"),
    "on_track": (N_("On track"), "met", "met", "tick"),
    "improving": (N_("Improving, too slowly"), "slow", "slow", "slope"),
    "stagnant": (N_("Stagnant"), "none", "slow", "dash"),
    "deteriorating": (N_("Deteriorating"), "bad", "bad", "cross"),
    "not_met": (N_("Not met so far"), "slow", "slow", "dash"),
    "not_assessable": (N_("Not assessable"), "none", "none", "dash"),
    "no_figure": (N_("No figure"), "none", "none", "dash"),
}
_OWNERS = Words({"SDG 10.c": N_("SDG 10.c")})
SHORTEST = 365
"""With a window of fewer days, a pace a year is not shown."""
_WHY = Words(
    {
        "one_period": N_("Only one period is held; a pace needs two."),
        "fewer_than_three": N_("Fewer than three services stand behind the figure."),
        "no_baseline": N_("The period that progress counts from is not held."),
        "no_value": N_("The figure that this target names is not held."),
        "short_window": N_("Only {first} to {last} is held: too short to judge a pace."),
        "other_corridors": N_("The figure of {first} rests on another set of corridors, so no pace is stated."),
        "years_without_figures": N_(
            "Between {first} and {last} no figures are held for over five years, so no pace is stated."
        ),
    }
)
_SHORT_DAYS = "short_days"
_WITHOUT_PACE = ("one_period", "no_baseline", "short_window", _SHORT_DAYS, "other_corridors", "years_without_figures")
_PACED = ("on_track", "improving", "stagnant", "deteriorating")
_TITLES = Words({
    "sdg_10c_average": N_("SDG 10.c: average under 3% by {deadline}"),
    "sdg_10c_corridor": N_("SDG 10.c: no corridor above 5% by {deadline}"),
    "g20_cost": N_("G20: average at or under 3% by the end of {deadline}"),
    "g20_speed": N_("G20: 75% of payments within one hour by the end of {deadline}"),
})  # fmt: skip


@dataclass(frozen=True)
class Card:
    """One target on a page."""

    title: str
    value: str
    status: str
    text: str

    @property
    def words(self) -> tuple[str, str, str, str]:
        """Words in the language spoken, class of the word, class of the card, icon."""
        words, kind, card, icon = STATUS[self.status]
        return _(words), kind, card, icon


def owner(name: object) -> str:
    """Whose target it is: of the shipped ones in the language spoken, an operator's own as written."""
    return _OWNERS.get(str(name)) or wording.clean_text(name, 60)


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
    corridors, or across a gap of years. Their status is then `not_assessable`, `why` a code, and `why_days` the days
    held where these are too few."""
    return [
        {
            **target, "status": "not_assessable", "actual_pace": None, "required_pace": None, "projected_year": None,
            "why": why, "why_days": _days(target, data),
        }
        if target.get("basis") in (None, data.basis) and (why := _unsound(target, data, figures))
        else target
        for target in targets
    ]  # fmt: skip


def _days(target: Mapping[str, Any], data: BasisInput) -> tuple[dt.date, ...]:
    window = window_of(target)
    if window is None:
        return ()
    start, end = numbers.period_days(window[0])[0], numbers.period_days(window[1])[1]
    return tuple(day for day in data.days if start <= day <= end)


def _unsound(target: Mapping[str, Any], data: BasisInput, figures: Figures) -> str:
    """Why a pace is not told, as a code; empty for one that is."""
    window = window_of(target)
    if window is None or target.get("status") not in _PACED:
        return ""
    if window_days(target, data.days) < SHORTEST:
        return _SHORT_DAYS if _days(target, data) else "short_window"
    code = str(target.get("indicator"))
    now, before = figures.get(code), figures.at(code, window[0])
    if _scope(target) not in ("world", "") or now is None or before is None:
        return ""
    everywhere = min(now.corridors, before.corridors) >= WORLD_CORRIDORS  # the world's own series, as it is official
    if not everywhere and not figures.same_corridors(before, now, WORLD):
        return "other_corridors"
    held = [figure.period for figure in figures.series(code) if figure.period != data.period] + [window[1]]
    if any(not near(one, other) for one, other in itertools.pairwise(held[held.index(window[0]) :])):
        return "years_without_figures"
    return ""


def cards(
    targets: list[Mapping[str, Any]], figures: Figures, basis: str, *, coverage: Decimal | None = None
) -> list[Card]:
    """One card a target. The corridor target, where it is not among the targets given, is counted from SmaRT. The G20's
    two promises on speed are one target: its card tells both. `coverage`: the share (per cent) of the flows that the
    weighted average covers."""
    official = world_targets(targets, basis)
    chosen = [target for target in official if target.get("code") != _WITHIN_A_DAY]
    made = [_card(target, figures, coverage) for target in chosen]
    if chosen and not any("smart" in str(target.get("indicator")) for target in chosen):
        made.insert(1, _corridor_card(figures))
    return made + [_card(target, figures) for target in national_targets(targets, basis)]


_WITHIN_A_DAY = "g20_speed_day"


def _card(target: Mapping[str, Any], figures: Figures, coverage: Decimal | None = None) -> Card:
    value = numbers.decimal_of(target.get("value"))
    status = str(target.get("status") or "not_assessable")
    if status not in STATUS:
        status = "not_assessable"
    if value is None:
        status = "no_figure" if status != "not_assessable" else status
    elif status == "not_assessable" and target.get("why") in _WITHOUT_PACE:
        status = "not_met"  # one value is enough to see that a target is missed, not how fast it is approached
    text = _text(target, value, figures)
    weighted = figures.value("weighted_average")
    if (
        target.get("code") == "sdg_10c_average"
        and weighted is not None
        and coverage is not None
        and coverage >= LEAST_COVERAGE
    ):
        also = _("Weighted by flows it is {value}; {share} of the flows are covered.", value=numbers.percent(weighted),
                 share=numbers.percent(coverage))  # fmt: skip
        text = f"{text} {also}"
    return Card(_title(target), "–" if value is None else numbers.percent(value), status, text)


def _title(target: Mapping[str, Any]) -> str:
    """Whose target it is, what it says, whom it is about and by when."""
    code, deadline = str(target.get("code", "")), target.get("deadline")
    if code in _TITLES and deadline and not target.get("national"):
        return _TITLES[code].format(deadline=deadline)
    whose, name = (
        wording.quoted(owner(target.get("owner"))),
        wording.quoted(wording.clean_text(target.get("name"), 120)),
    )
    title = _("{owner}: {target}", owner=whose, target=name) if target.get("owner") else name
    if target.get("national") and target.get("subject") != "world":
        title = pgettext("target and whom it is about", "{target} ({place})", target=title, place=_place(target))
    return pgettext("target", "{target} by {deadline}", target=title, deadline=deadline) if deadline else title


def _place(target: Mapping[str, Any]) -> str:
    """Whom a national target is about: `to Kenya`, `from Kenya`, `Tanzania to Kenya`."""
    subject = str(target.get("subject"))
    if _scope(target) == "corridor":
        return wording.corridor_title(subject)
    if _scope(target) == "sender":
        return pgettext("country", "from {country}", country=names.country(subject))
    return pgettext("country", "to {country}", country=names.country(subject))


def _text(target: Mapping[str, Any], value: Decimal | None, figures: Figures) -> str:
    parts = []
    if target.get("indicator") == "share_corridors_smart_above_5" and value is not None:
        parts.append(_("Share of assessed corridors whose three cheapest services average more than 5%."))
    if str(target.get("indicator")).startswith("share_services_within_") and value is not None:
        parts.append(_("A proxy: the share of services, not of payments."))
        if target.get("code") == "g20_speed" and (day := figures.value("share_services_within_day")) is not None:
            parts.append(_("Within one business day, as all should: {share}.", share=numbers.percent(day)))
    actual, required = numbers.decimal_of(target.get("actual_pace")), numbers.decimal_of(target.get("required_pace"))
    window, now = window_of(target), numbers.decimal_of(target.get("required_from_now"))
    if target.get("status") == "met":
        pass
    elif window is not None and actual is not None:
        parts.append(_pace(actual, window[0]))
        if required and now:
            then, rest = (numbers.number(abs(pace), 2) for pace in (required, now))
            parts.append(_("Needed: {then} a year from then, {now} from now.", then=then, now=rest))
        elif required or now:
            needed = numbers.number(abs(required or now or Decimal(0)), 2)
            parts.append(_("Needed: {points} a year.", points=needed))
    if target.get("national") and "corridors_differ" in (target.get("flags") or ()):
        parts.append(_("The two figures rest on different numbers of corridors."))
    if target.get("why"):
        parts.append(_why(target))
    if value is None and not parts:
        parts.append(_("The figure that this target names is not held for this period."))
    return " ".join(parts)


def _why(target: Mapping[str, Any]) -> str:
    """Why a target is not judged, in a sentence; words given by others stay as they are."""
    why, days = str(target["why"]), target.get("why_days") or ()
    first, last = window_of(target) or ("", "")
    if why == _SHORT_DAYS and days:
        return ngettext(
            "Prices of {n} day are held ({when}): too short to judge a pace.",
            "Prices of {n} days are held ({when}): too short to judge a pace.",
            len(days),
            when=span(days[0], days[-1]),
        )
    if why in _WHY:
        return _WHY[why].format(first=first, last=last)
    return wording.ABSENT.get(why) or wording.clean_text(why, 400)


def _pace(actual: Decimal, start: str) -> str:
    if abs(actual) < Decimal("0.005"):
        return _("Unchanged since {period}.", period=start)
    points = numbers.number(abs(actual), 2)
    if actual < 0:
        return _("Fell {points} points a year since {period}.", points=points, period=start)
    return _("Rose {points} points a year since {period}.", points=points, period=start)


def _corridor_card(figures: Figures) -> Card:
    title = _TITLES["sdg_10c_corridor"].format(deadline=2030)
    count = smart_count(figures)
    if not count.assessed:
        why = _("The target looks at the three cheapest services of a corridor; none can be judged.")
        return Card(title, "–", "not_assessable", why)
    text = _("Corridors whose three cheapest services (SmaRT) average 5% or less.")
    if count.thin:
        judged = ngettext(
            "{n} corridor with fewer than three services is not judged.",
            "{n} corridors with fewer than three services are not judged.",
            count.thin,
        )
        text = f"{text} {judged}"
    part, whole = numbers.count(count.within), numbers.count(count.assessed)
    value = pgettext("so many of so many", "{part} of {whole}", part=part, whole=whole)
    return Card(title, value, "met" if not count.above else "not_met", text)
