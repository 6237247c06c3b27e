"""Alerts, silences and messages: what the database keeps of a rule's findings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from remitwatch.alerts.rules import Rule, Severity
from remitwatch.fields import decimal_text

AlertState = Literal["pending", "open", "closed"]
ClosedWhy = Literal["recovered", "rule_off", "not_judged", "corrected"]
MessageKind = Literal["opened", "closed", "corrected", "test"]
Name = tuple[str, str]
"""(rule, subject): what an alert is known by while it is not closed."""


@dataclass(frozen=True)
class Alert:
    """A rule's finding about a subject, from its first breach to its end. `id` is None before it is kept.

    `breaches`: on how many evaluated days in a row the line was crossed; `clears`: of an open one, on how many in a row
    it was clear. `day`: the day it was last judged for, `value` and `facts` as of it. `told_at` is when its opening was
    told, `told_day` and `told_value` of which day and what (None: never told). `cause`: the alert that inhibits it.
    """

    rule: str
    subject: str
    kind: str
    severity: Severity
    audience: str
    state: AlertState
    first_day: dt.date
    day: dt.date
    breaches: int
    clears: int = 0
    value: Decimal | None = None
    threshold: Decimal | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    depends: tuple[str, ...] = ()
    opened_at: dt.datetime | None = None
    closed_at: dt.datetime | None = None
    closed_why: ClosedWhy | None = None
    told_at: dt.datetime | None = None
    told_day: dt.date | None = None
    told_value: Decimal | None = None
    cause: Name | None = None
    acked_at: dt.datetime | None = None
    acked_by: str | None = None
    acked_why: str | None = None
    corrected_at: dt.datetime | None = None
    id: int | None = None

    @property
    def name(self) -> Name:
        """What it is known by."""
        return self.rule, self.subject

    def as_json(self) -> dict[str, Any]:
        """The row of `remitwatch alerts list --json`: values as exact text, days and times in ISO form."""
        return {
            "id": self.id,
            "rule": self.rule,
            "subject": self.subject,
            "kind": self.kind,
            "severity": self.severity,
            "audience": self.audience,
            "state": self.state,
            "first_day": self.first_day,
            "day": self.day,
            "breaches": self.breaches,
            "value": None if self.value is None else decimal_text(self.value),
            "threshold": None if self.threshold is None else decimal_text(self.threshold),
            "facts": dict(self.facts),
            "opened_at": self.opened_at,
            "closed_at": self.closed_at,
            "closed_why": self.closed_why,
            "told_at": self.told_at,
            "told_day": self.told_day,
            "told_value": None if self.told_value is None else decimal_text(self.told_value),
            "inhibited_by": None if self.cause is None else {"rule": self.cause[0], "subject": self.cause[1]},
            "acked_at": self.acked_at,
            "acked_by": self.acked_by,
            "acked_why": self.acked_why,
            "corrected_at": self.corrected_at,
        }


@dataclass(frozen=True)
class Silence:
    """Nothing is told of a rule (None: any) and a subject (None: any; `corridor:GBR-*` those that begin so) until a
    time. `ended_at`: a person ended it before."""

    rule: str | None
    subject: str | None
    until: dt.datetime
    who: str
    why: str
    made_at: dt.datetime
    ended_at: dt.datetime | None = None
    id: int | None = None

    def holds(self, now: dt.datetime) -> bool:
        """Whether it is in force."""
        return self.ended_at is None and now < self.until

    def covers(self, name: Name) -> bool:
        """Whether it is about an alert."""
        rule, subject = name
        if self.rule not in (None, rule):
            return False
        if self.subject is None or not self.subject.endswith("*"):
            return self.subject in (None, subject)
        return subject.startswith(self.subject[:-1])

    def as_json(self) -> dict[str, Any]:
        """The row of `remitwatch alerts silences --json`."""
        names = ("id", "rule", "subject", "until", "who", "why", "made_at", "ended_at")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Message:
    """What is told once, to one audience, of one rule: all its alerts by name and number, the worst first. New ones
    have no number yet: the database gives it (`db.alerts.keep_step`).

    `items`: the facts of the ten that are worst, each with its subject, value and days (`grouping`).
    """

    kind: MessageKind
    rule: Rule
    audience: str
    severity: Severity
    alerts: tuple[Name, ...]
    numbers: tuple[int | None, ...]
    items: tuple[Mapping[str, Any], ...]
    world: str = "real"


@dataclass(frozen=True)
class Step:
    """What one evaluation changes: alerts to keep (new ones have no number yet), pending ones to forget, and what is
    told of it. Kept whole or not at all."""

    alerts: tuple[Alert, ...] = ()
    forgotten: tuple[Alert, ...] = ()
    messages: tuple[Message, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.alerts or self.forgotten or self.messages)
