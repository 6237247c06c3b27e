"""Sendwave: the provider's own calculator. Everything is text; the fee comes on top of the amount.

`base` figures are the standard price, `effective` ones what is charged now: the same, or with an introductory campaign.
The received amount follows from the effective rate (receiveAmount = sendAmount x effectiveExchangeRate) and the fee
is on top (payAmount = sendAmount + effectiveFeeAmount). How the sender pays in and how it is paid out is not said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from remitwatch.countries import find_country
from remitwatch.fields import exact_decimal
from remitwatch.quotes import Basis, FeeModel, Inquiry
from remitwatch.services import AccessPoint, PaymentInstrument, PickupMethod
from scrapers.base import AnswerError, Record, Request, Response, Scraper

URL = "https://app.sendwave.com/v2/pricing-public"
OVER_THE_LIMIT = "pricing-limit-violation"


class Sendwave(Scraper):
    """One request an inquiry; one quote, or two under a campaign."""

    answer_statuses = frozenset({200, 400})

    def requests(self, inquiries: Sequence[Inquiry]) -> Iterator[Request]:
        for inquiry in inquiries:
            corridor = inquiry.corridor
            params = {
                "amountType": "SEND",
                "amount": f"{inquiry.send_amount:f}",
                "sendCurrency": corridor.send_currency,
                "sendCountryIso2": find_country(corridor.sender).iso2.lower(),
                "receiveCurrency": corridor.receive_currency,
                "receiveCountryIso2": find_country(corridor.receiver).iso2.lower(),
            }
            yield Request(URL, params, (inquiry,))

    def parse(self, response: Response) -> Iterator[Record]:
        answer, inquiry = response.json(), response.inquiry
        if response.status == 400:
            if answer.get("code") != OVER_THE_LIMIT:
                raise AnswerError("changed", f"answered 400: {str(answer.get('code'))[:100]}")
            yield inquiry.not_offered(f"over the limit for this corridor ({OVER_THE_LIMIT})", self.definition.provider)
            return
        sent, rate, fee = (
            exact_decimal(answer[name]) for name in ("sendAmount", "effectiveExchangeRate", "effectiveFeeAmount")
        )
        base_rate, base_fee = exact_decimal(answer["baseExchangeRate"]), exact_decimal(answer["baseFeeAmount"])
        if sent != inquiry.send_amount:
            raise AnswerError("changed", f"the answer is for the amount {sent}: asked was {inquiry.send_amount}")
        if exact_decimal(answer["payAmount"]) != sent + fee:
            raise ValueError(f"payAmount {answer['payAmount']} is not sendAmount {sent} + fee {fee}")
        promoted = _campaigns(answer) or (rate, fee) != (base_rate, base_fee)
        service: dict[str, Any] = {
            "provider": self.definition.provider,
            "payment_instrument": PaymentInstrument.UNKNOWN,
            "access_point": AccessPoint.INTERNET,
            "pickup_method": PickupMethod.UNKNOWN,
            "fee_model": FeeModel.ADDED,
        }
        yield inquiry.quote(
            basis=Basis.PROMOTIONAL if promoted else Basis.STANDARD,
            fee=fee,
            rate=rate,
            receive_amount=exact_decimal(answer["receiveAmount"]),
            **service,
        )
        if promoted:  # the base figures are stated beside it: they are the standard price
            yield inquiry.quote(basis=Basis.STANDARD, fee=base_fee, rate=base_rate, **service)


def _campaigns(answer: Mapping[str, Any]) -> bool:
    """Whether the price is under a campaign."""
    campaigns = answer["campaignsApplied"]
    if not isinstance(campaigns, list):
        raise ValueError(f"campaignsApplied: expected a list, got {campaigns!r}")
    return bool(campaigns)
