"""Workbooks that would hurt whoever reads them: refused in one line, by a process that goes on."""

import datetime as dt
import io
import resource
import time
import zipfile
from collections import deque
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from scrapers import workbook, workbook_child
from scrapers.base import AnswerError
from scrapers.tables import csv_parts, csv_sheet, workbook_sheets

SHEET = "xl/worksheets/sheet1.xml"
HEAD = '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


def book(cells: dict[tuple[int, int], object] | None = None) -> bytes:
    content = io.BytesIO()
    made = xlsxwriter.Workbook(content, {"in_memory": True})
    sheet = made.add_worksheet("Data")
    made.add_worksheet("Empty")
    day = made.add_format({"num_format": "yyyy-mm-dd"})
    for (row, column), value in (cells or {(0, 0): "id", (1, 0): 1}).items():
        if isinstance(value, dt.date):
            sheet.write_datetime(row, column, value, day)
        else:
            sheet.write(row, column, value)
    made.close()
    return content.getvalue()


def with_part(name: str, text: bytes, body: bytes | None = None, compress: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A workbook with one of its parts replaced or added."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body or book())) as old, zipfile.ZipFile(content, "w", compress) as new:
        for member in old.infolist():
            if member.filename != name:
                new.writestr(member, old.read(member))
        new.writestr(name, text)
    return content.getvalue()


def sheet(*rows: str, dimension: str = "A1:B2") -> bytes:
    return f'{HEAD}<dimension ref="{dimension}"/><sheetData>{"".join(rows)}</sheetData></worksheet>'.encode()


def refusal(body: bytes, **limits: float) -> str:
    started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(AnswerError) as caught:
        deque(workbook.workbook_parts(body, **limits), maxlen=0)  # type: ignore[arg-type]
    assert caught.value.reason == "invalid"
    assert "\n" not in str(caught.value)
    assert time.monotonic() - started < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024
    return str(caught.value)


ONE_FAR_CELL = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
NEAR = '<row r="1"><c r="A1"><v>1</v></c></row>'


def test_one_cell_at_the_far_end_is_found_before_anything_is_read() -> None:
    body = with_part(SHEET, sheet(NEAR, ONE_FAR_CELL))
    assert len(body) < 10_000
    assert "reaches over 1,048,576 rows and 16,384 columns" in refusal(body)
    assert "reaches over" in refusal(with_part(SHEET, sheet(NEAR, dimension="A1:XFD1048576")))


def test_what_gets_past_the_look_meets_the_limit_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "check_sheets", lambda body: None)
    message = refusal(with_part(SHEET, sheet(NEAR, ONE_FAR_CELL)))
    assert "cannot be read within 2048 MiB of memory" in message


def test_a_bomb_is_not_unpacked() -> None:
    assert "times its size: at most 100 times" in refusal(with_part(SHEET, sheet("<row/>" * 10_000_000)))


def test_a_workbook_that_takes_too_long_is_stopped() -> None:
    row = "".join(f"<c><v>{number}</v></c>" for number in range(40))
    slow = with_part(SHEET, sheet(*[f"<row>{row}</row>"] * 60_000), compress=zipfile.ZIP_STORED)
    assert refusal(slow, seconds=0.3).endswith("took over 0.3 seconds: it was stopped")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("xl/vbaProject.bin", b"\0", "holds macros"),
        ("xl/workbook.xml", b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aa">]><x>&a;</x>', "document type"),
        (SHEET, b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', "document type"),
        (SHEET, b"<worksheet", "not readable as an xlsx workbook"),
        ("xl/workbook.xml", b"no xml at all", "not readable as an xlsx workbook"),
    ],
)
def test_a_hostile_part_is_refused(name: str, text: bytes, message: str) -> None:
    assert message in refusal(with_part(name, text))


def test_an_encrypted_or_old_workbook_says_how_to_save_it() -> None:
    with pytest.raises(AnswerError, match=r"save it as \.xlsx without a password"):
        csv_sheet(bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 100, "survey.xls")


