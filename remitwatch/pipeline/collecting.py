"""Ask the sources: which are due, what is asked of them, side by side by host, each run judged and stored."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from remitwatch import quality
from remitwatch.corridors import Corridor, corridor, watched_corridors
from remitwatch.errors import FetchError, InputError, RemitwatchError, StorageError
from remitwatch.log_fields import log_fields
from remitwatch.pipeline import importing, releases
from remitwatch.pipeline.asking import INTERRUPTED, Halt, client_for, is_live
from remitwatch.pipeline.inquiring import Inquiries, make_inquiries
from remitwatch.pipeline.workspace import Workspace, is_loopback
from remitwatch.runs import CollectionRun, Harvest, Issue, RunStatus, Snapshot, Switch, Verdict
from remitwatch.sources import SourceDefinition, SourceKind
from scrapers import registry, runner
from scrapers.conditional import HeldAnswers
from scrapers.http import HttpClient

log = logging.getLogger("remitwatch.collect")

PRICES = (SourceKind.QUOTES, SourceKind.SURVEYS)
RELEASED = (SourceKind.SURVEYS, SourceKind.FLOWS)
"""What comes whole now and then: a new release takes the place of the one before."""
FIRST_SPAN_DAYS = 80
"""How far back rates are asked the first time: within what daily sources answer in one small file."""
MOST_HOSTS = 64
"""So many hosts are asked side by side: each thread only waits for its own."""
CLOCK_OFF = dt.timedelta(minutes=5)
"""Further apart than this, the machine's clock and a source's are worth a warning."""


@dataclass(frozen=True)
class Skipped:
    """A source that was not asked, and why."""

    source: str
    why: str


def in_short(skipped: Sequence[Skipped]) -> list[str]:
    """The sources that were not asked, a line a reason: `bcra, cbk, cbn and 12 more: has not been verified ...`."""
    by_reason: dict[str, list[Skipped]] = {}
    for one in skipped:
        by_reason.setdefault(one.why.replace(one.source, "KEY").replace(one.source.upper(), "KEY"), []).append(one)
    lines = []
    for reason, some in by_reason.items():
        if len(some) == 1:
            lines.append(f"{some[0].source}: {some[0].why}")
            continue
        names = ", ".join(one.source for one in some[:3])
        lines.append(f"{names}{f' and {len(some) - 3} more' if len(some) > 3 else ''}: {reason}")
    return lines


@dataclass(frozen=True)
class Collected:
    """What a collection did: the finished runs in source order, the sources that could not be asked, and the keys of
    those that are done already."""

    runs: tuple[CollectionRun, ...]
    skipped: tuple[Skipped, ...]
    done: tuple[str, ...] = ()


def sources_to_ask(workspace: Workspace, keys: Sequence[str] = ()) -> tuple[list[SourceDefinition], list[Skipped]]:
    """The sources to ask, and those left out with the reason.

    Named sources are asked even when unverified (their run is a trial). Raises InputError for an unknown or
    switched-off name, for a source that is read from a file, and for live sources without `contact`.
    """
    known, decided = registry.definitions(), Decided.read(workspace)
    chosen: list[SourceDefinition] = []
    skipped: list[Skipped] = []
    for key in keys or known:
        if key not in known:
            raise InputError(f"unknown source {key!r}: expected one of {', '.join(known)}")
        definition = known[key]
        why = why_not_asked(workspace, definition, decided, named=bool(keys))
        if why is None:
            chosen.append(definition)
        elif keys:
            raise InputError(f"{key}: {why}")
        elif definition.method != "file":
            skipped.append(Skipped(key, why))
    live = [definition.key for definition in chosen if is_live(workspace, definition)]
    if live and not workspace.settings.contact:
        raise InputError(
            f"contact is not set: {', '.join(live)} must be told who asks. Set `contact` (a URL or e-mail address) in "
            f"{workspace.home.config} or REMITWATCH_CONTACT"
        )
    return chosen, skipped


@dataclass(frozen=True)
class Decided:
    """What operators have decided about sources: those that are switched off, with the switch; those that are verified,
    when and by whom. Read once for all sources that are looked at."""

    switched_off: Mapping[str, Switch]
    verified: Mapping[str, tuple[dt.datetime, str]]

    @classmethod
    def read(cls, workspace: Workspace) -> Decided:
        """As it stands now."""
        return cls(workspace.store.switched_off(), workspace.store.verified_sources())


def why_not_asked(
    workspace: Workspace, definition: SourceDefinition, decided: Decided, *, named: bool = False
) -> str | None:
    """Why a source is not asked, in words that follow its key; None where it is. `named`: by its name, as a trial if
    need be."""
    if definition.method == "file":
        return "is read from a file: use `remitwatch import`"
    off = why_off(workspace, definition, decided)
    if off is not None:
        return off
    if not is_live(workspace, definition):
        return None
    if workspace.world == "sandbox":
        return "is a live source and this is a sandbox home"
    if definition.token_header is not None and workspace.settings.source(definition.key).token is None:
        key = definition.key
        return f"needs a key of your own: set sources.{key}.token or REMITWATCH_SOURCES__{key.upper()}__TOKEN"
    if not named and not is_verified(workspace, definition, decided):
        return f"has not been verified: `remitwatch sources verify {definition.key}` asks it once and shows the answer"
    return None


def why_off(workspace: Workspace, definition: SourceDefinition, decided: Decided) -> str | None:
    """What keeps a source off, in words that follow its key: the settings, an operator, or its terms. None where
    nothing does.

    A source whose verdict is `ask` is off until a permission is stated, in its definition or in the settings. A server
    of our own needs none.
    """
    settings = workspace.settings.source(definition.key)
    if not settings.enabled:
        return f"is switched off in the settings (sources.{definition.key}.enabled)"
    switch = decided.switched_off.get(definition.key)
    if switch is not None:
        said = f"is switched off by {switch.who} since {switch.at:%Y-%m-%d} ({switch.why})"
        return f"{said}: `remitwatch sources on {definition.key}` asks it again"
    if settings.base_url is not None and is_loopback(settings.base_url):
        return None
    if definition.terms.verdict == "off":
        return "may not be collected (terms: off)"
    if definition.terms.verdict == "ask" and not (definition.terms.permission.strip() or settings.permission.strip()):
        return (
            "is off: its terms say to ask first. Once its owner allows it, state who and when in "
            f"sources.{definition.key}.permission"
        )
    return None


def is_verified(workspace: Workspace, definition: SourceDefinition, decided: Decided) -> bool:
    """Whether figures of this source may be published: seen live in its cases, verified by an operator, or pointed at
    this machine (sandbox, tests)."""
    if definition.verified or not is_live(workspace, definition):
        return True
    return definition.key in decided.verified


def due_at(definition: SourceDefinition, day: dt.date) -> dt.datetime | None:
    """When a source is to be asked on a day, in UTC; None where nothing is scheduled for that day."""
    schedule = definition.schedule
    if schedule is None or not schedule.falls_on(day):
        return None
    return dt.datetime.combine(day, dt.time.fromisoformat(schedule.at), tzinfo=dt.UTC)


def is_done(workspace: Workspace, definition: SourceDefinition, day: dt.date) -> bool:
    """Whether a source need not be asked for a day now: it has an accepted run, begun at its time if that has come.

    What was asked in the morning does not stand for rates that come out in the afternoon. On a day for which nothing is
    scheduled an accepted run of its last cadence does.
    """
    due = due_at(definition, day)
    if due is None and definition.schedule is not None:
        since = day - dt.timedelta(days=definition.schedule.cadence_days - 1)
        key = definition.key
        return bool(workspace.queries.runs(key, since, day, accepted=True, trial=False, kind="collect", limit=1))
    run = workspace.queries.accepted_run(definition.key, day)
    return run is not None and (due is None or workspace.now() < due or run.started_at >= due)


def collect(
    workspace: Workspace,
    keys: Sequence[str] = (),
    corridors: Sequence[str] = (),
    *,
    since: dt.date | None = None,
    until: dt.date | None = None,
    only_undone: bool = False,
    progress: Callable[[str], None] | None = None,
    stop: Callable[[], bool] | None = None,
    budget_minutes: float | None = None,
) -> Collected:
    """Ask the sources now; each source is one run, judged, and stored whole as soon as it ends.

    `since`/`until` ask for past dates, of sources that answer for the past only. `only_undone` leaves out sources that
    are done for the day (`is_done`). Rates are asked before prices, because a send amount may need one. When `stop`
    says so nothing more is asked, and what is not asked to its end is a failed run (`interrupted`). Nor is anything
    asked after `budget_minutes` (None: the setting): what is not asked to its end by then, or not at all, is a failed
    run (`out_of_time`) that can be asked for again. A request under way ends by its own deadline.

    A source whose asking or storing breaks is a failed run; the others are asked all the same, and the first such
    error is raised at the end.
    """
    definitions, skipped = sources_to_ask(workspace, keys)
    logical_date = until or workspace.today
    if logical_date != workspace.today or since is not None:
        for definition in [one for one in definitions if not one.answers_for_the_past]:
            if keys:
                raise InputError(f"{definition.key}: prices cannot be collected for the past, only for today")
            skipped.append(Skipped(definition.key, "prices cannot be collected for the past"))
        definitions = [one for one in definitions if one.answers_for_the_past]
    done = [d.key for d in definitions if only_undone and is_done(workspace, d, logical_date)]
    definitions = [d for d in definitions if d.key not in done]
    watched = watched_by(workspace, corridors)
    budget = budget_minutes or workspace.settings.collect.budget_minutes
    halt, decided = Halt(stop, budget * 60), Decided.read(workspace)
    ended: list[_Ended] = []
    with client_for(workspace, halt.sleep) as client:
        for group in (
            [d for d in definitions if d.kind not in PRICES],
            [d for d in definitions if d.kind in PRICES],
        ):
            if not halt.stopped:
                asked = [_Asked.prepare(workspace, d, decided, watched, since, logical_date) for d in group]
                ended += _ask_side_by_side(workspace, client, asked, progress, halt)
    for one in ended:
        if one.error is not None:
            raise one.error
    return Collected(tuple(one.run for one in ended), tuple(skipped), tuple(done))


def watched_by(workspace: Workspace, corridors: Sequence[str] = ()) -> list[Corridor]:
    """The corridors to ask for: those named, else the setting, else the shipped list."""
    return [corridor(key) for key in corridors or workspace.settings.collect.corridors or watched_corridors()]


@dataclass(frozen=True)
class _Asked:
    """One source with its run opened and its questions ready. `begun` is when it was opened, on the clock that nobody
    sets (`time.monotonic`)."""

    definition: SourceDefinition
    run: CollectionRun
    begun: float
    inquiries: Inquiries
    since: dt.date
    until: dt.date
    requests_left: int | None
    known: Mapping[str, CollectionRun]
    held: HeldAnswers | None

    @classmethod
    def prepare(
        cls,
        workspace: Workspace,
        definition: SourceDefinition,
        decided: Decided,
        watched: Sequence[Corridor],
        since: dt.date | None,
        until: dt.date,
    ) -> _Asked:
        inquiries = Inquiries((), ())
        if definition.kind is SourceKind.QUOTES:
            inquiries = make_inquiries(workspace, watched, definition.send_amounts, until)
        left = requests_left(workspace, definition)
        trial = not is_verified(workspace, definition, decided)
        is_survey = definition.kind is SourceKind.SURVEYS
        known = workspace.queries.contexts_held(definition.key, trial=trial) if is_survey else {}
        run = workspace.store.start_run(
            source=definition.key,
            logical_date=until,
            kind="collect",
            started_at=workspace.now(),
            trial=trial,
        )
        first = since or first_missing_day(workspace, definition, until)
        held = held_answers(workspace, definition)
        return cls(definition, run, time.monotonic(), inquiries, first, until, left, known, held)


def requests_left(workspace: Workspace, definition: SourceDefinition) -> int | None:
    """How many requests a source may still be troubled with today; None where it has no daily budget.

    Every answer of today's runs counts, trials and refusals too; what nobody answered has troubled nobody.
    """
    budget = workspace.settings.source(definition.key).daily_budget or definition.daily_budget
    if budget is None:
        return None
    today = dt.datetime.combine(workspace.today, dt.time(), tzinfo=dt.UTC)
    return max(0, budget - workspace.queries.answers_since(definition.key, today))


def held_answers(workspace: Workspace, definition: SourceDefinition) -> HeldAnswers | None:
    """What a source that is asked conditionally is told to be held; None for another one."""
    if not definition.conditional:
        return None
    return HeldAnswers(workspace.queries.conditional_snapshots(definition.key), workspace.archive)


def first_missing_day(workspace: Workspace, definition: SourceDefinition, until: dt.date) -> dt.date:
    """The day after the newest rate held from this source, at most `FIRST_SPAN_DAYS` back."""
    earliest = until - dt.timedelta(days=FIRST_SPAN_DAYS)
    held = workspace.queries.newest_rate_date(definition.key, earliest)
    return min(until, max(earliest, held + dt.timedelta(days=1))) if held else earliest


@dataclass(frozen=True)
class _Ended:
    """A run as it was stored, and the error that made it fail where it was none of the source's."""

    run: CollectionRun
    error: BaseException | None = None


