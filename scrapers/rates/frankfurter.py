"""Frankfurter v2: rates of the US dollar blended from the rates of central banks, for currencies that the ECB lacks.

A rate is dated as it comes back, not as it was asked. A row without `providers` is no bank's rate but made of an
official peg; such rows are counted as `made_of_a_peg`, and banks whose rate was left out of a blend as
`excluded_bank`. A code that Frankfurter does not know fails the whole question (422).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from remitwatch.fields import exact_decimal
from remitwatch.rates import ReferenceRate
from scrapers.base import AnswerError, Record, Repaired, Request, Response, Scraper, each
from scrapers.rate_lists import from_a_week_back, or_nothing, spans

URL = "https://api.frankfurter.dev/v2/rates"
BASE = "USD"
LONGEST_DAYS = 31  # a month of all these, with the banks behind them, is about a megabyte
# What the ECB does not publish, and a few that it does, so that the blend can be held against it. HNL and HTG are left
# out: no bank behind Frankfurter publishes them.
QUOTES = (
    "AED ALL AMD ARS BDT BHD BOB BTN CLP COP CRC DOP EGP ETB EUR FJD GBP GEL GHS GTQ INR JMD KES KGS KHR KWD LAK LKR "
    "MAD MDL MMK MXN NGN NIO NPR OMR PEN PGK PHP PKR QAR RSD RUB RWF SAR SBD TJS TND TOP TZS UAH UGX UZS VND VUV WST "
    "XAF XOF"
).replace(" ", ",")


class Frankfurter(Scraper):
    """One request a month of the span."""

    def requests_between(self, since: dt.date, until: dt.date, today: dt.date) -> Iterator[Request]:
        for first, last in spans(from_a_week_back(since, until), until, LONGEST_DAYS):
            asked = {"base": BASE, "quotes": QUOTES, "from": str(first), "to": str(last), "expand": "providers"}
            yield Request(URL, asked)

    def parse(self, response: Response) -> Iterator[Record]:
        rows = response.json()
        if not isinstance(rows, list):
            raise AnswerError("changed", f"expected a list of rates, got {type(rows).__name__}")
        yield from or_nothing(each(rows, _read), "no rate in this span")


def _read(row: Mapping[str, Any]) -> Iterator[Record]:
    if row["base"] != BASE:
        raise ValueError(f"asked for rates of {BASE}, got one of {row['base']!r}")
    yield ReferenceRate(
        base=BASE, quote=row["quote"], date=dt.date.fromisoformat(row["date"]), rate=exact_decimal(row["rate"])
    )
    if "providers" not in row:
        yield Repaired("made_of_a_peg")
        return
    excluded = sum(isinstance(bank, Mapping) and bank.get("excluded", False) is True for bank in row["providers"])
    if excluded:
        yield Repaired("excluded_bank", excluded)
