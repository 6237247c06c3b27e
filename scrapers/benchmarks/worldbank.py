"""World Development Indicators: the average cost of sending to (IB) and from (OB) a country, by year.

Three layouts: the API's answer in JSON ([meta, rows], errors with status 200 as [{"message": ...}]), the bank's csv
download (four lines about the file, then a row a country and a column a year), and the same table as xls or xlsx on a
sheet `Data`. Collected, it is the API's answer, a question a series, page by page. A cell without a number is a value
that is not published. The world is kept; regions and income groups are counted and left out. A year's value of a
country is its third quarter's (METHODOLOGY section 3).
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from remitwatch.benchmarks import Benchmark
from remitwatch.fields import exact_decimal
from scrapers.base import UNREADABLE, AnswerError, Record, Refused, Repaired, Request, Response, Scraper, describe
from scrapers.benchmarks.areas import subject, world_bank_area
from scrapers.clean import shortest
from scrapers.tables import Cell, Sheet, csv_sheet, is_workbook, workbook_sheets
from scrapers.workbook import is_old_workbook
from scrapers.workbook_heads import workbook_heads

SERIES: dict[str, Literal["sender", "receiver"]] = {"SI.RMT.COST.IB.ZS": "receiver", "SI.RMT.COST.OB.ZS": "sender"}
URL = "https://api.worldbank.org/v2/country/all/indicator/{}"
FIRST_YEAR = 2011  # the survey's first
COLUMNS = ("country code", "indicator code")
_HEADER_WITHIN = 10
_OTHER = f"no row of {' or '.join(SERIES)}"


class Worldbank(Scraper):
    """The bank's published averages of countries, for comparing with ours."""

    @staticmethod
    def recognises(head: bytes, name: str) -> bool:
        if is_workbook(head) or is_old_workbook(head):
            return any(_header(cells) for rows in workbook_heads(head).values() for cells in rows)
        text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if text.startswith(b"["):
            start = b"".join(text[:200].split())
            return start.startswith(b'[{"message":') or (start.startswith(b'[{"page":') and b'"SI.RMT.COST.' in text)
        lines = text.lower().replace(b'"', b"").splitlines()[:_HEADER_WITHIN]
        return any(line.startswith(b"country name,country code,indicator name,indicator code") for line in lines)

    def requests_between(self, since: dt.date, until: dt.date, today: dt.date) -> Iterator[Request]:
        """All years of the survey for each series: past years are revised, so a span of them is no answer."""
        for series in SERIES:
            asked = {"format": "json", "per_page": "20000", "date": f"{FIRST_YEAR}:{today.year}"}
            yield Request(URL.format(series), asked)

    def parse(self, response: Response) -> Iterator[Record]:
        body = response.body
        if is_workbook(body[:100]) or is_old_workbook(body):
            yield from _tables(workbook_sheets(body))
        elif body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"[", b"{"):
            yield from _answer(response)
        else:
            yield from _tables([csv_sheet(body, response.file_name or "the csv")])


def _answer(response: Response) -> Iterator[Record]:
    """The figures in an answer of the API, and the question for its next page."""
    answer = response.json()
    if isinstance(answer, list) and answer and isinstance(answer[0], dict) and "message" in answer[0]:
        said = "; ".join(
            " ".join(str(one.get(key, "")) for key in ("id", "key", "value")) for one in answer[0]["message"]
        )
        raise AnswerError("refused", f"the API answered with an error: {said}")
    if not (isinstance(answer, list) and len(answer) == 2 and isinstance(answer[0], dict) and "page" in answer[0]):
        raise AnswerError("changed", "not an answer of the World Bank's API: expected [meta, rows]")
    meta, rows = answer
    if not isinstance(rows, list):
        raise AnswerError("changed", "the answer has no rows: expected a list of them")
    figures = _Figures()
    for number, row in enumerate(rows, start=1):
        try:
            series, codes = row["indicator"]["id"], (row["countryiso3code"], row["country"]["id"])
            if not figures.are_of(series) or _is_missing(row["value"]):
                continue
            place, year = figures.place(series, codes), str(row["date"])
            if not re.fullmatch(r"\d{4}", year, re.ASCII):
                raise ValueError(f"date {year!r}: expected a year")
            if place is not None:
                yield Benchmark(series=series, period=year, value=_number(row["value"]), **place)
        except UNREADABLE as error:
            yield Refused(row, describe(error), row=number)
    yield from figures.end(len(rows))
    if response.file_name is not None:
        if int(meta.get("pages", 1)) > 1:
            yield Repaired("pages_not_in_file", int(meta["pages"]) - 1)
        return
    asked = int(response.request.params.get("page", 1))
    page, pages = int(meta["page"]), int(meta["pages"])
    if page != asked:
        raise AnswerError("changed", f"asked for page {asked} of {pages}, got page {page}")
    if page < pages:
        params = {**response.request.params, "page": str(page + 1)}
        yield Request(response.request.url, params)


