"""Flows between countries: the World Bank's bilateral remittance matrix (a workbook), or the same as a plain csv.

The matrix: a title, a header row whose first cell says `receiving (across) / sending (down)`, one row a sending and one
column a receiving country, million US dollars, then notes. Its totals (`WORLD`) and places without a country code
(Channel Islands) are left out and counted; so are cells of 0, empty ones (`-` where an estimate is withheld) and what
stays within a country. The year stands in the title, the sheet's name or the file's.

The csv: `sender,receiver,year,value`, ISO alpha-3 codes, million US dollars; its flows are the series `handed_in`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from remitwatch.countries import country_code
from remitwatch.country_names import Named, named
from remitwatch.fields import exact_decimal
from remitwatch.flows import Flow
from scrapers.base import UNREADABLE, AnswerError, Record, Refused, Repaired, Response, Scraper, describe
from scrapers.clean import shortest
from scrapers.tables import Cell, Sheet, csv_sheet, first_line, is_workbook, workbook_sheets
from scrapers.workbook_heads import workbook_heads

MATRIX, HANDED_IN = "bilateral_matrix", "handed_in"
COLUMNS = ["sender", "receiver", "year", "value"]
_CORNER = re.compile(r"receiving.*\(?across\)?.*sending.*\(?down\)?", re.IGNORECASE | re.DOTALL)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_EMPTY = ("", "-", "..")
_HEAD_ROWS = 20
_TITLE_OF = re.compile(r"estimates for ((?:19|20)\d\d)\b", re.IGNORECASE)


class BilateralMatrix(Scraper):
    """The workbook's one sheet with a matrix, or the csv."""

    @staticmethod
    def recognises(head: bytes, name: str) -> bool:
        if is_workbook(head):
            return any(_CORNER.search(row[0]) for rows in workbook_heads(head).values() for row in rows if row)
        return [cell.strip().strip('"') for cell in first_line(head).split(",")] == COLUMNS

    def parse(self, response: Response) -> Iterator[Record]:
        name = response.file_name or "the file"
        if not is_workbook(response.body[:100]):
            yield from _read_csv(csv_sheet(response.body, name))
            return
        found = 0
        for sheet in workbook_sheets(response.body):
            matrix = _Matrix.start(sheet, name)
            if matrix is not None:
                found += 1
                yield from matrix.read()
        if not found:
            raise AnswerError(
                "changed", "no sheet with a bilateral matrix: expected a cell 'receiving (across) / sending (down)'"
            )


class _Matrix:
    """One sheet's matrix, from the row below its header."""

    def __init__(
        self, sheet: str, year: int, header: tuple[int, list[str]], rows: Iterator[tuple[int, list[Cell]]]
    ) -> None:
        self._sheet = sheet
        self._year = year
        self._header_row, self._header = header
        self._rows = rows
        self._counts: Counter[str] = Counter()

    @classmethod
    def start(cls, sheet: Sheet, file_name: str) -> _Matrix | None:
        """The matrix of a sheet; None when it has none. Raises AnswerError where its year is not stated."""
        rows, titles = iter(sheet.rows), list[str]()
        for number, cells in rows:
            first = str(cells[0]).strip() if cells else ""
            if _CORNER.search(first):
                header = [" ".join(str(cell).split()) for cell in cells]
                return cls(sheet.name, _year_of(titles, sheet.name, file_name), (number, header), rows)
            titles.append(first)
            if number == _HEAD_ROWS:
                break
        return None

    def read(self) -> Iterator[Record]:
        """The flows, the refusals and the counts of what is left out."""
        columns: list[tuple[int, str]] = []
        for at, title in enumerate(self._header):
            if at == 0 or not title:
                continue
            receiver = self._place(title)
            if isinstance(receiver, str):
                yield Refused({"column": title}, f"{self._sheet}: column {_letters(at)}: {receiver}", self._header_row)
            elif receiver.code:
                columns.append((at, receiver.code))
        read = 0
        for number, cells in self._rows:
            name = " ".join(str(cells[0]).split())
            if not any(str(cell).strip() for cell in cells):
                break  # below it are the notes
            read += 1
            sender = self._place(name)
            if isinstance(sender, str):
                yield Refused({"row": name}, f"{self._sheet}: column A: {sender}", number)
            elif sender.code:
                yield from self._row(number, sender.code, cells, columns)
        yield Repaired("rows_read", read)
        for kind, count in sorted(self._counts.items()):
            yield Repaired(kind, count)

    def _place(self, name: str) -> Named | str:
        """What a name stands for (what is no country is counted), or why it cannot be read."""
        try:
            found = named(name)
        except ValueError as error:
            return str(error)
        if found.what != "country":
            self._counts[f"left_out_{found.what}"] += 1
        return found

    def _row(self, number: int, sender: str, cells: list[Cell], columns: list[tuple[int, str]]) -> Iterator[Record]:
        for at, receiver in columns:
            cell = cells[at]
            if isinstance(cell, str) and cell.strip() in _EMPTY:
                self._counts["left_out_empty"] += 1
                continue
            try:
                value = _number(cell)
                if value == 0:
                    self._counts["left_out_zero"] += 1
                elif sender == receiver:
                    self._counts["left_out_own_country"] += 1
                else:
                    yield Flow(series=MATRIX, sender=sender, receiver=receiver, year=self._year, value=value)
            except UNREADABLE as error:
                where = f"{self._sheet}: column {_letters(at)} ({self._header[at]})"
                yield Refused(
                    {"sender": sender, "receiver": receiver, "value": cell}, f"{where}: {describe(error)}", number
                )


