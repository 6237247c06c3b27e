"""One workbook for people: readme, findings, charts, indicators, corridors, services, metadata.

It holds the newest period of each basis whole (services at USD 200), and the course of the averages over the earlier
ones; the csv tables hold everything.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC
from decimal import Decimal
from itertools import chain
from typing import Any, NamedTuple

import pandas as pd

from reports import compare, names, numbers, wording
from reports.exports.inputs import ExportInput, public_costs
from reports.exports.readme import SANDBOX_WARNING, credits, facts, title
from reports.exports.sheets import Book, Col
from reports.exports.told import told
from reports.exports.workbook_charts import draw_charts
from reports.findings import AVERAGE, FEE, MARGIN, SMART
from reports.inputs import cells
from reports.lookup import Offer
from reports.missing import told as told_missing
from reports.site import BasisView, corridor_place

PARTS = (AVERAGE, FEE, MARGIN)
_BASIS = Col("Basis", width=10)
_PERIOD = Col("Period", width=11)
_NARROW, _WIDE = 26, 100
"""Widths of the two columns of a sheet of words, in characters."""
_SHEETS = {
    "readme": "What this is, how it was made, on whose data it rests.",
    "findings": "What the figures say, in sentences, and how they stand against the targets.",
    "charts": "The average over time, corridors by cost, and groups of services.",
    "indicators": "Every figure of the newest period: world, countries, regions, corridors; the world by group.",
    "groups": "Averages by provider type, payment instrument, pickup method and speed.",
    "trend": "Averages of the world, regions and countries, period by period.",
    "corridors": "Every corridor: average, fee, margin, SmaRT, and the change since an earlier period.",
    "matrix": "The average cost from each sending country (rows) to each receiving country (columns).",
    "corridor history": "The average cost of each corridor, period by period.",
    "services": "The services behind the figures at USD 200, with their prices.",
    "metadata": "Sources, licences, what is missing, runs, and what the columns mean.",
}


def workbook_file(export: ExportInput) -> dict[str, bytes]:
    """The workbook, as one file."""
    name = "-".join(filter(None, ("remitwatch", export.country, export.label)))
    return {f"{name}.xlsx": workbook_bytes(export)}


def workbook_bytes(export: ExportInput) -> bytes:
    """The workbook. The same data gives the same bytes: its dates are those of the data."""
    import xlsxwriter  # takes a while to import: only where a workbook is written

    content = io.BytesIO()
    workbook = xlsxwriter.Workbook(
        content, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    data = export.data
    workbook.set_properties(
        {
            "title": title(export),
            "subject": SANDBOX_WARNING if export.sandbox else "Costs of remittances, SDG indicator 10.c.1",
            "author": "remitwatch",
            "comments": f"As of {data.as_of:%Y-%m-%d}, method {data.method}",
            "created": data.as_of.astimezone(UTC).replace(tzinfo=None, microsecond=0),
        }
    )
    workbook.set_size(1920, 1200)
    footer = f"{title(export)}; as of {data.as_of:%Y-%m-%d}; method {data.method}"
    book = Book(workbook, footer, SANDBOX_WARNING if export.sandbox else None)
    _readme(book, export)
    _findings(book, export)
    charts = book.sheet("charts")
    book.table("indicators", _INDICATORS, _indicator_rows(export))
    groups = list(_group_rows(export))
    book.table("groups", _GROUPS, groups)
    trend = list(_trend_rows(export))
    book.table("trend", _TREND, trend)
    corridors = [row for view in export.site.views for row in _corridor_rows(view)]
    book.table("corridors", _CORRIDORS, corridors)
    _matrix(book, export.site.views[0])
    _corridor_history(book, export)
    book.table("services", _SERVICES, _service_rows(export))
    _metadata(book, export)
    draw_charts(book, charts, export, trend=trend, corridors=corridors, groups=groups)
    workbook.close()
    return content.getvalue()


# -- sheets of words -------------------------------------------------------------------------------------------------


def _readme(book: Book, export: ExportInput) -> None:
    sheet = book.sheet("readme", landscape=False)
    sheet.set_column(0, 0, _NARROW)
    sheet.set_column(1, 1, _WIDE)
    book.text(sheet, 0, 0, title(export), "title")
    at = 1
    if export.sandbox:
        sheet.merge_range(at, 0, at, 1, SANDBOX_WARNING, book.formats["warning"])
        at += 1
    at = _pairs(book, sheet, at + 1, "About these figures", facts(export))
    at = _section(book, sheet, at + 1, "Sheets")
    for name, meaning in _SHEETS.items():
        sheet.write_url(at, 0, f"internal:'{name}'!A1", string=name)
        book.text(sheet, at, 1, meaning, "wrapped")
        at += 1
    _pairs(book, sheet, at + 1, "Sources", [(who, " - ".join(filter(None, rest))) for who, *rest in _credits(export)])


def _credits(export: ExportInput) -> list[tuple[str, str, str, str]]:
    lines = {line.attribution: line.key for line in export.data.sources}
    return [(lines.get(name, ""), name, licence, url) for name, licence, url in credits(export.data.sources)]


def _section(book: Book, sheet: Any, at: int, name: str) -> int:
    """The head of a section; the row after it."""
    sheet.write_string(at, 0, name, book.formats["section"])
    sheet.write_blank(at, 1, None, book.formats["section"])
    return at + 1


def _pairs(book: Book, sheet: Any, at: int, name: str, pairs: Iterable[tuple[str, str]]) -> int:
    """A section of names and texts; the row after it."""
    at = _section(book, sheet, at, name)
    for pair in pairs:
        book.line(sheet, at, pair, "wrapped", _WIDE)
        at += 1
    return at


def _findings(book: Book, export: ExportInput) -> None:
    sheet = book.sheet("findings", landscape=False)
    sheet.set_column(0, 0, _NARROW)
    sheet.set_column(1, 1, _WIDE)
    at = 0
    if export.sandbox:
        sheet.merge_range(at, 0, at, 1, SANDBOX_WARNING, book.formats["warning"])
        at += 2
    for one in told(export):
        at = _section(book, sheet, at, f"{wording.basis_name(one.basis)}, {one.period}")
        book.line(sheet, at, ("", one.headline), "bold", _WIDE)
        for sentence in one.sentences:
            at += 1
            book.line(sheet, at, ("", sentence), "wrapped", _WIDE)
        at += 2
    _pairs(book, sheet, at, "Targets", [_target(target) for target in export.data.targets])


def _target(target: Mapping[str, Any]) -> tuple[str, str]:
    value = target.get("value")
    stands = "no figure" if value is None else numbers.percent(value, 2)
    words = [
        str(target.get("name") or target.get("code")),
        f"now {stands}",
        str(target.get("status", "")).replace("_", " "),
        str(target.get("why") or "").replace("_", " "),
    ]
    return f"{target.get('code')}, {target.get('basis')}", "; ".join(filter(None, words))


# -- tables ----------------------------------------------------------------------------------------------------------

_INDICATORS = (
    Col("Indicator", width=30), Col("Scope", width=10), Col("From", width=7), Col("To", width=7),
    Col("Region", width=26), Col("Breakdown", width=19), Col("Group", width=24), _PERIOD, Col("USD", "count", 7),
    _BASIS, Col("Value, %", "percent", 10), Col("Services", "count", 10), Col("Providers", "count", 10),
    Col("Corridors", "count", 10), Col("Flags", width=32),
)  # fmt: skip


def _indicator_rows(export: ExportInput) -> Iterator[list[Any]]:
    columns = ("indicator", "scope", "sender", "receiver", "region", "breakdown", "group", "period", "amount", "basis",
             "value", "services", "providers", "corridors")  # fmt: skip
    for view in export.site.views:
        frame = view.data.indicators
        shown = frame[frame["breakdown"].isna() | (frame["scope"] == "world")]
        for row, flags in zip(
            zip(*(cells(shown[name]) for name in columns), strict=True), shown["flags"].tolist(), strict=True
        ):
            yield [*row, ", ".join(flags)]


_GROUPS = (
    _BASIS, _PERIOD, Col("Breakdown", width=19), Col("Group", width=26), Col("Average cost, %", "percent"),
    Col("Fee, %", "percent"), Col("Margin, %", "percent"), Col("Services", "count"), Col("Corridors", "count"),
)  # fmt: skip
_GROUP_WORDS = {
    "provider_type": wording.PROVIDER_TYPES,
    "payment_instrument": wording.INSTRUMENTS,
    "pickup_method": wording.PICKUPS,
    "speed": wording.SPEEDS,
}


def _group_rows(export: ExportInput) -> Iterator[list[Any]]:
    for view in export.site.views:
        figures = view.figures
        for breakdown, words in _GROUP_WORDS.items():
            parts = [dict(figures.groups.get((code, ("world", "", ""), 200, breakdown), ())) for code in PARTS]
            for group, figure in parts[0].items():
                values = [part[group].value if group in part else None for part in parts]
                name = words.get(group, wording.plain(group))
                yield [view.basis, view.data.period, breakdown, name[:1].upper() + name[1:], *values,
                       figure.services, figure.corridors]  # fmt: skip


_TREND = (
    _BASIS, Col("Scope", width=10), Col("Of", width=30), _PERIOD, Col("Average cost, %", "percent"),
    Col("Fee, %", "percent"), Col("Margin, %", "percent"), Col("SmaRT, %", "percent"), Col("Services", "count"),
    Col("Corridors", "count"),
)  # fmt: skip


def _trend_rows(export: ExportInput) -> Iterator[list[Any]]:
    """Averages by subject and period, the lead basis and the world first, the oldest period first."""
    wanted = (*PARTS, SMART)
    found: dict[tuple[str, str, str, str], dict[str, tuple[Decimal | None, int, int]]] = {}
    for row in _averages(export, wanted, lambda scope: scope != "corridor"):
        of = {"sender": row.sender, "receiver": row.receiver, "region": row.region}.get(row.scope, "world")
        told_of = found.setdefault((row.basis, row.scope, of, row.period), {})
        told_of[row.indicator] = row.value, row.services, row.corridors
    bases = [view.basis for view in export.site.views]
    scopes = ("world", "region", "receiver", "sender")

    def order(key: tuple[str, str, str, str]) -> Any:
        return bases.index(key[0]), scopes.index(key[1]), key[2], *numbers.period_days(key[3])

    for key in sorted(found, key=order):
        rows = found[key]
        average = rows.get(AVERAGE)
        if average is None:
            continue
        values = [rows[code][0] if code in rows else None for code in wanted]
        yield [*key, *values, *average[1:]]


class _Average(NamedTuple):
    """A figure that is an average. Of sender, receiver and region those count that its scope names."""

    basis: str
    scope: str
    sender: str
    receiver: str
    region: str
    period: str
    indicator: str
    value: Decimal | None
    services: int
    corridors: int


def _averages(export: ExportInput, codes: Sequence[str], of: Callable[[pd.Series], pd.Series]) -> Iterator[_Average]:
    """Figures of some indicators at USD 200, of earlier periods and of those asked for, without breakdown; of the
    scopes that `of` keeps."""
    for frame in chain(export.history, export.indicators):
        chosen = of(frame["scope"]) & frame["breakdown"].isna() & (frame["amount"] == 200)
        kept = frame[chosen & frame["indicator"].isin(codes)]
        yield from map(_Average, *(cells(kept[name]) for name in _Average._fields))


_CORRIDORS = (
    _BASIS, _PERIOD, Col("Corridor", width=11), Col("In words", width=38), Col("From", width=24), Col("To", width=24),
    Col("Average cost, USD 200, %", "percent"), Col("Fee, %", "percent"), Col("Margin, %", "percent"),
    Col("Average cost, USD 500, %", "percent"), Col("SmaRT, %", "percent"), Col("SmaRT note", width=24),
    Col("Services", "count"), Col("Providers", "count"), Col("Change, points", "points"), Col("Since", width=11),
)  # fmt: skip


def _corridor_rows(view: BasisView) -> list[list[Any]]:
    """The corridors, the dearest first; those without an average last."""
    figures = view.figures
    since = view.changes_from
    earlier = compare.named(view.data, since, view.as_of) if since else None
    rows = []
    for key in view.corridors:
        place = corridor_place(key)
        average, smart = figures.get(AVERAGE, place), figures.get(SMART, place)
        change = None if earlier is None else compare.difference(figures, AVERAGE, earlier, place)
        rows.append([
            view.basis, view.data.period, key, wording.corridor_title(key),
            names.country(place[1]), names.country(place[2]),
            *(figures.value(code, place) for code in PARTS), figures.value(AVERAGE, place, 500),
            smart.value if smart else None, ", ".join(map(wording.plain, smart.flags)) if smart else None,
            average.services if average else 0, average.providers if average else 0, change,
            earlier.period if earlier and change is not None else None,
        ])  # fmt: skip
    return sorted(rows, key=lambda row: (row[6] is None, -(row[6] or 0), row[2]))


def _matrix(book: Book, view: BasisView) -> None:
    """Senders down, receivers across, of the lead basis."""
    places = view.figures.places("corridor")
    senders, receivers = (sorted({place[side] for place in places}) for side in (1, 2))
    head = [Col(f"From \\ to, {view.basis} {view.data.period}, USD 200, %", width=26)]
    rows = (
        [
            f"{names.country(sender)} ({sender})",
            *(view.figures.value(AVERAGE, ("corridor", sender, receiver)) for receiver in receivers),
        ]
        for sender in senders
    )
    sheet, written = book.table("matrix", [*head, *(Col(code, "percent", 8) for code in receivers)], rows)
    sheet.freeze_panes(1, 1)
    if written and receivers:
        scale = {"type": "3_color_scale", "min_color": "#bfe3cc", "mid_color": "#fbfaf7", "max_color": "#cb7413",
                 "min_type": "num", "min_value": 0, "mid_type": "num", "mid_value": 5, "max_type": "num",
                 "max_value": 15}  # fmt: skip
        sheet.conditional_format(1, 1, written, len(receivers), scale)


def _corridor_history(book: Book, export: ExportInput) -> None:
    held: dict[tuple[str, str], dict[str, Any]] = {}
    for row in _averages(export, (AVERAGE,), lambda scope: scope == "corridor"):
        held.setdefault((row.basis, f"{row.sender}-{row.receiver}"), {})[row.period] = row.value
    periods = sorted({period for values in held.values() for period in values}, key=numbers.period_days)
    rows = ([*key, *(held[key].get(period) for period in periods)] for key in sorted(held))
    head = [_BASIS, Col("Corridor, average cost, USD 200, %", width=20)]
    sheet, _ = book.table("corridor history", [*head, *(Col(period, "percent", 10) for period in periods)], rows)
    sheet.freeze_panes(1, 2)


_SERVICES = (
    _BASIS, _PERIOD, Col("Corridor", width=11), Col("Provider", width=30), Col("Provider type", width=26),
    Col("Pay in by", width=24), Col("Where", width=20), Col("Pay out to", width=22), Col("Speed", width=18),
    Col("Sent", "amount", 12), Col("Currency", width=9), Col("Fee", "amount", 10), Col("Fee, %", "percent", 9),
    Col("Margin, %", "percent", 9), Col("Total, %", "percent", 9), Col("Rate", "rate", 13), Col("Day", "day", 11),
    Col("SmaRT place", "count", 8), Col("Flags", width=28), Col("Source", width=18), Col("Quote", width=10),
)  # fmt: skip


def _service_rows(export: ExportInput) -> Iterator[list[Any]]:
    for view in export.site.views:
        for key in sorted(view.offers):
            for offer in view.listed(key):
                yield _service(view, offer)


def _service(view: BasisView, offer: Offer) -> list[Any]:
    types = ", ".join(wording.PROVIDER_TYPES.get(code, wording.plain(code)) for code in offer.type_codes)
    return [
        view.basis, view.data.period, offer.corridor, offer.name, types,
        wording.joined("+".join(offer.payment_codes), wording.INSTRUMENTS),
        wording.joined("+".join(offer.access_codes), wording.ACCESS_POINTS),
        wording.PICKUPS.get(offer.pickup_code, wording.plain(offer.pickup_code)), wording.SPEEDS[offer.speed],
        offer.send_amount, offer.send_currency, offer.fee, *public_costs(offer),
        offer.rate, offer.day, offer.smart_rank or None, ", ".join(offer.flags), offer.source, offer.quote_id,
    ]  # fmt: skip


# -- metadata --------------------------------------------------------------------------------------------------------

_MEANINGS = (
    ("Average cost", "mean over the services of the total cost, in per cent of the amount sent"),
    ("Fee", "the fee in per cent of the amount sent"),
    ("Margin", "the exchange-rate margin, in per cent of the amount sent: 1 less applied rate by mid-market rate"),
    ("SmaRT", "mean of the three cheapest qualifying services of a corridor; fewer than three are not assessed"),
    (
        "Basis",
        "survey: a quarterly survey; standard: prices stated by providers; estimate: stated by a third party",
    ),
    ("Flags", "what is special or missing; columns.csv of the csv export explains every column"),
    ("SmaRT place", "1 to 3: the place among the corridor's three cheapest qualifying services"),
    ("Quote", "the number of the quote, for `remitwatch trace`"),
)


def _metadata(book: Book, export: ExportInput) -> None:
    sheet = book.sheet("metadata", landscape=False)
    sheet.set_column(0, 0, _NARROW)
    sheet.set_column(1, 1, _WIDE)
    data = export.data
    at = _pairs(book, sheet, 0, "Columns", _MEANINGS)
    missing = [("", told_missing(data, gap)) for gap in data.missing] or [("", "Nothing is known to be missing.")]
    at = _pairs(book, sheet, at + 1, "What is missing", missing)
    lines = [line for line in sorted(data.sources, key=lambda line: line.key) if line.redistribution != "none"]
    at = _pairs(
        book,
        sheet,
        at + 1,
        "Sources",
        [
            (line.key, f"{line.attribution}; licence: {line.licence}; {line.terms_url or 'no page of terms'}; "
                       f"may be shown: {line.redistribution}; last read: {line.last_ok or 'not yet'}")
            for line in lines
        ],
    )  # fmt: skip
    runs = data.runs[["id", "source", "logical_date", "status", "file_name", "file_sha256"]]
    _pairs(
        book,
        sheet,
        at + 1,
        "Runs",
        [
            (f"run {row[0]}", "; ".join(str(cell) for cell in row[1:] if cell is not None and cell == cell))
            for row in runs.itertuples(index=False, name=None)
        ],
    )
