"""Alerts through the command line: opened once, grouped, silenced, inhibited, corrected, replayed, and whole after a
kill."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from remitwatch.pipeline import workspace
from scrapers.sandbox import SandboxServer
from tests.conftest import CommandLine, Today
from tests.journeys.test_clock import _home, _loaded

ROW = "{when},{corridor},{name},money_transfer_operator,cash,agent,cash,within_hour,high,{amount},{fee},{fee_of},added,{rate},,{gets},{mid},true,false,{private},\n"  # noqa: E501
Bring = Callable[..., int]
MARGIN = 100 * 3 / 115
"""A rate of 112 where the mid is 115."""


def fee(cost: str) -> str:
    """The fee of sending GBP 120 that makes this total cost, to six decimals of a per cent."""
    return f"{(float(cost) - MARGIN) * 1.2:.8f}"


@pytest.fixture
def bring(remitwatch: CommandLine, today: Today, tmp_path: Path) -> Bring:
    """Hand in the prices of the day: name and total cost of services in GBR-IND."""
    header = remitwatch("import", "--template").out.splitlines()[0] + "\n"
    count = iter(range(10_000))

    def brought(private: bool = False, **costs: str) -> int:
        rows = [
            ROW.format(
                when=f"{today.now:%Y-%m-%d}",
                corridor="GBR,IND",
                name=name,
                amount="120,GBP",
                fee=fee(cost),
                fee_of="GBP",
                rate="112",
                gets="INR",
                mid="115",
                private=str(private).lower(),
            )
            for name, cost in costs.items()
        ]
        path = tmp_path / f"{next(count)}.csv"
        path.write_text(header + "".join(rows), "utf-8")
        run: int = remitwatch("import", path, "--source", "team", "--json").json["run"]
        return run

    return brought


def outbox(remitwatch: CommandLine) -> list[tuple[str, str, list[str]]]:
    """Everything that was to be told: what, by which rule, about what."""
    with sqlite3.connect(remitwatch.home / "remitwatch.sqlite") as database:
        contents = [json.loads(row[0]) for row in database.execute("SELECT content FROM alert_message ORDER BY id")]
    return [(one["kind"], one["rule"], [item["subject"] for item in one["items"]]) for one in contents]


def told(remitwatch: CommandLine, rule: str) -> list[tuple[str, list[str]]]:
    """What was told of a rule."""
    return [(kind, subjects) for kind, of, subjects in outbox(remitwatch) if of == rule]


def only(monkeypatch: pytest.MonkeyPatch, remitwatch: CommandLine, *rules: str, **more: str) -> None:
    """Have these rules only, at once."""
    known = remitwatch("alerts", "rules", "--json").json
    lines = [f"[rules.{one['key']}]\nenabled = {str(one['key'] in rules).lower()}\n" for one in known]
    remitwatch.home.mkdir(exist_ok=True)
    (remitwatch.home / "alerts.toml").write_text("".join(lines))
    for name, value in more.items():
        monkeypatch.setenv(f"REMITWATCH_ALERTS__RULES__{rules[0].upper()}__{name.upper()}", value)


AVERAGE = "corridor_average_above_5"
GBR_IND = ["corridor:GBR-IND"]


def test_ten_days_around_five_per_cent_are_one_alert_and_one_recovery(
    remitwatch: CommandLine, bring: Bring, today: Today, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, remitwatch, AVERAGE, runs="1")
    for day in range(10):
        bring(acme="5.01" if day % 2 == 0 else "4.99")
        remitwatch("check")
        remitwatch("check")
        today.move(1)
    assert told(remitwatch, AVERAGE) == [("opened", GBR_IND)]
    (alert,) = remitwatch("alerts", "list", "--json").json
    assert (alert["state"], alert["value"][:6], alert["told_value"][:6]) == ("open", "4.9900", "5.0100")
    bring(acme="4.7")
    remitwatch("check")
    assert told(remitwatch, AVERAGE) == [("opened", GBR_IND), ("closed", GBR_IND)]
    assert remitwatch("alerts").out == "no open alert\n"
    # and the replay says the same
    past = remitwatch("alerts", "test", AVERAGE, "--since", "2026-10-20", "--json").json
    assert [(one["day"], one["event"], one["told"]) for one in past] == [
        ("2026-10-30", "opened", True),
        ("2026-11-09", "closed", True),
    ]


def test_the_first_look_at_a_long_history_opens_what_stands_now_in_one_message_a_rule(
    remitwatch: CommandLine, bring: Bring, today: Today, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REMITWATCH_COLLECT__CORRIDORS", "GBR-IND")
    for _ in range(20):
        bring(acme="6", other="7", third="8")
        today.move(1)
    today.move(-1)
    checked = remitwatch("check")
    assert checked.err == "alerts: 2 opened, 0 closed, 0 corrected\n"
    assert outbox(remitwatch) == [
        ("opened", AVERAGE, GBR_IND),
        ("opened", "corridor_smart_above_5", GBR_IND),
    ]
    shown = remitwatch("alerts", "show", "1").out
    assert "alert 1: Average cost of a corridor above 5 %\n" in shown
    assert "  services: 3\n" in shown
    assert remitwatch("check").err == "alerts: 0 opened, 0 closed, 0 corrected\n"


def test_a_rejected_run_corrects_what_was_told_once(
    remitwatch: CommandLine, bring: Bring, today: Today, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, remitwatch, AVERAGE, runs="1")
    bring(good="4.5")
    wrong = bring(wrong="9")
    remitwatch("check")
    assert told(remitwatch, AVERAGE) == [("opened", GBR_IND)]
    today.move(1)
    bring(good="4.5")  # a new day is no correction
    remitwatch("check")
    assert len(told(remitwatch, AVERAGE)) == 1
    remitwatch("runs", "reject", str(wrong), "--why", "a typing error")
    remitwatch("check")
    remitwatch("check")
    assert told(remitwatch, AVERAGE) == [("opened", GBR_IND), ("corrected", GBR_IND)]
    (alert,) = remitwatch("alerts", "list", "--all", "--json").json
    assert (alert["state"], alert["closed_why"], alert["told_value"][:6]) == ("closed", "corrected", "4.5000")
    with sqlite3.connect(remitwatch.home / "remitwatch.sqlite") as database:
        content = json.loads(database.execute("SELECT content FROM alert_message ORDER BY id DESC").fetchone()[0])
    assert (content["items"][0]["told_value"][:6], content["items"][0]["value"][:6]) == ("6.7500", "4.5000")
    assert content["audience"] == "readers"


def test_what_is_quarantined_held_or_private_opens_nothing(
    remitwatch: CommandLine, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, remitwatch, AVERAGE, "new_cheapest", "service_appeared", runs="1")
    bring(good="4.5")
    bring(private=True, partner="9")
    bring(slip="95")
    remitwatch("check")
    assert outbox(remitwatch) == []
    (row,) = [one for one in remitwatch("quotes", "--corridor", "GBR-IND", "--json").json if one["provider"] == "slip"]
    assert "quarantined" in row["flags"]


def test_silence_acknowledgement_and_their_ends(
    remitwatch: CommandLine, bring: Bring, today: Today, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, remitwatch, AVERAGE, runs="1")
    bring(acme="6")
    asked = ("--until", "2026-10-31", "--why", "a known promotion", "--who", "ann")
    made = remitwatch("alerts", "silence", "--subject", "corridor:GBR-*", *asked)
    assert made.out == "silence 1: every rule, corridor:GBR-*, until 2026-10-31 is over\n"
    remitwatch("check")
    (alert,) = remitwatch("alerts", "list", "--json").json
    assert (alert["state"], alert["told_at"]) == ("open", None)
    today.move(1)
    remitwatch("check")
    assert outbox(remitwatch) == []
    today.move(1)
    remitwatch("check")
    assert told(remitwatch, AVERAGE) == [("opened", GBR_IND)]
    assert remitwatch("alerts", "silences").out == "no silence\n"
    (over,) = remitwatch("alerts", "silences", "--all", "--json").json
    assert (over["who"], over["until"]) == ("ann", "2026-11-01T00:00:00Z")
    seen = remitwatch("alerts", "ack", "1", "--why", "asked them", "--who", "bob", "--json").json
    assert (seen["acked_by"], seen["acked_why"]) == ("bob", "asked them")
    again = remitwatch("alerts", "silence", "--rule", AVERAGE, "--until", "2026-12-31", "--why", "x", "--json").json
    assert remitwatch("alerts", "unsilence", str(again["id"])).out == "silence 2: ended\n"
    today.move(1)
    bring(acme="4")
    remitwatch("check")
    assert told(remitwatch, AVERAGE) == [("opened", GBR_IND), ("closed", GBR_IND)]


def test_a_dead_source_is_told_and_its_consequences_are_not(
    remitwatch: CommandLine, sandbox: Any, today: Today, monkeypatch: pytest.MonkeyPatch
) -> None:
    remitwatch("collect", "ecb", "wise_comparisons", code=None)
    remitwatch("sources", "verify", "ecb", "wise_comparisons", "--yes", code=None)
    remitwatch("run", code=None)
    remitwatch("check")
    before = len(outbox(remitwatch))
    today.move(10)
    remitwatch("check")
    news = outbox(remitwatch)[before:]
    stale = next(subjects for kind, rule, subjects in news if rule == "source_stale")
    assert "source:wise_comparisons" in stale
    assert not [one for one in news if one[0] == "opened" and one[1] in ("few_qualifying", "coverage_below_60")]
    today.move(1)
    remitwatch("check")
    held = {one["subject"]: one for one in remitwatch("alerts", "list", "--rule", "few_qualifying", "--json").json}
    assert held
    assert all(one["told_at"] is None and one["inhibited_by"]["rule"] == "source_stale" for one in held.values())


KILLED = """
import os, signal, sys
from db import alerts
step = int(sys.argv.pop(1))
calls = iter(range(1000))
for name in ("_keep_message", "add_deliveries", "_keep_causes"):
    def killing(*arguments, then=getattr(alerts, name), **named):
        if next(calls) == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return then(*arguments, **named)
    setattr(alerts, name, killing)
