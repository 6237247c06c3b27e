"""Reference rates held against each other: what stands out, and what does not."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from remitwatch.pegs import Peg, pegs
from remitwatch.quality import Finding
from remitwatch.rate_checks import find
from remitwatch.ratebook import RateRow

DAY = dt.date(2026, 11, 20)
BEFORE = DAY - dt.timedelta(days=1)


def row(source: str, pair: str, rate: str, day: dt.date = DAY) -> RateRow:
    base, quote = pair.split("/")
    return source, base, quote, day, Decimal(rate)


ECB = [row("ecb", "EUR/USD", "1.1600"), row("ecb", "EUR/INR", "102.90"), row("ecb", "EUR/GBP", "0.88213")]


def said(rows: list[RateRow], known: list[Peg] | None = None) -> list[tuple[str, str | None, str]]:
    return [(one.code, one.source, one.message) for one in find(rows, DAY, pegs=known or [])]


def test_nothing_is_found_where_nothing_is() -> None:
    assert find([], DAY) == []


def test_sources_that_agree_are_not_told_of() -> None:
    fbil = [row("fbil", "USD/INR", "88.71"), row("fbil", "GBP/INR", "116.65")]
    assert (
        said([*ECB, *fbil, row("bank_of_england", "GBP/USD", "1.3150"), row("bank_of_england", "GBP/INR", "116.6")])
        == []
    )


def test_one_finding_a_pair_and_date_whatever_the_number_of_sources_and_the_direction() -> None:
    apart = [
        row("fbil", "USD/INR", "88.70"),
        row("frankfurter", "USD/INR", "90.51"),
        row("open_er_api", "USD/INR", "88.6"),
    ]
    assert said([*ECB, *apart]) == [
        (
            "rates_apart",
            None,
            "USD/INR on 2026-11-20: open_er_api 88.6, fbil 88.7, ecb 88.7069, frankfurter 90.51: 2.2 % apart",
        )
    ]


def test_a_parallel_market_is_told_in_words() -> None:
    ((_, _, message),) = said([row("cbn", "USD/NGN", "1440.12"), row("frankfurter", "USD/NGN", "1481")])
    assert message.endswith(
        "2.8 % apart (a currency with a parallel market: the official rate may not be the one people get)"
    )


def test_one_per_cent_is_not_more_than_one_per_cent() -> None:
    assert said([row("cbk", "USD/KES", "100.0000"), row("frankfurter", "USD/KES", "101.0000")]) == []
    assert len(said([row("cbk", "USD/KES", "100.0000"), row("frankfurter", "USD/KES", "101.0300")])) == 1


def test_what_rounding_can_make_is_no_difference() -> None:
    """NBP states a Lebanese pound as 0.000041 zloty: half of the last place is over 1 % of it."""
    nbp = [row("nbp", "USD/PLN", "3.6770"), row("nbp", "LBP/PLN", "0.000041")]
    assert said([*nbp, row("open_er_api", "USD/LBP", "88700.00")]) == []
    assert [code for code, _, _ in said([*nbp, row("open_er_api", "USD/LBP", "82000.00")])] == ["rates_apart"]


def test_only_rates_of_one_date_are_compared_and_only_of_the_last_week() -> None:
    assert said([row("cbk", "USD/KES", "129.3"), row("frankfurter", "USD/KES", "140.1", BEFORE)]) == []
    old = DAY - dt.timedelta(days=7)
    assert said([row("cbk", "USD/KES", "129.3", old), row("frankfurter", "USD/KES", "140.1", old)]) == []


def test_a_rate_of_tomorrow_waits_for_its_day() -> None:
    tomorrow = DAY + dt.timedelta(days=1)
    assert said([row("banrep", "USD/COP", "3765", tomorrow), row("frankfurter", "USD/COP", "4100", tomorrow)]) == []


def test_a_peg_is_a_source_too() -> None:
    nrb = [row("nrb", "USD/NPR", "141.92"), row("nrb", "AED/NPR", "37.10"), row("nrb", "INR/NPR", "1.60075")]
    assert said(nrb, list(pegs())) == [
        ("rates_apart", None, "USD/AED on 2026-11-20: peg 3.6725, nrb 3.82534: 4.2 % apart")
    ]


def test_an_inverted_list_is_told_once_and_not_as_apart() -> None:
    turned = [row("hkma", "HKD/USD", "7.78"), row("hkma", "HKD/INR", "0.0877"), row("hkma", "HKD/GBP", "10.23")]
    others = [row("fbil", "USD/INR", "88.70"), row("fbil", "GBP/INR", "116.65")]
    more = [row("nbp", "USD/PLN", "3.6412"), row("nbp", "INR/PLN", "0.041052"), row("nbp", "GBP/PLN", "4.7881")]
    assert said([*ECB, *others, *more, *turned]) == [
        (
            "rate_inverted",
            "hkma",
            "hkma on 2026-11-20: USD/GBP, USD/INR: inverted? Turned over it would fit the others",
        )
    ]


def test_a_source_alone_is_held_against_its_own_yesterday() -> None:
    found = said([row("nbu", "USD/UAH", "41.9", BEFORE), row("nbu", "USD/UAH", "0.02387")])
    assert [(code, source) for code, source, _ in found] == [("rate_inverted", "nbu")]


def test_of_two_it_is_the_one_that_changed() -> None:
    steady = [row("frankfurter", "USD/KES", "129.3", day) for day in (BEFORE, DAY)]
    found = said([*steady, row("cbk", "USD/KES", "129.2", BEFORE), row("cbk", "USD/KES", "0.00774")])
    assert [(code, source) for code, source, _ in found] == [("rate_inverted", "cbk")]


def test_a_pair_near_one_is_not_called_inverted() -> None:
    assert [code for code, _, _ in said([row("a", "USD/EUR", "0.90"), row("b", "USD/EUR", "1.02")])] == ["rates_apart"]


def test_the_neighbours_number_is_told_and_not_as_apart() -> None:
    """The Saudi riyal got the won's 0.41 in a list of the BCEAO."""
    yesterday = [("EUR", "655.957"), ("USD", "565.48"), ("KRW", "0.4100"), ("SAR", "150.79")]
    today = [("EUR", "655.957"), ("USD", "565.48"), ("KRW", "0.4100"), ("SAR", "0.4100")]
    rows = [
        row("bceao", f"{code}/XOF", rate, day)
        for day, list_ in ((BEFORE, yesterday), (DAY, today))
        for code, rate in list_
    ]
    assert said([*rows, row("open_er_api", "USD/SAR", "3.75")]) == [
        (
            "rate_repeated",
            "bceao",
            "bceao SAR/XOF on 2026-11-20: 0.4100 is the rate of another line too, and a jump of over 20 %: "
            "were lines mixed up?",
        )
    ]


def test_equal_numbers_that_did_not_jump_are_two_pegs() -> None:
    rows = [
        row("nbp", f"{code}/PLN", rate, day)
        for day in (BEFORE, DAY)
        for code, rate in (("USD", "3.677"), ("PAB", "3.677"), ("BSD", "3.677"))
    ]
    assert said(rows) == []


@pytest.mark.parametrize(("age", "stale"), [(5, False), (6, True)])
def test_a_feed_that_stands_still(age: int, stale: bool) -> None:
    rows = [row("cbk", "USD/KES", "129.3", DAY - dt.timedelta(days=age))]
    found = find(rows, DAY, max_age={"cbk": 5, "ecb": 5})
    assert [(one.code, one.source) for one in found] == ([("rate_stale", "cbk")] if stale else [])


def test_levels() -> None:
    assert {one.level for one in find([row("cbk", "USD/KES", "129"), row("x", "USD/KES", "140")], DAY)} == {"warning"}
    assert Finding.model_fields["level"].default == "warning"