def _ask_side_by_side(
    workspace: Workspace,
    client: HttpClient,
    asked: Sequence[_Asked],
    progress: Callable[[str], None] | None,
    halt: Halt,
) -> list[_Ended]:
    """Different hosts side by side; sources of one host one after the other. Each run is stored when it ends, by this
    thread; the order of the result is the order given."""
    by_host: dict[str, list[_Asked]] = {}
    for one in asked:
        by_host.setdefault(_host(workspace, one.definition), []).append(one)
    if not by_host:
        return []
    pool = ThreadPoolExecutor(max_workers=min(MOST_HOSTS, len(by_host)), thread_name_prefix="host")
    ended: dict[int, _Ended] = {}

    def begin(one: _Asked) -> Future[Harvest]:
        return pool.submit(copy_context().run, _ask, workspace, client, one, progress, halt)

    try:
        going = {begin(group[0]): group for group in by_host.values()}
        while going:
            ready, _ = wait(going, return_when=FIRST_COMPLETED)
            for future in ready:
                one, *others = going.pop(future)
                if others:
                    going[begin(others[0])] = others
                with log_fields(run=one.run.id, source=one.run.source):
                    ended[one.run.id] = _end(workspace, one, future, halt)
    except Exception:  # whatever it is, the home must not be given back while somebody still asks
        halt.set()
        pool.shutdown(wait=True, cancel_futures=True)
        raise
    except BaseException:  # a signal: not waited for, a request under way may take its whole deadline
        halt.set()
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return [ended[one.run.id] for one in asked]


