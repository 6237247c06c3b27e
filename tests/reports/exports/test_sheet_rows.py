"""Rows of a table as xlsxwriter would have written them, cell for cell."""

import datetime as dt
import io
import zipfile
from decimal import Decimal
from xml.etree import ElementTree

import pytest
import xlsxwriter
from hypothesis import example, given
from hypothesis import strategies as st

from reports.exports.sheet_rows import write_rows
from reports.exports.sheet_texts import as_text

FORMS = ({"valign": "top"}, {"num_format": "0.00"}, {"num_format": "#,##0"})
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
TEXTS = (
    "GBR", "a & b < c > d \" ' e", "=1+1", "-2", "@SUM(A1)", "+1", " first", "last ", "_x0041_", "x_x000D_y_x000d_",
    "Crédit Agricole", "中国银行", "🏦 Bank", "line\r\nbreak", "nul\0byte", "\x0b\x1f", "\u202eevil", "\ufffe\uffff",
    "\ud800 alone", "long " * 8000, "<r>", "</r>", "<is><t>1</t></is>", "1", "1e5", "2026-10-30",
)  # fmt: skip
NUMBERS = (
    0, 1, -1, 12345678901234567890, 0.0, -0.0, 0.1, 1 / 3, 1e-7, 1e22, 123456789.123456789, 5e-324,
    Decimal("6.123456789012345678"), Decimal("-0.000"), Decimal("1E+3"), Decimal(7), True,
)  # fmt: skip
DAYS = (dt.date(1900, 3, 1), dt.date(2000, 2, 29), dt.date(2026, 10, 30), dt.date(9999, 12, 31))
EMPTY = (None, "", float("nan"), Decimal("NaN"))
cells = st.one_of(
    st.sampled_from((*TEXTS, *NUMBERS, *DAYS, *EMPTY)),
    st.text(max_size=30),
    st.integers(),
    st.floats(allow_infinity=False),
    st.decimals(allow_infinity=False, allow_nan=False, places=12, min_value=-(10**9), max_value=10**9),
    st.dates(dt.date(1900, 3, 1)),
)


def written(rows, write):
    """The parts of a workbook of one table with a head of three columns, whose rows were written by `write`."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"constant_memory": True, "strings_to_formulas": False}) as workbook:
        workbook.set_properties({"created": dt.datetime(2026, 10, 30)})
        formats = [workbook.add_format(form) for form in FORMS]
        day, quoted = workbook.add_format({"num_format": "yyyy-mm-dd"}), workbook.add_format({"quote_prefix": True})
        sheet = workbook.add_worksheet()
        sheet.set_row(0, 45)
        for place in range(len(FORMS)):
            sheet.write_string(0, place, f"head {place}", formats[0])
        write(sheet, rows, formats, day=day, quoted=quoted)
        sheet.autofilter(0, 0, max(len(rows), 1), len(FORMS) - 1)
        later = workbook.add_worksheet()  # what follows goes on as if nothing had been
        later.write_number(3, 2, 1.5, formats[1])
    with zipfile.ZipFile(content) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def by_xlsxwriter(sheet, rows, formats, *, day, quoted):
    """The same rows through what xlsxwriter documents."""
    for at, row in enumerate(rows, start=1):
        for place, (cell, form) in enumerate(zip(row, formats, strict=True)):
            if cell is None or cell == "" or cell != cell:
                continue
            if isinstance(cell, str):
                text, live = as_text(cell)
                sheet.write_string(at, place, text, quoted if live else form)
            elif isinstance(cell, dt.date):
                sheet.write_datetime(at, place, cell, day)
            else:
                sheet.write_number(at, place, float(cell) if isinstance(cell, Decimal) else cell, form)


def rows_of(cells):
    """The cells in rows of three, each of them in every column."""
    return [[cells[at - 2], cells[at - 1], cells[at]] for at in range(len(cells))]


def text_of(sheet):
    """The texts of a sheet as a reader of the file has them."""
    return [cell.findtext(f"{MAIN}is/{MAIN}t") for cell in ElementTree.fromstring(sheet).iter(f"{MAIN}c")]


@given(st.lists(st.lists(cells, min_size=3, max_size=3), max_size=6))
@example([])
@example([[None, "", float("nan")]])
@example([["GBR", 1, 2], [None, None, None], ["GBR", 1, 2], [None, None, None]])
@example(rows_of(TEXTS))
@example(rows_of(NUMBERS))
@example(rows_of((*DAYS, *EMPTY)))
@example([["a", number, "=1"] for number in range(300)])
def test_the_workbook_is_what_xlsxwriter_makes_of_the_same_rows(rows):
    """It fails where xlsxwriter changes what `reports.exports.sheet_rows` rests on, or how it writes a cell."""
    assert written(rows, write_rows) == written(rows, by_xlsxwriter)


@pytest.mark.parametrize("name", ["<r><t>rich</t></r>", "<r><c></r>", "<r>=1</r>"])
def test_a_text_that_looks_like_the_xml_of_a_rich_text_is_text(name):
    parts = written([[name, name, None]], write_rows)
    assert text_of(parts["xl/worksheets/sheet1.xml"])[3:] == [name, name]


@pytest.mark.parametrize("cell", [float("inf"), Decimal("-Infinity"), object(), ("a",), b"a", dt.time(1, 2)])
def test_what_no_cell_can_hold_is_refused(cell):
    with pytest.raises((TypeError, ValueError)):
        written([["a", cell, 1]], write_rows)


def test_a_row_has_a_cell_for_every_column():
    with pytest.raises(ValueError, match="shorter"):
        written([["a", 1]], write_rows)
