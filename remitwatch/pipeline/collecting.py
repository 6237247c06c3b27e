"""Ask the sources: which are due, what is asked of them, side by side by host, each run judged and stored."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from remitwatch import quality
from remitwatch.corridors import Corridor, corridor, watched_corridors
from remitwatch.errors import InputError
from remitwatch.pipeline.asking import client_for, is_live
from remitwatch.pipeline.inquiring import Inquiries, make_inquiries
from remitwatch.pipeline.workspace import Workspace
from remitwatch.runs import CollectionRun, Harvest, RunStatus, Verdict
from remitwatch.sources import SourceDefinition, SourceKind
from scrapers import registry, runner
from scrapers.http import HttpClient

log = logging.getLogger("remitwatch.collect")

PRICES = (SourceKind.QUOTES, SourceKind.SURVEYS)
FIRST_SPAN_DAYS = 80
"""How far back rates are asked the first time: within what daily sources answer in one small file."""
RECENT_RUNS = 7


@dataclass(frozen=True)
class Skipped:
    """A source that was not asked, and why."""

    source: str
    why: str


@dataclass(frozen=True)
class Collected:
    """What a collection did: the finished runs in source order, and the sources that were not asked."""

    runs: tuple[CollectionRun, ...]
    skipped: tuple[Skipped, ...]


def sources_to_ask(workspace: Workspace, keys: Sequence[str] = ()) -> tuple[list[SourceDefinition], list[Skipped]]:
    """The sources to ask, and those left out with the reason.

    Named sources are asked even when unverified (their run is a trial). Raises InputError for an unknown or
    switched-off name, for a source that is read from a file, and for live sources without `contact`.
    """
    known = registry.definitions()
    chosen: list[SourceDefinition] = []
    skipped: list[Skipped] = []
    for key in keys or known:
        if key not in known:
            raise InputError(f"unknown source {key!r}: expected one of {', '.join(known)}")
        definition = known[key]
        why = _why_not(workspace, definition, named=bool(keys))
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


def _why_not(workspace: Workspace, definition: SourceDefinition, *, named: bool) -> str | None:
    if definition.method == "file":
        return "is read from a file: use `remitwatch import`"
    if not workspace.settings.source(definition.key).enabled:
        return f"is switched off in the settings (sources.{definition.key}.enabled)"
    if not is_live(workspace, definition):
        return None
    if workspace.world == "sandbox":
        return "is a live source and this is a sandbox home"
    if definition.terms.verdict == "off" or (definition.terms.verdict == "ask" and not definition.terms.permission):
        return f"may not be collected (terms: {definition.terms.verdict})"
    if not named and not is_verified(workspace, definition):
        return f"has not been verified: `remitwatch sources verify {definition.key}` asks it once and shows the answer"
    return None


def is_verified(workspace: Workspace, definition: SourceDefinition) -> bool:
    """Whether figures of this source may be published: seen live in its cases, verified by an operator, or pointed at
    this machine (sandbox, tests)."""
    if definition.verified or not is_live(workspace, definition):
        return True
    return definition.key in workspace.store.verified_sources()


def collect(
    workspace: Workspace,
    keys: Sequence[str] = (),
    corridors: Sequence[str] = (),
    *,
    since: dt.date | None = None,
    until: dt.date | None = None,
    only_undone: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Collected:
    """Ask the sources now; each source is one run, judged and stored whole.

    `since`/`until` ask for past dates, of sources that answer for the past only. `only_undone` leaves out sources
    that already have an accepted run for the day. Rates are asked before prices, because a send amount may need one.
    """
    definitions, skipped = sources_to_ask(workspace, keys)
    logical_date = until or workspace.today
    if logical_date != workspace.today or since is not None:
        for definition in [one for one in definitions if not one.answers_for_the_past]:
            if keys:
                raise InputError(f"{definition.key}: prices cannot be collected for the past, only for today")
            skipped.append(Skipped(definition.key, "prices cannot be collected for the past"))
        definitions = [one for one in definitions if one.answers_for_the_past]
    if only_undone:
        definitions = [d for d in definitions if workspace.queries.accepted_run(d.key, logical_date) is None]
    watched = watched_by(workspace, corridors)
    runs: list[CollectionRun] = []
    with client_for(workspace) as client:
        for group in (
            [d for d in definitions if d.kind not in PRICES],
            [d for d in definitions if d.kind in PRICES],
        ):
            asked = [_Asked.prepare(workspace, d, watched, since, logical_date) for d in group]
            runs += _ask_side_by_side(workspace, client, asked, progress)
    return Collected(tuple(runs), tuple(skipped))


def watched_by(workspace: Workspace, corridors: Sequence[str] = ()) -> list[Corridor]:
    """The corridors to ask for: those named, else the setting, else the shipped list."""
    return [corridor(key) for key in corridors or workspace.settings.collect.corridors or watched_corridors()]


@dataclass(frozen=True)
class _Asked:
    """One source with its run opened and its questions ready."""

    definition: SourceDefinition
    run: CollectionRun
    inquiries: Inquiries
    since: dt.date
    until: dt.date

    @classmethod
    def prepare(
        cls,
        workspace: Workspace,
        definition: SourceDefinition,
        watched: Sequence[Corridor],
        since: dt.date | None,
        until: dt.date,
    ) -> _Asked:
        inquiries = Inquiries((), ())
        if definition.kind in PRICES:
            inquiries = make_inquiries(workspace, watched, definition.send_amounts, until)
        run = workspace.store.start_run(
            source=definition.key,
            logical_date=until,
            kind="collect",
            started_at=workspace.now(),
            trial=not is_verified(workspace, definition),
        )
        return cls(definition, run, inquiries, since or first_missing_day(workspace, definition, until), until)


def first_missing_day(workspace: Workspace, definition: SourceDefinition, until: dt.date) -> dt.date:
    """The day after the newest rate held from this source, at most `FIRST_SPAN_DAYS` back."""
    held = workspace.queries.newest_rate_date(definition.key)
    earliest = until - dt.timedelta(days=FIRST_SPAN_DAYS)
    return min(until, max(earliest, held + dt.timedelta(days=1))) if held else earliest


def _ask_side_by_side(
    workspace: Workspace, client: HttpClient, asked: Sequence[_Asked], progress: Callable[[str], None] | None
) -> list[CollectionRun]:
    """Different hosts side by side; sources of one host one after the other. Stored in the order given."""
    by_host: dict[str, list[_Asked]] = {}
    for one in asked:
        by_host.setdefault(_host(workspace, one.definition), []).append(one)
    if not by_host:
        return []

    def ask_host(group: Sequence[_Asked]) -> dict[int, Harvest]:
        return {one.run.id: _ask(workspace, client, one, progress) for one in group}

    pool = ThreadPoolExecutor(max_workers=min(16, len(by_host)), thread_name_prefix="host")
    try:
        futures: list[Future[dict[int, Harvest]]] = [pool.submit(ask_host, group) for group in by_host.values()]
        harvests = {run: harvest for future in futures for run, harvest in future.result().items()}
    finally:
        # Not waited for: after a signal the process ends at once, and a request may take its whole deadline.
        pool.shutdown(wait=False, cancel_futures=True)
    return [_store(workspace, one, harvests[one.run.id]) for one in asked]


def _host(workspace: Workspace, definition: SourceDefinition) -> str:
    base = workspace.settings.source(definition.key).base_url
    return urlsplit(base).netloc if base else definition.hosts[0]


def _ask(workspace: Workspace, client: HttpClient, asked: _Asked, progress: Callable[[str], None] | None) -> Harvest:
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
    )


def _store(workspace: Workspace, asked: _Asked, harvest: Harvest) -> CollectionRun:
    recent = workspace.queries.runs(source=asked.definition.key, accepted=True, limit=RECENT_RUNS)
    verdict = quality.judge(harvest, asked.definition, recent)
    verdict = Verdict(verdict.status, verdict.reason, verdict.issues + asked.inquiries.issues)
    run = workspace.store.finish_run(asked.run.id, harvest, verdict, workspace.now())
    log.info("%s %s: %s %s, %d quotes", run.source, run.logical_date, run.status.value, run.reason, run.quotes)
    return run


def record_gaps(workspace: Workspace, definitions: Iterable[SourceDefinition], since: dt.date) -> int:
    """Record every scheduled day since `since` (and before today) on which a source has no run at all as missed.

    Prices are never collected for the past: a missed day is a gap that reports show. Returns how many were recorded.
    """
    recorded = 0
    for definition in definitions:
        if definition.schedule is None:
            continue
        day = since
        while day < workspace.today:
            due = day.strftime("%a").lower() in definition.schedule.days
            if due and not workspace.queries.runs(source=definition.key, since=day, until=day, limit=1):
                recorded += workspace.store.record_missed(definition.key, day, "gap", workspace.now())
            day += dt.timedelta(days=1)
    return recorded


def exit_code(collected: Collected) -> int:
    """0 when every run is ok, 1 when none brought anything, 3 when some failed or were held."""
    statuses = [run.status for run in collected.runs]
    if all(status is RunStatus.OK for status in statuses):
        return 0
    good = any(status in (RunStatus.OK, RunStatus.PARTIAL, RunStatus.HELD) for status in statuses)
    return 3 if good else 1
