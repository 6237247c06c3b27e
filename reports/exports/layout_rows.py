"""Rows for the survey's own layout: a service of a quarter, with its prices at both amounts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class LayoutPrice:
    """A service at one amount, in the send currency; `rate` receive units per send unit; margin and total in per cent.
    None where it is not disclosed."""

    amount: Decimal
    fee: Decimal
    rate: Decimal | None
    margin: Decimal | None
    total: Decimal | None


@dataclass(slots=True)
class LayoutRow:
    """A row of the survey's sheet. `labels` by column name (`payment instrument` ...), as published where the row is of
    the survey; `prices` by tier (200, 500); `period` is `2025-Q3`."""

    id: str
    period: str
    sender: str
    receiver: str
    sender_region: str | None
    receiver_region: str | None
    receiver_income_group: str | None
    firm: str
    labels: Mapping[str, str]
    send_currency: str
    interbank_rate: Decimal | None
    transparent: bool
    note: str
    day: dt.date | None
    prices: dict[int, LayoutPrice] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """The rows of one basis, in the order of quarter and number. `left_out`: how many services the layout or the terms
    of their source do not let through, by the reason in words."""

    basis: str
    rows: tuple[LayoutRow, ...]
    left_out: Mapping[str, int]