@pytest.mark.parametrize("length", [0, 10, 200, 2000, -30, -1])
def test_a_cut_workbook_is_refused(length: int) -> None:
    refusal(book()[:length])


def test_cells_come_as_they_are() -> None:
    cells: dict[tuple[int, int], object] = {
        (0, 0): "id", (0, 1): "value", (0, 3): "day",
        (1, 0): 1, (1, 1): True, (2, 1): 1, (3, 1): 1.5, (4, 1): "1", (5, 1): False, (5, 3): dt.date(2025, 8, 18),
    }  # fmt: skip
    (data,) = workbook_sheets(book(cells))
    rows = [row for _, row in data.rows]
    assert data.name == "Data"
    assert [row[1] for row in rows] == ["value", True, 1.0, 1.5, "1", False]
    assert [type(row[1]) for row in rows] == [str, bool, float, float, str, bool]
    assert rows[5][3] == dt.date(2025, 8, 18)
    assert rows[0][2] == ""


def test_codes_mean_the_same_in_every_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scrapers.workbook_child.parts.__defaults__", (2,))
    text = "a,b\n1,x\n2\n1,y,z\n\n3,x\n"
    parts = list(csv_parts(text.encode(), "file"))
    assert len(parts) == 3
    rows = [row for part in parts for row in part.rows()]
    assert [number for number, _ in rows] == [1, 2, 3, 4, 5, 6]
    plain = [[cell for cell in cells if cell != ""] for _, cells in rows]
    assert plain == [[cell for cell in line.split(",") if cell] for line in text.splitlines()]


def sheets_of(*names: str) -> bytes:
    """A workbook of sheets that each hold their own name and some rows."""
    content = io.BytesIO()
    made = xlsxwriter.Workbook(content, {"in_memory": True})
    for name in names:
        sheet = made.add_worksheet(name)
        for row in range(3):
            sheet.write_row(row, 0, [name, row])
    made.close()
    return content.getvalue()


@pytest.mark.parametrize("names", ["A", "AB", "BA", "ABC", "ABCDE"])
def test_sheets_read_side_by_side_come_in_their_order(names: str, monkeypatch: pytest.MonkeyPatch) -> None:
    body = sheets_of(*names)
    plain = [(sheet.name, list(sheet.rows)) for sheet in workbook_sheets(body)]
    monkeypatch.setattr(workbook, "_LARGE", 0)
    assert [(sheet.name, list(sheet.rows)) for sheet in workbook_sheets(body)] == plain
    assert [name for name, _ in plain] == list(names)


def test_a_sheet_that_breaks_beside_another_ends_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "_LARGE", 0)
    body = with_part("xl/worksheets/sheet2.xml", b"<worksheet", sheets_of("A", "B", "C"))
    assert "not readable as an xlsx workbook" in refusal(body)


def test_a_column_that_begins_or_ends_within_a_part_is_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scrapers.workbook_child._AT_ONCE", 2)
    rows = [["a"], ["b", "x"], ["c", "y", True], ["d"], ["e", "x", 1.0], ["f", "", "", "z"]]
    (part,) = csv_like(rows)
    assert [cells for _, cells in part.rows()] == [row + [""] * (4 - len(row)) for row in rows]
    assert [type(cells[2]) for _, cells in part.rows()] == [str, str, bool, str, float, str]


def csv_like(rows: list[list[Any]]) -> list[workbook.Part]:
    table = workbook.PartsOf("table", 1)
    return [table.part(first, count, columns) for first, count, columns in workbook_child.parts(iter(rows))]


def test_a_consumer_may_leave_a_sheet_and_the_workbook_early(tmp_path: Path) -> None:
    body = book({(row, 0): row for row in range(40_000)})
    sheets = workbook_sheets(body)
    assert next(iter(next(sheets).rows)) == (1, [0.0])
    sheets.close()  # type: ignore[attr-defined]  # the other process is ended with it
