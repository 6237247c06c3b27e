"""The areas of published series: countries, the world, and the groups of countries that stand among them.

A published figure of a group (a region, an income group) has no counterpart here: it is counted, not stored. A code
that is neither a country nor a known group is refused.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from remitwatch.countries import KOSOVO_AREA, countries, country_code, from_iso2
from remitwatch.reference import read_rows

WORLD = "WLD"


def world_bank_area(code: str) -> str | None:
    """The country of a World Bank code (`GBR`, `GB`), WORLD for the world, None for another group of countries.
    Raises ValueError for an unknown code."""
    if code in _groups("code") | _groups("iso2"):
        return WORLD if code in (WORLD, "1W") else None
    return from_iso2(code) if len(code) == 2 else country_code(code)


def m49_area(number: str) -> str | None:
    """The country of a United Nations number (`826`), WORLD for the world, None for another group of countries.
    Raises ValueError for an unknown number."""
    padded = number.zfill(3)
    if padded in _groups("m49"):
        return WORLD if padded == "001" else None
    try:
        return _by_m49()[padded]
    except KeyError:
        raise ValueError(f"unknown area {number!r}: expected an M49 number such as 826") from None


def subject(scope: Literal["sender", "receiver"], area: str) -> dict[str, Any]:
    """Scope, sender and receiver of a figure of one area."""
    if area == WORLD:
        return {"scope": "world", "sender": None, "receiver": None}
    return {"scope": scope, "sender": None, "receiver": None, scope: area}


@cache
def _groups(column: str) -> frozenset[str]:
    return frozenset(row[column] for row in read_rows("aggregates.csv") if row[column])


@cache
def _by_m49() -> dict[str, str]:
    return {country.m49: code for code, country in countries().items() if country.m49} | {KOSOVO_AREA: "XKX"}
