"""Alerts in the database: their states, silences, and the outbox. What one evaluation changes is one transaction."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select, update
from sqlalchemy.orm import aliased

from db.tables import (
    AlertDeliveryRow,
    AlertMessageRow,
    AlertRow,
    AlertSilenceRow,
    HomeRow,
    RunRow,
    SourceStateRow,
    SourceSwitchRow,
    TargetRow,
    table,
)
from remitwatch.alerts.alert import Alert, Message, Name, Silence, Step
from remitwatch.alerts.readings import as_text
from remitwatch.errors import InputError
from remitwatch.fields import decimal_text

_ALERT, _SILENCE = table(AlertRow), table(AlertSilenceRow)
_MESSAGE, _DELIVERY, _HOME = table(AlertMessageRow), table(AlertDeliveryRow), table(HomeRow)
_RUN, _TARGET, _VERIFIED, _SWITCH = table(RunRow), table(TargetRow), table(SourceStateRow), table(SourceSwitchRow)
_CAUSE = aliased(_ALERT, name="cause")
_EVALUATED = "alerts_evaluated"
_PLAIN = (
    "rule", "subject", "kind", "severity", "audience", "state", "first_day", "day", "breaches", "clears", "value",
    "threshold", "opened_at", "closed_at", "closed_why", "told_at", "told_day", "told_value", "acked_at", "acked_by",
    "acked_why", "corrected_at",
)  # fmt: skip
_OF_SILENCE = ("id", "rule", "subject", "until", "who", "why", "made_at", "ended_at")


@dataclass(frozen=True)
class StoredMessage:
    """A message of the outbox. `content` is JSON: see `keep_step`."""

    id: int
    key: str
    kind: str
    audience: str
    severity: str
    made_at: dt.datetime
    content: dict[str, Any]


Addressed = Callable[[StoredMessage], Iterable[tuple[str, dt.datetime]]]
"""For a message its routes, each with the time from which it is due there."""


def nobody(message: StoredMessage) -> Iterable[tuple[str, dt.datetime]]:
    """No route at all."""
    return ()


def alerts(
    connection: Connection,
    *,
    states: Sequence[str] = (),
    rule: str | None = None,
    subject: str | None = None,
    told_since: dt.datetime | None = None,
    limit: int | None = None,
) -> list[Alert]:
    """Alerts, the newest first: of these states, rule and subject, and whose opening was told from `told_since` on."""
    wanted = _alerts().order_by(_ALERT.c.id.desc()).limit(limit)
    if states:
        wanted = wanted.where(_ALERT.c.state.in_(states))
    if rule is not None:
        wanted = wanted.where(_ALERT.c.rule == rule)
    if subject is not None:
        wanted = wanted.where(_ALERT.c.subject == subject)
    if told_since is not None:
        wanted = wanted.where(_ALERT.c.told_at >= told_since)
    return [_alert(dict(row)) for row in connection.execute(wanted).mappings()]


def alert(connection: Connection, alert_id: int) -> Alert:
    """The alert of this number. Raises InputError when there is none."""
    row = connection.execute(_alerts().where(_ALERT.c.id == alert_id)).mappings().one_or_none()
    if row is None:
        raise InputError(f"alert {alert_id}: there is none of this number; see: remitwatch alerts list --all")
    return _alert(dict(row))


def _alerts() -> Select[Any]:
    return select(_ALERT, _CAUSE.c.rule.label("cause_rule"), _CAUSE.c.subject.label("cause_subject")).outerjoin(
        _CAUSE, _CAUSE.c.id == _ALERT.c.inhibited_by
    )


def _alert(row: dict[str, Any]) -> Alert:
    cause = None if row["cause_rule"] is None else (row["cause_rule"], row["cause_subject"])
    return Alert(
        **{name: row[name] for name in _PLAIN},
        id=row["id"],
        facts=json.loads(row["facts"]),
        depends=tuple(json.loads(row["depends"])),
        cause=cause,
    )


def keep_step(
    connection: Connection, step: Step, at: dt.datetime, *, evaluated: str | None, addressed: Addressed
) -> list[StoredMessage]:
    """Keep what an evaluation changed: the alerts, the messages about them, and a delivery for each route that
    `addressed` names for a message. `evaluated` is the mark of what was evaluated. Returns the messages made.

    A message that is there already (same key) is not made again. Its content:

        {"kind": "opened" | "closed" | "corrected", "rule": key, "rule_kind": kind, "scope", "title", "audience",
         "severity", "unit", "threshold", "clear", "indicator", "basis", "amount", "days", "world": "real" | "sandbox",
         "made_at": time, "n": how many alerts, "alert_ids": all of them,
         "items": the ten worst: [{"alert": id, "subject", "day", "first_day", "opened_at", "closed_at", "closed_why",
                   "value", "threshold", "told_day", "told_value", "facts": {...}}]}

    Decimals are text: `value`, `told_value`, `threshold` and `clear` with every digit, those in facts with four.
    """
    for start in range(0, len(step.forgotten), 500):
        gone = [one.id for one in step.forgotten[start : start + 500]]
        connection.execute(update(_ALERT).where(_ALERT.c.inhibited_by.in_(gone)).values(inhibited_by=None))
        connection.execute(delete(_ALERT).where(_ALERT.c.id.in_(gone)))
    numbers: dict[Name, int] = {}
    for one in step.alerts:
        row = {name: getattr(one, name) for name in _PLAIN}
        row |= {"facts": as_text(dict(one.facts)), "depends": as_text(list(one.depends))}
        if one.id is None:
            made = insert(_ALERT).values(**row, inhibited_by=None).returning(_ALERT.c.id)
            numbers[one.name] = connection.execute(made).scalar_one()
        else:
            connection.execute(update(_ALERT).where(_ALERT.c.id == one.id).values(**row))
            numbers[one.name] = one.id
    _keep_causes(connection, step, numbers)
    if evaluated is not None:
        connection.execute(delete(_HOME).where(_HOME.c.key == _EVALUATED))
        connection.execute(insert(_HOME).values(key=_EVALUATED, value=evaluated))
    made_now = [_keep_message(connection, message, numbers, at) for message in step.messages]
    for stored in made_now:
        if stored is not None:
            add_deliveries(connection, stored.id, addressed(stored))
    return [stored for stored in made_now if stored is not None]


def _keep_causes(connection: Connection, step: Step, numbers: dict[Name, int]) -> None:
    """Say by number which alert inhibits which; a cause that this step leaves as it is stands already."""
    missing = {one.cause for one in step.alerts if one.cause is not None} - set(numbers)
    known = dict(numbers)
    if missing:
        standing = select(_ALERT.c.rule, _ALERT.c.subject, _ALERT.c.id).where(_ALERT.c.state != "closed")
        known |= {(row[0], row[1]): row[2] for row in connection.execute(standing)}
    for one in step.alerts:
        cause = None if one.cause is None else known[one.cause]
        connection.execute(update(_ALERT).where(_ALERT.c.id == numbers[one.name]).values(inhibited_by=cause))


def _keep_message(
    connection: Connection, message: Message, numbers: dict[Name, int], at: dt.datetime
) -> StoredMessage | None:
    rule = message.rule
    ids = [
        numbers[name] if number is None else number
        for name, number in zip(message.alerts, message.numbers, strict=True)
    ]
    items = [{"alert": number, **item} for number, item in zip(ids, message.items, strict=False)]
    content = {
        "kind": message.kind,
        "rule": rule.key,
        "rule_kind": rule.kind,
        "scope": rule.scope,
        "title": rule.title,
        "audience": message.audience,
        "severity": message.severity,
        "unit": rule.what.unit,
        "threshold": None if rule.threshold is None else decimal_text(rule.threshold),
        "clear": None if rule.clear is None else decimal_text(rule.clear),
        "indicator": rule.indicator,
        "basis": rule.basis.value,
        "amount": rule.amount,
        "days": rule.days,
        "world": message.world,
        "made_at": at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "n": len(ids),
        "alert_ids": sorted(ids),
        "items": items,
    }
    # An alert opens once and closes once; it may be corrected again.
    when = content["made_at"] if message.kind == "corrected" else ""
    key = hashlib.sha256(as_text([message.kind, sorted(ids), when]).encode()).hexdigest()
    return add_message(connection, key, message.kind, message.audience, message.severity, content, at)


def add_message(
    connection: Connection,
    key: str,
    kind: str,
    audience: str,
    severity: str,
    content: dict[str, Any],
    at: dt.datetime,
) -> StoredMessage | None:
    """Put a message in the outbox; None when one of this key is there."""
    if connection.execute(select(_MESSAGE.c.id).where(_MESSAGE.c.key == key)).first() is not None:
        return None
    values = {"key": key, "kind": kind, "audience": audience, "severity": severity, "made_at": at}
    made = insert(_MESSAGE).values(**values, content=as_text(content)).returning(_MESSAGE.c.id)
    return StoredMessage(connection.execute(made).scalar_one(), key, kind, audience, severity, at, content)


def add_deliveries(connection: Connection, message_id: int, routes: Iterable[tuple[str, dt.datetime]]) -> None:
    """Have a message delivered on some routes, on each from a time on."""
    rows = [
        {"message_id": message_id, "route": route, "state": "waiting", "attempts": 0, "next_at": due}
        for route, due in routes
    ]
    if rows:
        connection.execute(insert(_DELIVERY), rows)


def messages(connection: Connection, *, limit: int | None = None) -> list[StoredMessage]:
    """The messages of the outbox, the newest first."""
    wanted = select(_MESSAGE).order_by(_MESSAGE.c.id.desc()).limit(limit)
    return [
        StoredMessage(**{**row, "content": json.loads(row["content"])}) for row in connection.execute(wanted).mappings()
    ]


def evaluated(connection: Connection) -> str | None:
    """The mark of the last evaluation; None before the first."""
    return connection.execute(select(_HOME.c.value).where(_HOME.c.key == _EVALUATED)).scalar_one_or_none()


def state_of_data(connection: Connection) -> list[str]:
    """How many runs, targets, verified sources and switches there are, and when the last of each was changed."""
    counts = [
        select(func.count(), func.max(_RUN.c.finished_at), func.max(_RUN.c.accepted_at)),
        select(func.count(), func.max(_TARGET.c.added_at)),
        select(func.count(), func.max(_VERIFIED.c.verified_at)),
        select(func.count(), func.max(_SWITCH.c.at)),
    ]
    return [str(tuple(connection.execute(one).one())) for one in counts]


def ack(connection: Connection, alert_id: int, who: str, why: str, at: dt.datetime) -> Alert:
    """Keep that a person has seen an alert. Raises InputError for an unknown one and one that is not open."""
    found = alert(connection, alert_id)
    if found.state != "open":
        raise InputError(f"alert {alert_id}: it is {found.state}: only an open one can be acknowledged")
    seen = {"acked_at": at, "acked_by": who, "acked_why": why}
    connection.execute(update(_ALERT).where(_ALERT.c.id == alert_id).values(**seen))
    return alert(connection, alert_id)


def silences(connection: Connection) -> list[Silence]:
    """Every silence, the newest first."""
    wanted = select(_SILENCE).order_by(_SILENCE.c.id.desc())
    return [Silence(**{name: row[name] for name in _OF_SILENCE}) for row in connection.execute(wanted).mappings()]


def add_silence(connection: Connection, silence: Silence) -> Silence:
    """Keep a silence; returns it with its number."""
    values = {name: getattr(silence, name) for name in _OF_SILENCE if name != "id"}
    number = connection.execute(insert(_SILENCE).values(**values).returning(_SILENCE.c.id)).scalar_one()
    return Silence(**values, id=number)


def end_silence(connection: Connection, silence_id: int, at: dt.datetime) -> Silence:
    """End a silence before its time. Raises InputError for an unknown one and one that is over."""
    found = next((one for one in silences(connection) if one.id == silence_id), None)
    if found is None:
        raise InputError(f"silence {silence_id}: there is none of this number; see: remitwatch alerts silences")
    if not found.holds(at):
        raise InputError(f"silence {silence_id}: it is over already")
    connection.execute(update(_SILENCE).where(_SILENCE.c.id == silence_id).values(ended_at=at))
    return next(one for one in silences(connection) if one.id == silence_id)
