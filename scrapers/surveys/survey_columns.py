"""The survey sheet's columns: which there must be, and under which names they have come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scrapers.base import AnswerError
from scrapers.tables import Cell, Sheet

TIER_COLUMNS = ("lcu amount", "lcu code", "lcu fee", "lcu fx rate", "fx margin", "total cost %")
REQUIRED = (
    *("id", "period", "source_code", "destination_code", "firm", "firm_type", "speed actual"),
    *(f"{tier} {column}" for tier in ("cc1", "cc2") for column in TIER_COLUMNS),
    *("inter lcu bank fx", "transparent", "receiving network coverage", "pickup method", "date"),
)
NEW_ONLY = ("payment instrument", "access point")  # the sheet up to Q1 2016 has the next two in their place
OLD_ONLY = ("product", "sending location")
OPTIONAL = (
    *("source_name", "source_region", "source_income", "source_lending", "source_g8g20"),
    *("destination_name", "destination_region", "destination_income", "destination_lending", "destination_g8g20"),
    *("cc1 denomination amount", "cc2 denomination amount"),
    *("standard note", "note1", "note2", "pickup location", "corridor"),
)
_KNOWN = frozenset((*REQUIRED, *NEW_ONLY, *OLD_ONLY, *OPTIONAL))
_OTHER_NAMES = {"pick-up method": "pickup method", "coverage": "receiving network coverage"}
_MARKS = ("id", "period", "source_code", "cc1 lcu amount")
_HEADER_WITHIN = 30  # rows: notes above the header have been seen in copies


def column_name(cell: Cell) -> str:
    """A header cell as a column's name: lower case, single spaces, the newest spelling. '' for an unnamed column."""
    name = " ".join(str(cell if cell is not None else "").casefold().split())
    return _OTHER_NAMES.get(name, name)


class Columns:
    """Where each column stands in one sheet. `unknown` are named columns that are not in the documented layout."""

    def __init__(self, header: Sequence[Cell], sheet: str) -> None:
        names = [column_name(cell) for cell in header]
        self.unknown = [name for name in names if name and name not in _KNOWN]
        self.places: dict[str, int] = {}
        for place, name in enumerate(names):
            if name in self.places:
                raise AnswerError("changed", f"{sheet}: column {name!r} stands there twice: expected once")
            if name in _KNOWN:
                self.places[name] = place
        wanted = REQUIRED if any(name in self.places for name in OLD_ONLY) else (*REQUIRED, *NEW_ONLY)
        missing = [name for name in wanted if name not in self.places]
        if missing:
            raise AnswerError("changed", f"{sheet}: missing column {', '.join(map(repr, missing))}")

    def record(self, cells: Sequence[Cell]) -> dict[str, Cell]:
        """A row by column name. Cells that the row lacks at its end are empty."""
        return {name: cells[place] if place < len(cells) else "" for name, place in self.places.items()}


def is_header(cells: Sequence[Cell]) -> bool:
    """Whether a row is the header of a sheet of survey rows."""
    names = {column_name(cell) for cell in cells}
    return len(names.intersection(_MARKS)) >= len(_MARKS) - 1 and bool(names & {"source_code", "cc1 lcu amount"})


def survey_table(sheet: Sheet) -> tuple[Columns, Iterator[tuple[int, list[Cell]]]] | None:
    """The columns and the rows below the header of a sheet of survey rows, or None for another sheet. It is found by
    its header, because sheets have moved and been renamed. Raises AnswerError when a column is missing."""
    rows = iter(sheet.rows)
    for number, cells in rows:
        if is_header(cells):
            return Columns(cells, sheet.name), rows
        if number >= _HEADER_WITHIN:
            break
    return None
