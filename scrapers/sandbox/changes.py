"""How the answers of single sources of the sandbox are changed in scenarios."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from scrapers.sandbox.faults import Change, Play, edited, is_data, page, says, where
from scrapers.sandbox.fx import last_business_day
from scrapers.sandbox.wire import Answer

GBR_IND = {
    "wise_comparisons": says("sourceCountry=GB", "targetCountry=IN"),
    "wise_quotes": says('"GBP"', '"INR"'),
    "transfergo": says("fromCountryCode=GB", "toCountryCode=IN"),
    "sendwave": says("sendCountryIso2=gb", "receiveCountryIso2=in"),
    "instarem": says("computed-value", "country_code=GB", "destination_currency=INR"),
    "western_union": says('"GB"', '"IN"'),
    "xe": says('"GB"', '"IN"'),
}


def in_gbr_ind(source: str, change: Change) -> Change:
    return where(GBR_IND[source], change)


def everywhere(change: Change) -> Change:
    return where(is_data, change)


def as_always(play: Play) -> Answer:
    return play.answer()


def two_quotes_more(comparison: Any) -> None:
    """The first firm that is not Wise gets a general quote, which those for one country stand above, and one of
    another sending country in the same answer."""
    firm = next(one for one in comparison["providers"] if one["alias"] != "wise")
    (own,) = firm["quotes"][-1:]
    worse = (own["rate"] * 99 / 100).quantize(Decimal("0.0001"))
    received = ((comparison["amount"] - own["fee"]) * worse).quantize(Decimal("0.01"), ROUND_HALF_UP)
    general = {**own, "rate": worse, "receivedAmount": received, "sourceCountry": None, "targetCountry": None}
    firm["quotes"] = [general, {**own, "sourceCountry": "DE"}, {**general, "sourceCountry": "FR"}]


def as_version_3(comparison: Any) -> None:
    del comparison["amountType"]
    comparison["providerType"] = None
    for firm in comparison["providers"]:
        firm["logo"] = "https://logos.invalid/old.png"
        for quote in firm["quotes"]:
            del quote["sendAmount"], quote["isConsideredMidMarketRate"]
            quote["deliveryEstimation"]["durationType"] = "CALENDAR"
            quote["deliveryEstimation"]["deliveryDate"] = {"min": None, "max": None}


def a_day_old(comparison: Any) -> None:
    for firm in comparison["providers"]:
        for quote in firm["quotes"]:
            collected = datetime.fromisoformat(quote["dateCollected"].replace("Z", "+00:00"))
            quote["dateCollected"] = (collected - timedelta(hours=21)).strftime("%Y-%m-%dT%H:%M:%SZ")


def closed(*pay_ins: str) -> Change:
    """Ways of paying in are switched off (none named: all)."""

    def edit(answer: Any) -> None:
        for option in answer["paymentOptions"]:
            if not pay_ins or option["payIn"] in pay_ins:
                option["disabled"] = True
                option["disabledReason"] = {"code": "error.payInmethod.disabled", "message": "not for this amount"}

    return edited(edit)


def day_before(play: Play) -> Answer:
    """The list of the business day before: what a holiday leaves."""
    return play.answer(last_business_day(last_business_day(play.day) - timedelta(days=1)))


def one_day_only(rows: Any) -> None:
    """Only rates of the oldest day: older than was asked."""
    oldest = min(row["date"] for row in rows)
    older = str(date.fromisoformat(oldest) - timedelta(days=3))
    rows[:] = [{**row, "date": older} for row in rows if row["date"] == oldest]


def introductory(price: Any) -> None:
    rate = (Decimal(price["baseExchangeRate"]) * Decimal("1.005")).quantize(Decimal("0.0001"))
    received = (Decimal(price["sendAmount"]) * rate).quantize(Decimal("0.01"), ROUND_HALF_UP)
    price["effectiveExchangeRate"], price["receiveAmount"] = f"{rate}", f"{received}"
    price["campaignsApplied"] = [{"code": "NEW", "description": "Intro Rate Discount", "adjustmentBps": 50}]


def first_transfer(answer: Any) -> None:
    price = answer["data"]
    rate = (price["instarem_fx_rate"] * Decimal("1.006")).quantize(Decimal("0.0001"))
    received = ((price["gross_source_amount"] - price["transaction_fee_amount"]) * rate).quantize(Decimal("0.01"))
    price.update(instarem_fx_rate=rate, destination_amount=received, first_instarem_transaction=True)


def unknown_schedule(feed: Any) -> None:
    for country in feed["availableCountries"]:
        for row in country["corridors"]:
            if (country["isoCountryCode"], row["isoCountryCode"]) == ("GB", "IN"):
                row["feeSchedule"] = {"type": "lunar", "phases": ["1.99", "2.99"]}


def without_gbr_ind(feed: Any) -> None:
    for country in feed["availableCountries"]:
        if country["isoCountryCode"] == "GB":
            country["corridors"] = [row for row in country["corridors"] if row["isoCountryCode"] != "IN"]


def card_only(answer: Any) -> None:
    answer["options"] = [{**one, "isDefault": True} for one in answer["options"] if one["payIn"]["code"] == "card"]


def status(number: int, code: str, message: str) -> Change:
    def edit(catalog: Any) -> None:
        catalog["response_status"] = {"status": number, "code": code, "message": message}
        if number < 0:
            catalog["services_groups"] = []

    return edited(edit)


def with_comma(price: Any) -> None:
    price["effectiveExchangeRate"] = price["effectiveExchangeRate"].replace(".", ",")


def turned(change: Callable[[Decimal], Decimal]) -> Change:
    """A price with another rate, at which the received amount is right."""

    def edit(price: Any) -> None:
        rate = change(Decimal(price["baseExchangeRate"])).quantize(Decimal("0.000001"), ROUND_HALF_UP)
        price["baseExchangeRate"] = price["effectiveExchangeRate"] = f"{rate}"
        price["receiveAmount"] = f"{(Decimal(price['sendAmount']) * rate).quantize(Decimal('0.01'), ROUND_HALF_UP)}"

    return edited(edit)


def european(answer: Any) -> None:
    """Received amounts with the point and the comma the other way round."""
    for quote in answer["quote"]["individualQuotes"]:
        quote["buyAmount"] = quote["buyAmount"].translate(str.maketrans(",.", ".,"))


def no_rate(play: Play) -> Answer:
    """One day of the dollar without a rate in the csv of the data API."""
    right = play.answer()
    lines = right.body.decode().split("\r\n")
    cut = [line.rsplit(",", 1)[0] + "," if ".USD." in line and "2026-03-03" in line else line for line in lines]
    return Answer(right.status, right.content_type, "\r\n".join(cut).encode())


PAGE = "<!DOCTYPE html><html><head><title>{}</title></head><body>{}</body></html>"
CLOUDFLARE = PAGE.format("Just a moment...", "<script>window._cf_chl_opt={cType:'managed'};</script>")
INCAPSULA = PAGE.format("", "Request unsuccessful. Incapsula incident ID: 877000-1")
AKAMAI = PAGE.format("Access Denied", "You don't have permission to access this server. Reference #18.1")
WELCOME = PAGE.format("Welcome", "Send money today")
DENY_ONE = (
    "User-agent: *\nDisallow: /v4/\nAllow: *comparisons*sourceCurrency=*\n"
    "Disallow: *comparisons*sourceCurrency=GBP&targetCurrency=INR*\n"
)


def to_a_language(play: Play) -> Answer:
    """To the site's page in a language, which then comes with 200."""
    if play.question.path == "/en-gb/":
        return page(WELCOME)(play)
    if not GBR_IND["sendwave"](play):
        return play.answer()
    return Answer(302, "text/plain; charset=utf-8", b"", {"Location": "/en-gb/"})


def no_address(catalog: Any) -> None:
    """No resource of the data catalog has an address."""
    for resource in catalog["resources"]:
        resource["url"] = None