import time_machine
from remitwatch.cli import main
with time_machine.travel(sys.argv.pop(1)):
    main()
"""


def test_a_kill_while_alerts_are_kept_leaves_nothing_half_and_they_are_told_once(
    remitwatch: CommandLine, bring: Bring, today: Today, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, remitwatch, AVERAGE, "corridor_smart_above_5", runs="1")
    monkeypatch.setenv("REMITWATCH_ALERTS__RULES__CORRIDOR_SMART_ABOVE_5__RUNS", "1")
    bring(acme="6", other="7", third="8")
    for step in range(4):
        killed = subprocess.run(
            [sys.executable, "-c", KILLED, str(step), today.now.isoformat(), "--home", str(remitwatch.home), "check"],
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            check=False,
        )
        assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()[-2000:]
        assert remitwatch("alerts", "list", "--all", "--json").json == []
        assert outbox(remitwatch) == []
    remitwatch("check")
    remitwatch("check")
    assert outbox(remitwatch) == [("opened", AVERAGE, GBR_IND), ("opened", "corridor_smart_above_5", GBR_IND)]


WRONG = (
    (("ack", "7", "--why", "x"), "alert 7: there is none of this number; see: remitwatch alerts list --all"),
    (("show", "7"), "alert 7: there is none of this number; see: remitwatch alerts list --all"),
    (("unsilence", "7"), "silence 7: there is none of this number; see: remitwatch alerts silences"),
    (("silence", "--until", "2026-12-31", "--why", "x"), "silence what? Name --rule, --subject, or both"),
    (("silence", "--rule", "odd", "--until", "2026-12-31", "--why", "x"), "rule 'odd': expected one of corridor_a"),
    (
        ("silence", "--rule", AVERAGE, "--until", "2026-01-31", "--why", "x"),
        "--until 2026-01-31: that day is over (today is 2026-10-30 UTC)",
    ),
    (("silence", "--rule", AVERAGE, "--until", "soon", "--why", "x"), "--until 'soon': expected a day such as"),
    (("silence", "--rule", AVERAGE, "--until", "2026-12-31", "--why", " "), "--why: expected some words"),
    (("test", "odd"), "rule 'odd': expected one of corridor_average_above_5"),
    (("test", "disk_low"), "rule disk_low: disk_low looks at this home as it is now"),
    (("test", AVERAGE, "--since", "2027-01-01"), "--since 2027-01-01 --until 2026-10-30: expected days up to today"),
    (("rules", "odd"), "rule 'odd': expected one of corridor_average_above_5"),
)


@pytest.mark.parametrize(("arguments", "line"), WRONG, ids=[" ".join(one[0]) for one in WRONG])
def test_wrong_use_is_one_line(remitwatch: CommandLine, today: Today, arguments: tuple[str, ...], line: str) -> None:
    remitwatch("init")
    wrong = remitwatch("alerts", *arguments, code=2)
    assert wrong.err.startswith(f"remitwatch: {line}")
    assert wrong.err.count("\n") == 1
    assert wrong.out == ""


def test_a_rules_file_that_is_wrong_stops_check_before_anything_is_kept(remitwatch: CommandLine, bring: Bring) -> None:
    bring(acme="6")
    (remitwatch.home / "alerts.toml").write_text("[rules.source_stale]\ncolour = 'red'\n")
    wrong = remitwatch("check", code=2)
    assert "alerts.toml: rules.source_stale.colour: unknown field" in wrong.err
    assert outbox(remitwatch) == []


def test_rules_teach(remitwatch: CommandLine) -> None:
    listed = remitwatch("alerts", "rules").out
    assert "corridor_average_above_5" in listed
    one = remitwatch("alerts", "rules", AVERAGE).out
    assert "threshold: 5\nclear: 4.8\nruns: 2\n" in one
    help_ = remitwatch("alerts", "--help").out
    for word in ("alerts.toml", "silence", "ack", "test"):
        assert word in help_


def test_two_that_take_turns_at_being_the_cheapest_are_news_once(
    remitwatch: CommandLine, bring: Bring, today: Today, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, remitwatch, "new_cheapest")
    for day in range(26):
        bring(old="5", other="4.9" if day >= 15 and day % 2 else "5.1")
        remitwatch("check")
        today.move(1)
    assert outbox(remitwatch) == [("opened", "new_cheapest", ["corridor:GBR-IND/other"])]


def test_a_new_cheapest_provider_and_one_that_left(
    remitwatch: CommandLine, bring: Bring, today: Today, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, remitwatch, "new_cheapest", "provider_vanished", "provider_appeared", "service_change_point")
    start = today.now
    for day in range(36):
        costs = {"old": "5", "steady": "6"}
        if day < 10:
            costs["gone"] = "7"
        if day >= 20:
            costs["fresh"] = "4"
        if day >= 31:
            costs["steady"] = "7.5"
        bring(**costs)
        remitwatch("check")
        today.move(1)
    found = [one for one in outbox(remitwatch) if one[0] == "opened"]
    assert found == [
        ("opened", "new_cheapest", ["corridor:GBR-IND/fresh"]),
        ("opened", "provider_appeared", ["corridor:GBR-IND/fresh"]),
        ("opened", "provider_vanished", ["corridor:GBR-IND/gone"]),
        ("opened", "service_change_point", ["service:steady:GBR-IND:GBP-INR:cash:agent:cash:"]),
    ]
    every = {one["rule"]: one for one in remitwatch("alerts", "list", "--all", "--json").json}
    assert every["provider_vanished"]["first_day"] == str((start + timedelta(days=23)).date())
    assert every["new_cheapest"]["facts"]["before"] == ["old"]
    assert every["new_cheapest"]["closed_why"] == "recovered"  # news for a week, and its end is not told
    parted = every["service_change_point"]["facts"]["parted"]["change"]
    assert parted == {"total": "1.5000", "fee": "1.5000", "margin": "0.0000"}
    assert [one for one in outbox(remitwatch) if one[0] == "closed"] == []


def test_a_time_that_was_missed_is_told_only_where_no_later_attempt_made_the_day_good(
    remitwatch: CommandLine, sandbox: SandboxServer, today: Today, monkeypatch: pytest.MonkeyPatch
) -> None:
    remitwatch("init", "--sandbox")
    only(monkeypatch, remitwatch, "runs_missed")

    def missed(source: str) -> None:
        with workspace.beside(_home(remitwatch), _loaded()) as store:
            assert store.record_missed(source, today.now.date(), "overlap", today.now)

    missed("wise_comparisons")
    remitwatch("collect", "wise_comparisons")
    remitwatch("check", code=None)
    assert told(remitwatch, "runs_missed") == []
    missed("transfergo")
    remitwatch("check", code=None)
    assert told(remitwatch, "runs_missed") == [("opened", ["home"])]
    (alert,) = remitwatch("alerts", "list", "--json").json
    assert (alert["value"], alert["facts"]["sources"]) == ("1", ["transfergo"])
