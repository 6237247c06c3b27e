"""Readings of the market: who is cheapest, who has come and gone, and which service left its own level.

Private prices are in none of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np

from remitwatch.alerts.change_point import levels
from remitwatch.alerts.readings import Reading, State
from remitwatch.alerts.rules import Rule
from remitwatch.figures import rounded
from remitwatch.indicators.columns import Columns
from remitwatch.indicators.exact import BoolArray, FloatArray, IntArray
from remitwatch.indicators.panel import QUARANTINED
from remitwatch.pipeline.alerting.span import Span, day_number, day_of, place

NEWS_DAYS = 7
"""A new cheapest provider is news for so many days, as long as it stays the cheapest."""
_NEVER = -1


def _e8(value: float) -> Decimal:
    """Half of a whole number of 1e-8 per cent at the finest (a median of an even number), exactly."""
    return Decimal(round(value * 2)) / 2 / 10**8


# Who is cheapest


def new_cheapest(rule: Rule, span: Span) -> Iterator[Reading]:
    """The providers that have become the cheapest of a corridor within NEWS_DAYS and are it: on none of the rule's days
    before were they. A corridor without a price so long ago has no news. Ties are all cheapest.

    Facts: the place, `provider`, `name`, `before` (who was the cheapest on the day before), the cost.
    """
    assert rule.days is not None
    first = span.first - dt.timedelta(days=NEWS_DAYS + rule.days)
    days = [first + dt.timedelta(days=number) for number in range((span.last - first).days + 1)]
    cheapest = {day: _cheapest(rule, span, day) for day in days}
    since: dict[tuple[str, str], dt.date] = {}  # when it became the cheapest last
    noted: set[str] = span.stands(rule)
    for at, day in enumerate(days):
        if at < rule.days:
            continue
        before = [cheapest[one] for one in days[at - rule.days : at]]
        for corridor, (providers, _) in cheapest[day].items():
            if corridor not in before[0]:
                continue
            for provider in providers:
                if not any(provider in earlier.get(corridor, _NOBODY)[0] for earlier in before):
                    since[corridor, provider] = day
        if day < span.first:
            continue
        yield from _cheapest_readings(rule, span, day, cheapest, since, noted)


def _cheapest_readings(
    rule: Rule,
    span: Span,
    day: dt.date,
    cheapest: dict[dt.date, dict[str, tuple[dict[str, str], Decimal]]],
    since: dict[tuple[str, str], dt.date],
    noted: set[str],
) -> Iterator[Reading]:
    for (corridor, provider), became in since.items():
        subject = f"corridor:{corridor}/{provider}"
        names, cost = cheapest[day].get(corridor, _NOBODY)
        recent = (day - became).days < NEWS_DAYS
        rests = span.rests_on("corridor", corridor, day)
        if recent and provider in names:
            noted.add(subject)
            earlier, earlier_cost = cheapest[became - dt.timedelta(days=1)].get(corridor, _NOBODY)
            facts = place("corridor", corridor) | {
                "provider": provider,
                "name": names[provider],
                "cost": cost,
                "since": became,
                "before": sorted(earlier.values()),
                "cost_before": earlier_cost if earlier else None,
                "basis": rule.basis.value,
                "amount": rule.amount,
            }
            yield Reading(rule.key, subject, day, State.BREACH, cost, facts, rests)
        elif subject in noted:  # one that takes turns at being the cheapest is no news every time
            yield Reading(rule.key, subject, day, State.BETWEEN if recent else State.CLEAR, None, {}, rests)
    for subject in sorted(noted - {f"corridor:{corridor}/{provider}" for corridor, provider in since}):
        yield Reading(rule.key, subject, day, State.CLEAR)


_NOBODY: tuple[dict[str, str], Decimal] = ({}, Decimal(0))


def _cheapest(rule: Rule, span: Span, day: dt.date) -> dict[str, tuple[dict[str, str], Decimal]]:
    """By corridor the cheapest providers (key and name) of a day and what they cost."""
    period = span.period(rule.basis, day)
    if period is None:
        return {}
    units = span.held(rule.basis).units(rule.basis, rule.amount, period, span.as_of(day))
    public = np.flatnonzero(units.disclosed & ~units.private)
    costs = units.means("total_e8")[public]
    corridors, providers = units.labels("corridor"), units.labels("provider")
    corridor = corridors.codes[public]
    lowest = np.full(len(corridors.names), np.inf)
    np.minimum.at(lowest, corridor, costs)
    found: dict[str, tuple[dict[str, str], Decimal]] = {}
    names = units.labels("provider_name")
    for at in np.flatnonzero(costs == lowest[corridor]).tolist():
        key = corridors.names[corridor[at]]
        if rule.wants_corridor(key):
            unit = public[at]
            who = {providers.names[providers.codes[unit]]: names.names[names.codes[unit]]}
            found[key] = (found.get(key, _NOBODY)[0] | who, _e8(costs[at]))
    return found


# Who has come and gone


@dataclass(frozen=True)
class Presence:
    """On which days of the look-back something had a price, by source: `last` and `first` hold, by entity and day of
    the span, the day numbers of its last and first price up to then (_NEVER: none); the same of its lane, all prices
    of its source in its corridor."""

    subjects: tuple[str, ...]
    corridors: tuple[str, ...]
    sources: tuple[str, ...]
    rows: IntArray  # a row of the columns for each entity, its newest
    last: IntArray
    first: IntArray
    lane_last: IntArray
    lane_first: IntArray


def _presence(rule: Rule, span: Span, what: str, *, quarantined: bool) -> Presence:
    """Of providers in corridors, or of services. A price in quarantine says that its service is there, not that it has
    come."""
    columns = _public(rule, span, quarantined=quarantined)
    names, corridors, sources = (columns.labels(name) for name in (what, "corridor", "source"))
    day = columns.whole("day")
    start = day_number(span.since)
    lanes, lane = np.unique(corridors.codes * max(len(sources.names), 1) + sources.codes, return_inverse=True)
    keys, entity = np.unique(lane * max(len(names.names), 1) + names.codes, return_inverse=True)
    rows = np.zeros(len(keys), dtype=np.int64)
    order = np.argsort(day, kind="stable")
    rows[entity[order]] = order
    lane_of = lane[rows]
    at = np.array([day_number(one) for one in span.days], dtype=np.int64)
    last, first = _ends(entity, day - start, len(keys), at - start)
    lane_last, lane_first = _ends(lane, day - start, len(lanes), at - start)
    subject = [
        (f"corridor:{corridors.names[corridors.codes[row]]}/" if what == "provider" else "service:")
        + names.names[names.codes[row]]
        for row in rows.tolist()
    ]
    return Presence(
        tuple(subject),
        tuple(corridors.names[corridors.codes[row]] for row in rows.tolist()),
        tuple(sources.names[sources.codes[row]] for row in rows.tolist()),
        rows,
        _dated(last, start),
        _dated(first, start),
        _dated(lane_last[lane_of], start),
        _dated(lane_first[lane_of], start),
    )


def _ends(group: IntArray, day: IntArray, size: int, at: IntArray) -> tuple[IntArray, IntArray]:
    """By group and asked day (numbers from the start of the look-back): the last and the first day up to then."""
    width = int(at[-1]) + 1
    there = np.zeros((size, width), dtype=bool)
    there[group, day] = True
    numbers = np.where(there, np.arange(width), _NEVER)
    last = np.maximum.accumulate(numbers, axis=1)[:, at]
    first = np.where(there.any(axis=1), there.argmax(axis=1), width)[:, None]
    return last.astype(np.int64), np.where(first <= at[None, :], first, _NEVER).astype(np.int64)


def _dated(numbers: IntArray, start: int) -> IntArray:
    return np.where(numbers == _NEVER, _NEVER, numbers + start)


def _public(rule: Rule, span: Span, *, quarantined: bool) -> Columns:
    """The rows of the basis and amount, without providers (in a corridor) that have a private one."""
    columns = span.collected.columns
    bases = columns.labels("basis")
    wanted = (bases.codes == bases.code(rule.basis.value)) & (columns.whole("tier") == rule.amount)
    corridors, providers = columns.labels("corridor"), columns.labels("provider")
    seller = corridors.codes * max(len(providers.names), 1) + providers.codes
    wanted &= ~np.isin(seller, np.unique(seller[columns.yes_no("private")]))
    chosen = np.array([rule.wants_corridor(name) for name in corridors.names], dtype=bool)
    if len(chosen):
        wanted &= chosen[corridors.codes]
    if not quarantined:
        flags = columns.labels("flags")
        held = np.array([QUARANTINED in name.split("+") for name in flags.names], dtype=bool)
        if len(held):
            wanted &= ~held[flags.codes]
    return columns.taking(np.flatnonzero(wanted))


def provider_vanished(rule: Rule, span: Span) -> Iterator[Reading]:
    """The providers without a price in a corridor for the rule's days, though every source that had one answers there.

    Facts: the place, `provider`, `name`, `last_day`, `absent` (days).
    """
    yield from _vanished(rule, span, "provider")


def service_vanished(rule: Rule, span: Span) -> Iterator[Reading]:
    """As `provider_vanished`, of services; their facts say what the service is."""
    yield from _vanished(rule, span, "service")


def _vanished(rule: Rule, span: Span, what: str) -> Iterator[Reading]:
    assert rule.days is not None
    found = _presence(rule, span, what, quarantined=True)
    columns = _public(rule, span, quarantined=True)
    gaps = np.where(found.last == _NEVER, _NEVER, found.lane_last - found.last)
    noted = span.stands(rule)
    several = _by_subject(found.subjects, np.any(gaps >= rule.days, axis=1), noted)
    for at, day in enumerate(span.days):
        absent = _least(gaps[:, at], several)
        for subject, (entities, gap) in absent.items():
            gone = gap >= rule.days
            if not gone and subject not in noted:
                continue
            if gap == _NEVER:
                continue
            noted.add(subject)
            newest = max(entities, key=lambda one: (int(found.last[one, at]), one))
            facts = _who(found, columns, newest, what) | {
                "last_day": day_of(int(found.last[newest, at])),
                "absent": gap,
                "basis": rule.basis.value,
            }
            depends = _depends(found, entities, what, columns)
            state = State.BREACH if gone else State.CLEAR
            yield Reading(rule.key, subject, day, state, Decimal(gap), facts, depends)


def provider_appeared(rule: Rule, span: Span) -> Iterator[Reading]:
    """The providers whose first price in a corridor (within the look-back) is not older than the rule's days, from a
    source that had answered there for as long before.

    Facts: the place, `provider`, `name`, `first_day`, `cost`.
    """
    yield from _appeared(rule, span, "provider")


def service_appeared(rule: Rule, span: Span) -> Iterator[Reading]:
    """As `provider_appeared`, of services; their facts say what the service is."""
    yield from _appeared(rule, span, "service")


def _appeared(rule: Rule, span: Span, what: str) -> Iterator[Reading]:
    assert rule.days is not None
    found = _presence(rule, span, what, quarantined=False)
    columns = _public(rule, span, quarantined=False)
    noted = span.stands(rule)
    oldest = day_number(span.first) - rule.days
    several = _by_subject(found.subjects, np.any(found.first > oldest, axis=1), noted)
    for at, day in enumerate(span.days):
        number = day_number(day)
        for subject, entities in several.items():
            firsts = [(int(found.first[one, at]), one) for one in entities if found.first[one, at] != _NEVER]
            if not firsts:
                continue
            first, entity = min(firsts)
            known = first - int(found.lane_first[entity, at]) >= rule.days
            new = known and number - first < rule.days
            if not new and subject not in noted:
                continue
            noted.add(subject)
            cost = columns.numbers("total_e8")[found.rows[entity]]
            value = None if np.isnan(cost) else _e8(cost)
            facts = _who(found, columns, entity, what) | {
                "first_day": day_of(first),
                "cost": value,
                "basis": rule.basis.value,
                "amount": rule.amount,
            }
            depends = _depends(found, entities, what, columns)
            yield Reading(rule.key, subject, day, State.BREACH if new else State.CLEAR, value, facts, depends)


def _by_subject(subjects: Sequence[str], hit: BoolArray, noted: Iterable[str]) -> dict[str, list[int]]:
    """The entities of each subject that is hit or noted: one may be told by several sources."""
    wanted = {subjects[number] for number in np.flatnonzero(hit).tolist()} | set(noted)
    found: dict[str, list[int]] = {}
    for number, subject in enumerate(subjects):
        if subject in wanted:
            found.setdefault(subject, []).append(number)
    return {subject: found[subject] for subject in sorted(found)}


def _least(gaps: IntArray, several: dict[str, list[int]]) -> dict[str, tuple[list[int], int]]:
    """By subject the least of its gaps: it is gone when it is gone from every source that had it."""
    found = {}
    for subject, entities in several.items():
        known = [int(gaps[one]) for one in entities if gaps[one] != _NEVER]
        found[subject] = (entities, min(known) if known else _NEVER)
    return found


def _depends(found: Presence, entities: list[int], what: str, columns: Columns) -> tuple[str, ...]:
    rests = {f"source:{found.sources[one]}" for one in entities}
    if what == "service":
        providers = columns.labels("provider")
        rests |= {
            f"corridor:{found.corridors[one]}/{providers.names[providers.codes[found.rows[one]]]}" for one in entities
        }
    return tuple(sorted(rests))


def _who(found: Presence, columns: Columns, entity: int, what: str) -> dict[str, Any]:
    return place("corridor", found.corridors[entity]) | _described(columns, int(found.rows[entity]), what)


def _described(columns: Columns, row: int, what: str) -> dict[str, Any]:
    """The facts about a provider or a service, as its row has them."""
    names = ["provider", "provider_name", "source"]
    if what == "service":
        names += ["payment_instrument", "access_point", "pickup_method", "product", "speed"]
    cells = {}
    for name in names:
        labels = columns.labels(name)
        cells[name] = labels.names[labels.codes[row]]
    return {"name": cells.pop("provider_name"), **cells}


# Which service left its own level


class _Costs:
    """What every public service of a basis cost on every day of the look-back: services by days."""

    def __init__(self, rule: Rule, span: Span) -> None:
        self.panel = span.collected.panel(rule.basis, rule.amount)
        self._start = day_number(span.since)
        self._width = day_number(span.last) - self._start + 1
        services = self.panel.labels("service")
        self.names = services.names
        self.row = np.full((len(services.names), self._width), _NEVER, dtype=np.int64)
        self.row[services.codes, self.panel.days - self._start] = np.arange(len(self.panel))
        private = np.bincount(services.codes[self.panel.private], minlength=len(services.names)) > 0
        corridor = self.panel.labels("corridor")
        wanted = np.zeros(len(services.names), dtype=bool)
        wanted[services.codes] = np.array([rule.wants_corridor(name) for name in corridor.names], dtype=bool)[
            corridor.codes
        ]
        self.chosen: BoolArray = wanted & ~private

    @cached_property
    def costs(self) -> FloatArray:
        """In 1e-8 per cent; NaN where there is none."""
        shown = (self.row != _NEVER) & self.panel.disclosed[self.row]
        return np.where(shown, self.panel.costs("total_e8")[self.row].astype(np.float64), np.nan)

    def column(self, day: dt.date) -> int:
        """The column of a day."""
        return day_number(day) - self._start

    def among(self, subjects: set[str]) -> BoolArray:
        """Which services these subjects are."""
        return np.array([f"service:{name}" in subjects for name in self.names], dtype=bool)


def change_point(rule: Rule, span: Span) -> Iterator[Reading]:
    """The services whose last three costs all left the level of their own past (see alerts.change_point).

    Facts: what the service is, `level_before`, `level_now`, and in parts, from the last cost of the old level on:
    `parted` (from, to: day, total, fee, margin; change: total, fee, margin, where margin is total less fee, all as
    they are shown, so that they add up).
    """
    assert rule.days is not None
    if not len(span.collected.panel(rule.basis, rule.amount)):
        return
    held = _Costs(rule, span)
    noted = span.stands(rule)
    for day in span.days:
        column = held.column(day)
        first = max(0, column + 1 - rule.days - 14)
        found = levels(held.costs[:, first : column + 1], rule.days)
        for service in np.flatnonzero(found.judged & held.chosen & (found.left | held.among(noted))).tolist():
            before, now = _e8(found.before[service]), _e8(found.now[service])
            value = abs(now - before)
            subject = f"service:{held.names[service]}"
            breach = bool(found.left[service]) and value > rule.line
            if not breach and subject not in noted:
                continue
            noted.add(subject)
            state = State.BREACH if breach else State.CLEAR
            ends = found.before[service], found.now[service]
            facts, corridor = _level_facts(rule, held, service, column, *ends)
            depends = span.rests_on("corridor", corridor, day)
            facts |= {"level_before": before, "level_now": now, "direction": "up" if now > before else "down"}
            yield Reading(rule.key, subject, day, state, value, facts, depends)


def _level_facts(
    rule: Rule, held: _Costs, service: int, column: int, before: float, now: float
) -> tuple[dict[str, Any], str]:
    """The facts, and the corridor. The parts are from the last cost that was nearer to the level before than to now."""
    costs = held.costs[service, : column + 1]
    shown = np.flatnonzero(~np.isnan(costs))
    earlier = shown[np.abs(costs[shown] - before) < np.abs(costs[shown] - now)]
    ends = [int(held.row[service, at]) for at in (earlier[-1] if len(earlier) else shown[0], shown[-1])]
    parts = [_parts(held, row) for row in ends]
    columns = held.panel.columns
    corridors = columns.labels("corridor")
    corridor = corridors.names[corridors.codes[ends[1]]]
    facts = place("corridor", corridor) | _described(columns, ends[1], "service")
    facts |= {"basis": rule.basis.value, "amount": rule.amount}
    change = {name: parts[1][name] - parts[0][name] for name in ("total", "fee", "margin")}
    facts["parted"] = {"from": parts[0], "to": parts[1], "change": change}
    return facts, corridor


def _parts(held: _Costs, row: int) -> dict[str, Any]:
    total, fee = (rounded(_e8(float(held.panel.costs(name)[row]))) for name in ("total_e8", "fee_e8"))
    return {"day": day_of(int(held.panel.days[row])), "total": total, "fee": fee, "margin": total - fee}
