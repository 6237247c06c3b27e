"""The sandbox's Instarem: the ways of paying in for an amount, then a price for each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from remitwatch.countries import find_country
from scrapers.sandbox.calculators import Offer, offers
from scrapers.sandbox.wire import Answer, Question, json_answer
from scrapers.sandbox.world import World

FOLDER = "/api/v1/public/"
_PAY_INS = {"online_account": (135, "Bank Transfer", "BT"), "online_debit": (136, "Debit Card", "DC")}


def answer(world: World, question: Question, day: date) -> Answer:
    """Prices of a further transfer: the rate and fee are the regular ones; the fee is taken out of the amount."""
    found = {_PAY_INS[offer.sold.product.code][0]: offer for offer in _offers(world, question.query, day)}
    if question.path == FOLDER + "payment-method/fee":
        ways = [_PAY_INS[offer.sold.product.code] for offer in found.values()]
        return json_answer(
            {"success": True, "data": [{"key": key, "text": text, "code": code} for key, text, code in ways]}
        )
    if question.path != FOLDER + "transaction/computed-value":
        return json_answer({"success": False, "message": "not found"}, 404)
    offer = found.get(int(question.query["instarem_bank_account_id"]))
    if offer is None:
        return json_answer({"success": False, "message": "payment method not available"})
    return json_answer({"success": True, "data": _price(world, offer, day)})


def _offers(world: World, query: Mapping[str, str], day: date) -> list[Offer]:
    pair = (query["source_currency"], query["destination_currency"])
    for key, route in world.routes.items():
        corridor = route.corridor
        theirs = (corridor.send_currency, corridor.receive_currency, find_country(corridor.sender).iso2)
        if theirs == (*pair, query["country_code"]):
            return offers(world, key, "instarem", day, Decimal(query["source_amount"]))
    return []


def _price(world: World, offer: Offer, day: date) -> dict[str, object]:
    corridor = offer.sold.corridor
    return {
        "source_currency": corridor.send_currency,
        "destination_currency": corridor.receive_currency,
        "gross_source_amount": offer.amount,
        "fx_rate": world.mid(offer.sold.route.key, day),
        "instarem_fx_rate": offer.rate,
        "regular_instarem_fx_rate": offer.rate,
        "destination_amount": offer.received_deducted,
        "transaction_fee_amount": offer.fee,
        "payment_method_fee_amount": 0,
        "payout_method_fee_amount": 0,
        "first_instarem_transaction": False,
        "transaction_config": {
            "total_fee_amount": offer.fee,
            "regular_total_fee_amount": offer.fee,
            "from_currency_amount": offer.amount,
            "fx_rate_last_updated": f"{day} 05:00:00",
        },
    }
