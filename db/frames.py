"""The observation frame: every quote in force with what it costs, one row each, read in parts and built by columns.

Nothing here runs per row in Python: text is factorised part by part, so equal texts share one object and a million rows
stay far below a gigabyte, and what is in force is found by one sort of whole numbers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Float,
    FromClause,
    Select,
    and_,
    cast,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.types import NullType

from db.tables import ObservationRow, QuoteRow, RunRow, table
from db.types import ExactDecimal
from remitwatch.countries import countries
from remitwatch.fields import utc_time
from remitwatch.indicators.columns import FRAME, NO_TIME, Columns, Labels

_QUOTE, _RUN, _OBSERVATION = table(QuoteRow), table(RunRow), table(ObservationRow)
_PART = 20_000
_IDS = 10_000
_DAY = 86_400_000_000  # microseconds

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

_COLLECTED = _QUOTE.c.survey_period.is_(None)

# What is in force is found by these.
_NEEDED = {"quote_id", "run_id", "tier", "basis", "source", "day", "quoted_at", "service", "survey_period", "observed"}


def run_in_force(as_of: dt.datetime | None, run: FromClause = _RUN) -> ColumnElement[bool]:
    """The condition that a run's values count in published figures: accepted, and no trial. With `as_of`: that they
    counted at that time, whatever a person decided later. `run`: the table of runs, or another name of it."""
    if as_of is None:
        return and_(run.c.accepted, ~run.c.trial)
    ended = run.c.in_force_until
    return and_(~run.c.trial, run.c.in_force_since <= as_of, or_(ended.is_(None), ended > as_of))


@dataclass(frozen=True)
class Need:
    """Which rows are needed: of the survey those of these quarters, of collected quotes those of these days, both ends
    included. None is no limit; of a family that is not needed there are none."""

    survey: bool = True
    quarters: tuple[str, ...] | None = None
    collected: bool = True
    since: dt.date | None = None
    until: dt.date | None = None

    def conditions(self) -> list[list[ColumnElement[bool]]]:
        """Of each family that is needed, the conditions on its rows: each has an index of its own."""
        found: list[list[ColumnElement[bool]]] = []
        period, day = _QUOTE.c.survey_period, _QUOTE.c.day
        if self.survey and self.quarters != ():
            found.append([period.is_not(None) if self.quarters is None else period.in_(self.quarters)])
        if self.collected:
            limits = [(self.since, day.__ge__), (self.until, day.__le__)]
            found.append([_COLLECTED, *(limit(end) for end, limit in limits if end is not None)])
        return found


def observation_columns(
    connection: Connection,
    conditions: Sequence[Sequence[ColumnElement[bool]]],
    as_of: dt.datetime | None,
    *,
    names: Sequence[str] = FRAME,
    unobserved_too: bool = False,
) -> Columns:
    """The quotes in force that meet one of the lists of conditions, with their observations, list by list in the order
    of their numbers.

    The conditions may name columns that a collected quote's identity and day hold (corridor, basis, source, day): what
    is in force is found among the rows that meet them. `names`: the columns that are wanted.
    """
    sources = _sources(names)
    parts = _Parts(tuple(sources))
    for some in conditions:
        result = connection.execution_options(stream_results=True, max_row_buffer=_PART).execute(
            _query(sources, some, as_of)
        )
        for rows in result.partitions(_PART):
            parts.add(rows)
    return parts.columns(names, unobserved_too)


def rows_of_quotes(connection: Connection, ids: NDArray[np.int64], names: Sequence[str] = FRAME) -> Columns:
    """The quotes of these numbers with their observations, in this order, whether they are in force or not. `names`:
    the columns that are wanted."""
    sources = _sources(names)
    parts = _Parts(tuple(sources))
    ordered = np.sort(ids)
    for start in range(0, len(ordered), _IDS):
        some = ordered[start : start + _IDS].tolist()
        wanted = (
            select(*(_raw(column).label(name) for name, column in sources.items()))
            .select_from(_QUOTE)
            .outerjoin(_OBSERVATION, _OBSERVATION.c.quote_id == _QUOTE.c.id)
            .where(_QUOTE.c.id.in_(some))
            .order_by(_QUOTE.c.id)
        )
        rows = connection.execute(wanted).all()
        if rows:
            parts.add(rows)
    return parts.columns(names, unobserved_too=True, every=True).taking(np.searchsorted(ordered, ids))


def _sources(names: Sequence[str]) -> dict[str, Column[Any]]:
    """What is read for these columns."""
    return {name: column for name, column in _SOURCES.items() if name in names or name in _NEEDED}


def _query(
    sources: Mapping[str, Column[Any]], conditions: Sequence[ColumnElement[bool]], as_of: dt.datetime | None
) -> Select[Any]:
    wanted = (
        select(*(_raw(column).label(name) for name, column in sources.items()))
        .select_from(_QUOTE)
        .join(_RUN, _RUN.c.id == _QUOTE.c.run_id)
        .outerjoin(_OBSERVATION, _OBSERVATION.c.quote_id == _QUOTE.c.id)
        .where(run_in_force(as_of), *conditions)
        .order_by(_QUOTE.c.id)
    )
    if any(one is _COLLECTED for one in conditions):
        return wanted  # without the search for vintages, which SQLite does by reading every quote there is
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
    return wanted.outerjoin(newest, of_newest).where(or_(_COLLECTED, newest.c.run_id.is_not(None)))


def _raw(column: Column[Any]) -> ColumnElement[Any]:
    """The column as the driver gives it, without a conversion per row; decimals as the nearest float, for display."""
    if isinstance(column.type, ExactDecimal):
        return type_coerce(cast(column, Float(53)), NullType())
    return type_coerce(column, NullType())


class _Factor:
    """A column of few distinct values: whole-number codes, and the values once. A missing one has the code -1."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {None: -1}
        self._parts: list[NDArray[np.int64]] = []

    def add(self, cells: Sequence[Any]) -> None:
        numbers = self._numbers
        for value in set(cells) - numbers.keys():
            numbers[value] = len(numbers) - 1
        self._parts.append(np.fromiter(map(numbers.__getitem__, cells), dtype=np.int64, count=len(cells)))

    def codes(self) -> NDArray[np.int64]:
        return np.concatenate(self._parts) if self._parts else np.empty(0, dtype=np.int64)

    def values(self) -> list[Any]:
        return list(self._numbers)[1:]


