"""Seven weeks of the clock on a given time: a scripted scenario of the sandbox, and every alert and message of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest

from remitwatch import jobs
from remitwatch.jobs import Job
from remitwatch.pipeline import publishing
from scrapers.sandbox import SandboxServer, World
from scrapers.sandbox.script import Event
from tests.journeys.clockwork import Clockwork, only
from tests.journeys.receivers import route, webhook
from tests.journeys.test_400_days import _at
from tests.journeys.test_clock import _home, _loaded

pytestmark = pytest.mark.slow

FIRST, LAST = dt.date(2024, 1, 15), dt.date(2024, 3, 2)
DOWN = (dt.date(2024, 2, 19), dt.date(2024, 2, 21))
"""No clock runs."""
SCRIPT = (
    Event(
        "price_change", dt.date(2024, 1, 22), dt.date(2024, 1, 31), "TransferGo's fees are five times as high",
        provider="transfergo", corridors=("USA-MEX",), factor=Decimal(5),
    ),
    Event(
        "down", dt.date(2024, 2, 5), dt.date(2024, 2, 10), "TransferGo answers 503",
        source="transfergo", reason="unreachable",
    ),
)  # fmt: skip
LEFT_OUT = ("disk_low", "new_cheapest", "corridor_average_moved", "world_average_moved", "service_change_point")
"""The rules that look at the machine, or at every stir of the sandbox's market: other tests are theirs."""
PRICES = ("corridor_average_above_5", "corridor_smart_above_5")
SOURCES = ("ecb", "transfergo", "wise_comparisons")
ALERTS = sorted(
    [
        *((rule, "corridor:USA-MEX", "2024-01-23", "2024-02-02", True) for rule in PRICES),
        ("source_failing", "source:transfergo", "2024-02-05", "2024-02-11", True),
        ("source_stale", "source:transfergo", "2024-02-07", "2024-02-11", True),
        ("runs_missed", "home", "2024-02-22", "2024-02-28", True),
        ("rate_stale", "source:ecb", "2024-02-22", "2024-02-22", False),
        *(("source_stale", f"source:{key}", "2024-02-22", "2024-02-22", True) for key in SOURCES),
        *(("source_failing", f"source:{key}", "2024-02-22", "2024-02-22", False) for key in SOURCES),
    ]
)
"""Rule, subject, opened, closed, told: what a cause explains is not told."""
TOLD = sorted(
    [
        *(("2024-01-23", "opened", rule, "readers", 1) for rule in PRICES),
        *(("2024-02-02", "closed", rule, "readers", 1) for rule in PRICES),
        ("2024-02-05", "opened", "source_failing", "operators", 1),
        ("2024-02-07", "opened", "source_stale", "operators", 1),
        ("2024-02-11", "closed", "source_failing", "operators", 1),
        ("2024-02-11", "closed", "source_stale", "operators", 1),
        ("2024-02-22", "opened", "runs_missed", "operators", 1),
        ("2024-02-22", "opened", "source_stale", "operators", 3),
        ("2024-02-22", "closed", "source_stale", "operators", 3),
        ("2024-02-28", "closed", "runs_missed", "operators", 1),
    ]
)
"""Day, what, rule, to whom, about how many alerts."""


def test_every_alert_and_message_is_one_of_the_script(remitwatch, today, httpserver, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    world = World(last_day=dt.date(2025, 2, 17))
    world.script = SCRIPT
    monkeypatch.setattr(publishing, "publish", lambda *given, **more: None)
    monkeypatch.setattr(publishing, "publish_if_any", lambda *given, **more: None)
    faults = {day for fault in world.faults for day in fault.days}

    def wrap(job: Job) -> Job:
        if job.name == "deliver":
            return replace(job, at="19:55")
        busy = {*faults, DOWN[1] + dt.timedelta(days=1)}
        return only(job, lambda time: time.date() in busy) if job.name == jobs.TRY_AGAIN else job

    today.traveller.move_to(_at(FIRST, 0), tick=False)
    with SandboxServer(world, partial(dt.datetime.now, dt.UTC)) as server:
        monkeypatch.setenv("REMITWATCH_ALLOW_PRIVATE_ADDRESSES", "true")
        monkeypatch.setenv("REMITWATCH_COLLECT__CORRIDORS", "USA-MEX")
        monkeypatch.setenv("REMITWATCH_SCHEDULE__MONTHLY_DAY", "0")
        monkeypatch.setenv("REMITWATCH_SCHEDULE__QUARTERLY_DAY", "0")
        for key, url in server.base_urls.items():
            monkeypatch.setenv(f"REMITWATCH_SOURCES__{key.upper()}__BASE_URL", url)
            monkeypatch.setenv(f"REMITWATCH_SOURCES__{key.upper()}__PAUSE", "0")
        remitwatch("init", "--sandbox")
        hook = webhook(httpserver)
        for audience in ("readers", "operators"):
            route(monkeypatch, audience, url=hook.url, audience=audience, when="immediate")
        (remitwatch.home / "alerts.toml").write_text("".join(f"[rules.{key}]\nenabled = false\n" for key in LEFT_OUT))
        clockwork = Clockwork(_home(remitwatch), _loaded(), today.traveller, wrap=wrap)
        clockwork.run(_at(FIRST, 0), _at(DOWN[0], 0) - dt.timedelta(hours=4), lambda time: None)
        clockwork.run(_at(DOWN[1], 0) + dt.timedelta(hours=29), _at(LAST, 0) + dt.timedelta(days=1), lambda time: None)

    listed = remitwatch("alerts", "list", "--all", "--json").json
    alerts = sorted(
        (one["rule"], one["subject"], one["opened_at"][:10], (one["closed_at"] or "")[:10], one["told_at"] is not None)
        for one in listed
    )
    sent = remitwatch("alerts", "deliveries", "--json").json
    told = sorted((one["made_at"][:10], one["kind"], one["rule"], one["route"], one["alerts"]) for one in sent)
    assert (alerts, told) == (ALERTS, TOLD)
    assert {(one["state"], one["attempts"]) for one in sent} == {("sent", 1)}
    assert sorted(hook.taken) == sorted(one["key"] for one in sent)  # each once
