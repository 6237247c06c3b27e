"""A survey as columns: the prices of a whole workbook, a quarter of a million rows, without an object a price.

A SurveyTable says exactly what its `quotes()` say, one by one. Decimals stand in it as text in plain digits, so that no
digit is lost and none is computed; texts and codes stand once, and each price holds their numbers.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remitwatch.corridors import Corridor
from remitwatch.fields import decimal_text, exact_decimal
from remitwatch.quotes import Basis, FeeModel, Inquiry, Quote, SurveyRow
from remitwatch.services import AccessPoint, Coverage, PaymentInstrument, PickupMethod, Provider, ProviderType, Speed

Codes = NDArray[np.int32]
NAMES = (
    "sender", "receiver", "send_currency", "receive_currency", "send_amount", "tier", "provider", "provider_name",
    "provider_type", "payment_instrument", "access_point", "pickup_method", "speed", "coverage", "fee", "rate",
    "transparent", "note", "period", "row", "fx_margin_pct", "total_cost_pct", "interbank_rate", "observed_on",
    "sender_region", "receiver_region", "receiver_income_group", "labels",
)  # fmt: skip
"""The columns. `provider_type`, `payment_instrument` and `access_point` are codes joined by `+`; `labels` are pairs of
column and label; decimals are text; what is not known is None."""
DECIMALS = ("send_amount", "fee", "rate", "fx_margin_pct", "total_cost_pct", "interbank_rate")
_OF_ROW = (
    "period", "row", "fx_margin_pct", "total_cost_pct", "interbank_rate", "observed_on", "sender_region",
    "receiver_region", "receiver_income_group",
)  # fmt: skip


class Distinct:
    """Values by number, each once, in the order in which they came."""

    def __init__(self) -> None:
        self._codes: dict[Hashable, int] = {}
        self.values: list[Any] = []

    def __call__(self, value: Hashable) -> int:
        """The number of a value."""
        code = self._codes.get(value)
        if code is None:
            code = self._codes[value] = len(self.values)
            self.values.append(value)
        return code


@dataclass(frozen=True)
class Column:
    """One column: the distinct values, and for each price the number of its value."""

    codes: Codes
    values: list[Any]

    def cells(self) -> list[Any]:
        """The value of each price."""
        found = np.empty(len(self.values), dtype=object)
        found[:] = self.values
        cells: list[Any] = found[self.codes].tolist()
        return cells


def column_of(cells: Iterable[Hashable]) -> Column:
    """The column of these cells."""
    distinct = Distinct()
    codes = np.fromiter(map(distinct, cells), np.int32)
    return Column(codes, distinct.values)


def combined(columns: Sequence[NDArray[Any]]) -> tuple[NDArray[np.intp], list[tuple[int, ...]]]:
    """Codes that stand beside each other in `columns` as one: the number of each row's combination, and the
    combinations."""
    key = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        width = int(column.max(initial=0)) + 1
        if (int(key.max(initial=0)) + 1) * width >= 2**62:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
        key = key * width + column
    first, number = _first_and_number(key)
    return number, list(zip(*(column[first].tolist() for column in columns), strict=True))


def _first_and_number(key: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The place of one of each key, in the order of the keys, and of each key its number in that order."""
    most = int(key.max(initial=0)) + 1
    if most > 8 * len(key) + 1024:
        _, first, number = np.unique(key, return_index=True, return_inverse=True)
        return first, number
    place = np.full(most, -1, np.intp)  # few enough to be counted: many times as fast as sorting
    place[key] = np.arange(len(key))
    there = place >= 0
    return place[there], (np.cumsum(there) - 1)[key]


@dataclass
class Account:
    """What was read of a survey, by quarter ('' where a row does not say its quarter): rows, refused rows and those
    among them of which one price is good, rows without a price, repairs by kind. `refused` are the numbers of the
    refused rows by sheet; `unknown_labels` those of the rows with a label that no vocabulary has, by sheet, column and
    label."""

    rows: dict[str, int] = field(default_factory=dict)
    refused_rows: dict[str, int] = field(default_factory=dict)
    partly_refused: dict[str, int] = field(default_factory=dict)
    without_price: dict[str, int] = field(default_factory=dict)
    repairs: dict[str, dict[str, int]] = field(default_factory=dict)
    refused: dict[str, list[int]] = field(default_factory=dict)
    unknown_labels: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)

    def repair(self, period: str, kind: str, count: int) -> None:
        """Count repairs."""
        of_period = self.repairs.setdefault(period, {})
        of_period[kind] = of_period.get(kind, 0) + count


