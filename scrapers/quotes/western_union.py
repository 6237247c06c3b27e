"""Western Union: the price catalog of the public site: services (how it is paid out) x ways of paying in.

The fee comes on top of the amount: received = send_amount x fx_rate, gross_amount = send_amount + gross_fee. A fee
below the base fee is a promotion: which of the two everybody pays is not said, so no standard price is made of it. A
catalog that is refused for this channel (countries that sell at counters only) is an answer without a price.

Off by default: see the definition.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from remitwatch.countries import find_country
from remitwatch.fields import exact_decimal
from remitwatch.quotes import Basis, FeeModel, Inquiry
from remitwatch.services import AccessPoint, PaymentInstrument, PickupMethod, Speed
from scrapers.base import AnswerError, Record, Repaired, Request, Response, Scraper, each
from scrapers.clean import speed_within

URL = "https://www.westernunion.com/wuconnect/prices/catalog"
PICKUP_METHOD = {
    "000": PickupMethod.CASH,
    "500": PickupMethod.BANK_ACCOUNT,
    "800": PickupMethod.MOBILE_WALLET,
}
PAYMENT_INSTRUMENT = {
    "EB": PaymentInstrument.BANK_ACCOUNT,
    "TR": PaymentInstrument.BANK_ACCOUNT,
    "AC": PaymentInstrument.BANK_ACCOUNT,
    "CC": PaymentInstrument.CREDIT_CARD,
    "CA": PaymentInstrument.CASH,
}
NOT_SOLD = "MISSING PRICING SETUP"


class WesternUnion(Scraper):
    """One request an inquiry, one quote a service and way of paying in."""

    def requests(self, inquiries: Sequence[Inquiry]) -> Iterator[Request]:
        for inquiry in inquiries:
            corridor = inquiry.corridor
            sender, receiver = find_country(corridor.sender).iso2, find_country(corridor.receiver).iso2
            question = {
                "header_request": {"version": "0.5", "request_type": "PRICECATALOG"},
                "sender": {
                    "client": "WUCOM",
                    "channel": "WWEB",
                    "funds_in": "*",
                    "curr_iso3": corridor.send_currency,
                    "cty_iso2_ext": sender,
                    "send_amount": f"{inquiry.send_amount:.2f}",
                },
                "receiver": {"curr_iso3": corridor.receive_currency, "cty_iso2_ext": receiver, "cty_iso2": receiver},
            }
            yield Request(URL, inquiries=(inquiry,), method="POST", json=question)

    def parse(self, response: Response) -> Iterator[Record]:
        answer, inquiry = response.json(), response.inquiry
        state = answer["response_status"]
        said = f"{state['code']} {state['message']}".strip()[:300] or f"status {state['status']}"
        if exact_decimal(state["status"]) < 0:
            if NOT_SOLD not in said:
                raise AnswerError("refused", f"the catalog is refused: {said}")
            yield inquiry.not_offered(f"not sold on the site: {said}", self.definition.provider)
            return
        _check_frame(answer, inquiry)
        if state["status"] != 0:
            yield Repaired("source_warning")  # the catalog is whole all the same
        offers = [(group, pay) for group in answer["services_groups"] for pay in group["pay_groups"]]
        closed: list[str] = []
        yield from each(offers, lambda offer: self._read(offer[0], offer[1], inquiry, closed))
        if len(closed) == len(offers):
            why = "; ".join(closed) or "the catalog is empty"
            yield inquiry.not_offered(why[:500], self.definition.provider)

    def _read(
        self, group: Mapping[str, Any], pay: Mapping[str, Any], inquiry: Inquiry, closed: list[str]
    ) -> Iterator[Record]:
        name = f"{group['service']}/{pay['fund_in']}"
        amount, fee = inquiry.send_amount, exact_decimal(pay["gross_fee"])
        least, most = (exact_decimal(pay.get(field, amount)) for field in ("min_amount", "max_amount"))
        if not least <= amount <= most:
            closed.append(f"{name} is sold from {least} to {most}: outside the limit")
            return
        if exact_decimal(pay["send_amount"]) != amount:
            raise ValueError(f"the price is for the amount {pay['send_amount']}: asked was {amount}")
        if "gross_amount" in pay and exact_decimal(pay["gross_amount"]) != amount + fee:
            raise ValueError(f"gross_amount {pay['gross_amount']} is not {amount} + gross_fee {fee}")
        promoted = fee < exact_decimal(pay.get("base_fee", fee))
        yield inquiry.quote(
            provider=self.definition.provider,
            basis=Basis.PROMOTIONAL if promoted else Basis.STANDARD,
            payment_instrument=PAYMENT_INSTRUMENT[pay["fund_in"]],
            access_point=AccessPoint.INTERNET,
            pickup_method=PICKUP_METHOD[group["service"]],
            product=name,
            speed=_speed(group.get("speed_days")),
            fee=fee,
            fee_model=FeeModel.ADDED,
            rate=exact_decimal(pay["fx_rate"]),
            receive_amount=exact_decimal(pay["receive_amount"]),
        )


def _check_frame(answer: Mapping[str, Any], inquiry: Inquiry) -> None:
    """Refuse an answer to another question: its prices would be filed under the wrong corridor."""
    corridor, sender, receiver = inquiry.corridor, answer["sender"], answer["receiver"]
    asked = (
        find_country(corridor.sender).iso2,
        corridor.send_currency,
        find_country(corridor.receiver).iso2,
        corridor.receive_currency,
    )
    got = (sender["cty_iso2_ext"], sender["curr_iso3"], receiver["cty_iso2_ext"], receiver["curr_iso3"])
    if got != asked:
        raise AnswerError("changed", f"the answer is for {got}: asked was {asked}")


def _speed(days: Any) -> Speed:
    """Within 0 days is the same day, not within the hour: a promise is never made better."""
    if days is None:
        return Speed.UNKNOWN
    if isinstance(days, bool) or not isinstance(days, int) or days < 0:
        raise ValueError(f"speed_days: expected a number of days, got {days!r}")
    return Speed.SAME_DAY if days == 0 else speed_within(dt.timedelta(days=min(days, 365)))
