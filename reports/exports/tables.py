"""The csv tables: tidy, every decimal kept, codes instead of words, safe to open in a spreadsheet.

Every table has the column `data` (`real`, or `sandbox data, not real prices`): a pretended figure cannot lose its mark.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import islice, repeat
from tempfile import TemporaryFile
from typing import Any

import pandas as pd

from reports import movers, numbers, wording
from reports.column_texts import column_texts
from reports.exports.columns import COLUMNS, TABLES, Table
from reports.exports.inputs import ExportInput, public_costs
from reports.exports.readme import readme
from reports.findings import AVERAGE, FEE, MARGIN, SMART
from reports.inputs import BENCHMARK_COLUMNS, INDICATOR_COLUMNS, RUN_COLUMNS, cells
from reports.lookup import Offer
from reports.site import BasisView, corridor_place

Row = Iterable[Any]

SANDBOX = "sandbox data, not real prices"
_ALIKE = {str, int, tuple, type(None)}
_DECIMAL = {Decimal, type(None)}
_PART = 1 << 13
"""Rows that are held as texts at a time."""


def csv_files(export: ExportInput) -> dict[str, bytes]:
    """Every table by the name of its file, the list of all columns, and a readme."""
    return {name: body for name, _table, body in table_files(export)}


def table_files(
    export: ExportInput, beside: Mapping[str, Table] | None = None
) -> Iterator[tuple[str, Table | None, bytes]]:
    """The files of `csv_files`, one made after the other: some are of tens of megabytes. The name of each, what it
    holds (None: the readme, which is no table), its bytes. `beside`: tables that lie beside these, by where the readme
    finds them; their columns are listed, too."""
    for table in TABLES:
        yield f"{table.name}.csv", table, _csv(table.head, _texts(export, table))
    others = beside or {}
    yield (
        f"{COLUMNS.name}.csv",
        COLUMNS,
        _csv(COLUMNS.head, (list(map(_cell, row)) for row in _columns([*TABLES, *others.values()]))),
    )
    yield "README.md", None, readme(export, others).encode("utf-8", "replace")


def table_rows(export: ExportInput, table: Table) -> Iterator[list[Any]]:
    """The rows of a table as values, the mark of the data at their end."""
    for row in _frame_rows(export, table.name) if table.name in _FRAMES else _ROWS[table.name](export):
        yield [*row, _mark(export)]


def _frame_rows(export: ExportInput, name: str) -> Iterator[Row]:
    frames_of, columns = _FRAMES[name]
    for frame in frames_of(export):
        yield from zip(*(cells(frame[column]) for column in columns), strict=True)


def _mark(export: ExportInput) -> str:
    return SANDBOX if export.sandbox else export.data.world


def _texts(export: ExportInput, table: Table) -> Iterator[Sequence[str]]:
    """The rows of a table as they stand in its file, made column by column, many rows at a time."""
    if table.name not in _FRAMES:
        for rows in _parts(table_rows(export, table)):
            yield from zip(*map(_values, zip(*rows, strict=True)), strict=True)
        return
    frames_of, names = _FRAMES[table.name]
    for frame in frames_of(export):
        for first in range(0, len(frame), _PART):
            part = frame.iloc[first : first + _PART]
            texts = [_unlike(cells(part[name])) if (name,) == table.key else _alike(part[name]) for name in names]
            yield from zip(*texts, repeat(_cell(_mark(export))))  # the mark goes on for ever


def _parts(rows: Iterator[Any]) -> Iterator[list[Any]]:
    """The rows, many at a time."""
    return iter(lambda: list(islice(rows, _PART)), [])


def _alike(column: pd.Series) -> list[str]:
    """A column in which values repeat, as it stands in the file."""
    return _values(column.tolist()) if column.dtype == object else column_texts(column, _cell).tolist()


def _unlike(values: Sequence[Any]) -> Sequence[str]:
    """A column in which each value stands once: if all are texts of which no cell needs anything, as they are."""
    if set(map(type, values)) <= {str} and wording.csv_plain(values):
        return values
    return list(map(_cell, values))


def _values(values: Sequence[Any]) -> list[str]:
    """Cells of a column as they stand in the file, what is the same made once: equal ones where equal ones of their
    kind look alike, else what is one object."""
    kinds = set(map(type, values))
    if kinds <= _DECIMAL:
        return ["" if value is None else f"{value:f}" for value in values]
    if kinds <= _ALIKE:
        of_value = {value: _cell(value) for value in set(values)}
        return [of_value[value] for value in values]
    of_object = {id(value): _cell(value) for value in {id(value): value for value in values}.values()}
    return [of_object[id(value)] for value in values]


def _columns(tables: Iterable[Table]) -> Iterator[Row]:
    for table in tables:
        for one in table.columns:
            yield table.name, one.name, one.kind.value, one.unit, one.required, one.codes, one.meaning


def _csv(head: Iterable[str], rows: Iterator[Iterable[str]]) -> bytes:
    """The file. Some are of tens of megabytes: it grows on the disk, as memory that grows leaves holes behind."""
    with TemporaryFile() as file:
        file.write(f"{','.join(head)}\n".encode())
        for part in _parts(map(",".join, rows)):
            file.write(("\n".join(part) + "\n").encode("utf-8", "replace"))
        file.seek(0)
        return file.read()


def _cell(value: Any) -> str:
    """A value as it stands in a csv file: decimals in plain digits, lists joined by `+`, times in UTC, empty for none;
    quoted where it must be."""
    kind = type(value)
    if value is None:
        return ""
    if kind is str:
        return _text_cell(value)
    if kind is int:
        return str(value)
    if kind is Decimal:
        return f"{value:f}"
    if kind is tuple or kind is list:
        return _text_cell("+".join(map(str, value))) if value else ""
    if isinstance(value, dt.datetime):
        return "" if pd.isna(value) else value.isoformat().replace("+00:00", "Z")
    return wording.csv_quoted(wording.csv_cell(value))


@lru_cache(maxsize=1 << 14)  # most texts are codes, which stand in a hundred thousand rows
def _text_cell(text: str) -> str:
    return wording.csv_quoted(wording.csv_cell(text))


# -- the rows of each table ------------------------------------------------------------------------------------------


def _corridors(export: ExportInput) -> Iterator[Row]:
    for view in export.views:
        figures = view.figures
        for key in view.corridors:
            place = corridor_place(key)
            average, smart = figures.get(AVERAGE, place), figures.get(SMART, place)
            yield [
                view.basis, view.data.period, key, place[1], place[2],
                *(figures.value(code, place) for code in (AVERAGE, FEE, MARGIN)),
                figures.value(AVERAGE, place, 500), smart.value if smart else None, smart.flags if smart else (),
                average.services if average else 0, average.providers if average else 0,
            ]  # fmt: skip


def _movers(export: ExportInput) -> Iterator[Row]:
    for view in export.site.views:
        cheaper, dearer = movers.movers(view.data)
        for one in cheaper + dearer:
            yield [
                view.basis, f"{one.place[1]}-{one.place[2]}", one.since, view.data.period, one.before, one.now,
                one.change, one.fee, one.margin, one.entry, one.exit, one.mix, one.services_before, one.services_now,
                one.continuing, one.entered, one.left, one.reason, one.flags,
            ]  # fmt: skip


def _services(export: ExportInput) -> Iterator[Row]:
    return _offers(export.views, lambda view: view.offers)


def _promotions(export: ExportInput) -> Iterator[Row]:
    return _offers(export.views, lambda view: view.promotions)


def _offers(views: Iterable[BasisView], of: Callable[[BasisView], dict[str, list[Offer]]]) -> Iterator[Row]:
    for view in views:
        listed = of(view)
        for key in sorted(listed):
            for offer in listed[key]:
                yield _offer(view, offer)


def _offer(view: BasisView, offer: Offer) -> list[Any]:
    return [
        view.basis, view.data.period, offer.corridor, offer.tier, offer.quote_id, offer.survey_row, offer.source,
        offer.provider, offer.name, offer.type_codes, offer.payment_codes, offer.access_codes, offer.pickup_code,
        offer.speed, offer.day, offer.send_currency, offer.send_amount, *public_costs(offer), offer.fee, offer.rate,
        offer.receive_currency, None if offer.received is None else numbers.rounded(offer.received, 4),
        offer.reference_rate, offer.reference_source, offer.reference_date, offer.smart_rank, offer.flags,
        offer.snapshot,
    ]  # fmt: skip


def _named(items: Iterable[Any], table: str, get: Callable[[Any, str], Any]) -> Iterator[Row]:
    names = next(one for one in TABLES if one.name == table).head[:-1]
    return ([get(item, name) for name in names] for item in items)


_ROWS: dict[str, Callable[[ExportInput], Iterable[Row]]] = {
    "corridors": _corridors,
    "movers": _movers,
    "services": _services,
    "promotions": _promotions,
    "targets": lambda export: _named(export.data.targets, "targets", lambda target, name: target.get(name)),
    "sources": lambda export: _named(export.data.sources, "sources", getattr),
}
_FRAMES: dict[str, tuple[Callable[[ExportInput], Iterable[pd.DataFrame]], tuple[str, ...]]] = {
    "indicators": (lambda export: export.indicators, INDICATOR_COLUMNS),
    "history": (lambda export: export.history, INDICATOR_COLUMNS),
    "official_series": (lambda export: (export.data.benchmarks,), BENCHMARK_COLUMNS),
    "runs": (lambda export: (export.data.runs,), RUN_COLUMNS),
}
