"""The clock: runs the jobs at their times in UTC, one scheduler a home and a database. The jobs are in remitwatch.jobs.

Jobs live in memory and are rebuilt from the sources' definitions at every start; what has run is known from the runs
table. A late collection still runs (grace of hours), other late jobs always; several late ones run once. Every hour the
sources are asked whose day is not done: their run failed, was lost to a busy home, or was due before the clock started.
A day that is over without a run is recorded as a gap, a time at which the source was still being asked as an overlap.
Every minute the clock says in the home that it runs (remitwatch.heartbeat). A second scheduler stops at once.
"""

from __future__ import annotations

import datetime as dt
import os
import signal
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    JobExecutionEvent,
    JobSubmissionEvent,
)
from apscheduler.executors.base import BaseExecutor
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from db.engine import Leader, open_engine
from remitwatch import heartbeat
from remitwatch.config import Loaded, secret_values
from remitwatch.errors import BusyError, RemitwatchError
from remitwatch.heartbeat import Heartbeat, Outcome
from remitwatch.home import Home, make_folders
from remitwatch.jobs import HOLDING, WORKING, Done, Job, StoppingError, at_start, jobs, log, opened
from remitwatch.locks import locked
from remitwatch.pipeline import gaps, workspace
from remitwatch.pipeline.workspace import Now, utc_now
from scrapers.redact import strip_values

STOP_SECONDS = 5


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
    after a signal, else 0. Raises BusyError when another scheduler holds the home or its database, at the start or once
    the database server has forgotten that this one does."""
    stopping = stop or threading.Event()
    signals: list[int] = []
    make_folders(home)
    engine = open_engine(workspace.database_url(home, loaded.settings))
    since = f" since {now():%Y-%m-%d %H:%M:%S} UTC"
    scheduler_lock = locked(home.root / "scheduler.lock", str(home.root), by="another scheduler, ", since=since)
    with scheduler_lock, Leader(engine, now()) as leader:
        _on_signal(stopping, signals)
        try:
            with opened(home, loaded, now, stopping) as open_home:
                gaps.record_gaps(open_home)
                due, left_out = jobs(home, loaded, now, stopping)
                first = at_start(open_home, due)
        except StoppingError:
            return 128 + signals[0] if signals else 0
        for job in left_out:
            log.warning("%s: %s", job.name, job.note)
        # one worker: the home has one writer, so a job waits for the one before it instead of failing
        clock = scheduler(loaded, ThreadPoolExecutor(1))
        pulse = Pulse(home, loaded, now, clock)
        ended_by: list[BusyError] = []

        def lead() -> None:
            try:
                leader.check()
            except BusyError as error:
                ended_by.append(error)
                stopping.set()
                raise

        add_jobs(clock, [replace(job, work=partial(pulse.work, job, lead)) for job in due], first)
        note = partial(missed, home, loaded, now, {job.name: job for job in due})
        # aside: it may have to wait for a writer, and who hands out the events must not
        listen(clock, lambda event: threading.Thread(target=note, args=(event,), daemon=True).start())
        clock.start()
        log.info("the clock runs: %d jobs; stop with SIGTERM", len(due))
        pulse.beat()
        if started is not None:
            started.set()
        while not stopping.wait(heartbeat.EVERY_SECONDS):
            pulse.beat()
            clock.wakeup()  # the time may have been set on while it slept
        clock.shutdown(wait=False)
        pulse.beat(stopped=True)
        if not WORKING.acquire(timeout=STOP_SECONDS - 2):
            # A request under way may take its whole deadline: what it would bring is thrown away.
            if HOLDING.is_set():
                _interrupt(home, loaded, now)
            os._exit(128 + signals[0] if signals else 1)
        WORKING.release()
        if ended_by:
            raise ended_by[0]
    engine.dispose()
    return 128 + signals[0] if signals else 0


def scheduler(loaded: Loaded, executor: BaseExecutor) -> BackgroundScheduler:
    """A scheduler without jobs, in UTC: late ones run within their grace, several once, none beside itself."""
    return BackgroundScheduler(
        jobstores={"default": MemoryJobStore()},
        executors={"default": executor},
        job_defaults={
            "coalesce": True,
            "max_instances": 1,
            "misfire_grace_time": int(loaded.settings.schedule.grace_hours * 3600),
        },
        timezone=dt.UTC,
    )


def add_jobs(clock: BackgroundScheduler, due: Sequence[Job], first: Sequence[str]) -> None:
    """Give a scheduler its jobs; those named in `first` run at once, in that order, and then at their times."""
    start = utc_now()
    at_once = {name: start + dt.timedelta(microseconds=number) for number, name in enumerate(first)}
    for job in due:
        given: dict[str, Any] = {"next_run_time": at_once[job.name]} if job.name in at_once else {}
        if job.source is None:  # a price is of its time; what is made from prices is caught up, however late
            given["misfire_grace_time"] = None
        clock.add_job(job.work, job.trigger, id=job.name, name=job.name, **given)


def listen(clock: BackgroundScheduler, note: Callable[[JobExecutionEvent | JobSubmissionEvent], None]) -> None:
    """Have told what the scheduler could not do: `note` of jobs missed or overlapped, the log of broken ones."""
    clock.add_listener(note, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
    clock.add_listener(_broke, EVENT_JOB_ERROR)


class Pulse:
    """What the clock is doing, and its heartbeat in the home. No secret of the settings stands in it."""

    def __init__(self, home: Home, loaded: Loaded, now: Now, clock: BackgroundScheduler) -> None:
        self._home = home
        self._secrets = secret_values(loaded.settings)
        self._now = now
        self._clock = clock
        self._writing = threading.Lock()
        self._beat = Heartbeat(os.getpid(), socket.gethostname(), since=now(), at=now())

    def work(self, job: Job, lead: Callable[[], None]) -> Done:
        """Do the job's work between two beats, once `lead` has made sure that this is the one scheduler."""
        self.beat(working=job.name, working_since=self._now())
        try:
            lead()
            done = job.work()
        except RemitwatchError as error:
            log.error("%s: %s", job.name, error)
            done = Done("failed", str(error))
        except Exception as error:  # loud in the log by its listener
            self.ended(job.name, "broke", f"{type(error).__name__}: {error}")
            raise
        self.ended(job.name, done.outcome, done.message)
        return done

    def ended(self, name: str, outcome: Outcome, message: str) -> None:
        """Note how a job ended."""
        self.beat(
            working=None,
            working_since=None,
            last_job=name,
            last_at=self._now(),
            last_outcome=outcome,
            last_message=strip_values(message, self._secrets),
        )

    def beat(self, **changed: Any) -> None:
        """Write the heartbeat. A disk that does not take it is told in the log: the clock goes on."""
        coming = [job for job in self._clock.get_jobs() if job.next_run_time is not None]
        following = min(coming, key=lambda job: (job.next_run_time, job.id), default=None)
        with self._writing:
            self._beat = replace(
                self._beat,
                at=self._now(),
                next_job=None if following is None else following.id,
                next_at=None if following is None else following.next_run_time,
                **changed,
            )
            try:
                heartbeat.write(self._home, self._beat)
            except OSError as error:
                log.warning("%s: cannot be written: %s", heartbeat.path_of(self._home), error.strerror or error)


