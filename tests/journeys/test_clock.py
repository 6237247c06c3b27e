"""The clock: the next runs, one scheduler a home, gaps recorded, a clean stop on SIGTERM."""

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from remitwatch import clock
from remitwatch.config import load
from remitwatch.errors import BusyError
from remitwatch.home import Home
from scrapers import registry


def _loaded():  # type: ignore[no-untyped-def]
    return load(None, os.environ, {}, frozenset(registry.definitions()))


def test_the_dry_run_prints_the_next_run_of_every_job_in_utc(remitwatch, sandbox) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    jobs = {job["job"]: job["next_run"] for job in remitwatch("schedule", "--dry-run", "--json").json}
    assert jobs == {  # it is Friday 30 October 2026, 12:00 UTC
        "collect ecb": "2026-10-30T15:30:00Z",
        "collect transfergo": "2026-10-31T06:40:00Z",
        "collect wise_comparisons": "2026-10-31T06:10:00Z",
        "try again": "2026-10-30T12:50:00Z",
        "observe": "2026-10-30T18:30:00Z",
        "check": "2026-10-30T18:45:00Z",
        "publish": "2026-10-30T19:00:00Z",
    }


def test_days_are_names_so_that_monday_is_monday() -> None:
    job = clock.Job("collect x", "06:00", ("mon",), lambda: None)
    sunday = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
    assert job.trigger.get_next_fire_time(None, sunday) == dt.datetime(2026, 11, 23, 6, tzinfo=dt.UTC)


def test_a_missed_day_is_a_gap_and_no_price_is_made_up(remitwatch, sandbox, today) -> None:  # type: ignore[no-untyped-def]
    remitwatch("collect")
    today.move(3)
    from remitwatch.pipeline import workspace

    home = Home(remitwatch.home, remitwatch.home / "remitwatch.toml")
    with workspace.writing(home, _loaded()) as open_home:
        clock.record_gaps(open_home)
        clock.record_gaps(open_home)
    missed = [run for run in remitwatch("runs", "list", "--json").json if run["status"] == "missed"]
    days = {(run["source"], run["logical_date"], run["reason"], run["quotes"]) for run in missed}
    assert days == {
        (source, day, "gap", 0) for source in ("transfergo", "wise_comparisons") for day in ("2026-10-31", "2026-11-01")
    }
    assert len(missed) == 4
    status = remitwatch("status", "--json", code=None).json
    assert len(status["gaps"]) == 4


def test_a_second_scheduler_is_refused_and_the_first_stops_at_its_event(remitwatch, sandbox) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    home = Home(remitwatch.home, remitwatch.home / "remitwatch.toml")
    stop, started = threading.Event(), threading.Event()
    errors: list[BaseException] = []

    def run() -> None:
        try:
            clock.serve(home, _loaded(), stop=stop, started=started)
        except BaseException as error:  # seen by the assertion below
            errors.append(error)
            started.set()

    thread = threading.Thread(target=run)
    thread.start()
    assert started.wait(20)
    assert errors == []
    with pytest.raises(BusyError, match="another scheduler"):
        clock.serve(home, _loaded(), stop=stop)
    begun = time.monotonic()
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert time.monotonic() - begun < 5
    assert errors == []


def test_sigterm_stops_the_daemon_within_five_seconds_with_143(remitwatch, sandbox) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    command = [sys.executable, "scheduler.py", "--home", str(remitwatch.home), "-v"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ) as child:
        assert child.stderr is not None
        for line in child.stderr:
            if "the clock runs" in line:
                break
        begun = time.monotonic()
        child.send_signal(signal.SIGTERM)
        assert child.wait(10) == 143
        assert time.monotonic() - begun < 5
    remitwatch("collect", "ecb")  # no lock is left


def test_a_source_that_failed_is_tried_again_until_its_day_is_done(remitwatch, sandbox, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    home = Home(remitwatch.home, remitwatch.home / "remitwatch.toml")
    good = os.environ["REMITWATCH_SOURCES__ECB__BASE_URL"]
    monkeypatch.setenv("REMITWATCH_SOURCES__ECB__BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("REMITWATCH_COLLECT__RETRIES", "0")
    remitwatch("init", "--sandbox")
    remitwatch("collect", "ecb", code=1)
    clock.try_again(home, _loaded())
    monkeypatch.setenv("REMITWATCH_SOURCES__ECB__BASE_URL", good)
    clock.try_again(home, _loaded())
    clock.try_again(home, _loaded())
    runs = remitwatch("runs", "list", "--source", "ecb", "--json").json
    assert [run["status"] for run in reversed(runs)] == ["failed", "failed", "ok"]
