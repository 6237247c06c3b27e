"""Archived answers of a run, good or broken, become a case: as the source's own questions, without secrets."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from remitwatch.quotes import Inquiry
from remitwatch.runs import Snapshot
from remitwatch.sources import OF_A_SPAN
from scrapers.archive import DOWNLOADED, FILE_METHOD
from scrapers.base import Request, Response, Scraper, parsed
from scrapers.cases import (
    Ask,
    CaseError,
    CaseNotes,
    Exchange,
    find_requests,
    replay,
    same_question,
    write_case,
    write_expected,
)
from scrapers.masking import mask_body, mask_headers, mask_text
from scrapers.redact import strip_url
from scrapers.urls import full_url, request_body

OLDEST_SPAN_DAYS = 400
"""How far back the first day that a run of rates was asked for is looked for."""


@dataclass(frozen=True)
class RecordedCase:
    """A case as it was written: its folder, how many answers and records it holds, what was masked by kind, and whether
    the masked answers are read exactly as the archived ones."""

    folder: Path
    answers: int
    records: int
    masked: dict[str, int]
    reads_the_same: bool


def record_case(
    scraper: Scraper,
    snapshots: Sequence[Snapshot],
    body_of: Callable[[Snapshot], bytes],
    folder: Path,
    notes: CaseNotes,
    *,
    secrets: Iterable[str] = (),
    today: dt.date,
    until: dt.date,
) -> RecordedCase:
    """Write a case of these answers to `folder` (`<source>/<case>`), with expected.json as the scraper reads them now.

    The questions are the scraper's own again: a mirror or a sandbox that was asked in its place leaves no trace. For a
    source of a span `today` and `until` are the run's, and the span's first day is found. Raises CaseError when the
    folder is there, and when today's scraper would not have asked for these answers; then nothing is written.
    """
    if folder.exists():
        raise CaseError(f"{folder}: exists already: choose another name")
    asked = [Exchange(f"{number:04}", one, body_of(one)) for number, one in enumerate(snapshots, start=1)]
    exchanges, notes = _as_asked(scraper, asked, notes, today, until)
    masked: Counter[str] = Counter()
    clean = [_masked(exchange, tuple(secrets), masked) for exchange in exchanges]
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".making-") as room:
        before = Path(room) / "before" / scraper.definition.key / folder.name
        after = Path(room) / "after" / scraper.definition.key / folder.name
        write_case(before, exchanges, notes)
        write_case(after, clean, notes)
        records = write_expected(scraper, after)
        same = _values(replay(scraper, before)) == _values(replay(scraper, after))
        shutil.move(after, folder)
    return RecordedCase(folder, len(clean), records, dict(masked), same)


def _as_asked(
    scraper: Scraper, asked: Sequence[Exchange], notes: CaseNotes, today: dt.date, until: dt.date
) -> tuple[list[Exchange], CaseNotes]:
    """The exchanges with the scraper's own questions, and the notes with the span it is asked for."""
    if all(exchange.snapshot.method == FILE_METHOD for exchange in asked):
        return list(asked), notes
    if scraper.definition.kind not in OF_A_SPAN:
        inquiries: dict[Inquiry, None] = {}
        for exchange in asked:
            inquiries.update(dict.fromkeys(exchange.snapshot.inquiries))
        return _walk(scraper, list(scraper.requests(tuple(inquiries))), asked), notes
    for back in range(OLDEST_SPAN_DAYS):
        since = until - dt.timedelta(days=back)
        questions = list(scraper.requests_between(since, until, today))
        if all(any(_answers(exchange, request) for exchange in asked) for request in questions):
            span = Ask(since=since, until=until, today=today)
            return _walk(scraper, questions, asked), notes.model_copy(update={"ask": span})
    raise CaseError(f"{scraper.definition.key}: for no span of dates would it ask for these answers today")


def _walk(scraper: Scraper, questions: list[Request], asked: Sequence[Exchange]) -> list[Exchange]:
    """Ask as the runner does, the further questions included, and give every answer its question."""
    left = list(asked)
    found: list[Exchange] = []
    waiting = list(questions)
    while waiting:
        request = waiting.pop(0)
        exchange = next((one for one in left if _answers(one, request)), None)
        if exchange is None:
            raise CaseError(
                f"{scraper.definition.key}: it asks for {request.method} {strip_url(full_url(request))}, and the run "
                "has archived no answer to that: choose among its answers with --snapshot"
            )
        left.remove(exchange)
        own = exchange.snapshot.model_copy(
            update={"url": strip_url(full_url(request)), "request_body": request_body(request).decode()}
        )
        found.append(replace(exchange, snapshot=own))
        waiting += _further(scraper, request, exchange)
    if left:
        urls = ", ".join(exchange.snapshot.url for exchange in left[:3])
        raise CaseError(f"{scraper.definition.key}: it does not ask for {urls} today")
    return [replace(exchange, number=f"{number:04}") for number, exchange in enumerate(found, start=1)]


def _further(scraper: Scraper, request: Request, exchange: Exchange) -> Iterator[Request]:
    snapshot = exchange.snapshot
    if snapshot.status not in scraper.answer_statuses:
        return
    response = Response(request, snapshot.status, snapshot.headers, exchange.body, snapshot.fetched_at)
    try:
        records = parsed(scraper.parse, response)
    except (
        Exception
    ):  # whatever a parser raises on a broken answer: it leads nowhere, and the case shows how it is read
        return
    yield from find_requests(records)


def _answers(exchange: Exchange, request: Request) -> bool:
    """Whether this is the answer to that question, on whatever host (and below whatever path of a mirror)."""
    snapshot = exchange.snapshot
    kept, own = urlsplit(snapshot.url), urlsplit(strip_url(full_url(request)))
    return (
        snapshot.method == request.method
        and kept.path.endswith(own.path)
        and sorted(parse_qsl(kept.query, keep_blank_values=True))
        == sorted(parse_qsl(own.query, keep_blank_values=True))
        and same_question(snapshot.request_body, request_body(request).decode())
    )


def _masked(exchange: Exchange, secrets: tuple[str, ...], counted: Counter[str]) -> Exchange:
    body, in_body = mask_body(exchange.body, secrets)
    headers, in_headers = mask_headers(
        {name: text for name, text in exchange.snapshot.headers.items() if name != DOWNLOADED}, secrets
    )
    url, in_url = mask_text(exchange.snapshot.url, secrets)
    asked, in_request = mask_text(exchange.snapshot.request_body, secrets)
    for found in (in_body, in_headers, in_url, in_request):
        counted.update(found)
    sha256 = hashlib.sha256(body).hexdigest()
    changes: dict[str, Any] = {"headers": headers, "url": url, "request_body": asked}
    changes |= {"body_sha256": sha256, "body_size": len(body)}
    return replace(exchange, snapshot=exchange.snapshot.model_copy(update=changes), body=body)


def _values(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What counts: the values, not the words of what was refused (those may hold what was masked)."""
    return [one for one in records if one["type"] not in ("Refused", "RefusedAnswer", "AnswerError")]
