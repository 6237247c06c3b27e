"""The archive of raw answers: compressed, found by hash, without secrets. The evidence behind every figure.

bodies/ab/<sha256>.gz         each distinct body once
runs/<run label>.jsonl        one Snapshot a line: the archive can be read without the database
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from pydantic import ValidationError

from remitwatch.errors import StorageError
from remitwatch.runs import Snapshot
from scrapers.base import Request, Response
from scrapers.redact import strip_json, strip_url
from scrapers.urls import full_url

SANDBOX_HEADER = "Remitwatch-Sandbox"
FILE_METHOD = "FILE"

# Only these are kept: others hold session cookies, client addresses and trace ids, or say nothing about the answer.
_HEADERS = frozenset(
    {
        *("content-type", "content-length", "date", "etag", "last-modified", "retry-after"),
        SANDBOX_HEADER.lower(),
    }
)
_PACKED = (b"PK\x03\x04", b"\x1f\x8b")  # zip (workbooks too), gzip
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?")


def run_label(logical_date: date, source: str, attempt: int | str) -> str:
    """The name of a run in the archive: `2026-10-30/ecb-1`. `attempt` is its number, or a time where it has none."""
    return f"{logical_date.isoformat()}/{source}-{attempt}"


class Archive:
    """Writes and reads raw answers under one folder.

    `secrets` are known secret values (tokens): masked wherever they would be kept, beside everything that has a
    secret's name. `durable` makes every body reach the disk before `put` returns (a power cut cannot lose it).
    """

    def __init__(self, root: Path, *, secrets: Iterable[str] = (), durable: bool = True) -> None:
        self.root = root
        self._secrets = tuple(secret for secret in secrets if secret)
        self._durable = durable

    def snapshot(self, source: str, response: Response, *, url: str | None = None, attempts: int = 1) -> Snapshot:
        """What `put` would return: the description of an answer, without writing anything.

        `url` is the URL that was really asked (after overrides and redirects), else the request's own.
        """
        request = response.request
        kept_url = request.url if request.method == FILE_METHOD else strip_url(url or full_url(request), self._secrets)
        body = strip_json(request.json, self._secrets)
        kept_body = json.dumps(body, ensure_ascii=False) if body is not None else ""
        sha256 = hashlib.sha256(response.body).hexdigest()
        inquiries = [inquiry.model_dump(mode="json") for inquiry in request.inquiries]
        identity = [source, request.method, kept_url, kept_body, response.fetched_at.isoformat(), sha256, inquiries]
        return Snapshot(
            id=hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:24],
            source=source,
            method=request.method,
            url=kept_url,
            request_body=kept_body,
            inquiries=request.inquiries,
            status=response.status,
            headers=_kept_headers(response.headers),
            fetched_at=response.fetched_at,
            body_sha256=sha256,
            body_size=len(response.body),
            attempts=attempts,
        )

    def put(
        self, source: str, response: Response, *, run_label: str, url: str | None = None, attempts: int = 1
    ) -> Snapshot:
        """Keep an answer and return its Snapshot. `run_label` names the run's list (see `run_label`).

        Raises StorageError when the disk refuses; then nothing half-written is left under a final name.
        """
        snapshot = self.snapshot(source, response, url=url, attempts=attempts)
        listing = self._listing(run_label)
        try:
            self._write_body(snapshot.body_sha256, response.body)
            listing.parent.mkdir(parents=True, exist_ok=True)
            # One write of one line to a file opened for appending: lines of two writers cannot mix.
            with listing.open("ab", buffering=0) as file:
                file.write(snapshot.model_dump_json().encode() + b"\n")
        except OSError as error:
            raise StorageError(f"archive {self.root}: {error.strerror or error}: free space or permission?") from error
        return snapshot

    def body(self, sha256: str) -> bytes:
        """The body with this hash. Raises StorageError when it is missing or is not what was stored."""
        path = self._body_path(sha256)
        try:
            body = gzip.decompress(path.read_bytes())
        except FileNotFoundError:
            raise StorageError(f"archive {self.root}: no answer {sha256[:12]}…: was it deleted or moved?") from None
        except (OSError, EOFError, zlib.error) as error:
            raise StorageError(f"{path}: damaged: {error}: restore it from a backup") from None
        if hashlib.sha256(body).hexdigest() != sha256:
            raise StorageError(f"{path}: damaged: its content has another hash: restore it from a backup")
        return body

    def response(self, snapshot: Snapshot) -> Response:
        """The answer as it came, for reading it again. Raises StorageError when it is missing or damaged."""
        parts = urlsplit(snapshot.url)
        is_file = snapshot.method == FILE_METHOD
        request = Request(
            url=snapshot.url if is_file else urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")),
            params={} if is_file else dict(parse_qsl(parts.query, keep_blank_values=True)),
            inquiries=snapshot.inquiries,
            method=snapshot.method,
            json=json.loads(snapshot.request_body, parse_float=Decimal) if snapshot.request_body else None,
        )
        return Response(
            request=request,
            status=snapshot.status,
            headers=snapshot.headers,
            body=self.body(snapshot.body_sha256),
            fetched_at=snapshot.fetched_at,
            file_name=snapshot.url.removeprefix("file:") if is_file else None,
        )

    def snapshots(self, label: str) -> Iterator[Snapshot]:
        """The snapshots of one run, in the order they were written. A last line cut by a kill is left out.

        Raises StorageError when there is no such run or a line in the middle is damaged.
        """
        path = self._listing(label)
        try:
            lines = path.read_bytes().split(b"\n")
        except OSError as error:
            raise StorageError(f"{path}: {error.strerror}") from None
        for number, line in enumerate(lines[:-1], start=1):
            try:
                yield Snapshot.model_validate_json(line)
            except ValidationError as error:
                raise StorageError(f"{path}: line {number} is damaged: {error.errors()[0]['msg']}") from None

    def clean(self) -> int:
        """Remove what a kill left half-written, and say how many files. Only for the one writer of the home."""
        leftovers = list(self.root.glob("bodies/*/.writing-*"))
        for path in leftovers:
            path.unlink(missing_ok=True)
        return len(leftovers)

    def _listing(self, label: str) -> Path:
        if not _LABEL.fullmatch(label):
            raise ValueError(f"run label {label!r}: expected letters, digits, '.', '_', '-' and at most one '/'")
        return self.root / "runs" / f"{label}.jsonl"

    def _body_path(self, sha256: str) -> Path:
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            raise ValueError(f"expected a SHA-256 in hexadecimal, got {sha256!r}")
        return self.root / "bodies" / sha256[:2] / f"{sha256}.gz"

    def _write_body(self, sha256: str, body: bytes) -> None:
        path = self._body_path(sha256)
        if path.exists() and self._is_whole(sha256):
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                packed = body.startswith(_PACKED)  # to try once more would cost seconds and win nothing
                file.write(gzip.compress(body, compresslevel=0 if packed else 6, mtime=0))
                if self._durable:
                    file.flush()
                    os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def _is_whole(self, sha256: str) -> bool:
        # A body left empty or cut by a power cut must not stand in the way of the same answer coming again.
        try:
            self.body(sha256)
        except StorageError:
            return False
        return True


def _kept_headers(headers: Mapping[str, Any]) -> dict[str, str]:
    return {name.lower(): str(value) for name, value in headers.items() if name.lower() in _HEADERS}
