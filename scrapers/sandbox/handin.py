"""The sandbox's national survey team: a `quotes` csv a week, of cash, wallets, post and exchange houses.

Handed in on Thursdays, priced on the Wednesday before. Two banks and the post of Kenya hand theirs in marked private:
three providers in each of their corridors, so averages may rest on them, and too dear to be in a SmaRT.
"""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from scrapers.sandbox.market import TRANSFERGO, WISE
from scrapers.sandbox.marks import MARK
from scrapers.sandbox.world import Price, Sold, World

COLUMNS = (
    *("observed_at", "sender", "receiver", "provider", "provider_type", "payment_instrument", "access_point"),
    *("pickup_method", "speed", "coverage", "send_amount", "send_currency", "fee", "fee_currency", "fee_model"),
    *("rate", "receive_amount", "receive_currency", "reference_rate", "transparent", "promotional", "private", "note"),
)
HANDED_IN_ON = 3  # Thursday
_PRIVATE = ("KEN", {"savanna_crest_bank", "rift_anchor_bank", "savanna_post"})
_PROMOTED = ("passarel_express", "online_wallet")
_NOT_AT_ECB = {"AED", "COP", "KES", "MAD", "NGN", "PKR", "TZS", "UGX"}
_CENT = Decimal("0.01")


def handed_in_files(world: World, until: date, since: date | None = None) -> list[tuple[date, str, bytes]]:
    """The files handed in from `since` to `until`: (day, file name, content), oldest first. Without `since` only the
    newest one."""
    newest = until - timedelta(days=(until.weekday() - HANDED_IN_ON) % 7)
    days = [newest]
    while since is not None and days[-1] - timedelta(days=7) >= since:
        days.append(days[-1] - timedelta(days=7))
    return [
        (day, f"sandbox-quotes-{day}.csv", handin_csv(world, day))
        for day in reversed(days)
        if since is None or day >= since
    ]


@lru_cache(maxsize=16)
def handin_csv(world: World, day: date) -> bytes:
    """The csv handed in on a day: the prices of the day before. The same world and day always give the same bytes."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    seen = day - timedelta(days=1)
    for corridor in world.corridors:
        for sold in world.services(corridor, seen):
            if not _collected(sold):
                continue
            for amount in world.basket(corridor):
                price = world.price(sold, seen, amount)
                writer.writerow(_row(world, sold, seen, amount, price))
                if (sold.firm.key, sold.product.code) == _PROMOTED:
                    free = Price(Decimal("0.00"), price.rate, price.mid, price.margin)
                    writer.writerow(_row(world, sold, seen, amount, free) | {"promotional": "true"})
    return text.getvalue().encode()


def _collected(sold: Sold) -> bool:
    """What the team walks to: what is not sold online from account to account, and everything where no site quotes;
    never what a site that is read anyway says of itself."""
    if sold.firm.key in (WISE, TRANSFERGO):
        return False
    return not sold.product.account_to_account or sold.corridor.sender in ("ARE", "KEN")


def _row(world: World, sold: Sold, seen: date, amount: Decimal, price: Price) -> dict[str, str]:
    pair, product, disclosed = sold.corridor, sold.product, sold.firm.discloses_rate
    minute = world.draws.between(0, 420, "visited", sold.route.key, sold.firm.key, seen.toordinal())
    at = datetime.combine(seen, time(8), UTC) + timedelta(minutes=minute)
    received = (amount * price.rate).quantize(_CENT, rounding=ROUND_HALF_UP)
    unpublished = bool({pair.send_currency, pair.receive_currency} & _NOT_AT_ECB)
    return {
        "observed_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "sender": pair.sender,
        "receiver": pair.receiver,
        "provider": sold.firm.name,
        "provider_type": "+".join(sold.firm.types),
        "payment_instrument": "+".join(product.pay),
        "access_point": "+".join(product.at),
        "pickup_method": product.pickup.value,
        "speed": product.speed.value,
        "coverage": sold.firm.coverage.value,
        "send_amount": format(amount, "f"),
        "send_currency": pair.send_currency,
        "fee": format(price.fee, "f"),
        "fee_currency": pair.send_currency,
        "fee_model": "added",
        "rate": format(price.rate, "f") if disclosed else "",
        "receive_amount": format(received, "f") if disclosed else "",
        "receive_currency": pair.receive_currency,
        # the team writes down the central bank's rate where the euro reference rates have none
        "reference_rate": format(price.mid, "f") if unpublished and disclosed else "",
        "transparent": "true" if disclosed else "false",
        "promotional": "false",
        "private": "true" if pair.sender == _PRIVATE[0] and sold.firm.key in _PRIVATE[1] else "false",
        "note": MARK,
    }
