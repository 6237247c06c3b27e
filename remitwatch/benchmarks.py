"""Benchmarks: figures published by others (SDG database, World Bank series). Compared with, never mixed in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from remitwatch.fields import CountryCode, ExactDecimal, Value


class Benchmark(Value):
    """One published figure.

    `series` is the publisher's own code (`ATCR.CORR`); `value` per cent of the amount sent, with every digit
    published. `sender` and `receiver` are None where the scope has none.
    """

    series: Annotated[str, Field(min_length=1)]
    scope: Literal["world", "sender", "receiver", "region", "corridor"]
    sender: CountryCode | None
    receiver: CountryCode | None
    period: Annotated[str, Field(pattern=r"^\d{4}(-Q[1-4])?$")]
    value: ExactDecimal
