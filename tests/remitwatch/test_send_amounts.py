"""Send amounts: confirmed survey amounts, dated rates to two significant digits, and the 15 % rule."""

from decimal import Decimal

import pytest

from remitwatch.send_amounts import confirmed_amount, derived_amount, reference_amounts, tier_of


def test_the_newest_confirmed_amount_is_used() -> None:
    found = confirmed_amount("TZA", "TZS", 200)
    assert found is not None
    assert (found.amount, found.since) == (Decimal(324500), "2011-Q3")
    assert confirmed_amount("GBR", "GBP", 500).amount == Decimal(300)  # type: ignore[union-attr]


def test_an_amount_from_memory_is_never_asked_with() -> None:
    assert any(one.sender == "DEU" and one.origin == "unverified" for one in reference_amounts())
    assert confirmed_amount("DEU", "EUR", 200) is None


@pytest.mark.parametrize(
    ("tier", "units_per_usd", "amount"),
    [(200, "0.8621", "170"), (500, "0.8621", "430"), (200, "3.75", "750"), (200, "150.2", "30000"), (200, "0.3", "60")],
)
def test_a_derived_amount_has_two_significant_digits(tier: int, units_per_usd: str, amount: str) -> None:
    assert derived_amount(tier, Decimal(units_per_usd)) == Decimal(amount)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sender", "currency", "amount", "tier"),
    [
        ("GBR", "GBP", "120", 200),
        ("GBR", "GBP", "138", 200),
        ("GBR", "GBP", "138.01", None),
        ("GBR", "GBP", "300", 500),
        ("GBR", "EUR", "120", None),
        ("TZA", "TZS", "295000", 200),
        ("NPL", "NPR", "200", None),
    ],
)
def test_a_handed_in_amount_belongs_to_the_tier_within_15_per_cent(
    sender: str, currency: str, amount: str, tier: int | None
) -> None:
    assert tier_of(sender, currency, Decimal(amount)) == tier
