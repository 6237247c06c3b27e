"""What goes wrong in the world of sources, scenario by scenario, and how a collection must end in each.

A scenario is one source, what becomes of its answers, and the end that it must have. It is watched with
`python -m scrapers.sandbox --scenario NAME` and a collection beside it; the tests run every one of them.

The lines are those of the list of what was seen in the wild: 1 comparisons, 2 Wise's own quote, 3 finding the survey's
workbook, 4 World Bank API, 5 Data360, 6 ECB, 7 Frankfurter, 8 Sendwave, 9 Taptap Send, 10 promotions and cards only,
11 Western Union, 12 pages in place of data, 13 robots.txt, 14 odd numbers. Lines 3 to 5 are of sources that are read
from files here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from scrapers.sandbox import wise
from scrapers.sandbox.faults import Change, Play, data, edited, is_data, is_robots, page, replaced, says, text, where
from scrapers.sandbox.fx import last_business_day
from scrapers.sandbox.taptap_send import BAD_HEADER
from scrapers.sandbox.wire import Answer

__all__ = ["SCENARIOS", "Play", "Scenario"]


@dataclass(frozen=True)
class Scenario:
    """One source that goes wrong, and the end of a collection that asks it for all the sandbox's corridors (or, with
    `span`, for rates of that span; `times` how often in a row).

    `status`, `reason` and `exit_code` are those of the last run, `failures` the classes that its issues tell.
    `corridors` are those whose prices are not as without the scenario: in them there are `quotes` (basis -> number) and
    answers without a price (`not_offered`). Of all others every price is the same, unless the run fails: then there is
    none. `flags` are those that the prices in them must carry once they are priced. `rates` says for a source of rates
    whether any come.
    """

    name: str
    line: int
    source: str
    shows: str
    change: Change
    status: str = "ok"
    reason: str = ""
    exit_code: int = 0
    failures: frozenset[str] = frozenset()
    corridors: tuple[str, ...] = ()
    quotes: Mapping[str, int] = field(default_factory=dict)
    not_offered: int = 0
    flags: frozenset[str] = frozenset()
    rates: bool = True
    span: tuple[str, str] | None = None  # a span without an end ends today
    times: int = 1


GBR_IND = "GBR-IND"
_GBR_IND = {
    "wise_comparisons": says("sourceCountry=GB", "targetCountry=IN"),
    "wise_quotes": says('"GBP"', '"INR"'),
    "transfergo": says("fromCountryCode=GB", "toCountryCode=IN"),
    "sendwave": says("sendCountryIso2=gb", "receiveCountryIso2=in"),
    "instarem": says("computed-value", "country_code=GB", "destination_currency=INR"),
    "western_union": says('"GB"', '"IN"'),
    "xe": says('"GB"', '"IN"'),
}


def _in_gbr_ind(source: str, change: Change) -> Change:
    return where(_GBR_IND[source], change)


def _all(change: Change) -> Change:
    return where(is_data, change)


# the changes that take more than a line


def _as_always(play: Play) -> Answer:
    return play.answer()


def _two_quotes_more(comparison: Any) -> None:
    """The first firm that is not Wise gets a general quote, which those for one country stand above, and one of
    another sending country in the same answer."""
    firm = next(one for one in comparison["providers"] if one["alias"] != "wise")
    (own,) = firm["quotes"][-1:]
    worse = (own["rate"] * 99 / 100).quantize(Decimal("0.0001"))
    received = ((comparison["amount"] - own["fee"]) * worse).quantize(Decimal("0.01"), ROUND_HALF_UP)
    general = {**own, "rate": worse, "receivedAmount": received, "sourceCountry": None, "targetCountry": None}
    firm["quotes"] = [general, {**own, "sourceCountry": "DE"}, {**general, "sourceCountry": "FR"}]


def _as_version_3(comparison: Any) -> None:
    del comparison["amountType"]
    comparison["providerType"] = None
    for firm in comparison["providers"]:
        firm["logo"] = "https://logos.invalid/old.png"
        for quote in firm["quotes"]:
            del quote["sendAmount"], quote["isConsideredMidMarketRate"]
            quote["deliveryEstimation"]["durationType"] = "CALENDAR"
            quote["deliveryEstimation"]["deliveryDate"] = {"min": None, "max": None}


def _a_day_old(comparison: Any) -> None:
    for firm in comparison["providers"]:
        for quote in firm["quotes"]:
            collected = datetime.fromisoformat(quote["dateCollected"].replace("Z", "+00:00"))
            quote["dateCollected"] = (collected - timedelta(hours=21)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _close(*pay_ins: str) -> Change:
    """Ways of paying in are switched off (none named: all)."""

    def edit(answer: Any) -> None:
        for option in answer["paymentOptions"]:
            if not pay_ins or option["payIn"] in pay_ins:
                option["disabled"] = True
                option["disabledReason"] = {"code": "error.payInmethod.disabled", "message": "not for this amount"}

    return edited(edit)


def _day_before(play: Play) -> Answer:
    """The list of the business day before: what a holiday leaves."""
    return play.answer(last_business_day(last_business_day(play.day) - timedelta(days=1)))


def _one_day_only(rows: Any) -> None:
    """Only rates of the oldest day: older than was asked."""
    oldest = min(row["date"] for row in rows)
    older = str(date.fromisoformat(oldest) - timedelta(days=3))
    rows[:] = [{**row, "date": older} for row in rows if row["date"] == oldest]


def _introductory(price: Any) -> None:
    rate = (Decimal(price["baseExchangeRate"]) * Decimal("1.005")).quantize(Decimal("0.0001"))
    received = (Decimal(price["sendAmount"]) * rate).quantize(Decimal("0.01"), ROUND_HALF_UP)
    price["effectiveExchangeRate"], price["receiveAmount"] = f"{rate}", f"{received}"
    price["campaignsApplied"] = [{"code": "NEW", "description": "Intro Rate Discount", "adjustmentBps": 50}]


def _first_transfer(answer: Any) -> None:
    price = answer["data"]
    rate = (price["instarem_fx_rate"] * Decimal("1.006")).quantize(Decimal("0.0001"))
    received = ((price["gross_source_amount"] - price["transaction_fee_amount"]) * rate).quantize(Decimal("0.01"))
    price.update(instarem_fx_rate=rate, destination_amount=received, first_instarem_transaction=True)


def _unknown_schedule(feed: Any) -> None:
    for country in feed["availableCountries"]:
        for row in country["corridors"]:
            if (country["isoCountryCode"], row["isoCountryCode"]) == ("GB", "IN"):
                row["feeSchedule"] = {"type": "lunar", "phases": ["1.99", "2.99"]}


def _without_gbr_ind(feed: Any) -> None:
    for country in feed["availableCountries"]:
        if country["isoCountryCode"] == "GB":
            country["corridors"] = [row for row in country["corridors"] if row["isoCountryCode"] != "IN"]


def _card_only(answer: Any) -> None:
    answer["options"] = [{**one, "isDefault": True} for one in answer["options"] if one["payIn"]["code"] == "card"]


def _status(number: int, code: str, message: str) -> Change:
    def edit(catalog: Any) -> None:
        catalog["response_status"] = {"status": number, "code": code, "message": message}
        if number < 0:
            catalog["services_groups"] = []

    return edited(edit)


def _comma(price: Any) -> None:
    price["effectiveExchangeRate"] = price["effectiveExchangeRate"].replace(".", ",")


def _turned(change: Callable[[Decimal], Decimal]) -> Change:
    """A price with another rate, at which the received amount is right."""

    def edit(price: Any) -> None:
        rate = change(Decimal(price["baseExchangeRate"])).quantize(Decimal("0.000001"), ROUND_HALF_UP)
        price["baseExchangeRate"] = price["effectiveExchangeRate"] = f"{rate}"
        price["receiveAmount"] = f"{(Decimal(price['sendAmount']) * rate).quantize(Decimal('0.01'), ROUND_HALF_UP)}"

    return edited(edit)


def _european(answer: Any) -> None:
    """Received amounts with the point and the comma the other way round."""
    for quote in answer["quote"]["individualQuotes"]:
        quote["buyAmount"] = quote["buyAmount"].translate(str.maketrans(",.", ".,"))


def _no_rate(play: Play) -> Answer:
    """One day of the dollar without a rate in the csv of the data API."""
    right = play.answer()
    lines = right.body.decode().split("\r\n")
    cut = [line.rsplit(",", 1)[0] + "," if ".USD." in line and "2026-03-03" in line else line for line in lines]
    return Answer(right.status, right.content_type, "\r\n".join(cut).encode())


_NEWS = "<!DOCTYPE html><html><head><title>{}</title></head><body>{}</body></html>"
CLOUDFLARE = _NEWS.format("Just a moment...", "<script>window._cf_chl_opt={cType:'managed'};</script>")
INCAPSULA = _NEWS.format("", "Request unsuccessful. Incapsula incident ID: 877000-1")
AKAMAI = _NEWS.format("Access Denied", "You don't have permission to access this server. Reference #18.1")
WELCOME = _NEWS.format("Welcome", "Send money today")
_DENY_ONE = (
    "User-agent: *\nDisallow: /v4/\nAllow: *comparisons*sourceCurrency=*\n"
    "Disallow: *comparisons*sourceCurrency=GBP&targetCurrency=INR*\n"
)
_REFUSED, _BLOCKED = frozenset({"refused"}), frozenset({"blocked"})


def _redirect(play: Play) -> Answer:
    """To the site's page in a language, which then comes with 200."""
    if play.question.path == "/en-gb/":
        return page(WELCOME)(play)
    return Answer(302, "text/plain; charset=utf-8", b"", {"Location": "/en-gb/"})


