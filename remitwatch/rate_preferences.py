"""The order in which sources of reference rates are asked, and which currencies have a parallel market.

The data is `reference/rate_preferences.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from remitwatch.currencies import currency_code
from remitwatch.reference import read_toml


@cache
def rate_preferences() -> Mapping[str, Any]:
    """The shipped preferences. Raises ValueError for a currency that is not in the table of currencies."""
    return checked(read_toml("rate_preferences.toml"))


def checked(preferences: Mapping[str, Any]) -> Mapping[str, Any]:
    """The preferences themselves. Raises ValueError naming the section and the currency that nobody has: a mark or an
    order for it would never be used, and nothing would show it."""
    named = {
        "pairs": [code for pair in preferences.get("pairs", {}) for code in pair.split("-")],
        "currencies": preferences.get("currencies", {}),
        "parallel": preferences.get("parallel", {}).get("currencies", ()),
    }
    for section, codes in named.items():
        for code in codes:
            try:
                currency_code(code)
            except ValueError as error:
                raise ValueError(f"rate_preferences.toml: [{section}]: {error}") from None
    return preferences
