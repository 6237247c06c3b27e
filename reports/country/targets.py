"""The targets of a country in one way: SDG 10.c for its average and for each corridor, then its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from remitwatch.targets import Progress, Status, find_target
from reports import numbers, promises, wording
from reports.country.pace import SHORT, progress_of
from reports.country.ways import SENDING, Way, place_of, said
from reports.findings import window_of
from reports.language import N_, Words, _, pgettext
from reports.site import BasisView, Site, corridor_place

AVERAGE_TARGET, CORRIDOR_TARGET = "sdg_10c_average", "sdg_10c_corridor"
_LIMITS = Words({
    "lt": N_("under {value}"),
    "le": N_("{value} or less"),
    "ge": N_("{value} or more"),
    "gt": N_("over {value}"),
})  # fmt: skip
_WHY = Words({
    "one_period": N_("One period may be compared; a pace needs two."),
    SHORT: N_("Less than a year may be compared: too short for a pace."),
    "short_days": N_("Less than a year may be compared: too short for a pace."),
    "fewer_than_three": N_("Fewer than three services: not judged."),
    "no_baseline": N_("The period that progress counts from is not held."),
    "other_corridors": N_("The first figure rests on other corridors: no pace is stated."),
    "years_without_figures": N_("Over five years without figures lie between: no pace is stated."),
    "no_value": N_("No figure is held."),
    "corridors_differ": N_("The two figures rest on different numbers of corridors."),
})  # fmt: skip


@dataclass(frozen=True)
class TargetRow:
    """One figure and its target. `status`: words, class and icon of the word; texts are empty where there is nothing to
    say; `why` is a sentence. `national`: the country's own."""

    what: str
    owner: str
    href: str | None
    value: str
    limit: str
    deadline: str
    status: tuple[str, str, str]
    so_far: str
    needed: str
    needed_now: str
    met_in: str
    window: str
    why: str
    national: bool


def average_progress(view: BasisView, way: Way, code: str) -> Progress | None:
    """How the country's average stands towards SDG 10.c."""
    return progress_of(view.figures, view.basis, find_target(AVERAGE_TARGET), place_of(way, code))


def target_rows(site: Site, view: BasisView, way: Way, code: str, average: Progress | None) -> tuple[TargetRow, ...]:
    """The average first, then the country's own targets, then every corridor, in order of name."""
    rows = []
    if average is not None:
        rows.append(_row(average, said(SENDING, way, code), None))
    rows += [_national(target) for target in _own(site, view, way, code)]
    corridors = []
    for key in view.corridors_of(way, code):
        found = progress_of(view.figures, view.basis, find_target(CORRIDOR_TARGET), corridor_place(key))
        if found is not None:
            corridors.append(_row(found, wording.corridor_name(key), site.corridor_link(view, key)))
    return (*rows, *sorted(corridors, key=lambda row: row.what))


def _own(site: Site, view: BasisView, way: Way, code: str) -> list[Mapping[str, Any]]:
    """The national targets about this way of the country, or about one of its corridors."""
    end = 1 if way == "inbound" else 0
    found = []
    for target in promises.national_targets(site.data.targets, view.basis):
        scope, subject = target.get("scope"), str(target.get("subject"))
        if (scope, subject) == (place_of(way, code)[0], code) or (
            scope == "corridor" and subject.split("-")[end] == code
        ):
            found.append(target)
    return found


def status_code(found: Progress) -> str:
    """The code of `promises.STATUS`: a figure that misses its target and has no pace is `not_met`."""
    if found.status is Status.NOT_ASSESSABLE and found.met is False:
        return "not_met"
    if found.value is None:
        return "no_figure"
    return found.status.value


def status_words(code: str) -> tuple[str, str, str]:
    """Words in the language spoken, class of the word, icon."""
    words, kind, _card, icon = promises.STATUS[code]
    return _(words), kind, icon


def limit(operator: str, value: Decimal) -> str:
    """`under 3%`, `5% or less`."""
    digits = 0 if value == value.to_integral_value() else 1
    return _LIMITS[operator].format(value=numbers.percent(value, digits))


def why(reason: str) -> str:
    """A sentence for a reason code; empty for none."""
    return _WHY.get(reason) or wording.ABSENT.get(reason) or ""


def _row(found: Progress, what: str, href: str | None) -> TargetRow:
    target = found.target
    return TargetRow(
        what=what,
        owner=promises.owner(target.owner),
        href=href,
        value="" if found.value is None else numbers.percent(found.value),
        limit=limit(target.operator, target.value),
        deadline=str(target.deadline),
        status=status_words(status_code(found)),
        so_far=_points(found.actual_pace),
        needed=_points(None if found.met else found.required_pace),
        needed_now=_points(None if found.met else found.required_from_now),
        met_in="" if found.projected_year is None or found.met else str(found.projected_year),
        window=_window(found.baseline_period, found.period),
        why=why(found.reason),
        national=False,
    )


def _national(target: Mapping[str, Any]) -> TargetRow:
    value, line = numbers.decimal_of(target.get("value")), numbers.decimal_of(target.get("target"))
    code = str(target.get("status"))
    met = code == "met"
    reason = str(target.get("why") or "")
    if value is None:
        code = "no_figure"
    elif code not in promises.STATUS or (code == "not_assessable" and reason not in ("fewer_than_three",)):
        code = "not_met"
    window = window_of(target)
    return TargetRow(
        what=wording.clean_text(target.get("name"), 120),
        owner=promises.owner(target.get("owner")),
        href=None,
        value="" if value is None else numbers.percent(value),
        limit="" if line is None else limit(str(target.get("operator")), line),
        deadline=str(target.get("deadline") or ""),
        status=status_words(code),
        so_far=_points(numbers.decimal_of(target.get("actual_pace"))),
        needed="" if met else _points(numbers.decimal_of(target.get("required_pace"))),
        needed_now="" if met else _points(numbers.decimal_of(target.get("required_from_now"))),
        met_in="" if met or not target.get("projected_year") else str(target["projected_year"]),
        window=_window(*window) if window else "",
        why=why("corridors_differ" if not reason and "corridors_differ" in (target.get("flags") or ()) else reason),
        national=True,
    )


def _points(pace: Decimal | None) -> str:
    return "" if pace is None else numbers.change(pace, 2)


def _window(first: str | None, last: str | None) -> str:
    return pgettext("periods", "{first} to {last}", first=first, last=last) if first and last else ""
