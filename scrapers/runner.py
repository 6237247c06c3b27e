"""Runs one source: ask, archive, parse, isolate, count -> Harvest. Knows no database and judges nothing."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import urlsplit

from remitwatch.errors import FetchError, InputError, StorageError
from remitwatch.failures import STOPS_HOST
from remitwatch.quotes import Inquiry
from remitwatch.runs import Harvest, Snapshot
from remitwatch.sources import OF_A_SPAN, SourceDefinition
from scrapers.archive import FILE_METHOD, SANDBOX_HEADER, Archive, run_label
from scrapers.base import Request, Response, Scraper, describe
from scrapers.conditional import NOT_MODIFIED, HeldAnswers
from scrapers.http import Fetched, RefusedAnswer
from scrapers.reading import Reader, sample
from scrapers.urls import context_text

__all__ = ["SANDBOX_HEADER", "Client", "collect", "read_file", "reparse", "run_label"]

LARGEST_FILE = 200 * 2**20
"""Bytes of a file that somebody brings."""
MAX_DEPTH = 20
"""How many requests may follow from one another (pages of a list)."""
MAX_FOLLOW_UPS = 500
"""How many requests in all may be yielded by answers of one run; more where more was asked to begin with: see below."""
FOLLOW_UPS_EACH = 20
"""And how many for each first request (one a pay-in, one a page), where that is more."""
GIVE_UP_AFTER = 3
"""After so many failures in a row of the classes in STOPS_HOST, a host is left alone for the rest of the run."""

log = logging.getLogger("remitwatch.runner")


class Client(Protocol):
    """What the runner needs of an HTTP client."""

    def fetch(self, definition: SourceDefinition, request: Request, answer_statuses: frozenset[int]) -> Fetched: ...

    def address(self, definition: SourceDefinition, request: Request) -> str: ...


def collect(
    scraper: Scraper,
    inquiries: Sequence[Inquiry],
    *,
    client: Client,
    archive: Archive,
    now: Callable[[], datetime],
    world: Literal["real", "sandbox"],
    since: date | None = None,
    until: date | None = None,
    run_label: str,
    progress: Callable[[str], None] | None = None,
    budget: timedelta = timedelta(hours=2),
    requests_left: int | None = None,
    stop: Callable[[], bool] | None = None,
    held: HeldAnswers | None = None,
    known: Collection[str] = (),
    tables: bool = False,
    monotonic: Callable[[], float] = time.monotonic,
) -> Harvest:
    """Ask a source everything and read its answers: each is archived before it is read, and each fails alone.

    `inquiries` are for sources of prices; sources of rates, benchmarks and flows are asked for `since` to `until` (both
    included, today when left out). `world` is the kind of the home: one answer from the other world empties the whole
    harvest (failure `sandbox`). `run_label` names the run in the archive. `progress` is told one line a request.
    Questions to which `held` has an answer are asked conditionally; a 304 counts as that answer observed again: it is
    read anew and its values are this run's, its body stays the one that was downloaded. `known` are the contexts, as
    they are kept, of releases that a run holds: what is to be asked `once` is not asked for these at all. After
    `budget`, measured by `monotonic`, nothing more is asked (failure `slow`), nor after `requests_left` requests
    (failure `budget`; None: as many as there are). `stop` is looked at before every request. `tables`: see `read_file`.

    Faults of the source never raise: they are issues and failures of the harvest. Raises InputError when the source
    cannot be asked at all, StorageError when the archive cannot be written, FetchError (`interrupted`) when `stop`
    says so before all is asked.
    """
    definition = scraper.definition
    if definition.method == "file":
        raise InputError(f"{definition.key} is read from files: use `remitwatch import FILE`")
    started_at = now()
    today = started_at.date()
    if definition.kind in OF_A_SPAN:
        requests = scraper.requests_between(since or until or today, until or today, today)
    else:
        requests = scraper.requests(inquiries)
    run = _Run(
        scraper,
        client,
        archive,
        run_label,
        world,
        now,
        monotonic,
        monotonic() + budget.total_seconds(),
        requests_left,
        progress,
        stop,
        held,
        known,
        tables,
    )
    run.ask_all(requests)
    return run.finish()


def read_file(
    scraper: Scraper,
    path: Path,
    *,
    archive: Archive | None,
    now: Callable[[], datetime],
    limit_bytes: int = LARGEST_FILE,
    run_label: str | None = None,
    tables: bool = False,
) -> Harvest:
    """Read a file that somebody brought: the whole of it is one answer (method `FILE`, url `file:<name>`).

    It is archived when at least one value could be read; with `archive` None nothing is written at all (a dry run).
    `run_label` names the run in the archive; when left out it is made of the time. Rows that were refused are issues
    with their row number; repairs are counted by kind. A file that cannot be read at all is one issue and a failure.
    `tables` asks for tables in place of single prices where the source has them: the same, for very many prices.
    Raises InputError when there is no such file, or it is empty or larger than `limit_bytes`.
    """
    started_at = now()
    key = scraper.definition.key
    body = _file_body(path, limit_bytes)
    name = path.name.encode("utf-8", "replace").decode()
    request = Request(url=f"file:{name}", method=FILE_METHOD)
    response = Response(request, 200, {}, body, fetched_at=started_at, file_name=name)
    reader = Reader(scraper, started_at, tables=tables)
    snapshot = (archive or Archive(path.parent)).snapshot(key, response)
    reader.harvest.requests = 1
    reader.read(response, snapshot)
    harvest = reader.finish(now())
    if archive is not None and harvest.stored:
        label = run_label or f"{started_at:%Y-%m-%d}/{key}-{started_at:%H%M%S%f}"
        archive.put(key, response, run_label=label)
    return harvest


def reparse(
    scraper: Scraper,
    snapshots: Iterable[Snapshot],
    archive: Archive,
    now: Callable[[], datetime],
    *,
    tables: bool = False,
) -> Harvest:
    """Read archived answers of one run again with today's parser. Nothing is asked and nothing is written.

    An answer that the archive has lost or pruned is an issue (`archive`) and none of the harvest's snapshots, so what
    was read from it stays; the others are read. `tables` as in `read_file`.
    """
    reader = Reader(scraper, now(), tables=tables)
    for snapshot in snapshots:
        reader.harvest.requests += 1
        try:
            response = archive.response(snapshot)
        except StorageError as error:
            reader.fail("archive", str(error), snapshot=snapshot.id)
            continue
        if snapshot.status in scraper.answer_statuses:
            reader.read(response, snapshot)
        else:
            reader.keep(snapshot)  # a refusal, kept as evidence: there never was a value in it
    return reader.finish(now())


def _file_body(path: Path, limit_bytes: int) -> bytes:
    try:
        size = path.stat().st_size
        if size > limit_bytes:
            raise InputError(f"{path}: {size / 2**20:.0f} MiB: expected at most {limit_bytes / 2**20:.0f} MiB")
        body = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    if not body:
        raise InputError(f"{path}: the file is empty")
    return body


class _Run:
    """One attempt at one source while it goes on."""

    def __init__(
        self,
        scraper: Scraper,
        client: Client,
        archive: Archive,
        label: str,
        world: Literal["real", "sandbox"],
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        until: float,
        requests_left: int | None,
        progress: Callable[[str], None] | None,
        stop: Callable[[], bool] | None,
        held: HeldAnswers | None,
        known: Collection[str],
        tables: bool,
    ) -> None:
        self._scraper = scraper
        self._client = client
        self._archive = archive
        self._label = label
        self._world = world
        self._now = now
        self._monotonic = monotonic
        self._until = until
        self._left = requests_left
        self._progress = progress or (lambda line: None)
        self._stop = stop or (lambda: False)
        self._held = held
        self._known = known
        self._reader = Reader(scraper, now(), tables=tables)
        self._harvest = self._reader.harvest
        self._in_a_row: dict[str, int] = {}
        self._given_up: dict[str, str] = {}
        self._first = 0
        self._follow_ups = 0
        self._stopped = False

    def finish(self) -> Harvest:
        return self._reader.finish(self._now())

    def ask_all(self, requests: Iterable[Request]) -> None:
        iterator = iter(requests)
        while not self._stopped:
            try:
                request = next(iterator)
            except StopIteration:
                return
            # The author's code: whatever it raises must become an issue of this source and not end the cycle.
            except Exception as error:
                log.debug("%s: making a request failed", self._harvest.source, exc_info=True)
                self._harvest.requests += 1
                self._reader.fail("bad_request", f"the next request could not be made: {describe(error)}")
                return
            self._first += 1
            self._ask(request, depth=0)

    def _ask(self, request: Request, depth: int) -> None:
        self._check_stop()
        if request.once and context_text(request) in self._known:
            self._harvest.known += 1
            self._progress(f"{self._harvest.source}: {request.url}: held already, not asked for again")
            return
        self._harvest.requests += 1
        host = urlsplit(request.url).netloc
        if host in self._given_up:
            self._count(self._given_up[host])
            return
        if self._monotonic() > self._until:
            self._give_up(host, "slow", "the time for this run is used up")
            self._count("slow")
            return
        if self._left == 0:
            self._give_up(host, "budget", "the source's requests for today are used up (daily_budget)")
            self._count("budget")
            return
        inquiry = request.inquiries[0] if len(request.inquiries) == 1 else None
        if self._left is not None:
            self._left -= 1
        try:
            fetched, is_new = self._fetch(request)
        except RefusedAnswer as error:
            if self._wrong_world(error.headers):
                return
            snapshot = self._keep(request, error)
            self._reader.fail(
                error.reason, str(error), record=sample(error.body), inquiry=inquiry, snapshot=snapshot.id
            )
            self._note_failure(host, error.reason)
            self._ask_instead(request, depth)
            return
        except FetchError as error:
            self._check_stop()
            self._reader.fail(error.reason, str(error), inquiry=inquiry)
            self._note_failure(host, error.reason)
            self._ask_instead(request, depth)
            return
        except (ValueError, TypeError) as error:  # a request that cannot be sent: a fault of the scraper
            self._reader.fail("bad_request", describe(error), inquiry=inquiry)
            return
        if self._wrong_world(fetched.response.headers):
            return
        blocked = self._harvest.failures.get("blocked", 0)
        follow_ups = self._read(fetched, is_new)
        if self._harvest.failures.get("blocked", 0) > blocked:  # only the parser could tell that it is no answer
            self._note_failure(host, "blocked")
        else:
            self._in_a_row.pop(host, None)
        for follow_up in follow_ups:
            if self._stopped:
                return
            most = max(MAX_FOLLOW_UPS, FOLLOW_UPS_EACH * self._first)
            if depth >= MAX_DEPTH or self._follow_ups >= most:
                message = f"answers led to too many further requests (over {MAX_DEPTH} deep or {most} in all)"
                self._reader.fail("too_many_requests", message, inquiry=inquiry)
                return
            self._follow_ups += 1
            self._ask(follow_up, depth + 1)

    def _ask_instead(self, request: Request, depth: int) -> None:
        """Ask at the other address, where a request that failed has one."""
        if request.instead is not None and depth < MAX_DEPTH:
            self._ask(request.instead, depth + 1)

    def _fetch(self, request: Request) -> tuple[Fetched, bool]:
        """The answer to a request, and whether it was sent anew: False for one that is held and has not changed."""
        definition, statuses = self._scraper.definition, self._scraper.answer_statuses
        known = None
        if self._held is not None:
            known = self._held.find(request, self._client.address(definition, request), self._now())
        if known is None:
            return self._client.fetch(definition, request, statuses), True
        fetched = self._client.fetch(definition, known.ask(request), statuses | {NOT_MODIFIED})
        response = replace(fetched.response, request=request)
        if response.status != NOT_MODIFIED:
            return replace(fetched, response=response), True
        return replace(fetched, response=known.observed_again(request, response)), False

    def _check_stop(self) -> None:
        if self._stop():
            raise FetchError("interrupted", f"{self._harvest.source}: stopped before everything was asked")

    def _keep(self, request: Request, refused: RefusedAnswer) -> Snapshot:
        """Archive a refusal: a block page is evidence like any other answer."""
        answer = Response(request, refused.status, refused.headers, refused.body, self._now())
        snapshot = self._archive.put(self._harvest.source, answer, run_label=self._label)
        self._reader.keep(snapshot)
        return snapshot

    def _read(self, fetched: Fetched, is_new: bool) -> list[Request]:
        source = self._harvest.source
        before = self._harvest.stored
        snapshot = self._archive.put(
            source, fetched.response, run_label=self._label, url=fetched.url, attempts=fetched.attempts
        )
        follow_ups = self._reader.read(fetched.response, snapshot)
        what = ", ".join(str(inquiry) for inquiry in fetched.response.request.inquiries[:2]) or snapshot.url
        how = "" if is_new else ", not changed since it was last asked"
        self._progress(f"{source}: {what}: {self._harvest.stored - before} values{how}")
        return follow_ups

    def _wrong_world(self, headers: Mapping[str, str]) -> bool:
        """Whether the answer comes from the other world; then the run ends and nothing of it is used."""
        marked = SANDBOX_HEADER.lower() in {name.lower() for name in headers}
        if marked == (self._world == "sandbox"):
            return False
        self._stopped = True
        self._reader.empty_out()
        whose = "the sandbox answered in a home of real data" if marked else "a live source answered in a sandbox home"
        self._reader.fail(
            "sandbox", f"{whose}: nothing of this run is used; check the base URL of {self._harvest.source}"
        )
        return True

    def _note_failure(self, host: str, reason: str) -> None:
        self._progress(f"{self._harvest.source}: {host}: {reason}")
        if reason not in STOPS_HOST:
            self._in_a_row.pop(host, None)
            return
        self._in_a_row[host] = self._in_a_row.get(host, 0) + 1
        if self._in_a_row[host] >= GIVE_UP_AFTER:
            self._give_up(host, reason, f"{reason} {GIVE_UP_AFTER} times in a row")

    def _give_up(self, host: str, reason: str, why: str) -> None:
        self._given_up[host] = reason
        self._reader.fail("gave_up", f"{host}: {why}: it is not asked again in this run", count=False)

    def _count(self, reason: str) -> None:
        self._harvest.failures[reason] = self._harvest.failures.get(reason, 0) + 1
