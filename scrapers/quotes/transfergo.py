"""TransferGo: the provider's own price calculator: options of pay-in and pay-out, standard against promotional price.

First transfers are discounted, so the price that is shown to everybody is often a promotion: what is charged now is
filed as promotional, and a standard price beside it only where the undiscounted one is really stated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from remitwatch.countries import find_country
from remitwatch.fields import exact_decimal
from remitwatch.quotes import Basis, Inquiry, fee_model_that_adds_up
from remitwatch.services import AccessPoint, PaymentInstrument, PickupMethod, Speed
from scrapers.base import AnswerError, Record, Repaired, Request, Response, Scraper, each

URL = "https://my.transfergo.com/api/booking/quotes"
PAYMENT_INSTRUMENT = {
    "bank": (PaymentInstrument.BANK_ACCOUNT,),
    "card": (PaymentInstrument.DEBIT_CARD, PaymentInstrument.CREDIT_CARD),
}
PICKUP_METHOD = {"bankAccount": PickupMethod.BANK_ACCOUNT}
SPEED = {"in_one_business_day": Speed.NEXT_DAY}


class TransferGo(Scraper):
    """One request an inquiry; one quote (or two, under a promotion) an option."""

    def requests(self, inquiries: Sequence[Inquiry]) -> Iterator[Request]:
        for inquiry in inquiries:
            corridor = inquiry.corridor
            params = {
                "fromCurrencyCode": corridor.send_currency,
                "toCurrencyCode": corridor.receive_currency,
                "fromCountryCode": find_country(corridor.sender).iso2,
                "toCountryCode": find_country(corridor.receiver).iso2,
                "amount": f"{inquiry.send_amount:f}",
                "calculationBase": "sendAmount",
                "business": "0",
            }
            yield Request(URL, params, (inquiry,))

    def parse(self, response: Response) -> Iterator[Record]:
        inquiry = response.inquiry
        options = response.json()["options"]
        if not isinstance(options, list):
            raise AnswerError("changed", f"options: expected a list, got {type(options).__name__}")
        if not options:
            yield inquiry.not_offered("no option for this corridor and amount", self.definition.provider)
        closed: list[str] = []
        yield from each(options, lambda option: self._read(option, inquiry, closed))
        if options and len(closed) == len(options):  # one open option is a price: then the closed ones say nothing
            yield inquiry.not_offered("; ".join(closed)[:500], self.definition.provider)

    def _read(self, option: Mapping[str, Any], inquiry: Inquiry, closed: list[str]) -> Iterator[Record]:
        if not _flag(option["availability"], "isAvailable"):
            reason = option["availability"].get("reason") or "no reason given"
            closed.append(f"option {option['code']} is not available: {reason}")
            return
        _check_currencies(option, inquiry)
        rate, fee, full_fee = (
            exact_decimal(text)
            for text in (option["rate"]["value"], option["fee"]["value"], option["fee"]["valueBeforeDiscount"])
        )
        if full_fee < fee:
            raise ValueError(f"fee {fee} is above its value before the discount {full_fee}")
        received = exact_decimal(option["receivingAmount"]["value"])
        fx_discount = _flag(option["promotion"], "isFxDiscountApplied")
        promoted = _flag(option["promotion"], "isApplied") or fx_discount or fee != full_fee
        speed, known = _speed(option)
        service: dict[str, Any] = {
            "provider": self.definition.provider,
            "payment_instrument": PAYMENT_INSTRUMENT[option["payIn"]["code"]],
            "access_point": AccessPoint.INTERNET,
            "pickup_method": PICKUP_METHOD[option["payOut"]["code"]],
            "product": _product(option["code"]),
            "speed": speed,
            "fee_model": fee_model_that_adds_up(inquiry, fee, rate, received),
            "rate": rate,
        }
        basis = Basis.PROMOTIONAL if promoted else Basis.STANDARD
        yield inquiry.quote(basis=basis, fee=fee, receive_amount=received, **service)
        if promoted and not fx_discount and fee != full_fee:
            # only the fee is discounted, and the full fee is stated: that is the standard price
            yield inquiry.quote(basis=Basis.STANDARD, fee=full_fee, **service)
        if not known:
            yield Repaired("unknown_speed")


def _check_currencies(option: Mapping[str, Any], inquiry: Inquiry) -> None:
    corridor = inquiry.corridor
    for field, expected in (
        ("sendingAmount", corridor.send_currency),
        ("fee", corridor.send_currency),
        ("receivingAmount", corridor.receive_currency),
    ):
        if option[field]["currency"] != expected:
            raise ValueError(f"{field} in {option[field]['currency']}: expected {expected}")
    if exact_decimal(option["sendingAmount"]["value"]) != inquiry.send_amount:
        raise ValueError(f"sendingAmount {option['sendingAmount']['value']}: asked was {inquiry.send_amount}")


def _product(code: Any) -> str:
    if not isinstance(code, str) or not code.strip():
        raise ValueError(f"code: expected the option's name, got {code!r}")  # it tells two services apart
    return code


def _flag(flags: Mapping[str, Any], name: str) -> bool:
    value = flags[name]
    if not isinstance(value, bool):
        raise ValueError(f"{name}: expected true or false, got {value!r}")
    return value


def _speed(option: Mapping[str, Any]) -> tuple[Speed, bool]:
    """The stated delivery, and whether its label is known: speed is no part of a service's identity or price, so a
    label that is new does not cost the quote; it is `unknown` and counted."""
    label = (option.get("visibility") or {}).get("estimateLabel")
    return (Speed.UNKNOWN, True) if label is None else (SPEED.get(label, Speed.UNKNOWN), label in SPEED)
