"""400 days of the clock, a leap day among them: its own triggers and bookkeeping on a given time, and the sandbox."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from remitwatch import jobs
from remitwatch.jobs import Job
from remitwatch.pipeline import publishing
from remitwatch.pipeline.publishing import Edition
from remitwatch.pipeline.workspace import Workspace
from scrapers import registry
from scrapers.sandbox import SandboxServer, World
from tests.journeys.clockwork import Clockwork, only
from tests.journeys.test_clock import _home, _loaded

pytestmark = pytest.mark.slow

FIRST = dt.date(2024, 1, 15)
LAST = FIRST + dt.timedelta(days=399)
SOURCES = ("ecb", "transfergo", "wise_comparisons")


def _at(day: dt.date, hour: int) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), tzinfo=dt.UTC)


def _days(first: dt.date, last: dt.date) -> list[dt.date]:
    return [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]


# What happens to the clock. The sources' own faults are the sandbox's script: TransferGo is down for two days, Wise's
# comparison answers with a challenge page for one.
DOWN = (dt.date(2024, 7, 2), dt.date(2024, 7, 4))
"""The scheduler is down: the day of the monthly edition passes meanwhile."""
OVERLAP, OVERLAP_ALL_DAY = dt.date(2024, 8, 7), dt.date(2024, 8, 14)
"""TransferGo's run of the day before still goes on at its time: for an hour, and until the day is over."""
ASLEEP = {dt.date(2024, 9, 3): 10, dt.date(2024, 9, 10): 15, dt.date(2024, 9, 17): 33}
"""The machine sleeps from 05:00 to this hour: within the grace, past it, and into the next day."""
BUSY = {("collect transfergo", OVERLAP), ("collect transfergo", OVERLAP_ALL_DAY), (jobs.TRY_AGAIN, OVERLAP_ALL_DAY)}


def _asleep(time: dt.datetime) -> dt.datetime | None:
    for day, hour in ASLEEP.items():
        if _at(day, 5) <= time < _at(day, 0) + dt.timedelta(hours=hour):
            return _at(day, 0) + dt.timedelta(hours=hour)
    return None


def _expected(world: World) -> dict[tuple[str, dt.date], list[tuple[str, str]]]:
    """Every run that there must be: by source and day its attempts, each with status and reason."""
    ok, runs = ("ok", ""), {}
    for key in SOURCES:
        schedule = registry.definitions()[key].schedule
        assert schedule is not None
        for day in _days(FIRST, LAST):
            if schedule.falls_on(day):
                runs[key, day] = [ok]
    for fault in world.faults:
        assert fault.source is not None
        for day in fault.days:
            runs[fault.source, day] = [("failed", fault.reason)] * jobs.ATTEMPTS_A_DAY
    for key in SOURCES:
        for day in _days(*DOWN):
            runs[key, day] = [("missed", "gap")]
    runs["transfergo", OVERLAP] = [("missed", "overlap"), ok]
    runs["transfergo", OVERLAP_ALL_DAY] = [("missed", "overlap")]
    for key in SOURCES:
        runs[key, dt.date(2024, 9, 17)] = [("missed", "gap")]
    return runs


@pytest.mark.long
def test_400_days(remitwatch, today, monkeypatch, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    world = World(last_day=LAST)
    published: dict[str, list[dt.datetime]] = defaultdict(list)

    def publish(open_home: Workspace, *, period: str = "latest") -> Edition:
        """In the place of the pages, which other tests make: a manifest."""
        now = open_home.now()
        key = str(now.date()) if period == "latest" else period
        folder = open_home.home.editions / f"{key}-1"
        folder.mkdir(exist_ok=True)
        content = {"period": key, "number": 1, "world": "", "made_at": now.isoformat(), "digest": "", "bases": []}
        (folder / "manifest.json").write_text(json.dumps(content))
        published[period].append(now)
        return Edition(folder.name, folder, new=True)

    monkeypatch.setattr(publishing, "publish", publish)
    faults = {day for fault in world.faults for day in fault.days}
    watched_closely = {*faults, *_days(DOWN[0], DOWN[1] + dt.timedelta(days=1)), OVERLAP, OVERLAP_ALL_DAY, *ASLEEP}

    def wanted(time: dt.datetime) -> bool:
        return time.hour in (0, 23) or time.date() in watched_closely

    def wrap(job: Job) -> Job:
        if job.name == "deliver":  # no route is set: that nothing waits needs no asking 288 times a day
            return replace(job, at="19:55")
        return only(job, wanted) if job.name == jobs.TRY_AGAIN else job  # elsewhere it has nothing to do: half the time

    today.traveller.move_to(_at(FIRST, 0), tick=False)
    with SandboxServer(world, partial(dt.datetime.now, dt.UTC)) as server:
        monkeypatch.setenv("REMITWATCH_ALLOW_PRIVATE_ADDRESSES", "true")
        monkeypatch.setenv("REMITWATCH_COLLECT__CORRIDORS", "GBR-IND")
        for key, url in server.base_urls.items():
            monkeypatch.setenv(f"REMITWATCH_SOURCES__{key.upper()}__BASE_URL", url)
            monkeypatch.setenv(f"REMITWATCH_SOURCES__{key.upper()}__PAUSE", "0")
        remitwatch("init", "--sandbox")
        clockwork = Clockwork(_home(remitwatch), _loaded(), today.traveller, BUSY, wrap)
        clockwork.run(_at(FIRST, 0), _at(DOWN[0], 0) - dt.timedelta(hours=4), _asleep)
        clockwork.run(_at(DOWN[1], 0) + dt.timedelta(hours=29), _at(LAST, 0) + dt.timedelta(days=1), _asleep)

    ledger: dict[tuple[str, dt.date], list[tuple[str, str]]] = defaultdict(list)
    runs = remitwatch("runs", "list", "--limit", "5000", "--json").json
    for run in reversed(runs):
        assert run["attempt"] == len(ledger[run["source"], dt.date.fromisoformat(run["logical_date"])]) + 1
        ledger[run["source"], dt.date.fromisoformat(run["logical_date"])].append((run["status"], run["reason"]))
    expected = _expected(world)
    assert ledger["transfergo", dt.date(2024, 2, 29)] == [("ok", "")]
    assert {key: ledger.get(key) for key in {*ledger, *expected} if ledger.get(key) != expected.get(key)} == {}
    # An edition a day whenever a clock ran, one more when it started or woke again; of months and quarters one each.
    awake = {*_days(FIRST, LAST)} - {*_days(*DOWN), dt.date(2024, 9, 17)}
    assert {time.date() for time in published["latest"]} == awake
    twice = {dt.date(2024, 7, 5), dt.date(2024, 9, 18), FIRST}
    assert sorted(time.date() for time in published.pop("latest")) == sorted([*awake, *twice])
    assert {period: [f"{time:%Y-%m-%d %H}" for time in times] for period, times in published.items()} == {
        **{f"2024-{month:02}": [f"2024-{month + 1:02}-02 19"] for month in (1, 2, 3, 4, 5, 7, 8, 9, 10, 11)},
        "2024-06": ["2024-07-05 05"],  # no clock ran from the second to the fourth
        "2024-12": ["2025-01-02 19"],
        "2025-01": ["2025-02-02 19"],
        "2024-Q1": ["2024-04-05 19"],
        "2024-Q2": ["2024-07-05 05"],
        "2024-Q3": ["2024-10-05 19"],
        "2024-Q4": ["2025-01-05 19"],
    }
