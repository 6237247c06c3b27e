"""The clock: one job a source at its UTC time, and the daily observe, check and publish. The work itself is elsewhere.

Jobs live in memory and are rebuilt from the sources' definitions at every start; what has run is known from the runs
table. A late job still runs (grace of hours), several late ones run once. Every hour the sources are asked whose day is
not done: their run failed, was lost to a busy home, or was due before the clock started. A day that is over without a
run is recorded as a gap. One scheduler holds the home; a second one stops at once.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
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
from remitwatch.locks import locked
from remitwatch.pipeline import checking, collecting, observing, publishing, workspace
from remitwatch.pipeline.workspace import Now, utc_now
from remitwatch.runs import RunStatus
from remitwatch.sources import SourceDefinition
from scrapers import registry

log = logging.getLogger("remitwatch.schedule")

STOP_SECONDS = 5
TRY_AGAIN = "try again"
ATTEMPTS_A_DAY = 4
BUSY_SECONDS = 15 * 60
"""How long a job waits for a home that another process writes."""
BUSY_PAUSE = 5.0

_WORKING = threading.Lock()
"""Held while a job works: the home has one writer."""
_HOLDING = threading.Event()
"""Set while a job has the home open: then the runs that are open are its own."""


class _StoppingError(Exception):
    """The clock stops, so no job begins any more."""


@dataclass(frozen=True)
class Job:
    """One job: its name (`collect ecb`), its time in UTC (`06:10`, `hourly:50`), its days by name, its work.
    `month_days`: its days of the month, where those of the week do not count."""

    name: str
    at: str
    days: tuple[str, ...]
    work: Callable[[], None]
    note: str = ""
    source: str | None = None
    month_days: tuple[int, ...] = ()

    @property
    def trigger(self) -> CronTrigger:
        """The time as a trigger. Days by name: the library's numbers count from Monday, cron's from Sunday."""
        hour, minute = self.at.split(":")
        every_hour = {} if hour == "hourly" else {"hour": int(hour)}
        days: dict[str, Any] = (
            {"day": ",".join(map(str, self.month_days))} if self.month_days else {"day_of_week": ",".join(self.days)}
        )
        return CronTrigger(minute=int(minute), timezone=dt.UTC, **days, **every_hour)


EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def jobs(
    home: Home, loaded: Loaded, now: Now = utc_now, stop: threading.Event | None = None
) -> tuple[list[Job], list[Job]]:
    """The jobs of this home, and those that do not run yet (their note says why). Once `stop` is set a job ends early.
    Raises InputError without contact."""
    stop = stop or threading.Event()
    with workspace.reading(home, loaded, now) as open_home:
        chosen, skipped = collecting.sources_to_ask(open_home)
    due = [
        Job(
            f"collect {one.key}",
            one.schedule.at,
            one.schedule.days,
            partial(_collect, home, loaded, now, stop, one.key),
            "",
            one.key,
            one.schedule.month_days,
        )
        for one in chosen
        if one.schedule is not None
    ]
    due.append(Job(TRY_AGAIN, "hourly:50", EVERY_DAY, partial(try_again, home, loaded, now, stop)))
    times = loaded.settings.schedule
    due += [
        Job("observe", times.observe_at, EVERY_DAY, partial(_observe, home, loaded, now, stop)),
        Job("check", times.check_at, EVERY_DAY, partial(_check, home, loaded, now, stop)),
        Job("publish", times.publish_at, EVERY_DAY, partial(_publish, home, loaded, now, stop)),
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
    with locked(home.root / "scheduler.lock", str(home.root), by="another scheduler, "):
        _on_signal(stopping, signals)
        try:
            with _opened(home, loaded, now, stopping) as open_home:
                record_gaps(open_home)
        except _StoppingError:
            return 128 + signals[0] if signals else 0
        due, left_out = jobs(home, loaded, now, stopping)
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
            # aside: it may have to wait for the home, and who hands out the events must not
            lambda event: threading.Thread(
                target=missed, args=(home, loaded, now, by_name, event, stopping), daemon=True
            ).start(),
            EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES,
        )
        clock.add_listener(_broke, EVENT_JOB_ERROR)
        for job in due:
            # what was due before the start is asked for now; the others wait for their time
            first = {"next_run_time": utc_now()} if job.name == TRY_AGAIN else {}
            clock.add_job(job.work, job.trigger, id=job.name, name=job.name, **first)
        clock.start()
        log.info("the clock runs: %d jobs; stop with SIGTERM", len(due))
        if started is not None:
            started.set()
        stopping.wait()
        clock.shutdown(wait=False)
        if not _WORKING.acquire(timeout=STOP_SECONDS - 2):
            # A request under way may take its whole deadline: what it would bring is thrown away.
            if _HOLDING.is_set():
                _interrupt(home, loaded, now)
            os._exit(128 + signals[0] if signals else 1)
        _WORKING.release()
    return 128 + signals[0] if signals else 0


def _interrupt(home: Home, loaded: Loaded, now: Now) -> None:
    """Say on the run that is cut short that it was, within a second or not at all (the next start says `aborted`)."""
    last_resort = threading.Timer(1, os._exit, (128 + signal.SIGTERM,))
    last_resort.start()
    Store(open_engine(workspace.database_url(home, loaded.settings))).abort_unfinished(now(), "interrupted")


def _on_signal(stopping: threading.Event, signals: list[int]) -> None:
    if threading.current_thread() is not threading.main_thread():
        return  # a clock in a thread is stopped by its event

    def stop(number: int, _frame: object) -> None:
        log.info("stopping on signal %d", number)
        signals.append(number)
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


@contextmanager
def _opened(home: Home, loaded: Loaded, now: Now, stop: threading.Event) -> Iterator[workspace.Workspace]:
    """The home for one job, waited for while another process writes it. One job works at a time.

    Raises BusyError when the wait was in vain, and _StoppingError when the clock stops before the job could begin.
    """
    give_up = time.monotonic() + BUSY_SECONDS
    while True:
        with ExitStack() as stack:
            stack.enter_context(_WORKING)
            if stop.is_set():
                raise _StoppingError
            try:
                open_home = stack.enter_context(workspace.writing(home, loaded, now))
            except BusyError as error:
                if time.monotonic() >= give_up:
                    raise
                log.info("waiting: %s", error)
            else:
                _HOLDING.set()
                stack.callback(_HOLDING.clear)
                yield open_home
                return
        stop.wait(BUSY_PAUSE)


def _collect(home: Home, loaded: Loaded, now: Now, stop: threading.Event, key: str) -> None:
    with _logged(f"collect {key}"), _opened(home, loaded, now, stop) as open_home:
        why_not = collecting.why_not_asked(open_home, registry.definitions()[key])
        if why_not is not None:  # switched off since the clock started
            log.warning("collect %s: not asked: %s", key, why_not)
            return
        collecting.collect(open_home, [key], only_undone=True, stop=stop.is_set)


def try_again(home: Home, loaded: Loaded, now: Now = utc_now, stop: threading.Event | None = None) -> None:
    """Ask every source whose time has come today and whose day is not done, a few times a day at most.

    A run that is held waits for a person: it is not asked for again.
    """
    stop = stop or threading.Event()
    with _logged(TRY_AGAIN), _opened(home, loaded, now, stop) as open_home:
        chosen, _ = collecting.sources_to_ask(open_home)
        due = [one.key for one in chosen if _is_overdue(open_home, one)]
        if due:
            collecting.collect(open_home, due, only_undone=True, stop=stop.is_set)


def _is_overdue(open_home: workspace.Workspace, definition: SourceDefinition) -> bool:
    today = open_home.today
    due = collecting.due_at(definition, today)
    if due is None or open_home.now() < due or collecting.is_done(open_home, definition, today):
        return False
    runs = open_home.queries.runs(definition.key, today, today, trial=False, kind="collect")
    asked = [run for run in runs if run.status is not RunStatus.MISSED and run.started_at >= due]
    return len(asked) < ATTEMPTS_A_DAY and all(run.status is not RunStatus.HELD for run in asked)


def _observe(home: Home, loaded: Loaded, now: Now, stop: threading.Event) -> None:
    with _logged("observe"), _opened(home, loaded, now, stop) as open_home:
        observing.observe(open_home)


def _check(home: Home, loaded: Loaded, now: Now, stop: threading.Event) -> None:
    with _logged("check"), _opened(home, loaded, now, stop) as open_home:
        record_gaps(open_home)
        checking.check_and_alert(open_home)


def _publish(home: Home, loaded: Loaded, now: Now, stop: threading.Event) -> None:
    with _logged("publish"), _opened(home, loaded, now, stop) as open_home:
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
    """A job that fails is logged and recorded by its run; the clock goes on."""
    try:
        yield
    except RemitwatchError as error:
        log.error("%s: %s", job, error)
    except _StoppingError:
        log.info("%s: not begun, the clock stops", job)


def _broke(event: JobExecutionEvent) -> None:
    """A fault of ours in a job: it is loud in the log, and the clock goes on."""
    log.critical("%s broke: %s\n%s", event.job_id, event.exception, event.traceback)


def missed(
    home: Home,
    loaded: Loaded,
    now: Now,
    by_name: Mapping[str, Job],
    event: JobExecutionEvent | JobSubmissionEvent,
    stop: threading.Event | None = None,
) -> None:
    """Note a job that did not run: the days that are over are recorded as missed. A day that is not over is not lost:
    within the hour the source is asked again."""
    job = by_name.get(event.job_id)
    log.error("%s: missed or overlapped", event.job_id)
    if job is None or job.source is None:
        return
    times = event.scheduled_run_times if isinstance(event, JobSubmissionEvent) else [event.scheduled_run_time]
    over = sorted({when.astimezone(dt.UTC).date() for when in times} - {now().date()})
    reason = "gap" if event.code == EVENT_JOB_MISSED else "overlap"
    if over:
        with _logged(event.job_id), _opened(home, loaded, now, stop or threading.Event()) as open_home:
            for day in over:
                open_home.store.record_missed(job.source, day, reason, open_home.now())
