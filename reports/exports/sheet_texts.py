"""Texts in the cells of a workbook: nothing from data is live."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from reports import wording

_FORMULA_STARTS = ("=", "+", "-", "@")


@lru_cache(maxsize=1 << 12)  # most cells hold one of a few hundred names and codes
def as_text(value: str) -> tuple[str, bool]:
    """A text as it may stand in a cell, and whether a spreadsheet could take it for a formula."""
    if not value.isascii() or not value.isprintable() or len(value) > 300:
        value = wording.clean_text(value, 2000)
    return value, value.startswith(_FORMULA_STARTS)


def write_text(sheet: Any, row: int, column: int, text: str, format: Any = None) -> None:
    """Write a text into a worksheet of xlsxwriter, whatever it looks like. From `<r>` to `</r>` it would be taken for
    the XML of a rich text and written as it is, with formulas and further cells in it: a space is put before."""
    as_xml = text.startswith("<r>") and text.endswith("</r>")
    sheet.write_string(row, column, f" {text}" if as_xml else text, format)
