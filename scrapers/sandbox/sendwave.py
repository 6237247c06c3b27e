"""The sandbox's Sendwave: everything as text, the fee on top of the amount, a limit for one transfer."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from scrapers.sandbox.calculators import offers
from scrapers.sandbox.wire import Answer, Question, json_answer
from scrapers.sandbox.world import World


def answer(world: World, question: Question, day: date) -> Answer:
    """The price for an amount: base and effective figures are the same. Where it does not sell, 400 with the code of
    a limit: what the real one says of an unknown corridor is not documented."""
    if question.path != "/v2/pricing-public":
        return json_answer({"code": "not-found"}, 404)
    query = question.query
    send = (query["sendCountryIso2"].upper(), query["sendCurrency"])
    receive = (query["receiveCountryIso2"].upper(), query["receiveCurrency"])
    found = offers(world, world.corridor_of(send, receive), "sendwave", day, Decimal(query["amount"]))
    if not found:
        return json_answer({"code": "pricing-limit-violation", "message": "over the limit"}, 400)
    (offer,) = found
    return json_answer(
        {
            "calculationId": f"c0ffee{world.draws.number('sendwave', question.query['amount'], *send, *receive):x}"[
                :24
            ],
            "sendAmount": f"{offer.amount:.2f}",
            "payAmount": f"{offer.amount + offer.fee:.2f}",
            "receiveAmount": f"{offer.received_added:f}",
            "baseExchangeRate": f"{offer.rate:f}",
            "effectiveExchangeRate": f"{offer.rate:f}",
            "baseFeeAmount": f"{offer.fee:.2f}",
            "effectiveFeeAmount": f"{offer.fee:.2f}",
            "campaignsApplied": [],
        }
    )
