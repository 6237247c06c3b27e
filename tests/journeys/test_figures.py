"""Figures as a person asks for them: parts of the market, options of the method, warm as cold, and back to the rows."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scrapers.sandbox import World, survey_workbook


@pytest.fixture
def survey(remitwatch: Any, tmp_path: Path, today: Any) -> Any:
    """A home with three quarters of a sandbox survey."""
    workbook = tmp_path / "survey.xlsx"
    workbook.write_bytes(survey_workbook(World(), "2026-Q3", quarters=3))
    remitwatch("init", "--sandbox")
    remitwatch("import", workbook)
    return remitwatch


ASKED = ("indicators", "--basis", "survey", "--json")
SHAPE = [
    "indicator", "scope", "sender", "receiver", "region", "breakdown", "group", "period", "amount", "basis", "unit",
    "value", "services", "providers", "corridors", "flags", "method", "as_of", "id", "coverage",
]  # fmt: skip


def test_every_figure_has_the_documented_shape_and_leads_back(survey: Any) -> None:
    for options in (
        ("--scope", "corridor"),
        ("--by", "payment_instrument"),
        ("--by", "sender_group"),
        ("--period", "2026-pooled", "--amount", "500"),
        ("--period", "2026-Q1..2026-Q3", "--scope", "region"),
        ("--option", "one_per_provider", "--option", "mto_presence_percent=10"),
    ):
        rows = survey(*ASKED, *options).json
        assert rows
        assert all(list(row) == SHAPE for row in rows)
        for row in rows[:: max(1, len(rows) // 5)]:
            traced = survey("trace", row["id"], "--json").json
            assert traced["figure"] == row
            assert len(traced["evidence"]) == row["services"]


def test_a_part_of_the_market_says_what_it_is(survey: Any) -> None:
    where = ("--where", "payment_instrument=cash", "--where", "provider_type=money_transfer_operator")
    rows = survey(*ASKED, *where).json
    assert {row["where"] for row in rows} == {"payment_instrument=cash;provider_type=money_transfer_operator"}
    assert [name for name in rows[0] if name != "where"] == SHAPE
    (average,) = (row for row in rows if row["indicator"] == "average_total_cost")
    traced = survey("trace", average["id"], "--json").json
    assert traced["figure"] == average
    shown = [Decimal(one["total_cost_pct"]) for one in traced["evidence"]]
    assert abs(sum(shown) / len(shown) - Decimal(average["value"])) < Decimal("0.0001")
    header = survey("indicators", "--basis", "survey", "--csv", *where).out.splitlines()[0]
    assert header.split(",") == [*SHAPE, "where"]
    assert "expected COLUMN=GROUP" in survey(*ASKED, "--where", "cash", code=2).err


def test_options_are_recorded_and_wrong_ones_refused(survey: Any) -> None:
    plain, changed = (
        survey(*ASKED, "--indicator", "smart", "--scope", "corridor", *option).json
        for option in ((), ("--option", "one_per_provider"))
    )
    assert {row["method"] for row in plain} == {"1"}
    assert {row["method"] for row in changed} == {"1+one_per_provider"}
    assert all(Decimal(a["value"]) <= Decimal(b["value"]) for a, b in zip(plain, changed, strict=True))
    assert "--option 'cheapest': expected one of one_per_provider" in survey(*ASKED, "--option", "cheapest", code=2).err


def test_warm_figures_are_the_cold_ones_and_new_data_shows_at_once(survey: Any, tmp_path: Path) -> None:
    cache = survey.home / "cache"
    cold = survey(*ASKED, "--scope", "corridor").out
    assert [path.suffix for path in cache.iterdir()] == [".npz"]
    assert survey(*ASKED, "--scope", "corridor").out == cold
    for path in cache.iterdir():
        path.write_bytes(path.read_bytes()[:-200])
    assert survey(*ASKED, "--scope", "corridor").out == cold
    survey("runs", "reject", "1", "--why", "a trial")
    assert survey(*ASKED, "--scope", "corridor").json == []
    survey("runs", "accept", "1", "--why", "it was right")
    again = survey(*ASKED, "--scope", "corridor").json
    assert [row["value"] for row in again] == [row["value"] for row in survey(*ASKED, "--scope", "corridor").json]
    assert len(again) == cold.count("\n") - 2
