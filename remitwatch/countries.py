"""Countries: ISO codes, M49 numbers, World Bank region and income group (with their vintage)."""

from __future__ import annotations

from functools import cache

from remitwatch.errors import InputError
from remitwatch.fields import Value
from remitwatch.reference import read_notes, read_rows

KOSOVO_AREA = "412"
"""The number of the United Nations' SDG database for Kosovo, for which M49 itself has none."""
_OTHER_CODES = {"KSV": "XKX"}  # the survey writes Kosovo KSV in one column and XKX in another: one code inside


class Country(Value):
    """A country of the reference table. What is not known is None."""

    code: str
    iso2: str
    m49: str | None
    name: str
    region: str | None
    income_group: str | None
    currency: str | None


@cache
def countries() -> dict[str, Country]:
    """All countries of the reference table by ISO 3166-1 alpha-3 code."""
    return {
        row["code"]: Country(
            code=row["code"],
            iso2=row["iso2"],
            m49=row["m49"] or None,
            name=row["name"],
            region=row["region"] or None,
            income_group=row["income_group"] or None,
            currency=row["currency"] or None,
        )
        for row in read_rows("countries.csv")
    }


@cache
def country_groups() -> dict[str, str]:
    """The groups (`g20+g8`) of the countries that are in one, by code: reference/country_groups.csv."""
    return {row["code"]: row["groups"] for row in read_rows("country_groups.csv")}


@cache
def _borders() -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for row in read_rows("borders.csv"):
        found.setdefault(row["one"], set()).add(row["other"])
        found.setdefault(row["other"], set()).add(row["one"])
    return {code: tuple(sorted(others)) for code, others in found.items()}


def neighbours(code: str) -> tuple[str, ...]:
    """The countries that share a land border with this one (reference/borders.csv), in order of code; none for an
    island."""
    return _borders().get(code, ())


def vintage() -> str:
    """The date at which regions and income groups held (`2023-05`)."""
    return read_notes("countries.csv")["vintage"]


def country_code(code: str) -> str:
    """The ISO alpha-3 code used inside (`KSV` -> `XKX`). Raises ValueError for a code not in the table."""
    code = _OTHER_CODES.get(code, code)
    if code not in countries():
        raise ValueError(f"unknown country {code!r}: expected an ISO 3166-1 alpha-3 code such as GBR")
    return code


def area_number(code: str) -> str | None:
    """The number of a country in the SDG database, as its reference areas are written: M49 without leading zeros
    (`AFG` -> `4`), KOSOVO_AREA for Kosovo. None for a country whose number the table lacks."""
    number = KOSOVO_AREA if code == "XKX" else countries()[code].m49
    return number.lstrip("0") if number else None


def find_country(code: str) -> Country:
    """The country with this alpha-3 code in any case. Raises InputError for an unknown one."""
    try:
        return countries()[country_code(code.strip().upper())]
    except ValueError as error:
        raise InputError(str(error)) from None


@cache
def _by_iso2() -> dict[str, str]:
    return {country.iso2: code for code, country in countries().items()}


def from_iso2(iso2: str) -> str:
    """The alpha-3 code of an alpha-2 code (`GB` -> `GBR`). Raises ValueError when unknown."""
    try:
        return _by_iso2()[iso2.upper()]
    except KeyError:
        raise ValueError(f"unknown country {iso2!r}: expected an ISO 3166-1 alpha-2 code such as GB") from None
