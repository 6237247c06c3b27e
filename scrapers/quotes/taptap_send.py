"""Taptap Send: two answers for all corridors: the fees that pay-out partners take, and the rates with fee schedules.

A rate holds for every amount; the fee follows from the corridor's schedule: flat plus a percentage with a cap
(`standard`), steps of the amount (`tiered`), or none where no schedule is given. A schedule of another kind makes the
corridor unavailable: an unknown fee is not a fee of 0. A pay-out partner's fee comes on top of the schedule's; where
partners are listed there is one price a partner. A government's incentive is not part of the price and only noted.
Received amounts, ways of paying in and the time of the rates are not stated.

The headers are the ones that the feed demands of every caller, with which the owner's own public widget asks it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from remitwatch.countries import find_country
from remitwatch.fields import exact_decimal
from remitwatch.quotes import Basis, FeeModel, Inquiry
from remitwatch.services import AccessPoint, PaymentInstrument, PickupMethod
from scrapers.base import AnswerError, Record, Refused, Request, Response, Scraper, each
from scrapers.labels import fold

FEES_URL = "https://api.taptapsend.com/api/website/v1/provider-fees"
RATES_URL = "https://api.taptapsend.com/api/fxRates"
HEADERS = {"Appian-Version": "web/2022-05-03.0", "X-Device-Id": "web", "X-Device-Model": "web"}
PICKUP_METHOD = {
    "bank": PickupMethod.BANK_ACCOUNT,
    "bank transfer": PickupMethod.BANK_ACCOUNT,
    "bank account": PickupMethod.BANK_ACCOUNT,
    "mobile wallet": PickupMethod.MOBILE_WALLET,
    "cash pickup": PickupMethod.CASH,
}
SCHEDULES = ("standard", "tiered")


class TaptapSend(Scraper):
    """Two requests in all: the partners' fees lead to the rates, which are read together with them."""

    answer_statuses = frozenset({200, 400})
    leads_to = "one more request for the rates"

    def requests(self, inquiries: Sequence[Inquiry]) -> Iterator[Request]:
        if inquiries:
            yield Request(FEES_URL, inquiries=tuple(inquiries))

    def parse(self, response: Response) -> Iterator[Record]:
        if response.status == 400:
            why = "BAD_HEADER: the headers that it demands are others now" if b"BAD_HEADER" in response.body else ""
            raise AnswerError("changed", f"answered 400 {why}".rstrip())
        answer, inquiries = response.json(), response.request.inquiries
        if "fees" not in response.request.context:
            context = {"fees": json.dumps(_partner_fees(answer, inquiries), default=str, separators=(",", ":"))}
            yield Request(RATES_URL, inquiries=inquiries, headers=HEADERS, context=context)
            return
        countries = answer["availableCountries"]
        if not isinstance(countries, list) or not countries:
            raise AnswerError("changed", "availableCountries: expected a list of countries")
        fees = json.loads(response.request.context["fees"])
        for inquiry in inquiries:
            yield from self._corridor(inquiry, countries, fees.get(_key(inquiry), []))

    def _corridor(
        self, inquiry: Inquiry, countries: Sequence[Mapping[str, Any]], partners: Sequence[Any]
    ) -> Iterator[Record]:
        rows = list(_rows(countries, inquiry))
        if not rows:
            yield inquiry.not_offered("the corridor is not among those listed", self.definition.provider)
        yield from each(rows, lambda row: self._read(row, partners, inquiry))

    def _read(self, row: Mapping[str, Any], partners: Sequence[Any], inquiry: Inquiry) -> Iterator[Record]:
        schedule = row.get("feeSchedule")
        if schedule is not None and schedule["type"] not in SCHEDULES:
            why = f"its fee schedule is of the unknown kind {schedule['type']!r}"
            yield Refused({"corridor": str(inquiry), "row": row}, why)
            yield inquiry.not_offered(why, self.definition.provider)
            return
        fee = _fee(schedule, inquiry.send_amount)
        service: dict[str, Any] = {
            "provider": self.definition.provider,
            "basis": Basis.STANDARD,
            "payment_instrument": PaymentInstrument.UNKNOWN,
            "access_point": AccessPoint.INTERNET,
            "fee_model": FeeModel.UNKNOWN,
            "rate": exact_decimal(row["fxRate"]),
            "note": _note(row),
        }
        if not partners:
            yield inquiry.quote(pickup_method=PickupMethod.UNKNOWN, fee=fee, **service)

        def with_partner(partner: Mapping[str, Any]) -> Iterator[Record]:
            if partner.get("currency") not in (None, inquiry.corridor.send_currency):
                raise ValueError(f"the fee of a partner is in {partner['currency']}: its reading is not documented")
            name = fold(partner["literal"])
            total = fee + exact_decimal(partner["fee"])
            yield inquiry.quote(pickup_method=PICKUP_METHOD[name], product=name, fee=total, **service)

        yield from each(partners, with_partner)


def _key(inquiry: Inquiry) -> str:
    return f"{find_country(inquiry.corridor.sender).iso2}-{find_country(inquiry.corridor.receiver).iso2}"


def _partner_fees(answer: Any, inquiries: Sequence[Inquiry]) -> dict[str, list[Any]]:
    """The partners' fees (sender -> receiver -> list) of the corridors asked for, by `US-PH`."""
    if not isinstance(answer, dict) or not all(isinstance(below, dict) for below in answer.values()):
        raise AnswerError("changed", "expected the partners' fees by sending and receiving country")
    found: dict[str, list[Any]] = {}
    for key in dict.fromkeys(_key(inquiry) for inquiry in inquiries):
        sender, receiver = key.split("-")
        partners = answer.get(sender, {}).get(receiver, [])
        if not isinstance(partners, list):
            raise AnswerError("changed", f"{key}: expected a list of partners, got {type(partners).__name__}")
        if partners:
            found[key] = partners
    return found


def _rows(countries: Sequence[Mapping[str, Any]], inquiry: Inquiry) -> Iterator[Mapping[str, Any]]:
    """The rows of the feed for a corridor in its two currencies."""
    corridor = inquiry.corridor
    sender, receiver = find_country(corridor.sender).iso2, find_country(corridor.receiver).iso2
    for country in countries:
        if (country["isoCountryCode"], country["currency"]) == (sender, corridor.send_currency):
            for row in country["corridors"]:
                if (row["isoCountryCode"], row["currency"]) == (receiver, corridor.receive_currency):
                    yield row


def _fee(schedule: Mapping[str, Any] | None, amount: Decimal) -> Decimal:
    """The fee of an amount, in the send currency; 0 where no schedule is given, as the owner's widget shows it."""
    if schedule is None:
        return Decimal(0)
    if schedule["type"] == "standard":
        fee = exact_decimal(schedule["flatFee"]) + exact_decimal(schedule["feePercent"]) * amount / 100
        return fee if schedule["maxFee"] is None else min(fee, exact_decimal(schedule["maxFee"]))
    steps = [(exact_decimal(step["minValue"]), exact_decimal(step["fee"])) for step in schedule["tiers"]]
    reached = [step for step in steps if step[0] <= amount]
    if not reached:
        raise ValueError(f"no tier for the amount {amount}: the lowest is from {min(steps)[0] if steps else 'nowhere'}")
    return max(reached)[1]


def _note(row: Mapping[str, Any]) -> str:
    incentive = row.get("govIncentive")
    if incentive is None:
        return ""
    return f"with a government's incentive the rate is {incentive['effectiveFxRate']}: not part of the price"
