"""Pegs: rates that a central bank has fixed, as dated data (reference/pegs.csv)."""

from __future__ import annotations

import datetime as dt
from functools import cache

from remitwatch.fields import CurrencyCode, PositiveDecimal, Value, exact_decimal
from remitwatch.reference import read_rows

PEG = "peg"
"""The name under which pegs stand among the sources of rates."""


class Peg(Value):
    """`rate` units of `currency` for 1 unit of `anchor`, in force from `since` to `until` (both included)."""

    currency: CurrencyCode
    anchor: CurrencyCode
    rate: PositiveDecimal
    since: dt.date
    until: dt.date | None = None
    source: str

    def on(self, day: dt.date) -> bool:
        """Whether the peg is in force on a day."""
        return self.since <= day and (self.until is None or day <= self.until)


@cache
def pegs() -> tuple[Peg, ...]:
    """All pegs of the reference table."""
    return tuple(
        Peg(
            currency=row["currency"],
            anchor=row["anchor"],
            rate=exact_decimal(row["rate"]),
            since=dt.date.fromisoformat(row["since"]),
            until=dt.date.fromisoformat(row["until"]) if row["until"] else None,
            source=row["source"],
        )
        for row in read_rows("pegs.csv")
    )
