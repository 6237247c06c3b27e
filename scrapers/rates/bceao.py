"""BCEAO: West African CFA francs for one unit of each currency, one page a day, in French (`1.953,0200`).

The euro has its fixed parity of 655.957 in every list: a page where it has not was not read as it is meant.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from lxml import html  # type: ignore[import-untyped]

from remitwatch.rates import ReferenceRate
from scrapers.base import AnswerError, NothingPublished, Record, Request, Response, Scraper, each
from scrapers.clean import number, tidy
from scrapers.rate_lists import from_a_week_back, refuse_page, weekdays

URL = "https://www.bceao.int/fr/cours/get_all_reference_by_date"
LOOK_BACK_DAYS = 3  # a request a day: past a weekend, no further
PARITY = Decimal("655.957")
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août"),
    *("septembre", "octobre", "novembre", "décembre"),
)
CURRENCY = {
    "euro": "EUR",
    "dollar us": "USD",
    "yen japonais": "JPY",
    "couronne danoise": "DKK",
    "couronne suédoise": "SEK",
    "livre sterling": "GBP",
    "couronne norvégienne": "NOK",
    "couronne thèque": "CZK",  # their spelling of "tchèque"
    "couronne tchèque": "CZK",
    "forint hongrois": "HUF",
    "zloty polonais": "PLN",
    "franc suisse": "CHF",
    "dollar canadien": "CAD",
    "dollar australien": "AUD",
    "dollar néo-zélandais": "NZD",
    "rand sud-africain": "ZAR",
    "yuan chinois": "CNY",
    "roupie indienne": "INR",
    "baht thailandais": "THB",
    "real brésilien": "BRL",
    "dollar singapourien": "SGD",
    "nouvelle livre turque": "TRY",
    "dirham emirats arabes unis": "AED",
    "nouveau shekel": "ILS",
    "won coréen": "KRW",
    "dollar hong kong": "HKD",
    "ryal saudien": "SAR",
    "dinar koweitien": "KWD",
}


class Bceao(Scraper):
    """One request a weekday."""

    def requests_between(self, since: dt.date, until: dt.date, today: dt.date) -> Iterator[Request]:
        for day in weekdays(from_a_week_back(since, until, LOOK_BACK_DAYS), until):
            yield Request(URL, {"dateJour": str(day)})

    def parse(self, response: Response) -> Iterator[Record]:
        text = response.body.decode("utf-8")
        if "<table" in text and "</table>" not in text:
            raise AnswerError("truncated", "the table stops early")
        if "<table" not in text:
            refuse_page(response.body)
        page = html.fromstring(text or "<p></p>")
        headings, tables = page.xpath("//h2"), page.xpath("//table")
        if len(headings) != 1 or len(tables) != 1:
            raise AnswerError("changed", f"expected one heading and one table, got {len(headings)} and {len(tables)}")
        rows = [[tidy(cell.text_content()) for cell in row.xpath("./th|./td")] for row in tables[0].xpath(".//tr")]
        if rows[:1] != [["Devise", "CFA"]]:
            raise AnswerError("changed", f"expected the columns Devise and CFA, got {rows[:1]}")
        day = _day(tidy(headings[0].text_content()))
        if len(rows) == 1:
            yield NothingPublished(f"no rates on {day}: a holiday")
            return
        parity = [number(rate, decimal=",", group=".") for name, rate in rows[1:] if name.lower() == "euro"]
        if parity != [PARITY]:
            raise AnswerError("invalid", f"expected the euro at its parity of {PARITY}, got {parity}")
        yield from each(((day, row) for row in rows[1:]), _read)


def _day(heading: str) -> dt.date:
    """The date in "Cours des devises du lundi 16 mars 2026" (the first of a month is written "1er")."""
    found = re.fullmatch(r"Cours des devises du \w+ (\d{1,2})(?:er)? (\w+) (\d{4})", heading)
    if found is None or found[2].lower() not in MONTHS:
        raise AnswerError("changed", f"expected a heading with its date, got {heading[:100]!r}")
    return dt.date(int(found[3]), MONTHS.index(found[2].lower()) + 1, int(found[1]))


def _read(entry: Any) -> Iterator[Record]:
    day, (name, rate) = entry
    base = CURRENCY[name.lower()]
    yield ReferenceRate(base=base, quote="XOF", date=day, rate=number(rate, decimal=",", group="."))
