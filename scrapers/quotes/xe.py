"""Xe: the quotes of the public site: one price a way of paying in and a way of paying out, fee on top of the amount.

Off by default: see the definition.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from remitwatch.countries import find_country
from remitwatch.fields import exact_decimal
from remitwatch.quotes import Basis, FeeModel, Inquiry
from remitwatch.services import AccessPoint, PaymentInstrument, PickupMethod, Speed
from scrapers.base import AnswerError, Record, Repaired, Request, Response, Scraper, each
from scrapers.clean import as_json_number, number
from scrapers.labels import fold

URL = "https://launchpad-api.xe.com/v2/quotes"
PAYMENT_INSTRUMENT = {
    "BankTransfer": PaymentInstrument.BANK_ACCOUNT,
    "DirectDebit": PaymentInstrument.BANK_ACCOUNT,
    "DebitCard": PaymentInstrument.DEBIT_CARD,
    "CreditCard": PaymentInstrument.CREDIT_CARD,
}
PICKUP_METHOD = {
    "BankAccount": PickupMethod.BANK_ACCOUNT,
    "MobileWallet": PickupMethod.MOBILE_WALLET,
    "CashPayout": PickupMethod.CASH,
}
SPEED = {"3 business days": Speed.THREE_TO_FIVE_DAYS}


class Xe(Scraper):
    """One request an inquiry, one quote an enabled combination."""

    def requests(self, inquiries: Sequence[Inquiry]) -> Iterator[Request]:
        for inquiry in inquiries:
            corridor = inquiry.corridor
            question = {
                "sellCcy": corridor.send_currency,
                "buyCcy": corridor.receive_currency,
                "userCountry": find_country(corridor.sender).iso2,
                "amount": as_json_number(inquiry.send_amount),
                "fixedCcy": corridor.send_currency,
                "countryTo": find_country(corridor.receiver).iso2,
            }
            yield Request(URL, inquiries=(inquiry,), method="POST", json=question)

    def parse(self, response: Response) -> Iterator[Record]:
        quote, inquiry = response.json()["quote"], response.inquiry
        corridor = inquiry.corridor
        for field, asked in (("sellCcy", corridor.send_currency), ("buyCcy", corridor.receive_currency)):
            if quote.get(field, asked) != asked:
                raise AnswerError("changed", f"the answer is for {field} {quote[field]}: asked was {asked}")
        offers = quote["individualQuotes"]
        closed: list[str] = []
        yield from each(offers, lambda offer: self._read(offer, inquiry, closed))
        if len(closed) == len(offers):
            why = "; ".join(closed) or "no offer for this corridor and amount"
            yield inquiry.not_offered(why[:500], self.definition.provider)

    def _read(self, offer: Mapping[str, Any], inquiry: Inquiry, closed: list[str]) -> Iterator[Record]:
        pay_in, pay_out = offer["settlementMethod"], offer["deliveryMethod"]
        if offer["isEnabled"] is not True:
            if offer["isEnabled"] is not False:
                raise ValueError(f"isEnabled: expected true or false, got {offer['isEnabled']!r}")
            closed.append(f"{pay_in} to {pay_out} is not enabled")
            return
        label = fold(offer.get("leadTime") or "")
        yield inquiry.quote(
            provider=self.definition.provider,
            basis=Basis.STANDARD,
            payment_instrument=PAYMENT_INSTRUMENT[pay_in],
            access_point=AccessPoint.INTERNET,
            pickup_method=PICKUP_METHOD[pay_out],
            product=pay_in,
            speed=SPEED.get(label, Speed.UNKNOWN),
            fee=exact_decimal(offer["totalFees"]),
            fee_model=FeeModel.ADDED,
            rate=exact_decimal(offer["rate"]),
            receive_amount=_received(offer.get("buyAmount")),
        )
        if label and label not in SPEED:  # no part of the price: it does not cost the quote, it is counted
            yield Repaired("unknown_speed")


def _received(text: str | None) -> Decimal | None:
    """The received amount where it is stated (`43,525.24`)."""
    return None if text is None else number(text, group=",")
