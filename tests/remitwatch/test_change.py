"""Why an average moved: parts that add up exactly, by hand and for anything; and what is never told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remitwatch.errors import InputError
from remitwatch.indicators import Change, explain, indicators
from remitwatch.indicators.change import adding_up

Rows = Callable[..., pd.DataFrame]
NOW = dt.datetime(2026, 10, 30, 18, tzinfo=dt.UTC)
A, B = "2024-Q3", "2025-Q3"
PARTS = ("fee", "margin", "entry", "exit", "mix")


def sold(provider: str, period: str, total: float | None, fee: float = 0.0, **given: Any) -> dict[str, Any]:
    return {"provider": provider, "survey_period": period, "total": total, "fee_pct": fee} | given


def on(provider: str, day: dt.date, total: float | None, fee: float = 0.0, **given: Any) -> dict[str, Any]:
    collected = {"provider": provider, "basis": "standard", "day": day, "survey_period": ""}
    return collected | {"total": total, "fee_pct": fee} | given


def one(frame: pd.DataFrame, **given: Any) -> Change:
    (row,) = explain(frame, as_of=NOW, **{"period": f"{A}..{B}"} | given)
    return row


def told(row: Change) -> tuple[Fraction | None, ...]:
    return tuple(getattr(row, name) for name in PARTS)


def counted(row: Change) -> tuple[int, ...]:
    return row.services_from, row.services_to, row.continuing, row.entered, row.left


def adds_up(row: Change) -> bool:
    printed = row.as_json()
    shown = [Decimal(printed[name]) for name in PARTS if printed[name] is not None]
    return (
        sum(row.parts.values()) == row.change
        and sum(shown) == Decimal(printed["change"])
        and Decimal(printed["average_to"]) - Decimal(printed["average_from"]) == Decimal(printed["change"])
    )


BY_HAND = [
    sold("x", A, 6.0, 4.0), sold("y", A, 10.0, 5.0), sold("z", A, 14.0, 1.0),
    sold("x", B, 5.0, 3.0), sold("y", B, 9.0, 5.0), sold("w", B, 4.0, 4.0),
]  # fmt: skip


class TestByHand:
    def test_the_example_of_the_formulas(self, rows: Rows) -> None:
        row = one(rows(*BY_HAND))
        assert (row.average_from, row.average_to, row.change) == (10, 6, -4)
        assert told(row) == (Fraction(-1, 2), Fraction(-1, 2), -1, -2, None)
        assert counted(row) == (3, 3, 2, 1, 1)
        assert (row.scope, row.period_from, row.period_to, row.flags) == ("world", A, B, ())
        assert row.as_json() == {
            "from": A, "to": B, "scope": "world", "sender": None, "receiver": None, "region": None, "by": None,
            "amount": 200, "basis": "survey", "unit": "percentage_points", "average_from": "10.0000",
            "average_to": "6.0000", "change": "-4.0000", "fee": "-0.5000", "margin": "-0.5000", "entry": "-1.0000",
            "exit": "-2.0000", "mix": None, "services_from": 3, "services_to": 3, "continuing": 2, "entered": 1,
            "left": 1, "flags": [], "method": "1", "as_of": "2026-10-30T18:00:00Z",
        }  # fmt: skip

    def test_backwards_the_parts_change_sign_and_entry_becomes_exit(self, rows: Rows) -> None:
        swapped = [row | {"survey_period": A if row["survey_period"] == B else B} for row in BY_HAND]
        assert told(one(rows(*swapped))) == (Fraction(1, 2), Fraction(1, 2), 2, 1, None)

    def test_a_mix_is_newcomers_of_another_group(self, rows: Rows) -> None:
        """A: banks at 10 and mtos at 4, 4. B: the same prices and three more mtos: the average falls 6 -> 5."""
        kept = [
            sold(name, period, total, provider_type=kind)
            for period in (A, B)
            for name, total, kind in (("a", 10.0, "bank"), ("b", 4.0, "mto"), ("c", 4.0, "mto"))
        ]
        new = [sold(name, B, 4.0, provider_type="mto") for name in "def"]
        frame = rows(*kept, *new)
        assert told(one(frame)) == (0, 0, -1, 0, None)
        assert told(one(frame, by="provider_type")) == (0, 0, 0, 0, -1)  # (5/6 - 2/3) * 4 + (1/6 - 1/3) * 10

    def test_entry_with_a_mix_is_within_groups(self, rows: Rows) -> None:
        """The newcomer is a bank, and dearer than the bank. Mean of the continuing in B 6, average 8.5.

        Banks: share 1/2 of all, 1/3 of the continuing, means 13 and 10; mtos 1/2, 2/3, 4 and 4.
        Between: 1/6 x 11.5 - 1/6 x 4 = 1.25; within: 5/12 x 3 = 1.25.
        """
        kept = [
            sold(name, period, total, provider_type=kind)
            for period in (A, B)
            for name, total, kind in (("a", 10.0, "bank"), ("b", 4.0, "mto"), ("c", 4.0, "mto"))
        ]
        row = one(rows(*kept, sold("d", B, 16.0, provider_type="bank")), by="provider_type")
        assert told(row) == (0, 0, Fraction(5, 4), 0, Fraction(5, 4))
        assert (row.by, row.as_json()["mix"]) == ("provider_type", "1.2500")

    def test_a_group_without_continuing_services_is_all_mix(self, rows: Rows) -> None:
        row = one(rows(sold("a", A, 4.0), sold("a", B, 4.0), sold("d", B, 16.0, speed="two_days")), by="speed")
        assert told(row) == (0, 0, 0, 0, 6)

    def test_joint_labels_and_unknown_are_groups_of_their_own(self, rows: Rows) -> None:
        frame = rows(
            sold("a", A, 4.0), sold("a", B, 4.0),
            sold("b", B, 7.0, payment_instrument="cash+debit_card"), sold("c", B, 10.0, payment_instrument="unknown"),
        )  # fmt: skip
        assert told(one(frame, by="payment_instrument")) == (0, 0, 0, 0, 3)


class TestWhatIsTheSame:
    def test_survey_rows_that_agree_are_one_service_at_their_mean(self, rows: Rows) -> None:
        frame = rows(sold("a", A, 4.0), sold("a", A, 8.0), sold("b", A, 3.0), sold("a", B, 7.0), sold("b", B, 3.0))
        row = one(frame)
        assert row.flags == ("duplicates_averaged",)
        assert counted(row) == (3, 2, 2, 0, 0)
        assert told(row) == (0, Fraction(1, 2), 0, Fraction(-1, 2), None)  # continuing in A: (6 + 3) / 2, average 5

    @pytest.mark.parametrize("what", ["speed", "coverage", "payment_instrument", "access_point", "pickup_method"])
    def test_of_the_survey_another_dimension_is_another_service(self, rows: Rows, what: str) -> None:
        row = one(rows(sold("a", A, 4.0), sold("b", A, 4.0), sold("a", B, 5.0), sold("b", B, 5.0, **{what: "other"})))
        assert counted(row) == (2, 2, 1, 1, 1)

    def test_of_the_survey_the_currency_as_written_is_not_identity(self, rows: Rows) -> None:
        cfa = {"send_currency": "CFA", "service": "a:GBR-IND:CFA-INR:cash:agent:cash:"}
        assert one(rows(sold("a", A, 4.0, **cfa), sold("a", B, 5.0))).continuing == 1

    def test_of_collected_quotes_speed_is_not_identity_and_days_are_averaged(self, rows: Rows) -> None:
        frame = rows(
            on("a", dt.date(2026, 9, 1), 4.0, 1.0), on("a", dt.date(2026, 9, 2), 6.0, 1.0),
            on("a", dt.date(2026, 10, 1), 4.0, 2.0, speed="two_days"), on("b", dt.date(2026, 10, 1), 1.0),
        )  # fmt: skip
        row = one(frame, period="2026-09..2026-10")
        assert told(row) == (1, -2, Fraction(-3, 2), 0, None)
        assert counted(row) == (1, 2, 1, 1, 0)

    def test_a_service_that_hides_its_rate_leaves(self, rows: Rows) -> None:
        row = one(rows(sold("a", A, 4.0), sold("b", A, 8.0), sold("a", B, 4.0), sold("b", B, None)))
        assert counted(row) == (2, 1, 1, 0, 1)
        assert (row.exit, row.flags) == (-2, ("undisclosed_excluded",))

    def test_a_published_total_stays_the_total(self, rows: Rows) -> None:
        first = sold("a", A, 5.0, 2.0) | {"margin_e8": 3e8}
        off = sold("a", B, 6.0, 2.0) | {"margin_e8": 3.5e8}
        row = one(rows(first, off))
        assert told(row)[:2] == (0, 1)
        assert row.flags == ("margin_is_total_less_fee",)
        assert one(rows(first, off | {"margin_e8": 3.99e8})).flags == ()


class TestRules:
    def test_senders_in_russia_are_left_out_of_the_world_only(self, rows: Rows) -> None:
        frame = rows(*BY_HAND, *(sold("r", period, 90.0, corridor="RUS-IND") for period in (A, B)))
        world = one(frame)
        assert (world.change, world.continuing, world.flags) == (-4, 2, ("russia_excluded",))
        assert one(frame, receiver="IND").continuing == 3
        assert one(frame, sender="RUS").change == 0

    def test_the_averages_are_the_published_ones(self, rows: Rows) -> None:
        frame = rows(*BY_HAND, sold("k", A, 2.0, corridor="GBR-NGA"), sold("k", B, 7.0, corridor="USA-NGA"))
        for choice in ({}, {"scope": "corridor"}, {"scope": "sender"}, {"receiver": "NGA"}, {"scope": "region"}):
            published = {
                (row.subject, row.period): row.as_json()["value"]
                for row in indicators(frame, period=f"{A}..{B}", codes="average_total_cost", as_of=NOW, **choice)
            }
            found = explain(frame, period=f"{A}..{B}", as_of=NOW, **choice)
            assert {
                (row.subject, A): row.as_json()["average_from"] for row in found if row.average_from is not None
            } | {
                (row.subject, B): row.as_json()["average_to"] for row in found if row.average_to is not None
            } == published

    def test_a_year_of_the_survey_is_its_third_quarter(self, rows: Rows) -> None:
        frame = rows(*BY_HAND, sold("x", "2025-Q1", 99.0))
        row = one(frame, period="2024..2025")
        assert (row.change, row.flags) == (-4, ("third_quarter",))

    def test_amounts_and_bases_are_apart(self, rows: Rows) -> None:
        days = [on("x", day, 3.0, tier=500) for day in (dt.date(2024, 8, 1), dt.date(2025, 8, 1))]
        frame = rows(*BY_HAND, *days)
        assert one(frame).basis == "survey"
        (row,) = explain(frame, period=f"{A}..{B}", amount=500, as_of=NOW)
        assert (row.basis, row.amount, row.change) == ("standard", 500, 0)

    @pytest.mark.parametrize(
        ("choice", "message"),
        [
            ({"period": A}, "expected two different periods"),
            ({"period": f"{A}..{A}"}, "expected two different periods"),
            ({"period": f"{B}..{A}"}, "ends before it begins"),
            ({"period": f"{A}..2025-09"}, "of one kind"),
            ({"period": f"{A}..latest"}, "of one kind"),
            ({"by": "colour"}, "breakdown 'colour'"),
            ({"amount": 300}, "amount 300"),
            ({"basis": "guess"}, "basis 'guess'"),
            ({"scope": "world", "sender": "GBR"}, "does not go with scope world"),
        ],
    )
    def test_bad_input(self, rows: Rows, choice: dict[str, Any], message: str) -> None:
        with pytest.raises(InputError, match=message):
            one(rows(*BY_HAND), **choice)


class TestNothingIsInvented:
    def test_nothing_in_common(self, rows: Rows) -> None:
        for by in (None, "provider_type"):
            row = one(rows(sold("a", A, 4.0), sold("b", B, 7.0)), by=by)
            assert (row.change, row.flags) == (3, ("nothing_in_common",))
            assert told(row) == (None,) * 5
            assert counted(row) == (1, 1, 0, 1, 1)

    def test_a_period_without_a_figure(self, rows: Rows) -> None:
        for made in ([sold("a", B, 7.0)], [sold("a", A, None), sold("a", B, 7.0)]):
            row = one(rows(*made))
            assert (row.average_from, row.average_to, row.change) == (None, 7, None)
            assert told(row) == (None,) * 5
            assert {"no_observations", "no_disclosed_service"} & set(row.flags)
            assert row.as_json()["change"] is None

    def test_a_named_subject_without_observations_has_a_row_where_a_basis_is_named(self, rows: Rows) -> None:
        frame = rows(*BY_HAND)
        row = one(frame, corridor="USA-MEX", basis="survey")
        assert (row.subject, row.change, row.flags, counted(row)) == ("USA-MEX", None, ("no_observations",), (0,) * 5)
        assert explain(frame, period=f"{A}..{B}", corridor="USA-MEX", as_of=NOW) == []
        assert one(frame, basis="estimate").flags == ("no_observations",)


class TestPrivateRows:
    DAYS = (dt.date(2026, 9, 1), dt.date(2026, 10, 1))

    def sample(self, rows: Rows, first: str, second: str) -> pd.DataFrame:
        """Private services of the named providers in September and October, and two public ones."""
        made = [on(name, self.DAYS[0], 2.0 + at, private=True) for at, name in enumerate(first)]
        made += [on(name, self.DAYS[1], 3.0 + at, private=True) for at, name in enumerate(second)]
        return rows(*made, *(on(name, day, 6.0, provider_type="mto") for day in self.DAYS for name in ("p", "q")))

    @pytest.mark.parametrize(("first", "second"), [("abc", "ab"), ("a", "abc")])
    def test_a_withheld_average_is_not_decomposed(self, rows: Rows, first: str, second: str) -> None:
        row = one(self.sample(rows, first, second), period="2026-09..2026-10")
        assert (row.average_from is None) == (first == "a")
        assert (row.average_to is None) == (second == "ab")
        assert (row.change, told(row), row.flags) == (None, (None,) * 5, ("private_suppressed",))

    def test_parts_are_told_where_they_tell_nothing_that_the_averages_do_not(self, rows: Rows) -> None:
        for first, second, shown in (
            ("abc", "abc", True),
            ("abc", "klm", True),
            ("", "abc", True),
            ("abcd", "abc", False),
            ("abc", "abcklm", False),
        ):
            row = one(self.sample(rows, first, second), period="2026-09..2026-10")
            assert row.change is not None
            assert (row.fee is not None, row.flags) == (shown, () if shown else ("private_suppressed",))
            assert not shown or adds_up(row)

    def test_with_a_grouping_private_rows_are_left_out(self, rows: Rows) -> None:
        for first, second in (("abc", "abcklm"), ("a", "ab")):
            row = one(self.sample(rows, first, second), period="2026-09..2026-10", by="provider_type")
            assert (row.average_from, row.average_to, counted(row)) == (6, 6, (2, 2, 2, 0, 0))
            assert (told(row), row.flags) == ((0,) * 5, ("private_left_out",))


SERVICES = st.lists(
    st.fixed_dictionaries(
        {
            "provider": st.sampled_from("abcde"),
            "corridor": st.sampled_from(["GBR-IND", "GBR-NGA", "RUS-IND"]),
            "survey_period": st.sampled_from([A, B]),
            "total_e8": st.integers(-60 * 10**8, 300 * 10**8),
            "fee_e8": st.integers(0, 50 * 10**8),
            "provider_type": st.sampled_from(["bank", "mto", "bank+mto", "unknown", ""]),
            "speed": st.sampled_from(["same_day", "two_days"]),
            "transparent": st.sampled_from([True, True, True, False]),
            "day": st.dates(dt.date(2026, 10, 1), dt.date(2026, 10, 20)),
        }
    ),
    max_size=14,
)


class TestForAnything:
    @settings(max_examples=60, deadline=None)
    @given(
        made=SERVICES,
        seed=st.integers(0, 99),
        scope=st.sampled_from(["world", "sender", "corridor"]),
        by=st.sampled_from([None, "provider_type", "speed", "provider"]),
        basis=st.sampled_from(["survey", "standard"]),
    )
    def test_the_parts_add_up_and_no_order_matters(
        self, rows: Rows, made: list[dict[str, Any]], seed: int, scope: str, by: str | None, basis: str
    ) -> None:
        frame = rows({"survey_period": "2011-Q1", "day": dt.date(2011, 1, 1)}, *made, basis=basis)
        choice: dict[str, Any] = {
            "period": f"{A}..{B}" if basis == "survey" else "2026-W40..2026-W42", "scope": scope, "by": by,
            "as_of": NOW, "basis": basis,
        }  # fmt: skip
        found = explain(frame, **choice)
        assert explain(frame.sample(frac=1, random_state=seed), **choice) == found
        plain = explain(frame, **choice | {"by": None})
        for row, whole in zip(found, plain, strict=True):
            assert row.left >= 0
            assert row.entered >= 0
            if row.change is None or row.continuing == 0:
                assert told(row) == (None,) * 5
                assert row.flags
                continue
            assert adds_up(row)
            assert (row.mix is None) == (by is None)
            assert (row.fee, row.margin, row.change) == (whole.fee, whole.margin, whole.change)
            if basis == "standard" and row.entered == 0:
                assert whole.entry == 0
            if basis == "standard" and row.left == 0:
                assert whole.exit == 0

    @settings(max_examples=40, deadline=None)
    @given(made=SERVICES, times=st.integers(2, 4), by=st.sampled_from([None, "provider_type"]))
    def test_every_row_so_many_times_gives_the_same(
        self, rows: Rows, made: list[dict[str, Any]], times: int, by: str | None
    ) -> None:
        once, often = (
            one(rows({"survey_period": "2011-Q1"}, *(made * count)), by=by, basis="survey") for count in (1, times)
        )
        assert told(often) == told(once)
        assert counted(often) == (once.services_from * times, once.services_to * times, *counted(once)[2:])

    @settings(max_examples=200, deadline=None)
    @given(
        parts=st.lists(st.fractions(-300, 300, max_denominator=9999), min_size=1, max_size=5),
        off=st.integers(-1, 1),
    )
    def test_printed_parts_add_up_near_their_own_values(self, parts: list[Fraction], off: int) -> None:
        named = {str(number): part for number, part in enumerate(parts)}
        total = Decimal(int(sum(parts) * 10**4) + (off if any(parts) else 0)).scaleb(-4)
        printed = adding_up(named, total)
        assert sum(printed.values()) == total
        for name, part in named.items():
            assert abs(Fraction(printed[name]) - part) < Fraction(4, 10**4)
            assert part or not printed[name]
