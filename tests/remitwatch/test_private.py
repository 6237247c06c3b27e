"""Private rows: what is published of them, what never, and that nothing published gives one of them away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from remitwatch import plausibility
from remitwatch.flows import FlowTable
from remitwatch.indicators import (
    BREAKDOWNS,
    CODES,
    SCOPES,
    IndicatorRow,
    Observations,
    indicators,
    members,
    service_table,
)

Rows = Callable[..., pd.DataFrame]
NOW = dt.datetime(2026, 10, 30, 18, tzinfo=dt.UTC)
TODAY = NOW.date()
OF_PARTS = ("digital_index", "non_digital_index", "mto_index_international")
WITHHELD = (None, ("private_suppressed",))


def collected(rows: Rows, *given: dict[str, Any], **common: Any) -> pd.DataFrame:
    return rows(*given, **{"basis": "standard", "day": TODAY} | common)


def private(count: int, *, first: str = "a", total: float = 2.0, **given: Any) -> list[dict[str, Any]]:
    """Private rows of so many providers, `a`, `b` ..., each dearer than the one before."""
    return [
        {"provider": chr(ord(first) + number), "total": total + number, "private": True, **given}
        for number in range(count)
    ]


def public(*totals: float, **given: Any) -> list[dict[str, Any]]:
    return [{"provider": f"public_{number}", "total": total, **given} for number, total in enumerate(totals)]


def figure(frame: pd.DataFrame, code: str = "average_total_cost", **given: Any) -> IndicatorRow:
    (row,) = indicators(frame, codes=code, as_of=NOW, **given)
    return row


def told(row: IndicatorRow) -> tuple[Decimal | None, tuple[str, ...]]:
    return row.value, row.flags


class TestTheRule:
    def test_three_private_providers_and_no_public_ones_count(self, rows: Rows) -> None:
        for number in (1, 2):
            frame = collected(rows, *private(number), *public(4.0, 6.0, 8.0, 10.0))
            assert told(figure(frame)) == WITHHELD
        assert told(figure(collected(rows, *private(3), *public(4.0, 6.0)))) == (Decimal("3.8"), ())
        assert told(figure(collected(rows, *public(3.0, 4.0)))) == (Decimal("3.5"), ())

    def test_the_rows_of_one_provider_are_one_provider(self, rows: Rows) -> None:
        own = [{"provider": "a", "total": 2.0, "private": True, "product": name} for name in "xyz"]
        assert told(figure(collected(rows, *own, *public(9.0, 9.5, 9.9)))) == WITHHELD

    @pytest.mark.parametrize("scope", SCOPES)
    def test_it_holds_for_every_indicator_and_scope(self, rows: Rows, scope: str) -> None:
        flows = FlowTable("bilateral_matrix", 2017, {"GBR-IND": Decimal(4)}, run=1)
        two = Observations(collected(rows, *private(2), *public(1.0, 9.0, 11.0)), flows=flows)
        found = indicators(two, scope=scope, as_of=NOW)
        assert {row.indicator for row in found} >= set(CODES) - {
            "smart", "weighted_average", "mean_of_corridor_averages", "mto_index_international",
            *(code for code in CODES if code.startswith("share_corridors")),
        }  # fmt: skip
        of_parts = [row for row in found if row.indicator in OF_PARTS]  # computed of public rows only, like breakdowns
        assert all("private_left_out" in row.flags and not row.flags.count("private_suppressed") for row in of_parts)
        assert {row.value for row in of_parts} == {None, 7}
        rest = [row for row in found if row.indicator not in OF_PARTS]
        assert [told(row)[0] for row in rest] == [None] * len(rest)
        assert all("private_suppressed" in row.flags for row in rest)
        three = Observations(collected(rows, *private(3), *public(1.0, 9.0, 11.0)), flows=flows)
        none = indicators(three, scope=scope, as_of=NOW)
        assert figure(collected(rows, *private(3), *public(1.0, 9.0)), scope=scope).value is not None
        assert [row.indicator for row in none if row.value is None and row.indicator not in OF_PARTS] == (
            ["median_total_cost", "p25_total_cost", "p75_total_cost"]
            + (["smart"] if scope in ("world", "corridor") else [])
            + (["share_corridors_smart_above_5"] if scope != "corridor" else [])
        )

    def test_a_private_service_that_does_not_disclose_its_rate_is_not_behind_costs(self, rows: Rows) -> None:
        frame = collected(rows, *private(2), {"provider": "c", "private": True, "total": None}, *public(4.0, 6.0))
        assert figure(frame).value is None
        assert figure(frame, "share_transparent").value == 80

    def test_a_withheld_value_is_not_told_by_its_other_flags(self, rows: Rows) -> None:
        assert told(figure(collected(rows, *private(1, total=-9.0), *public(1.0)))) == WITHHELD


class TestValuesOfFewServices:
    def test_smart_is_shown_with_three_private_providers_in_its_slots_or_none(self, rows: Rows) -> None:
        smart = {"code": "smart", "corridor": "GBR-IND"}
        mixed = collected(rows, *private(5, total=3.0), *public(1.0, 2.0, 9.0))
        assert told(figure(mixed, **smart)) == WITHHELD  # 3 * smart - 1 - 2 would be a private price
        assert told(figure(mixed, "smart", scope="world")) == WITHHELD
        assert told(figure(collected(rows, *private(3), *public(7.0, 8.0)), **smart)) == (Decimal(3), ())
        dear = collected(rows, *private(1, total=9.0), *public(1.0, 2.0, 3.0))
        assert told(figure(dear, **smart)) == (Decimal(2), ())

    def test_the_median_is_not_a_private_price(self, rows: Rows) -> None:
        at_the_middle = collected(rows, *private(3), *public(1.0, 9.0))
        assert told(figure(at_the_middle, "median_total_cost")) == WITHHELD
        beside = collected(rows, *private(3, total=20.0), *public(1.0, 2.0, 9.0, 10.0, 11.0))
        assert figure(beside, "median_total_cost").value == Decimal("10.5")
        assert figure(collected(rows, *private(1), *public(1.0, 5.0, 9.0, 9.0)), "median_total_cost").value is None


class TestSubtraction:
    @pytest.mark.parametrize("by", BREAKDOWNS)
    def test_breakdowns_leave_private_rows_out(self, rows: Rows, by: str) -> None:
        for count in (1, 3):
            frame = collected(rows, *private(count), *public(4.0, 6.0))
            found = indicators(frame, codes="average_total_cost", by=by, as_of=NOW)
            assert {row.flags for row in found} == {("private_left_out",)}
            assert sum(row.services for row in found) == (
                4 if by == "sender_group" else 2
            )  # the sender is in G8 and G20
            assert {row.group for row in found}.isdisjoint({"a", "b", "c"})
            assert all(not members(frame, row)["private"].any() for row in found)
        plain = indicators(collected(rows, *public(4.0)), codes="average_total_cost", by=by, as_of=NOW)
        assert {row.flags for row in plain} == {()}

    def test_a_breakdown_by_provider_does_not_say_who_hands_in_privately(self, rows: Rows) -> None:
        frame = collected(rows, {"provider": "a", "private": True}, {"provider": "a", "product": "x"}, *public(4.0))
        found = indicators(frame, codes="average_total_cost", by="provider", as_of=NOW)
        assert {row.group: row.flags for row in found} == dict.fromkeys(("a", "public_0"), ("private_left_out",))

    def test_a_sender_less_its_corridors_is_no_private_price(self, rows: Rows) -> None:
        thick = private(3, corridor="GBR-IND")
        for alone, shown in ((1, False), (2, False), (3, True)):
            frame = collected(rows, *thick, *private(alone, first="k", corridor="GBR-NGA", region="Africa"))
            assert [(figure(frame, **scope).value is not None) for scope in (
                {"corridor": "GBR-IND"}, {"corridor": "GBR-NGA"}, {"sender": "GBR"}, {"scope": "world"},
            )] == [True, shown, shown, shown]  # fmt: skip

    def test_what_is_withheld_in_three_corridors_may_be_shown_as_one(self, rows: Rows) -> None:
        corridors = ("GBR-IND", "GBR-NGA", "GBR-PAK")
        given = [
            row for key, name in zip(corridors, "abc", strict=True) for row in private(1, first=name, corridor=key)
        ]
        frame = collected(rows, *given)
        assert figure(frame, sender="GBR").value == 2
        assert {told(row) for row in indicators(frame, scope="corridor", codes="average_fee", as_of=NOW)} == {WITHHELD}

    def test_the_world_less_its_senders_or_regions_is_no_private_price(self, rows: Rows) -> None:
        scattered = [
            row
            for key, name in zip(("GBR-IND", "GBR-NGA", "GBR-PAK"), "abc", strict=True)
            for row in private(1, first=name, corridor=key, region="There")
        ]
        by_sender = collected(rows, *scattered, *private(1, first="d", corridor="USA-IND", region="There"))
        assert figure(by_sender, sender="GBR").value is not None
        assert told(figure(by_sender, sender="USA")) == WITHHELD
        assert told(figure(by_sender, scope="world")) == WITHHELD
        by_region = collected(rows, *scattered, *private(1, first="d", corridor="GBR-MEX", region="Elsewhere"))
        found = {row.region: told(row) for row in indicators(by_region, scope="region", codes="average_fee", as_of=NOW)}
        assert found == {"There": (2, ()), "Elsewhere": WITHHELD}
        assert told(figure(by_region, scope="world")) == WITHHELD

    def test_the_regions_less_the_world_without_russia_is_no_private_price(self, rows: Rows) -> None:
        for russians, shown in ((1, False), (3, True)):
            given = [*private(3), *private(russians, corridor="RUS-IND"), *public(4.0, corridor="USA-IND")]
            frame = collected(rows, *given)
            world = figure(frame, scope="world")
            assert ("russia_excluded" in world.flags, world.value is not None) == (True, shown)
            assert figure(frame, "share_transparent", scope="world").value == (100 if shown else None)


class TestTables:
    def test_private_rows_come_last_in_an_order_that_says_nothing_without_a_place(self, rows: Rows) -> None:
        given = [*private(1, first="z", total=1.0), *private(1, first="b", total=5.0), *public(4.0, 2.0, 9.0)]
        table = service_table(collected(rows, *given), basis="standard", as_of=NOW)
        assert list(zip(table["provider"], table["smart_rank"], strict=True)) == [
            ("public_1", 0), ("public_0", 0), ("public_2", 0), ("z", 0), ("b", 0),
        ]  # fmt: skip

    def test_places_are_shown_where_no_private_row_has_one(self, rows: Rows) -> None:
        given = [*private(1, total=7.0), *public(4.0, 2.0, 3.0), *public(8.0, corridor="USA-MEX")]
        table = service_table(collected(rows, *given), basis="standard", as_of=NOW)
        assert list(table["smart_rank"]) == [1, 2, 3, 0, 1]

    def test_a_mean_that_holds_private_days_is_private(self, rows: Rows) -> None:
        yesterday = TODAY - dt.timedelta(days=1)
        days = [{"provider": "a", "total": 1.0, "private": True, "day": yesterday}, {"provider": "a", "total": 3.0}]
        table = service_table(collected(rows, *days), basis="standard", period="2026-10", as_of=NOW)
        assert list(table["private"]) == [True]


class TestFindings:
    def messages(self, frame: pd.DataFrame) -> list[tuple[str, str]]:
        return [(one.code, one.message) for one in plausibility.find(frame, today=TODAY)]

    def test_an_outlier_says_neither_name_nor_cost(self, rows: Rows) -> None:
        frame = collected(rows, *public(4.0, 4.5, 5.0, 5.5, 6.0, 6.5), *private(1, first="s", total=30.0))
        assert self.messages(frame) == [
            ("outlier", "a private service of hand_in in GBR-IND (standard, 200) is far from its corridor")
        ]

    def test_a_jump_says_neither_name_nor_cost(self, rows: Rows) -> None:
        before = {"provider": "s", "total": 3.0, "day": TODAY - dt.timedelta(days=3)}
        now = {"provider": "s", "total": 30.0}
        words = "a private service of hand_in in GBR-IND (standard, 200) on 2026-10-30: moved by more than 5 points"
        for marks in ((True, True), (True, False), (False, True)):
            days = [row | {"private": mark} for row, mark in zip((before, now), marks, strict=True)]
            assert self.messages(collected(rows, *days)) == [("jump", words)]

    def test_who_is_gone_is_not_said(self, rows: Rows) -> None:
        left = {"provider": "s", "private": True, "day": TODAY - dt.timedelta(days=14)}
        assert self.messages(collected(rows, left, *public(4.0))) == [
            ("vanished", "a private service of hand_in gone from GBR-IND (standard): last on 2026-10-16")
        ]
