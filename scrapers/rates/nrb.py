"""Nepal Rastra Bank: rates at which it buys and sells, Nepalese rupees for `unit` of each currency.

It publishes no mid: the middle of buying and selling is taken (`mid_of_buy_and_sell`), for one unit, both exactly.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from remitwatch.fields import exact_decimal
from remitwatch.rates import ReferenceRate
from scrapers.base import AnswerError, Record, Repaired, Request, Response, Scraper, each
from scrapers.rate_lists import from_a_week_back, middle, or_nothing, per_unit

URL = "https://www.nrb.org.np/api/forex/v1/rates"
PAGE_DAYS = 100


class Nrb(Scraper):
    """One request a hundred days: an answer of more pages asks for the next one."""

    def requests_between(self, since: dt.date, until: dt.date, today: dt.date) -> Iterator[Request]:
        yield _page(str(from_a_week_back(since, until)), str(until), 1)

    def parse(self, response: Response) -> Iterator[Record]:
        yield from or_nothing(_read(response), "no day in this span")


def _page(since: str, until: str, page: int) -> Request:
    return Request(URL, {"from": since, "to": until, "page": str(page), "per_page": str(PAGE_DAYS)})


def _read(response: Response) -> Iterator[Record]:
    answer = response.json()
    refused = answer.get("errors", {}).get("validation")
    if refused:
        raise AnswerError("changed", f"the question was refused: {str(refused)[:200]}")
    days = answer["data"]["payload"]
    yield from each(((day["date"], entry) for day in days for entry in day["rates"]), _read_entry)
    page, pages = answer["pagination"]["page"], answer["pagination"]["pages"]
    if page < pages:
        asked = response.request.params
        yield _page(asked["from"], asked["to"], page + 1)


def _read_entry(entry: tuple[str, Mapping[str, Any]]) -> Iterator[Record]:
    day, rates = entry
    currency, unit = rates["currency"]["iso3"], exact_decimal(rates["currency"]["unit"])
    mid = middle(exact_decimal(rates["buy"]), exact_decimal(rates["sell"]))
    rate = per_unit(mid, unit)
    yield ReferenceRate(base=currency, quote="NPR", date=dt.date.fromisoformat(day), rate=rate)
    yield Repaired("mid_of_buy_and_sell")
    if unit != 1:
        yield Repaired("per_units")