@dataclass(frozen=True)
class SurveyTable:
    """The prices of a survey file in its order, both tiers of a row beside each other."""

    columns: Mapping[str, Column]
    services: Column
    account: Account

    def __len__(self) -> int:
        return len(self.services.codes)

    def natural_keys(self) -> list[str]:
        """The natural key of each price: that of `remitwatch.quotes.quote_key`."""
        return self._keys

    @cached_property
    def _keys(self) -> list[str]:
        of = self.columns
        amounts, periods, rows = (of[name].values for name in ("send_amount", "period", "row"))
        services, basis = self.services.values, Basis.SURVEY.value
        codes = (column.codes.tolist() for column in (self.services, of["send_amount"], of["period"], of["row"]))
        return [
            f"{services[service]}|{amounts[amount]}|{basis}|{periods[period]}/{rows[row]}|"
            for service, amount, period, row in zip(*codes, strict=True)
        ]

    def quotes(self) -> Iterator[Quote]:
        """The prices one by one."""
        return map(self.quote, range(len(self)))

    def quote(self, place: int) -> Quote:
        """One price. Raises ValueError when it is none, which a table never holds."""
        cell = {name: column.values[column.codes[place]] for name, column in self.columns.items()}
        for name in DECIMALS:
            cell[name] = None if cell[name] is None else exact_decimal(cell[name])
        lane = Corridor(**{name: cell[name] for name in Corridor.model_fields})
        types = tuple(map(ProviderType, cell["provider_type"].split("+")))
        return Quote(
            inquiry=Inquiry(corridor=lane, send_amount=cell["send_amount"], tier=cell["tier"]),
            provider=Provider(key=cell["provider"], name=cell["provider_name"], types=types),
            basis=Basis.SURVEY,
            payment_instrument=tuple(map(PaymentInstrument, cell["payment_instrument"].split("+"))),
            access_point=tuple(map(AccessPoint, cell["access_point"].split("+"))),
            pickup_method=PickupMethod(cell["pickup_method"]),
            speed=Speed(cell["speed"]),
            coverage=Coverage(cell["coverage"]),
            fee=cell["fee"],
            fee_model=FeeModel.ADDED,
            rate=cell["rate"],
            transparent=cell["transparent"],
            note=cell["note"],
            survey=SurveyRow(labels=dict(cell["labels"]), **{name: cell[name] for name in _OF_ROW}),
        )

    def taking(self, places: NDArray[np.intp]) -> SurveyTable:
        """The table of the prices at these places only."""
        columns = {name: Column(column.codes[places], column.values) for name, column in self.columns.items()}
        return SurveyTable(columns, Column(self.services.codes[places], self.services.values), self.account)

    def rows_by_period(self) -> dict[str, int]:
        """How many rows of the file stand in the table, by quarter: a row with two prices counts once."""
        period, row = self.columns["period"], self.columns["row"]
        pairs = np.unique(period.codes.astype(np.int64) * len(row.values) + row.codes)
        counts = np.bincount(pairs // max(len(row.values), 1), minlength=len(period.values))
        return {name: int(count) for name, count in zip(period.values, counts, strict=True) if count}


def cells_of(quote: Quote) -> dict[str, Any]:
    """A survey price as the cells of a table's row. Raises ValueError for a price that is not of a survey."""
    row, lane, provider = quote.survey, quote.inquiry.corridor, quote.provider
    if row is None or quote.fee_model is not FeeModel.ADDED:
        raise ValueError("expected a price of a survey row, its fee added")

    def text(name: str) -> str | None:
        value = {"send_amount": quote.inquiry.send_amount, "fee": quote.fee, "rate": quote.rate}.get(
            name, getattr(row, name, None)
        )
        return None if value is None else decimal_text(value)

    return {
        "sender": lane.sender,
        "receiver": lane.receiver,
        "send_currency": lane.send_currency,
        "receive_currency": lane.receive_currency,
        "tier": quote.inquiry.tier,
        "provider": provider.key,
        "provider_name": provider.name,
        "provider_type": "+".join(provider.types),
        "payment_instrument": "+".join(quote.payment_instrument),
        "access_point": "+".join(quote.access_point),
        "pickup_method": quote.pickup_method.value,
        "speed": quote.speed.value,
        "coverage": quote.coverage.value,
        "transparent": quote.transparent,
        "note": quote.note,
        "period": row.period,
        "row": row.row,
        "observed_on": row.observed_on,
        "sender_region": row.sender_region,
        "receiver_region": row.receiver_region,
        "receiver_income_group": row.receiver_income_group,
        "labels": tuple(row.labels.items()),
        **{name: text(name) for name in DECIMALS},
    }
