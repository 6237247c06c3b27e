"""What people decided of single quotes: kept by run and natural key, so that it outlives a new pricing or reading."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select

from db.tables import ObservationRow, QuoteDecisionRow, QuoteRow, table
from remitwatch.errors import InputError
from remitwatch.fields import decimal_text
from remitwatch.marks import Decision

_DECISION, _QUOTE, _OBSERVATION = table(QuoteDecisionRow), table(QuoteRow), table(ObservationRow)
_PRICE = (_QUOTE.c.send_amount, _QUOTE.c.fee, _QUOTE.c.rate, _QUOTE.c.receive_amount)


@dataclass(frozen=True)
class StoredDecision:
    """One decision: of which quote (by its present number), what, by whom, why and when. `holds`: it is the newest one
    of the quote, and the quote still says what it said then."""

    quote_id: int
    released: bool
    decided_by: str
    why: str
    decided_at: dt.datetime
    holds: bool


def runs_decided_on(connection: Connection, since: dt.datetime) -> list[int]:
    """The runs with a quote that was decided on after `since`."""
    wanted = select(_DECISION.c.run_id).distinct().where(_DECISION.c.decided_at > since)
    return list(connection.execute(wanted).scalars())


def decide(
    connection: Connection, quote_ids: Sequence[int], *, released: bool, who: str, why: str, at: dt.datetime
) -> None:
    """Keep a decision for each of these quotes. Raises InputError for a number that is no quote's."""
    wanted = select(_QUOTE.c.id, _QUOTE.c.run_id, _QUOTE.c.key, *_PRICE).where(_QUOTE.c.id.in_(quote_ids))
    found = {row[0]: row for row in connection.execute(wanted)}
    missing = [number for number in quote_ids if number not in found]
    if missing:
        raise InputError(f"quote {missing[0]}: there is none of this number")
    rows = [
        {
            "run_id": found[number][1],
            "key": found[number][2],
            "said": _said(found[number][3:]),
            "released": released,
            "decided_by": who,
            "why": why,
            "decided_at": at,
        }
        for number in quote_ids
    ]
    connection.execute(insert(_DECISION), rows)


def decisions(connection: Connection, quote_ids: Iterable[int] | None = None) -> list[StoredDecision]:
    """Every decision whose quote is still there, or those of some quotes, the oldest first."""
    wanted = (
        select(_DECISION, _QUOTE.c.id.label("quote_id"), *(column.label(f"q_{column.name}") for column in _PRICE))
        .join(_QUOTE, (_QUOTE.c.run_id == _DECISION.c.run_id) & (_QUOTE.c.key == _DECISION.c.key))
        .order_by(_DECISION.c.id)
    )
    if quote_ids is not None:
        wanted = wanted.where(_QUOTE.c.id.in_(list(quote_ids)))
    rows = connection.execute(wanted).mappings().all()
    newest = {row["quote_id"]: row["id"] for row in rows}
    return [
        StoredDecision(
            quote_id=row["quote_id"],
            released=row["released"],
            decided_by=row["decided_by"],
            why=row["why"],
            decided_at=row["decided_at"],
            holds=newest[row["quote_id"]] == row["id"]
            and row["said"] == _said([row[f"q_{column.name}"] for column in _PRICE]),
        )
        for row in rows
    ]


def newest(connection: Connection) -> dt.datetime | None:
    """When a quote was decided on last; None when none ever was."""
    found: dt.datetime | None = connection.execute(select(func.max(_DECISION.c.decided_at))).scalar_one()
    return found


def in_force(found: Iterable[StoredDecision]) -> list[Decision]:
    """Those that hold, as the marks take them."""
    return [Decision(one.quote_id, one.released) for one in found if one.holds]


def set_flags(connection: Connection, flags: Sequence[tuple[int, str]]) -> int:
    """Give observations their flags (quote number, flags). Returns how many were given."""
    if flags:
        sign = "%s" if connection.dialect.name == "postgresql" else "?"
        statement = f"UPDATE observation SET flags = {sign} WHERE quote_id = {sign}"  # noqa: S608 - no value in it
        connection.exec_driver_sql(statement, [(text, number) for number, text in flags])
    return len(flags)


def _said(price: Sequence[Any]) -> str:
    cells = ["" if value is None else decimal_text(value.normalize()) for value in price]
    return hashlib.sha256("|".join(cells).encode()).hexdigest()[:32]
