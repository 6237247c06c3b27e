"""The sandbox's sources of rates agree with one another, as far as their own rounding lets them, and come on the days
on which theirs come; its calculators tell prices of the one market."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from decimal import Decimal

import pytest
from protego import Protego

from remitwatch.corridors import corridor
from remitwatch.quotes import Basis, Inquiry, Quote
from remitwatch.rates import ReferenceRate
from remitwatch.sources import OF_A_SPAN, SourceKind
from scrapers import registry
from scrapers.base import Request, Response
from scrapers.sandbox import LAST_DAY, World
from scrapers.sandbox.server import answer
from scrapers.sandbox.sources import PLAYERS
from scrapers.urls import full_url, request_body

WORLD = World()
RATES = sorted(key for key in PLAYERS if registry.definitions()[key].kind is SourceKind.RATES)
FRIDAY = dt.date(2026, 10, 23)
INQUIRY = Inquiry(corridor=corridor("GBR-IND"), send_amount=Decimal(120), tier=200)
SUNDAY = dt.date(2026, 10, 25)


def ask(key: str, request: Request, day: dt.date) -> Response:
    """What the sandbox says to a request, as a scraper gets it."""
    url = full_url(request)
    target = "/" + url.split("/", 3)[3]
    came = answer(WORLD, key, target, day, method=request.method, headers=request.headers, body=request_body(request))
    at = dt.datetime.combine(day, dt.time(12), dt.UTC)
    return Response(request, came.status, {"content-type": came.content_type}, came.body, fetched_at=at)


def rates_of(key: str, since: dt.date, until: dt.date) -> list[ReferenceRate]:
    scraper = registry.scraper(key)
    found: list[ReferenceRate] = []
    for request in scraper.requests_between(since, until, until):
        response = ask(key, request, until)
        assert response.status in scraper.answer_statuses, (key, response.status, response.body[:200])
        found += [one for one in scraper.parse(response) if isinstance(one, ReferenceRate)]
    return found


def test_all_agree_about_the_dollar() -> None:
    """Units of each currency for a dollar, by source: within 0.1 %, a coarse last digit apart."""
    by_pair: dict[tuple[dt.date, str], dict[str, Decimal]] = defaultdict(dict)
    for key in RATES:
        for one in rates_of(key, FRIDAY, FRIDAY):
            if one.base == "USD":
                by_pair[one.date, one.quote][key] = one.rate
            elif one.quote == "USD":
                by_pair[one.date, one.base][key] = 1 / one.rate
    several = {pair: rates for pair, rates in by_pair.items() if len(rates) > 1}
    assert len(several) > 30
    apart = {pair: max(rates.values()) / min(rates.values()) - 1 for pair, rates in several.items()}
    assert {pair: round(far, 5) for pair, far in apart.items() if far > Decimal("0.001")} == {}


@pytest.mark.parametrize("key", RATES)
def test_nothing_new_comes_at_weekends(key: str) -> None:
    dates = {one.date for one in rates_of(key, FRIDAY, SUNDAY)}
    if key in ("banrep", "open_er_api"):  # a rate that holds over the weekend; a service that updates every day
        assert max(dates) == SUNDAY
    elif key == "hkma":  # a month comes out when it is over
        assert max(dates) == dt.date(2026, 9, 30)
    else:
        assert max(dates) == FRIDAY


@pytest.mark.parametrize("key", sorted(PLAYERS))
def test_what_is_asked_is_allowed_and_anything_else_is_refused(key: str) -> None:
    robots = answer(WORLD, key, "/robots.txt", LAST_DAY)
    rules = Protego.parse(robots.body.decode())
    scraper = registry.scraper(key)
    spanned = scraper.definition.kind in OF_A_SPAN
    asked = scraper.requests_between(FRIDAY, FRIDAY, FRIDAY) if spanned else scraper.requests([INQUIRY])
    for request in asked:
        assert rules.can_fetch(full_url(request), "RemitWatch/1.0")
    other = "POST" if PLAYERS[key].method == "GET" else "GET"
    assert answer(WORLD, key, "/", LAST_DAY, method=other).status == 405
    nothing = answer(WORLD, key, "/nothing?here=1", LAST_DAY, method=PLAYERS[key].method)
    assert nothing.status in ((200,) if key == "worldbank" else (400, 404))  # whose errors come with 200
    with pytest.raises(ValueError, match="2031"):
        answer(WORLD, key, "/", dt.date(2050, 1, 1), method=PLAYERS[key].method)


def test_a_question_that_is_not_understood_is_refused() -> None:
    for target in ("/v2/pricing-public", "/v2/pricing-public?amount=lots&sendCountryIso2=gb"):
        assert answer(WORLD, "sendwave", target, LAST_DAY).status == 400
    for body in (b"", b"[]", b"{}", b"{"):
        assert answer(WORLD, "wise_quotes", "/v3/quotes", LAST_DAY, method="POST", body=body).status == 400


def test_the_headers_that_a_feed_demands_are_demanded() -> None:
    refused = answer(WORLD, "taptap_send", "/api/fxRates", LAST_DAY)
    assert (refused.status, json.loads(refused.body)["code"]) == (400, "BAD_HEADER")


def test_wise_says_the_same_of_itself_in_both_places() -> None:
    told = {}
    for key in ("wise_quotes", "wise_comparisons"):
        scraper = registry.scraper(key)
        (request,) = scraper.requests([INQUIRY])
        quotes = [one for one in scraper.parse(ask(key, request, LAST_DAY)) if isinstance(one, Quote)]
        told[key] = [(one.fee, one.rate) for one in quotes if (one.basis, one.product) == (Basis.STANDARD, "")]
    assert told["wise_quotes"] == told["wise_comparisons"]
