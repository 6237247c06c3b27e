"""The sandbox's Western Union: its price catalog, services by ways of paying in, the fee on top of the amount."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from scrapers.sandbox.calculators import Offer, offers
from scrapers.sandbox.wire import Answer, Question, json_answer
from scrapers.sandbox.world import World

# product of the market -> (service, its name, pay-out, way of paying in, days)
_SERVICES = {
    "online_account": ("500", "DIRECT TO BANK", "DB", "EB", 0),
    "online_credit": ("000", "MONEY IN MINUTES", "MM", "CC", 0),
    "agent_cash": ("000", "MONEY IN MINUTES", "MM", "CA", 0),
}


def answer(world: World, question: Question, day: date) -> Answer:
    """The catalog of a corridor; status -1 where nothing is sold on the site."""
    if question.path != "/wuconnect/prices/catalog":
        return json_answer({"error": "Not Found"}, 404)
    asked = question.json()
    sender, receiver = asked["sender"], asked["receiver"]
    corridor = world.corridor_of(
        (sender["cty_iso2_ext"], sender["curr_iso3"]), (receiver["cty_iso2_ext"], receiver["curr_iso3"])
    )
    amount = Decimal(sender["send_amount"])
    groups: dict[str, dict[str, Any]] = {}
    for offer in offers(world, corridor, "western_union", day, amount):
        service, name, pay_out, _, days = _SERVICES[offer.sold.product.code]
        group = {"service": service, "service_name": name, "fund_out_mnem": pay_out, "speed_days": days}
        groups.setdefault(service, {**group, "pay_groups": []})["pay_groups"].append(_pay_group(offer))
    status = {"status": 0, "code": "", "message": ""}
    if not groups:
        message = "MISSING PRICING SETUP FOR THIS CHANNEL AND CLIENT"
        status = {"status": -1, "code": "C1131", "message": message}
    return json_answer(
        {
            "response_status": status,
            "sender": {
                "cty_iso2_ext": sender["cty_iso2_ext"],
                "curr_iso3": sender["curr_iso3"],
                "send_amount": amount,
            },
            "receiver": {"cty_iso2_ext": receiver["cty_iso2_ext"], "curr_iso3": receiver["curr_iso3"]},
            "services_groups": list(groups.values()),
        }
    )


def _pay_group(offer: Offer) -> dict[str, Any]:
    return {
        "fund_in": _SERVICES[offer.sold.product.code][3],
        "fx_rate": offer.rate,
        "send_amount": offer.amount,
        "receive_amount": offer.received_added,
        "base_fee": offer.fee,
        "gross_fee": offer.fee,
        "gross_amount": offer.amount + offer.fee,
        "min_amount": 1,
        "max_amount": max(offer.amount, Decimal(50_000)),
    }
