"""What the sandbox's calculators have in common: the corridor that is asked for, and what a service comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from scrapers.sandbox.world import Sold, World

CENT = Decimal("0.01")
MOST = Decimal(10**9)


@dataclass(frozen=True)
class Offer:
    """A service's price for an amount: what it costs, and what arrives when the fee is taken out or comes on top."""

    sold: Sold
    amount: Decimal
    fee: Decimal
    rate: Decimal

    @property
    def received_deducted(self) -> Decimal:
        return _cents((self.amount - self.fee) * self.rate)

    @property
    def received_added(self) -> Decimal:
        return _cents(self.amount * self.rate)


def offers(world: World, corridor: str | None, provider: str, day: date, amount: Decimal) -> list[Offer]:
    """What a provider sells in a corridor for an amount; nothing outside the market or where the fee eats it up."""
    if corridor is None or not 0 < amount <= MOST:
        return []
    found = []
    for sold in world.calculator(corridor, provider):
        price = world.price(sold, day, amount)
        if price.fee < amount:
            found.append(Offer(sold, amount, price.fee, price.rate))
    return found


def _cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_HALF_UP)
