"""European Central Bank: euro reference rates. One list a TARGET day, about 30 currencies, base always EUR.

Four shapes, told apart by content: the daily XML, the 90-day XML (the same, with many days), the history since 1999 as
a zip with one csv, and the csv of the data API (a row a rate, read by the names of its columns). The data API is asked
for a span of the past that is over: it gives that span and no more. The history is also read as a file (`import --as
ecb-history`), zipped or not, and so is a csv of the data API.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from remitwatch.currencies import currencies
from remitwatch.fields import exact_decimal
from remitwatch.rates import ReferenceRate
from scrapers.base import AnswerError, Record, Refused, Repaired, Request, Response, Scraper, describe, each
from scrapers.tables import csv_sheet, first_line

FOLDER = "https://www.ecb.europa.eu/stats/eurofxref/"
DATA_API = "https://data-api.ecb.europa.eu/service/data/EXR/D..EUR.SP00.A"
DATA_COLUMNS = ("FREQ", "CURRENCY", "TIME_PERIOD", "OBS_VALUE")
CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"
MAX_HISTORY = 64 * 2**20  # the history is 2 MB unpacked
# In the history, and gone before anything here could be priced with them: not in the table of currencies.
WITHDRAWN = frozenset({"CYP", "MTL", "ROL", "SIT", "SKK", "TRL"})


class Ecb(Scraper):
    """The euro foreign exchange reference rates."""

    def requests_between(self, since: dt.date, until: dt.date, today: dt.date) -> Iterator[Request]:
        if _weekdays(since, today) <= 1:  # no rates at weekends: on a Monday the daily list closes the gap
            yield Request(FOLDER + "eurofxref-daily.xml")
        elif since >= today - dt.timedelta(days=89):
            yield Request(FOLDER + "eurofxref-hist-90d.xml")
        elif until < today:
            asked = {"startPeriod": str(since), "endPeriod": str(until), "detail": "dataonly", "format": "csvdata"}
            yield Request(DATA_API, asked)
        else:
            yield Request(FOLDER + "eurofxref-hist.zip")

    @staticmethod
    def recognises(head: bytes, name: str) -> bool:
        if head[:4] == b"PK\x03\x04":
            return head[30:].startswith(b"eurofxref")
        if _is_data(head):
            return True
        return head.removeprefix(b"\xef\xbb\xbf").startswith(b"Date,USD,") or b"vocabulary/2002-08-01/eurofxref" in head

    def parse(self, response: Response) -> Iterator[Record]:
        body = response.body
        if body[:4] == b"PK\x03\x04":
            yield from _read_history(_unzip(body))
        elif body.removeprefix(b"\xef\xbb\xbf").startswith(b"Date,"):
            yield from _read_history(body)
        elif _is_data(body):
            yield from _read_data(body)
        else:
            yield from _read_xml(body)


def _is_data(head: bytes) -> bool:
    columns = first_line(head).split(",")
    return all(name.lower() in columns for name in DATA_COLUMNS)


def _weekdays(since: dt.date, until: dt.date) -> int:
    days = range(since.toordinal(), until.toordinal() + 1)
    return sum(dt.date.fromordinal(day).weekday() < 5 for day in days)


def _read_xml(body: bytes) -> Iterator[Record]:
    start = body[:300].lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        raise AnswerError("blocked", "a page of HTML came in place of the rates")
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise AnswerError("invalid", "the XML declares a document type: the rates have none")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        reason = "changed" if b"</gesmes:Envelope>" in body or not start.startswith(b"<") else "truncated"
        raise AnswerError(reason, f"not readable as XML: {error.msg}") from None
    days = [cube for cube in root.iter(CUBE) if "time" in cube.attrib]
    if not days:
        raise AnswerError("changed", "no <Cube time=...> in the XML")
    for cube in days:
        date = dt.date.fromisoformat(cube.attrib["time"])
        yield from each(({"time": str(date), **entry.attrib} for entry in cube.iterchildren(CUBE)), _read_cube)


def _read_cube(entry: Any) -> Iterator[Record]:
    yield _rate(entry["currency"], entry["time"], entry["rate"])


def _rate(currency: str, day: str, rate: str) -> ReferenceRate:
    return ReferenceRate(base="EUR", quote=currency, date=dt.date.fromisoformat(day), rate=exact_decimal(rate))


def _unzip(body: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            names = [name for name in archive.namelist() if name.endswith(".csv")]
            if len(names) != 1:
                raise AnswerError("changed", f"expected one csv in the zip, got {archive.namelist()[:5]}")
            if archive.getinfo(names[0]).file_size > MAX_HISTORY:
                raise AnswerError("invalid", f"{names[0]} unpacks to more than {MAX_HISTORY:,} bytes")
            return archive.read(names[0])
    except (zipfile.BadZipFile, EOFError, zlib.error, RuntimeError) as error:
        raise AnswerError("truncated", f"not readable as a zip: {error}") from None


def _read_history(body: bytes) -> Iterator[Record]:
    rows = iter(csv_sheet(body, "eurofxref-hist.csv").rows)
    header = [str(cell).strip() for _, cells in [next(rows, (1, []))] for cell in cells]
    codes = {column: code for column, code in enumerate(header) if code and column}
    if not codes:
        raise AnswerError("changed", "no column of a currency: expected Date,USD,JPY ...")
    for code in codes.values():
        if code not in currencies() and code not in WITHDRAWN:
            yield Refused({"column": code}, f"unknown currency {code!r}: its rates are left out")
    read = skipped = 0
    for number, cells in rows:
        if not any(cells):
            continue
        read += 1
        day = str(cells[0])
        for column, code in codes.items():
            rate = str(cells[column]) if column < len(cells) else ""
            if rate in ("", "N/A"):
                continue
            if code not in currencies() or code in WITHDRAWN:
                skipped += 1
                continue
            try:
                yield _rate(code, day, rate)
            except (ValueError, ArithmeticError) as error:
                yield Refused({"Date": day, code: rate}, f"column {code}: {describe(error)}", row=number)
    yield Repaired("rows_read", read)
    if skipped:
        yield Repaired("withdrawn_currency", skipped)


def _read_data(body: bytes) -> Iterator[Record]:
    if not body.endswith(b"\n"):
        raise AnswerError("truncated", "the csv stops within its last line")
    rows = iter(csv_sheet(body, "data.csv").rows)
    header = [str(cell).strip() for _, cells in [next(rows)] for cell in cells]
    read = empty = withdrawn = 0
    for number, cells in rows:
        if not any(cells):
            continue
        read += 1
        if len(cells) != len(header):
            yield Refused([str(cell) for cell in cells], f"expected {len(header)} cells, got {len(cells)}", row=number)
            continue
        entry = dict(zip(header, map(str, cells), strict=True))
        if entry["OBS_VALUE"] in ("", "NaN"):
            empty += 1
            continue
        if entry["CURRENCY"] in WITHDRAWN:
            withdrawn += 1
            continue
        try:
            yield _read_observation(entry)
        except (ValueError, ArithmeticError) as error:
            yield Refused(entry, describe(error), row=number)
    yield Repaired("rows_read", read)
    for kind, count in (("no_rate", empty), ("withdrawn_currency", withdrawn)):
        if count:
            yield Repaired(kind, count)


def _read_observation(entry: dict[str, str]) -> ReferenceRate:
    frequency, against = entry["FREQ"], entry.get("CURRENCY_DENOM", "EUR")
    if (frequency, against) != ("D", "EUR"):
        raise ValueError(f"expected a daily rate against EUR, got frequency {frequency!r} against {against!r}")
    return _rate(entry["CURRENCY"], entry["TIME_PERIOD"], entry["OBS_VALUE"])
