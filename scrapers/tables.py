"""Tables in files: the rows of a csv and of a workbook's sheets, with the row numbers that a spreadsheet shows."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, groupby

from scrapers import workbook_child
from scrapers.base import AnswerError
from scrapers.workbook import Part, PartsOf, is_old_workbook, workbook_parts

Cell = str | int | float | bool | dt.date | dt.time | dt.datetime | dt.timedelta | None
MAX_CELL = 1_000_000  # a cell longer than this is a file that lost a quotation mark
MAX_COLUMNS = 2_000  # the widest table that is read has 60
_LONG_LINE = re.compile(rb"[^\n]{%d}" % (2 * MAX_CELL))


@dataclass(frozen=True)
class Sheet:
    """A table. `rows` are numbered from 1 as in a spreadsheet. `typed` says whether cells have types of their own (a
    workbook) or are all text (a csv)."""

    name: str
    rows: Iterable[tuple[int, list[Cell]]]
    typed: bool


def is_workbook(head: bytes) -> bool:
    """Whether a file starts like an xlsx: a zip whose first member is a part of an Office package."""
    return head[:4] == b"PK\x03\x04" and head[30:60].startswith(
        (b"[Content_Types].xml", b"_rels/", b"xl/", b"docProps/")
    )


def first_line(head: bytes) -> str:
    """The first line of a text file, lower case, for recognising it. '' when it is not UTF-8 text."""
    line = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0]
    return line.decode("utf-8", "replace").strip().lower() if b"\0" not in line else ""


def csv_sheet(body: bytes, name: str) -> Sheet:
    """The table in a csv: UTF-8 (with or without BOM), commas. Raises AnswerError (`invalid`) naming line and fault."""
    if is_old_workbook(body):
        raise AnswerError("invalid", "an old .xls or an encrypted workbook: save it as .xlsx without a password")
    if is_workbook(body[:100]):
        raise AnswerError("invalid", "a workbook: expected a csv; save its sheet as CSV UTF-8, comma delimited")
    if body.startswith(b"PK\x03\x04"):
        raise AnswerError("invalid", "a zip archive that is no workbook: unpack it and bring in the file inside")
    if long := _LONG_LINE.search(body):
        line = body.count(b"\n", 0, long.start()) + 1
        raise AnswerError("invalid", f"line {line}: longer than {2 * MAX_CELL:,} bytes: expected the rows of a table")
    try:
        body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        raise AnswerError(
            "invalid", f"line {line}: expected UTF-8 text, got the byte 0x{body[error.start]:02x}"
        ) from None
    if b"\0" in body:
        line = body.count(b"\n", 0, body.index(b"\0")) + 1
        raise AnswerError("invalid", f"line {line}: expected text, got a NUL byte")
    head = body[:10_000].split(b"\n", 1)[0]
    for sign, word in ((b";", "semicolons"), (b"\t", "tabs")):
        if head.count(sign) > head.count(b","):
            raise AnswerError("invalid", f"line 1: columns are separated by {word}: expected commas")
    return Sheet(name, _csv_rows(body), typed=False)


def _csv_rows(body: bytes) -> Iterator[tuple[int, list[Cell]]]:
    before = csv.field_size_limit(MAX_CELL)
    try:
        reader = csv.reader(io.TextIOWrapper(io.BytesIO(body), "utf-8-sig", newline=""), strict=True)
        row = 0
        while True:
            row += 1
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                why = f"not readable as csv: {error} (a quotation mark that is opened and never closed?)"
                raise AnswerError("invalid", f"line {line}: {why}") from None
            if len(cells) > MAX_COLUMNS:
                raise AnswerError("invalid", f"line {line}: {len(cells):,} columns: at most {MAX_COLUMNS:,} are read")
            yield row, list(cells)
    finally:
        csv.field_size_limit(before)


def csv_parts(body: bytes, name: str) -> Iterator[Part]:
    """The rows of a csv by columns. Raises AnswerError as `csv_sheet` does."""
    table = PartsOf(name, 1)
    for first, count, columns in workbook_child.parts(cells for _, cells in csv_sheet(body, name).rows):
        yield table.part(first, count, columns)


def workbook_sheets(body: bytes) -> Iterator[Sheet]:
    """The sheets of an xlsx or xls that hold anything, in their order, cached values in place of formulas. Read in a
    process of its own with limits. Raises AnswerError (`invalid`)."""
    for _, parts in groupby(workbook_parts(body), key=lambda part: part.number):
        yield _sheet_of(parts)


def _sheet_of(parts: Iterator[Part]) -> Sheet:
    first = next(parts)
    return Sheet(first.sheet, chain(first.rows(), chain.from_iterable(part.rows() for part in parts)), typed=True)
