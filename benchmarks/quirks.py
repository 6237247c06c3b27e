"""What is wrong with the real workbook, done to clean rows: METHODOLOGY section 7, each quirk as it was seen.

None of it changes what a row says, so the messy file and its clean twin must give the same figures. `broken_rows` are
the exception: rows that nobody could use, which the clean twin does not have.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.survey_rows import MONTHS, NEW_QUARTERS, Row

AS_TEXT = ("2024_3Q", "2024_4Q")
"""The quarters in which every number, the id too, is stored as text."""
_NUMBERS = ("lcu amount", "denomination amount", "lcu fee", "lcu fx rate", "fx margin", "total cost %")
_PRICE = ("lcu fee", "lcu fx rate", "fx margin", "total cost %")
_RENAMED = {"Türkiye": "Turkey", "Eswatini": "Swaziland", "Czechia": "Czech Republic"}
_VARIANTS = {
    "Credit card": "Credit Card",
    "Less than one hour": "less than one hour ",
    "Post office": "Post Office",
    "Post Office branch": "Post office branch",
    "Bank branch": "Bank Branch",
    "Same day": "Same Day",
    "Money Transfer Operator": "Money transfer operator",
    "credit union": "Credit Union",
}
_LABELS = ("firm_type", "payment instrument", "access point", "speed actual", "pickup method")


@dataclass(frozen=True)
class Formula:
    """A cell that holds a formula and the value that was computed when the file was last saved."""

    text: str
    value: float


def messy(row: Row, draw: random.Random) -> Row:
    """The row with the quirks of its quarter."""
    period, changed = row["period"], dict(row)
    year = int(period[:4])
    changed["transparent"] = _transparent(row["transparent"], year)
    for side in ("source", "destination"):
        name = changed[f"{side}_name"]
        changed[f"{side}_name"] = _RENAMED.get(name, name)
        if changed[f"{side}_code"] == "XKX" and draw.random() < 0.5:
            changed[f"{side}_code"] = "KSV"
    for column in _LABELS:
        if column in changed and draw.random() < 0.04:
            changed[column] = _VARIANTS.get(changed[column], f"{changed[column]} ")
    if draw.random() < 0.01:
        changed["firm"] = draw.choice((f"{row['firm']} ", str(row["firm"]).upper(), f"  {row['firm']}"))
    for prefix in ("cc1", "cc2"):
        if changed[f"{prefix} lcu code"] in ("XOF", "XAF") and draw.random() < 0.5:
            changed[f"{prefix} lcu code"] = "CFA"
        if changed[f"{prefix} lcu fee"] == "":  # a tier without a price
            changed |= {f"{prefix} {name}": draw.choice(("..", "N/A", "Not available", "")) for name in _PRICE}
        elif draw.random() < 0.002:
            changed[f"{prefix} total cost %"] = Formula("=1+1", changed[f"{prefix} total cost %"])
    if "pickup location" in changed:
        changed["pickup location"] = draw.choice(("", "", "", "N/A", "..", "Not available"))
    for column in ("note1", "Standard Note", "note2"):
        if changed.get(column) == "" and draw.random() < 0.3:
            changed[column] = draw.choice(("..", "N/A"))
    if draw.random() < 0.002:
        changed["inter lcu bank fx"] = 0  # the published margin stands: the level was lost
    if year < 2025:
        day: dt.date = row["date"]
        changed["date"] = f"{day.day:02d}/{MONTHS[day.month - 1]}/{day.year}"
    if period in AS_TEXT:
        for column, cell in changed.items():
            if column == "id" or column == "inter lcu bank fx" or column.partition(" ")[2] in _NUMBERS:
                changed[column] = _as_text(cell)
    return changed


def _transparent(cell: str, year: int) -> str:
    return cell.capitalize() if cell == "yes" and year >= 2019 else cell


def _as_text(cell: Any) -> str:
    value = cell.value if isinstance(cell, Formula) else cell
    if isinstance(value, str):
        return value
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def broken_rows(row: Row) -> Iterator[Row]:
    """Rows that cannot be used, made from a good one. Their ids are their own."""
    faults: tuple[Row, ...] = (
        {"source_code": "QQQ"},
        {"transparent": "perhaps"},
        {"firm": ".."},
        {"cc1 lcu fee": -3, "cc2 lcu fee": -3},
        {"cc1 lcu fee": "to be confirmed", "cc2 lcu fee": "to be confirmed"},
        {"period": "2025"},
        {"cc1 lcu amount": "..", "cc2 lcu amount": 0},
        {"cc1 lcu code": "dollars", "cc2 lcu code": "dollars"},
    )
    for number, fault in enumerate(faults):
        yield {**row, **fault, "id": 9_000_000_000 + int(row["id"]) % 1_000_000 * 10 + number}


def scale(period: str) -> int:
    """By what rates are multiplied in a quarter: their units change, and the margin identity holds all the same."""
    return 100 if NEW_QUARTERS.index(period) % 9 == 4 else 1
