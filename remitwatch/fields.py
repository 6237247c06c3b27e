"""The field types every value is made of: exact decimals, UTC times, ISO codes, and the base of all values."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

LARGEST_POWER = 20
"""Amounts, rates and percentages are below 1e21: above, a digit or a unit slipped, and sums would not be exact."""
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


class Value(BaseModel):
    """A validated, immutable value. Unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def exact_decimal(value: Any) -> Decimal:
    """A Decimal from a Decimal, an int or a plain ASCII decimal string.

    Raises ValueError for floats (they are binary, so the last digits are invented), booleans, text in any other
    notation, and for NaN and infinities.
    """
    if isinstance(value, Decimal):
        number = value
    elif isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f"expected an exact decimal (Decimal, int or text), got {type(value).__name__} {value!r}")
    elif isinstance(value, int) or _DECIMAL.fullmatch(value):
        number = Decimal(value)
    else:
        raise ValueError(f"expected a decimal number such as 12.50, got {value!r}")
    if not number.is_finite():
        raise ValueError(f"expected a finite number, got {value!r}")
    if number and number.adjusted() > LARGEST_POWER:
        raise ValueError(f"expected a number that a price can be, got {str(value)[:40]}")
    return number


def decimal_text(value: Decimal) -> str:
    """A decimal in plain digits, every digit kept (`1.50`, never `15E-1`); zero has no sign. The same everywhere."""
    return format(abs(value) if value.is_zero() else value, "f")


def utc_time(value: Any) -> datetime:
    """A datetime in UTC from an aware datetime or an ISO 8601 text with its offset. Raises ValueError when naive."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        raise ValueError(f"expected a date and time with its offset, got {value!r}")
    if value.tzinfo is None or value.utcoffset() is None:
        raise ValueError(f"expected a time with its UTC offset, got the naive {value.isoformat()}")
    return value.astimezone(UTC)


def _positive(value: Decimal) -> Decimal:
    if value <= 0:
        raise ValueError(f"expected a number above 0, got {value}")
    return value


def _not_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise ValueError(f"expected a number of 0 or more, got {value}")
    return value


def _country(value: str) -> str:
    from remitwatch.countries import country_code

    return country_code(value)


def _currency(value: str) -> str:
    from remitwatch.currencies import currency_code

    return currency_code(value)


ExactDecimal = Annotated[Decimal, BeforeValidator(exact_decimal)]
PositiveDecimal = Annotated[Decimal, BeforeValidator(exact_decimal), AfterValidator(_positive)]
NotNegativeDecimal = Annotated[Decimal, BeforeValidator(exact_decimal), AfterValidator(_not_negative)]
UtcTime = Annotated[datetime, BeforeValidator(utc_time)]
CountryCode = Annotated[str, AfterValidator(_country)]
CurrencyCode = Annotated[str, AfterValidator(_currency)]
Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,79}$")]
"""A short name of ours: lower case ASCII letters, digits and underscores."""
