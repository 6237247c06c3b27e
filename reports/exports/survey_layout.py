"""The survey's own workbook: Remittance Prices Worldwide as the World Bank lays it out, so that scripts written for it
run on our data unchanged.

Sheets, columns, their order, labels and formats are those of METHODOLOGY section 7 of the survey's files: two sheets,
a row a service with both amounts, dates as text up to 2024 and as dates from 2025.
"""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
from collections.abc import Iterator
from datetime import UTC
from decimal import Decimal
from typing import Any

from remitwatch.countries import countries, country_groups, vintage
from reports.exports.inputs import ExportInput
from reports.exports.layout_rows import Layout, LayoutRow
from reports.exports.readme import SANDBOX_WARNING, credits
from reports.exports.sheet_texts import write_text

OLD_SHEET, NEW_SHEET = "Dataset (up to Q1 2016)", "Dataset (from Q2 2016)"
LAST_OLD = "2016-Q1"
SANDBOX_MARK = "sandbox data, not real prices"
"""What an import looks for in a workbook's properties: a real home does not take such a file."""
_PLACE = ("code", "name", "region", "income", "lending", "G8G20")
_TIER = ("lcu amount", "denomination amount", "lcu code", "lcu fee", "lcu fx rate", "fx margin", "total cost %")
_HEAD = (
    "id",
    "period",
    *(f"source_{name}" for name in _PLACE),
    *(f"destination_{name}" for name in _PLACE),
    "firm",
    "firm_type",
)
_PRICES = (*(f"cc1 {name}" for name in _TIER), *(f"cc2 {name}" for name in _TIER), "inter lcu bank fx", "transparent")
COLUMNS = (
    *_HEAD, "payment instrument", "access point", "speed actual", *_PRICES, "Standard Note", "note2",
    "receiving network coverage", "pickup location", "pickup method", "date", "corridor",
)  # fmt: skip
"""The 42 columns of the sheet from Q2 2016."""
OLD_COLUMNS = (
    *_HEAD, "product", "sending location", "speed actual", *_PRICES, "note1", "note2", "coverage", "pick-up method",
    "date", "corridor",
)  # fmt: skip
"""The columns of the sheet up to Q1 2016."""
_SAME_LABEL = {"coverage": "receiving network coverage", "pick-up method": "pickup method"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ABSENT = ".."


def survey_layout_files(export: ExportInput) -> dict[str, bytes]:
    """A workbook a basis, and a readme that says what the layout cannot carry."""
    files = {f"rpw_layout_{one.basis}.xlsx": _workbook(export, one) for one in export.layouts}
    return {**files, "README.md": _readme(export).encode("utf-8", "replace")}


# -- the workbook ----------------------------------------------------------------------------------------------------


def _workbook(export: ExportInput, layout: Layout) -> bytes:
    import xlsxwriter  # takes a while to import: only where a workbook is written

    content = io.BytesIO()
    workbook = xlsxwriter.Workbook(
        content, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    mark = SANDBOX_MARK if export.sandbox else "real"
    created = export.data.as_of.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    workbook.set_properties(
        {
            "title": f"Prices in the layout of Remittance Prices Worldwide, basis {layout.basis}",
            "subject": mark,
            "comments": f"{mark}; not published by the World Bank; see README.md",
            "author": "remitwatch",
            "created": created,
        }
    )
    terms = workbook.add_worksheet("Terms of Use")
    terms.set_column(0, 0, 120)
    for place, line in enumerate(_terms(export, layout)):
        write_text(terms, place, 0, _safe(line))
    dated = workbook.add_format({"num_format": "yyyy-mm-dd"})
    old = [row for row in layout.rows if layout.basis == "survey" and row.period <= LAST_OLD]
    for name, columns, rows in ((OLD_SHEET, OLD_COLUMNS, old), (NEW_SHEET, COLUMNS, layout.rows[len(old) :])):
        if not rows:
            continue
        sheet = workbook.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column)
        for at, row in enumerate(rows, start=1):
            for place, cell in enumerate(_cells(row, columns)):
                _write(sheet, at, place, cell, dated)
    workbook.close()
    return content.getvalue()


def _write(sheet: Any, row: int, column: int, cell: Any, dated: Any) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, str):
        write_text(sheet, row, column, _safe(cell))
    elif isinstance(cell, dt.date):
        sheet.write_datetime(row, column, cell, dated)
    elif isinstance(cell, Decimal) and Decimal(repr(float(cell))) != cell:
        sheet.write_string(row, column, f"{cell:f}")  # more digits than a cell's number holds: as text, as in 2024_3Q
    else:
        sheet.write_number(row, column, float(cell))


def _safe(text: str) -> str:
    """A text without the characters that a workbook cannot hold."""
    if text.isprintable():
        return text
    return "".join(char for char in text if char == "\n" or unicodedata.category(char) not in ("Cc", "Cs"))


