"""Savings: flows times what a corridor costs above the target."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from remitwatch.flows import FlowTable
from remitwatch.savings import Savings, savings

FLOWS = FlowTable(
    "bilateral_matrix", 2017, {"GBR-IND": Decimal(300), "GBR-PAK": Decimal(100), "GBR-NPL": Decimal(100)}, 1
)
COSTS = {"GBR-IND": Decimal(8), "GBR-PAK": Decimal(4)}
ALL = FLOWS.about("world", "")


def test_by_hand() -> None:
    assert savings(COSTS, Decimal(5), FLOWS, ALL) == Savings(Decimal(9), Decimal(80), corridors=2, above=1)
    assert savings(COSTS, Decimal(3), FLOWS, ALL).value == 16  # 300 x 5 % + 100 x 1 %
    assert savings(COSTS, Decimal(8), FLOWS, ALL) == Savings(Decimal(0), Decimal(80), corridors=2, above=0)
    assert savings(COSTS, Decimal(3), FLOWS, FLOWS.about("receiver", "PAK")) == Savings(Decimal(1), Decimal(100), 1, 1)


def test_it_says_why_there_are_none() -> None:
    assert savings(COSTS, Decimal(3), FLOWS, FLOWS.about("sender", "KEN")) == Savings(reason="no_flow")
    assert savings({}, Decimal(3), FLOWS, ALL) == Savings(coverage=Decimal(0), reason="no_cost")


@given(
    market=st.lists(
        st.tuples(st.decimals("0.01", 10**5, places=15), st.decimals(-10, 90, places=12)), min_size=1, max_size=5
    ),
    target=st.integers(0, 10),
)
def test_it_is_exact_and_never_negative(market: list[tuple[Decimal, Decimal]], target: int) -> None:
    keys = [f"GBR-{code}" for code in ("IND", "PAK", "NPL", "KEN", "UGA")[: len(market)]]
    table = FlowTable("s", 2020, {key: flow for key, (flow, _) in zip(keys, market, strict=True)}, 1)
    costs = {key: cost for key, (_, cost) in zip(keys, market, strict=True)}
    found = savings(costs, Decimal(target), table, table.about("sender", "GBR"))
    exact = sum(Fraction(flow) * max(Fraction(cost) - target, 0) / 100 for flow, cost in market)
    assert found.value is not None
    assert abs(Fraction(found.value) - exact) <= Fraction(1, 10**12)
    assert found.value >= 0
    assert found.coverage == 100
