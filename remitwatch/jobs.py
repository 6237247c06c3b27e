"""The jobs of the clock: what is done at which time (UTC). To add one is a line in `jobs`; remitwatch.clock runs them.

One job works at a time, and the home has one writer: a job waits for another process that writes there, and gives up
in the end. What a job did is one line.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from apscheduler.triggers.cron import CronTrigger

from remitwatch import memory
from remitwatch.config import Loaded
from remitwatch.errors import BusyError, RemitwatchError
from remitwatch.heartbeat import Outcome
from remitwatch.home import Home
from remitwatch.log_fields import log_fields
from remitwatch.pipeline import (
    checking,
    collecting,
    delivering,
    editions_due,
    gaps,
    metrics,
    observing,
    publishing,
    retention,
    workspace,
)
from remitwatch.pipeline.workspace import Now, Workspace, utc_now
from remitwatch.runs import CollectionRun, RunStatus
from remitwatch.sources import SourceDefinition
from reports.archive import read_archive
from scrapers import registry

log = logging.getLogger("remitwatch.schedule")

TRY_AGAIN = "try again"
ATTEMPTS_A_DAY = 4
BUSY_SECONDS = 15 * 60
"""How long a job waits for a home that another process writes."""
BUSY_PAUSE = 5.0
EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

WORKING = threading.Lock()
"""Held while a job works: the home has one writer."""
HOLDING = threading.Event()
"""Set while a job has the home open: then the runs that are open are its own."""


class StoppingError(Exception):
    """The clock stops, so no job begins any more."""


@dataclass(frozen=True)
class Done:
    """How a job ended, and what it did or which fault ended it, in a few words (none: it had nothing to do)."""

    outcome: Outcome
    message: str


@dataclass(frozen=True)
class Job:
    """One job: its name (`collect ecb`), its time in UTC (`06:10`; `hourly:50`, `hourly:*/5`), its days by name, its
    work. `month_days`: its days of the month, where those of the week do not count; `months`: of these months only."""

    name: str
    at: str
    days: tuple[str, ...]
    work: Callable[[], Done]
    note: str = ""
    source: str | None = None
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()

    @property
    def trigger(self) -> CronTrigger:
        """The time as a trigger. Days by name: the library's numbers count from Monday, cron's from Sunday."""
        hour, minute = self.at.split(":")
        fields: dict[str, Any] = {"minute": minute}
        if hour != "hourly":
            fields["hour"] = int(hour)
        if self.month_days:
            fields["day"] = ",".join(map(str, self.month_days))
        else:
            fields["day_of_week"] = ",".join(self.days)
        if self.months:
            fields["month"] = ",".join(map(str, self.months))
        return CronTrigger(timezone=dt.UTC, **fields)


Work = Callable[[Workspace, threading.Event], str]
"""What a job does with the open home, and what it says of it. It ends early once the event is set."""


def jobs(
    home: Home, loaded: Loaded, now: Now = utc_now, stop: threading.Event | None = None
) -> tuple[list[Job], list[Job]]:
    """The jobs of this home, and those that do not run yet (their note says why). Once `stop` is set a job ends early.
    Raises InputError without contact."""
    stop = stop or threading.Event()

    def job(name: str, at: str, work: Work, days: tuple[str, ...] = EVERY_DAY, **more: Any) -> Job:
        return Job(name, at, days, partial(_told, name, partial(_at_home, home, loaded, now, stop, work)), **more)

    with workspace.reading(home, loaded, now) as open_home:
        chosen, skipped = collecting.sources_to_ask(open_home)
    times = loaded.settings.schedule
    due = [_collection(home, loaded, now, stop, one) for one in chosen if one.schedule is not None]
    due += [
        job(TRY_AGAIN, "hourly:50", _try_again),
        job("observe", times.observe_at, _observe),
        job("check", times.check_at, _check),
        job("publish", times.publish_at, _publish),
        job("tidy", times.tidy_at, _tidy),
        Job("deliver", "hourly:*/5", EVERY_DAY, partial(_told, "deliver", partial(_deliver, home, loaded, now, stop))),
    ]
    if times.monthly_day:
        due.append(job("publish month", times.publish_at, _publish_due, month_days=(times.monthly_day,)))
    if times.quarterly_day:
        days, months = (times.quarterly_day,), editions_due.QUARTER_MONTHS
        due.append(job("publish quarter", times.publish_at, _publish_due, month_days=days, months=months))
    left_out = [
        Job(f"collect {one.source}", "00:00", EVERY_DAY, _nothing, f"not scheduled: {one.why}", one.source)
        for one in skipped
    ]
    return due, left_out


def at_start(open_home: Workspace, due: list[Job]) -> list[str]:
    """The names of the jobs that run once when a clock starts, in their order: what was missed is caught up, however
    often it was. Prices are not: `try again` asks for today only. To publish waits for its time where an edition was
    made since that time was last."""
    times = open_home.settings.schedule
    last = dt.datetime.combine(open_home.today, dt.time.fromisoformat(times.publish_at), tzinfo=dt.UTC)
    if open_home.now() < last:
        last -= dt.timedelta(days=1)
    made = [one.made_at for one in read_archive(open_home.home.editions, open_home.home.cache).editions]
    is_published = any(dt.datetime.fromisoformat(one) >= last for one in made) and not editions_due.due(open_home)
    first = [TRY_AGAIN, "observe", "check", *([] if is_published else ["publish"])]
    return [name for name in first if any(job.name == name for job in due)]


def try_again(home: Home, loaded: Loaded, now: Now = utc_now, stop: threading.Event | None = None) -> Done:
    """Ask every source whose time has come today and whose day is not done, a few times a day at most.

    A run that is held waits for a person: it is not asked for again.
    """
    return _told(TRY_AGAIN, partial(_at_home, home, loaded, now, stop or threading.Event(), _try_again))


def _nothing() -> Done:
    return Done("ok", "")


def _told(name: str, work: Callable[[], str]) -> Done:
    """Work, and say in one line of the log what was done. A fault is told, and the clock goes on."""
    with log_fields(job=name):
        return _done(name, work)


def _done(name: str, work: Callable[[], str]) -> Done:
    begun = time.monotonic()
    try:
        message = work()
    except RemitwatchError as error:
        log.error("%s: %s", name, error)
        return Done("failed", str(error))
    except StoppingError:
        log.info("%s: not begun, the clock stops", name)
        return Done("ok", "not begun, the clock stops")
    log.log(logging.INFO if message else logging.DEBUG, "%s: %s (%.1f s)", name, message, time.monotonic() - begun)
    return Done("ok", message)


def _at_home(home: Home, loaded: Loaded, now: Now, stop: threading.Event, work: Work) -> str:
    with opened(home, loaded, now, stop) as open_home:
        said = work(open_home, stop)
        metrics.keep(open_home)
        return said


@contextmanager
def opened(home: Home, loaded: Loaded, now: Now, stop: threading.Event) -> Iterator[Workspace]:
    """The home for one job, waited for while another process writes it. One job works at a time.

    Raises BusyError when the wait was in vain, and StoppingError when the clock stops before the job could begin.
    """
    give_up = time.monotonic() + BUSY_SECONDS
    while True:
        with ExitStack() as stack:
            stack.enter_context(WORKING)
            if stop.is_set():
                raise StoppingError
            try:
                open_home = stack.enter_context(workspace.writing(home, loaded, now))
            except BusyError as error:
                if time.monotonic() >= give_up:
                    raise
                log.info("waiting: %s", error)
            else:
                HOLDING.set()
                stack.callback(HOLDING.clear)
                yield open_home
                return
        stop.wait(BUSY_PAUSE)


def _collection(home: Home, loaded: Loaded, now: Now, stop: threading.Event, source: SourceDefinition) -> Job:
    schedule, name = source.schedule, f"collect {source.key}"
    assert schedule is not None

    def work() -> str:
        day = now().date()
        try:
            return _at_home(home, loaded, now, stop, partial(_collect, source.key))
        except BusyError:  # another process has the home: within the hour the source is asked again
            with workspace.beside(home, loaded) as store:
                store.record_missed(source.key, day, "overlap", now())
            raise

    return Job(
        name, schedule.at, schedule.days, partial(_told, name, work), source=source.key, month_days=schedule.month_days
    )


def _collect(key: str, open_home: Workspace, stop: threading.Event) -> str:
    why_not = collecting.why_not_asked(open_home, registry.definitions()[key], collecting.Decided.read(open_home))
    if why_not is not None:  # switched off since the clock started
        return f"not asked: {why_not}"
    done = collecting.collect(open_home, [key], only_undone=True, stop=stop.is_set)
    return ", ".join(_in_short(run) for run in done.runs) or "done already"


def _try_again(open_home: Workspace, stop: threading.Event) -> str:
    chosen, _ = collecting.sources_to_ask(open_home)
    due = [one.key for one in chosen if _is_overdue(open_home, one)]
    if not due:
        return ""
    runs = collecting.collect(open_home, due, only_undone=True, stop=stop.is_set).runs
    return ", ".join(f"{run.source} {_in_short(run)}" for run in runs)


def _is_overdue(open_home: Workspace, definition: SourceDefinition) -> bool:
    today = open_home.today
    due = collecting.due_at(definition, today)
    if due is None or open_home.now() < due or collecting.is_done(open_home, definition, today):
        return False
    runs = open_home.queries.runs(definition.key, today, today, trial=False, kind="collect")
    asked = [run for run in runs if run.status is not RunStatus.MISSED and run.started_at >= due]
    return len(asked) < ATTEMPTS_A_DAY and all(run.status is not RunStatus.HELD for run in asked)


def _in_short(run: CollectionRun) -> str:
    """`ok, 25 quotes`; `failed (unreachable)`."""
    counts = {"quotes": run.quotes, "rates": run.rates, "benchmarks": run.benchmarks, "flows": run.flows}
    brought = "".join(f", {count} {what}" for what, count in counts.items() if count)
    return f"{run.status.value}{f' ({run.reason})' if run.reason else ''}{brought}"


def _observe(open_home: Workspace, _stop: threading.Event) -> str:
    done = observing.observe(open_home)
    return f"{done.priced} quotes priced, {done.unpriced} without a rate in force"


def _check(open_home: Workspace, _stop: threading.Event) -> str:
    missed = gaps.record_gaps(open_home)
    found, evaluated = checking.check_and_alert(open_home)
    return f"{len(found)} findings; {evaluated.line}" + (f", {missed} days on which nobody asked" if missed else "")


def _publish(open_home: Workspace, stop: threading.Event) -> str:
    before = _publish_due(open_home, stop)
    edition = publishing.publish_if_any(open_home)
    memory.give_back(with_cycles=True)
    if edition is None:
        return "nothing, no figure is in force yet"
    return f"{f'{before}, ' if before else ''}edition {edition.name}{'' if edition.new else ' (unchanged)'}"


def _publish_due(open_home: Workspace, _stop: threading.Event) -> str:
    made = editions_due.publish_due(open_home)
    return ", ".join(f"edition {one.name}" for one in made)


def _tidy(open_home: Workspace, _stop: threading.Event) -> str:
    return retention.tidy(open_home).line


def _deliver(home: Home, loaded: Loaded, now: Now, stop: threading.Event) -> str:
    with workspace.reading(home, loaded, now) as open_home:  # mostly there is nothing: then nobody is kept waiting
        if not delivering.anything_to_do(open_home):
            return ""
    return _at_home(home, loaded, now, stop, lambda open_home, stop: delivering.deliver(open_home, stop.is_set).line)
