"""What changed from day to day in each corridor: prices, services that came and went, quarantine, days without prices.

Everything is worked out over whole columns of the daily panel: no loop over services or days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from remitwatch.indicators import Columns, Observations
from remitwatch.indicators.exact import BoolArray, IntArray
from remitwatch.indicators.panel import QUARANTINED, Panel
from remitwatch.periods import Period
from remitwatch.quotes import Basis
from reports.inputs import CHANGE_COLUMNS, ChangeLog

LOG_DAYS = 90
THRESHOLD = Decimal("0.5")
"""From how many points on a price counts as changed: half a dollar on USD 100; rates move less from day to day."""
ABSENT_DAYS = 3
"""A service is gone after this many days on which its source answered for the corridor without it."""
LARGE = 100_000
"""From so many prices on a log is made beside other work."""
MOST = 40
"""So many changes of a corridor are listed, the newest; of the rest the number is told."""
_EPOCH = dt.date(1970, 1, 1)
_NEVER = 2**31
_DECISIONS = ("released", "confirmed")
_NAMED = ("source", "provider", "provider_name", "provider_type", "payment_instrument", "access_point", "pickup_method")
_KINDS = ("dearer", "cheaper", "new", "again", "gone", "quarantined", "released", "confirmed", "gap")


@dataclass(frozen=True)
class _Prices:
    """The disclosed prices of services without private rows, in the order of service and day. `group` is corridor and
    source; `day` counts from the first day held; `rows` are their places in `columns`, of which no copy is made."""

    columns: Columns
    rows: IntArray
    service: IntArray
    corridor: IntArray
    group: IntArray
    day: IntArray
    total: IntArray
    fee: IntArray
    margin: IntArray

    def __len__(self) -> int:
        return len(self.service)


def days_of_log(period: Period, as_of: dt.datetime) -> tuple[dt.date, dt.date]:
    """The first and the last day of the log of a period."""
    last = as_of.date() if period.last_day is None else min(period.last_day, as_of.date())
    return last - dt.timedelta(days=LOG_DAYS - 1), last


def change_log(
    held: Observations, basis: Basis, days: tuple[dt.date, dt.date], keeps: Callable[[str], bool] | None
) -> ChangeLog:
    """The changes of these days (`days_of_log`) in the prices of a collected basis, of the corridors that `keeps`
    chooses (None: all)."""
    first, last = days
    panel = held.panel(basis, 200)
    open_ = ~panel.private & panel.disclosed & (panel.days <= _number(last))
    of_private = np.bincount(panel.labels("service").codes[panel.private], minlength=_names(panel, "service")) > 0
    rows = np.flatnonzero(open_ & ~of_private[panel.labels("service").codes])
    if not len(rows):
        return ChangeLog(first, last, THRESHOLD, ABSENT_DAYS, MOST, pd.DataFrame([], columns=list(CHANGE_COLUMNS)))
    start = int(panel.days[rows].min())
    prices = _prices(held, panel, rows, start)
    window, end = _number(first) - start, _number(last) - start
    names = panel.labels("corridor").names
    found = [
        *_of_services(prices, window, end, _names(panel, "source")),
        _held_back(held, basis, panel, prices, of_private, window, end, start),
        _gaps(prices, names, window, end),
    ]
    table = pd.concat([one for one in found if len(one)], ignore_index=True) if any(map(len, found)) else found[0]
    return _log(table, names, first, last, start, keeps)


def _names(panel: Panel, column: str) -> int:
    return max(len(panel.labels(column).names), 1)


def _number(day: dt.date) -> int:
    return (day - _EPOCH).days


def _prices(held: Observations, panel: Panel, rows: IntArray, start: int) -> _Prices:
    corridor = panel.labels("corridor").codes[rows]
    return _Prices(
        held.columns,
        panel.rows[rows],
        panel.labels("service").codes[rows],
        corridor,
        corridor * _names(panel, "source") + panel.labels("source").codes[rows],
        panel.days[rows] - start,
        *(panel.costs(column)[rows] for column in ("total_e8", "fee_e8", "margin_e8")),
    )


def _of_services(prices: _Prices, window: int, end: int, sources: int) -> list[pd.DataFrame]:
    """What a service's own prices say, each against the one before: changes, comings and goings, decisions."""
    size = len(prices)
    begins = np.ones(size, dtype=bool)
    begins[1:] = prices.service[1:] != prices.service[:-1]
    before = np.arange(size) - 1
    asked = np.zeros((int(prices.corridor.max() + 1) * sources, end + 2), dtype=bool)
    asked[prices.group, prices.day] = True
    answers = np.cumsum(asked, axis=1, dtype=np.int32)  # on how many days a source answered for a corridor so far
    held = answers[prices.group, prices.day]
    until = np.full(size, end)
    until[:-1][~begins[1:]] = prices.day[1:][~begins[1:]] - 1
    absent = (answers[prices.group, until] - held) >= ABSENT_DAYS
    back = np.zeros(size, dtype=bool)
    back[1:] = absent[:-1] & ~begins[1:]
    decided = [_first_of_run(prices, flag, begins) for flag in _DECISIONS]
    apart = np.zeros(size, dtype=np.int64)
    apart[1:] = np.where(begins[1:], 0, prices.total[1:] - prices.total[:-1])
    plain = ~back & ~decided[0] & ~decided[1]
    least = int(THRESHOLD.scaleb(8))
    shown = prices.day >= window
    opened = asked.argmax(axis=1)[prices.group]
    events = {
        "dearer": plain & (apart >= least),
        "cheaper": plain & (apart <= -least),
        "new": begins & (opened < prices.day),
        "again": back,
        "released": decided[0] & ~begins,
        "confirmed": decided[1] & ~begins & ~decided[0],
    }
    found = [_events(prices, np.flatnonzero(chosen & shown), kind, before) for kind, chosen in events.items()]
    gone = np.flatnonzero(absent)
    following = np.minimum.accumulate(np.where(asked, np.arange(end + 2), _NEVER)[:, ::-1], axis=1)[:, ::-1]
    day = following[prices.group[gone], prices.day[gone] + 1]
    gone, day = gone[day >= window], day[day >= window]
    table = _events(prices, gone, "gone", gone)
    return [*found, table.assign(day=day, after_e8=np.nan, fee_e8=np.nan, margin_e8=np.nan)]


