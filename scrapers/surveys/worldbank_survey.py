"""World Bank, Remittance Prices Worldwide: the complete dataset, the workbook or its sheet as csv.

Collected, it takes two questions: the data catalog tells where the workbook of the newest release is (its resources
change their ids, and some have no address), then the workbook is downloaded, once a release.

One row is one service at two amounts (cc1 = USD 200, cc2 = USD 500), so one row gives up to two quotes, each with the
margin and total that the survey itself published. Rows are kept as published: what is repaired in reading is counted,
an unknown label is coded `unknown` with its text kept, and only a row without a usable key or price is refused.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from remitwatch.quotes import Inquiry
from scrapers.base import UNREADABLE, AnswerError, Record, Refused, Repaired, Request, Response, Scraper, describe
from scrapers.surveys.survey_columns import Columns, column_name, is_header, survey_table
from scrapers.surveys.survey_row import RowReader, refused_row
from scrapers.surveys.survey_table import SheetReader, TableReader
from scrapers.tables import Cell, Sheet, csv_parts, csv_sheet, first_line, is_workbook, workbook_sheets
from scrapers.workbook import Part, workbook_parts
from scrapers.workbook_heads import workbook_heads

DATASET = "0037898"
CATALOG = f"https://ddh-openapi.worldbank.org/datasets/{DATASET}"
DOWNLOAD = "https://ddh-openapi.worldbank.org/resources/{}/download"
MAX_BYTES = 200 * 2**20  # a release of 2026 is 51 MB
DEADLINE = 15 * 60.0  # seconds: such a file takes minutes where 20 seconds do for an answer
_WORKBOOK = re.compile(r"rpw_dataset_.+\.xlsx", re.IGNORECASE)
_RESOURCE = re.compile(r"DR\d+")
_END_OF_ZIP, _END_WITHIN = b"PK\x05\x06", 65_557  # the record at a zip's end, its comment at its longest
_NO_SHEET = "no sheet with the survey's columns: expected id, period, source_code, cc1 lcu amount ..."


class WorldbankSurvey(Scraper):
    """The survey workbook (every sheet that has the survey's columns) or one of its sheets as csv."""

    leads_to = "the workbook of the newest release, about 50 MB, where it is not held yet"

    def requests(self, inquiries: Sequence[Inquiry]) -> Iterator[Request]:
        """The catalog: what is surveyed is not ours to choose."""
        yield Request(CATALOG)

    @staticmethod
    def recognises(head: bytes, name: str) -> bool:
        if is_workbook(head):
            return any(is_header(cells) for rows in workbook_heads(head).values() for cells in rows)
        return {"period", "source_code", "cc1 lcu amount"} <= {
            column_name(cell.strip('"')) for cell in first_line(head).split(",")
        }

    def parse(self, response: Response) -> Iterator[Record]:
        if _is_catalog(response):
            yield from _newest_release(response.json())
            return
        body, name = _file(response)
        sheets = workbook_sheets(body) if is_workbook(body[:100]) else iter([csv_sheet(body, name)])
        found = 0
        for sheet in sheets:
            table = survey_table(sheet)
            if table is not None:
                found += 1
                yield from _read_rows(sheet, *table)
        if not found:
            raise AnswerError("changed", _NO_SHEET)

    def parse_table(self, response: Response) -> Iterator[Record]:
        """The same as `parse` by columns: refusals, repairs, and one SurveyTable in place of a Quote a price."""
        if _is_catalog(response):
            yield from _newest_release(response.json())
            return
        body, name = _file(response)
        typed = is_workbook(body[:100])
        reader = TableReader()
        sheet: SheetReader | None = None
        found = number = 0
        for part in workbook_parts(body) if typed else csv_parts(body, name):
            if part.number != number:
                if sheet is not None:
                    yield from sheet.end()
                number, sheet = part.number, None
                if (start := _table_in(part, typed)) is not None:
                    found += 1
                    sheet = SheetReader(reader, start[0], part.sheet, typed)
                    part = part.after(start[1])
            if sheet is not None:
                yield from sheet.read(part)
        if sheet is not None:
            yield from sheet.end()
        if not found:
            raise AnswerError("changed", _NO_SHEET)
        yield reader.table()


def _is_catalog(response: Response) -> bool:
    """Whether this is the catalog's answer: the only one that is neither a file nor asked for as a named release."""
    return response.file_name is None and not response.request.context


def _file(response: Response) -> tuple[bytes, str]:
    """Body and name of the file. Raises AnswerError for a download that is no workbook, or not the whole of one."""
    body, name = response.body, response.file_name or response.request.context["file"]
    if response.file_name is None and not is_workbook(body[:100]):
        raise AnswerError("changed", f"{name}: what came is no xlsx workbook")
    if response.file_name is None and _END_OF_ZIP not in body[-_END_WITHIN:]:
        raise AnswerError("truncated", f"{name}: the download ends early, after {len(body)} bytes")
    return body, name


def _newest_release(answer: Any) -> Iterator[Record]:
    """The download of the newest release: the last resource of the dataset whose address names such a workbook.
    Raises AnswerError for an answer of another shape, and where no resource is one."""
    if not (isinstance(answer, Mapping) and answer.get("dataset_id") == DATASET):
        raise AnswerError("changed", f"not the catalog's answer: expected the dataset {DATASET}")
    resources, released = answer.get("resources"), answer.get("modified_on")
    if not isinstance(resources, list) or not all(isinstance(one, Mapping) for one in resources):
        raise AnswerError("changed", f"dataset {DATASET}: expected a list of resources")
    if not _is_time(released):
        raise AnswerError("changed", f"dataset {DATASET}: modified_on {released!r}: expected the time of the release")
    found = [(one, name) for one in resources if _WORKBOOK.fullmatch(name := _name_of(one.get("url")))]
    if not found:
        without = sum(one.get("url") is None for one in resources)
        raise AnswerError(
            "changed",
            f"dataset {DATASET}: none of its {len(resources)} resources is a workbook rpw_dataset_….xlsx "
            f"({without} have no address)",
        )
    resource, name = found[-1]
    context = {"released": released, "file": name}
    large: dict[str, Any] = {"context": context, "max_bytes": MAX_BYTES, "deadline": DEADLINE, "once": True}
    number = str(resource.get("resource_unique_id"))
    instead = Request(DOWNLOAD.format(number), **large) if _RESOURCE.fullmatch(number) else None
    yield Request(resource["url"], instead=instead, **large)


def _is_time(text: Any) -> bool:
    try:
        dt.datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return False
    return True


def _name_of(url: Any) -> str:
    """The file's name in an address; '' where there is no address."""
    return urlsplit(url).path.rpartition("/")[2] if isinstance(url, str) else ""


def _table_in(part: Part, typed: bool) -> tuple[Columns, int] | None:
    """The columns of the sheet that begins with this part, and the place of the first row below its header."""
    table = survey_table(Sheet(part.sheet, part.rows(), typed))
    if table is None:
        return None
    columns, rows = table
    after = next(rows, None)
    return columns, part.count if after is None else after[0] - part.first


def _read_rows(sheet: Sheet, columns: Columns, rows: Iterator[tuple[int, list[Cell]]]) -> Iterator[Record]:
    repairs: Counter[str] = Counter({"unknown_column": len(columns.unknown)} if columns.unknown else {})
    read = 0
    for place, cells in rows:
        if all(cell in ("", None) for cell in cells):
            continue
        read += 1
        record = columns.record(cells)
        row = RowReader(record, sheet.typed)
        try:
            values = list(row.read())
        except UNREADABLE as error:
            yield refused_row(record, f"{sheet.name}: {describe(error)}", place)
            continue
        for value in values:
            yield (
                refused_row(value.record, f"{sheet.name}: {value.why}", place) if isinstance(value, Refused) else value
            )
        repairs += row.repairs
    yield Repaired("rows_read", read)
    for kind, count in sorted(repairs.items()):
        yield Repaired(kind, count)
