"""World Bank DataBank export "Remittance Prices Worldwide (Corridors)": official average costs by corridor and quarter.

One row a pair of countries, one column a quarter (`2011Q1 [YR2011Q1]`), `..` where there is no value, then blank lines
and a footer that names the database and the day of its last update. Column names have come with doubled spaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from remitwatch.benchmarks import Benchmark
from remitwatch.countries import country_code
from remitwatch.fields import exact_decimal
from scrapers.base import AnswerError, Record, Refused, Repaired, Response, Scraper, describe
from scrapers.tables import csv_sheet, first_line

SENDER = "sending countries code"
RECEIVER = "receiving countries code"
SERIES = "series code"


class DatabankCorridors(Scraper):
    """The official corridor averages, for comparing with ours."""

    @staticmethod
    def recognises(head: bytes, name: str) -> bool:
        line = " ".join(first_line(head).split())
        return SENDER in line and RECEIVER in line

    def parse(self, response: Response) -> Iterator[Record]:
        name = response.file_name or "the csv"
        rows = iter(csv_sheet(response.body, name).rows)
        header = [" ".join(str(cell).split()) for _, cells in [next(rows, (1, []))] for cell in cells]
        columns = {title.lower(): index for index, title in enumerate(header)}
        missing = [title for title in (SENDER, RECEIVER, SERIES) if title not in columns]
        if missing:
            raise AnswerError("changed", f"missing column {missing[0]!r}: not an export of the corridor database")
        quarters = {
            index: f"{match[1]}-Q{match[2]}"
            for index, title in enumerate(header)
            if (match := re.match(r"(\d{4})Q([1-4])\b", title))
        }
        if not quarters:
            raise AnswerError("changed", "no column of a quarter such as '2011Q1 [YR2011Q1]'")
        read = recoded = 0
        for number, cells in rows:
            texts = [str(cell).strip() for cell in cells]
            if len(texts) <= columns[SERIES] or not texts[columns[SERIES]]:
                continue  # blank lines and the footer have no series code
            read += 1
            if len(texts) != len(header):
                yield Refused(texts, f"{len(texts)} cells: expected {len(header)}", row=number)
                continue
            where = {title: texts[columns[title]] for title in (SENDER, RECEIVER, SERIES)}
            values = {quarters[index]: texts[index] for index in quarters if texts[index] not in ("", "..")}
            if not values:
                continue
            recoded += sum(where[title] == "KSV" for title in (SENDER, RECEIVER))
            for period, text in values.items():
                try:
                    yield Benchmark(
                        series=where[SERIES],
                        scope="corridor",
                        sender=country_code(where[SENDER]),
                        receiver=country_code(where[RECEIVER]),
                        period=period,
                        value=exact_decimal(text),
                    )
                except ValueError as error:
                    yield Refused({**where, period: text}, f"column {period}: {describe(error)}", row=number)
        yield Repaired("rows_read", read)
        if recoded:
            yield Repaired("country_code", recoded)
