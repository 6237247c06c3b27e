"""The sandbox's Taptap Send: the fees of its pay-out partners, and one list of the rates of all corridors."""

from __future__ import annotations

from datetime import date
from typing import Any

from remitwatch.countries import find_country
from scrapers.sandbox.calculators import Offer, offers
from scrapers.sandbox.wire import Answer, Question, json_answer
from scrapers.sandbox.world import World

_DEMANDED = {"appian-version": "web/2022-05-03.0", "x-device-id": "web", "x-device-model": "web"}
BAD_HEADER = json_answer({"code": "BAD_HEADER", "message": "Appian-Version"}, 400)


def answer(world: World, question: Question, day: date) -> Answer:
    """Rates hold for every amount; the fee is a flat one (`standard`), or in steps to Türkiye (`tiered`), or none
    where it is 0. Without the headers that it demands of everybody, 400."""
    if question.path == "/api/website/v1/provider-fees":
        return json_answer({"GB": {"NG": [{"literal": "Bank", "fee": "0.50"}, {"literal": "Cash pickup", "fee": 0}]}})
    if question.path != "/api/fxRates":
        return json_answer({"code": "NOT_FOUND"}, 404)
    if any(question.headers.get(name) != value for name, value in _DEMANDED.items()):
        return BAD_HEADER
    countries: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for key in world.corridors:
        for offer in offers(world, key, "taptap_send", day, world.basket(key)[0]):
            corridor = offer.sold.corridor
            row = _row(offer)
            countries.setdefault((corridor.sender, corridor.send_currency), []).append(row)
    listed = [
        {
            "isoCountryCode": find_country(country).iso2,
            "countryDisplayName": find_country(country).name,
            "currency": currency,
            "corridors": rows,
        }
        for (country, currency), rows in countries.items()
    ]
    return json_answer({"availableCountries": listed})


def _row(offer: Offer) -> dict[str, Any]:
    receiver, fee = find_country(offer.sold.corridor.receiver), f"{offer.fee:.2f}"
    schedule: dict[str, Any] | None = {"type": "standard", "flatFee": fee, "feePercent": "0", "maxFee": None}
    if receiver.iso2 == "TR":
        tiers = [{"minValue": "0", "fee": fee}, {"minValue": f"{offer.amount * 2:f}", "fee": "0"}]
        schedule = {"type": "tiered", "tiers": tiers}
    return {
        "isoCountryCode": receiver.iso2,
        "countryDisplayName": receiver.name,
        "currency": offer.sold.corridor.receive_currency,
        "fxRate": f"{offer.rate:f}",
        "currencyScale": 2,
        "feeSchedule": schedule if offer.fee else None,
    }
