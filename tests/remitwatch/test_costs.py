"""Costs: the two identities, the fee models, which reference rate is used, and what is flagged."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remitwatch.corridors import Corridor
from remitwatch.costs import Observation, RateBook, observe
from remitwatch.quotes import Basis, Inquiry, Quote, SurveyRow
from remitwatch.rates import RateScope, ReferenceRate
from remitwatch.services import Provider

DAY = dt.date(2026, 10, 30)
NO_RATES = RateBook([])
SAMPLE = Path(__file__).parents[2] / "../shared/data/rpw_service_rows_sample.csv"


def lane(send: str = "GBP", receive: str = "INR", sender: str = "GBR", receiver: str = "IND") -> Corridor:
    return Corridor(sender=sender, receiver=receiver, send_currency=send, receive_currency=receive)


def quote(amount: str = "120", corridor: Corridor | None = None, tier: Any = 200, **given: Any) -> Quote:
    plain: dict[str, Any] = {
        "provider": Provider(key="acme", name="Acme"),
        "basis": Basis.STANDARD,
        "payment_instrument": "bank_account",
        "access_point": "internet",
        "pickup_method": "bank_account",
        "fee": "1.90",
        "fee_model": "added",
        "rate": "98",
    }
    return Inquiry(corridor=corridor or lane(), send_amount=amount, tier=tier).quote(**plain | given)


def survey_quote(**given: Any) -> Quote:
    row = {
        "period": "2025-Q3",
        "row": "1",
        "fx_margin_pct": "5.81",
        "total_cost_pct": "7.14",
        "interbank_rate": "0.0892918825561312",
        "observed_on": dt.date(2025, 8, 18),
        "sender_region": None,
        "receiver_region": None,
        "receiver_income_group": None,
        "labels": {},
    } | given.pop("row", {})
    corridor = lane("RWF", "KES", "RWA", "KEN")
    plain = {"basis": "survey", "fee": "2000", "rate": "0.0841", "survey": SurveyRow(**row)}
    return quote("150000", corridor, **plain | given)


def seen(one: Quote, book: RateBook = NO_RATES, **given: Any) -> Observation:
    observation = observe(one, 1, day=given.pop("day", DAY), book=book, **given)
    assert observation is not None
    return observation


class TestIdentities:
    @pytest.mark.parametrize(("fee_model", "received"), [("added", "3.52748154"), ("deducted", "3.55166667")])
    def test_the_worked_example_of_the_method(self, fee_model: str, received: str) -> None:
        found = seen(quote(fee_model=fee_model, reference_rate="100"))
        assert found.fee_pct == Decimal("1.58333333")
        assert found.fx_margin_pct == 2
        assert found.total_cost_pct == Decimal("3.58333333")
        assert found.received_cost_pct == Decimal(received)

    def test_the_margin_is_on_the_amount_sent_not_on_the_amount_after_fee(self) -> None:
        angola = lane("AOA", "NAD", "AGO", "NAM")
        found = seen(quote("33000", angola, fee="2257.2", rate="0.01938", reference_rate="0.02"))
        assert (found.fee_pct, found.fx_margin_pct, found.total_cost_pct) == (
            Decimal("6.84"), Decimal("3.10"), Decimal("9.94"),
        )  # fmt: skip

    def test_a_stated_received_amount_is_what_was_received(self) -> None:
        found = seen(quote(reference_rate="100", receive_amount="11760.50"))
        assert found.received_cost_pct == Decimal("3.52337982")  # 1 - 11760.50 / 12190

    def test_an_unknown_fee_model_leaves_open_what_was_handed_over(self) -> None:
        assert seen(quote(fee_model="unknown", reference_rate="100")).received_cost_pct is None
        assert seen(quote(fee_model="unknown", fee="0", reference_rate="100")).received_cost_pct == 2

    def test_halves_are_rounded_away_from_zero_once(self) -> None:
        # 1.000000025 and -1.000000025 per cent of 120: bankers' rounding would make them 1.00000002
        assert seen(quote(fee="1.20000003", rate="100", reference_rate="100")).total_cost_pct == Decimal("1.00000003")
        assert seen(quote(fee="0", rate="101.000000025", reference_rate="100")).fx_margin_pct == Decimal("-1.00000003")

    def test_a_cost_below_zero_stays_and_is_flagged(self) -> None:
        found = seen(quote(fee="0", rate="104.43", reference_rate="100"))
        assert found.total_cost_pct == Decimal("-4.43")
        assert found.flags == ("promotion_suspected", "rate_advantage")

    @given(
        fee=st.decimals("0", "50", places=2),
        rate=st.decimals("0.0001", "30000", places=4),
        reference=st.decimals("10", "30000", places=4),
    )
    def test_parts_make_the_total_within_the_last_digit(self, fee: Decimal, rate: Decimal, reference: Decimal) -> None:
        found = seen(quote(fee=fee, rate=rate, reference_rate=reference))
        assert found.fx_margin_pct is not None
        assert found.total_cost_pct is not None
        assert abs(found.fee_pct + found.fx_margin_pct - found.total_cost_pct) <= Decimal("1E-8")


class TestDisclosure:
    def test_an_undisclosed_rate_has_no_margin_and_needs_no_reference(self) -> None:
        found = seen(quote(rate=None, transparent=False))
        assert found.fee_pct == Decimal("1.58333333")
        assert (found.fx_margin_pct, found.total_cost_pct, found.received_cost_pct, found.reference) == (None,) * 4
        assert found.flags == ("undisclosed",)

    def test_an_undisclosed_survey_row_does_not_take_its_placeholder_margin(self) -> None:
        # Posta Kenya 2011-Q3 KEN-UGA: margin 0, rate 1 and a total of the fee alone are published
        row = {"fx_margin_pct": "0", "total_cost_pct": "8.33", "interbank_rate": "1", "observed_on": None}
        found = seen(survey_quote(rate=None, transparent=False, row=row))
        assert (found.fx_margin_pct, found.total_cost_pct) == (None, None)


class TestSurvey:
    def test_the_published_total_and_margin_are_taken(self) -> None:
        found = seen(survey_quote())
        assert found.fee_pct == Decimal("1.33333333")
        assert (found.fx_margin_pct, found.total_cost_pct) == (Decimal("5.81"), Decimal("7.14"))
        assert found.reference is None
        assert found.flags == ()

    @pytest.mark.parametrize(
        ("total", "flags"),
        [("7.15", ()), ("7.153", ()), ("7.16", ("identity_off",)), ("5.81", ("fee_not_in_total", "identity_off"))],
    )
    def test_a_total_that_misses_its_parts_is_kept_and_flagged(self, total: str, flags: tuple[str, ...]) -> None:
        found = seen(survey_quote(row={"total_cost_pct": total}))
        assert found.total_cost_pct == Decimal(total)
        assert found.flags == flags

    @pytest.mark.parametrize(("total", "off"), [("6.80", False), ("6.82", False), ("6.79", True), ("6.8201", True)])
    def test_exactly_a_hundredth_of_a_point_is_rounding(self, total: str, off: bool) -> None:
        found = seen(survey_quote(fee="1500", row={"total_cost_pct": total}))  # 1.00 + 5.81 = 6.81
        assert ("identity_off" in found.flags) is off

    @pytest.mark.parametrize(
        ("given", "row", "flag"),
        [
            ({}, {"total_cost_pct": "63", "fx_margin_pct": "61.67"}, "extreme"),
            ({}, {"interbank_rate": None}, "no_interbank_rate"),
            ({}, {"interbank_rate": "0"}, "no_interbank_rate"),
            ({"rate": "11.2"}, {}, "inverted_rate"),
            (
                {"rate": "1"},
                {"interbank_rate": "1", "fx_margin_pct": "0", "total_cost_pct": "1.33"},
                "rate_placeholder",
            ),
            ({}, {"observed_on": dt.date(2025, 10, 1)}, "date_outside_period"),
            ({}, {"total_cost_pct": None}, "no_published_total"),
        ],
    )
    def test_what_one_row_shows_is_flagged_and_never_mended(
        self, given: dict[str, Any], row: dict[str, Any], flag: str
    ) -> None:
        plain = seen(survey_quote())
        found = seen(survey_quote(**given, row=row))
        assert flag in found.flags
        assert flag not in plain.flags
        if "total_cost_pct" not in row:
            assert found.total_cost_pct == plain.total_cost_pct

    def test_a_wrong_currency_on_a_row_is_flagged_as_an_unusual_amount(self) -> None:
        wrong = quote("200", lane("USD", "KES", "RWA", "KEN"), reference_rate="100")
        assert "amount_off_tier" in seen(wrong).flags

    def test_the_rows_of_the_real_sample_keep_their_identity(self) -> None:
        if not SAMPLE.exists():
            pytest.skip("the survey sample is not beside the repository (../shared/data)")
        with SAMPLE.open(encoding="utf-8-sig") as file:
            rows = [row for row in csv.DictReader(file) if row["period"] == "2025_3Q" and row["transparent"] == "Yes"]
        assert len(rows) == 35
        for row in rows:
            found = seen(
                survey_quote(
                    fee=row["cc1 lcu fee"],
                    rate=row["cc1 lcu fx rate"],
                    row={
                        "fx_margin_pct": row["cc1 fx margin"],
                        "total_cost_pct": row["cc1 total cost %"],
                        "interbank_rate": row["inter lcu bank fx"],
                    },
                )
            )
            assert found.total_cost_pct == Decimal(row["cc1 total cost %"])


def mid(base: str, other: str, rate: str) -> tuple[str, ReferenceRate]:
    return "wise_comparisons", ReferenceRate(base=base, quote=other, date=DAY, rate=rate, scope=RateScope.RESPONSE)


class TestReference:
    BOOK = RateBook([("ecb", "EUR", "GBP", DAY, Decimal("0.8")), ("ecb", "EUR", "INR", DAY, Decimal("80"))])

    def test_the_rate_beside_the_price_goes_first_then_the_same_answers_then_the_books(self) -> None:
        answer = mid("GBP", "INR", "99")
        beside = seen(quote(reference_rate="98.5"), self.BOOK, response_rate=answer).reference
        same = seen(quote(), self.BOOK, response_rate=answer).reference
        book = seen(quote(), self.BOOK).reference
        assert beside is not None
        assert same is not None
        assert book is not None
        assert (beside.source, beside.rate, beside.derived) == ("quote", Decimal("98.5"), False)
        assert (same.source, same.rate) == ("wise_comparisons", Decimal(99))
        assert (book.source, book.rate, book.derived, book.age_days) == ("ecb", Decimal(100), True, 0)

    def test_a_mid_of_the_other_direction_is_inverted_and_one_of_another_pair_is_not_used(self) -> None:
        turned = seen(quote(), response_rate=mid("INR", "GBP", "0.01")).reference
        assert turned is not None
        assert (turned.rate, turned.derived) == (Decimal(100), True)
        assert observe(quote(), 1, day=DAY, book=NO_RATES, response_rate=mid("EUR", "INR", "110")) is None

    def test_without_a_rate_there_is_no_observation(self) -> None:
        assert observe(quote(), 1, day=DAY, book=NO_RATES) is None
        assert observe(quote(), 1, day=DAY + dt.timedelta(days=6), book=self.BOOK) is None

    def test_an_old_price_is_compared_with_the_rate_of_its_own_day(self) -> None:
        earlier = DAY - dt.timedelta(days=3)
        rows = [("ecb", "GBP", "INR", DAY, Decimal(110)), ("ecb", "GBP", "INR", earlier, Decimal(100))]
        own_time = dt.datetime(2026, 10, 27, 12, tzinfo=dt.UTC)
        assert seen(quote(), RateBook(rows)).fx_margin_pct == Decimal("10.90909091")
        assert seen(quote(quoted_at=own_time), RateBook(rows)).fx_margin_pct == 2

    def test_two_references_over_one_per_cent_apart_are_flagged(self) -> None:
        assert "references_apart" not in seen(quote(), self.BOOK, response_rate=mid("GBP", "INR", "101")).flags
        assert "references_apart" in seen(quote(), self.BOOK, response_rate=mid("GBP", "INR", "101.1")).flags

    def test_one_currency_needs_no_rate(self) -> None:
        found = seen(quote("200", lane("USD", "USD", "USA", "ECU"), rate="1", fee="3"))
        assert (found.fx_margin_pct, found.total_cost_pct, found.flags) == (0, Decimal("1.5"), ())

    def test_an_old_quote_a_parallel_market_and_an_inverted_rate_are_flagged(self) -> None:
        long_ago = dt.datetime(2026, 10, 20, tzinfo=dt.UTC)
        assert "stale_quote" in seen(quote(quoted_at=long_ago, reference_rate="100")).flags
        naira = quote(corridor=lane("GBP", "NGN", "GBR", "NGA"), rate="2000", reference_rate="2100")
        assert seen(naira).flags == ("parallel_rate",)
        assert "inverted_rate" in seen(quote(rate="0.0102", reference_rate="100")).flags
        assert "inverted_rate" not in seen(quote(rate="0.97", reference_rate="1.04")).flags


class TestRateBook:
    def test_as_published_inverse_and_cross_say_how(self) -> None:
        book = RateBook([("ecb", "EUR", "USD", DAY, Decimal("1.16")), ("ecb", "EUR", "JPY", DAY, Decimal("170.5"))])
        direct, inverse, cross = (book.find(*pair, DAY) for pair in (("EUR", "USD"), ("USD", "EUR"), ("USD", "JPY")))
        assert direct is not None
        assert inverse is not None
        assert cross is not None
        assert (direct.rate, direct.derived, direct.how) == (Decimal("1.16"), False, "as published")
        assert (inverse.rate, inverse.derived) == (Decimal("0.86206896551724137931"), True)
        assert (cross.rate, cross.how) == (Decimal("146.98275862068965517"), "cross through EUR")

    def test_both_legs_of_a_cross_are_of_one_date(self) -> None:
        day_before = DAY - dt.timedelta(days=1)
        book = RateBook(
            [
                ("ecb", "EUR", "GBP", DAY, Decimal("0.9")),
                ("ecb", "EUR", "GBP", day_before, Decimal("0.8")),
                ("ecb", "EUR", "INR", day_before, Decimal(80)),
            ]
        )
        found = book.find("GBP", "INR", DAY)
        assert found is not None
        assert (found.rate, found.date, found.age_days) == (Decimal(100), day_before, 1)

    def test_the_newest_date_of_a_cross_counts(self) -> None:
        day_before = DAY - dt.timedelta(days=1)
        rows = [("ecb", "EUR", "GBP", day, Decimal("0.8")) for day in (day_before, DAY)]
        rows += [("ecb", "EUR", "INR", day, Decimal(rate)) for day, rate in ((day_before, 70), (DAY, 80))]
        found = RateBook(rows).find("GBP", "INR", DAY + dt.timedelta(days=1))
        assert found is not None
        assert (found.rate, found.date) == (Decimal(100), DAY)

    def test_legs_of_two_sources_make_no_cross(self) -> None:
        rows = [("ecb", "EUR", "GBP", DAY, Decimal("0.8")), ("cbn", "EUR", "NGN", DAY, Decimal(1700))]
        assert RateBook(rows, preferences={"default": ["ecb", "cbn"]}).find("GBP", "NGN", DAY) is None

    @pytest.mark.parametrize(("age", "found"), [(0, True), (5, True), (6, False)])
    def test_a_rate_is_carried_on_for_its_age_and_never_back(self, age: int, found: bool) -> None:
        book = RateBook([("ecb", "GBP", "INR", DAY, Decimal(100))])
        assert (book.find("GBP", "INR", DAY + dt.timedelta(days=age)) is not None) is found
        assert book.find("GBP", "INR", DAY - dt.timedelta(days=1)) is None

    def test_preferences_of_a_pair_a_currency_and_the_default_in_this_order(self) -> None:
        rows = [(source, "GBP", "NGN", DAY, Decimal(rate)) for source, rate in (("ecb", 1), ("cbn", 2), ("boe", 3))]
        preferences: dict[str, Any] = {"default": ["ecb"]}
        assert RateBook(rows, preferences=preferences).sources_for("GBP", "NGN") == ("ecb",)
        preferences["currencies"] = {"NGN": ["cbn"]}
        assert RateBook(rows, preferences=preferences).find("GBP", "NGN", DAY).rate == 2  # type: ignore[union-attr]
        preferences["pairs"] = {"GBP-NGN": ["boe"]}
        book = RateBook(rows, preferences=preferences)
        assert book.sources_for("GBP", "NGN") == ("boe", "cbn", "ecb")
        assert [one.source for one in book.find_all("GBP", "NGN", DAY)] == ["boe", "cbn", "ecb"]

    def test_a_stale_preferred_source_leaves_the_next(self) -> None:
        old = DAY - dt.timedelta(days=3)
        rows = [("cbn", "GBP", "NGN", old, Decimal(2)), ("ecb", "GBP", "NGN", DAY, Decimal(1))]
        preferences = {"default": ["cbn", "ecb"]}
        assert RateBook(rows, preferences=preferences).find("GBP", "NGN", DAY).source == "cbn"  # type: ignore[union-attr]
        strict = RateBook(rows, preferences=preferences, max_age={"cbn": 2})
        assert strict.find("GBP", "NGN", DAY).source == "ecb"  # type: ignore[union-attr]

    @given(st.decimals("0.0001", "100000", places=4), st.decimals("0.0001", "100000", places=4))
    def test_there_and_back_is_one(self, first: Decimal, second: Decimal) -> None:
        book = RateBook([("ecb", "EUR", "GBP", DAY, first), ("ecb", "EUR", "INR", DAY, second)])
        there, back = book.find("GBP", "INR", DAY), book.find("INR", "GBP", DAY)
        assert there is not None
        assert back is not None
        assert abs(there.rate * back.rate - 1) < Decimal("1E-18")


def test_a_cost_beyond_measure_has_no_figure_and_says_so() -> None:
    found = seen(quote(fee="1.90", rate="30000", reference_rate="0.0001"))
    assert (found.fx_margin_pct, found.total_cost_pct, found.received_cost_pct) == (None, None, None)
    assert "beyond_measure" in found.flags
