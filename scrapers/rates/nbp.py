"""Narodowy Bank Polski: zlotys for one unit of each currency. Table A is daily, with 33 large currencies; table B is of
every Wednesday, with the others. A span without a table is answered with 404 and its own words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from remitwatch.fields import exact_decimal
from remitwatch.rates import ReferenceRate
from scrapers.base import AnswerError, NothingPublished, Record, Repaired, Request, Response, Scraper, each
from scrapers.rate_lists import NOT_MONEY, from_a_week_back, or_nothing, spans

URL = "https://api.nbp.pl/api/exchangerates/tables"
TABLES = ("A", "B")
LONGEST_DAYS = 90  # they answer for 93 at most


class Nbp(Scraper):
    """One request a table and quarter of a year."""

    answer_statuses = frozenset({200, 404})

    def requests_between(self, since: dt.date, until: dt.date, today: dt.date) -> Iterator[Request]:
        for first, last in spans(from_a_week_back(since, until), until, LONGEST_DAYS):
            for table in TABLES:
                yield Request(f"{URL}/{table}/{first}/{last}/", {"format": "json"})

    def parse(self, response: Response) -> Iterator[Record]:
        if response.status == 404:
            if b"Brak danych" not in response.body:
                raise AnswerError("changed", "there is no such page")
            yield NothingPublished("no table in this span")
            return
        tables = response.json()
        for table in tables:
            if table["table"] not in TABLES:
                raise AnswerError("changed", f"expected table A or B, got {table['table']!r}")
        entries = ((dt.date.fromisoformat(table["effectiveDate"]), line) for table in tables for line in table["rates"])
        yield from or_nothing(each(entries, _read), "no table in this span")


def _read(entry: tuple[dt.date, Mapping[str, Any]]) -> Iterator[Record]:
    day, line = entry
    if line["code"] in NOT_MONEY:
        yield Repaired("not_money")
        return
    yield ReferenceRate(base=line["code"], quote="PLN", date=day, rate=exact_decimal(line["mid"]))
