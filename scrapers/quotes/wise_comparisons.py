"""Wise comparisons v4: Wise's own price and what Wise has collected of banks and other providers, bank to bank.

Competitors are collected about once an hour as a markup over the mid rate and re-applied to the day's mid rate: an
estimate, each with its own time. Only Wise's own row is a standard price. Fees come out of the amount sent. One
provider may carry several quotes, for different countries that share a currency. v3 answers lack some fields and are
read too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from remitwatch.corridors import Corridor
from remitwatch.countries import find_country, from_iso2
from remitwatch.fields import exact_decimal, utc_time
from remitwatch.quotes import Basis, FeeModel, Inquiry
from remitwatch.rates import RateScope, ReferenceRate
from remitwatch.services import (
    AccessPoint,
    PaymentInstrument,
    PickupMethod,
    Provider,
    ProviderType,
    Speed,
    provider_key,
)
from scrapers.base import AnswerError, Record, Request, Response, Scraper, each
from scrapers.clean import duration, speed_within, tidy

URL = "https://api.wise.com/v4/comparisons"
PROVIDER_TYPE = {
    "bank": ProviderType.BANK,
    "moneyTransferProvider": ProviderType.MONEY_TRANSFER_OPERATOR,
}


class WiseComparisons(Scraper):
    """All providers and quotes of the comparison, for one corridor and amount a request."""

    def requests(self, inquiries: Sequence[Inquiry]) -> Iterator[Request]:
        for inquiry in inquiries:
            corridor = inquiry.corridor
            params = {
                "sourceCurrency": corridor.send_currency,
                "targetCurrency": corridor.receive_currency,
                "sendAmount": f"{inquiry.send_amount:f}",
                "sourceCountry": find_country(corridor.sender).iso2,
                "targetCountry": find_country(corridor.receiver).iso2,
            }
            yield Request(URL, params, (inquiry,))

    def parse(self, response: Response) -> Iterator[Record]:
        answer, inquiry = response.json(), response.inquiry
        _check_frame(answer, inquiry)
        providers = answer["providers"]
        if not providers:
            yield inquiry.not_offered("the comparison has no provider for this corridor and amount")
            return
        yield from each(_marked_as_mid(providers), lambda quote: _read_mid(quote, inquiry))
        yield from each(providers, lambda provider: _read_provider(provider, inquiry))


def _check_frame(answer: Mapping[str, Any], inquiry: Inquiry) -> None:
    """Refuse an answer to another question: its prices would be filed under the wrong corridor or amount."""
    asked = (inquiry.corridor.send_currency, inquiry.corridor.receive_currency, inquiry.send_amount)
    got = (answer["sourceCurrency"], answer["targetCurrency"], exact_decimal(answer["amount"]))
    if got != asked or answer.get("amountType", "SEND") != "SEND":
        raise AnswerError("changed", f"the answer is for {got}, {answer.get('amountType', 'SEND')}: asked was {asked}")


def _marked_as_mid(providers: Sequence[Any]) -> list[Mapping[str, Any]]:
    """The one quote whose rate is the mid rate of this answer: Wise's own before another provider's."""
    marked = [
        (provider.get("alias") != "wise", quote)
        for provider in providers
        if isinstance(provider, dict) and isinstance(provider.get("quotes"), list)
        for quote in provider["quotes"]
        if isinstance(quote, dict) and quote.get("isConsideredMidMarketRate") is True
    ]
    return [min(marked, key=lambda pair: pair[0])[1]] if marked else []


def _read_mid(quote: Mapping[str, Any], inquiry: Inquiry) -> Iterator[Record]:
    corridor = inquiry.corridor
    if corridor.send_currency == corridor.receive_currency:
        return
    collected = utc_time(quote["dateCollected"])
    yield ReferenceRate(
        base=corridor.send_currency,
        quote=corridor.receive_currency,
        date=collected.date(),
        rate=exact_decimal(quote["rate"]),
        scope=RateScope.RESPONSE,
        published_at=collected,
    )


def _read_provider(provider: Mapping[str, Any], inquiry: Inquiry) -> Iterator[Record]:
    """A provider's quotes, each for the corridor that it names or else the asked one. For one corridor only those
    apply that name most of its countries: a quote for one country stands in for the general one."""
    firm = {name: provider[name] for name in ("alias", "name", "type")}
    best: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for quote in provider["quotes"]:
        where = (
            quote.get("sourceCountry") or find_country(inquiry.corridor.sender).iso2,
            quote.get("targetCountry") or find_country(inquiry.corridor.receiver).iso2,
        )
        rivals = best.setdefault(where, [])
        if rivals and _named(quote) > _named(rivals[0]):
            rivals.clear()
        if not rivals or _named(quote) == _named(rivals[0]):
            rivals.append(quote)
    records = [
        {"provider": firm, "sender": sender, "receiver": receiver, "quote": quote}
        for (sender, receiver), quotes in best.items()
        for quote in quotes
    ]
    if not records:
        yield inquiry.not_offered("the comparison lists the provider without a quote", _provider(firm))
    yield from each(records, lambda record: _read(record, inquiry))


def _provider(firm: Mapping[str, Any]) -> Provider:
    return Provider(key=provider_key(firm["alias"]), name=tidy(firm["name"]), types=(PROVIDER_TYPE[firm["type"]],))


def _named(quote: Mapping[str, Any]) -> int:
    return bool(quote.get("sourceCountry")) + bool(quote.get("targetCountry"))


def _read(record: Mapping[str, Any], asked: Inquiry) -> Iterator[Record]:
    firm, quote = record["provider"], record["quote"]
    corridor = Corridor(
        sender=from_iso2(record["sender"]),
        receiver=from_iso2(record["receiver"]),
        send_currency=asked.corridor.send_currency,
        receive_currency=asked.corridor.receive_currency,
    )
    if quote.get("sendAmount") is not None and exact_decimal(quote["sendAmount"]) != asked.send_amount:
        raise ValueError(f"the quote is for the amount {quote['sendAmount']}: asked was {asked.send_amount}")
    # the tier carries over: another sending country with the same currency has the same local amounts
    yield Inquiry(corridor=corridor, send_amount=asked.send_amount, tier=asked.tier).quote(
        provider=_provider(firm),
        basis=Basis.STANDARD if firm["alias"] == "wise" else Basis.ESTIMATE,
        payment_instrument=PaymentInstrument.BANK_ACCOUNT,
        access_point=AccessPoint.INTERNET,
        pickup_method=PickupMethod.BANK_ACCOUNT,
        speed=_speed(quote.get("deliveryEstimation")),
        fee=exact_decimal(quote["fee"]),
        fee_model=FeeModel.DEDUCTED,
        rate=exact_decimal(quote["rate"]),
        receive_amount=exact_decimal(quote["receivedAmount"]),
        quoted_at=utc_time(quote["dateCollected"]),
    )


def _speed(delivery: Mapping[str, Any] | None) -> Speed:
    longest = ((delivery or {}).get("duration") or {}).get("max")
    return Speed.UNKNOWN if longest is None else speed_within(duration(longest))
