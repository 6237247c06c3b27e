"""The sandbox's comparison service, in the shape of Wise's public comparisons (version 4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from remitwatch.countries import find_country
from remitwatch.fields import exact_decimal
from remitwatch.services import ProviderType, Speed
from scrapers.sandbox.fx import six_digits
from scrapers.sandbox.market import WISE
from scrapers.sandbox.marks import MARK
from scrapers.sandbox.wire import HTML, Answer, Question, json_answer
from scrapers.sandbox.world import Sold, World

PATHS = ("/v4/comparisons", "/v4/comparisons/")
ROBOTS = (
    "User-agent: Wget\nUser-agent: HTTrack\nUser-agent: WebFetch\nDisallow: /\n\n"
    "User-agent: *\n"
    "Allow: *gateway*sourceCurrency=*\n"
    "Allow: *comparisons*sourceCurrency=*\n"
    "Disallow: /*/*/currency-converter/\n"
    "Disallow: */send-money/?sourceCurrency=*\n"
)
CHALLENGE = (
    '<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title>'
    f"<!-- {MARK} --></head><body><noscript>Enable JavaScript and cookies to continue</noscript>"
    "<script>(function(){window._cf_chl_opt={cType:'managed'};}());</script></body></html>"
).encode()
_SENDERS = ("GBR", "USA", "DEU", "ESP")
_MOST = 10**9
_CENT = Decimal("0.01")
_ESTIMATES: dict[Speed, tuple[str, str]] = {
    Speed.WITHIN_HOUR: ("PT0S", "PT14M2.5S"),
    Speed.SAME_DAY: ("PT2H", "PT20H8M16.305111S"),
    Speed.NEXT_DAY: ("PT24H", "PT24H"),
    Speed.TWO_DAYS: ("PT24H", "PT48H"),
    Speed.THREE_TO_FIVE_DAYS: ("PT72H", "PT120H"),
    Speed.SIX_DAYS_OR_MORE: ("PT144H", "PT168H"),
}


def answer(world: World, question: Question, day: date) -> Answer:
    """The comparison for a query on a day. Wrong queries get 400 with the reason, unknown pairs an empty list.

    `recipientGetsAmount` is refused with 501: nothing here asks for it.
    """
    path, query = question.path, question.query
    if path not in PATHS:
        return json_answer({"timestamp": f"{day}T00:00:00Z", "status": 404, "error": "Not Found", "path": path}, 404)
    fault = world.fault("wise_comparisons", day)
    if fault is not None and fault.kind == "blocked":
        return Answer(200, HTML, CHALLENGE)
    for name in ("sourceCurrency", "targetCurrency"):
        if not (len(query.get(name, "")) == 3 and query[name].isalpha() and query[name].isupper()):
            return _wrong(name, "must be a currency code of three letters")
    for name in ("sourceCountry", "targetCountry", "providerCountry"):
        if name in query and not (len(query[name]) == 2 and query[name].isalpha()):
            return _wrong(name, "must be a country code of two letters")
    if ("sendAmount" in query) == ("recipientGetsAmount" in query):
        return _wrong("sendAmount", "exactly one of sendAmount and recipientGetsAmount is required")
    if "sendAmount" not in query:
        return json_answer({"errors": [{"code": "NOT_IMPLEMENTED", "message": "the sandbox answers sendAmount"}]}, 501)
    try:
        amount = exact_decimal(query["sendAmount"])
    except ValueError:
        return _wrong("sendAmount", "must be a number")
    if not 0 < amount <= _MOST:
        return _wrong("sendAmount", f"must be greater than 0 and at most {_MOST}")
    corridor = _corridor(world, query)
    providers = [] if corridor is None else list(_providers(world, corridor, day, amount))
    wanted = [name for name in query.get("providers", "").split(",") if name]
    types = [name for name in query.get("providerTypes", "").split(",") if name]
    return json_answer(
        {
            "sourceCurrency": query["sourceCurrency"],
            "targetCurrency": query["targetCurrency"],
            "sourceCountry": query.get("sourceCountry"),
            "targetCountry": query.get("targetCountry"),
            "providerCountry": query.get("providerCountry"),
            "providerTypes": types or ["bank", "moneyTransferProvider"],
            "amount": amount,
            "amountType": "SEND",
            "providers": [
                entry
                for entry in providers
                if (not wanted or entry["alias"] in wanted) and (not types or entry["type"] in types)
            ],
        }
    )


def _wrong(name: str, message: str) -> Answer:
    return json_answer({"errors": [{"code": "VALIDATION_ERROR", "message": f"{name}: {message}", "path": name}]}, 400)


def _corridor(world: World, query: Mapping[str, str]) -> str | None:
    """The corridor of the market that a query means; without countries the first with these currencies."""
    for key in world.corridors:
        pair = world.routes[key].corridor
        asked = (query.get("sourceCountry"), query.get("targetCountry"))
        countries = (find_country(pair.sender).iso2, find_country(pair.receiver).iso2)
        if (
            pair.sender in _SENDERS
            and (query["sourceCurrency"], query["targetCurrency"]) == (pair.send_currency, pair.receive_currency)
            and all(want is None or want.upper() == have for want, have in zip(asked, countries, strict=True))
        ):
            return key
    return None


def _providers(world: World, corridor: str, day: date, amount: Decimal) -> Iterator[dict[str, Any]]:
    """One entry a firm: the cheapest of what it sells from account to account, best for the receiver first."""
    best: dict[str, tuple[Decimal, dict[str, Any]]] = {}
    for sold in world.services(corridor, day):
        if not (sold.product.account_to_account and sold.firm.discloses_rate):
            continue
        quotes = _quotes(world, sold, day, amount)
        if not quotes:
            continue
        received = quotes[-1]["receivedAmount"]
        if sold.firm.key not in best or received > best[sold.firm.key][0]:
            best[sold.firm.key] = (received, _entry(world, sold, quotes))
    yield from (entry for _, entry in sorted(best.values(), key=lambda item: (-item[0], item[1]["alias"])))


def _entry(world: World, sold: Sold, quotes: list[dict[str, Any]]) -> dict[str, Any]:
    firm = sold.firm
    picture = {"svgUrl": f"https://logos.invalid/{firm.alias}.svg", "pngUrl": f"https://logos.invalid/{firm.alias}.png"}
    none = {"svgUrl": None, "pngUrl": None}
    return {
        "id": 39 if firm.key == WISE else world.draws.between(100, 99_999, "id", firm.key),
        "alias": firm.alias,
        "name": firm.name,
        "type": "bank" if ProviderType.BANK in firm.types else "moneyTransferProvider",
        "partner": False,
        "logos": {"normal": picture, "inverse": none, "white": none, "circle": none, "altText": firm.name},
        "quotes": quotes,
    }


def _quotes(world: World, sold: Sold, day: date, amount: Decimal) -> list[dict[str, Any]]:
    """The quotes of one entry. Two firms show several: a general one first, then one for the countries asked."""
    collected = datetime.combine(day, time(5, 30), UTC) - timedelta(
        seconds=world.draws.between(0, 900 if sold.firm.key == WISE else 77_400, "seen", *sold.key, day.toordinal())
    )
    price = world.price(sold, collected.date(), amount)
    mid = world.mid(sold.route.key, day)
    sender = find_country(sold.corridor.sender).iso2
    receiver = find_country(sold.corridor.receiver).iso2
    if sold.firm.key == WISE:
        return _quote(amount, price.fee, mid, Decimal(0), collected, (None, None), sold, estimated=True)
    estimated = world.draws.number("states delivery", sold.firm.key) % 4 > 0
    # the comparison's own error: it keeps a mark-up for hours and is not the firm's own word
    off = world.draws.bell("estimate", *sold.key, day.toordinal() // 7).quantize(_CENT) * 10 * _CENT
    markup = price.margin + off
    quotes = []
    if sold.firm.key == "zephyrel_remit" and sender in ("DE", "ES"):
        quotes += _quote(amount, price.fee, mid, markup + Decimal("0.4"), collected, (None, None), sold, estimated)
        quotes += _quote(amount, price.fee, mid, markup, collected, (sender, None), sold, estimated)
        return quotes
    specific = sold.firm.types[0] is ProviderType.BANK
    places = (sender, receiver) if specific else (None, None)
    return _quote(amount, price.fee, mid, markup, collected, places, sold, estimated)


def _quote(
    amount: Decimal,
    fee: Decimal,
    mid: Decimal,
    markup: Decimal,
    collected: datetime,
    places: tuple[str | None, str | None],
    sold: Sold,
    estimated: bool,
) -> list[dict[str, Any]]:
    """One quote, or none where the fee eats the amount up."""
    if fee >= amount:
        return []
    rate = six_digits(mid * (100 - markup) / 100)
    duration = None
    if estimated:
        low, high = ("PT0S", "PT0S") if sold.firm.key == WISE else _ESTIMATES[sold.product.speed]
        duration = {"min": low, "max": high}
    return [
        {
            "rate": rate,
            "fee": fee,
            "dateCollected": collected.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "sourceCountry": places[0],
            "targetCountry": places[1],
            "markup": markup,
            "receivedAmount": ((amount - fee) * rate).quantize(_CENT, rounding=ROUND_HALF_UP),
            "sendAmount": None,
            "isConsideredMidMarketRate": sold.firm.key == WISE,
            "deliveryEstimation": {"duration": duration, "providerGivesEstimate": estimated},
        }
    ]
