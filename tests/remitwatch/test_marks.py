"""Marks: each rule catches what it is about and nothing else, and what a person decided holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remitwatch.marks import Decision, mark, reasons, rules
from tests.remitwatch.conftest import observation_rows

Rows = Callable[..., pd.DataFrame]
TODAY = dt.date(2026, 10, 30)


def at(back: int) -> dt.date:
    return TODAY - dt.timedelta(days=back)


def priced(rate: float, mid: float = 100.0, fee: float = 1.0, **more: Any) -> dict[str, Any]:
    """A price as its rates make it: fee and margin in per cent."""
    margin = (1 - rate / mid) * 100
    return {"rate": rate, "reference_rate": mid, "fee_pct": fee, "margin": margin, "total": fee + margin, **more}


def flags(frame: pd.DataFrame, *decisions: Decision) -> list[str]:
    found = mark(frame, decisions)
    return [found[number] for number in frame["quote_id"] if number in found.index]


def collected(rows: Rows, *given: dict[str, Any], **common: Any) -> pd.DataFrame:
    return rows(*given, **{"basis": "standard", "day": TODAY, **common})


@pytest.mark.parametrize(
    ("price", "found"),
    [
        (priced(98.0), ""),
        (priced(75.0), ""),  # exactly 25 % is not over it
        (priced(74.9), "quarantined+rate_far_from_mid"),
        (priced(125.1), "quarantined+rate_far_from_mid"),
        (priced(74.9, flags="parallel_rate"), "parallel_rate+rate_far_from_mid"),
        (priced(9.8), "decimal_slip+quarantined+rate_far_from_mid"),
        (priced(981.0), "decimal_slip+quarantined+rate_far_from_mid"),
        (priced(981.0, flags="parallel_rate"), "decimal_slip+parallel_rate+quarantined+rate_far_from_mid"),
        (priced(0.0101, flags="inverted_rate"), "inverted_rate+quarantined+rate_far_from_mid"),
        (priced(98.0, fee=250.0), "quarantined+swapped_currencies"),  # 300 of 120: it is 3 in the other currency
        (priced(0.98, mid=1.0, fee=250.0), ""),  # near parity it cannot be told
        (priced(98.0, fee=29.0), ""),
        (priced(50.0, receive_currency="GBP"), ""),  # no exchange, no rate to judge
        ({"total": None, "rate": None}, ""),
    ],
)
def test_one_price_against_its_reference_rate(rows: Rows, price: dict[str, Any], found: str) -> None:
    assert flags(collected(rows, price)) == [found]


def test_a_jump_is_shown_and_against_the_same_source_and_service_only(rows: Rows) -> None:
    def second(to: float, **more: Any) -> str:
        return flags(collected(rows, {"total": 3.0, "day": at(1)}, {"total": to, **more}, provider="a"))[1]

    assert second(8.0) == ""
    assert second(8.01) == second(-2.01) == "jump"
    assert second(9.0, source="other") == second(9.0, tier=500) == second(9.0, basis="estimate") == ""


def market(*more: dict[str, Any], day: dt.date = TODAY) -> list[dict[str, Any]]:
    return [{"total": 4.0 + 0.5 * n, "provider": f"m{n}", "day": day} for n in range(6)] + list(more)


def test_an_outlier_is_shown_and_a_spike_held_until_its_next_price_confirms_it(rows: Rows) -> None:
    dear = [{"provider": "dear", "total": 30.0, "day": at(back)} for back in (2, 1, 0)]
    assert flags(collected(rows, *market(dear[2])))[-1] == "outlier"
    spike = [{"provider": "s", "total": 5.0, "day": at(1)}, {"provider": "s", "total": 30.0}]
    assert flags(collected(rows, *market(*spike)))[-1] == "jump+outlier+quarantined+spike"
    gone = {"provider": "s", "total": 5.0, "day": TODAY + dt.timedelta(days=1)}
    assert flags(collected(rows, *market(*spike, gone)))[-2:] == ["jump+outlier+quarantined+spike", "jump"]
    stayed = gone | {"total": 31.0}
    assert flags(collected(rows, *market(*spike, stayed)))[-2:] == ["confirmed+jump+outlier+spike", ""]


def test_a_promotion_may_stand_out(rows: Rows) -> None:
    found = flags(collected(rows, *market({"provider": "p", "total": -20.0}), basis="promotional"))
    assert found == [""] * 7


def test_a_fee_ten_times_the_last_one_is_held_until_confirmed(rows: Rows) -> None:
    def fees(*given: float) -> list[str]:
        days = [priced(99.0, fee=fee, day=at(len(given) - n)) for n, fee in enumerate(given)]
        return flags(collected(rows, *days, provider="a"))

    assert fees(0.4, 4.0) == ["", "decimal_slip+quarantined"]
    assert fees(0.4, 4.0, 4.0) == ["", "confirmed+decimal_slip", ""]
    assert fees(0.4, 4.0, 0.4) == ["", "decimal_slip+quarantined", "decimal_slip+quarantined"]  # a slip back is one too
    assert fees(0.4, 3.5) == ["", ""]
    assert fees(0.1, 1.0) == ["", ""]  # ten times, but not a point
    assert fees(0.0, 4.0) == ["", ""]


def test_the_rate_of_another_currency_after_a_jump_is_held(rows: Rows) -> None:
    def two(*, first: float, second: float, before: float) -> list[str]:
        inr = priced(first, mid=first, provider="a")
        npr = {"provider": "a", "corridor": "GBR-NPL", "receive_currency": "NPR"}
        old = priced(before, mid=before, day=at(1), run_id=0, service="a:npr", **npr)
        new = priced(second, mid=second, service="a:npr", **npr)
        return flags(collected(rows, inr, old, new))

    assert two(first=120.0, second=120.0, before=190.0) == ["", "", "neighbour_rate+quarantined"]
    assert two(first=120.0, second=120.0, before=120.5) == ["", "", ""]  # pegged to each other: nothing moved
    assert two(first=120.0, second=190.0, before=120.0) == ["", "", ""]


def test_what_was_decided_holds_for_the_price_and_for_later_ones_that_cost_as_much(rows: Rows) -> None:
    days = [priced(60.0 + 0.1 * n, provider="a", day=at(3 - n)) for n in range(3)]
    frame = collected(rows, *days, priced(50.0, provider="a"))
    held, free = "quarantined+rate_far_from_mid", "rate_far_from_mid+released"
    assert flags(frame)[:3] == [held] * 3
    assert flags(frame, Decision(2, released=True)) == [held, free, free, f"jump+{held}"]
    assert flags(frame, Decision(2, released=True), Decision(3, released=False)) == [
        held, free, "quarantined+rate_far_from_mid+rejected", f"jump+{held}",
    ]  # fmt: skip
    plain = collected(rows, priced(98.0))
    assert flags(plain, Decision(1, released=False)) == ["quarantined+rejected"]


def test_survey_rows_are_never_judged(rows: Rows) -> None:
    frame = rows(priced(9.8), {"total": 300.0}, flags="extreme")
    assert len(mark(frame)) == 0


def test_the_same_marks_again_and_flags_of_others_stay(rows: Rows) -> None:
    frame = collected(rows, priced(74.0, flags="amount_off_tier+stale_quote"), *market())
    once = mark(frame)
    again = mark(frame.assign(flags=[once[number] for number in frame["quote_id"]]))
    assert once.to_dict() == again.to_dict()
    assert once[1] == "amount_off_tier+outlier+quarantined+rate_far_from_mid+stale_quote"
    mended = frame.assign(flags=[once[number] for number in frame["quote_id"]], rate=98.0, total_e8=4.0e8)
    assert mark(mended)[1] == "amount_off_tier+stale_quote"  # a mark that no longer holds goes


@settings(deadline=None, max_examples=30)
@given(st.permutations(range(8)))
def test_the_order_of_rows_does_not_matter(order: list[int]) -> None:
    given_rows = [
        *({"total": 4.0 + 0.5 * n, "provider": f"m{n}"} for n in range(6)),
        {"provider": "s", "total": 5.0, "day": at(1)}, {"provider": "s", "total": 30.0},
    ]  # fmt: skip
    frame = observation_rows(*given_rows, basis="standard", day=TODAY)
    frame.loc[6, "day"] = at(1)
    shuffled = frame.iloc[order]
    assert mark(shuffled).sort_index().to_dict() == mark(frame).sort_index().to_dict()


def test_every_rule_has_words_and_reasons_put_the_holding_ones_first() -> None:
    assert all(rule.words for rule in rules().values())
    assert reasons(["jump", "spike", "parallel_rate"]) == [rules()["spike"].words, rules()["jump"].words]
