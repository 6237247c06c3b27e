"""World Bank / KNOMAD: the matrix of bilateral remittance estimates, through the API of Data360.

REF_AREA is the sending country, COMP_BREAKDOWN_1 (`WB_KNOMAD_MEX`) the receiving one. The values are million US dollars
although UNIT_MULT says 0. Totals (`WLD`), other groups of countries, cells of 0 or without a value and what stays
within a country are left out and counted. The answers are pages of one list: `skip` goes on by the rows that came,
until `count`; no answer holds more than about 10,000 rows, whatever is asked. Estimates are modelled, and of 2021 only.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from remitwatch.fields import exact_decimal
from remitwatch.flows import Flow
from scrapers.base import UNREADABLE, AnswerError, Record, Refused, Repaired, Request, Response, Scraper, describe
from scrapers.benchmarks.areas import WORLD, world_bank_area

URL = "https://data360api.worldbank.org/data360/data"
DATABASE, INDICATOR = "WB_KNOMAD", "WB_KNOMAD_BRE"
SERIES = "knomad_bre"
PAGE = 1000
LARGEST = Decimal(1_000_000)
"""Million US dollars: no country sends another a million million a year, so these are not millions any more."""


class Knomad(Scraper):
    """The whole matrix, page by page."""

    leads_to = "the following pages of the list, about ten"

    def requests_between(self, since: dt.date, until: dt.date, today: dt.date) -> Iterator[Request]:
        yield _page(0)

    def parse(self, response: Response) -> Iterator[Record]:
        count, rows = _list(response.json())
        skipped = int(response.request.params["skip"])
        if not rows and count > skipped:
            raise AnswerError("truncated", f"the list ends after {skipped} of {count} rows")
        counts: Counter[str] = Counter()
        for number, row in enumerate(rows, start=skipped + 1):
            try:
                flow = _flow(row, counts)
            except UNREADABLE as error:
                yield Refused(row, describe(error), row=number)
                continue
            if flow is None:
                continue
            if flow.value > LARGEST:
                raise AnswerError(
                    "invalid",
                    f"row {number}: {flow.sender}-{flow.receiver} {flow.value}: not million US dollars any more",
                )
            yield flow
        yield Repaired("rows_read", len(rows))
        for kind, left_out in sorted(counts.items()):
            yield Repaired(kind, left_out)
        if rows and skipped + len(rows) < count:
            yield _page(skipped + len(rows))


def _page(skip: int) -> Request:
    return Request(URL, {"DATABASE_ID": DATABASE, "INDICATOR": INDICATOR, "skip": str(skip), "top": str(PAGE)})


def _list(answer: Any) -> tuple[int, list[Any]]:
    """How many rows there are in all, and those of this page. Raises AnswerError for an answer of another shape."""
    if not (isinstance(answer, Mapping) and isinstance(answer.get("value"), list)):
        said = answer.get("message") or answer.get("error") if isinstance(answer, Mapping) else None
        if said:
            raise AnswerError("refused", f"the API answered with an error: {said}")
        raise AnswerError("changed", "not a list of Data360: expected count and value")
    count = answer.get("count")
    if not isinstance(count, int) or isinstance(count, bool):
        raise AnswerError("changed", f"count {count!r}: expected how many rows there are")
    return count, answer["value"]


def _flow(row: Mapping[str, Any], counts: Counter[str]) -> Flow | None:
    """The flow of a row; None for what is left out, which is counted. Raises ValueError and KeyError."""
    if row["INDICATOR"] != INDICATOR:
        raise ValueError(f"INDICATOR {row['INDICATOR']!r}: expected {INDICATOR}")
    if row.get("UNIT_MULT", "0") not in ("0", "6"):
        raise ValueError(f"UNIT_MULT {row['UNIT_MULT']!r}: expected 0 (said of millions) or 6")
    receiving = re.fullmatch(rf"{DATABASE}_([A-Z]{{3}})", row["COMP_BREAKDOWN_1"], re.ASCII)
    if receiving is None:
        raise ValueError(f"COMP_BREAKDOWN_1 {row['COMP_BREAKDOWN_1']!r}: expected {DATABASE}_ and a country code")
    sender, receiver = world_bank_area(row["REF_AREA"]), world_bank_area(receiving[1])
    if WORLD in (sender, receiver):
        counts["left_out_total"] += 1
    elif sender is None or receiver is None:
        counts["left_out_aggregate"] += 1
    elif row["OBS_VALUE"] in (None, ""):
        counts["left_out_empty"] += 1
    elif (value := exact_decimal(row["OBS_VALUE"])) == 0:
        counts["left_out_zero"] += 1
    elif sender == receiver:
        counts["left_out_own_country"] += 1
    elif not re.fullmatch(r"\d{4}", row["TIME_PERIOD"], re.ASCII):
        raise ValueError(f"TIME_PERIOD {row['TIME_PERIOD']!r}: expected a year")
    else:
        return Flow(series=SERIES, sender=sender, receiver=receiver, year=int(row["TIME_PERIOD"]), value=value)
    return None