def _host(workspace: Workspace, definition: SourceDefinition) -> str:
    base = workspace.settings.source(definition.key).base_url
    return urlsplit(base).netloc if base else definition.hosts[0]


def _ask(
    workspace: Workspace, client: HttpClient, asked: _Asked, progress: Callable[[str], None] | None, halt: Halt
) -> Harvest:
    with log_fields(run=asked.run.id, source=asked.run.source):
        return runner.collect(
            registry.scraper(asked.definition.key),
            asked.inquiries.inquiries,
            client=client,
            archive=workspace.archive,
            now=workspace.now,
            world=workspace.world,
            since=asked.since,
            until=asked.until,
            run_label=f"{asked.run.logical_date}/{asked.definition.key}-{asked.run.attempt}",
            progress=progress,
            requests_left=asked.requests_left,
            stop=halt,
            known=asked.known,
            tables=asked.definition.kind is SourceKind.SURVEYS,
            held=asked.held,
        )


def _end(workspace: Workspace, asked: _Asked, future: Future[Harvest], halt: Halt) -> _Ended:
    """Store what came. What broke instead is the end of this run only. Raises when not even that can be stored."""
    error = future.exception()
    if error is None:
        try:
            return _Ended(_store(workspace, asked, future.result()))
        except Exception as broke:  # whatever is wrong with this run, the others must not lose theirs
            error = broke
    if isinstance(error, FetchError) and error.reason == INTERRUPTED:
        run = _store_failure(workspace, asked, halt.why, ())
        log.warning("%s %s: cut short: %s", run.source, run.logical_date, run.reason)
        return _Ended(run)
    ours = None if isinstance(error, RemitwatchError) else error
    log.error("%s %s: broke off: %s", asked.run.source, asked.run.logical_date, error, exc_info=ours)
    reason = "storage" if isinstance(error, StorageError | OSError) else "broke"
    message = f"{asked.run.source}: the run broke off: {error or type(error).__name__}"
    issue = Issue(level="error", code="failed_run", source=asked.run.source, message=message)
    return _Ended(_store_failure(workspace, asked, reason, (issue,)), error)


