"""Worksheets: cells by the kind of their column, frozen heads, filters and print set-up. Nothing from data is live."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from reports import wording
from reports.exports.sheet_rows import write_rows
from reports.exports.sheet_texts import as_text, write_text

INK, RULE, HEAD, WARNING = "#16202a", "#d8d3c8", "#f1eee7", "#fdf0d9"
Form = Literal["text", "wrapped", "percent", "points", "count", "amount", "rate", "day"]
_NUMBER_FORMATS = {
    "percent": "0.00",
    "points": "+0.00;\\-0.00;0.00",
    "count": "#,##0",
    "amount": "#,##0.00##",
    "rate": "#,##0.0000##",
    "day": "yyyy-mm-dd",
}


@dataclass(frozen=True)
class Col:
    """A column of a sheet: its title, how its cells are written, and its width in characters."""

    title: str
    form: Form = "text"
    width: float = 12


class Book:
    """A workbook being written. `footer` stands under every printed page, `mark` above it (sandbox data)."""

    def __init__(self, workbook: Any, footer: str, mark: str | None) -> None:
        self.workbook = workbook
        self.footer = footer
        self.mark = mark
        self.formats: dict[str, Any] = {
            "text": workbook.add_format({"valign": "top", "indent": 1}),
            "wrapped": workbook.add_format({"valign": "top", "text_wrap": True}),
            "quoted": workbook.add_format({"valign": "top", "indent": 1, "quote_prefix": True}),
            "title": workbook.add_format({"bold": True, "font_size": 16, "font_color": INK}),
            "section": workbook.add_format(
                {"bold": True, "font_size": 12, "font_color": INK, "bottom": 1, "bottom_color": RULE}
            ),
            "bold": workbook.add_format({"bold": True, "valign": "top"}),
            "warning": workbook.add_format({"bold": True, "bg_color": WARNING, "font_color": "#8a4b00"}),
            "head": workbook.add_format(
                {
                    "indent": 1,
                    "bold": True,
                    "bg_color": HEAD,
                    "text_wrap": True,
                    "valign": "top",
                    "bottom": 1,
                    "bottom_color": INK,
                }
            ),
            **{
                form: workbook.add_format({"num_format": pattern, "valign": "top"})
                for form, pattern in _NUMBER_FORMATS.items()
            },
        }

    def sheet(self, name: str, *, landscape: bool = True) -> Any:
        """A new worksheet, printed on A4, one page wide."""
        sheet = self.workbook.add_worksheet(name)
        sheet.set_paper(9)
        if landscape:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.8)
        sheet.set_footer(f"&L&8{_plain_footer(self.footer)}&R&8&A, page &P of &N")
        if self.mark:
            sheet.set_header(f'&C&10&"-,Bold"{_plain_footer(self.mark)}')
        sheet.hide_gridlines(2)
        return sheet

    def table(self, name: str, columns: Sequence[Col], rows: Iterable[Sequence[Any]]) -> tuple[Any, int]:
        """A sheet that is one table: a frozen head, a filter, and the head repeated on every printed page. Returns the
        worksheet and how many rows were written."""
        sheet = self.sheet(name)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        sheet.set_row(0, 45)
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column.title, self.formats["head"])
        formats = [self.formats[column.form] for column in columns]
        written = write_rows(sheet, rows, formats, day=self.formats["day"], quoted=self.formats["quoted"])
        sheet.autofilter(0, 0, max(written, 1), len(columns) - 1)
        return sheet, written

    def line(self, sheet: Any, at: int, cells: Sequence[str], form: str, width: int) -> None:
        """A row of texts beside each other, high enough for the longest in a column of `width` characters."""
        longest = max(map(len, cells))
        sheet.set_row(at, 15 * max(1, -(-longest // (width - 8))))
        for place, cell in enumerate(cells):
            self.text(sheet, at, place, cell, form)

    def text(self, sheet: Any, row: int, column: int, value: str, form: str = "text") -> None:
        """A text, whatever it looks like: what begins like a formula is marked as text for later edits, too."""
        if not value:
            return
        text, live = as_text(value)
        write_text(sheet, row, column, text, self.formats["quoted" if live else form])


def _plain_footer(text: str) -> str:
    return wording.clean_text(text, 120).replace("&", "&&")
