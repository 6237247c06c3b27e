"""Corrections: what was told of a day that is another figure now.

A run that was rejected, a price that went into quarantine or came out of it, an answer that was read again: they change
figures of days that were told. The day is looked at again as it was known then - without the runs that ended after it
was told, which are news and no correction - and those who were told hear of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from db.frames import Need
from remitwatch.alerts.alert import Alert, Message
from remitwatch.alerts.life import TOLD_PERIOD, Correction
from remitwatch.alerts.readings import Reading, State
from remitwatch.alerts.rules import Rule
from remitwatch.figures import rounded
from remitwatch.pipeline.alerting.kinds import look_back, readings
from remitwatch.pipeline.alerting.span import Span
from remitwatch.pipeline.workspace import Workspace
from remitwatch.quotes import Basis

WATCHED_DAYS = 92
"""What was told is held against the figures for so long."""
KEY_DAYS = 100
"""A day is looked at again when a price of so many days before it has changed."""


@dataclass(frozen=True)
class Corrected:
    """The corrections found, and by told day what its figures are known by now."""

    found: tuple[Correction, ...]
    known_by: Mapping[str, str]


def corrections(workspace: Workspace, rules: Iterable[Rule], known_by: Mapping[str, str]) -> Corrected:
    """The told alerts whose figure of the day that was told is another one now. `known_by` is that of the evaluation
    before: a day of which nothing has changed since is not looked at again."""
    figures = {rule.key: rule for rule in rules if rule.what.figure and rule.what.replays}
    since = workspace.now() - dt.timedelta(days=WATCHED_DAYS)
    told = [one for one in workspace.queries.alerts(told_since=since) if one.rule in figures and one.told_day]
    groups: dict[tuple[dt.date, dt.datetime, str | None], list[Alert]] = {}
    for one in told:
        assert one.told_day is not None
        assert one.told_at is not None
        of_survey = figures[one.rule].basis is Basis.SURVEY
        period = one.facts.get(TOLD_PERIOD) if of_survey else None
        groups.setdefault((one.told_day, one.told_at, period), []).append(one)
    now: dict[str, str] = {}
    found: list[Correction] = []
    for (day, at, period), alerts in sorted(groups.items(), key=lambda one: (one[0][0], one[0][1], one[0][2] or "")):
        name = _named(day, period)
        if name not in now:
            now[name] = _known_by(workspace, day, period) or ""
        if now[name] and now[name] == known_by.get(name):
            continue
        span = Span(
            workspace,
            day,
            day,
            standing=[one.name for one in alerts],
            explained=False,
            finished_by=at,
            period=period,
            look_back=look_back(figures[one.rule] for one in alerts),
        )
        found += _of_day(alerts, figures, span)
    return Corrected(tuple(found), now)


def told_now(workspace: Workspace, messages: Iterable[Message], day: dt.date) -> dict[str, str]:
    """What the figures that are told on a day are known by, for the next look at them."""
    opened = [one for one in messages if one.kind == "opened" and one.rule.what.figure and one.rule.what.replays]
    periods = {
        item["facts"].get(TOLD_PERIOD) if one.rule.basis is Basis.SURVEY else None
        for one in opened
        for item in one.items
    }
    return {_named(day, period): _known_by(workspace, day, period) or "" for period in periods}


def _named(day: dt.date, period: str | None) -> str:
    return f"{day} {period or ''}".strip()


def _known_by(workspace: Workspace, day: dt.date, period: str | None) -> str | None:
    if period is not None:
        return workspace.queries.key_of(Need(survey=True, quarters=(period,), collected=False), None)
    return workspace.queries.key_of(Need(survey=False, since=day - dt.timedelta(days=KEY_DAYS), until=day), None)


def _of_day(alerts: list[Alert], rules: Mapping[str, Rule], span: Span) -> list[Correction]:
    seen: dict[tuple[str, str], Reading] = {}
    for key in sorted({one.rule for one in alerts}):
        seen |= {(one.rule, one.subject): one for one in readings(rules[key], span)}
    found = []
    for one in alerts:
        reading = seen.get(one.name)
        value = None if reading is None else reading.value
        if _shown(value) != _shown(one.told_value):
            found.append(Correction(one, value, State.UNKNOWN if reading is None else reading.state))
    return found


def _shown(value: Decimal | None) -> Decimal | None:
    return None if value is None else rounded(value)
