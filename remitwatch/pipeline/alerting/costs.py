"""Readings of costs: above a line, against a national target, moved; too few services, too few corridors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np

from remitwatch.alerts.kinds import Scope
from remitwatch.alerts.readings import Reading, State, state_of
from remitwatch.alerts.rules import Rule
from remitwatch.corridors import watched_corridors
from remitwatch.figures import IndicatorRow, ratio
from remitwatch.pipeline.alerting.span import (
    EXPLAINED_DAYS,
    Span,
    day_number,
    figure,
    moved,
    place,
    subject_of,
    wants,
)
from remitwatch.pipeline.targeting import all_targets
from remitwatch.quotes import Basis
from remitwatch.targets import NOT_ASSESSABLE_FLAGS, Target

SMART = "smart"
LISTED = 20
"""So many names of corridors are in the facts at most."""


def cost_above(rule: Rule, span: Span) -> Iterator[Reading]:
    """A cost of every place, against the line. One that cannot be judged (fewer than three services) is none.

    Facts: the place, the figure, `moved`.
    """
    assert rule.indicator is not None
    for day in span.days:
        rows = span.figures(rule, rule.indicator, rule.scope, day)
        values = {subject: _judged(row) for subject, row in rows.items()}
        states = {subject: state_of(rule, value) for subject, value in values.items()}
        why = _why(rule, span, day, states)
        for subject, row in rows.items():
            facts = _facts(rule.scope, subject, row) | why.get(subject, {})
            yield _reading(rule, span, day, subject, states[subject], values[subject], facts)


def target_missed(rule: Rule, span: Span) -> Iterator[Reading]:
    """By how many points figures miss the national targets of the scope (negative: they are inside).

    Facts: the place, the figure, `target` (code, name, owner, operator, value, deadline), `cost`, `moved`.
    """
    targets = [one for one in all_targets(span.workspace) if one.national and rule.scope in one.scope]
    for day in span.days:
        for target in targets:
            rows = span.figures(rule, target.indicator, rule.scope, day)
            rows = {subject: row for subject, row in rows.items() if target.is_about(row)}
            states = {subject: _against(rule, target, _judged(row)) for subject, row in rows.items()}
            why = _why(rule, span, day, states)
            for subject, row in rows.items():
                value = _judged(row)
                facts = _facts(rule.scope, subject, row) | {"target": _target(target), "cost": value}
                missed = None if value is None else _missed(target, value)
                found = _reading(rule, span, day, subject, states[subject], missed, facts | why.get(subject, {}))
                yield Reading(
                    found.rule,
                    f"{found.subject}/{target.code}",
                    day,
                    found.state,
                    found.value,
                    found.facts,
                    found.depends,
                )


def _missed(target: Target, value: Decimal) -> Decimal:
    return value - target.value if target.operator in ("lt", "le") else target.value - value


def _against(rule: Rule, target: Target, value: Decimal | None) -> State:
    if value is None:
        return State.UNKNOWN
    missed = _missed(target, value)
    if target.is_met_by(value):
        return State.CLEAR if missed <= rule.clears_at else State.BETWEEN
    return State.BREACH if missed > rule.line or not rule.line else State.BETWEEN


def _target(target: Target) -> dict[str, Any]:
    names = ("code", "name", "owner", "operator", "value", "deadline")
    return {name: getattr(target, name) for name in names}


def cost_change(rule: Rule, span: Span) -> Iterator[Reading]:
    """By how much averages moved within the rule's days, up or down.

    Facts: the place, `moved`, `direction` (`up`, `down`), the basis and amount.
    """
    assert rule.days is not None
    for day in span.days:
        start, changes = span.changes(rule, rule.scope, day, rule.days)
        for subject, change in changes.items():
            if not wants(rule, rule.scope, subject):
                continue
            by = change.change
            value = None if by is None else ratio(abs(by.numerator), by.denominator)
            facts = place(rule.scope, subject) | moved(start, change)
            facts |= {"basis": rule.basis.value, "amount": rule.amount, "period": change.period_to}
            if by is not None:
                facts["direction"] = "up" if by > 0 else "down"
            yield _reading(rule, span, day, subject, state_of(rule, value), value, facts)


def few_qualifying(rule: Rule, span: Span) -> Iterator[Reading]:
    """How many services fill the three slots of SmaRT in every corridor that has a price, or had one lately.

    Facts: the place, the figure (none where there is no price any more).
    """
    for day in span.days:
        rows = span.figures(rule, SMART, "corridor", day)
        for subject, row in rows.items():
            value = None if "private_suppressed" in row.flags else Decimal(row.services)
            facts = _facts("corridor", subject, row)
            yield _reading(rule, span, day, subject, state_of(rule, value), value, facts)
        if rule.basis is Basis.SURVEY:
            continue
        for subject in sorted(_seen_lately(rule, span, day) - rows.keys()):
            facts = place("corridor", subject) | {"basis": rule.basis.value, "amount": rule.amount, "services": 0}
            yield _reading(rule, span, day, subject, state_of(rule, Decimal(0)), Decimal(0), facts)


def _seen_lately(rule: Rule, span: Span, day: dt.date) -> set[str]:
    """The corridors of the rule that had a price within the month up to a day."""
    panel = span.collected.panel(rule.basis, rule.amount)
    number = day_number(day)
    corridors = panel.labels("corridor")
    recent = np.unique(corridors.codes[(panel.days <= number) & (panel.days > number - 30)])
    return {corridors.names[code] for code in recent if wants(rule, "corridor", corridors.names[code])}


def coverage_low(rule: Rule, span: Span) -> Iterator[Reading]:
    """The share of the watched corridors that have a price. Nothing is read where nothing was collected.

    Facts: `covered`, `watched`, `missing` (some of the corridors without), `page`.
    """
    watched = [
        one for one in span.workspace.settings.collect.corridors or watched_corridors() if wants(rule, "corridor", one)
    ]
    if not watched:
        return
    for day in span.days:
        rests = span.rests_on("world", "", day)
        if not rests and not _seen_lately(rule, span, day):
            continue
        rows = span.figures(rule, "average_total_cost", "corridor", day)
        missing = [one for one in watched if one not in rows]
        value = ratio(100 * (len(watched) - len(missing)), len(watched))
        facts = place("world", "") | {
            "covered": len(watched) - len(missing),
            "watched": len(watched),
            "missing": missing[:LISTED],
            "basis": rule.basis.value,
            "amount": rule.amount,
        }
        yield _reading(rule, span, day, "", state_of(rule, value), value, facts)


def _reading(
    rule: Rule, span: Span, day: dt.date, subject: str, state: State, value: Decimal | None, facts: dict[str, Any]
) -> Reading:
    rests = () if rule.basis is Basis.SURVEY else span.rests_on(rule.scope, subject, day)
    return Reading(rule.key, subject_of(rule.scope, subject), day, state, value, facts, rests)


def _judged(row: IndicatorRow) -> Decimal | None:
    return None if NOT_ASSESSABLE_FLAGS.intersection(row.flags) else row.value


def _facts(scope: Scope, subject: str, row: IndicatorRow) -> dict[str, Any]:
    return place(scope, subject) | figure(row)


def _why(rule: Rule, span: Span, day: dt.date, states: dict[str, State]) -> dict[str, dict[str, Any]]:
    """What moved the averages of the places that breach, where a new breach is among them."""
    known = span.stands(rule)
    news = {one for one, state in states.items() if state is State.BREACH}
    if not span.explained or all(any(name.startswith(subject_of(rule.scope, one)) for name in known) for one in news):
        return {}
    start, changes = span.changes(rule, rule.scope, day, EXPLAINED_DAYS)
    return {subject: moved(start, changes.get(subject)) for subject in news}