def _interrupt(home: Home, loaded: Loaded, now: Now) -> None:
    """Say on the run that is cut short that it was, within a second or not at all (the next start says `aborted`)."""
    last_resort = threading.Timer(1, os._exit, (128 + signal.SIGTERM,))
    last_resort.start()
    with workspace.beside(home, loaded) as store:
        store.abort_unfinished(now(), "interrupted")


def _on_signal(stopping: threading.Event, signals: list[int]) -> None:
    if threading.current_thread() is not threading.main_thread():
        return  # a clock in a thread is stopped by its event

    def stop(number: int, _frame: object) -> None:
        log.info("stopping on signal %d", number)
        signals.append(number)
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def _broke(event: JobExecutionEvent) -> None:
    """A fault of ours in a job: it is loud in the log, and the clock goes on."""
    log.critical("%s broke: %s\n%s", event.job_id, event.exception, event.traceback)


def missed(
    home: Home,
    loaded: Loaded,
    now: Now,
    by_name: Mapping[str, Job],
    event: JobExecutionEvent | JobSubmissionEvent,
) -> None:
    """Note that a source was not asked at its time: because it still was (`overlap`), or, where the day is over,
    because the clock did not come to it (`gap`). A day that is not over is not lost: it is asked again within the hour.
    """
    is_overlap = event.code == EVENT_JOB_MAX_INSTANCES
    job = by_name.get(event.job_id)
    if job is None or job.source is None:
        log.info("%s: %s", event.job_id, "still at work, not begun again" if is_overlap else "too late, left out")
        return
    log.error("%s: not asked at its time: %s", job.name, "it still is" if is_overlap else "the clock came too late")
    times = event.scheduled_run_times if isinstance(event, JobSubmissionEvent) else [event.scheduled_run_time]
    days = sorted({when.astimezone(dt.UTC).date() for when in times} - (set() if is_overlap else {now().date()}))
    try:
        with workspace.beside(home, loaded) as store:
            for day in days:
                store.record_missed(job.source, day, "overlap" if is_overlap else "gap", now())
    except RemitwatchError as error:
        log.error("%s: %s", job.name, error)
