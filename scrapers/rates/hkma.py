"""Hong Kong Monetary Authority: Hong Kong dollars for one unit of each currency at the end of the day, from the monthly
bulletin: the days of a month come out after its end, so every question reaches back over two months.

Numbers are kept with the digits they come with, noise of their binary form included (7.8245000000000005).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from remitwatch.fields import exact_decimal
from remitwatch.rates import ReferenceRate
from scrapers.base import AnswerError, Record, Request, Response, Scraper, each
from scrapers.rate_lists import from_a_week_back, or_nothing

URL = "https://api.hkma.gov.hk/public/market-data-and-statistics/monthly-statistical-bulletin/er-ir/er-eeri-daily"
LOOK_BACK_DAYS = 75
PAGE = 100
CURRENCIES = frozenset(
    {
        *("usd", "gbp", "jpy", "cad", "aud", "sgd", "twd", "chf", "cny"),
        *("krw", "thb", "myr", "eur", "php", "inr", "idr", "zar"),
    }
)
WITHDRAWN = frozenset({"dem", "nlg", "bef", "frf", "itl"})  # columns of before the euro, always null
INDEXES = ("neeri_", "special_drawing_rights")


class Hkma(Scraper):
    """One request a hundred days: a full page asks for the next one."""

    def requests_between(self, since: dt.date, until: dt.date, today: dt.date) -> Iterator[Request]:
        yield _page(str(from_a_week_back(since, until, LOOK_BACK_DAYS)), str(until), 0)

    def parse(self, response: Response) -> Iterator[Record]:
        yield from or_nothing(_read(response), "no day in this span")


def _page(since: str, until: str, offset: int) -> Request:
    asked = {"choose": "end_of_day", "from": since, "to": until, "sortby": "end_of_day", "sortorder": "desc"}
    return Request(URL, {**asked, "pagesize": str(PAGE), "offset": str(offset)})


def _read(response: Response) -> Iterator[Record]:
    answer = response.json()
    if answer["header"]["success"] is not True:
        raise AnswerError("changed", f"the question was refused: {str(answer['header'])[:200]}")
    days = answer["result"]["records"]
    cells = ((day["end_of_day"], name, rate) for day in days for name, rate in day.items() if name != "end_of_day")
    yield from each(cells, _read_cell)
    if len(days) == PAGE:
        asked = response.request.params
        yield _page(asked["from"], asked["to"], int(asked["offset"]) + PAGE)


def _read_cell(cell: tuple[str, str, Any]) -> Iterator[Record]:
    day, name, rate = cell
    if name in WITHDRAWN or name.startswith(INDEXES):
        return
    if name not in CURRENCIES:
        raise ValueError(f"unknown column {name!r}: its rates are left out")
    if rate is not None:
        day_of = dt.date.fromisoformat(day)
        yield ReferenceRate(base=name.upper(), quote="HKD", date=day_of, rate=exact_decimal(rate))
