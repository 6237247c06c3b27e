"""The sandbox's Wise, asked for a quote of its own without a token: POST /v3/quotes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from remitwatch.corridors import Corridor
from scrapers.sandbox.market import WISE
from scrapers.sandbox.wire import Answer, Question, json_answer
from scrapers.sandbox.world import Sold, World

_CENT = Decimal("0.01")
# way of paying in -> what it adds to the fee, per cent of the amount; None: switched off
_PAY_INS: dict[str, str | None] = {"BALANCE": None, "BANK_TRANSFER": "0", "DEBIT": "0.6", "CREDIT": None}


def answer(world: World, question: Question, day: date) -> Answer:
    """One option a way of paying in, at the mid rate, fee taken out; 422 for a route that Wise has not.

    A quote knows currencies only: the price is that of the market's first corridor with them.
    """
    if question.path != "/v3/quotes":
        return json_answer({"error": "Not Found"}, 404)
    asked = question.json()
    send, receive, amount = asked["sourceCurrency"], asked["targetCurrency"], Decimal(asked["sourceAmount"])
    sold = next((one for one in _wise(world, day) if _currencies(one.corridor) == (send, receive)), None)
    if sold is None:
        message = f"no route from {send} to {receive}"
        return json_answer({"errors": [{"code": "error.route.not.supported", "message": message}]}, 422)
    price = world.price(sold, day, amount)
    created = datetime.combine(day, time(5, 30), UTC)
    options = [
        _option(pay_in, extra, amount, price.fee, price.mid, created, (send, receive))
        for pay_in, extra in _PAY_INS.items()
    ]
    return json_answer(
        {
            "sourceCurrency": send,
            "targetCurrency": receive,
            "sourceAmount": amount,
            "rate": price.mid,
            "rateType": "FIXED",
            "createdTime": _text(created),
            "rateExpirationTime": _text(created + timedelta(minutes=30)),
            "providedAmountType": "SOURCE",
            "payOut": "BANK_TRANSFER",
            "preferredPayIn": "BANK_TRANSFER",
            "guaranteedTargetAmount": False,
            "paymentOptions": options,
        }
    )


def _wise(world: World, day: date) -> list[Sold]:
    return [sold for key in world.corridors for sold in world.services(key, day) if sold.firm.key == WISE]


def _currencies(corridor: Corridor) -> tuple[str, str]:
    return corridor.send_currency, corridor.receive_currency


def _option(
    pay_in: str,
    extra: str | None,
    amount: Decimal,
    fee: Decimal,
    mid: Decimal,
    created: datetime,
    currencies: tuple[str, str],
) -> dict[str, Any]:
    total = (fee + amount * Decimal(extra or 0) / 100).quantize(_CENT, rounding=ROUND_HALF_UP)
    option: dict[str, Any] = {
        "disabled": extra is None or total >= amount,
        "estimatedDelivery": _text(created + timedelta(seconds=20)),
        "formattedEstimatedDelivery": "in seconds",
        "payIn": pay_in,
        "payOut": "BANK_TRANSFER",
        "sourceAmount": amount,
        "targetAmount": max(((amount - total) * mid).quantize(_CENT, rounding=ROUND_HALF_UP), Decimal(0)),
        "sourceCurrency": currencies[0],
        "targetCurrency": currencies[1],
        "fee": {"transferwise": total, "payIn": 0, "discount": 0, "partner": 0, "total": total},
    }
    if option["disabled"]:
        option["disabledReason"] = {"code": "error.payInmethod.disabled", "message": "not for this transfer"}
    return option


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
