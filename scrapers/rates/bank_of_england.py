"""Bank of England: daily spot rates from its database, units of each currency for one pound, as csv with a column a
series. A cell without a rate is empty."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from remitwatch.fields import exact_decimal
from remitwatch.rates import ReferenceRate
from scrapers.base import AnswerError, Record, Refused, Repaired, Request, Response, Scraper, each
from scrapers.clean import day_first
from scrapers.rate_lists import from_a_week_back, or_nothing, refuse_page
from scrapers.tables import csv_sheet

URL = "https://www.bankofengland.co.uk/boeapps/database/_iadb-fromshowcolumns.asp"
# The database's own codes: what one pound bought of each. USD and INR are documented by the owner's examples, the
# others are those on which several public programs agree.
SERIES = {
    "XUDLUSS": "USD",
    "XUDLERS": "EUR",
    "XUDLJYS": "JPY",
    "XUDLADS": "AUD",
    "XUDLCDS": "CAD",
    "XUDLSFS": "CHF",
    "XUDLBK89": "CNY",
    "XUDLBK25": "CZK",
    "XUDLDKS": "DKK",
    "XUDLHDS": "HKD",
    "XUDLBK33": "HUF",
    "XUDLBK78": "ILS",
    "XUDLBK97": "INR",
    "XUDLBK93": "KRW",
    "XUDLBK83": "MYR",
    "XUDLNKS": "NOK",
    "XUDLNDS": "NZD",
    "XUDLBK47": "PLN",
    "XUDLSRS": "SAR",
    "XUDLSKS": "SEK",
    "XUDLSGS": "SGD",
    "XUDLBK87": "THB",
    "XUDLBK95": "TRY",
    "XUDLTWS": "TWD",
    "XUDLZRS": "ZAR",
}


class BankOfEngland(Scraper):
    """One request a span, all series in it."""

    def requests_between(self, since: dt.date, until: dt.date, today: dt.date) -> Iterator[Request]:
        first = from_a_week_back(since, until)
        asked = {"csv.x": "yes", "SeriesCodes": ",".join(SERIES), "UsingCodes": "Y", "CSVF": "TN"}
        yield Request(URL, {**asked, "Datefrom": _asked(first), "Dateto": _asked(until)})

    def parse(self, response: Response) -> Iterator[Record]:
        refuse_page(response.body)
        rows = iter(csv_sheet(response.body, "rates.csv").rows)
        header = [str(cell).strip() for _, cells in [next(rows, (1, []))] for cell in cells]
        if header[:1] != ["DATE"] or not set(header) & set(SERIES):
            raise AnswerError("changed", f"expected the columns DATE,XUDLUSS,..., got {','.join(header)[:100]!r}")
        for code in header[1:]:
            if code not in SERIES:
                yield Refused({"column": code}, f"unknown series {code!r}: its rates are left out")
        cells = ((header, [str(cell).strip() for cell in row]) for _, row in rows if any(row))
        yield from or_nothing(each(cells, _read), "no row in this span")


def _asked(day: dt.date) -> str:
    """17/Nov/2026, whatever the machine's language."""
    return f"{day.day:02}/{_MONTHS[day.month - 1]}/{day.year}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _read(row: tuple[list[str], list[str]]) -> Iterator[Record]:
    header, cells = row
    if len(cells) != len(header):
        raise ValueError(f"expected {len(header)} cells, got {len(cells)}: {','.join(cells)[:100]}")
    day = day_first(cells[0], " ")
    for code, cell in zip(header[1:], cells[1:], strict=True):
        if code not in SERIES:
            continue
        if cell == "":
            yield Repaired("no_rate")
        else:
            yield ReferenceRate(base="GBP", quote=SERIES[code], date=day, rate=exact_decimal(cell))
