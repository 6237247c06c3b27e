"""The sandbox's TransferGo: what it would ask for a transfer, in the shape of its public booking quotes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from remitwatch.countries import find_country
from remitwatch.fields import exact_decimal
from scrapers.sandbox.fx import six_digits
from scrapers.sandbox.market import TRANSFERGO
from scrapers.sandbox.marks import MARK
from scrapers.sandbox.wire import HTML, Answer, Question, json_answer
from scrapers.sandbox.world import Sold, World

PATH = "/api/booking/quotes"
ROBOTS = "User-agent: *\nDisallow: /api/admin/\n"
DOWN = (
    f"<html><head><title>503 Service Temporarily Unavailable</title><!-- {MARK} --></head>"
    "<body><center><h1>503 Service Temporarily Unavailable</h1></center></body></html>"
).encode()
_MOST = 10**9
_CENT = Decimal("0.01")
# product of the market -> (option, pay-in, pay-out, delivery): only codes that are documented
_OPTIONS = {
    "online_account": ("standard", "bank", "bankAccount", "in_one_business_day"),
    "online_debit": ("now", "card", "bankAccount", None),
}


def answer(world: World, question: Question, day: date) -> Answer:
    """The options for a query on a day: 400 for a wrong query, an unavailable option where it does not send to."""
    query = question.query
    if question.path != PATH:
        return json_answer({"error": "Not Found"}, 404)
    fault = world.fault(TRANSFERGO, day)
    if fault is not None and fault.kind == "down":
        return Answer(503, HTML, DOWN)
    for name, length in (
        ("fromCurrencyCode", 3),
        ("toCurrencyCode", 3),
        ("fromCountryCode", 2),
        ("toCountryCode", 2),
    ):
        if not (len(query.get(name, "")) == length and query[name].isalpha()):
            return _wrong(name, f"expected a code of {length} letters")
    if query.get("calculationBase") != "sendAmount":
        return _wrong("calculationBase", "expected sendAmount")
    if query.get("business", "0") not in ("0", "1"):
        return _wrong("business", "expected 0 or 1")
    try:
        amount = exact_decimal(query.get("amount", ""))
    except ValueError:
        return _wrong("amount", "expected a number")
    if not 0 < amount <= _MOST or amount != amount.quantize(_CENT):
        return _wrong("amount", f"expected an amount of at most {_MOST} with at most two decimals")
    options = [_option(world, sold, day, amount) for sold in _sold(world, query, day)]
    return json_answer({"options": options or [_unavailable(query, amount)]})


def _wrong(name: str, message: str) -> Answer:
    return json_answer({"errors": [{"field": name, "message": message}]}, 400)


def _sold(world: World, query: Mapping[str, str], day: date) -> list[Sold]:
    for key in world.corridors:
        pair = world.routes[key].corridor
        ours = (
            pair.send_currency,
            pair.receive_currency,
            *(find_country(c).iso2 for c in (pair.sender, pair.receiver)),
        )
        asked = ("fromCurrencyCode", "toCurrencyCode", "fromCountryCode", "toCountryCode")
        if tuple(query[name].upper() for name in asked) == ours:
            return [sold for sold in world.services(key, day) if sold.firm.key == TRANSFERGO]
    return []


def _option(world: World, sold: Sold, day: date, amount: Decimal) -> dict[str, Any]:
    price = world.price(sold, day, amount)
    fee, rate, fee_off, rate_better = price.fee, price.rate, False, False
    for event in world.events(day, source=TRANSFERGO):
        if event.kind == "fee_promotion" and event.where(sold.route.key):
            fee, fee_off = (fee * event.factor).quantize(_CENT), True
        elif event.kind == "rate_promotion" and event.where(sold.route.key) and sold.product.code == "online_account":
            rate, rate_better = six_digits(rate * (100 + event.factor) / 100), True
    code, pay_in, pay_out, delivery = _OPTIONS[sold.product.code]
    pair = sold.corridor
    received = ((amount - fee) * rate).quantize(_CENT, rounding=ROUND_HALF_UP)
    return {
        "code": code,
        "isDefault": code == "standard",
        "availability": {"isAvailable": fee < amount},
        "payIn": {"code": pay_in},
        "payOut": {"code": pay_out},
        "sendingAmount": {"value": f"{amount:.2f}", "currency": pair.send_currency},
        "receivingAmount": {"value": f"{max(received, Decimal(0)):.2f}", "currency": pair.receive_currency},
        "fee": {"value": f"{fee:.2f}", "valueBeforeDiscount": f"{price.fee:.2f}", "currency": pair.send_currency},
        "rate": {"value": format(rate, "f")},
        "promotion": {"isApplied": fee_off or rate_better, "isFxDiscountApplied": rate_better},
        "visibility": {"estimateLabel": delivery},
    }


def _unavailable(query: Mapping[str, str], amount: Decimal) -> dict[str, Any]:
    return {
        "code": "standard",
        "isDefault": True,
        "availability": {"isAvailable": False},
        "payIn": {"code": "bank"},
        "payOut": {"code": "bankAccount"},
        "sendingAmount": {"value": f"{amount:.2f}", "currency": query["fromCurrencyCode"].upper()},
        "receivingAmount": None,
        "fee": None,
        "rate": None,
        "promotion": {"isApplied": False, "isFxDiscountApplied": False},
        "visibility": {"estimateLabel": None},
    }
