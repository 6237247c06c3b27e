"""The scheduler of the clock driven by a given time: its own triggers, grace, coalescing and events, no thread."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import time_machine
from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.base import STATE_RUNNING, MaxInstancesReachedError

from remitwatch import clock, jobs
from remitwatch.config import Loaded
from remitwatch.home import Home
from remitwatch.jobs import Done, Job
from remitwatch.pipeline import gaps, workspace


class _Executor(DebugExecutor):
    """Works at once; a job that `busy` names on a day (`("collect ecb", 2024-03-01)`) is still at its work then."""

    def __init__(self, busy: Container[tuple[str, dt.date]]) -> None:
        super().__init__()
        self._busy = busy

    def submit_job(self, job: Any, run_times: list[dt.datetime]) -> None:
        if (job.id, run_times[-1].date()) in self._busy:
            raise MaxInstancesReachedError(job)
        super().submit_job(job, run_times)


@dataclass
class Clockwork:
    """One home's scheduler on a clock that is moved. `wrap` may put a job in the place of another."""

    home: Home
    loaded: Loaded
    traveller: time_machine.Traveller
    busy: Container[tuple[str, dt.date]] = ()
    wrap: Callable[[Job], Job] = lambda job: job

    def run(self, start: dt.datetime, end: dt.datetime, asleep: Callable[[dt.datetime], dt.datetime | None]) -> None:
        """Serve from `start` up to `end` as `clock.serve` does. `asleep` says of a time until when the machine sleeps
        instead of waking then (None: it wakes)."""
        self.traveller.move_to(start, tick=False)
        with workspace.writing(self.home, self.loaded) as open_home:
            gaps.record_gaps(open_home)
            due, _ = jobs.jobs(self.home, self.loaded)
            first = jobs.at_start(open_home, due)
        scheduler = clock.scheduler(self.loaded, _Executor(self.busy))
        clock.add_jobs(scheduler, [self.wrap(job) for job in due], first)
        clock.listen(
            scheduler,
            partial(clock.missed, self.home, self.loaded, workspace.utc_now, {job.name: job for job in due}),
        )
        scheduler.start(paused=True)  # its thread sleeps: this one drives it
        scheduler.state = STATE_RUNNING
        try:
            while True:
                scheduler._process_jobs()
                coming = min(job.next_run_time for job in scheduler.get_jobs())
                wake = asleep(coming) or coming
                if wake >= end:
                    return
                self.traveller.move_to(wake, tick=False)
        finally:
            scheduler.shutdown(wait=False)


def only(job: Job, wanted: Callable[[dt.datetime], bool]) -> Job:
    """The job, at those of its times only that are wanted; at the others it does nothing."""

    def work() -> Done:
        return job.work() if wanted(dt.datetime.now(dt.UTC)) else Done("ok", "")

    return replace(job, work=work)
