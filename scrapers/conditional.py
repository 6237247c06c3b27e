"""Conditional requests: a source is told which answer is held, and need not send the same again (RFC 9110, 13)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from remitwatch.errors import StorageError
from remitwatch.fields import utc_time
from remitwatch.runs import Snapshot
from scrapers.archive import DOWNLOADED, Archive
from scrapers.base import Request, Response

NOT_MODIFIED = 304
WHOLE_AFTER = dt.timedelta(days=7)
"""A body this old is asked for anew whatever the source says: a server that never changes its ETag is found out."""


@dataclass(frozen=True)
class Held:
    """An answer that is held, with its body."""

    snapshot: Snapshot
    body: bytes

    @property
    def downloaded(self) -> dt.datetime:
        """When its body was last downloaded."""
        noted = self.snapshot.headers.get(DOWNLOADED)
        return utc_time(noted) if noted else self.snapshot.fetched_at

    def ask(self, request: Request) -> Request:
        """The request that asks for a change since this answer."""
        stated = self.snapshot.headers
        conditions = {
            name: stated[validator]
            for name, validator in (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))
            if validator in stated
        }
        return replace(request, headers={**request.headers, **conditions})

    def observed_again(self, request: Request, unchanged: Response) -> Response:
        """The held answer as the source confirmed it now with 304: the same body, the time of the confirmation."""
        fresh = {name: text for name, text in unchanged.headers.items() if name in ("etag", "last-modified", "date")}
        headers = {**self.snapshot.headers, **fresh, DOWNLOADED: self.downloaded.isoformat()}
        return Response(request, self.snapshot.status, headers, self.body, unchanged.fetched_at)


class HeldAnswers:
    """The last accepted answers of a source that can be asked for conditionally, by request."""

    def __init__(self, snapshots: Iterable[Snapshot], archive: Archive) -> None:
        self._archive = archive
        self._newest: dict[tuple[str, str, str], Snapshot] = {}
        for snapshot in sorted(snapshots, key=lambda one: one.fetched_at):
            self._newest[snapshot.method, snapshot.url, snapshot.request_body] = snapshot

    def find(self, request: Request, url: str, now: dt.datetime) -> Held | None:
        """The answer to the same question (`url` as it is sent), when its body is there and not too old to trust."""
        found = self._newest.get((request.method, *self._archive.identity(request, url)))
        if found is None or request.method != "GET":
            return None
        try:
            held = Held(found, self._archive.body(found.body_sha256))
        except StorageError:
            return None
        return held if now - held.downloaded < WHOLE_AFTER else None
