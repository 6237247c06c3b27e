"""The sandbox's Xe: a quote a way of paying in and out, the fee on top of the amount."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from scrapers.sandbox.calculators import offers
from scrapers.sandbox.wire import Answer, Question, json_answer
from scrapers.sandbox.world import World

_PAY_INS = {"online_account": "BankTransfer", "online_debit": "DebitCard"}


def answer(world: World, question: Question, day: date) -> Answer:
    """The quotes of a corridor, one more that is not enabled; an empty list where nothing is sold."""
    if question.path != "/v2/quotes":
        return json_answer({"error": "Not Found"}, 404)
    asked = question.json()
    send, receive = (asked["userCountry"], asked["sellCcy"]), (asked["countryTo"], asked["buyCcy"])
    found = offers(world, world.corridor_of(send, receive), "xe", day, Decimal(asked["amount"]))
    quotes = [
        {
            "deliveryMethod": "BankAccount",
            "settlementMethod": _PAY_INS[offer.sold.product.code],
            "isEnabled": True,
            "rate": offer.rate,
            "transferFee": f"{offer.fee:f}",
            "totalFees": f"{offer.fee:f}",
            "leadTime": "3 business days",
            "buyAmount": f"{offer.received_added:,}",
        }
        for offer in found
    ]
    closed = [{**quote, "settlementMethod": "CreditCard", "isEnabled": False} for quote in quotes[:1]]
    return json_answer({"quote": {"individualQuotes": [*quotes, *closed]}})
