"""Flows: what migrants send from one country to another in a year: the weights of the weighted average."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, model_validator

from remitwatch.countries import countries
from remitwatch.errors import InputError
from remitwatch.fields import CountryCode, ExactDecimal, Value


class Flow(Value):
    """One published estimate.

    `series` names the publisher's table (`bilateral_matrix`); `year` the calendar year it is about; `value` million US
    dollars, 0 or more, with every digit published.
    """

    series: Annotated[str, Field(min_length=1)]
    sender: CountryCode
    receiver: CountryCode
    year: Annotated[int, Field(ge=1970, le=2100)]
    value: Annotated[ExactDecimal, Field(ge=0)]

    @model_validator(mode="after")
    def _crosses_a_border(self) -> Self:
        if self.sender == self.receiver:
            raise ValueError(f"receiver: {self.receiver} is the sending country too: a flow joins two countries")
        return self


@dataclass(frozen=True)
class FlowTable:
    """The flows of one series and year in force: of its newest accepted run, whole.

    `values`: million US dollars by corridor (`GBR-IND`); a corridor that is not in it has no flow known. `run`: the
    number of the run they came in.
    """

    series: str
    year: int
    values: Mapping[str, Decimal]
    run: int

    @property
    def name(self) -> str:
        """How it is asked for: `bilateral_matrix:2017`."""
        return f"{self.series}:{self.year}"

    @cached_property
    def weights(self) -> dict[str, int]:
        """The flows above 0 as whole numbers of one small unit, so that sums are exact."""
        above = {key: Fraction(value) for key, value in self.values.items() if value > 0}
        places = max((-int(value.as_tuple().exponent) for value in self.values.values()), default=0)
        unit = 10 ** max(places, 0)
        return {key: int(value * unit) for key, value in above.items()}

    def about(self, scope: str, subject: str, seen: Collection[str] = ()) -> list[str]:
        """The corridors with a flow above 0 that belong to a subject, in order: all of the world's, those of a sender,
        receiver or region, or the corridor itself.

        A receiver is in the region that the reference table gives it; `seen` are receivers (ISO codes) that prices put
        into the region, too.
        """
        if scope == "world":
            return sorted(self.weights)
        if scope == "corridor":
            return [subject] if subject in self.weights else []
        if scope == "sender":
            return sorted(self._by_end[0].get(subject, ()))
        receivers = {subject} if scope == "receiver" else _receivers_in(subject) | set(seen)
        return sorted(key for receiver in receivers for key in self._by_end[1].get(receiver, ()))

    @cached_property
    def _by_end(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """The corridors by sender, and by receiver."""
        senders: dict[str, list[str]] = defaultdict(list)
        receivers: dict[str, list[str]] = defaultdict(list)
        for key in self.weights:
            sender, receiver = key.split("-")
            senders[sender].append(key)
            receivers[receiver].append(key)
        return senders, receivers


def _receivers_in(region: str) -> set[str]:
    return {code for code, country in countries().items() if country.region == region}


def parse_flow_name(text: str) -> tuple[str, int]:
    """Series and year of `bilateral_matrix:2017`. Raises InputError."""
    series, colon, year = text.partition(":")
    if not (series and colon and len(year) == 4 and year.isascii() and year.isdigit()):
        raise InputError(f"flows {text!r}: expected SERIES:YEAR such as bilateral_matrix:2017")
    return series, int(year)
