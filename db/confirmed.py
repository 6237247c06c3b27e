"""Which prices have left quarantine by themselves since a time: their service's next price confirmed them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from db.frames import run_in_force
from db.tables import ObservationRow, QuoteRow, RunRow, table
from remitwatch.marks import CONFIRMED, QUARANTINED

_RUN, _QUOTE, _OBSERVATION = table(RunRow), table(QuoteRow), table(ObservationRow)
_SERVICE = ("service", "tier", "basis", "source", "sender", "receiver")
DAYS = 31
"""So far back confirmed prices are looked for: a service's next price nearly always comes the day after."""


@dataclass(frozen=True)
class ConfirmedPrices:
    """The prices of one run and basis that were confirmed, by the first and last of their days."""

    run_id: int
    basis: str
    first: dt.date
    last: dt.date


def confirmed_since(connection: Connection, as_of: dt.datetime) -> list[ConfirmedPrices]:
    """Collected prices of the `DAYS` days up to `as_of` that count now because their service's next price confirmed
    them, and did not at that time because there was no next price in force yet; by run and basis."""
    run, following = _RUN.alias("next_run"), _QUOTE.alias("next_quote")
    same = [following.c[name] == _QUOTE.c[name] for name in _SERVICE]
    was_confirmed = (
        select(following.c.id)
        .join(run, run.c.id == following.c.run_id)
        .where(*same, following.c.day > _QUOTE.c.day, run_in_force(as_of, run))
        .exists()
    )
    of_days = _QUOTE.c.day.between(as_of.date() - dt.timedelta(days=DAYS), as_of.date())
    first, last = connection.execute(select(func.min(_QUOTE.c.id), func.max(_QUOTE.c.id)).where(of_days)).one()
    # Few are marked: they are found by reading the observations alone, one after the other, of these days' numbers.
    marked = select(_OBSERVATION.c.quote_id).where(
        _OBSERVATION.c.quote_id.between(first, last),
        _OBSERVATION.c.flags.contains(CONFIRMED),
        ~_OBSERVATION.c.flags.contains(QUARANTINED),
    )
    wanted = (
        select(_QUOTE.c.run_id, _QUOTE.c.basis, func.min(_QUOTE.c.day), func.max(_QUOTE.c.day))
        .join(_RUN, _RUN.c.id == _QUOTE.c.run_id)
        .where(_QUOTE.c.id.in_(marked), of_days, run_in_force(None), ~was_confirmed)
        .group_by(_QUOTE.c.run_id, _QUOTE.c.basis)
        .order_by(_QUOTE.c.run_id, _QUOTE.c.basis)
    )
    return [ConfirmedPrices(*row) for row in connection.execute(wanted)]
