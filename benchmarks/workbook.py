"""A survey workbook of full size, made up: `python -m benchmarks.workbook [--rows 254000] [--clean] [OUT]`.

Both data sheets and a sheet of terms, in the layout of Remittance Prices Worldwide, with every quirk that was seen in
the real file, or its clean twin. It carries the sandbox's mark: only a sandbox home takes it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

from benchmarks.quirks import Formula, broken_rows, messy, scale
from benchmarks.survey_rows import NEW_COLUMNS, OLD_COLUMNS, Row, quarters
from scrapers.sandbox.marks import MARK

ROWS = 254_000
SEED = 7
OLD_SHEET, NEW_SHEET = "Dataset (up to Q1 2016)", "Dataset (from Q2 2016)"
BROKEN_IN = ("2012_1Q", "2016_2Q", "2024_3Q", "2025_3Q")
_SURPLUS = 5  # unnamed columns with a stray cell now and then
_RATES = ("cc1 lcu fx rate", "cc2 lcu fx rate", "inter lcu bank fx")


@dataclass(frozen=True)
class Written:
    """What was written: the file, its data rows, and how many of them nobody could use."""

    path: Path
    rows: int
    broken: int


def write_workbook(path: Path, *, rows: int = ROWS, seed: int = SEED, clean: bool = False) -> Written:
    """Write a workbook of about `rows` rows; `clean` without the quirks. The same arguments give the same cells."""
    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": "Remittance Prices Worldwide", "subject": MARK, "comments": MARK, "keywords": MARK})
    terms = book.add_worksheet("Terms of Use")
    terms.write_string(0, 0, MARK)
    terms.write_string(1, 0, "Every price in this workbook is made up, to measure with.")
    dated = book.add_format({"num_format": "yyyy-mm-dd"})
    writers = {
        old: _Sheet(book.add_worksheet(name), columns, dated, clean)
        for name, columns, old in ((OLD_SHEET, OLD_COLUMNS, True), (NEW_SHEET, NEW_COLUMNS, False))
    }
    broken = 0
    for quarter in quarters(rows, seed):
        writer, draw = writers[quarter.old], random.Random(f"quirks-{seed}-{quarter.name}")
        if not clean:
            writer.stray(draw)
        for place, row in enumerate(quarter.rows):
            good = _rescaled(row, quarter.name) if not quarter.old else row
            writer.add(good if clean else messy(good, draw))
            if place == 5 and not clean and quarter.name in BROKEN_IN:
                for useless in broken_rows(good):
                    writer.add(useless)
                    broken += 1
    book.close()
    return Written(path, sum(writer.rows for writer in writers.values()), broken)


def _rescaled(row: Row, period: str) -> Row:
    factor = scale(period)
    if factor == 1:
        return row
    return {**row, **{name: row[name] * factor for name in _RATES if row[name] not in ("", 1)}}


class _Sheet:
    def __init__(self, sheet: Any, columns: tuple[str, ...], dated: Any, clean: bool) -> None:
        self.sheet = sheet
        self.columns = columns
        self.dated = dated
        self.rows = 0
        self._stray: dict[int, str] = {}
        for place, name in enumerate(columns):
            sheet.write_string(0, place, name)
        if not clean:
            sheet.write_blank(0, len(columns) + _SURPLUS, None, dated)

    def stray(self, draw: random.Random) -> None:
        """Put a stray cell beside the table of the next row."""
        self._stray[self.rows + 1] = draw.choice(("x", "checked", "0"))

    def add(self, row: Row) -> None:
        self.rows += 1
        sheet, at = self.sheet, self.rows
        for place, name in enumerate(self.columns):
            cell = row[name]
            if isinstance(cell, str):
                if cell:
                    sheet.write_string(at, place, cell)
            elif isinstance(cell, dt.date):
                sheet.write_datetime(at, place, cell, self.dated)
            elif isinstance(cell, Formula):
                sheet.write_formula(at, place, cell.text, None, cell.value)
            else:
                sheet.write_number(at, place, cell)
        if at in self._stray:
            sheet.write_string(at, len(self.columns) + 2, self._stray.pop(at))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.workbook", description=__doc__)
    parser.add_argument("out", nargs="?", type=Path, help="where to (default: a new temporary folder)")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--clean", action="store_true", help="the same rows without the quirks")
    given = parser.parse_args()
    out = given.out or Path(tempfile.mkdtemp(prefix="remitwatch-benchmark-")) / "survey.xlsx"
    done = write_workbook(out, rows=given.rows, seed=given.seed, clean=given.clean)
    print(f"{done.path}: {done.rows:,} rows, {done.broken} of them unusable, {done.path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
