"""The clock: one job a source at its UTC time, and the daily observe, check and publish. The work itself is elsewhere.

Jobs live in memory and are rebuilt from the sources' definitions at every start; what has run is known from the runs
table. A late job still runs (grace of hours), several late ones run once, a missed one is recorded as a gap. One
scheduler holds the home; a second one stops at once.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    JobExecutionEvent,
    JobSubmissionEvent,
)
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from db.engine import open_engine
from db.store import Store
from remitwatch.config import Loaded
from remitwatch.errors import BusyError, RemitwatchError
from remitwatch.home import Home, make_folders
from remitwatch.pipeline import checking, collecting, observing, publishing, workspace
from remitwatch.pipeline.workspace import Now, utc_now
from remitwatch.runs import RunStatus

log = logging.getLogger("remitwatch.schedule")

STOP_SECONDS = 5
ATTEMPTS_A_DAY = 4


@dataclass(frozen=True)
class Job:
    """One job: its name (`collect ecb`), its time in UTC (`06:10`, `hourly:50`), its days by name, its work."""

    name: str
    at: str
    days: tuple[str, ...]
    work: Callable[[], None]
    note: str = ""
    source: str | None = None

    @property
    def trigger(self) -> CronTrigger:
        """The time as a trigger. Days by name: the library's numbers count from Monday, cron's from Sunday."""
        hour, minute = self.at.split(":")
        every_hour = {} if hour == "hourly" else {"hour": int(hour)}
        return CronTrigger(day_of_week=",".join(self.days), minute=int(minute), timezone=dt.UTC, **every_hour)


EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def jobs(home: Home, loaded: Loaded, now: Now = utc_now) -> tuple[list[Job], list[Job]]:
    """The jobs of this home, and those that do not run yet (their note says why). Raises InputError without contact."""
    with workspace.reading(home, loaded, now) as open_home:
        chosen, skipped = collecting.sources_to_ask(open_home)
    due = [
        Job(
            f"collect {one.key}",
            one.schedule.at,
            one.schedule.days,
            _collector(home, loaded, now, one.key),
            "",
            one.key,
        )
        for one in chosen
        if one.schedule is not None
    ]
    due.append(Job("try again", "hourly:50", EVERY_DAY, lambda: try_again(home, loaded, now)))
    times = loaded.settings.schedule
    due += [
        Job("observe", times.observe_at, EVERY_DAY, lambda: _observe(home, loaded, now)),
        Job("check", times.check_at, EVERY_DAY, lambda: _check(home, loaded, now)),
        Job("publish", times.publish_at, EVERY_DAY, lambda: _publish(home, loaded, now)),
    ]
    left_out = [
        Job(f"collect {one.source}", "00:00", EVERY_DAY, lambda: None, f"not scheduled: {one.why}", one.source)
        for one in skipped
    ]
    return due, left_out


def next_runs(home: Home, loaded: Loaded, now: Now = utc_now) -> list[dict[str, Any]]:
    """The next run of every job as {job, next_run (UTC), note}, soonest first; jobs that do not run yet come last."""
    due, left_out = jobs(home, loaded, now)
    rows = [{"job": job.name, "next_run": job.trigger.get_next_fire_time(None, now()), "note": job.note} for job in due]
    rows.sort(key=lambda row: (row["next_run"], row["job"]))
    return rows + [{"job": job.name, "next_run": None, "note": job.note} for job in left_out]


def serve(
    home: Home,
    loaded: Loaded,
    now: Now = utc_now,
    stop: threading.Event | None = None,
    started: threading.Event | None = None,
) -> int:
    """Run the clock until SIGTERM, SIGINT or `stop`; `started` is set once it runs. Returns the exit code: 143 or 130
    after a signal, else 0. Raises BusyError when another scheduler holds the home."""
    stopping = stop or threading.Event()
    signals: list[int] = []
    make_folders(home)
    with _leader(home):
        with workspace.writing(home, loaded, now) as open_home:
            record_gaps(open_home)
        due, left_out = jobs(home, loaded, now)
        for job in left_out:
            log.warning("%s: %s", job.name, job.note)
        clock = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            # one worker: the home has one writer, so a job waits for the one before it instead of failing
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={
                "coalesce": True,
                "max_instances": 1,
                "misfire_grace_time": int(loaded.settings.schedule.grace_hours * 3600),
            },
            timezone=dt.UTC,
        )
        by_name = {job.name: job for job in due}
        clock.add_listener(
            lambda event: _missed(home, loaded, now, by_name, event), EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES
        )
        clock.add_listener(_broke, EVENT_JOB_ERROR)
        for job in due:
            clock.add_job(job.work, job.trigger, id=job.name, name=job.name)
        _on_signal(stopping, signals)
        clock.start()
        log.info("the clock runs: %d jobs; stop with SIGTERM", len(due))
        if started is not None:
            started.set()
        stopping.wait()
        clock.shutdown(wait=False)
        if not _WORKING.acquire(timeout=STOP_SECONDS - 2):
            # A request under way may take its whole deadline: what it would bring is thrown away.
            _interrupt(home, loaded, now)
            os._exit(128 + signals[0] if signals else 1)
        _WORKING.release()
    return 128 + signals[0] if signals else 0


_WORKING = threading.Lock()
"""Held while a job works: the home has one writer."""


def _interrupt(home: Home, loaded: Loaded, now: Now) -> None:
    """Say on the run that is cut short that it was, within a second or not at all (the next start says `aborted`)."""
    last_resort = threading.Timer(1, os._exit, (128 + signal.SIGTERM,))
    last_resort.start()
    Store(open_engine(workspace.database_url(home, loaded.settings))).abort_unfinished(now(), "interrupted")


def _on_signal(stopping: threading.Event, signals: list[int]) -> None:
    if threading.current_thread() is not threading.main_thread():
        return  # tests run the clock in a thread and stop it by its event

    def stop(number: int, _frame: object) -> None:
        log.info("stopping on signal %d", number)
        signals.append(number)
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


@contextmanager
def _leader(home: Home) -> Iterator[None]:
    handle = os.open(home.root / "scheduler.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(f"{home.root}: another scheduler already runs this home") from None
        yield
    finally:
        os.close(handle)


def _collector(home: Home, loaded: Loaded, now: Now, key: str) -> Callable[[], None]:
    def work() -> None:
        with _logged(f"collect {key}"), workspace.writing(home, loaded, now) as open_home:
            collecting.collect(open_home, [key], only_undone=True)

    return work


def try_again(home: Home, loaded: Loaded, now: Now = utc_now) -> None:
    """Ask the sources whose run of today brought nothing acceptable once more, a few times a day at most."""
    with _logged("try again"), workspace.writing(home, loaded, now) as open_home:
        chosen, _ = collecting.sources_to_ask(open_home)
        due = [one.key for one in chosen if _failed_today(open_home, one.key)]
        if due:
            collecting.collect(open_home, due, only_undone=True)


def _failed_today(open_home: workspace.Workspace, key: str) -> bool:
    runs = open_home.queries.runs(source=key, since=open_home.today, until=open_home.today)
    asked = [run for run in runs if not run.trial and run.status is not RunStatus.HELD]
    return 0 < len(asked) < ATTEMPTS_A_DAY and not any(run.accepted for run in asked)


def _observe(home: Home, loaded: Loaded, now: Now) -> None:
    with _logged("observe"), workspace.writing(home, loaded, now) as open_home:
        observing.observe(open_home)


def _check(home: Home, loaded: Loaded, now: Now) -> None:
    with _logged("check"), workspace.writing(home, loaded, now) as open_home:
        record_gaps(open_home)
        checking.check(open_home)


def _publish(home: Home, loaded: Loaded, now: Now) -> None:
    with _logged("publish"), workspace.writing(home, loaded, now) as open_home:
        publishing.publish_if_any(open_home)


def record_gaps(open_home: workspace.Workspace) -> None:
    """Record the scheduled days of the last month on which a source was not asked at all, since its first run."""
    chosen, _ = collecting.sources_to_ask(open_home)
    for definition in chosen:
        first = open_home.queries.first_run_date(definition.key)
        if first is not None:
            collecting.record_gaps(open_home, [definition], max(first, open_home.today - dt.timedelta(days=31)))


@contextmanager
def _logged(job: str) -> Iterator[None]:
    """A job that fails is logged and recorded by its run; the clock goes on. One job works at a time."""
    with _WORKING:
        try:
            yield
        except RemitwatchError as error:
            log.error("%s: %s", job, error)


def _broke(event: JobExecutionEvent) -> None:
    """A fault of ours in a job: it is loud in the log, and the clock goes on."""
    log.critical("%s broke: %s\n%s", event.job_id, event.exception, event.traceback)


def _missed(
    home: Home, loaded: Loaded, now: Now, by_name: dict[str, Job], event: JobExecutionEvent | JobSubmissionEvent
) -> None:
    job = by_name.get(event.job_id)
    log.error("%s: missed or overlapped", event.job_id)
    if job is None or job.source is None:
        return
    reason = "gap" if event.code == EVENT_JOB_MISSED else "overlap"
    with _logged(event.job_id), workspace.writing(home, loaded, now) as open_home:
        open_home.store.record_missed(job.source, open_home.today, reason, open_home.now())
