"""The observation frame: every quote in force with what it costs, one row each, read in parts and built by columns.

Nothing here runs per row in Python: text is factorised part by part, so equal texts share one object and a million rows
stay far below a gigabyte, and what is in force is found by one sort of whole numbers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Column, ColumnElement, Connection, Float, Select, and_, cast, func, or_, select, type_coerce
from sqlalchemy.types import NullType

from db.tables import ObservationRow, QuoteRow, RunRow, table
from db.types import ExactDecimal
from remitwatch.countries import countries
from remitwatch.fields import utc_time

_QUOTE, _RUN, _OBSERVATION = table(QuoteRow), table(RunRow), table(ObservationRow)
_PART = 20_000

# column of the frame -> column of the database, by what becomes of it
_TEXTS: dict[str, Column[Any]] = {
    "snapshot": _QUOTE.c.snapshot_id,
    "source": _QUOTE.c.source,
    "basis": _QUOTE.c.basis,
    "provider_name": _QUOTE.c.provider_name,
    "provider_type": _QUOTE.c.provider_type,
    "speed": _QUOTE.c.speed,
    "coverage": _QUOTE.c.coverage,
    "service": _QUOTE.c.service,
    "survey_period": _QUOTE.c.survey_period,
    "survey_row": _QUOTE.c.survey_row,
    "region": _QUOTE.c.receiver_region,
    "sender_region": _QUOTE.c.sender_region,
    "income_group": _QUOTE.c.receiver_income_group,
    "fee_model": _QUOTE.c.fee_model,
    "note": _QUOTE.c.note,
    "reference_source": _OBSERVATION.c.reference_source,
    "reference_how": _OBSERVATION.c.reference_how,
    "flags": _OBSERVATION.c.flags,
}
# The key of a service holds these: taken from its few distinct keys, not read again with every quote.
_IN_SERVICE = (
    "provider", "sender", "receiver", "send_currency", "receive_currency", "payment_instrument", "access_point",
    "pickup_method", "product", "corridor",
)  # fmt: skip
_NUMBERS: dict[str, Column[Any]] = {
    "send_amount": _QUOTE.c.send_amount,
    "fee_e8": _OBSERVATION.c.fee_e8,
    "margin_e8": _OBSERVATION.c.margin_e8,
    "total_e8": _OBSERVATION.c.total_e8,
    "received_e8": _OBSERVATION.c.received_e8,
    "rate": _QUOTE.c.rate,
    "receive_amount": _QUOTE.c.receive_amount,
    "fee": _QUOTE.c.fee,
    "reference_rate": _OBSERVATION.c.reference_rate,
}
_WHOLE: dict[str, Column[Any]] = {"quote_id": _QUOTE.c.id, "run_id": _QUOTE.c.run_id, "tier": _QUOTE.c.tier}
_YES_NO: dict[str, Column[Any]] = {"transparent": _QUOTE.c.transparent, "private": _QUOTE.c.private}
_DAYS: dict[str, Column[Any]] = {"day": _QUOTE.c.day, "reference_date": _OBSERVATION.c.reference_date}
_TIMES: dict[str, Column[Any]] = {"quoted_at": _QUOTE.c.quoted_at, "fetched_at": _QUOTE.c.fetched_at}

_SOURCES = {
    **_WHOLE, **_TEXTS, **_NUMBERS, **_YES_NO, **_DAYS, **_TIMES, "observed": _OBSERVATION.c.quote_id,
}  # fmt: skip

COLUMNS = (
    "quote_id", "run_id", "snapshot", "source", "basis", "tier", "sender", "receiver", "corridor", "send_currency",
    "receive_currency", "send_amount", "provider", "provider_name", "provider_type", "payment_instrument",
    "access_point", "pickup_method", "speed", "coverage", "product", "service", "day", "survey_period", "region",
    "sender_region", "income_group", "transparent", "private", "fee_e8", "margin_e8", "total_e8", "received_e8", "rate",
    "receive_amount", "fee", "fee_model", "reference_rate", "reference_source", "reference_date", "reference_how",
    "quoted_at", "fetched_at", "flags", "survey_row", "note",
)  # fmt: skip


def run_in_force(as_of: dt.datetime | None) -> ColumnElement[bool]:
    """The condition that a run's values count in published figures: accepted, and no trial. With `as_of`: that they
    counted at that time, whatever a person decided later."""
    if as_of is None:
        return and_(_RUN.c.accepted, ~_RUN.c.trial)
    ended = _RUN.c.in_force_until
    return and_(~_RUN.c.trial, _RUN.c.in_force_since <= as_of, or_(ended.is_(None), ended > as_of))


def observation_frame(
    connection: Connection,
    conditions: Sequence[ColumnElement[bool]],
    as_of: dt.datetime | None,
    *,
    unobserved_too: bool = False,
) -> pd.DataFrame:
    """The quotes in force that meet the conditions, with their observations, in the order of their numbers.

    The conditions may name columns that a collected quote's identity and day hold (corridor, basis, source, day): what
    is in force is found among the rows that meet them.
    """
    parts = _Parts()
    result = connection.execution_options(stream_results=True, max_row_buffer=_PART).execute(_query(conditions, as_of))
    for rows in result.partitions(_PART):
        parts.add(rows)
    return parts.frame(unobserved_too)


def _query(conditions: Sequence[ColumnElement[bool]], as_of: dt.datetime | None) -> Select[Any]:
    # A survey vintage replaces the whole period, so its newest run is found among all rows, whatever is asked for.
    newest = (
        select(_QUOTE.c.source, _QUOTE.c.survey_period, func.max(_QUOTE.c.run_id).label("run_id"))
        .join(_RUN, _RUN.c.id == _QUOTE.c.run_id)
        .where(_QUOTE.c.survey_period.is_not(None), run_in_force(as_of))
        .group_by(_QUOTE.c.source, _QUOTE.c.survey_period)
        .cte("newest")
    )
    of_newest = and_(
        newest.c.source == _QUOTE.c.source,
        newest.c.survey_period == _QUOTE.c.survey_period,
        newest.c.run_id == _QUOTE.c.run_id,
    )
    return (
        select(*(_raw(column).label(name) for name, column in _SOURCES.items()))
        .select_from(_QUOTE)
        .join(_RUN, _RUN.c.id == _QUOTE.c.run_id)
        .outerjoin(_OBSERVATION, _OBSERVATION.c.quote_id == _QUOTE.c.id)
        .outerjoin(newest, of_newest)
        .where(run_in_force(as_of), or_(_QUOTE.c.survey_period.is_(None), newest.c.run_id.is_not(None)), *conditions)
        .order_by(_QUOTE.c.id)
    )


def _raw(column: Column[Any]) -> ColumnElement[Any]:
    """The column as the driver gives it, without a conversion per row; decimals as the nearest float, for display."""
    if isinstance(column.type, ExactDecimal):
        return type_coerce(cast(column, Float(53)), NullType())
    return type_coerce(column, NullType())


class _Factor:
    """A column of few distinct values: whole-number codes, and the values once. A missing one has the code -1."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}
        self._parts: list[NDArray[np.int64]] = []

    def add(self, cells: Sequence[Any]) -> None:
        raw = np.empty(len(cells), dtype=object)
        raw[:] = cells
        codes, values = pd.factorize(raw)
        numbers = np.array([self._numbers.setdefault(value, len(self._numbers)) for value in values], dtype=np.int64)
        self._parts.append(np.where(codes < 0, -1, numbers[codes]) if len(numbers) else codes.astype(np.int64))

    def codes(self) -> NDArray[np.int64]:
        return np.concatenate(self._parts) if self._parts else np.empty(0, dtype=np.int64)

    def values(self) -> list[Any]:
        return list(self._numbers)


