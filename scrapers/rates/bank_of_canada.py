"""Bank of Canada (Valet): daily average rates, Canadian dollars for one unit of each currency (`FXUSDCAD`)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from remitwatch.fields import exact_decimal
from remitwatch.rates import ReferenceRate
from scrapers.base import Record, Request, Response, Scraper, each
from scrapers.rate_lists import from_a_week_back, or_nothing

URL = "https://www.bankofcanada.ca/valet/observations/group/FX_RATES_DAILY/json"


class BankOfCanada(Scraper):
    """One request a span."""

    def requests_between(self, since: dt.date, until: dt.date, today: dt.date) -> Iterator[Request]:
        yield Request(URL, {"start_date": str(from_a_week_back(since, until)), "end_date": str(until)})

    def parse(self, response: Response) -> Iterator[Record]:
        days = response.json()["observations"]
        rates = ((day["d"], series, entry) for day in days for series, entry in day.items() if series != "d")
        yield from or_nothing(each(rates, _read), "no observation in this span")


def _read(rate: tuple[str, str, Mapping[str, Any]]) -> Iterator[Record]:
    day, series, entry = rate
    pair = re.fullmatch(r"FX([A-Z]{3})([A-Z]{3})", series)
    if pair is None:
        raise ValueError(f"expected a series such as FXUSDCAD, got {series!r}")
    yield ReferenceRate(base=pair[1], quote=pair[2], date=dt.date.fromisoformat(day), rate=exact_decimal(entry["v"]))
