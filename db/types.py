"""Column types that keep what the words promise: exact decimals and UTC times, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Numeric, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from remitwatch.fields import decimal_text, exact_decimal, utc_time


def time_text(value: datetime) -> str:
    """A UTC time as text of fixed width, so that text order is time order."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def literal(value: str | int | bool | datetime | None) -> str:
    """A value as both databases take it inside a statement."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return text if isinstance(value, int) else "'" + text.replace("'", "''") + "'"


class ExactDecimal(TypeDecorator[Decimal]):
    """Decimals with every digit as published: text on SQLite (its NUMERIC is a float), NUMERIC on PostgreSQL.

    Binding a float or a NaN raises ValueError.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Numeric())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        text = decimal_text(exact_decimal(value))
        return text if dialect.name == "sqlite" else Decimal(text)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Percent8(TypeDecorator[Decimal]):
    """Percentages as whole numbers of 1e-8 per cent: they sum exactly, in SQL and in float64.

    In and out Decimal. Binding one with more than eight decimals raises ValueError: rounding is the method's business.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        scaled = exact_decimal(value).scaleb(8)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"percentage {value}: expected at most eight decimals")
        if abs(scaled) >= 2**63:
            raise ValueError(f"percentage {value}: too large to be stored")
        return int(scaled)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-8)


class UtcTime(TypeDecorator[datetime]):
    """Aware times, kept in UTC: text of fixed width on SQLite (which drops offsets), TIMESTAMPTZ on PostgreSQL.

    Binding a naive time raises ValueError.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        moment = utc_time(value)
        return time_text(moment) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else utc_time(value)