def _first_of_run(prices: _Prices, flag: str, begins: BoolArray) -> BoolArray:
    """The prices that carry a flag which the service's price before does not."""
    flags = prices.columns.labels("flags")
    carries = np.array([flag in name.split("+") for name in flags.names], dtype=bool)[flags.codes[prices.rows]]
    found: BoolArray = carries & (begins | ~np.concatenate([[False], carries[:-1]]))
    return found


def _events(prices: _Prices, at: IntArray, kind: str, before: IntArray) -> pd.DataFrame:
    """Rows of one kind of change at these prices; `before` are the places of the prices before them."""
    earlier = before if before is at else before[at]
    known = (earlier >= 0) & (prices.service[earlier] == prices.service[at])
    table: dict[str, Any] = {
        "corridor": prices.corridor[at],
        "day": prices.day[at],
        "kind": kind,
        "since": np.where(known, prices.day[earlier], -1),
        "until": -1,
        "service": prices.service[at],
        "before_e8": np.where(known, prices.total[earlier], np.nan),
        "after_e8": prices.total[at].astype(np.float64),
        "fee_e8": np.where(known, prices.fee[at] - prices.fee[earlier], np.nan),
        "margin_e8": np.where(known, prices.margin[at] - prices.margin[earlier], np.nan),
        "flags": _cells(prices.columns, "flags", prices.rows[at]),
    }
    return pd.DataFrame(table | {name: _cells(prices.columns, name, prices.rows[at]) for name in _NAMED})


def _cells(columns: Columns, name: str, at: IntArray) -> Any:
    labels = columns.labels(name)
    return np.array([*labels.names, ""], dtype=object)[labels.codes[at]]


