"""Currencies: ISO 4217 codes and how many decimals their amounts have."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from remitwatch.fields import Value
from remitwatch.reference import read_rows


class Currency(Value):
    """A currency of the reference table. `exponent` is the number of decimals of its smallest unit (ISO 4217)."""

    code: str
    name: str
    exponent: int

    @property
    def smallest_unit(self) -> Decimal:
        """0.01 for GBP, 1 for JPY, 0.001 for KWD."""
        return Decimal(1).scaleb(-self.exponent)


@cache
def currencies() -> dict[str, Currency]:
    """All currencies of the reference table by ISO 4217 code."""
    return {
        row["code"]: Currency(code=row["code"], name=row["name"], exponent=int(row["exponent"]))
        for row in read_rows("currencies.csv")
    }


def currency_code(code: str) -> str:
    """The code itself. Raises ValueError for one that is not in the table."""
    if code not in currencies():
        raise ValueError(f"unknown currency {code!r}: expected an ISO 4217 code such as GBP")
    return code


def find_currency(code: str) -> Currency:
    """The currency with this code. Raises ValueError for one that is not in the table."""
    return currencies()[currency_code(code)]