def _number(cell: Cell) -> Decimal:
    if isinstance(cell, bool) or not isinstance(cell, int | float | str):
        raise ValueError(f"expected million US dollars, got {cell!r}")
    return _not_negative(shortest(exact_decimal(repr(cell) if isinstance(cell, float) else cell)))


def _not_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise ValueError(f"expected 0 or more, got {value}")
    return value


def _year_of(titles: list[str], sheet: str, file_name: str) -> int:
    """The year that the title or the sheet's name states, else the file's name. Raises AnswerError where none does,
    or they differ."""
    stated = {match[1] for title in titles if (match := _TITLE_OF.search(title))} | set(_YEAR.findall(sheet))
    if len(stated) > 1:
        raise AnswerError(
            "changed", f"sheet {sheet!r}: its title and name state two years: {', '.join(sorted(stated))}"
        )
    years = stated or set(_YEAR.findall(file_name))
    if len(years) != 1:
        raise AnswerError(
            "changed",
            f"sheet {sheet!r}: neither title nor sheet name states the year: name the file by it: matrix_2021.xlsx",
        )
    return int(years.pop())


def _letters(at: int) -> str:
    """The column's letters in a spreadsheet: 0 is A."""
    letters, at = "", at + 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _read_csv(sheet: Sheet) -> Iterator[Record]:
    rows = iter(sheet.rows)
    header = [str(cell).strip().lower() for _, cells in [next(rows, (1, []))] for cell in cells]
    if header != COLUMNS:
        raise AnswerError("changed", f"row 1: expected the header {','.join(COLUMNS)}, got {','.join(header)[:200]!r}")
    read = 0
    for number, cells in rows:
        texts = [str(cell).strip() for cell in cells]
        if not any(texts):
            continue
        read += 1
        try:
            yield _flow(texts)
        except UNREADABLE as error:
            yield Refused(dict(zip(COLUMNS, texts, strict=False)), describe(error), number)
    yield Repaired("rows_read", read)


def _flow(texts: list[str]) -> Flow:
    if len(texts) != len(COLUMNS):
        raise ValueError(f"{len(texts)} cells: expected {len(COLUMNS)} as in the header")
    sender, receiver, year, value = texts
    codes = []
    for column, code in (("sender", sender), ("receiver", receiver)):
        try:
            codes.append(country_code(code))
        except ValueError as error:
            raise ValueError(f"column {column}: {error}") from None
    if not re.fullmatch(r"\d{4}", year, re.ASCII):
        raise ValueError(f"column year: expected a year such as 2017, got {year!r}")
    try:
        number = _not_negative(exact_decimal(value))
    except ValueError as error:
        raise ValueError(f"column value: {error}") from None
    return Flow(series=HANDED_IN, sender=codes[0], receiver=codes[1], year=int(year), value=number)