def _store_failure(workspace: Workspace, asked: _Asked, reason: str, issues: tuple[Issue, ...]) -> CollectionRun:
    now = _ended_at(workspace, asked)
    nothing = Harvest(asked.run.source, asked.run.started_at, now)
    return workspace.store.finish_run(asked.run.id, nothing, Verdict(RunStatus.FAILED, reason, issues), now)


def _store(workspace: Workspace, asked: _Asked, harvest: Harvest) -> CollectionRun:
    releases.leave_out_known(workspace, asked.run.source, harvest)
    harvest.reconciliation = importing.reconciled(harvest, workspace)
    recent = workspace.queries.runs(
        source=asked.definition.key, accepted=True, trial=False, kind="collect", limit=quality.RECENT_RUNS
    )
    verdict = quality.judge(harvest, asked.definition, recent)
    if asked.definition.kind in RELEASED:
        verdict = releases.judge_release(workspace, harvest, verdict, list(asked.known.values()))
    issues = (*verdict.issues, *asked.inquiries.issues, *clock_apart(harvest))
    verdict = Verdict(verdict.status, verdict.reason, issues)
    file = releases.released_file(harvest)
    run = workspace.store.finish_run(asked.run.id, harvest, verdict, _ended_at(workspace, asked), file=file)
    log.info("%s %s: %s %s, %d quotes", run.source, run.logical_date, run.status.value, run.reason, run.quotes)
    return run


