"""Names of countries, currencies and regions in the language spoken: CLDR's, but ours in English."""

from __future__ import annotations

from functools import cache

from remitwatch.countries import countries
from remitwatch.currencies import currencies
from remitwatch.errors import InputError
from reports.language import N_, SOURCE, Words, language, spoken

REGIONS = Words({
    "East Asia & Pacific": N_("East Asia & Pacific"),
    "Europe & Central Asia": N_("Europe & Central Asia"),
    "Latin America & Caribbean": N_("Latin America & Caribbean"),
    "Middle East & North Africa": N_("Middle East & North Africa"),
    "Middle East, North Africa, Afghanistan & Pakistan": N_("Middle East, North Africa, Afghanistan & Pakistan"),
    "North America": N_("North America"),
    "South Asia": N_("South Asia"),
    "Sub-Saharan Africa": N_("Sub-Saharan Africa"),
    "High income": N_("High income"),
})  # fmt: skip
"""The World Bank's regions, and what the survey calls one."""


def country(code: str) -> str:
    """`Kenya`, `Kenia`. Raises InputError for an unknown code, because codes become file names."""
    return _country(code, spoken().code)


@cache
def _country(code: str, spoken_code: str) -> str:
    known = countries().get(code)
    if known is None:
        raise InputError(f"country {code!r} of a figure is not in the reference table")
    if spoken_code == SOURCE:
        return known.name
    return str(language(spoken_code).locale.territories.get(known.iso2, known.name))


def currency(code: str) -> str:
    """`Kenyan shilling`, `chelín keniano`; the code itself where it has no name."""
    return _currency(code, spoken().code)


@cache
def _currency(code: str, spoken_code: str) -> str:
    known = currencies().get(code)
    name = language(spoken_code).locale.currencies.get(code)
    return str(name or (known.name if known else code))


def region(name: str) -> str:
    """A region's name; one that is not in the table stays as it is."""
    return REGIONS.get(name) or name