def _tables(sheets: Iterable[Sheet]) -> Iterator[Record]:
    """The figures of every sheet that has the table."""
    found = 0
    for sheet in sheets:
        rows = iter(sheet.rows)
        for number, cells in rows:
            if header := _header(cells):
                found += 1
                yield from _table(header, rows)
                break
            if number >= _HEADER_WITHIN:
                break
    if not found:
        raise AnswerError("changed", "no table of the bank's: expected columns Country Code, Indicator Code, 1960 ...")


def _header(cells: Sequence[Cell]) -> dict[str, int] | None:
    """Where the columns of codes and of years stand, by title; None for a row that is not the header."""
    titles = [_text(cell).lower() for cell in cells]
    found = {title: place for place, title in enumerate(titles) if title in COLUMNS or re.fullmatch(r"\d{4}", title)}
    return found if all(title in found for title in COLUMNS) else None


def _table(header: Mapping[str, int], rows: Iterator[tuple[int, list[Cell]]]) -> Iterator[Record]:
    years = [title for title in header if title not in COLUMNS]
    if not years:
        raise AnswerError("changed", "no column of a year such as 2019")
    figures, read = _Figures(), 0
    for number, cells in rows:
        if all(_text(cell) == "" for cell in cells):
            continue
        read += 1
        code, series = (_text(_at(cells, header[title])) for title in COLUMNS)
        if not figures.are_of(series):
            continue
        known = {year: cell for year in years if not _is_missing(cell := _at(cells, header[year]))}
        record = {"country": code, "series": series, **{year: _text(cell) for year, cell in known.items()}}
        try:
            place = figures.place(series, (code,), len(known)) if known else None
        except ValueError as error:
            yield Refused(record, describe(error), row=number)
            continue
        for year, cell in known.items() if place else ():
            try:
                yield Benchmark(series=series, period=year, value=_number(cell), **place or {})
            except ValueError as error:
                yield Refused(record, f"column {year}: {describe(error)}", row=number)
    yield from figures.end(read)


class _Figures:
    """Says whose the figures are, and counts what is left out."""

    def __init__(self) -> None:
        self._left: Counter[str] = Counter()
        self._ours = 0

    def are_of(self, series: str) -> bool:
        """Whether a row is of one of the two series; another's is counted."""
        ours = series in SERIES
        self._ours += ours
        self._left["other_series_left_out"] += not ours
        return ours

    def place(self, series: str, codes: Sequence[str], count: int = 1) -> dict[str, Any] | None:
        """Scope, sender and receiver of `count` figures; None for a group of countries, whose figures are left out.
        Raises ValueError for codes of no country, or of two."""
        areas = {world_bank_area(code) for code in codes if code}
        if len(areas) != 1:
            raise ValueError(f"country {' and '.join(codes)}: expected one country")
        (area,) = areas
        if area is None:
            self._left["aggregates_left_out"] += count
            return None
        return subject(SERIES[series], area)

    def end(self, rows: int) -> Iterator[Record]:
        """What was counted. Raises AnswerError when nothing was of these series."""
        if not self._ours:
            raise AnswerError("changed", f"{_OTHER}: another indicator's file")
        yield Repaired("rows_read", rows)
        for kind, count in sorted(self._left.items()):
            if count:
                yield Repaired(kind, count)


def _at(cells: Sequence[Cell], place: int) -> Cell:
    return cells[place] if place < len(cells) else ""


def _is_missing(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and cell.strip() in ("", ".."))


def _number(cell: Any) -> Any:
    """A number as published: JSON's and csv's with every digit; of a workbook, whose cells are binary, the shortest."""
    if isinstance(cell, float):
        return shortest(exact_decimal(repr(cell)))
    return exact_decimal(cell.strip() if isinstance(cell, str) else cell)


def _text(cell: Cell) -> str:
    return (
        str(int(cell)) if isinstance(cell, float) and cell.is_integer() else "" if cell is None else str(cell).strip()
    )