class _Parts:
    """The columns read, put together part by part, and then those of the rows in force."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._factors = {name: _Factor() for name in names if name in _TEXTS or name in _DAYS or name in _TIMES}
        self._arrays: dict[str, list[NDArray[Any]]] = {name: [] for name in names if name not in self._factors}

    def add(self, rows: Sequence[Any]) -> None:
        for name, cells in zip(self._names, zip(*rows, strict=True), strict=True):
            if name in self._factors:
                self._factors[name].add(cells)
            else:  # whole numbers, too, are read as floats: exact to 2^53, and None becomes NaN
                self._arrays[name].append(np.array(cells, dtype=bool if name in _YES_NO else np.float64))

    def columns(self, names: Sequence[str], unobserved_too: bool, *, every: bool = False) -> Columns:
        """The rows in force (with `every` all), those without an observation only when they are asked for."""
        codes = {name: factor.codes() for name, factor in self._factors.items()}
        whole = {name: self._whole_numbers(name) for name in _WHOLE}
        shown = np.array(unobserved_too) | ~np.isnan(self._array("observed"))
        rows = np.flatnonzero(shown if every else shown & self._in_force(codes, whole))
        codes = {name: found[rows] for name, found in codes.items()}
        found: dict[str, Any] = {name: self._array(name)[rows] for name in self._arrays if name not in _WHOLE}
        found |= {name: numbers[rows] for name, numbers in whole.items()}
        wanted = codes.keys() & set(names)
        found |= {name: Labels.of(codes[name], self._factors[name].values()) for name in wanted if name in _TEXTS}
        found |= {name: self._moments(name, codes[name]) for name in wanted if name in _TIMES}
        for name in wanted:
            if name in _DAYS:
                days = self._moments(name, codes[name])
                found[name] = np.where(days == NO_TIME, NO_TIME, days // _DAY)
        found |= self._of_service(codes["service"], found, _OF_SERVICE.intersection(names))
        return Columns(len(rows), {name: found[name] for name in names}.__getitem__)

    def _of_service(
        self, codes: NDArray[np.int64], found: Mapping[str, Any], names: Collection[str]
    ) -> dict[str, Labels]:
        """The columns of these names that the keys of the services tell, and what is known of their countries."""
        parts = [_service_parts(key) for key in self._factors["service"].values()] if names else []
        told = {name: Labels.of(codes, [part[name] for part in parts]) for name in _IN_SERVICE if name in names}
        for name, country, fact in _FROM_REFERENCE:  # a survey row's own label goes first
            if name in names:
                facts = Labels.of(codes, [getattr(countries()[part[country]], fact) or "" for part in parts])
                told[name] = _either(found[name], facts)
        return told

    def _in_force(self, codes: dict[str, NDArray[np.int64]], whole: dict[str, NDArray[np.int64]]) -> NDArray[np.bool_]:
        """Of the collected quotes of one service, amount, basis, source and day: the newest run's, then the newest
        quoted, then the last stored. Survey rows are all in force: older vintages were not read."""
        same = [codes["service"], whole["tier"], codes["basis"], codes["source"], codes["day"]]
        # A quote without a time (NaT, the smallest whole number) gives way to one that states it.
        quoted = self._moments("quoted_at", codes["quoted_at"])
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

    def _moments(self, name: str, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Microseconds since 1970."""
        convert = _as_day if name in _DAYS else _as_time
        values = [convert(value) for value in self._factors[name].values()]
        moments = np.array([*values, np.datetime64("NaT", "us")], dtype="datetime64[us]").astype(np.int64)
        found: NDArray[np.int64] = moments[codes]
        return found


def _either(first: Labels, second: Labels) -> Labels:
    """The first label where there is one, else the second."""
    missing = first.code("")
    if missing < 0:
        return first
    codes = np.where(first.codes == missing, second.codes + len(first.names), first.codes)
    return Labels.of(codes, [*first.names, *second.names])


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
_OF_SERVICE = {*_IN_SERVICE, *(name for name, _, _ in _FROM_REFERENCE)}


def _as_day(value: Any) -> np.datetime64:
    return np.datetime64(value if isinstance(value, str) else value.isoformat(), "us")


def _as_time(value: Any) -> np.datetime64:
    return np.datetime64(utc_time(value).replace(tzinfo=None), "us")
