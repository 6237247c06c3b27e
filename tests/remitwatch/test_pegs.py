"""Pegs as dated data, and what the rate book makes of them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from remitwatch.pegs import Peg, pegs
from remitwatch.ratebook import RateBook, RateRow, ReferenceUsed
from remitwatch.reference import read_rows, read_toml

DAY = dt.date(2026, 11, 20)
ECB: list[RateRow] = [
    ("ecb", "EUR", "USD", DAY, Decimal("1.16")),
    ("ecb", "EUR", "GBP", DAY, Decimal("0.88")),
    ("ecb", "EUR", "INR", DAY, Decimal("103")),
]


def found(send: str, receive: str, day: dt.date = DAY, rows: list[RateRow] = ECB) -> ReferenceUsed | None:
    return RateBook(rows).find(send, receive, day)


def test_the_table() -> None:
    assert {one.currency: (one.anchor, str(one.rate)) for one in pegs()} == {
        "AED": ("USD", "3.6725"),
        "BHD": ("USD", "0.376"),
        "BTN": ("INR", "1"),
        "JOD": ("USD", "0.709"),
        "NPR": ("INR", "1.6"),
        "OMR": ("USD", "0.3845"),
        "QAR": ("USD", "3.64"),
        "SAR": ("USD", "3.75"),
        "XAF": ("EUR", "655.957"),
        "XOF": ("EUR", "655.957"),
    }
    assert {row["status"] for row in read_rows("pegs.csv")} == {"unverified"}


def test_a_peg_is_a_source_of_its_own_dated_on_the_day() -> None:
    used = found("USD", "AED")
    assert used == ReferenceUsed(
        source="peg", date=DAY, rate=Decimal("3.6725"), derived=False, how="peg: 3.6725 AED for 1 USD", age_days=0
    )


def test_the_other_way_round_it_is_derived() -> None:
    used = found("SAR", "USD")
    assert used is not None
    assert (used.source, used.derived, str(used.rate)) == ("peg", True, "0.26666666666666666667")


def test_a_cross_keeps_the_age_and_the_name_of_the_anchors_rate() -> None:
    used = found("GBP", "AED", DAY + dt.timedelta(days=3))
    assert used is not None
    assert (used.source, used.date, used.age_days, used.derived) == ("peg+ecb", DAY, 3, True)
    assert used.how == "peg: 3.6725 AED for 1 USD, GBP/USD cross through EUR of ecb"
    assert abs(used.rate - Decimal("3.6725") * Decimal("1.16") / Decimal("0.88")) < Decimal("1e-18")
    assert found("GBP", "AED", DAY + dt.timedelta(days=6)) is None


def test_two_pegs_in_one_pair() -> None:
    used = found("AED", "NPR")
    assert used is not None
    assert used.how == "peg: 3.6725 AED for 1 USD, 1.6 NPR for 1 INR, USD/INR cross through EUR of ecb"
    used = found("XOF", "XAF", rows=[])
    assert used is not None
    assert (used.source, used.rate) == ("peg", 1)


def test_the_ecb_and_the_own_central_bank_go_before_a_peg_and_a_peg_before_a_blend() -> None:
    bank: RateRow = ("bceao", "USD", "XOF", DAY, Decimal("565.40"))
    blend: RateRow = ("frankfurter", "USD", "XOF", DAY, Decimal("565.48"))
    sources = []
    for rows in ([*ECB, bank, blend], [*ECB, blend], [blend]):
        used = found("USD", "XOF", rows=rows)
        assert used is not None
        sources.append(used.source)
    assert sources == ["bceao", "peg+ecb", "frankfurter"]


def test_a_peg_holds_on_its_days_only() -> None:
    known = [
        Peg(currency="AED", anchor="USD", rate=Decimal(2), since=dt.date(2026, 1, 1), until=DAY, source="a"),
        Peg(currency="AED", anchor="USD", rate=Decimal(3), since=DAY + dt.timedelta(days=1), source="b"),
    ]
    book = RateBook([], known_pegs=known)
    days = [dt.date(2025, 12, 31), dt.date(2026, 1, 1), DAY, DAY + dt.timedelta(days=1)]
    rates = [None if (used := book.find("USD", "AED", day)) is None else int(used.rate) for day in days]
    assert rates == [None, 2, 2, 3]


def test_every_source_of_the_order_is_known_and_the_last_resort_is_last() -> None:
    preferences = read_toml("rate_preferences.toml")
    assert preferences["default"] == ["ecb", "peg", "frankfurter", "open_er_api"]
    assert RateBook([]).sources_for("GBP", "NGN") == (
        "ecb",
        "cbn",
        "bank_of_england",
        "peg",
        "frankfurter",
        "open_er_api",
    )
    assert all(order[0] == "ecb" for order in preferences["currencies"].values())


@given(
    usd=st.decimals(min_value="0.5", max_value="2", places=4),
    inr=st.decimals(min_value="50", max_value="200", places=4),
)
def test_there_and_back_is_one(usd: Decimal, inr: Decimal) -> None:
    rows: list[RateRow] = [("ecb", "EUR", "USD", DAY, usd), ("ecb", "EUR", "INR", DAY, inr)]
    for send, receive in (("AED", "INR"), ("SAR", "NPR"), ("XOF", "QAR")):
        there, back = found(send, receive, rows=rows), found(receive, send, rows=rows)
        assert there is not None
        assert back is not None
        assert abs(there.rate * back.rate - 1) < Decimal("1e-17")
