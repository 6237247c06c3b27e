"""The outbox at a glance: how many deliveries wait, and which were given up."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, func, select

from db.engine import reading
from db.tables import AlertDeliveryRow, AlertMessageRow, table

_DELIVERY, _MESSAGE = table(AlertDeliveryRow), table(AlertMessageRow)


@dataclass(frozen=True)
class DeadLetter:
    """A delivery that was given up: of which message, to which route, after how many attempts, and the last fault."""

    message: int
    route: str
    attempts: int
    error: str | None
    made_at: dt.datetime

    def as_json(self) -> dict[str, Any]:
        """The same for a machine."""
        return dict(self.__dict__)


def deliveries_by_state(engine: Engine) -> dict[str, int]:
    """How many deliveries are `waiting`, `sent` and `dead`."""
    with reading(engine) as connection:
        rows = connection.execute(select(_DELIVERY.c.state, func.count()).group_by(_DELIVERY.c.state))
        return {"waiting": 0, "sent": 0, "dead": 0} | {str(row[0]): int(row[1]) for row in rows}


def dead_letters(engine: Engine, limit: int) -> list[DeadLetter]:
    """The deliveries that were given up, the newest first."""
    columns = (_DELIVERY.c.message_id, _DELIVERY.c.route, _DELIVERY.c.attempts, _DELIVERY.c.last_error)
    wanted = select(*columns, _MESSAGE.c.made_at).join(_MESSAGE, _MESSAGE.c.id == _DELIVERY.c.message_id)
    wanted = wanted.where(_DELIVERY.c.state == "dead").order_by(_DELIVERY.c.id.desc()).limit(limit)
    with reading(engine) as connection:
        return [DeadLetter(*row) for row in connection.execute(wanted)]
