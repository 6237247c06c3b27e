"""World Bank, Remittance Prices Worldwide: the complete dataset, the workbook or its sheet as csv.

One row is one service at two amounts (cc1 = USD 200, cc2 = USD 500), so one row gives up to two quotes, each with the
margin and total that the survey itself published. Rows are kept as published: what is repaired in reading is counted,
an unknown label is coded `unknown` with its text kept, and only a row without a usable key or price is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from scrapers.base import UNREADABLE, AnswerError, Record, Refused, Repaired, Response, Scraper, describe
from scrapers.surveys.survey_columns import Columns, column_name, is_header, survey_table
from scrapers.surveys.survey_row import RowReader, refused_row
from scrapers.surveys.survey_table import SheetReader, TableReader
from scrapers.tables import Cell, Sheet, csv_parts, csv_sheet, first_line, is_workbook, workbook_sheets
from scrapers.workbook import Part, workbook_parts
from scrapers.workbook_heads import workbook_heads

_NO_SHEET = "no sheet with the survey's columns: expected id, period, source_code, cc1 lcu amount ..."


class WorldbankSurvey(Scraper):
    """The survey workbook (every sheet that has the survey's columns) or one of its sheets as csv."""

    @staticmethod
    def recognises(head: bytes, name: str) -> bool:
        if is_workbook(head):
            return any(is_header(cells) for rows in workbook_heads(head).values() for cells in rows)
        return {"period", "source_code", "cc1 lcu amount"} <= {
            column_name(cell.strip('"')) for cell in first_line(head).split(",")
        }

    def parse(self, response: Response) -> Iterator[Record]:
        body, name = response.body, response.file_name or "the file"
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
        body, name = response.body, response.file_name or "the file"
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