_LISTED = (
    Scenario(
        "wise_normal", 1, "wise_comparisons", "The comparison as it should be", _as_always,
    ),
    Scenario(
        "wise_multi_quote", 1, "wise_comparisons",
        "One firm carries a general quote, one for Germany and one for France: each is filed under its own country",
        where(says("sourceCountry=DE", "targetCountry=IN"), edited(_two_quotes_more)),
        corridors=("DEU-IND", "FRA-IND"), quotes={"standard": 2, "estimate": 16},
    ),
    Scenario(
        "wise_empty", 1, "wise_comparisons", "An empty list of providers with status 200: an answer without a price",
        _in_gbr_ind("wise_comparisons", edited(lambda answer: answer["providers"].clear())),
        corridors=(GBR_IND,), not_offered=2,
    ),
    Scenario(
        "wise_429", 1, "wise_comparisons", "429 that asks to wait an hour: it is not waited for, and not asked again",
        _in_gbr_ind("wise_comparisons", data({"error": "Too Many Requests"}, 429, {"Retry-After": "3600"})),
        "partial", "refused", 3, _REFUSED, (GBR_IND,),
    ),
    Scenario(
        "wise_v3", 1, "wise_comparisons", "Bodies of the older version 3 are read as well",
        _all(edited(_as_version_3)),
    ),
    Scenario(
        "wise_old", 1, "wise_comparisons", "Quotes that were collected 21 hours before: kept, with their own time",
        _all(edited(_a_day_old)),
    ),
    Scenario(
        "wise_quote_cards_disabled", 2, "wise_quotes", "All cards are switched off: the transfer from a bank is left",
        _in_gbr_ind("wise_quotes", _close("DEBIT", "CREDIT")), corridors=(GBR_IND,), quotes={"standard": 2},
    ),
    Scenario(
        "wise_quote_disabled", 2, "wise_quotes", "Every way of paying in is switched off: no price, and none made up",
        _in_gbr_ind("wise_quotes", _close()), corridors=(GBR_IND,), not_offered=2,
    ),
    Scenario(
        "wise_quote_422", 2, "wise_quotes", "422: Wise has no such route; an answer without a price",
        _in_gbr_ind("wise_quotes", data({"errors": [{"code": "route", "message": "route not supported"}]}, 422)),
        corridors=(GBR_IND,), not_offered=2,
    ),
    Scenario(
        "ecb_holiday", 6, "ecb", "A holiday: the list of the business day before is still there", _all(_day_before),
    ),
    Scenario(
        "ecb_no_rate", 6, "ecb", "A day of one currency without a rate in the data API: a hole, no rate of 0",
        _all(_no_rate), span=("2026-03-02", "2026-03-06"),
    ),
    Scenario(
        "ecb_na", 6, "ecb", "N/A in the whole history (roubles, since 2022): no rate of it, and all others are there",
        _as_always, span=("2026-01-02", ""),
    ),
    Scenario(
        "ecb_304", 6, "ecb", "Asked again, the list has not changed: it says so (304) to who has it already",
        _as_always, times=2,
    ),
    Scenario(
        "frankfurter_pegs", 7, "frankfurter", "Rows without banks are made of a peg; they are rates and are counted",
        _as_always,
    ),
    Scenario(
        "frankfurter_old", 7, "frankfurter", "Rates older than asked keep their own date", _all(edited(_one_day_only)),
    ),
    Scenario(
        "frankfurter_503", 7, "frankfurter", "503 at every try",
        _all(data({"status": 503, "message": "unavailable"}, 503)),
        "failed", "unreachable", 1, frozenset({"unreachable"}), rates=False,
    ),
    Scenario(
        "sendwave_promo", 8, "sendwave", "An introductory rate: filed as promotional, the base rate beside it",
        _in_gbr_ind("sendwave", edited(_introductory)), corridors=(GBR_IND,), quotes={"promotional": 2, "standard": 2},
    ),
    Scenario(
        "sendwave_limit", 8, "sendwave", "400 for an amount over the limit: an answer without a price, no outage",
        _in_gbr_ind("sendwave", data({"code": "pricing-limit-violation"}, 400)),
        corridors=(GBR_IND,), not_offered=2,
    ),
    Scenario(
        "taptap_bad_header", 9, "taptap_send", "400 BAD_HEADER: the headers that it demands are others now",
        where(says("/api/fxRates"), lambda play: BAD_HEADER), "failed", "changed", 1, frozenset({"changed"}),
    ),
    Scenario(
        "taptap_schedules", 9, "taptap_send",
        "A fee schedule of an unknown kind: that corridor has no price, the one in steps has",
        where(says("/api/fxRates"), edited(_unknown_schedule)),
        "partial", "refused_record", 3, frozenset({"refused_record"}), (GBR_IND,), not_offered=2,
    ),
    Scenario(
        "taptap_missing", 9, "taptap_send", "A corridor that is not in the list is not offered",
        where(says("/api/fxRates"), edited(_without_gbr_ind)), corridors=(GBR_IND,), not_offered=2,
    ),
    Scenario(
        "instarem_promo", 10, "instarem", "The rate of a first transfer: promotional, the regular rate is the standard",
        _in_gbr_ind("instarem", edited(_first_transfer)),
        corridors=(GBR_IND,), quotes={"promotional": 4, "standard": 4},
    ),
    Scenario(
        "transfergo_card_only", 10, "transfergo", "Only cards are offered, as the default",
        _in_gbr_ind("transfergo", edited(_card_only)), corridors=(GBR_IND,), quotes={"promotional": 2, "standard": 2},
    ),
    Scenario(
        "wu_error", 11, "western_union", "Status -1 with status 200: the catalog is refused",
        _in_gbr_ind("western_union", _status(-1, "C9999", "SYSTEM BUSY")),
        "partial", "refused", 3, _REFUSED, (GBR_IND,),
    ),
    Scenario(
        "wu_not_sold", 11, "western_union", "Status -1 for a channel without prices: not sold on the site",
        _in_gbr_ind(
            "western_union", _status(-1, "C1131", "MISSING PRICING SETUP FOR THIS CHANNEL AND CLIENT")
        ),
        corridors=(GBR_IND,), not_offered=2,
    ),
    Scenario(
        "wu_warning", 11, "western_union", "Status 1 is a warning: the catalog is whole all the same",
        _all(_status(1, "W1000", "PROMOTION EXPIRED")),
    ),
    Scenario(
        "challenge_cloudflare_403", 12, "wise_comparisons", "A Cloudflare challenge with 403, at every question",
        _all(page(CLOUDFLARE, 403, {"cf-mitigated": "challenge"})), "failed", "blocked", 1, _BLOCKED,
    ),
    Scenario(
        "challenge_cloudflare_200", 12, "wise_comparisons", "The same challenge with 200 where JSON is expected",
        _all(page(wise.CHALLENGE.decode())), "failed", "blocked", 1, _BLOCKED,
    ),
    Scenario(
        "challenge_incapsula_200", 12, "sendwave", "An Incapsula page with 200 for one corridor",
        _in_gbr_ind("sendwave", page(INCAPSULA)), "partial", "blocked", 3, _BLOCKED, (GBR_IND,),
    ),
    Scenario(
        "challenge_akamai_403", 12, "western_union", "Akamai's Access Denied with 403, at every question",
        _all(page(AKAMAI, 403)), "failed", "blocked", 1, _BLOCKED,
    ),
    Scenario(
        "empty_200", 12, "sendwave", "An empty body with 200", _in_gbr_ind("sendwave", text("")),
        "partial", "changed", 3, frozenset({"changed"}), (GBR_IND,),
    ),
    Scenario(
        "html_for_json", 12, "sendwave", "The site's own page where JSON is expected",
        _in_gbr_ind("sendwave", page(WELCOME)), "partial", "blocked", 3, _BLOCKED, (GBR_IND,),
    ),
    Scenario(
        "locale_redirect", 12, "sendwave", "A redirect to the page of a language",
        where(lambda play: play.question.path == "/en-gb/" or _GBR_IND["sendwave"](play), _redirect),
        "partial", "blocked", 3, _BLOCKED, (GBR_IND,),
    ),
    Scenario(
        "robots_404", 13, "transfergo", "No robots.txt: everything is allowed", where(is_robots, text("", 404)),
    ),
    Scenario(
        "robots_403", 13, "transfergo", "robots.txt is kept from us: nothing is asked", where(is_robots, text("", 403)),
        "failed", "robots", 1, frozenset({"robots"}),
    ),
    Scenario(
        "robots_503", 13, "transfergo", "robots.txt fails: nothing is asked, and the source is down",
        where(is_robots, text("", 503)), "failed", "unreachable", 1, frozenset({"unreachable"}),
    ),
    Scenario(
        "robots_wildcards", 13, "wise_comparisons", "Wildcards: the longest rule counts, here against one pair only",
        where(is_robots, text(_DENY_ONE)), "partial", "robots", 3, frozenset({"robots"}), (GBR_IND,),
    ),
    Scenario(
        "odd_numbers", 14, "sendwave", "A rate with a decimal comma where a point is stated: refused, not guessed",
        _in_gbr_ind("sendwave", edited(_comma)),
        "partial", "refused_answer", 3, frozenset({"refused_answer"}), (GBR_IND,),
    ),
    Scenario(
        "odd_groups", 14, "xe", "Received amounts with point and comma the other way round: refused, not guessed",
        _in_gbr_ind("xe", edited(_european)),
        "partial", "refused_record", 3, frozenset({"refused_record"}), (GBR_IND,),
    ),
    Scenario(
        "inverted_price", 14, "sendwave", "A rate upside down: stored and shown, in quarantine, out of the figures",
        _in_gbr_ind("sendwave", _turned(lambda rate: 1 / rate)),
        corridors=(GBR_IND,), quotes={"standard": 2}, flags=frozenset({"inverted_rate", "quarantined"}),
    ),
    Scenario(
        "ten_times", 14, "sendwave", "A rate ten times too high, the point slipped: in quarantine, out of the figures",
        _in_gbr_ind("sendwave", _turned(lambda rate: rate * 10)),
        corridors=(GBR_IND,), quotes={"standard": 2}, flags=frozenset({"decimal_slip", "quarantined"}),
    ),
    Scenario(
        "odd_spaces", 14, "bceao", "A rate with a no-break space between its thousands: that rate is left out",
        _all(replaced(("<td>Livre sterling</td><td>", "<td>Livre sterling</td><td>1\u00a0"))),
        "partial", "refused_record", 3, frozenset({"refused_record"}),
    ),
    Scenario(
        "per_100_units", 14, "fbil", "Rupees for 100 yen and 10,000 rupiahs, as every day: kept for one, exactly",
        _as_always,
    ),
    Scenario(
        "inverted_rates", 14, "cbk", "The neighbours' money for one shilling, as every day: kept in its direction",
        _as_always,
    ),
)  # fmt: skip
SCENARIOS: dict[str, Scenario] = {scenario.name: scenario for scenario in _LISTED}
