"""Central Bank of Kenya: indicative rates, the table of its page, asked by the form that the page sends.

Most rows are shillings for one unit (or for 100 yen). The rows of East Africa, written `KES / USHS`, are units of the
other currency for one shilling, and are kept in that direction. One answer holds every rate since 2024: only the days
asked for are read (`not_asked` counts the others). The body is JSON, whatever its content type says.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from remitwatch.rates import ReferenceRate
from scrapers.base import AnswerError, Record, Repaired, Request, Response, Scraper, each
from scrapers.clean import day_first, number, tidy
from scrapers.rate_lists import from_a_week_back, is_wanted, or_nothing, per_unit, wanted

URL = "https://www.centralbank.go.ke/wp-admin/admin-ajax.php?action=get_wdtable&table_id=193"
FORM = {"draw": "1", "start": "0", "length": "-1"}
# Label: base, quote, how many units of the base. As written in the table.
PAIR = {
    "US DOLLAR": ("USD", "KES", 1),
    "STG POUND": ("GBP", "KES", 1),
    "EURO": ("EUR", "KES", 1),
    "SA RAND": ("ZAR", "KES", 1),
    "AE DIRHAM": ("AED", "KES", 1),
    "CAN $": ("CAD", "KES", 1),
    "S FRANC": ("CHF", "KES", 1),
    "JPY (100)": ("JPY", "KES", 100),
    "SW KRONER": ("SEK", "KES", 1),
    "NOR KRONER": ("NOK", "KES", 1),
    "DAN KRONER": ("DKK", "KES", 1),
    "IND RUPEE": ("INR", "KES", 1),
    "HONGKONG DOLLAR": ("HKD", "KES", 1),
    "SINGAPORE DOLLAR": ("SGD", "KES", 1),
    "SAUDI RIYAL": ("SAR", "KES", 1),
    "CHINESE YUAN": ("CNY", "KES", 1),
    "AUSTRALIAN $": ("AUD", "KES", 1),
    "KES / USHS": ("KES", "UGX", 1),
    "KES / TSHS": ("KES", "TZS", 1),
    "KES / RWF": ("KES", "RWF", 1),
    "KES / BIF": ("KES", "BIF", 1),
}


class Cbk(Scraper):
    """One request, whatever the span."""

    def requests_between(self, since: dt.date, until: dt.date, today: dt.date) -> Iterator[Request]:
        span = wanted(from_a_week_back(since, until), until)
        yield Request(URL, method="POST", form=FORM, context=span)

    def parse(self, response: Response) -> Iterator[Record]:
        answer = response.json()
        rows = answer["data"]
        stated = int(answer.get("recordsFiltered", len(rows)))
        if stated > len(rows):
            raise AnswerError("truncated", f"the table has {stated} rows, {len(rows)} came")
        span = response.request.context
        others: list[dt.date] = []
        yield from or_nothing(each(rows, lambda row: _read(row, span, others)), "no rate in this span")
        if others:
            yield Repaired("not_asked", len(others))


def _read(row: Sequence[str], span: Mapping[str, str], others: list[dt.date]) -> Iterator[Record]:
    date, label, rate = row
    day = day_first(date, "/")
    if not is_wanted(day, span):
        others.append(day)
        return
    base, quote, units = PAIR[tidy(label).upper()]
    if units != 1:
        yield Repaired("per_units")
    yield ReferenceRate(base=base, quote=quote, date=day, rate=per_unit(number(rate, group=","), Decimal(units)))
