"""Send amounts: the local amounts in which USD 200 and USD 500 are asked (METHODOLOGY section 2)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Literal

from remitwatch.fields import CountryCode, CurrencyCode, PositiveDecimal, Value
from remitwatch.quotes import Tier
from remitwatch.reference import read_rows

TIERS: tuple[Tier, ...] = (200, 500)
_NEAR = Decimal("0.15")


class SendAmount(Value):
    """The local amount of one tier for one sending country.

    `origin`: confirmed (seen in survey rows, reference table), survey (the most frequent amount of imported survey
    rows), derived (a dated rate rounded to two significant digits), unverified (from memory: never asked with).
    """

    sender: CountryCode
    currency: CurrencyCode
    tier: Tier
    amount: PositiveDecimal
    origin: Literal["confirmed", "survey", "derived", "unverified"]
    since: str = ""


@cache
def reference_amounts() -> tuple[SendAmount, ...]:
    """Every send amount of the reference table, oldest first for each sender."""
    return tuple(
        SendAmount(
            sender=row["sender"],
            currency=row["currency"],
            tier=tier,
            amount=row[f"amount_{tier}"],
            origin=row["status"],
            since=row["valid_from"],
        )
        for row in read_rows("send_amounts.csv")
        for tier in TIERS
        if row[f"amount_{tier}"]
    )


def confirmed_amount(sender: str, currency: str, tier: Tier) -> SendAmount | None:
    """The newest confirmed amount of the reference table, or None."""
    found = [
        amount
        for amount in reference_amounts()
        if (amount.sender, amount.currency, amount.tier, amount.origin) == (sender, currency, tier, "confirmed")
    ]
    return found[-1] if found else None


def derived_amount(tier: Tier, units_per_usd: Decimal) -> Decimal:
    """USD 200 or 500 at `units_per_usd`, rounded half up to two significant digits: 200 at 0.8621 is 170."""
    exact = tier * units_per_usd
    return exact.quantize(Decimal(1).scaleb(exact.adjusted() - 1), rounding=ROUND_HALF_UP)


def tier_of(sender: str, currency: str, amount: Decimal) -> Tier | None:
    """The tier that a handed-in amount belongs to: the one of the sender's amounts within 15 % of it, else None."""
    known = [one for one in reference_amounts() if one.sender == sender and one.currency == currency]
    return nearest_tier(known, amount)


def nearest_tier(amounts: Iterable[SendAmount], amount: Decimal) -> Tier | None:
    """The tier of the nearest of some amounts of one sender and currency, if it is within 15 %, else None."""
    near = [(abs(amount - known.amount) / known.amount, known.tier) for known in amounts]
    within = [(distance, tier) for distance, tier in near if distance <= _NEAR]
    return min(within)[1] if within else None
