"""Banco de México (SIE): the FIX rate, pesos for one US dollar (series SF43718), dated on the day it is determined.

The operator's own key goes in the header `Bmx-Token` (setting `sources.banxico.token`); this code never sees it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from remitwatch.rates import ReferenceRate
from scrapers.base import AnswerError, Record, Repaired, Request, Response, Scraper, each
from scrapers.clean import day_first, number
from scrapers.rate_lists import from_a_week_back, or_nothing

SERIES = "SF43718"
URL = f"https://www.banxico.org.mx/SieAPIRest/service/v1/series/{SERIES}/datos"


class Banxico(Scraper):
    """One request a span."""

    def requests_between(self, since: dt.date, until: dt.date, today: dt.date) -> Iterator[Request]:
        yield Request(f"{URL}/{from_a_week_back(since, until)}/{until}")

    def parse(self, response: Response) -> Iterator[Record]:
        (series,) = response.json()["bmx"]["series"]
        if series["idSerie"] != SERIES:
            raise AnswerError("changed", f"expected the series {SERIES}, got {series['idSerie']!r}")
        yield from or_nothing(each(series.get("datos", ()), _read), "no rate in this span")


def _read(entry: Mapping[str, str]) -> Iterator[Record]:
    if entry["dato"] == "N/E":  # no existe: not determined on that day
        yield Repaired("no_rate")
        return
    day = day_first(entry["fecha"], "/")
    yield ReferenceRate(base="USD", quote="MXN", date=day, rate=number(entry["dato"], group=","))
