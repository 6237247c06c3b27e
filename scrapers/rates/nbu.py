"""National Bank of Ukraine: official rates, hryvnias for `units` of each currency, dated on the day they hold for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from remitwatch.fields import exact_decimal
from remitwatch.rates import ReferenceRate
from scrapers.base import AnswerError, Record, Repaired, Request, Response, Scraper, each
from scrapers.clean import day_first
from scrapers.rate_lists import NOT_MONEY, from_a_week_back, or_nothing, per_unit

URL = "https://bank.gov.ua/NBU_Exchange/exchange_site?json"


class Nbu(Scraper):
    """One request a span."""

    def requests_between(self, since: dt.date, until: dt.date, today: dt.date) -> Iterator[Request]:
        first = from_a_week_back(since, until)
        asked = {"start": f"{first:%Y%m%d}", "end": f"{until:%Y%m%d}", "sort": "exchangedate", "order": "asc"}
        yield Request(URL, asked)

    def parse(self, response: Response) -> Iterator[Record]:
        rows = response.json()
        if not isinstance(rows, list):
            raise AnswerError("changed", f"expected a list of rates, got {type(rows).__name__}")
        yield from or_nothing(each(rows, _read), "no rate in this span")


def _read(row: Mapping[str, Any]) -> Iterator[Record]:
    if row["cc"] in NOT_MONEY:
        yield Repaired("not_money")
        return
    rate, units = exact_decimal(row["rate"]), exact_decimal(row["units"])
    one = per_unit(rate, units)
    stated = exact_decimal(row["rate_per_unit"])
    if abs(stated / one - 1) > Decimal("0.001"):
        raise ValueError(f"{rate} for {units} units is not the stated {stated} for one")
    if units != 1:
        yield Repaired("per_units")
    day = day_first(row["exchangedate"], ".")
    yield ReferenceRate(base=row["cc"], quote="UAH", date=day, rate=one)
