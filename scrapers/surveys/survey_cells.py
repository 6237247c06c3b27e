"""What single cells of the survey's sheet say, as whole numbers, for reading by columns.

Each function says the same as `survey_row` does of the same cell. A result is the number of a value (see Distinct)
times MARKS, plus marks of what had to be mended and of what the value is. ODD means: leave the row to `survey_row`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from remitwatch.countries import country_code
from remitwatch.fields import decimal_text
from remitwatch.survey import Distinct
from scrapers.base import UNREADABLE
from scrapers.labels import fold
from scrapers.surveys.survey_row import (
    NO_FIRM,
    VOCABULARIES,
    RowReader,
    cell_text,
    corridor_of,
    group_of,
    note_of,
    period_of,
    plain_corridor,
    provider_of,
)
from scrapers.tables import Cell

ODD, MENDED, MISSING, NO_NUMBER, BELOW_0, NOT_ABOVE_0 = 1, 2, 4, 8, 16, 32
MARKS = 64
NOTHING = -1
"""In place of a value's number: there is no value (an unreadable country ...)."""
LABELLED = (*VOCABULARIES, "firm", "product", "sending location", "pickup location")
_SETS = ("firm_type", "payment instrument", "access point")
# A number as text that is already the shortest way to write it.
_SHORTEST = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{0,14}[1-9])?", re.ASCII)


class CellReader:
    """Reads cells of one sheet. `values` are the values of the table's columns; `typed` as in RowReader."""

    def __init__(self, values: Mapping[str, Distinct], typed: bool) -> None:
        self._values = values
        self._typed = typed
        self.providers = Distinct()
        self.currencies = Distinct()

    # -- one cell ---------------------------------------------------------------------------------------------------

    def number(self, name: str) -> Callable[[Cell], int]:
        """The reader of a column of numbers. What is no number is marked NO_NUMBER, an empty cell MISSING."""
        values = self._values[name]

        def read(cell: Cell) -> int:
            if type(cell) is float:
                text = repr(cell)
                if "e" not in text and "n" not in text:  # neither a power of ten nor inf or nan
                    text = text[:-2] if text.endswith(".0") else text
                    return values("0" if text == "-0" else text) * MARKS + _sign(cell)
            elif type(cell) is str and _SHORTEST.fullmatch(cell) and cell != "-0":
                return values(cell) * MARKS + _sign(float(cell)) + (MENDED if self._typed else 0)
            return self._unusual_number(cell, values)

        return read

    def _unusual_number(self, cell: Cell, values: Distinct) -> int:
        row = RowReader({"": cell}, self._typed)
        try:
            value = row.number("", strict=False)
        except UNREADABLE:
            return ODD
        if value is None:
            return NO_NUMBER if row.repairs["unreadable_number"] else MISSING
        mended = MENDED if row.repairs["text_number"] else 0
        sign = (NOT_ABOVE_0 if value <= 0 else 0) + (BELOW_0 if value < 0 else 0)
        return values(decimal_text(value)) * MARKS + sign + mended

    def country(self, name: str) -> Callable[[Cell], int]:
        """The reader of a column of country codes."""

        def read(cell: Cell) -> int:
            text = cell_text(cell).upper()
            try:
                code = country_code(text)
            except ValueError:
                return ODD
            return self._values[name](code) * MARKS + (MENDED if code != text else 0)

        return read

    def period(self, cell: Cell) -> int:
        """The quarter's number, without marks; NOTHING when it is none."""
        try:
            return self._values["period"](period_of(cell_text(cell)))
        except ValueError:
            return NOTHING

    def transparent(self, cell: Cell) -> int:
        """1 for yes, 0 for no, NOTHING for anything else."""
        return {"yes": 1, "no": 0}.get(cell_text(cell).lower(), NOTHING)

    def identity(self, cell: Cell) -> int:
        """The row's own number, as text."""
        values = self._values["row"]
        if type(cell) is float and cell.is_integer():
            return values(str(int(cell))) * MARKS
        if type(cell) is str and cell.isascii() and cell.isdigit():
            return values(cell) * MARKS + (MENDED if self._typed else 0)
        row = RowReader({"id": cell}, self._typed)
        try:
            return values(row.id()) * MARKS + (MENDED if row.repairs else 0)
        except ValueError:
            return ODD

    def date(self, cell: Cell) -> int:
        """The day of the visit."""
        row = RowReader({"date": cell}, self._typed)
        return self._values["observed_on"](row.date()) * MARKS + (MENDED if +row.repairs else 0)

    def labelled(self, column: str, name: str) -> Callable[[Cell], int]:
        """The reader of a column with a vocabulary: its codes joined by `+`, or the first. MENDED: unknown label."""

        def read(cell: Cell) -> int:
            codes, known = VOCABULARIES[column].read(cell_text(cell))
            value = "+".join(sorted(set(codes))) if column in _SETS else codes[0].value
            return self._values[name](value) * MARKS + (0 if known else MENDED)

        return read

    def group(self, name: str) -> Callable[[Cell], int]:
        """The reader of a column of groups of countries, without marks."""
        return lambda cell: self._values[name](group_of(cell_text(cell)))

    # -- cells of a row together ------------------------------------------------------------------------------------

    def provider(self, firm: str, firm_type: str) -> int:
        """The number of the provider among `providers` (key, name, types), or NOTHING."""
        if fold(firm) in NO_FIRM:
            return NOTHING
        try:
            found = provider_of(firm, VOCABULARIES["firm_type"].read(firm_type)[0])
        except UNREADABLE:
            return NOTHING
        return self.providers((found.key, found.name, "+".join(found.types)))

    def labels(self, *texts: str) -> int:
        """The labels as published, in the order of LABELLED."""
        return self._values["labels"](tuple((name, text) for name, text in zip(LABELLED, texts, strict=True) if text))

    def note(self, *texts: str) -> int:
        """The notes as one text. MENDED: shortened."""
        note, shortened = note_of(texts)
        return self._values["note"](note) * MARKS + (MENDED if shortened else 0)

    def currency(self, text: str, sender: str, receiver: str) -> int:
        """The number of the pair among `currencies` (send, receive)."""
        row = RowReader({"": text}, self._typed)
        try:
            lane = corridor_of(sender, receiver, row.currency("", sender))
        except UNREADABLE:
            return ODD
        mended = MENDED if row.repairs else 0
        return self.currencies((lane.send_currency, lane.receive_currency)) * MARKS + mended

    @staticmethod
    def corridor_differs(text: str, sender: str, receiver: str) -> int:
        """1 when the corridor column names another corridor than the two code columns."""
        return int(plain_corridor(text) not in ("", sender + receiver))


def _sign(value: float) -> int:
    return 0 if value > 0 else NOT_ABOVE_0 if value == 0 else NOT_ABOVE_0 + BELOW_0
