"""Instarem: the provider's own calculator: first the ways of paying in for an amount, then a price for each.

The price shown to a visitor is that of a first transfer. Where it differs from the regular rate or fee, which the
answer states beside it, it is promotional and the regular one is the standard price; where the regular one is not
stated for this amount there is no standard price. Whether the fee is taken out of the amount or comes on top is told by
the sum. How the money is paid out is not said. `fx_rate` is not used: nothing says whether it is a mid rate.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from remitwatch.countries import find_country
from remitwatch.fields import exact_decimal, utc_time
from remitwatch.quotes import Basis, FeeModel, Inquiry, fee_model_that_adds_up
from remitwatch.services import AccessPoint, PaymentInstrument, PickupMethod
from scrapers.base import AnswerError, Record, Request, Response, Scraper, each
from scrapers.labels import fold

PAY_INS_URL = "https://www.instarem.com/api/v1/public/payment-method/fee"
PRICE_URL = "https://www.instarem.com/api/v1/public/transaction/computed-value"
PAYMENT_INSTRUMENT = {
    "bank transfer": (PaymentInstrument.BANK_ACCOUNT,),
    "direct debit": (PaymentInstrument.BANK_ACCOUNT,),
    "ach direct debit": (PaymentInstrument.BANK_ACCOUNT,),
    "ach/direct debit": (PaymentInstrument.BANK_ACCOUNT,),
    "debit card": (PaymentInstrument.DEBIT_CARD,),
    "credit card": (PaymentInstrument.CREDIT_CARD,),
    "debit/credit card": (PaymentInstrument.DEBIT_CARD, PaymentInstrument.CREDIT_CARD),
}
FEES = ("transaction_fee_amount", "payment_method_fee_amount", "payout_method_fee_amount")


class Instarem(Scraper):
    """One request an inquiry and one more a way of paying in; one quote, or two under a promotion, for each."""

    leads_to = "one more request for each way of paying in"

    def requests(self, inquiries: Sequence[Inquiry]) -> Iterator[Request]:
        for inquiry in inquiries:
            yield Request(PAY_INS_URL, _route(inquiry), (inquiry,))

    def parse(self, response: Response) -> Iterator[Record]:
        answer, inquiry = response.json(), response.inquiry
        if answer["success"] is not True:
            raise AnswerError("refused", f"it says no success: {str(answer.get('message'))[:200]}")
        if "pay_in" in response.request.context:
            yield from self._price(answer["data"], response.request.context["pay_in"], inquiry)
            return
        pay_ins = answer["data"]
        if not pay_ins:
            yield inquiry.not_offered("no way of paying in for this corridor and amount", self.definition.provider)
        yield from each(pay_ins, lambda pay_in: _ask_price(pay_in, inquiry))

    def _price(self, price: Mapping[str, Any], pay_in: str, inquiry: Inquiry) -> Iterator[Record]:
        _check_frame(price, inquiry)
        rate, fee = exact_decimal(price["instarem_fx_rate"]), _sum(price, FEES)
        received = exact_decimal(price["destination_amount"])
        regular = _regular(price, inquiry)
        first = price["first_instarem_transaction"]
        if not isinstance(first, bool):
            raise ValueError(f"first_instarem_transaction: expected true or false, got {first!r}")
        promoted = first if regular is None else (rate, fee) != regular
        service: dict[str, Any] = {
            "provider": self.definition.provider,
            "payment_instrument": PAYMENT_INSTRUMENT[pay_in],
            "access_point": AccessPoint.INTERNET,
            "pickup_method": PickupMethod.UNKNOWN,
            "product": pay_in,
            "fee_model": fee_model_that_adds_up(inquiry, fee, rate, received),
            "quoted_at": _updated(price["transaction_config"]),
        }
        basis = Basis.PROMOTIONAL if promoted else Basis.STANDARD
        yield inquiry.quote(basis=basis, fee=fee, rate=rate, receive_amount=received, **service)
        if promoted and regular is not None:
            if fee == 0:  # a sum without a fee does not tell how a fee would be taken
                service["fee_model"] = FeeModel.UNKNOWN
            yield inquiry.quote(basis=Basis.STANDARD, rate=regular[0], fee=regular[1], **service)


def _route(inquiry: Inquiry) -> dict[str, str]:
    corridor = inquiry.corridor
    return {
        "source_currency": corridor.send_currency,
        "destination_currency": corridor.receive_currency,
        "country_code": find_country(corridor.sender).iso2,
        "source_amount": f"{inquiry.send_amount:f}",
    }


def _ask_price(pay_in: Mapping[str, Any], inquiry: Inquiry) -> Iterator[Record]:
    """The request for the price of a way of paying in. Only the first answer has its name, so that goes along."""
    key, name = pay_in["key"], fold(pay_in["text"])
    if name not in PAYMENT_INSTRUMENT:
        raise KeyError(name)
    if isinstance(key, bool) or not isinstance(key, int | str):
        raise ValueError(f"key: expected a number or text, got {key!r}")
    params = {**_route(inquiry), "instarem_bank_account_id": str(key)}
    yield Request(PRICE_URL, params, (inquiry,), context={"pay_in": name})


def _check_frame(price: Mapping[str, Any], inquiry: Inquiry) -> None:
    """Refuse an answer to another question: its prices would be filed under the wrong corridor or amount."""
    asked = (inquiry.corridor.send_currency, inquiry.corridor.receive_currency, inquiry.send_amount)
    got = (price["source_currency"], price["destination_currency"], exact_decimal(price["gross_source_amount"]))
    if got != asked:
        raise AnswerError("changed", f"the answer is for {got}: asked was {asked}")


def _regular(price: Mapping[str, Any], inquiry: Inquiry) -> tuple[Decimal, Decimal] | None:
    """The regular rate and fee, the price of every further transfer; None where they are not stated for this amount."""
    config, rate = price["transaction_config"], price.get("regular_instarem_fx_rate")
    if rate is None:
        return None
    if price.get("regular_transaction_fee_amount") is not None:
        return exact_decimal(rate), _sum(price, ("regular_transaction_fee_amount", *FEES[1:]))
    fee = config.get("regular_total_fee_amount")
    if fee is None or exact_decimal(config.get("from_currency_amount", inquiry.send_amount)) != inquiry.send_amount:
        return None  # the configuration may speak of another amount
    return exact_decimal(rate), exact_decimal(fee)


def _sum(price: Mapping[str, Any], names: Sequence[str]) -> Decimal:
    return sum((exact_decimal(price[name]) for name in names), Decimal(0))


def _updated(config: Mapping[str, Any]) -> dt.datetime | None:
    """When the rate was updated; None where the source does not say in which zone."""
    text = config.get("fx_rate_last_updated")
    if text is None or dt.datetime.fromisoformat(text).tzinfo is None:
        return None
    return utc_time(text)
