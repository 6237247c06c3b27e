"""Wise's own quote, without a token: one price a way of paying in, fee taken out of the amount, at the mid rate.

The quote knows currencies, no countries: they are the inquiry's. Ways of paying in that are switched off (for the
amount, for this visitor) have no price. A discount that is stated makes a price promotional: whose discount it is, is
not said. What only firms can use is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from remitwatch.fields import exact_decimal, utc_time
from remitwatch.quotes import Basis, FeeModel, Inquiry
from remitwatch.rates import RateScope, ReferenceRate
from remitwatch.services import AccessPoint, PaymentInstrument, PickupMethod, Speed
from scrapers.base import AnswerError, Record, Request, Response, Scraper, each
from scrapers.clean import as_json_number, speed_within

URL = "https://api.wise.com/v3/quotes"
BANK = (PaymentInstrument.BANK_ACCOUNT,)
DEBIT = (PaymentInstrument.DEBIT_CARD,)
CREDIT = (PaymentInstrument.CREDIT_CARD,)
PAYMENT_INSTRUMENT = {
    "BANK_TRANSFER": BANK,
    "SWIFT": BANK,
    "DIRECT_DEBIT": BANK,
    "FAST_DIRECT_DEBIT": BANK,
    "PISP": BANK,
    "POLI": BANK,
    "PAYNOW": BANK,
    "DEBIT": DEBIT,
    "MAESTRO": DEBIT,
    "VISA_DEBIT_OR_PREPAID": DEBIT,
    "MC_DEBIT_OR_PREPAID": DEBIT,
    "INTERNATIONAL_DEBIT": DEBIT,
    "INT_DEBIT_WITH_EUROPEAN_CARD": DEBIT,
    "CREDIT": CREDIT,
    "VISA_CREDIT": CREDIT,
    "MC_CREDIT": CREDIT,
    "INTERNATIONAL_CREDIT": CREDIT,
    "CARD": DEBIT + CREDIT,
    "APPLE_PAY": DEBIT + CREDIT,
    "GOOGLE_PAY": DEBIT + CREDIT,
    "BALANCE": (PaymentInstrument.UNKNOWN,),  # money that is at Wise already: no instrument of the survey's
}
FOR_FIRMS = frozenset({"VISA_BUSINESS_DEBIT", "VISA_BUSINESS_CREDIT", "MC_BUSINESS_DEBIT", "MC_BUSINESS_CREDIT"})
PICKUP_METHOD = {
    "BANK_TRANSFER": PickupMethod.BANK_ACCOUNT,
    "SWIFT": PickupMethod.BANK_ACCOUNT,
    "SWIFT_OUR": PickupMethod.BANK_ACCOUNT,
}
NO_ROUTE = 422


class WiseQuotes(Scraper):
    """One request an inquiry, one quote an enabled way of paying in."""

    answer_statuses = frozenset({200, NO_ROUTE})

    def requests(self, inquiries: Sequence[Inquiry]) -> Iterator[Request]:
        for inquiry in inquiries:
            question = {
                "sourceCurrency": inquiry.corridor.send_currency,
                "targetCurrency": inquiry.corridor.receive_currency,
                "sourceAmount": as_json_number(inquiry.send_amount),
                "targetAmount": None,
            }
            yield Request(URL, inquiries=(inquiry,), method="POST", json=question)

    def parse(self, response: Response) -> Iterator[Record]:
        answer, inquiry = response.json(), response.inquiry
        if response.status == NO_ROUTE:
            why = f"Wise has no such route or amount (422){_reason(answer)}"
            yield inquiry.not_offered(why, self.definition.provider)
            return
        _check_frame(answer, inquiry)
        yield from _mid(answer, inquiry)
        options = answer["paymentOptions"]
        closed: list[str] = []
        yield from each(options, lambda option: self._read(option, answer, inquiry, closed))
        if len(closed) == len(options):  # one open option is a price: then the closed ones say nothing
            why = "; ".join(closed) or "no way of paying in is offered"
            yield inquiry.not_offered(why[:500], self.definition.provider)

    def _read(
        self, option: Mapping[str, Any], answer: Mapping[str, Any], inquiry: Inquiry, closed: list[str]
    ) -> Iterator[Record]:
        pay_in, pay_out = option["payIn"], option["payOut"]
        if pay_in in FOR_FIRMS:
            closed.append(f"{pay_in} is for firms")
            return
        if option["disabled"] is not False:
            if option["disabled"] is not True:
                raise ValueError(f"disabled: expected true or false, got {option['disabled']!r}")
            reason = (option.get("disabledReason") or {}).get("code", "no reason given")
            closed.append(f"{pay_in} is disabled: {reason}")
            return
        _check_option(option, inquiry)
        discounted = exact_decimal(option["fee"].get("discount", 0)) != 0
        yield inquiry.quote(
            provider=self.definition.provider,
            basis=Basis.PROMOTIONAL if discounted else Basis.STANDARD,
            payment_instrument=PAYMENT_INSTRUMENT[pay_in],
            access_point=AccessPoint.INTERNET,
            pickup_method=PICKUP_METHOD[pay_out],
            product=_product(pay_in, pay_out, inquiry),
            speed=_speed(option.get("estimatedDelivery"), answer["createdTime"]),
            fee=exact_decimal(option["fee"]["total"]),
            fee_model=FeeModel.DEDUCTED,
            rate=exact_decimal(answer["rate"]),
            receive_amount=exact_decimal(option["targetAmount"]),
            quoted_at=utc_time(answer["createdTime"]),
        )


def _reason(answer: Any) -> str:
    """The words of a refusal, where it has any: its shape is not documented."""
    errors = answer.get("errors") if isinstance(answer, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    return f": {first['message']}"[:300] if isinstance(first, dict) and isinstance(first.get("message"), str) else ""


def _check_frame(answer: Mapping[str, Any], inquiry: Inquiry) -> None:
    """Refuse an answer to another question: its prices would be filed under the wrong corridor or amount."""
    asked = (inquiry.corridor.send_currency, inquiry.corridor.receive_currency, inquiry.send_amount, "SOURCE")
    got = (
        answer["sourceCurrency"],
        answer["targetCurrency"],
        exact_decimal(answer["sourceAmount"]),
        answer["providedAmountType"],
    )
    if got != asked:
        raise AnswerError("changed", f"the answer is for {got}: asked was {asked}")


def _check_option(option: Mapping[str, Any], inquiry: Inquiry) -> None:
    corridor = inquiry.corridor
    for field, expected in (("sourceCurrency", corridor.send_currency), ("targetCurrency", corridor.receive_currency)):
        if option.get(field, expected) != expected:
            raise ValueError(f"{field} {option[field]!r}: expected {expected}")
    if exact_decimal(option["sourceAmount"]) != inquiry.send_amount:
        raise ValueError(f"the option is for the amount {option['sourceAmount']}: asked was {inquiry.send_amount}")
    if "price" in option:  # says the fee a second time
        price = option["price"]["total"]["value"]
        if price["currency"] != corridor.send_currency or exact_decimal(price["amount"]) != exact_decimal(
            option["fee"]["total"]
        ):
            raise ValueError(f"price {price['amount']} {price['currency']} is not the fee {option['fee']['total']}")


def _mid(answer: Mapping[str, Any], inquiry: Inquiry) -> Iterator[Record]:
    """The rate of a Wise quote is the mid rate at its time."""
    corridor = inquiry.corridor
    if corridor.send_currency == corridor.receive_currency:
        return
    created = utc_time(answer["createdTime"])
    yield ReferenceRate(
        base=corridor.send_currency,
        quote=corridor.receive_currency,
        date=created.date(),
        rate=exact_decimal(answer["rate"]),
        scope=RateScope.RESPONSE,
        published_at=created,
    )


def _product(pay_in: str, pay_out: str, inquiry: Inquiry) -> str:
    """What tells Wise's services apart. A plain transfer from bank to bank has no name of its own: it is the service
    that the comparison prices too. In US dollars it may be a wire, dearer than a direct debit, so there it keeps its
    name."""
    plain_in = pay_in == "BANK_TRANSFER" and inquiry.corridor.send_currency != "USD"
    names = ["" if plain_in else pay_in, "" if pay_out == "BANK_TRANSFER" else pay_out]
    return "/".join(name for name in names if name)


def _speed(delivery: str | None, created: str) -> Speed:
    if delivery is None:
        return Speed.UNKNOWN
    takes = utc_time(delivery) - utc_time(created)
    return speed_within(takes) if takes.total_seconds() >= 0 else Speed.UNKNOWN
