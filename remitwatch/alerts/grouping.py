"""Grouping: however many alerts of a rule open or close at once, an audience hears of them once: the ten worst and how
many there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from remitwatch.alerts.alert import Alert, Message, MessageKind
from remitwatch.alerts.readings import plain
from remitwatch.alerts.rules import Rule, Severity
from remitwatch.fields import decimal_text

TOP = 10


@dataclass(frozen=True)
class Told:
    """An alert as it is told: with which value, and which one was told before (of its opening: none was)."""

    alert: Alert
    value: Decimal | None
    before: Decimal | None = None


def messages(
    kind: MessageKind, told: Iterable[Told], rules: Mapping[str, Rule], world: str = "real"
) -> tuple[Message, ...]:
    """One message a rule, audience and severity, in the order of the rules; the worst alert first in each. Those who
    hear of an end or a correction are those who heard of the opening. Alerts of a rule that is gone tell nothing."""
    places = {key: place for place, key in enumerate(rules)}
    groups: dict[tuple[int, str, Severity], list[Told]] = {}
    for one in told:
        if one.alert.rule in rules:
            key = (places[one.alert.rule], one.alert.audience, one.alert.severity)
            groups.setdefault(key, []).append(one)
    made = []
    for key in sorted(groups):
        of_rule = rules[groups[key][0].alert.rule]
        worst = sorted(groups[key], key=lambda one: _badness(one, of_rule))
        first = worst[0].alert
        made.append(
            Message(
                kind=kind,
                rule=of_rule,
                audience=first.audience,
                severity=first.severity,
                alerts=tuple(one.alert.name for one in worst),
                numbers=tuple(one.alert.id for one in worst),
                items=tuple(_item(one) for one in worst[:TOP]),
                world=world,
            )
        )
    return tuple(made)


def _badness(one: Told, rule: Rule) -> tuple[bool, Decimal, str]:
    """The furthest past the line first; those without a value last; equal ones by name."""
    value = Decimal(0) if one.value is None else one.value
    return one.value is None, value if rule.what.side == "below" else -value, one.alert.subject


def _item(one: Told) -> dict[str, Any]:
    alert = one.alert
    return {
        "subject": alert.subject,
        "value": _text(one.value),
        "threshold": _text(alert.threshold),
        "told_value": _text(one.before),
        "facts": plain(alert.facts),
        **plain(
            {
                "day": alert.day,
                "first_day": alert.first_day,
                "opened_at": alert.opened_at,
                "closed_at": alert.closed_at,
                "closed_why": alert.closed_why,
                "told_day": alert.told_day,
            }
        ),
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else decimal_text(value)
