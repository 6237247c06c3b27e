"""What reading one page costs: ours of a JSON answer, beside what HTML parsers take for the same prices as a page."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import time
from collections.abc import Callable
from typing import Any

from bs4 import BeautifulSoup
from lxml import html  # type: ignore[import-untyped]

from remitwatch.corridors import corridor
from remitwatch.quotes import Inquiry
from scrapers import registry
from scrapers.base import Record, Request, Response, parsed

PRICES = 40
_SECONDS = 0.5  # so long each is repeated


def _answer() -> bytes:
    """A comparison answer with many providers, made up."""
    providers: list[dict[str, Any]] = []
    for number in range(PRICES):
        fee, rate = 1.5 + number / 10, 110.25 - number / 8
        providers.append(
            {
                "id": number,
                "alias": f"provider-{number}",
                "name": f"Provider {number}",
                "type": "moneyTransferProvider",
                "quotes": [
                    {
                        "rate": rate,
                        "fee": fee,
                        "receivedAmount": round((120 - fee) * rate, 2),
                        "dateCollected": "2026-11-20T05:00:00Z",
                        "sourceCountry": "GB",
                        "targetCountry": "IN",
                        "deliveryEstimation": {"duration": {"min": "PT1H", "max": "PT24H"}},
                    }
                ],
            }
        )
    content = {"sourceCurrency": "GBP", "targetCurrency": "INR", "sourceCountry": "GB", "targetCountry": "IN"}
    return json.dumps({**content, "amount": 120, "amountType": "SEND", "providers": providers}).encode()


def _page() -> bytes:
    """The same prices as a page of HTML with the usual weight around each."""
    rows = "".join(
        f'<li class="offer"><div class="logo"><img src="/p/{n}.svg" alt=""></div><h3 class="name">Provider {n}</h3>'
        f'<dl><dt>Fee</dt><dd class="fee">{1.5 + n / 10:.2f}</dd>'
        f'<dt>Rate</dt><dd class="rate">{110.25 - n / 8:.4f}</dd>'
        f'</dl><a class="button" href="/go?p={n}">Send</a></li>'
        for n in range(PRICES)
    )
    filling = "<script>var settings = {a: 1};</script><div><span>text</span></div>" * 200
    return f"<!doctype html><html><head>{filling}</head><body><ul>{rows}</ul>{filling}</body></html>".encode()


def _milliseconds(work: Callable[[], Any]) -> float:
    work()
    times, began = 0, time.perf_counter()
    while not times or time.perf_counter() - began < _SECONDS:
        work()
        times += 1
    return (time.perf_counter() - began) / times * 1000


def parse_costs() -> list[str]:
    """A line a way of reading a page: milliseconds."""
    inquiry = Inquiry(corridor=corridor("GBR-IND"), send_amount="120", tier=200)
    scraper = registry.scraper("wise_comparisons")
    now = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
    response = Response(Request("https://api.wise.com/", {}, (inquiry,)), 200, {}, _answer(), now)
    page = _page()

    def with_lxml() -> list[tuple[str | None, ...]]:
        offers = html.fromstring(page).xpath("//li[@class='offer']")
        return [
            tuple(offer.findtext(path) for path in (".//h3", ".//dd[@class='fee']", ".//dd[@class='rate']"))
            for offer in offers
        ]

    def with_soup() -> list[tuple[str, ...]]:
        return [
            tuple(offer.select_one(path).get_text() for path in ("h3.name", "dd.fee", "dd.rate"))  # type: ignore[union-attr]
            for offer in BeautifulSoup(page, "lxml").select("li.offer")
        ]

    def with_ours() -> list[Record]:
        return parsed(scraper.parse, response)

    lines = [
        f"reading one answer of {len(with_ours())} values: JSON to checked quotes {_milliseconds(with_ours):.2f} ms",
        f"the same as a page of {len(page) / 1024:.0f} KiB, to text only: lxml {_milliseconds(with_lxml):.2f} ms",
    ]
    lines.append(f"  beautifulsoup4 on lxml (what a scraper of pages uses here) {_milliseconds(with_soup):.2f} ms")
    if importlib.util.find_spec("selectolax") is None:
        lines.append("  selectolax: not installed, not measured (pip install 'remitwatch[bench]')")
        return lines
    from selectolax.lexbor import LexborHTMLParser

    def with_selectolax() -> list[tuple[str, ...]]:
        found: Any = LexborHTMLParser(page).css("li.offer")
        return [tuple(offer.css_first(path).text() for path in ("h3.name", "dd.fee", "dd.rate")) for offer in found]

    assert [tuple(one) for one in with_lxml()] == with_soup() == with_selectolax()
    lines.append(f"  selectolax {_milliseconds(with_selectolax):.2f} ms")
    return lines
