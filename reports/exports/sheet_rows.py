"""The rows of a table in a worksheet of xlsxwriter, written faster than it writes them itself.

It looks at every cell anew: its format, its characters, its place. In a table of a hundred thousand cells most say what
another has said: here each is made once, without the number of its row. What comes out is what xlsxwriter writes in its
mode of constant memory, byte for byte; all else of the workbook is its own. Elements: Office Open XML (ECMA-376-1),
18.3.1.4 `c`, 18.3.1.53 `is`, 18.3.1.73 `row`.

Of xlsxwriter (3.2 to 3.3) this rests on what is not in its documentation: in that mode a sheet keeps its rows as XML in
the file `row_data_fh`, one row behind what was written; `_write_single_row(n)` writes the row that waits and goes on to
row n; `_check_dimensions(row, column)` widens the range that the sheet says it fills; `Format._get_xf_index()` is a
format's number. `tests/reports/exports/test_sheet_rows.py` fails where one of them is another.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

from reports.exports.sheet_texts import as_text

_ROW = "\0"
"""Stands in a cell for the number of its row. No text holds it."""
_FIRST_DAY = dt.date(1899, 12, 30)
"""The day 0 of a spreadsheet, as its days count from March 1900 on."""
_NUMBERED = re.compile("(_x[0-9a-fA-F]{4}_)")
"""What a spreadsheet reads as the character of that number (ECMA-376-1, 22.9.2.19)."""
_REPEATED = {str, int, dt.date, type(None)}
"""Kinds of cells of which most repeat."""


def write_rows(sheet: Any, rows: Iterable[Sequence[Any]], formats: Sequence[Any], *, day: Any, quoted: Any) -> int:
    """Write rows into a worksheet that is in the mode of constant memory and holds its head, which fills row 0 and
    every column, and nothing else. A cell is a text, a number, a day of 1900-03-01 or later, or empty: None, NaN, ''.
    `formats`: those of the columns; days have the format `day`, texts that look like a formula `quoted`. Returns how
    many rows there are. Raises TypeError or ValueError when a cell is something else, or infinite."""
    columns = [_Column(place, format, day, quoted) for place, format in enumerate(formats)]
    sheet._write_single_row(1)
    written = 0
    for written, row in enumerate(rows, start=1):
        cells = "".join([
            column[cell] if type(cell) in _REPEATED else column.cell(cell)
            for column, cell in zip(columns, row, strict=True)
        ])  # fmt: skip
        if cells:
            number = str(written + 1)
            sheet.row_data_fh.write(f'<row r="{number}">{cells.replace(_ROW, number)}</row>')
            sheet._check_dimensions(written, 0)
    sheet._write_single_row(written + 1)
    return written


class _Column(dict[Any, str]):
    """The cells of a column by what they hold; those that are asked for like a dict's are made once."""

    def __init__(self, place: int, format: Any, day: Any, quoted: Any) -> None:
        from xlsxwriter.utility import xl_col_to_name  # takes a while to import: only where a workbook is written

        super().__init__()
        self._start = f'<c r="{xl_col_to_name(place)}{_ROW}" s="'
        self._format, self._day, self._quoted = format, day, quoted

    def __missing__(self, value: Any) -> str:
        made = self[value] = self.cell(value)
        return made

    def cell(self, value: Any) -> str:
        """A cell without the number of its row; '' where it is empty."""
        if value is None or value != value:
            return ""
        if isinstance(value, str):
            return self._text(value) if value else ""
        if isinstance(value, dt.date):
            return self._number((value - _FIRST_DAY).days, self._day)
        return self._number(float(value), self._format)

    def _number(self, value: float, format: Any) -> str:
        if math.isinf(value):
            raise ValueError("a workbook holds no infinite number")
        return f'{self._start}{format._get_xf_index()}"><v>{value:.16G}</v></c>'

    def _text(self, value: str) -> str:
        text, live = as_text(value)
        style = (self._quoted if live else self._format)._get_xf_index()
        kept = "" if text == text.strip() else ' xml:space="preserve"'
        text = _NUMBERED.sub(r"_x005F\1", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return f'{self._start}{style}" t="inlineStr"><is><t{kept}>{text}</t></is></c>'
