"""Financial Benchmarks India: reference rates, rupees for 1, 100 or 10,000 units (`INR / 100 JPY`)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from remitwatch.fields import exact_decimal
from remitwatch.rates import ReferenceRate
from scrapers.base import AnswerError, Record, Repaired, Request, Response, Scraper, each
from scrapers.rate_lists import from_a_week_back, or_nothing, per_unit

URL = "https://www.fbil.org.in/wasdm/refrates/fetchfiltered"


class Fbil(Scraper):
    """One request a span."""

    def requests_between(self, since: dt.date, until: dt.date, today: dt.date) -> Iterator[Request]:
        first = from_a_week_back(since, until)
        yield Request(URL, {"fromDate": str(first), "toDate": str(until), "authenticated": "false"})

    def parse(self, response: Response) -> Iterator[Record]:
        rows = response.json()
        if not isinstance(rows, list):
            raise AnswerError("changed", f"expected a list of rates, got {type(rows).__name__}")
        yield from or_nothing(each(rows, _read), "no rate in this span")


def _read(row: Mapping[str, Any]) -> Iterator[Record]:
    pair = re.fullmatch(r"INR / (\d+) ([A-Z]{3})", row["subProdName"], re.ASCII)
    if pair is None:
        raise ValueError(f"expected a name such as INR / 1 USD, got {row['subProdName']!r}")
    if pair[1] != "1":
        yield Repaired("per_units")
    yield ReferenceRate(
        base=pair[2],
        quote="INR",
        date=dt.datetime.fromisoformat(row["processRunDate"]).date(),
        rate=per_unit(exact_decimal(row["rate"]), Decimal(pair[1])),
    )
