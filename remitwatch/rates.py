"""Reference rates: mid or interbank rates of a pair on a date, from a named source, in the direction published."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Self

from pydantic import model_validator

from remitwatch.fields import CurrencyCode, PositiveDecimal, UtcTime, Value


class RateScope(StrEnum):
    """`market`: a rate for everybody on its date. `response`: a mid stated inside one answer, valid for it only."""

    MARKET = "market"
    RESPONSE = "response"


class ReferenceRate(Value):
    """A reference rate as published: `rate` units of `quote` per 1 unit of `base`, on `date`.

    Direction is kept as published; inverses and crosses are computed when a quote is priced, never stored.
    """

    base: CurrencyCode
    quote: CurrencyCode
    date: dt.date
    rate: PositiveDecimal
    scope: RateScope = RateScope.MARKET
    published_at: UtcTime | None = None

    @model_validator(mode="after")
    def _two_currencies(self) -> Self:
        if self.base == self.quote:
            raise ValueError(f"base and quote are both {self.base}")
        return self
