"""The clock: the next runs, one scheduler a home, gaps recorded, a clean stop on SIGTERM."""

import datetime as dt
import os
import subprocess
import sys
import threading
import time

import pytest
from apscheduler.events import EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobExecutionEvent, JobSubmissionEvent

from remitwatch import clock, jobs
from remitwatch.config import load
from remitwatch.errors import BusyError
from remitwatch.home import Home, only_writer
from remitwatch.pipeline import gaps, workspace
from scrapers import registry
from tests.journeys.stopping import stops


def _loaded():  # type: ignore[no-untyped-def]
    return load(None, os.environ, {}, frozenset(registry.definitions()))


def _home(remitwatch) -> Home:  # type: ignore[no-untyped-def]
    return Home(remitwatch.home, remitwatch.home / "remitwatch.toml")


def _runs(remitwatch, *arguments: str) -> list[tuple[str, str, str]]:  # type: ignore[no-untyped-def]
    """Source, status and reason of the runs, oldest first."""
    listed = remitwatch("runs", "list", *arguments, "--json").json
    return [(run["source"], run["status"], run["reason"]) for run in reversed(listed)]


def _work(remitwatch, name: str, stop: threading.Event | None = None):  # type: ignore[no-untyped-def]
    due, _ = jobs.jobs(_home(remitwatch), _loaded(), stop=stop)
    return next(job.work for job in due if job.name == name)


def test_the_dry_run_prints_the_next_run_of_every_job_in_utc(remitwatch, sandbox) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    jobs = {job["job"]: job["next_run"] for job in remitwatch("schedule", "--dry-run", "--json").json}
    planned = {job: at for job, at in jobs.items() if at is not None}  # sources without a sandbox are not asked here
    assert planned == {  # it is Friday 30 October 2026, 12:00 UTC
        "collect ecb": "2026-10-30T15:30:00Z",
        "collect transfergo": "2026-10-31T06:40:00Z",
        "collect wise_comparisons": "2026-10-31T06:10:00Z",
        "try again": "2026-10-30T12:50:00Z",
        "observe": "2026-10-30T18:30:00Z",
        "check": "2026-10-30T18:45:00Z",
        "publish": "2026-10-30T19:00:00Z",
        "tidy": "2026-10-31T03:10:00Z",
        "deliver": "2026-10-30T12:05:00Z",
        "publish month": "2026-11-02T19:00:00Z",
        "publish quarter": "2027-01-05T19:00:00Z",
    }


def test_days_are_names_so_that_monday_is_monday() -> None:
    job = jobs.Job("collect x", "06:00", ("mon",), lambda: None)
    sunday = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
    assert job.trigger.get_next_fire_time(None, sunday) == dt.datetime(2026, 11, 23, 6, tzinfo=dt.UTC)


def test_a_missed_day_is_a_gap_and_no_price_is_made_up(remitwatch, sandbox, today) -> None:  # type: ignore[no-untyped-def]
    remitwatch("collect")
    today.move(3)
    home = _home(remitwatch)
    with workspace.writing(home, _loaded()) as open_home:
        gaps.record_gaps(open_home)
        gaps.record_gaps(open_home)
    missed = [run for run in remitwatch("runs", "list", "--json").json if run["status"] == "missed"]
    days = {(run["source"], run["logical_date"], run["reason"], run["quotes"]) for run in missed}
    assert days == {
        (source, day, "gap", 0) for source in ("transfergo", "wise_comparisons") for day in ("2026-10-31", "2026-11-01")
    }
    assert len(missed) == 4
    status = remitwatch("status", "--json", code=None).json
    assert len(status["gaps"]) == 4


def test_a_gap_is_recorded_however_long_no_clock_ran(remitwatch, sandbox, today) -> None:  # type: ignore[no-untyped-def]
    remitwatch("collect", "transfergo")
    today.move(100)
    assert remitwatch("run", "--json", code=None).json["gaps"] == 99
    assert remitwatch("run", "--json", code=None).json["gaps"] == 0
    missed = [run["logical_date"] for run in remitwatch("runs", "list", "--limit", "500", "--json").json][1:-1]
    first = dt.date(2026, 10, 31)
    assert [day for day in reversed(missed) if day < "2027-02-07"] == [str(first + dt.timedelta(n)) for n in range(99)]


def test_a_second_scheduler_is_refused_and_the_first_stops_at_its_event(remitwatch, sandbox) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    home = _home(remitwatch)
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
        assert stops(child) == 143
    remitwatch("collect", "ecb")  # no lock is left


