"""Replay: when a rule would have opened and closed, had it been evaluated on every day of a span of the past."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from remitwatch.alerts import life
from remitwatch.alerts.alert import Alert, Name
from remitwatch.alerts.readings import Reading
from remitwatch.alerts.rules import Rule, find
from remitwatch.errors import InputError
from remitwatch.fields import decimal_text
from remitwatch.pipeline.alerting.evaluate import rules_of
from remitwatch.pipeline.alerting.kinds import look_back, readings
from remitwatch.pipeline.alerting.span import Span
from remitwatch.pipeline.workspace import Workspace

DEFAULT_DAYS = 90
MOST_DAYS = 1000


@dataclass(frozen=True)
class Replayed:
    """What happened on one day of a replay: `opened` or `closed`, of what, with which value, and whether it would have
    been told (an inhibited opening is not, and neither is its end)."""

    day: dt.date
    event: str
    alert: Alert
    told: bool
    cause: Name | None

    def as_json(self) -> dict[str, Any]:
        """The row of `remitwatch alerts test --json`."""
        one = self.alert
        return {
            "day": self.day,
            "event": self.event,
            "rule": one.rule,
            "subject": one.subject,
            "first_day": one.first_day,
            "value": None if one.value is None else decimal_text(one.value),
            "threshold": None if one.threshold is None else decimal_text(one.threshold),
            "why": one.closed_why,
            "told": self.told,
            "inhibited_by": None if self.cause is None else {"rule": self.cause[0], "subject": self.cause[1]},
            "facts": dict(one.facts),
        }


def replay(workspace: Workspace, key: str, since: dt.date | None, until: dt.date | None) -> list[Replayed]:
    """Every opening and closing of a rule from `since` (default: 90 days back) to `until` (default: today), oldest
    first. The rules that inhibit it are played beside it; silences are left out. The figures are those in force now.

    Raises InputError for an unknown rule, one that cannot look at past days, and a span that is none.
    """
    rules = rules_of(workspace)
    rule = replace_enabled(find(rules, key))
    last = workspace.today if until is None else until
    first = last - dt.timedelta(days=DEFAULT_DAYS - 1) if since is None else since
    if not rule.what.replays:
        raise InputError(f"rule {key}: {rule.kind} looks at this home as it is now: there are no past days to replay")
    if not first <= last <= workspace.today:
        raise InputError(f"--since {first} --until {last}: expected days up to today ({workspace.today}), in order")
    if (last - first).days >= MOST_DAYS:
        raise InputError(f"--since {first}: expected at most {MOST_DAYS} days")
    beside = [one for one in rules if one.enabled and one.kind in rule.inhibited_by and one.key != rule.key]
    played = [rule, *beside]
    span = Span(workspace, first, last, explained=False, look_back=look_back(played))
    by_day: dict[dt.date, list[Reading]] = {}
    for one in played:
        for reading in readings(one, span):
            by_day.setdefault(reading.day, []).append(reading)
    return _played(played, key, span.days, by_day)


def replace_enabled(rule: Rule) -> Rule:
    """The rule, switched on: a disabled one can be tried."""
    return rule.model_copy(update={"enabled": True})


def _played(
    rules: Iterable[Rule], key: str, days: Iterable[dt.date], by_day: dict[dt.date, list[Reading]]
) -> list[Replayed]:
    known: dict[Name, Alert] = {}
    found: list[Replayed] = []
    number = 0
    for day in days:
        now = dt.datetime.combine(day, dt.time(18, 45), tzinfo=dt.UTC)
        step = life.step(rules, known.values(), by_day.get(day, []), now=now, today=day)
        for gone in step.forgotten:
            known.pop(gone.name, None)
        told = {name for message in step.messages if message.kind == "closed" for name in message.alerts}
        for alert in step.alerts:
            if alert.id is None:
                number += 1
                alert = replace(alert, id=number)
            if alert.state == "closed":
                known.pop(alert.name, None)
            else:
                known[alert.name] = alert
            if alert.rule != key:
                continue
            if alert.opened_at == now:
                found.append(Replayed(day, "opened", alert, alert.told_at == now, alert.cause))
            elif alert.told_at == now:  # what inhibited it is over
                found.append(Replayed(day, "opened", alert, True, None))
            if alert.closed_at == now:
                found.append(Replayed(day, "closed", alert, alert.name in told, None))
    return found
