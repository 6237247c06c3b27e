"""The SDG database: indicator 10.c.1, remittance costs as a proportion of the amount remitted, by year.

Two layouts of one table: SDMX-CSV of the dataflow DF_SDG_GLH (METHODOLOGY section 6), and the database's own csv
(`SeriesCode`, `GeoAreaCode`, `TimePeriod`, `Value`, further dimensions in brackets). Areas are M49 numbers; in a
corridor's series the area sends and CUST_BREAKDOWN, `C` and a number, receives. Only figures of the custodian are kept
(reporting type G): what countries report themselves, regions and other series are counted and left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from remitwatch.benchmarks import Benchmark
from remitwatch.fields import exact_decimal
from scrapers.base import AnswerError, Record, Refused, Repaired, Response, Scraper, describe
from scrapers.benchmarks.areas import WORLD, m49_area, subject
from scrapers.tables import csv_sheet, first_line

SERIES = {
    "SI_RMT_COST": "receiver",
    "SI_RMT_COST_SND": "sender",
    "SI_RMT_COST_BC": "corridor",
    "SI_RMT_COST_SC": "corridor",
}
NAMES = {  # of the database's own csv -> of SDMX
    "seriescode": "series",
    "geoareacode": "ref_area",
    "timeperiod": "time_period",
    "value": "obs_value",
    "units": "unit_measure",
}
REQUIRED = ("series", "ref_area", "time_period", "obs_value")
WHOLE = (
    "sex", "age", "urbanisation", "income_wealth_quantile", "education_lev", "occupation", "composite_breakdown",
    "disability_status", "activity", "product",
)  # fmt: skip
_TOTAL = ("_t", "")
_MISSING = ("", "nan", "..")
_PERCENT = ("pt", "percent", "percentage", "%", "")


class SdgDatabase(Scraper):
    """The figures of the official indicator as the United Nations publish them, for comparing with ours."""

    @staticmethod
    def recognises(head: bytes, name: str) -> bool:
        titles = {_title(cell) for cell in first_line(head).split(",")}
        return set(REQUIRED) <= titles and bool(titles & {"dataflow", "geoareaname", "reporting_type"})

    def parse(self, response: Response) -> Iterator[Record]:
        rows = iter(csv_sheet(response.body, response.file_name or "the csv").rows)
        titles = [_title(str(cell)) for _, cells in [next(rows, (1, []))] for cell in cells]
        missing = [name for name in REQUIRED if name not in titles]
        if missing:
            raise AnswerError("changed", f"missing column {missing[0].upper()!r}: not an export of the SDG database")
        left: Counter[str] = Counter()
        read = ours = 0
        for number, cells in rows:
            if not any(cells):
                continue
            read += 1
            record = dict(zip(titles, (str(cell).strip() for cell in cells), strict=False))
            if len(cells) != len(titles):
                yield Refused(record, f"{len(cells)} cells: expected {len(titles)}", row=number)
                continue
            if record["series"] not in SERIES:
                left["other_series_left_out"] += 1
                continue
            ours += 1
            if record.get("reporting_type", "G") != "G":
                left["reported_by_countries_left_out"] += 1
                continue
            if record["obs_value"].casefold() in _MISSING:
                continue
            try:
                figure = _figure(record)
            except ValueError as error:
                yield Refused({name: cell for name, cell in record.items() if cell}, describe(error), row=number)
                continue
            if figure is None:
                left["aggregates_left_out"] += 1
            else:
                yield figure
        if not ours:
            raise AnswerError("changed", f"no row of {', '.join(SERIES)}: an export of another indicator")
        yield Repaired("rows_read", read)
        for kind, count in sorted(left.items()):
            yield Repaired(kind, count)


def _title(cell: str) -> str:
    """A column's name: lower case, without brackets, SDMX's where the two layouts differ."""
    name = "_".join(cell.strip().strip('"').strip("[]").casefold().split())
    return NAMES.get(name, name)


def _figure(record: Mapping[str, str]) -> Benchmark | None:
    """The figure of a row, None for a group of countries. Raises ValueError."""
    _check(record)
    series, scope = record["series"], SERIES[record["series"]]
    area, breakdown = m49_area(_whole_number(record["ref_area"])), record.get("cust_breakdown", "")
    period = re.sub(r"\.0$", "", record["time_period"])
    if not re.fullmatch(r"\d{4}", period, re.ASCII):
        raise ValueError(f"column TIME_PERIOD: {record['time_period']!r}: expected a year")
    of: dict[str, Any]
    if scope == "corridor":
        receives = re.fullmatch(r"C(\d{1,3})", breakdown, re.ASCII)
        if receives is None:
            raise ValueError(f"column CUST_BREAKDOWN: {breakdown!r}: expected C and the receiver's M49 number")
        receiver = m49_area(receives[1])
        if {None, WORLD} & {area, receiver}:
            return None
        if area == receiver:
            raise ValueError(f"column CUST_BREAKDOWN: {breakdown}: a corridor joins two countries")
        of = {"scope": scope, "sender": area, "receiver": receiver}
    else:
        if breakdown.casefold() not in _TOTAL:
            raise ValueError(f"column CUST_BREAKDOWN: {breakdown!r}: expected _T for a figure of a country")
        if area is None:
            return None
        of = subject("sender" if scope == "sender" else "receiver", area)
    try:
        value = exact_decimal(record["obs_value"])
    except ValueError as error:
        raise ValueError(f"column OBS_VALUE: {error}") from None
    return Benchmark(series=series, period=period, value=value, **of)


def _check(record: Mapping[str, str]) -> None:
    """Raises ValueError for a row that is not a yearly percentage of everybody."""
    expected: Sequence[tuple[str, tuple[str, ...], str]] = (
        ("freq", ("a", ""), "A, a yearly figure"),
        ("unit_measure", _PERCENT, "PT, per cent"),
        ("unit_mult", ("0", ""), "0"),
        *((name, _TOTAL, "_T, everybody") for name in WHOLE),
    )
    for name, allowed, words in expected:
        if record.get(name, "").casefold() not in allowed:
            raise ValueError(f"column {name.upper()}: {record[name]!r}: expected {words}")


def _whole_number(text: str) -> str:
    number = re.sub(r"\.0$", "", text)
    if not re.fullmatch(r"\d{1,3}", number, re.ASCII):
        raise ValueError(f"column REF_AREA: {text!r}: expected an M49 number such as 826")
    return number
