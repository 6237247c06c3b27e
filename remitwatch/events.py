"""Policy measures with their dates: what stands on the charts of a country's history. They say when, never why.

The shipped ones are in reference/events.csv; a home adds its own in a file `events.csv` of the same columns.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from remitwatch.countries import find_country
from remitwatch.errors import InputError
from remitwatch.reference import read_rows

COLUMNS = ("countries", "date", "title", "kind", "source", "verified")
KINDS = ("licensing", "tax", "exchange_rate", "payment_system", "transparency", "incentive", "sanctions", "other")
LONGEST = {"title": 100, "source": 300}
"""So many characters fit beside a line on a chart, and under it."""


@dataclass(frozen=True)
class Event:
    """One measure. `countries`: those concerned (ISO alpha-3); `date`: the day, or the month (`2018-07`), from which it
    held; `kind`: one of KINDS; `source`: who says so, in words, with an address or without; `verified`: a person has
    looked the source up; `own`: it comes from the home's file."""

    countries: tuple[str, ...]
    date: str
    title: str
    kind: str
    source: str
    verified: bool
    own: bool = False

    @property
    def day(self) -> dt.date:
        """The day, or the first of the month."""
        return dt.date.fromisoformat(self.date if len(self.date) == 10 else f"{self.date}-01")


@cache
def shipped_events() -> tuple[Event, ...]:
    """The measures of reference/events.csv."""
    return tuple(_event(row, f"events.csv, row {number}") for number, row in enumerate(read_rows("events.csv"), 1))


def own_events(path: Path) -> tuple[Event, ...]:
    """The measures of a home's file; none where there is no file. Raises InputError naming file, row, column and
    value."""
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not readable as UTF-8 text ({error})") from None
    lines = [line for line in io.StringIO(text, newline="") if line.strip() and not line.startswith("#")]
    reader = csv.DictReader(lines)
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise InputError(f"{path}: columns {','.join(reader.fieldnames or ())!r}: expected {','.join(COLUMNS)}")
    return tuple(_event(row, f"{path}, row {number}", own=True) for number, row in enumerate(reader, 1))


def events_of(events: Iterable[Event], country: str) -> list[Event]:
    """The measures that concern a country, oldest first."""
    return sorted((event for event in events if country in event.countries), key=lambda event: (event.day, event.title))


def _event(row: Mapping[str, str | None], where: str, *, own: bool = False) -> Event:
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    if None in row or None in row.values():  # what csv calls the cells beyond the columns, and those that are absent
        raise InputError(f"{where}: expected {len(COLUMNS)} cells: {','.join(COLUMNS)}")
    codes = tuple(code for code in cells["countries"].split("+") if code)
    try:
        countries = tuple(find_country(code).code for code in codes)
    except InputError as error:
        raise InputError(f"{where}, column countries: {error}") from None
    if not countries:
        raise InputError(f"{where}, column countries: '': expected codes such as KEN or KEN+UGA")
    if not _is_date(cells["date"]):
        raise InputError(f"{where}, column date: {cells['date']!r}: expected a day 2018-07-01 or a month 2018-07")
    for name, most in LONGEST.items():
        if not 1 <= len(cells[name]) <= most:
            raise InputError(f"{where}, column {name}: {len(cells[name])} characters: expected 1 to {most}")
    if cells["kind"] not in KINDS:
        raise InputError(f"{where}, column kind: {cells['kind']!r}: expected one of {', '.join(KINDS)}")
    if cells["verified"] not in ("yes", "no"):
        raise InputError(f"{where}, column verified: {cells['verified']!r}: expected yes or no")
    return Event(
        countries, cells["date"], cells["title"], cells["kind"], cells["source"], cells["verified"] == "yes", own
    )


def _is_date(text: str) -> bool:
    if re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", text, re.ASCII) is None:
        return False
    try:
        day = dt.date.fromisoformat(text if len(text) == 10 else f"{text}-01")
    except ValueError:
        return False
    return 1990 <= day.year <= 2100
