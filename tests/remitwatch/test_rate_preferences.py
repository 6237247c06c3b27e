"""The preferences of reference rates name currencies that exist, and none that does not is taken."""

import pytest

from remitwatch.costs import parallel_rate
from remitwatch.currencies import currencies
from remitwatch.rate_preferences import checked, rate_preferences
from remitwatch.ratebook import RateBook


def test_south_sudan_and_zimbabwe_have_parallel_markets_under_their_own_codes() -> None:
    assert parallel_rate("USD", "SSP")
    assert parallel_rate("ZAR", "ZWG")  # since 2024
    assert parallel_rate("ZAR", "ZWL")  # before
    assert set(rate_preferences()["parallel"]["currencies"]) <= set(currencies())


@pytest.mark.parametrize(
    ("preferences", "told"),
    [
        ({"parallel": {"currencies": ["ARS", "SSD"]}}, r"\[parallel\]: unknown currency 'SSD'"),
        ({"currencies": {"inr": ["ecb"]}}, r"\[currencies\]: unknown currency 'inr'"),
        ({"pairs": {"GBP-ZZZ": ["ecb"]}}, r"\[pairs\]: unknown currency 'ZZZ'"),
    ],
)
def test_an_unknown_currency_is_refused_when_they_are_loaded(preferences: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=f"rate_preferences.toml: {told}: expected an ISO 4217 code"):
        checked(preferences)
    with pytest.raises(ValueError, match=told):
        RateBook([], preferences=preferences)