def _ended_at(workspace: Workspace, asked: _Asked) -> dt.datetime:
    """When a run ends, never before it began: by the clock; where that was set meanwhile, by the time that it took."""
    began, now = asked.run.started_at, workspace.now()
    took = dt.timedelta(seconds=time.monotonic() - asked.begun)
    if abs(now - began - took) <= CLOCK_OFF:
        return max(began, now)
    log.warning("%s: the clock was set from %s to %s while it was asked", asked.run.source, began + took, now)
    return began + took


def clock_apart(harvest: Harvest) -> list[Issue]:
    """One warning where every answer that says its time (header Date, with the Age of a kept answer) is further than
    `CLOCK_OFF` from this machine's clock: then days and ages of prices may be wrong."""
    apart = [_apart(snapshot) for snapshot in harvest.snapshots]
    told = [one for one in apart if one is not None]
    least = min(told, key=abs, default=dt.timedelta(0))
    if abs(least) <= CLOCK_OFF:
        return []
    ahead = "ahead of" if least > dt.timedelta(0) else "behind"
    message = f"this machine's clock is {ahead} that of {harvest.source}: check the time service of this machine"
    minutes = round(abs(least).total_seconds() / 60)
    log.warning("%s (by %d minutes)", message, minutes)
    return [
        Issue(level="warning", code="clock_apart", source=harvest.source, message=message, record=f"{minutes} minutes")
    ]


def _apart(snapshot: Snapshot) -> dt.timedelta | None:
    try:
        said = parsedate_to_datetime(snapshot.headers["date"])
        age = dt.timedelta(seconds=int(snapshot.headers.get("age", "0")))
    except (KeyError, ValueError, OverflowError):
        return None
    return None if said.tzinfo is None else snapshot.fetched_at - said - age


def exit_code(collected: Collected) -> int:
    """0 when every run is ok, 1 when none brought anything, 3 when some failed or were held."""
    statuses = [run.status for run in collected.runs]
    if all(status is RunStatus.OK for status in statuses):
        return 0
    good = any(status in (RunStatus.OK, RunStatus.PARTIAL, RunStatus.HELD) for status in statuses)
    return 3 if good else 1