def _held_back(
    held: Observations,
    basis: Basis,
    panel: Panel,
    prices: _Prices,
    of_private: BoolArray,
    window: int,
    end: int,
    start: int,
) -> pd.DataFrame:
    """The prices put in quarantine, the first of each run, against the service's last price that counts."""
    columns = held.columns
    flags, bases = columns.labels("flags"), columns.labels("basis")
    waits = np.array([QUARANTINED in name.split("+") for name in flags.names], dtype=bool)[flags.codes]
    total = columns.numbers("total_e8")
    day = columns.whole("day") - start
    rows = np.flatnonzero(
        waits
        & (bases.codes == bases.code(basis.value))
        & (columns.whole("tier") == 200)
        & ~columns.yes_no("private")
        & columns.yes_no("transparent")
        & ~np.isnan(total)
        & (day <= end)
    )
    if not len(rows):
        return pd.DataFrame()
    own = columns.taking(rows)
    services, counted = own.labels("service"), {name: at for at, name in enumerate(panel.labels("service").names)}
    code = np.array([counted.get(name, len(counted) + at) for at, name in enumerate(services.names)], dtype=np.int64)
    service, at_day = code[services.codes], day[rows]
    order = np.lexsort((own.whole("quote_id"), at_day, service))
    hidden = np.concatenate([of_private, np.zeros(len(services.names), dtype=bool)])
    order = order[~hidden[service[order]]]
    service, at_day = service[order], at_day[order]
    span = end + 2
    place = np.searchsorted(prices.service * span + prices.day, service * span + np.maximum(at_day, 0))
    starts = np.ones(len(order), dtype=bool)  # no price that counts stands between two of one run
    starts[1:] = (service[1:] != service[:-1]) | (place[1:] != place[:-1])
    chosen = np.flatnonzero(starts & (at_day >= window))
    order, earlier = order[chosen], place[chosen] - 1
    known = (earlier >= 0) & (prices.service[earlier] == service[chosen])
    corridors = {name: at for at, name in enumerate(panel.labels("corridor").names)}
    names = _cells(own, "corridor", order)
    inside = np.array([name in corridors for name in names], dtype=bool)
    fees = {part: np.rint(own.numbers(part)[order]) for part in ("total_e8", "fee_e8", "margin_e8")}
    table: dict[str, Any] = {
        "corridor": [corridors.get(name, -1) for name in names],
        "day": at_day[chosen],
        "kind": QUARANTINED,
        "since": np.where(known, prices.day[earlier], -1),
        "until": -1,
        "service": service[chosen],
        "before_e8": np.where(known, prices.total[earlier], np.nan),
        "after_e8": fees["total_e8"],
        "fee_e8": np.where(known, fees["fee_e8"] - prices.fee[earlier], np.nan),
        "margin_e8": np.where(known, fees["margin_e8"] - prices.margin[earlier], np.nan),
        "flags": _cells(own, "flags", order),
    }
    return pd.DataFrame(table | {name: _cells(own, name, order) for name in _NAMED})[inside]


def _gaps(prices: _Prices, names: tuple[str, ...], window: int, end: int) -> pd.DataFrame:
    """Stretches of days on which a corridor has no price that counts, longer than it usually goes without one."""
    asked = np.zeros((len(names), end + 1), dtype=bool)
    asked[prices.corridor, prices.day] = True
    corridor, day = np.nonzero(asked)
    following = np.append(day[1:], end + 1)
    following[np.append(corridor[1:] != corridor[:-1], True)] = end + 1
    step = (following - day).astype(np.float64)
    own = np.where(following == end + 1, np.nan, step)  # the days since the last price say nothing of the usual
    usual = pd.Series(own).groupby(corridor).transform("median").to_numpy()
    holes = np.flatnonzero((step > np.maximum(usual, 1)) & (following > window))
    table: dict[str, Any] = {
        "corridor": corridor[holes],
        "day": np.maximum(day[holes] + 1, window),
        "kind": "gap",
        "since": day[holes],
        "until": following[holes] - 1,
        "service": -1,
        "flags": "",
    }
    costs = dict.fromkeys(("before_e8", "after_e8", "fee_e8", "margin_e8"), np.nan)
    return pd.DataFrame(table | dict.fromkeys(_NAMED, "") | costs)


def _log(
    table: pd.DataFrame,
    names: tuple[str, ...],
    first: dt.date,
    last: dt.date,
    start: int,
    keeps: Callable[[str], bool] | None,
) -> ChangeLog:
    """The rows in order, the newest first; of each corridor at most MOST."""
    if keeps is not None:
        chosen = np.array([keeps(name) for name in names], dtype=bool)
        table = table[chosen[table["corridor"].to_numpy(dtype=np.int64)]]
    kind = table["kind"].map({name: at for at, name in enumerate(_KINDS)})
    order = np.lexsort((table["service"], kind, -table["day"], table["corridor"]))
    table = table.iloc[order]
    place = table.groupby("corridor").cumcount()
    left = table.loc[place >= MOST, "corridor"].value_counts(sort=False)
    table = table[place < MOST]
    for name in ("day", "since", "until"):
        table = table.assign(**{name: np.array([_day(number, start) for number in table[name]], dtype=object)})
    named = np.array(names, dtype=object)[table["corridor"].to_numpy(dtype=np.int64)]
    rows = table.assign(corridor=named)[list(CHANGE_COLUMNS)].reset_index(drop=True)
    return ChangeLog(
        first, last, THRESHOLD, ABSENT_DAYS, MOST, rows, {names[int(at)]: int(left[at]) for at in sorted(left.index)}
    )


def _day(number: int, start: int) -> dt.date | None:
    return None if number < 0 else _EPOCH + dt.timedelta(days=int(number) + start)
