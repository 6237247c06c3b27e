"""Corridors: money sent from one country to another, directed, with the two currencies."""

from __future__ import annotations

import re
from functools import cache
from typing import Self

from pydantic import model_validator

from remitwatch.countries import Country, country_code, find_country
from remitwatch.errors import InputError
from remitwatch.fields import CountryCode, CurrencyCode, Value
from remitwatch.reference import read_rows


class Corridor(Value):
    """Sending country -> receiving country, with their currencies. Directed: GBR-IND is not IND-GBR."""

    sender: CountryCode
    receiver: CountryCode
    send_currency: CurrencyCode
    receive_currency: CurrencyCode

    @model_validator(mode="after")
    def _crosses_a_border(self) -> Self:
        if self.sender == self.receiver:
            raise ValueError(f"receiver: {self.receiver} is the sending country too: a corridor joins two countries")
        return self

    @property
    def key(self) -> str:
        """`GBR-IND`."""
        return f"{self.sender}-{self.receiver}"

    def __str__(self) -> str:
        return self.key


def corridor_key(text: str) -> str:
    """`GBR-IND` from `gbr-ind`, `GBR-IND`, `GBRIND` or the survey's `RWAKSV`.

    Raises InputError for anything else and for unknown countries.
    """
    match = re.fullmatch(r"([A-Za-z]{3})-?([A-Za-z]{3})", text.strip())
    if match is None:
        raise InputError(f"corridor {text!r}: expected two ISO country codes such as GBR-IND")
    try:
        sender, receiver = (country_code(part.upper()) for part in match.groups())
    except ValueError as error:
        raise InputError(f"corridor {text!r}: {error}") from None
    if sender == receiver:
        raise InputError(f"corridor {text!r}: a corridor joins two countries")
    return f"{sender}-{receiver}"


def corridor(text: str) -> Corridor:
    """The corridor named by two countries, in their own currencies (the reference table's). Raises InputError."""
    sender, receiver = corridor_key(text).split("-")
    currencies = [_own_currency(find_country(code)) for code in (sender, receiver)]
    return Corridor(sender=sender, receiver=receiver, send_currency=currencies[0], receive_currency=currencies[1])


def _own_currency(country: Country) -> str:
    if country.currency is None:
        raise InputError(f"{country.code}: its currency is not in the reference table; name the currencies in full")
    return country.currency


@cache
def watched_corridors() -> tuple[str, ...]:
    """The corridors watched by default (reference/corridors.csv): large flows and costly routes."""
    return tuple(row["corridor"] for row in read_rows("corridors.csv"))