class _Parts:
    """The columns read, put together part by part, and then the frame of the rows in force."""

    def __init__(self) -> None:
        self._factors = {name: _Factor() for name in (*_TEXTS, *_DAYS, *_TIMES)}
        self._arrays: dict[str, list[NDArray[Any]]] = {name: [] for name in (*_WHOLE, *_NUMBERS, *_YES_NO, "observed")}

    def add(self, rows: Sequence[Any]) -> None:
        for name, cells in zip(_SOURCES, zip(*rows, strict=True), strict=True):
            if name in self._factors:
                self._factors[name].add(cells)
            else:  # whole numbers, too, are read as floats: exact to 2^53, and None becomes NaN
                self._arrays[name].append(np.array(cells, dtype=bool if name in _YES_NO else np.float64))

    def frame(self, unobserved_too: bool) -> pd.DataFrame:
        """The rows in force, those without an observation only when they are asked for."""
        codes = {name: factor.codes() for name, factor in self._factors.items()}
        whole = {name: self._whole_numbers(name) for name in _WHOLE}
        rows = np.flatnonzero(
            self._in_force(codes, whole) & (np.array(unobserved_too) | ~np.isnan(self._array("observed")))
        )
        codes = {name: found[rows] for name, found in codes.items()}
        columns: dict[str, Any] = {name: self._array(name)[rows] for name in (*_NUMBERS, *_YES_NO)}
        columns |= {name: found[rows] for name, found in whole.items()}
        columns |= {name: _texts(self._factors[name].values(), codes[name]) for name in _TEXTS}
        columns |= {name: self._moments(name, codes[name]) for name in _DAYS}
        columns |= {name: pd.DatetimeIndex(self._moments(name, codes[name])).tz_localize("UTC") for name in _TIMES}
        parts = [_service_parts(key) for key in self._factors["service"].values()]
        for name in _IN_SERVICE:
            columns[name] = _texts([part[name] for part in parts], codes["service"])
        for name, country, fact in _FROM_REFERENCE:
            facts = _texts([getattr(countries()[part[country]], fact) or "" for part in parts], codes["service"])
            columns[name] = np.where(columns[name] == "", facts, columns[name])  # a survey row's own label goes first
        text = pd.Series([], dtype="str").dtype
        return pd.DataFrame(
            {name: pd.Series(columns[name], dtype=text if columns[name].dtype == object else None) for name in COLUMNS}
        )

    def _in_force(self, codes: dict[str, NDArray[np.int64]], whole: dict[str, NDArray[np.int64]]) -> NDArray[np.bool_]:
        """Of the collected quotes of one service, amount, basis, source and day: the newest run's, then the newest
        quoted, then the last stored. Survey rows are all in force: older vintages were not read."""
        same = [codes["service"], whole["tier"], codes["basis"], codes["source"], codes["day"]]
        # A quote without a time (NaT, the smallest whole number) gives way to one that states it.
        quoted = self._moments("quoted_at", codes["quoted_at"]).astype(np.int64)
        order = np.lexsort((whole["quote_id"], quoted, whole["run_id"], *same))
        last = np.ones(len(order), dtype=bool)
        if len(order):
            last[:-1] = np.any([column[order][1:] != column[order][:-1] for column in same], axis=0)
        kept = codes["survey_period"] >= 0
        kept[order[last]] = True
        return kept

    def _array(self, name: str) -> NDArray[Any]:
        if self._arrays[name]:
            return np.concatenate(self._arrays[name])
        return np.empty(0, dtype=bool if name in _YES_NO else np.float64)

    def _whole_numbers(self, name: str) -> NDArray[np.int64]:
        found: NDArray[np.int64] = np.nan_to_num(self._array(name)).astype(np.int64)
        return found

    def _moments(self, name: str, codes: NDArray[np.int64]) -> NDArray[np.datetime64]:
        convert = _as_day if name in _DAYS else _as_time
        values = [convert(value) for value in self._factors[name].values()]
        moments = np.array([*values, np.datetime64("NaT", "us")], dtype="datetime64[us]")
        found: NDArray[np.datetime64] = moments[codes]
        return found


def _texts(values: Sequence[str], codes: NDArray[np.int64]) -> NDArray[Any]:
    found: NDArray[Any] = np.array([*values, ""], dtype=object)[codes]  # code -1, missing, is the last one
    return found


def _service_parts(key: str) -> dict[str, str]:
    """The parts of `Service.key`. Only the product, which comes last, may hold a colon itself."""
    provider, corridor, pair, instrument, access, pickup, product = key.split(":", 6)
    sender, receiver = corridor.split("-")
    send, receive = pair.split("-")
    cells = (provider, sender, receiver, send, receive, instrument, access, pickup, product, corridor)
    return dict(zip(_IN_SERVICE, cells, strict=True))


_FROM_REFERENCE = (
    ("region", "receiver", "region"),
    ("sender_region", "sender", "region"),
    ("income_group", "receiver", "income_group"),
)


def _as_day(value: Any) -> np.datetime64:
    return np.datetime64(value if isinstance(value, str) else value.isoformat(), "us")


def _as_time(value: Any) -> np.datetime64:
    return np.datetime64(utc_time(value).replace(tzinfo=None), "us")
