"""A table of survey prices into rows of the database: converted once a distinct value, not once a price.

What is stored and digested is the same as that of the prices one by one.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, repeat
from json.encoder import encode_basestring_ascii
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Column, Dialect

from db.types import ExactDecimal, UtcTime, time_text
from remitwatch.periods import parse_period
from remitwatch.quotes import Basis, FeeModel
from remitwatch.survey import Column as Values
from remitwatch.survey import SurveyTable

_PART = 20_000
_DIGESTED_AT_ONCE = 500
_NAMES = {  # column of the database -> column of the table, where they differ
    "survey_period": "period",
    "survey_row": "row",
    "published_margin": "fx_margin_pct",
    "published_total": "total_cost_pct",
}


@dataclass(frozen=True)
class _Cells:
    """One column of rows: the number of each row's value and the values; without numbers all rows have the first."""

    codes: NDArray[Any] | None
    values: Sequence[Any]

    def converted(self, convert: Callable[[Any], Any]) -> _Cells:
        return _Cells(self.codes, [None if value is None else convert(value) for value in self.values])

    def reader(self) -> Callable[[Any], Any]:
        """What gives the cells of the rows at some places (a slice or an array)."""
        if self.codes is None:
            return lambda places: repeat(self.values[0])
        codes, values = self.codes, np.empty(len(self.values), dtype=object)
        values[:] = self.values
        return lambda places: values[codes[places]].tolist()


class TableRows:
    """The rows of a table: as `db.rows` makes them of single quotes, in the columns of the table of quotes."""

    def __init__(
        self, columns: Sequence[Column[Any]], source: str, snapshot: str, fetched_at: dt.datetime, table: SurveyTable
    ) -> None:
        self._columns = columns
        self._keys = table.natural_keys()
        constant: dict[str, Any] = {
            "snapshot_id": snapshot,
            "source": source,
            "basis": Basis.SURVEY.value,
            "product": "",
            "fee_currency": None,
            "fee_model": FeeModel.ADDED.value,
            "receive_amount": None,
            "reference_rate": None,
            "private": False,
            "quoted_at": None,
            "fetched_at": fetched_at,
        }
        known = {name: _Cells(None, [value]) for name, value in constant.items()}
        known["key"] = _Cells(np.arange(len(table)), self._keys)
        known["service"] = _Cells(table.services.codes, table.services.values)
        known["labels"] = _of(table.columns["labels"]).converted(_labels)
        known["day"] = _days(table)
        self._cells = [
            known.get(column.name) or _of(table.columns[_NAMES.get(column.name, column.name)]) for column in columns
        ]

    def __len__(self) -> int:
        return len(self._keys)

    def rows(self) -> list[tuple[Any, ...]]:
        """The rows as `db.rows` makes them: decimals as Decimal."""
        cells = [
            one.converted(Decimal) if isinstance(column.type, ExactDecimal) else one
            for column, one in zip(self._columns, self._cells, strict=True)
        ]
        return [row for part in _parts(cells, len(self)) for row in part]

    def bound(self, dialect: Dialect) -> tuple[list[Column[Any]], Iterator[tuple[Any, ...]], dict[str, Any]]:
        """What the driver takes: the columns whose cells differ, their rows, and the cells that are the same in all."""
        columns, cells, constant = [], [], {}
        for column, one in zip(self._columns, self._cells, strict=True):
            bind: Callable[[Any], Any] | None = column.type.dialect_impl(dialect).bind_processor(dialect)
            if isinstance(column.type, ExactDecimal):  # plain digits already: what SQLite keeps
                bind = None if dialect.name == "sqlite" else Decimal
            plain = one if bind is None else one.converted(bind)
            if plain.codes is None:
                constant[column.name] = plain.values[0]
            else:
                columns.append(column)
                cells.append(plain)
        return columns, chain.from_iterable(_parts(cells, len(self))), constant

    def encoded(self) -> Iterator[str]:
        """The rows in the order of their keys as JSON, some at a time: what `db.bulk.digest` digests."""
        cells = [one.converted(_json_of(column)) for column, one in zip(self._columns, self._cells, strict=True)]
        cells = [_Cells(one.codes, ["null" if value is None else value for value in one.values]) for one in cells]
        constants = [one.values[0].replace("%", "%%") if one.codes is None else "%s" for one in cells]
        template = f"[{','.join(constants)}]"
        readers = [one.reader() for one in cells if one.codes is not None]
        order = np.array(sorted(range(len(self)), key=self._keys.__getitem__), dtype=np.intp)
        for start in range(0, len(order), _PART):
            places = order[start : start + _PART]
            rows = [template % row for row in zip(*(read(places) for read in readers), strict=True)]
            for first in range(0, len(rows), _DIGESTED_AT_ONCE):
                yield f"[{','.join(rows[first : first + _DIGESTED_AT_ONCE])}]"


def _parts(cells: Sequence[_Cells], count: int) -> Iterator[list[tuple[Any, ...]]]:
    readers = [one.reader() for one in cells]
    for start in range(0, count, _PART):
        places = slice(start, start + _PART)
        yield list(zip(*(read(places) for read in readers), strict=False))


def _of(column: Values) -> _Cells:
    return _Cells(column.codes, column.values)


def _labels(pairs: tuple[tuple[str, str], ...]) -> str:
    return json.dumps(dict(pairs), ensure_ascii=False, sort_keys=True)


def _days(table: SurveyTable) -> _Cells:
    """The day each price counts for: the day it was observed, else the last of its quarter."""
    observed, period = table.columns["observed_on"], table.columns["period"]
    last_days = [parse_period(name).last_day for name in period.values]
    days = [*observed.values, *last_days]
    unknown = np.array([value is None for value in observed.values] or [True])
    codes = np.where(unknown[observed.codes], len(observed.values) + period.codes, observed.codes)
    return _Cells(codes, days)


def _json_of(column: Column[Any]) -> Callable[[Any], str]:
    if isinstance(column.type, UtcTime):
        return lambda value: encode_basestring_ascii(time_text(value))
    if column.type.python_type is dt.date:
        return lambda value: encode_basestring_ascii(value.isoformat())
    return lambda value: encode_basestring_ascii(value) if isinstance(value, str) else json.dumps(value)
