"""ExchangeRate-API, open access: rates of the US dollar for some 160 currencies, once a day. The last resort.

The rates are those of the date on which they were last updated. Codes that are no ISO currency (those of the islands
and of Tuvalu) are left out (`not_iso`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from remitwatch.fields import exact_decimal
from remitwatch.rates import ReferenceRate
from scrapers.base import AnswerError, Record, Repaired, Request, Response, Scraper, each
from scrapers.rate_lists import NOT_MONEY

BASE = "USD"
URL = f"https://open.er-api.com/v6/latest/{BASE}"
NOT_ISO = frozenset({"CNH", "FOK", "GGP", "IMP", "JEP", "KID", "TVD"})


class OpenErApi(Scraper):
    """One request: there is only today."""

    def requests_between(self, since: dt.date, until: dt.date, today: dt.date) -> Iterator[Request]:
        yield Request(URL)

    def parse(self, response: Response) -> Iterator[Record]:
        answer = response.json()
        if answer["result"] != "success":
            raise AnswerError("refused", f"the source says {answer.get('error-type', 'no reason')!r}")
        if answer["base_code"] != BASE:
            raise AnswerError("invalid", f"asked for rates of {BASE}, got those of {answer['base_code']!r}")
        updated = dt.datetime.fromtimestamp(answer["time_last_update_unix"], dt.UTC)

        def read(entry: tuple[str, Any]) -> Iterator[Record]:
            code, rate = entry
            if code in NOT_ISO or code in NOT_MONEY:
                yield Repaired("not_iso" if code in NOT_ISO else "not_money")
                return
            yield ReferenceRate(
                base=BASE, quote=code, date=updated.date(), rate=exact_decimal(rate), published_at=updated
            )

        yield from each(((code, rate) for code, rate in answer["rates"].items() if code != BASE), read)
