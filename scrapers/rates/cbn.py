"""Central Bank of Nigeria: official rates, nairas for one unit of each currency; the central rate is taken.

One answer holds every rate since 2001: only the days asked for are read, the others are counted (`not_asked`).
Currencies come by name. "CFA" may be either of two francs, so it is left out (`which_cfa`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from remitwatch.fields import exact_decimal
from remitwatch.rates import ReferenceRate
from scrapers.base import AnswerError, Record, Repaired, Request, Response, Scraper, each
from scrapers.clean import tidy
from scrapers.rate_lists import from_a_week_back, is_wanted, or_nothing, wanted

URL = "https://www.cbn.gov.ng/api/GetAllExchangeRates"
CURRENCY = {
    "US DOLLAR": "USD",
    "POUNDS STERLING": "GBP",
    "EURO": "EUR",
    "SWISS FRANC": "CHF",
    "YEN": "JPY",
    "YUAN/RENMINBI": "CNY",
    "RIYAL": "SAR",
    "UAE DIRHAM": "AED",
    "SOUTH AFRICAN RAND": "ZAR",
    "DANISH KRONA": "DKK",
}
LEFT_OUT = {"CFA": "which_cfa", "WAUA": "not_money", "SDR": "not_money"}


class Cbn(Scraper):
    """One request, whatever the span."""

    def requests_between(self, since: dt.date, until: dt.date, today: dt.date) -> Iterator[Request]:
        yield Request(URL, context=wanted(from_a_week_back(since, until), until))

    def parse(self, response: Response) -> Iterator[Record]:
        rows = response.json()
        if not isinstance(rows, list):
            raise AnswerError("changed", f"expected a list of rates, got {type(rows).__name__}")
        span = response.request.context
        others: list[dt.date] = []
        yield from or_nothing(each(rows, lambda row: _read(row, span, others)), "no rate in this span")
        if others:
            yield Repaired("not_asked", len(others))


def _read(row: Mapping[str, str], span: Mapping[str, str], others: list[dt.date]) -> Iterator[Record]:
    day = dt.date.fromisoformat(row["ratedate"])
    if not is_wanted(day, span):
        others.append(day)
        return
    name = tidy(row["currency"]).upper()
    if name in LEFT_OUT:
        yield Repaired(LEFT_OUT[name])
        return
    low, rate, high = (exact_decimal(row[part]) for part in ("buyingrate", "centralrate", "sellingrate"))
    if not low <= rate <= high:
        raise ValueError(f"the central rate {rate} is not between the buying rate {low} and the selling rate {high}")
    yield ReferenceRate(base=CURRENCY[name], quote="NGN", date=day, rate=rate)
