"""Deliveries in the database: how far each message of the outbox is on each route."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, literal, select, update

from db.alerts import StoredMessage
from db.tables import AlertDeliveryRow, AlertMessageRow, table
from remitwatch.errors import InputError

_MESSAGE, _DELIVERY = table(AlertMessageRow), table(AlertDeliveryRow)
WAITING, SENT, DEAD = "waiting", "sent", "dead"
STATES = (WAITING, SENT, DEAD)
_NOT_ENDED = "begun, and cut short"


@dataclass(frozen=True)
class Delivery:
    """One message on one route. `state`: `waiting`, `sent` or `dead` (given up); `next_at`: from when on it is tried
    next; `failing_since`: when the first of its `attempts` failed; `last_error` names no secret."""

    id: int
    message: StoredMessage
    route: str
    state: str
    attempts: int
    next_at: dt.datetime
    failing_since: dt.datetime | None
    last_error: str | None
    sent_at: dt.datetime | None

    def as_json(self) -> dict[str, Any]:
        """The row of `remitwatch alerts deliveries --json`."""
        return {
            "id": self.id,
            "route": self.route,
            "state": self.state,
            "message": self.message.id,
            "key": self.message.key,
            "kind": self.message.kind,
            "rule": self.message.content.get("rule"),
            "alerts": self.message.content.get("n"),
            "audience": self.message.audience,
            "severity": self.message.severity,
            "made_at": self.message.made_at,
            "attempts": self.attempts,
            "next_at": self.next_at if self.state == WAITING else None,
            "failing_since": self.failing_since,
            "last_error": self.last_error,
            "sent_at": self.sent_at,
        }


def deliveries(
    connection: Connection,
    *,
    states: Sequence[str] = (),
    route: str | None = None,
    due_by: dt.datetime | None = None,
    limit: int | None = None,
) -> list[Delivery]:
    """Deliveries, the oldest first (with `limit` the newest so many, the newest first): of these states, of a route,
    due by a time."""
    order = _DELIVERY.c.id if limit is None else _DELIVERY.c.id.desc()
    wanted = _wanted().order_by(order).limit(limit)
    if states:
        wanted = wanted.where(_DELIVERY.c.state.in_(states))
    if route is not None:
        wanted = wanted.where(_DELIVERY.c.route == route)
    if due_by is not None:
        wanted = wanted.where(_DELIVERY.c.next_at <= due_by)
    return [_delivery(dict(row)) for row in connection.execute(wanted).mappings()]


def delivery(connection: Connection, delivery_id: int) -> Delivery:
    """The delivery of this number. Raises InputError when there is none."""
    row = connection.execute(_wanted().where(_DELIVERY.c.id == delivery_id)).mappings().one_or_none()
    if row is None:
        raise InputError(f"delivery {delivery_id}: there is none of this number; see: remitwatch alerts deliveries")
    return _delivery(dict(row))


def counts(connection: Connection) -> dict[str, int]:
    """How many deliveries there are of every state."""
    found = connection.execute(select(_DELIVERY.c.state, func.count()).group_by(_DELIVERY.c.state))
    return dict.fromkeys(STATES, 0) | {str(one[0]): int(one[1]) for one in found}


def newest_messages(connection: Connection) -> dict[str, str]:
    """By audience the key of the newest message."""
    newest = select(func.max(_MESSAGE.c.id)).group_by(_MESSAGE.c.audience)
    found = connection.execute(select(_MESSAGE.c.audience, _MESSAGE.c.key).where(_MESSAGE.c.id.in_(newest)))
    return {str(one[0]): str(one[1]) for one in found}


def begun(connection: Connection, ids: Sequence[int], at: dt.datetime, next_at: dt.datetime) -> None:
    """Say that an attempt begins, and when the next one would be: one that is never heard of again is repeated then,
    and where this cannot be kept nothing is sent."""
    values: dict[str, Any] = {
        "attempts": _DELIVERY.c.attempts + 1,
        "next_at": next_at,
        "last_error": _NOT_ENDED,
        "failing_since": func.coalesce(_DELIVERY.c.failing_since, literal(at, _DELIVERY.c.failing_since.type)),
    }
    connection.execute(update(_DELIVERY).where(_DELIVERY.c.id.in_(ids)).values(**values))


def sent(connection: Connection, ids: Sequence[int], at: dt.datetime, note: str | None) -> None:
    """Say that what was begun was sent. `note`: what was less than whole about it."""
    done = {"state": SENT, "sent_at": at, "failing_since": None, "last_error": note}
    connection.execute(update(_DELIVERY).where(_DELIVERY.c.id.in_(ids)).values(**done))


def failed(connection: Connection, ids: Sequence[int], error: str, *, dead: bool) -> None:
    """Say why what was begun failed. `dead`: it is given up."""
    values = {"last_error": error} | ({"state": DEAD} if dead else {})
    connection.execute(update(_DELIVERY).where(_DELIVERY.c.id.in_(ids)).values(**values))


def resend(connection: Connection, delivery_id: int, at: dt.datetime) -> Delivery:
    """Have a delivery made (again), as if for the first time. Raises InputError for an unknown one."""
    delivery(connection, delivery_id)
    anew = {"state": WAITING, "attempts": 0, "next_at": at, "failing_since": None, "last_error": None, "sent_at": None}
    connection.execute(update(_DELIVERY).where(_DELIVERY.c.id == delivery_id).values(**anew))
    return delivery(connection, delivery_id)


def _wanted() -> Select[Any]:
    named = [column.label(f"told_{column.name}") for column in _MESSAGE.c]
    return select(_DELIVERY, *named).join(_MESSAGE, _MESSAGE.c.id == _DELIVERY.c.message_id)


def _delivery(row: dict[str, Any]) -> Delivery:
    del row["message_id"]
    message = StoredMessage(
        id=row.pop("told_id"),
        key=row.pop("told_key"),
        kind=row.pop("told_kind"),
        audience=row.pop("told_audience"),
        severity=row.pop("told_severity"),
        made_at=row.pop("told_made_at"),
        content=json.loads(row.pop("told_content")),
    )
    return Delivery(message=message, **row)
