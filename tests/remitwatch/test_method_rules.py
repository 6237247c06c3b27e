"""The rules of METHODOLOGY section 3, one by one: rows that would give another number under the wrong rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remitwatch.errors import InputError
from remitwatch.indicators import IndicatorRow, Options, indicators, members, parse_figure_id
from remitwatch.method import options_of, read_options

Rows = Callable[..., pd.DataFrame]
NOW = dt.datetime(2026, 10, 30, 18, tzinfo=dt.UTC)
DIGITAL = {"payment_instrument": "debit_card", "access_point": "internet", "pickup_method": "bank_account"}


def figure(frame: pd.DataFrame, code: str = "average_total_cost", **given: Any) -> IndicatorRow:
    (row,) = indicators(frame, codes=code, as_of=NOW, **{"period": "2025-Q3", "basis": "survey"} | given)
    return row


def value(frame: pd.DataFrame, code: str = "average_total_cost", **given: Any) -> Decimal | None:
    return figure(frame, code, **given).value


class TestQuartiles:
    @pytest.mark.parametrize(
        ("totals", "p25", "p50", "p75"),
        [
            ((7.0,), "7", "7", "7"),
            ((1.0, 3.0), "1.5", "2", "2.5"),
            ((1.0, 2.0, 4.0), "1.5", "2", "3"),
            ((-8.0, 1.0, 2.0, 10.0), "-1.25", "1.5", "4"),  # other rules: -3.5 and 6, or 1 and 2
            ((1.0, 2.0, 3.0, 4.0, 9.0), "2", "3", "4"),
        ],
    )
    def test_they_interpolate_between_the_neighbours(
        self, rows: Rows, totals: tuple[float, ...], p25: str, p50: str, p75: str
    ) -> None:
        frame = rows(*({"total": total} for total in reversed(totals)))
        found = [value(frame, code) for code in ("p25_total_cost", "median_total_cost", "p75_total_cost")]
        assert found == [Decimal(p25), Decimal(p50), Decimal(p75)]

    def test_days_weigh_nothing(self, rows: Rows) -> None:
        days = [{"provider": "a", "total": total, "day": dt.date(2026, 10, day)} for day, total in ((1, 1.0), (2, 2.0))]
        frame = rows(*days, {"provider": "b", "total": 4.0, "day": dt.date(2026, 10, 2)}, basis="standard")
        asked = {"period": "2026-10", "basis": "standard"}
        assert value(frame, "p25_total_cost", **asked) == Decimal("2.125")  # of 1.5 and 4, not of 1, 2 and 4

    def test_russia_and_the_undisclosed_are_left_out(self, rows: Rows) -> None:
        frame = rows({"total": 1.0}, {"total": 3.0}, {"total": None}, {"total": 90.0, "corridor": "RUS-UZB"})
        assert value(frame, "p75_total_cost") == Decimal("2.5")


class TestMeanOfCorridorAverages:
    def test_it_is_another_number_under_its_own_name(self, rows: Rows) -> None:
        thick = [{"corridor": "GBR-IND", "total": 2.0}] * 3
        frame = rows(*thick, {"corridor": "USA-MEX", "total": 10.0}, {"corridor": "USA-IND", "total": None})
        assert value(frame, "average_total_cost") == 4
        assert figure(frame, "mean_of_corridor_averages").value == 6
        assert figure(frame, "mean_of_corridor_averages").corridors == 2
        assert value(frame, "mean_of_corridor_averages", sender="USA") == 10

    def test_russia_is_in_it(self, rows: Rows) -> None:
        frame = rows({"total": 2.0}, {"total": 4.0, "corridor": "RUS-UZB"})
        assert (value(frame, "mean_of_corridor_averages"), value(frame)) == (3, 2)

    def test_it_has_no_figure_for_a_corridor(self, rows: Rows) -> None:
        with pytest.raises(InputError, match="no figure for scope corridor"):
            figure(rows({}), "mean_of_corridor_averages", scope="corridor")


class TestDigital:
    def test_instrument_manner_and_receipt_must_all_be_digital(self, rows: Rows) -> None:
        frame = rows(
            {"total": 2.0, **DIGITAL},
            {"total": 4.0, **DIGITAL, "payment_instrument": "mobile_money", "pickup_method": "mobile_wallet"},
            {"total": 6.0, **DIGITAL, "payment_instrument": "cash"},
            {"total": 8.0, **DIGITAL, "access_point": "agent"},
            {"total": 10.0, **DIGITAL, "pickup_method": "cash"},
            {"total": 50.0, **DIGITAL, "pickup_method": "unknown"},
            {"total": 12.0, **DIGITAL, "pickup_method": "unknown", "access_point": "agent"},
            {"total": 99.0, **DIGITAL, "corridor": "RUS-UZB"},
        )
        assert (value(frame, "digital_index"), figure(frame, "digital_index").services) == (35, 3)
        left_out = figure(frame, "digital_index", options=Options(indexes_without_russia=True))
        assert (left_out.value, left_out.services, left_out.flags) == (3, 2, ("russia_excluded",))
        assert left_out.method == "1+indexes_without_russia"
        assert (value(frame, "non_digital_index"), figure(frame, "non_digital_index").services) == (9, 4)
        assert value(frame, "digital_index", sender="RUS") == 99

    def test_the_open_points_are_options_that_the_figure_records(self, rows: Rows) -> None:
        frame = rows(
            {"total": 2.0, **DIGITAL},
            {"total": 4.0, **DIGITAL, "payment_instrument": "cash+debit_card"},
            {"total": 8.0, **DIGITAL, "access_point": "call_center"},
            {"total": 16.0, **DIGITAL, "pickup_method": "debit_card"},
        )
        for options, digital, method in (
            (Options(), "3", "1"),
            (Options(digital_every_label=True), "2", "1+digital_every_label"),
            (Options(digital_call_center=True), "4.666666666666", "1+digital_call_center"),
            (Options(digital_card_pickup=True), "7.333333333333", "1+digital_card_pickup"),
        ):
            found = figure(frame, "digital_index", options=options)
            assert (found.value, found.method) == (Decimal(digital), method)
            assert len(members(frame, found.id)) == found.services

    def test_none_says_so(self, rows: Rows) -> None:
        found = figure(rows({}), "digital_index")
        assert (found.value, found.flags, found.services) == (None, ("no_digital_service",), 0)


class TestInternationalOperators:
    CORRIDORS = tuple(f"GBR-{code}" for code in (
        "IND", "PAK", "BGD", "NPL", "LKA", "NGA", "GHA", "KEN", "UGA", "RWA", "TZA", "ZAF", "MEX", "COL", "PER", "BOL",
        "ECU", "PHL", "VNM", "IDN",
    ))  # fmt: skip

    def market(self, rows: Rows, present: int) -> pd.DataFrame:
        mto = {"provider_type": "money_transfer_operator", "provider": "wide", "total": 3.0}
        narrow = {"provider_type": "money_transfer_operator", "provider": "narrow", "total": 30.0}
        bank = [{"corridor": lane, "provider": "bank", "total": 20.0} for lane in self.CORRIDORS]
        wide = [{**mto, "corridor": lane} for lane in self.CORRIDORS[:present]]
        return rows(*bank, *wide, {**narrow, "corridor": self.CORRIDORS[0]})

    def test_an_operator_in_85_of_100_corridors_counts(self, rows: Rows) -> None:
        found = figure(self.market(rows, 17), "mto_index_international")  # 17 of 20 are 85 per cent exactly
        assert (found.value, found.providers, found.services) == (3, 1, 17)
        below = figure(self.market(rows, 16), "mto_index_international")
        assert (below.value, below.flags) == (None, ("no_international_mto",))

    def test_the_threshold_is_an_option(self, rows: Rows) -> None:
        found = figure(self.market(rows, 16), "mto_index_international", options=Options(mto_presence_percent=80))
        assert (found.value, found.method) == (3, "1+mto_presence_percent=80")
        assert len(members(self.market(rows, 16), found.id)) == 16

    def test_each_quarter_has_its_own_operators(self, rows: Rows) -> None:
        now, then = self.market(rows, 20), self.market(rows, 3).assign(survey_period="2025-Q1")
        both = pd.concat([now, then.assign(quote_id=then["quote_id"] + 1000)], ignore_index=True)
        found = indicators(both, codes="mto_index_international", period="2025-Q1..2025-Q3", as_of=NOW)
        assert {row.period: row.value for row in found} == {"2025-Q1": None, "2025-Q3": 3}


class TestYears:
    def test_a_year_is_its_third_quarter_and_the_pooled_year_all_its_rows(self, rows: Rows) -> None:
        quarters = (("2025-Q1", 9.0), ("2025-Q3", 5.0), ("2025-Q3", 7.0), ("2025-Q4", 1.0), ("2024-Q3", 99.0))
        frame = rows(*({"survey_period": name, "total": total} for name, total in quarters))
        year, pooled = figure(frame, period="2025"), figure(frame, period="2025-pooled")
        assert (year.value, year.period, year.flags) == (6, "2025", ("third_quarter",))
        assert (pooled.value, pooled.period, pooled.flags) == (Decimal("5.5"), "2025-pooled", ("pooled_year",))
        assert parse_figure_id(pooled.id).period == "2025-pooled"
        assert len(members(frame, pooled.id)) == 4
        both = indicators(frame, period="2024-pooled..2025-pooled", codes="average_total_cost", as_of=NOW)
        assert [(row.period, row.value) for row in both] == [("2024-pooled", 99), ("2025-pooled", Decimal("5.5"))]

    def test_a_collected_year_pools_days_into_services_first(self, rows: Rows) -> None:
        days = [(1, "a", 1.0), (2, "a", 3.0), (2, "b", 8.0)]
        made = [{"provider": name, "total": total, "day": dt.date(2026, 1, day)} for day, name, total in days]
        assert value(rows(*made, basis="standard"), period="2026", basis="standard") == 5  # not 4, the mean of the rows


class TestParts:
    FRAME: tuple[dict[str, Any], ...] = (
        {"total": 1.0, "provider_type": "bank", "payment_instrument": "cash"},
        {"total": 2.0, "provider_type": "bank+post_office", "payment_instrument": "cash+debit_card"},
        {"total": 4.0, "provider_type": "post_office", "payment_instrument": "cash"},
        {"total": 8.0, "provider_type": "bank", "payment_instrument": "debit_card"},
    )

    def test_a_restricted_population_says_so_and_leads_back(self, rows: Rows) -> None:
        frame = rows(*self.FRAME)
        found = figure(frame, where=["provider_type=bank", "payment_instrument=CASH"])
        assert (found.value, found.services) == (Decimal("1.5"), 2)
        assert found.as_json()["where"] == found.where == "payment_instrument=cash;provider_type=bank"
        assert found.breakdown is found.group is None
        assert parse_figure_id(found.id) == found.figure
        assert members(frame, found.id)["total_e8"].tolist() == [1e8, 2e8]
        assert "where" not in figure(frame).as_json()

    def test_it_goes_with_a_scope_and_a_breakdown(self, rows: Rows) -> None:
        frame = rows(*self.FRAME, {"total": 50.0, "corridor": "USA-MEX"})
        found = indicators(
            frame, codes="average_total_cost", period="2025-Q3", sender="GBR", where=["provider_type=bank"],
            by="payment_instrument", as_of=NOW,
        )  # fmt: skip
        assert {row.group: row.value for row in found} == {"cash": Decimal("1.5"), "debit_card": 5}

    @pytest.mark.parametrize(
        ("where", "words"),
        [
            (["bank"], "expected COLUMN=GROUP"),
            (["total=5"], "expected one of provider_type"),
            (["provider_type=banks"], "expected one of bank, bank\\+post_office, post_office"),
            (["provider_type=bank", "provider_type=post_office"], "given twice"),
        ],
    )
    def test_what_is_no_restriction_is_refused(self, rows: Rows, where: list[str], words: str) -> None:
        with pytest.raises(InputError, match=words):
            figure(rows(*self.FRAME), where=where)

    def test_smart_is_of_all_services(self, rows: Rows) -> None:
        with pytest.raises(InputError, match="no figure for a part of the services"):
            figure(rows(*self.FRAME), "smart", where=["provider_type=bank"])

    def test_a_joint_label_counts_in_each_group_or_by_option_is_one(self, rows: Rows) -> None:
        frame = rows(*self.FRAME)
        asked: dict[str, Any] = {
            "codes": "average_total_cost",
            "period": "2025-Q3",
            "by": "provider_type",
            "as_of": NOW,
        }
        each = {row.group: (row.value, row.services) for row in indicators(frame, **asked)}
        assert each == {"bank": (Decimal("3.666666666666"), 3), "post_office": (3, 2)}
        apart = indicators(frame, options=Options(joint_labels_apart=True), **asked)
        assert {row.group: row.value for row in apart} == {
            "bank": Decimal("4.5"), "bank+post_office": 2, "post_office": 4,
        }  # fmt: skip
        assert {row.method for row in apart} == {"1+joint_labels_apart"}
        assert [len(members(frame, row)) for row in apart] == [2, 1, 1]

    def test_a_g8_sender_is_in_the_g20_too(self, rows: Rows) -> None:
        frame = rows(
            {"total": 2.0, "corridor": "GBR-IND"}, {"total": 4.0, "corridor": "TUR-UZB"},
            {"total": 9.0, "corridor": "RWA-KEN"}, {"total": 90.0, "corridor": "RUS-UZB"},
        )  # fmt: skip
        found = indicators(frame, codes="average_total_cost", period="2025-Q3", by="sender_group", as_of=NOW)
        assert {row.group: (row.value, row.flags) for row in found} == {
            "g20": (3, ("russia_excluded",)), "g8": (2, ("russia_excluded",)),
        }  # fmt: skip
        assert value(frame, where=["sender_group=g20"], sender="GBR") == 2


class TestSmart:
    def test_negative_costs_fill_slots(self, rows: Rows) -> None:
        found = figure(rows(*({"total": total} for total in (-8.19, 1.0, 2.0, 3.0))), "smart", corridor="GBR-IND")
        assert (found.as_json()["value"], found.flags) == ("-1.7300", ("rate_advantage",))

    def test_two_are_shown_and_not_assessed_and_none_is_counted(self, rows: Rows) -> None:
        slow = {"corridor": "USA-MEX", "speed": "six_days_or_more"}
        frame = rows({"total": 6.0}, {"total": 8.0}, {"total": 1.0, **slow})
        assert figure(frame, "smart", corridor="GBR-IND").flags == ("fewer_than_three",)
        none = figure(frame, "smart", corridor="USA-MEX")
        assert (none.value, none.services, none.flags) == (None, 0, ("no_qualifying_service",))
        share = figure(frame, "share_corridors_smart_above_5")
        assert (share.value, share.flags) == (None, ("corridors_not_assessable", "no_assessable_corridor"))

    def test_exactly_on_the_line(self, rows: Rows) -> None:
        five, above = [{"corridor": "GBR-IND", "total": 5.0}] * 3, [{"corridor": "USA-MEX", "total": 5.00000001}] * 3
        frame = rows(*five, *above, *[{"corridor": "USA-IND", "total": 3.0}] * 3)
        assert value(frame, "share_corridors_smart_above_5") == Decimal("33.333333333333")
        assert value(frame, "share_corridors_below_5") == Decimal("33.333333333333")
        assert value(frame, "share_corridors_below_3") == 0


def test_no_rows_give_no_figures_and_named_subjects_say_so(rows: Rows) -> None:
    nothing = rows({}).iloc[:0]
    scopes = ("world", "sender", "receiver", "region", "corridor")
    assert indicators(nothing, period="2023-Q1..2025-Q3", scope=scopes, as_of=NOW) == []
    found = indicators(nothing, period="2025-Q3", basis="survey", as_of=NOW)
    assert {(row.value, row.flags) for row in found} == {(None, ("no_observations",))}


class TestOptions:
    def test_a_method_names_its_options_and_is_read_back(self) -> None:
        options = read_options(["one_per_provider", "mto_presence_percent=90"])
        assert options.method == "1+one_per_provider+mto_presence_percent=90"
        assert options_of(options.method) == options
        assert read_options(["mto_presence_percent=85"]).method == "1"

    @pytest.mark.parametrize(
        "text", ["per_provider", "one_per_provider=1", "mto_presence_percent", "mto_presence_percent=0"]
    )
    def test_what_is_no_option_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"^option .*expected"):
            read_options([text])


SERVICES = st.lists(
    st.tuples(
        st.sampled_from(["GBR-IND", "GBR-KEN", "RUS-UZB", "USA-IND"]),
        st.integers(-5_00, 30_00),
        st.sampled_from(["bank", "money_transfer_operator", "bank+post_office"]),
        st.sampled_from(["internet", "agent"]),
        st.booleans(),
        st.sampled_from(["2025-Q1", "2025-Q3"]),
    ),
    min_size=1,
    max_size=12,
)
OF_SHARES = (
    "average_total_cost", "average_fee", "average_fx_margin", "mean_of_corridor_averages", "digital_index",
    "non_digital_index", "mto_index_international", "share_corridors_below_5", "share_transparent",
    "share_services_within_day", "median_total_cost",
)  # fmt: skip


def market(rows: Rows, services: list[tuple[Any, ...]]) -> pd.DataFrame:
    return rows(*(
        {"corridor": lane, "total": cents / 100 if seen else None, "provider_type": kind, "access_point": point,
         "pickup_method": "bank_account", "payment_instrument": "bank_account", "survey_period": quarter,
         "provider": f"{kind}_{at % 3}", "survey_row": str(at)}
        for at, (lane, cents, kind, point, seen, quarter) in enumerate(services)
    ))  # fmt: skip


def told(frame: pd.DataFrame, **asked: Any) -> list[tuple[Any, ...]]:
    found = indicators(
        frame,
        period="2025-Q1..2025-Q3",
        scope=("world", "sender", "receiver", "region", "corridor"),
        as_of=NOW,
        **asked,
    )
    return [(row.id, row.value, row.services, row.providers, row.corridors, row.flags) for row in found]


@settings(max_examples=40, deadline=None)
@given(services=SERVICES, seed=st.integers(0, 2**16), times=st.integers(2, 4))
def test_order_and_repetition_change_no_figure(
    rows: Rows, services: list[tuple[Any, ...]], seed: int, times: int
) -> None:
    frame = market(rows, services)
    figures = told(frame)
    assert told(frame.sample(frac=1, random_state=seed)) == figures
    copies = [
        frame.assign(quote_id=frame["quote_id"] + 1000 * copy, survey_row=frame["survey_row"] + f"-{copy}")
        for copy in range(times)
    ]
    again = told(pd.concat(copies, ignore_index=True), codes=OF_SHARES)
    once = told(frame, codes=OF_SHARES)
    assert again == [(id_, value, count * times, *rest) for id_, value, count, *rest in once]


@settings(max_examples=25, deadline=None)
@given(services=SERVICES)
def test_many_periods_at_once_are_each_period_alone(rows: Rows, services: list[tuple[Any, ...]]) -> None:
    frame = market(rows, services)
    alone = [
        row
        for quarter in ("2025-Q1", "2025-Q2", "2025-Q3")
        for row in indicators(frame, period=quarter, scope=("world", "corridor"), as_of=NOW)
    ]
    assert indicators(frame, period="2025-Q1..2025-Q3", scope=("world", "corridor"), as_of=NOW) == alone
