"""Indicators: official figures, and made-up rows that would give another number under each wrong rule."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from remitwatch.indicators import (
    IndicatorRow,
    Options,
    indicators,
    members,
    parse_figure_id,
)

Rows = Callable[..., pd.DataFrame]
NOW = dt.datetime(2026, 10, 30, 18, tzinfo=dt.UTC)
TODAY = NOW.date()
SAMPLE = Path(__file__).parents[2] / "../shared/data/rpw_service_rows_sample.csv"

# Published total costs at USD 200, 2025-Q3: the real survey rows of four corridors.
SURVEY_2025_Q3 = {
    "RWA-KEN": "7.14 2.38 15.19 30.32 75.37 20.83 6.72",
    "TZA-RWA": "39.86 45.35 105.94 4.29 49.73 25.46",
}


def one(found: list[IndicatorRow]) -> IndicatorRow:
    (row,) = found
    return row


def value(frame: pd.DataFrame, code: str = "average_total_cost", **given: Any) -> Decimal | None:
    return one(indicators(frame, codes=code, as_of=NOW, **{"period": "2025-Q3", "basis": "survey"} | given)).value


def collected(rows: Rows, *given: dict[str, Any], **common: Any) -> pd.DataFrame:
    return rows(*given, **{"basis": "standard", "day": TODAY} | common)


class TestOfficialFigures:
    @pytest.mark.parametrize(
        ("corridor", "average", "services"),
        [("RWA-KEN", "22.5643", 7), ("TZA-KEN", "59.9933", 12), ("TZA-RWA", "45.1050", 6), ("TZA-UGA", "62.6760", 10)],
    )
    def test_corridor_averages_of_the_real_sample(self, rows: Rows, corridor: str, average: str, services: int) -> None:
        if not SAMPLE.exists():
            pytest.skip("the survey sample is not beside the repository (../shared/data)")
        with SAMPLE.open(encoding="utf-8-sig") as file:
            real = [
                {
                    "corridor": f"{row['source_code']}-{row['destination_code']}",
                    "provider": row["firm"],
                    "total": float(row["cc1 total cost %"]) if row["transparent"].lower() == "yes" else None,
                    "survey_period": f"{row['period'][:4]}-Q{row['period'][5]}",
                }
                for row in csv.DictReader(file)
            ]
        found = one(indicators(rows(*real), period="2025_3Q", corridor=corridor, codes="average_total_cost", as_of=NOW))
        assert (found.as_json()["value"], found.services) == (average, services)

    def test_the_published_totals_are_averaged(self, rows: Rows) -> None:
        real = [
            {"corridor": corridor, "total": float(total)}
            for corridor, totals in SURVEY_2025_Q3.items()
            for total in totals.split()
        ]
        found = indicators(rows(*real), scope="corridor", period="2025-Q3", codes="average_total_cost", as_of=NOW)
        assert {row.subject: row.as_json()["value"] for row in found} == {"RWA-KEN": "22.5643", "TZA-RWA": "45.1050"}

    def test_the_row_is_the_documented_json(self, rows: Rows) -> None:
        frame = rows({"total": 3.184, "provider": "a"}, {"total": 3.184, "provider": "a", "product": "x"})
        found = indicators(frame, corridor="gbr-ind", period="2025-Q3", codes="average_total_cost", as_of=NOW)
        row = one(found).as_json()
        figure_id = row.pop("id")
        assert row == {
            "indicator": "average_total_cost", "scope": "corridor", "sender": "GBR", "receiver": "IND", "region": None,
            "breakdown": None, "group": None, "period": "2025-Q3", "amount": 200, "basis": "survey", "unit": "percent",
            "value": "3.1840", "services": 2, "providers": 1, "corridors": 1, "flags": [], "method": "1",
            "as_of": "2026-10-30T18:00:00Z", "coverage": None,
        }  # fmt: skip
        assert parse_figure_id(figure_id) == found[0].figure


class TestAverages:
    def test_every_service_weighs_the_same_not_every_corridor(self, rows: Rows) -> None:
        frame = rows(*({"corridor": "GBR-IND", "total": 2.0} for _ in range(3)), {"corridor": "USA-MEX", "total": 10.0})
        assert value(frame) == 4  # the mean of corridor means would be 6

    def test_russia_is_out_of_the_worlds_averages_and_of_nothing_else(self, rows: Rows) -> None:
        frame = rows(
            {"corridor": "GBR-IND", "total": 6.0, "fee_pct": 4.0},
            {"corridor": "RUS-UZB", "total": 1.0, "fee_pct": 1.0, "region": "Europe & Central Asia"},
            {"corridor": "GBR-UZB", "total": 8.0, "fee_pct": 4.0, "region": "Europe & Central Asia"},
            {"corridor": "IND-RUS", "total": 10.0, "fee_pct": 4.0, "region": "Europe & Central Asia"},
        )
        world = one(indicators(frame, codes="average_total_cost", period="2025-Q3", as_of=NOW))
        assert (world.value, world.services, world.flags) == (8, 3, ("russia_excluded",))
        assert value(frame, "average_fee") == 4
        assert value(frame, "median_total_cost") == 8
        by_type = indicators(frame, codes="average_total_cost", period="2025-Q3", by="provider_type", as_of=NOW)
        assert one(by_type).value == 8
        assert value(frame, receiver="UZB") == Decimal("4.5")
        assert value(frame, sender="RUS") == 1
        assert value(frame, region="europe & central asia") == Decimal("6.333333333333")
        assert value(frame, "smart", scope="world") == Decimal("6.25")
        assert value(frame, "share_corridors_below_3") == 25

    def test_undisclosed_services_are_in_no_average_and_are_counted(self, rows: Rows) -> None:
        frame = rows({"total": 4.0, "fee_pct": 2.0}, {"total": None, "fee_pct": 8.0}, {"total": 6.0, "fee_pct": 4.0})
        found = one(indicators(frame, codes="average_total_cost", period="2025-Q3", as_of=NOW))
        assert (found.value, found.services, found.undisclosed, found.flags) == (5, 2, 1, ("undisclosed_excluded",))
        assert value(frame, "average_fee") == 3  # not 4.67: the parts are of the same services as the total
        assert value(frame, "average_fx_margin") == 2
        assert value(frame, "share_transparent") == Decimal("66.666666666666")

    def test_only_undisclosed_services_give_no_value_and_say_why(self, rows: Rows) -> None:
        found = one(indicators(rows({"total": None}), codes="average_total_cost", period="2025-Q3", as_of=NOW))
        assert (found.value, found.services, found.undisclosed) == (None, 0, 1)
        assert found.flags == ("no_disclosed_service", "undisclosed_excluded")

    def test_the_transparent_column_alone_decides(self, rows: Rows) -> None:
        """The survey fills undisclosed rows with margin 0 and a total that is the fee: placeholders."""
        placeholder = {"total": 1.0, "fee_pct": 1.0, "transparent": False}
        frame = rows({"total": 4.0}, {"total": 6.0}, placeholder)
        assert value(frame) == 5
        assert value(frame, "smart", corridor="GBR-IND") == 5
        assert value(frame, "share_corridors_below_5") == 0

    def test_negative_costs_are_kept(self, rows: Rows) -> None:
        found = one(
            indicators(rows({"total": -4.43}, {"total": 1.0}), codes="average_total_cost", period="2025", as_of=NOW)
        )
        assert (found.value, found.flags) == (Decimal("-1.715"), ("rate_advantage", "third_quarter"))
        assert found.as_json()["value"] == "-1.7150"

    def test_equal_survey_rows_each_count(self, rows: Rows) -> None:
        twice = [{"provider": "acme", "total": 2.0}, {"provider": "acme", "total": 2.0}, {"total": 8.0}]
        found = one(indicators(rows(*twice), codes="average_total_cost", period="2025-Q3", as_of=NOW))
        assert (found.value, found.services, found.providers) == (4, 3, 2)

    def test_a_year_of_the_survey_is_its_third_quarter(self, rows: Rows) -> None:
        frame = rows(
            {"total": 9.0, "survey_period": "2025-Q1"}, {"total": 5.0}, {"total": 1.0, "survey_period": "2025-Q4"}
        )
        assert value(frame, period="2025") == 5
        assert value(frame, period="latest") == 1
        assert one(indicators(frame, codes="average_total_cost", as_of=NOW)).period == "2025-Q4"
        assert value(frame, period="2024") is None

    def test_amounts_are_apart(self, rows: Rows) -> None:
        frame = rows({"total": 6.0}, {"total": 3.0, "tier": 500}, {"total": 50.0, "tier": 0})
        assert (value(frame), value(frame, amount=500)) == (6, 3)

    def test_rounding_is_half_up_and_happens_once(self, rows: Rows) -> None:
        def shown(*totals: float) -> str:
            frame = rows(*({"total": total} for total in totals))
            return str(
                one(indicators(frame, codes="average_total_cost", period="2025-Q3", as_of=NOW)).as_json()["value"]
            )

        assert shown(0.00005) == "0.0001"  # a float would say 0.0000 or 0.0001 by chance, bankers' rounding 0.0000
        assert shown(0.0001, 0.0002) == "0.0002"  # exactly half
        assert shown(-0.0001, -0.0002) == "-0.0002"
        assert shown(-0.00004) == "0.0000"
        # 0.000149999996...: rounding at 8 decimals first would make it 0.00015 and then 0.0002
        assert shown(0.00014999, 0.00014999, 0.00015001) == "0.0001"

    def test_the_median_is_the_middle_of_services(self, rows: Rows) -> None:
        assert value(rows(*({"total": total} for total in (1.0, 2.0, 30.0))), "median_total_cost") == 2
        assert value(rows(*({"total": total} for total in (1.0, 2.0, 5.0, 30.0))), "median_total_cost") == 3.5


class TestBases:
    def test_bases_are_never_pooled(self, rows: Rows) -> None:
        given = [("survey", 8.0), ("standard", 2.0), ("estimate", 4.0), ("promotional", 0.0)]
        frame = rows(*({"basis": basis, "total": total, "day": TODAY, "provider": "a"} for basis, total in given))
        found = indicators(frame, codes="average_total_cost", as_of=NOW)
        assert [(row.basis.value, row.value, row.services) for row in found] == [
            ("survey", 8, 1), ("standard", 2, 1), ("promotional", 0, 1), ("estimate", 4, 1),
        ]  # fmt: skip
        assert value(frame, basis="standard", period="latest") == 2

    def test_a_promotion_of_the_same_service_leaves_the_standard_price_alone(self, rows: Rows) -> None:
        same = {"provider": "a", "day": TODAY}
        frame = rows({**same, "basis": "standard", "total": 4.0}, {**same, "basis": "promotional", "total": 0.0})
        assert value(frame, basis="standard", period="latest") == 4
        assert value(frame, "smart", corridor="GBR-IND", basis="standard", period="latest") == 4


class TestSmart:
    def test_the_mean_of_the_three_cheapest(self, rows: Rows) -> None:
        frame = rows(*({"total": total} for total in (9.0, 4.0, 5.0, 3.0, 8.0)))
        assert value(frame, "smart", corridor="GBR-IND") == 4

    @pytest.mark.parametrize("unfit", [{"speed": "six_days_or_more"}, {"speed": "unknown"}, {"speed": ""}])
    def test_slow_services_and_unknown_speeds_do_not_qualify_in_the_survey(
        self, rows: Rows, unfit: dict[str, Any]
    ) -> None:
        frame = rows({"total": 1.0, **unfit}, *({"total": total} for total in (3.0, 4.0, 5.0)))
        assert value(frame, "smart", corridor="GBR-IND") == 4

    def test_an_unknown_speed_qualifies_flagged_for_collected_quotes(self, rows: Rows) -> None:
        given = [{"total": 1.0, "speed": "unknown"}, {"total": 3.0}, {"total": 5.0}, {"total": 9.0}]
        found = one(indicators(collected(rows, *given), corridor="GBR-IND", codes="smart", as_of=NOW))
        assert (found.value, found.flags) == (3, ("speed_unknown",))

    def test_undisclosed_services_do_not_qualify(self, rows: Rows) -> None:
        frame = rows({"total": None, "fee_pct": 0.1}, *({"total": total} for total in (3.0, 4.0, 5.0)))
        assert value(frame, "smart", corridor="GBR-IND") == 4

    def test_fewer_than_three_show_a_value_and_are_flagged(self, rows: Rows) -> None:
        found = one(
            indicators(
                rows({"total": 3.0}, {"total": 4.0}), corridor="GBR-IND", codes="smart", period="2025-Q3", as_of=NOW
            )
        )
        assert (found.value, found.services, found.flags) == (Decimal("3.5"), 2, ("fewer_than_three",))

    def test_none_gives_no_value_never_zero(self, rows: Rows) -> None:
        frame = rows({"total": 3.0, "speed": "six_days_or_more"})
        found = one(indicators(frame, corridor="GBR-IND", codes="smart", period="2025-Q3", as_of=NOW))
        assert (found.value, found.services, found.flags) == (None, 0, ("no_qualifying_service",))

    def test_the_world_is_the_mean_of_corridors_with_the_options_named_in_the_method(self, rows: Rows) -> None:
        cheap = [{"corridor": "GBR-IND", "total": total, "provider": "a"} for total in (1.0, 2.0, 3.0)]
        dear = [{"corridor": "USA-MEX", "total": total} for total in (7.0, 8.0, 9.0, 30.0)]
        frame = rows(*cheap, {"corridor": "GBR-IND", "total": 9.0}, *dear, {"corridor": "DEU-TUR", "total": 20.0})
        found = one(indicators(frame, scope="world", codes="smart", period="2025-Q3", as_of=NOW))
        assert (found.value, found.corridors, found.flags) == (10, 3, ("includes_fewer_than_three",))
        strict = Options(world_smart_assessable_only=True)
        found = one(indicators(frame, scope="world", codes="smart", period="2025-Q3", as_of=NOW, options=strict))
        assert (found.value, found.corridors, found.method) == (5, 2, "1+world_smart_assessable_only")
        assert len(members(frame, found.id)) == 6

    def test_one_firm_may_fill_several_slots_unless_the_option_says_otherwise(self, rows: Rows) -> None:
        firm = [{"provider": "a", "total": total} for total in (1.0, 2.0)]
        frame = rows(*firm, *({"total": total} for total in (6.0, 8.0)))
        assert value(frame, "smart", corridor="GBR-IND") == 3
        assert value(frame, "smart", corridor="GBR-IND", options=Options(one_per_provider=True)) == 5

    def test_ties_at_the_third_place_are_settled_by_the_service_key(self, rows: Rows) -> None:
        frame = rows(*({"provider": name, "total": total} for name, total in zip("dcba", (1, 2, 5, 5), strict=True)))
        row = one(indicators(frame, corridor="GBR-IND", codes="smart", period="2025-Q3", as_of=NOW))
        assert set(members(frame, row)["provider"]) == {"d", "c", "a"}
        assert set(members(frame.iloc[::-1], row)["provider"]) == {"d", "c", "a"}


class TestShares:
    def test_exactly_on_the_line_is_neither_below_nor_above(self, rows: Rows) -> None:
        frame = rows(
            *({"corridor": "GBR-IND", "total": total} for total in (4.99, 5.0, 5.01)),  # average and SmaRT exactly 5
            *({"corridor": "USA-MEX", "total": 3.0} for _ in range(3)),
            *({"corridor": "DEU-TUR", "total": total} for total in (5.0, 5.0, 5.00000001)),
            *({"corridor": "ARE-IND", "total": total} for total in (2.99999999, 3.0, 3.0)),
        )
        shares = {row.indicator: row.value for row in indicators(frame, period="2025-Q3", as_of=NOW)}
        assert shares["share_corridors_below_3"] == 25
        assert shares["share_corridors_below_5"] == 50
        assert shares["share_corridors_below_7"] == 100
        assert shares["share_corridors_smart_above_5"] == 25

    def test_corridors_that_cannot_be_judged_are_not_in_the_share(self, rows: Rows) -> None:
        frame = rows(
            *({"corridor": "GBR-IND", "total": 9.0} for _ in range(3)),
            {"corridor": "USA-MEX", "total": 1.0},  # one service: an average, but no assessable SmaRT
            {"corridor": "DEU-TUR", "total": None},
        )
        assert value(frame, "share_corridors_below_5") == 50
        above = one(indicators(frame, codes="share_corridors_smart_above_5", period="2025-Q3", as_of=NOW))
        assert (above.value, above.corridors, above.flags) == (
            100, 1, ("corridors_not_assessable", "undisclosed_excluded"),
        )  # fmt: skip

    def test_speed_shares_count_services_with_a_stated_speed(self, rows: Rows) -> None:
        speeds = ["within_hour", "same_day", "next_day", "two_days", "unknown"]
        frame = rows(*({"speed": speed} for speed in speeds))
        found = one(indicators(frame, codes="share_services_within_hour", period="2025-Q3", as_of=NOW))
        assert (found.value, found.services, found.flags) == (25, 4, ("services_not_payments", "speed_unknown"))
        assert value(frame, "share_services_within_day") == 75
        assert value(frame, "share_services_within_day", options=Options(within_day_same_day_only=True)) == 50


class TestBreakdowns:
    def test_joint_labels_count_in_each_group_and_unknown_in_none(self, rows: Rows) -> None:
        frame = rows(
            {"payment_instrument": "cash", "total": 2.0},
            {"payment_instrument": "cash+debit_card", "total": 4.0},
            {"payment_instrument": "unknown", "total": 9.0},
        )
        found = indicators(frame, by="payment_instrument", codes="average_total_cost", period="2025-Q3", as_of=NOW)
        assert [(row.breakdown, row.group, row.value, row.services) for row in found] == [
            ("payment_instrument", "cash", 3, 2), ("payment_instrument", "debit_card", 4, 1),
        ]  # fmt: skip
        assert list(members(frame, found[0].id)["total_e8"]) == [2e8, 4e8]
        assert value(frame) == 5

    def test_breakdowns_go_with_a_scope(self, rows: Rows) -> None:
        frame = rows(
            {"corridor": "GBR-IND", "provider_type": "bank", "total": 9.0},
            {"corridor": "USA-MEX", "provider_type": "bank", "total": 7.0},
            {"corridor": "USA-MEX", "provider_type": "mobile_operator", "total": 1.0},
        )
        found = indicators(
            frame, scope="corridor", by="provider_type", codes="average_total_cost", period="2025-Q3", as_of=NOW
        )
        assert [(row.subject, row.group, row.value) for row in found] == [
            ("GBR-IND", "bank", 9), ("USA-MEX", "bank", 7), ("USA-MEX", "mobile_operator", 1),
        ]  # fmt: skip
