"""The weighted average: by hand, against the simple ones, and what it must not tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remitwatch.errors import InputError
from remitwatch.figures import parse_figure_id
from remitwatch.flows import FlowTable, parse_flow_name
from remitwatch.indicators import IndicatorRow, Observations, indicators, members

Rows = Callable[..., pd.DataFrame]
NOW = dt.datetime(2026, 10, 30, 18, tzinfo=dt.UTC)


def flows(**values: str) -> FlowTable:
    return FlowTable("bilateral_matrix", 2017, {k.replace("_", "-"): Decimal(v) for k, v in values.items()}, run=7)


def weighted(frame: pd.DataFrame, table: FlowTable | None, **given: Any) -> IndicatorRow:
    (row,) = indicators(
        Observations(frame, flows=table), codes="weighted_average", period="2025-Q3", as_of=NOW, **given
    )
    return row


FLOWS = flows(GBR_IND="30", GBR_PAK="10", GBR_NPL="60", USA_IND="0.5", RUS_UZB="100", DEU_TUR="299.5")


def market(rows: Rows) -> pd.DataFrame:
    return rows(
        {"corridor": "GBR-IND", "total": 3.0},
        {"corridor": "GBR-IND", "total": 5.0},
        {"corridor": "GBR-IND", "total": None},
        {"corridor": "GBR-PAK", "total": 8.0},
        {"corridor": "RUS-UZB", "total": 1.0, "region": "Europe & Central Asia"},
        {"corridor": "GBR-BTN", "total": 90.0},  # nobody knows its flow
    )


@pytest.mark.parametrize(
    ("scope", "value", "coverage"),
    [
        # the world, Russia in it: (30 x 4 + 10 x 8 + 100 x 1) / 140 of 500
        ({}, Fraction(300, 140), 28),
        ({"sender": "GBR"}, 5, 40),
        ({"receiver": "IND"}, 4, Fraction(3000, 305) * 10),
        ({"region": "South Asia"}, 5, Fraction(4000, 1005) * 10),
    ],
)
def test_by_hand(rows: Rows, scope: dict[str, str], value: Fraction, coverage: Fraction) -> None:
    row = weighted(market(rows), FLOWS, **scope)
    assert row.value is not None
    assert row.coverage is not None
    assert abs(Fraction(row.value) - value) < Fraction(1, 10**11)
    assert abs(Fraction(row.coverage) - coverage) < Fraction(1, 10**11)
    assert row.method == "1+flows_bilateral_matrix_2017"
    assert parse_figure_id(row.id) == row.figure


def test_what_is_behind_it(rows: Rows) -> None:
    row = weighted(market(rows), FLOWS, sender="GBR")
    assert (row.services, row.corridors, row.undisclosed) == (3, 2, 1)
    assert row.flags == ("corridors_without_flow", "undisclosed_excluded")
    behind = members(Observations(market(rows), flows=FLOWS), row.id)
    assert behind["corridor"].tolist() == ["GBR-IND", "GBR-IND", "GBR-PAK"]


def test_it_says_why_there_is_none(rows: Rows) -> None:
    frame = market(rows)
    without = weighted(frame, None)
    assert (without.value, without.coverage, without.flags, without.method) == (
        None, None, ("no_flows", "undisclosed_excluded"), "1",
    )  # fmt: skip
    unknown = weighted(frame, flows(DEU_TUR="1", GBR_IND="0"))
    assert (unknown.value, unknown.coverage, unknown.services) == (None, 0, 0)
    assert unknown.flags == ("corridors_without_flow", "no_flow", "undisclosed_excluded")
    hidden = weighted(rows({"total": None}), FLOWS)
    assert (hidden.value, hidden.flags) == (None, ("no_disclosed_service", "undisclosed_excluded"))
    assert not indicators(
        Observations(frame, flows=FLOWS), codes=None, scope="corridor", corridor="GBR-IND", as_of=NOW
    )[0].indicator.startswith("weighted")
    with pytest.raises(InputError, match="has no figure for scope corridor"):
        weighted(frame, FLOWS, corridor="GBR-IND")
    with pytest.raises(InputError, match="expected SERIES:YEAR"):
        parse_flow_name("2017")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    market=st.lists(st.tuples(st.integers(-500, 9000), st.decimals("0.001", 10**6, places=17)), min_size=1, max_size=6),
    scale=st.integers(1, 10**9),
)
def test_it_lies_between_and_only_the_proportions_count(
    rows: Rows, market: list[tuple[int, Decimal]], scale: int
) -> None:
    receivers = ["IND", "PAK", "NPL", "KEN", "UGA", "TZA"][: len(market)]
    frame = rows(
        *({"corridor": f"GBR-{to}", "total": cost / 100} for to, (cost, _) in zip(receivers, market, strict=True))
    )
    values = {f"GBR-{to}": flow for to, (_, flow) in zip(receivers, market, strict=True)}
    found = weighted(frame, FlowTable("s", 2017, values, run=1))
    larger = weighted(frame, FlowTable("s", 2017, {key: times(flow, scale) for key, flow in values.items()}, run=1))
    exact = sum(Fraction(cost, 100) * Fraction(flow) for cost, flow in market) / sum(
        Fraction(flow) for _, flow in market
    )
    assert found.value is not None
    assert abs(Fraction(found.value) - exact) <= Fraction(1, 10**12)
    assert min(cost for cost, _ in market) <= found.value * 100 <= max(cost for cost, _ in market)
    assert (found.value, found.coverage) == (larger.value, 100)


def times(value: Decimal, scale: int) -> Decimal:
    """Exactly, whatever the context."""
    whole = int(Fraction(value) * 10**17) * scale
    return Decimal(f"{whole}e-17")


class TestPrivate:
    """Two of its sums with other weights would tell two hidden corridors apart: it is shown when all of them are."""

    def test_one_hidden_corridor_hides_it(self, rows: Rows) -> None:
        two = [
            {"corridor": corridor, "provider": f"{corridor}{name}", "total": 4.0, "private": True}
            for corridor in ("GBR-IND", "GBR-PAK")
            for name in "ab"
        ]
        frame = rows(*two, basis="standard", day=NOW.date())
        given = {"basis": "standard", "sender": "GBR"}
        held = Observations(frame, flows=FLOWS)
        average, found = indicators(held, codes=["average_total_cost", "weighted_average"], as_of=NOW, **given)  # type: ignore[arg-type]
        assert average.value == 4  # four private providers
        assert (found.value, found.flags) == (None, ("private_suppressed",))

    def test_a_hidden_corridor_without_a_flow_is_not_in_it(self, rows: Rows) -> None:
        frame = rows(
            {"corridor": "GBR-IND", "total": 4.0, "provider": "known"},
            {"corridor": "GBR-BTN", "total": 9.0, "private": True, "provider": "partner"},
            basis="standard", day=NOW.date(),
        )  # fmt: skip
        (row,) = indicators(Observations(frame, flows=FLOWS), codes="weighted_average", sender="GBR", as_of=NOW)
        assert (row.value, row.flags) == (4, ("corridors_without_flow",))