def _cells(row: LayoutRow, columns: tuple[str, ...]) -> Iterator[Any]:
    made: dict[str, Any] = {
        "id": Decimal(row.id) if row.id.isascii() and row.id.isdigit() and not row.id.startswith("0") else row.id,
        "period": f"{row.period[:4]}_{row.period[-1]}Q",
        **_place("source", row.sender, row.sender_region, countries()[row.sender].income_group),
        **_place("destination", row.receiver, row.receiver_region, row.receiver_income_group),
        "firm": row.firm,
        **_price("cc1", 200, row),
        **_price("cc2", 500, row),
        "inter lcu bank fx": row.interbank_rate if row.transparent else 1,
        "transparent": "yes" if row.transparent else "no",
        "Standard Note": row.note,
        "note1": row.note,
        "date": _day(row),
        "corridor": row.sender + row.receiver,
    }
    for column in columns:
        yield made[column] if column in made else row.labels.get(_SAME_LABEL.get(column, column))


def _place(prefix: str, code: str, region: str | None, income: str | None) -> dict[str, Any]:
    groups = country_groups().get(code, "")
    cells = (code, countries()[code].name, region or _ABSENT, income or _ABSENT, _ABSENT,
             "G8" if "g8" in groups else "G20" if "g20" in groups else _ABSENT)  # fmt: skip
    return {f"{prefix}_{name}": cell for name, cell in zip(_PLACE, cells, strict=True)}


def _price(prefix: str, dollars: int, row: LayoutRow) -> dict[str, Any]:
    """One amount's columns. Where the rate is not disclosed: the survey's placeholders, rate 1 and margin 0."""
    price = row.prices.get(dollars)
    if price is None:
        return {f"{prefix} {name}": None for name in _TIER}
    rate, margin, total = price.rate, price.margin, price.total
    if not row.transparent:
        rate, margin = Decimal(1), Decimal(0)
        total = (price.fee / price.amount * 100).quantize(Decimal("0.01"))
    cells = (price.amount, dollars, row.send_currency, price.fee, rate, margin, total)
    return {f"{prefix} {name}": cell for name, cell in zip(_TIER, cells, strict=True)}


def _day(row: LayoutRow) -> str | dt.date | None:
    """The day of the visit: text up to 2024, a date from 2025."""
    if row.day is None or row.day.year >= 2025:
        return row.day
    return f"{row.day.day:02d}/{_MONTHS[row.day.month - 1]}/{row.day.year}"


# -- words -----------------------------------------------------------------------------------------------------------


def _terms(export: ExportInput, layout: Layout) -> list[str]:
    lines = [SANDBOX_MARK] if export.sandbox else []
    lines += [
        f"Basis: {layout.basis}. This workbook has the layout of Remittance Prices Worldwide (The World Bank). It was "
        "written by remitwatch and is not published by the World Bank.",
        *(" - ".join(filter(None, line)) for line in credits(export.data.sources)),
    ]
    return lines


_CARRIED = """
Every workbook has the sheets (`{new}`, and `{old}` where there are such rows), columns and labels of
Remittance Prices Worldwide: a row a service with both amounts (cc1: USD 200, cc2: USD 500). Reading it with
`remitwatch import` gives the same figures.

## What the layout cannot carry, or carries otherwise

- `source_income` and `source_G8G20`, `destination_G8G20` are of our reference table ({vintage}); `*_lending` is `..`.
- Countries are written by our names and codes: Kosovo is XKX in every column.
- All notes of a row stand in the first column of notes.
- Rows that do not disclose their rate have the survey's placeholders: rate 1, margin 0, the total is the fee alone.
- Numbers with more digits than a cell holds are text.
"""
_COLLECTED = """
Rows of other bases than `survey` are prices collected day by day:

- Fee, margin and total are means over the days of the quarter on which the service was quoted; rate, mid-market rate,
  amount and date are those of its newest day, so that the margin of the rates is that of one day.
- `id` is the number of the service's newest quote. The day-by-day prices, the product codes of the sources, the fee
  model and the paid-out amount are not in it.
- A service whose speed is not known counts for SmaRT in our figures (flag `speed_unknown`), but not in those of a
  survey: read back, such a service is in no SmaRT.
- Read back, the rows are survey rows: their basis is `survey` and their region that of our reference table.
"""


def _readme(export: ExportInput) -> str:
    lines = ["# Prices in the layout of Remittance Prices Worldwide", ""]
    if export.sandbox:
        lines += [f"**{SANDBOX_WARNING}**", ""]
    for one in export.layouts:
        periods = [row.period for row in one.rows]
        lines.append(f"- `rpw_layout_{one.basis}.xlsx`: {len(one.rows):,} rows, {periods[0]} to {periods[-1]}.")
        lines += [f"  - {number:,} services left out: {why}." for why, number in sorted(one.left_out.items())]
    text = _CARRIED.format(new=NEW_SHEET, old=OLD_SHEET, vintage=vintage())
    if any(one.basis != "survey" for one in export.layouts):
        text += _COLLECTED
    return "\n".join(lines) + "\n" + text
