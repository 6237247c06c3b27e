"""The observations of survey prices by columns: the same as `costs.observe` gives of each, a hundred times as fast.

Percentages are computed in floating point where that surely gives the right last digit, exactly where it might not.
A price for which a limit of a flag, or its sheer size, cannot be decided so is left out, for `costs.observe`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import partial
from operator import ne
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from remitwatch.costs import BEYOND, EXTREME, INVERTED_RATIO, off_tier, outside_period, parallel_rate, rounded
from remitwatch.identity import IDENTITY_TOLERANCE, percent, total_gap
from remitwatch.survey import Column, SurveyTable, column_of, combined

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_EXACT = Context(prec=60)
_HUNDRED = Decimal(100)
_SURE = 1e-9  # of the size of the numbers: a thousand times what rounding can reach


class SurveyPrice(NamedTuple):
    """A survey price as it is stored: what its observation follows from. Decimals and the day are text."""

    id: int
    sender: str
    send_currency: str
    receive_currency: str
    send_amount: str
    tier: int
    fee: str
    rate: str | None
    transparent: bool
    period: str
    fx_margin_pct: str | None
    total_cost_pct: str | None
    interbank_rate: str | None
    observed_on: str | None


_OF_A_PRICE = SurveyPrice._fields[1:]


@dataclass(frozen=True)
class SurveyPrices:
    """Stored survey prices by columns: their numbers, and the columns of SurveyPrice."""

    ids: NDArray[np.int64]
    columns: Mapping[str, Column]

    @classmethod
    def of_rows(cls, rows: Sequence[SurveyPrice]) -> SurveyPrices:
        """Prices given one by one."""
        ids, *cells = zip(*rows, strict=True) if rows else ((),) * len(SurveyPrice._fields)
        return cls(np.array(ids, np.int64), dict(zip(_OF_A_PRICE, map(column_of, cells), strict=True)))

    @classmethod
    def of_table(cls, table: SurveyTable, ids: NDArray[np.int64]) -> SurveyPrices:
        """The prices of a table, `ids` being the numbers under which they are stored."""
        columns = {name: table.columns[name] for name in _OF_A_PRICE}
        days = columns["observed_on"]
        texts = [None if day is None else day.isoformat() for day in days.values]
        return cls(ids, {**columns, "observed_on": Column(days.codes, texts)})

    def __len__(self) -> int:
        return len(self.ids)

    def exact(self, name: str, at: int) -> Decimal:
        """The decimal of a column that one price has."""
        column = self.columns[name]
        return Decimal(column.values[column.codes[at]])

    def floats(self, name: str) -> Floats:
        """A column of decimals as floats; NaN where there is none."""
        column = self.columns[name]
        values = np.array([np.nan if value is None else float(value) for value in column.values], np.float64)
        found: Floats = values[column.codes]
        return found

    def each(self, look: Callable[..., bool], *names: str) -> Flags:
        """What a look at the cells of some columns says of each price; equal cells are looked at once."""
        columns = [self.columns[name] for name in names]
        numbers, combinations = combined([column.codes for column in columns])
        cells = ([column.values[code] for column, code in zip(columns, codes, strict=True)] for codes in combinations)
        found: Flags = np.array([look(*some) for some in cells], bool)[numbers]
        return found


@dataclass(frozen=True)
class SurveyObservations:
    """Observations by columns, in 1e-8 per cent; `flags` are joined by `+`. Those of `left` are not among them."""

    ids: list[int]
    fee: list[int | None]
    margin: list[int | None]
    total: list[int | None]
    received: list[int | None]
    flags: list[str]
    left: list[int]


def observe_survey(prices: SurveyPrices) -> SurveyObservations:
    """Price survey rows: the published margin and total, and the flags that a row shows by itself."""
    if not len(prices):
        return SurveyObservations([], [], [], [], [], [], [])
    shown = prices.each(bool, "transparent")
    fee, amount, rate, interbank = map(prices.floats, ("fee", "send_amount", "rate", "interbank_rate"))
    margin, total = (np.where(shown, prices.floats(name), np.nan) for name in ("fx_margin_pct", "total_cost_pct"))
    share = fee / amount * 100
    received = 100 - amount * (100 - margin) / (amount + fee)
    left = np.zeros(len(prices), bool)
    for part in (share, margin, total, received):
        left |= np.abs(part) >= float(BEYOND) * (1 - _SURE)
    flags = _Marks(len(prices))
    _flags_of_rows(flags, prices)
    flags.add("undisclosed", ~shown)
    flags.add("no_published_total", shown & np.isnan(total))
    _flags_of_parts(flags, prices, share, margin, total)
    flags.add("no_interbank_rate", shown & ~(interbank > 0))
    left |= _flags_of_rates(flags, prices, shown, rate, margin, interbank)
    flags.add("rate_advantage", (total < 0) | (margin < 0))
    flags.add("extreme", total > float(EXTREME))
    left |= total == float(EXTREME)
    flags.add("promotion_suspected", (fee == 0) & (margin <= 0))

    def exact_fee(at: int) -> Decimal:
        return percent(prices.exact("fee", at), prices.exact("send_amount", at))

    def exact_received(at: int) -> Decimal:
        amount, fee, margin = (prices.exact(name, at) for name in ("send_amount", "fee", "fx_margin_pct"))
        return _HUNDRED - percent(_EXACT.multiply(amount, 1 - margin / _HUNDRED), amount + fee)

    kept = np.flatnonzero(~left)
    return SurveyObservations(
        ids=prices.ids[kept].tolist(),
        fee=_whole(share, exact_fee, kept),
        margin=_whole(margin, partial(prices.exact, "fx_margin_pct"), kept),
        total=_whole(total, partial(prices.exact, "total_cost_pct"), kept),
        received=_whole(received, exact_received, kept),
        flags=flags.texts(kept),
        left=prices.ids[left].tolist(),
    )


class _Marks:
    """The flags of prices: a bit each."""

    def __init__(self, count: int) -> None:
        self._bits = np.zeros(count, np.int64)
        self._names: list[str] = []

    def add(self, name: str, where: Flags) -> None:
        self._bits |= where.astype(np.int64) << len(self._names)
        self._names.append(name)

    def texts(self, places: NDArray[np.intp]) -> list[str]:
        """The flags of the prices at some places, in the order of the alphabet."""
        found, number = np.unique(self._bits[places], return_inverse=True)
        texts = [
            "+".join(sorted(name for place, name in enumerate(self._names) if bits >> place & 1))
            for bits in found.tolist()
        ]
        return [texts[one] for one in number.tolist()]


def _flags_of_rows(flags: _Marks, prices: SurveyPrices) -> None:
    """The flags that follow from codes: few combinations, each looked at once."""
    flags.add("parallel_rate", prices.each(parallel_rate, "send_currency", "receive_currency"))
    flags.add("amount_off_tier", prices.each(_off_tier, "sender", "tier", "send_currency", "send_amount"))
    flags.add("date_outside_period", prices.each(_outside, "observed_on", "period"))


def _off_tier(sender: str, tier: int, currency: str, amount: str) -> bool:
    return off_tier(sender, tier, currency, Decimal(amount))


def _outside(observed_on: str | None, period: str) -> bool:
    return observed_on is not None and outside_period(dt.date.fromisoformat(observed_on), period)


def _flags_of_parts(flags: _Marks, prices: SurveyPrices, share: Floats, margin: Floats, total: Floats) -> None:
    """Whether fee and margin make the total. Near the limit, where figures of two decimals often are, it is exact."""
    limit = float(IDENTITY_TOLERANCE)
    size = 1 + np.abs(share) + np.abs(margin) + np.abs(total)
    gap = np.abs(share + margin - total)
    off = gap > limit
    for at in np.flatnonzero(np.abs(gap - limit) < _SURE * size).tolist():
        exact = (prices.exact(name, at) for name in ("fee", "send_amount", "fx_margin_pct", "total_cost_pct"))
        off[at] = total_gap(*exact) > IDENTITY_TOLERANCE
    flags.add("identity_off", off)
    apart = np.abs(total - margin)
    without = (share > limit) & (apart <= limit)
    near = (np.abs(apart - limit) < _SURE * size) | ((apart <= limit) & (np.abs(share - limit) < _SURE * size))
    for at in np.flatnonzero(near).tolist():
        apart_exactly = abs(prices.exact("total_cost_pct", at) - prices.exact("fx_margin_pct", at))
        fee = percent(prices.exact("fee", at), prices.exact("send_amount", at))
        without[at] = fee > IDENTITY_TOLERANCE and apart_exactly <= IDENTITY_TOLERANCE
    flags.add("fee_not_in_total", without)


def _flags_of_rates(
    flags: _Marks, prices: SurveyPrices, shown: Flags, rate: Floats, margin: Floats, interbank: Floats
) -> Flags:
    """Flags told from the two rates. Returns where floating point cannot decide."""
    differ = prices.each(ne, "send_currency", "receive_currency")
    asked = shown & differ & (interbank > 0) & (rate > 0)
    one = asked & (rate == 1) & (interbank == 1)
    flags.add("rate_placeholder", one & (np.isnan(margin) | (margin == 0)))
    rate, interbank = np.where(asked, rate, 1.0), np.where(asked, interbank, 1.0)
    apart = np.maximum(rate, interbank) / np.minimum(rate, interbank)
    product = rate * interbank
    turned = np.maximum(product, 1) / np.minimum(product, 1)
    limit = float(INVERTED_RATIO)
    flags.add("inverted_rate", asked & ~one & (apart > limit) & (turned < apart))
    unsure: Flags = asked & ~one & (apart > limit * (1 - _SURE))
    return unsure & ((apart < limit * (1 + _SURE)) | (np.abs(turned - apart) < _SURE * apart))


def _whole(values: Floats, exact: Callable[[int], Decimal], places: NDArray[np.intp]) -> list[int | None]:
    """Percentages as whole numbers of 1e-8, half-up; None where there is none. Where floating point stands too near
    to a half, the exact value is rounded."""
    scaled = values[places] * 1e8
    known = np.isfinite(scaled)
    scaled[~known] = 0
    found: list[int | None] = np.rint(scaled).astype(np.int64).tolist()
    from_half = np.abs(scaled - np.floor(scaled) - 0.5)
    for at in np.flatnonzero(known & (from_half < 1e-3 + np.abs(scaled) * 1e-14)).tolist():
        found[at] = _e8(exact(int(places[at])))
    for at in np.flatnonzero(~known).tolist():
        found[at] = None
    return found


def _e8(value: Decimal) -> int:
    return int(rounded(value).scaleb(8))