def test_a_source_that_failed_is_tried_again_until_its_day_is_done(remitwatch, sandbox, today, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    home = _home(remitwatch)
    good = os.environ["REMITWATCH_SOURCES__ECB__BASE_URL"]
    monkeypatch.setenv("REMITWATCH_SOURCES__ECB__BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("REMITWATCH_COLLECT__RETRIES", "0")
    today.move(4 / 24)  # 16:00, and it is due at 15:30
    remitwatch("init", "--sandbox")
    remitwatch("collect", "ecb", code=1)
    jobs.try_again(home, _loaded())
    monkeypatch.setenv("REMITWATCH_SOURCES__ECB__BASE_URL", good)
    jobs.try_again(home, _loaded())
    jobs.try_again(home, _loaded())
    runs = remitwatch("runs", "list", "--source", "ecb", "--json").json
    assert [run["status"] for run in reversed(runs)] == ["failed", "failed", "ok"]


def test_a_source_whose_job_was_lost_is_asked_within_the_hour_and_others_wait_for_their_time(  # type: ignore[no-untyped-def]
    remitwatch, sandbox, today
) -> None:
    remitwatch("init", "--sandbox")
    jobs.try_again(_home(remitwatch), _loaded())  # noon: ECB is due at 15:30, the others were in the morning
    assert sorted(_runs(remitwatch)) == [("transfergo", "ok", ""), ("wise_comparisons", "ok", "")]
    jobs.try_again(_home(remitwatch), _loaded())
    assert len(_runs(remitwatch)) == 2
    today.move(1)  # Saturday: no rates are published
    today.move(5 / 24)
    jobs.try_again(_home(remitwatch), _loaded())
    assert _runs(remitwatch, "--source", "ecb") == []


def test_a_source_is_tried_a_few_times_a_day_at_most(remitwatch, sandbox, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("REMITWATCH_SOURCES__TRANSFERGO__BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("REMITWATCH_COLLECT__RETRIES", "0")
    remitwatch("init", "--sandbox")
    for _ in range(jobs.ATTEMPTS_A_DAY + 2):
        jobs.try_again(_home(remitwatch), _loaded())
    runs = _runs(remitwatch, "--source", "transfergo")
    assert runs == [("transfergo", "failed", "unreachable")] * jobs.ATTEMPTS_A_DAY


def test_a_held_run_waits_for_a_person_and_is_not_asked_again(remitwatch, sandbox, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    from tests.journeys.faults import Spoiler

    few = Spoiler(sandbox.base_urls["transfergo"], lambda path, body: None if "toCurrencyCode=INR" in path else b"{}")
    with few:
        monkeypatch.setenv("REMITWATCH_SOURCES__TRANSFERGO__BASE_URL", few.url)
        remitwatch("collect", code=3)
        jobs.try_again(_home(remitwatch), _loaded())
    assert [status for _, status, _ in _runs(remitwatch, "--source", "transfergo")] == ["held"]


def test_a_morning_run_does_not_stand_for_the_rates_of_the_afternoon(remitwatch, sandbox, today) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    remitwatch("run")  # noon
    assert len(_runs(remitwatch, "--source", "ecb")) == 1
    today.move(3.6 / 24)  # 15:36
    _work(remitwatch, "collect ecb")()
    assert _runs(remitwatch, "--source", "ecb") == [("ecb", "ok", "")] * 2
    _work(remitwatch, "collect ecb")()
    remitwatch("run")
    jobs.try_again(_home(remitwatch), _loaded())
    assert len(_runs(remitwatch)) == 4  # what was asked after its time is done


@pytest.mark.parametrize("job", ["collect transfergo", "observe", "check", "publish"])
def test_a_job_waits_for_a_busy_home(remitwatch, sandbox, monkeypatch, job: str) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(jobs, "BUSY_PAUSE", 0.05)
    remitwatch("init", "--sandbox")
    if job != "collect transfergo":
        remitwatch("collect")
    if job == "publish":
        remitwatch("observe")
    errors: list[str] = []
    monkeypatch.setattr(jobs.log, "error", lambda message, *given: errors.append(message % given))
    work = threading.Thread(target=_work(remitwatch, job))
    with only_writer(_home(remitwatch), dt.datetime.now(dt.UTC)):
        work.start()
        time.sleep(0.3)
        assert work.is_alive()
    work.join(30)
    assert errors == []
    if job == "collect transfergo":
        assert _runs(remitwatch) == [("transfergo", "ok", "")]
    if job == "observe":
        assert remitwatch("indicators", "--json").json != []
    if job == "publish":
        assert (remitwatch.home / "editions" / "latest").exists()


def test_a_job_that_waits_gives_up_in_time_and_at_once_when_the_clock_stops(remitwatch, sandbox, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    errors: list[str] = []
    monkeypatch.setattr(jobs.log, "error", lambda message, *given: errors.append(message % given))
    stop = threading.Event()
    work = threading.Thread(target=_work(remitwatch, "check", stop))
    with only_writer(_home(remitwatch), dt.datetime.now(dt.UTC)):
        work.start()
        time.sleep(0.2)
        assert work.is_alive()
        stop.set()
        work.join(5)
        assert not work.is_alive()
        assert errors == []
        monkeypatch.setattr(jobs, "BUSY_PAUSE", 0.01)
        monkeypatch.setattr(jobs, "BUSY_SECONDS", 0.1)
        _work(remitwatch, "check")()
    assert len(errors) == 1
    assert "already in use by process" in errors[0]


def test_a_clock_that_starts_late_asks_what_was_due(remitwatch, sandbox) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    stop, started = threading.Event(), threading.Event()
    serving = threading.Thread(target=clock.serve, args=(_home(remitwatch), _loaded()), kwargs={"stop": stop})
    serving.start()
    try:
        deadline = time.monotonic() + 20
        while [status for _, status, _ in _runs(remitwatch)] != ["ok", "ok"] and time.monotonic() < deadline:
            started.wait(0.05)
    finally:
        stop.set()
        serving.join(10)
    assert sorted(_runs(remitwatch)) == [("transfergo", "ok", ""), ("wise_comparisons", "ok", "")]


def test_a_missed_job_is_filed_under_its_own_day(remitwatch, sandbox, today) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    due, _ = jobs.jobs(_home(remitwatch), _loaded())
    by_name = {job.name: job for job in due}
    evening = dt.datetime(2026, 10, 29, 23, 30, tzinfo=dt.UTC)

    def missed(source: str, when: dt.datetime, code: int = EVENT_JOB_MISSED) -> None:
        name = f"collect {source}"
        event = (
            JobExecutionEvent(code, name, "default", when)
            if code == EVENT_JOB_MISSED
            else JobSubmissionEvent(code, name, "default", [when])
        )
        clock.missed(_home(remitwatch), _loaded(), workspace.utc_now, by_name, event)

    missed("transfergo", evening)
    missed("wise_comparisons", evening, EVENT_JOB_MAX_INSTANCES)
    missed("ecb", today.now)  # its day is not over: it is asked again within the hour
    listed = remitwatch("runs", "list", "--json").json
    assert {(run["source"], run["logical_date"], run["status"], run["reason"]) for run in listed} == {
        ("transfergo", "2026-10-29", "missed", "gap"),
        ("wise_comparisons", "2026-10-29", "missed", "overlap"),
    }


def test_a_trial_or_an_import_does_not_fill_a_gap(remitwatch, sandbox, today, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    remitwatch("collect", "transfergo", code=None)
    today.move(1)
    home = _home(remitwatch)
    with workspace.writing(home, _loaded()) as open_home:
        run = open_home.store.start_run(
            source="transfergo", logical_date=open_home.today, kind="collect", started_at=open_home.now(), trial=True
        )
        assert run.trial
    today.move(1)
    with workspace.writing(home, _loaded()) as open_home:
        gaps.record_gaps(open_home)
    missed = [run for run in remitwatch("runs", "list", "--json").json if run["status"] == "missed"]
    assert [(run["source"], run["logical_date"]) for run in missed] == [("transfergo", "2026-10-31")]


def test_a_source_switched_off_while_the_clock_runs_is_not_asked(remitwatch, sandbox, today) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    work = _work(remitwatch, "collect transfergo")
    remitwatch("sources", "off", "transfergo", "--why", "they asked us")
    work()
    jobs.try_again(_home(remitwatch), _loaded())
    assert {source for source, _, _ in _runs(remitwatch)} == {"wise_comparisons"}
    remitwatch("sources", "on", "transfergo")
    jobs.try_again(_home(remitwatch), _loaded())
    assert ("transfergo", "ok", "") in _runs(remitwatch)
