"""Alerts about what ministries follow: their own targets, the survey's figures, and what others publish."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CommandLine, Today
from tests.journeys.test_alerts import Bring, bring, only, outbox
from tests.journeys.test_compare import survey_csv

assert bring  # a fixture

OWN = """
[rules.survey_of_india]
kind = "cost_above"
title = "Survey: sending to India above 5 %"
scope = "receiver"
countries = ["IND"]
basis = "survey"
indicator = "average_total_cost"
threshold = 5
"""


def test_a_national_target_that_is_missed_and_met_again(
    remitwatch: CommandLine, bring: Bring, today: Today, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, remitwatch, "corridor_target_missed")
    bring(acme="6")
    goal = ("--owner", "Example Ministry", "--name", "At most 5 %", "--scope", "corridor", "--corridor", "GBR-IND")
    remitwatch(
        "targets", "add", "ind_5", *goal, "--indicator", "average_total_cost", "--operator", "le", "--value", "5",
        "--deadline", "2030",
    )  # fmt: skip
    remitwatch("check")
    assert outbox(remitwatch) == []  # two days in a row are asked for
    today.move(1)
    bring(acme="5.5")
    remitwatch("check")
    for cost in ("5", "4.9"):
        today.move(1)
        bring(acme=cost)
        remitwatch("check")
    subject = ["corridor:GBR-IND/ind_5"]
    assert outbox(remitwatch) == [
        ("opened", "corridor_target_missed", subject),
        ("closed", "corridor_target_missed", subject),
    ]
    (alert,) = remitwatch("alerts", "list", "--all", "--json").json
    assert alert["told_value"].startswith("0.5000")
    assert alert["facts"]["target"] == {
        "code": "ind_5",
        "name": "At most 5 %",
        "owner": "Example Ministry",
        "operator": "le",
        "value": "5.0000",
        "deadline": 2030,
    }
    assert alert["facts"]["cost"] == "4.9000"


@pytest.fixture
def surveyed(remitwatch: CommandLine, today: Today, tmp_path: Path) -> Any:
    """Brings in quarters of the survey: quarter, fee and total in GBR-IND."""

    def brought(*prices: tuple[str, str, str]) -> None:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.csv"
        path.write_text(survey_csv(*((quarter, "GBR-IND", fee, total) for quarter, fee, total in prices)), "utf-8")
        remitwatch("import", path)

    return brought


def test_a_quarter_of_the_survey_is_told_once_and_a_new_vintage_corrects_it(
    remitwatch: CommandLine, surveyed: Any, today: Today, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, remitwatch)
    with (remitwatch.home / "alerts.toml").open("a") as file:
        file.write(OWN)
    surveyed(("2026-Q1", "4.8", "4"), ("2026-Q3", "7.2", "6"))
    remitwatch("check")
    today.move(1)
    remitwatch("check")
    about = ["country:IND"]
    assert outbox(remitwatch) == [("opened", "survey_of_india", about)]
    (alert,) = remitwatch("alerts", "list", "--json").json
    assert (alert["facts"]["period"], alert["facts"]["moved"]["change"]) == ("2026-Q3", "2.0000")
    surveyed(("2026-Q1", "4.8", "4"), ("2026-Q3", "6.6", "5.5"))
    remitwatch("check")
    assert outbox(remitwatch) == [("opened", "survey_of_india", about), ("corrected", "survey_of_india", about)]
    assert [one["state"] for one in remitwatch("alerts", "list", "--json").json] == ["open"]
    today.move(70)
    surveyed(("2026-Q4", "4.8", "4"))
    remitwatch("check")
    assert outbox(remitwatch)[2:] == [("closed", "survey_of_india", about)]
    past = remitwatch("alerts", "test", "survey_of_india", "--since", "2026-03-01", "--json").json
    assert [(one["day"], one["event"], one["value"][:4]) for one in past] == [
        ("2026-09-30", "opened", "5.50"),
        ("2026-12-31", "closed", "4.00"),
    ]


def test_a_published_figure_far_from_ours_is_told_to_operators(
    remitwatch: CommandLine, surveyed: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, remitwatch, "corridor_benchmark_apart")
    surveyed(("2026-Q3", "4.8", "4"))
    path = tmp_path / "corridors.csv"
    path.write_text(
        "S,Sending Countries Code,Series Name,Series Code,R,Receiving Countries Code,2026Q3 [YR2026Q3]\n"
        "United Kingdom,GBR,Average Total Cost,ATCR.CORR,India,IND,9.25\n",
        "utf-8",
    )
    remitwatch("import", path)
    remitwatch("check")
    assert outbox(remitwatch) == [("opened", "corridor_benchmark_apart", ["corridor:GBR-IND/ATCR.CORR"])]
    with sqlite3.connect(remitwatch.home / "remitwatch.sqlite") as database:
        audience, content = database.execute("SELECT audience, content FROM alert_message").fetchone()
    (item,) = json.loads(content)["items"]
    assert (audience, item["value"]) == ("operators", "5.250000000000")
    assert (item["facts"]["published"], item["facts"]["ours"]) == ("9.2500", "4.0000")
