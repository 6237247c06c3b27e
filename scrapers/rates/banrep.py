"""Banco de la República: the representative market rate (TRM), pesos for one US dollar, from the open data of Colombia.

A row holds for a span of days (over weekends and holidays): it becomes one rate for each of its days, because on each
it is the official rate. The rate of a day is known on the working day before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from remitwatch.fields import exact_decimal
from remitwatch.rates import ReferenceRate
from scrapers.base import AnswerError, Record, Request, Response, Scraper, each
from scrapers.rate_lists import from_a_week_back, or_nothing

URL = "https://www.datos.gov.co/resource/32sa-8pi3.json"
LONGEST_DAYS = 10  # Easter with a bank holiday is six days; more is a slip


class Banrep(Scraper):
    """One request a span."""

    def requests_between(self, since: dt.date, until: dt.date, today: dt.date) -> Iterator[Request]:
        first = from_a_week_back(since, until)
        where = f"vigenciadesde>='{first}T00:00:00.000' AND vigenciadesde<='{until}T00:00:00.000'"
        yield Request(URL, {"$where": where, "$order": "vigenciadesde ASC", "$limit": "50000"})

    def parse(self, response: Response) -> Iterator[Record]:
        rows = response.json()
        if not isinstance(rows, list):
            raise AnswerError("changed", f"expected a list of rates, got {type(rows).__name__}")
        yield from or_nothing(each(rows, _read), "no rate in this span")


def _read(row: Mapping[str, str]) -> Iterator[Record]:
    if row["unidad"] != "COP":
        raise ValueError(f"expected pesos (COP), got {row['unidad']!r}")
    first, last = (dt.datetime.fromisoformat(row[name]).date() for name in ("vigenciadesde", "vigenciahasta"))
    days = (last - first).days + 1
    if not 1 <= days <= LONGEST_DAYS:
        raise ValueError(f"holds from {first} to {last}: expected 1 to {LONGEST_DAYS} days")
    for number in range(days):
        day = first + dt.timedelta(days=number)
        yield ReferenceRate(base="USD", quote="COP", date=day, rate=exact_decimal(row["valor"]))
