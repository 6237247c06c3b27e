"""The archive of raw answers: compressed, found by hash, without secrets. The evidence behind every figure.

bodies/ab/<sha256>.gz         each distinct body once
pruned.jsonl                  the bodies that were given up by the retention policy: hash, size, when
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
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic import ValidationError

from remitwatch.errors import StorageError
from remitwatch.runs import Snapshot
from scrapers.base import Request, Response
from scrapers.redact import strip_form, strip_json, strip_url
from scrapers.urls import full_url, read_request_body, with_context

SANDBOX_HEADER = "Remitwatch-Sandbox"
FILE_METHOD = "FILE"
DOWNLOADED = "remitwatch-downloaded"
"""The header of an answer that came as 304: when the body that it stands for was last downloaded."""

# Only these are kept: others hold session cookies, client addresses and trace ids, or say nothing about the answer.
_HEADERS = frozenset(
    {
        *("age", "content-type", "content-length", "date", "etag", "last-modified", "retry-after"),
        SANDBOX_HEADER.lower(),
        DOWNLOADED,
    }
)
_PACKED = (b"PK\x03\x04", b"\x1f\x8b")  # zip (workbooks too), gzip
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?")


def run_label(logical_date: date, source: str, attempt: int | str) -> str:
    """The name of a run in the archive: `2026-10-30/ecb-1`. `attempt` is its number, or a time where it has none."""
    return f"{logical_date.isoformat()}/{source}-{attempt}"


@dataclass(frozen=True)
class ArchivedBody:
    """A body in the archive: its hash, the bytes it takes compressed, when it was written (UTC)."""

    sha256: str
    size: int
    written_at: datetime


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
        kept_url, kept_body = self.identity(request, url)
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

    def identity(self, request: Request, url: str | None = None) -> tuple[str, str]:
        """What a request is known by in the archive: its URL (with what reading its answer needs as the fragment) and
        its body, without secrets."""
        if request.method == FILE_METHOD:
            return request.url, ""
        kept_url = with_context(strip_url(url or full_url(request), self._secrets), request)
        if request.form is not None:
            return kept_url, urlencode(strip_form(request.form, self._secrets), safe="*")
        body = strip_json(request.json, self._secrets)
        return kept_url, json.dumps(body, ensure_ascii=False) if body is not None else ""

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
            _make_folder(listing.parent)
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
            raise StorageError(f"archive {self.root}: {self._why_missing(sha256)}") from None
        except (OSError, EOFError, zlib.error) as error:
            raise StorageError(f"{path}: damaged: {error}: restore it from a backup") from None
        if hashlib.sha256(body).hexdigest() != sha256:
            raise StorageError(f"{path}: damaged: its content has another hash: restore it from a backup")
        return body

    def response(self, snapshot: Snapshot) -> Response:
        """The answer as it came, for reading it again. Raises StorageError when it is missing or damaged."""
        parts = urlsplit(snapshot.url)
        is_file = snapshot.method == FILE_METHOD
        body, form = read_request_body(snapshot.request_body)
        request = Request(
            url=snapshot.url if is_file else urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")),
            params={} if is_file else dict(parse_qsl(parts.query, keep_blank_values=True)),
            inquiries=snapshot.inquiries,
            method=snapshot.method,
            json=body,
            form=form,
            context={} if is_file else dict(parse_qsl(parts.fragment, keep_blank_values=True)),
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

    def has(self, sha256: str) -> bool:
        """Whether the body with this hash is there (not whether it is sound)."""
        return self._body_path(sha256).exists()

    def bodies(self) -> Iterator[ArchivedBody]:
        """Every body that is there: its hash, the bytes it takes on the disk, and when it was written."""
        for path in sorted(self.root.glob("bodies/*/*.gz")):
            stat = path.stat()
            yield ArchivedBody(path.stem, stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC))

    def prune(self, bodies: Iterable[ArchivedBody], at: datetime) -> int:
        """Delete these bodies; their hashes and descriptions stay, and that they were pruned is kept. Returns the bytes
        that are free again. Raises StorageError when the disk refuses; only for the one writer of the home.

        It is noted before it is done: a kill in between leaves bodies that are noted and still there, and those count
        as there.
        """
        going = list(bodies)
        if not going:
            return 0
        lines = [{"sha256": one.sha256, "bytes": one.size, "pruned_at": at.isoformat()} for one in going]
        freed = 0
        try:
            with self._pruned.open("ab") as file:
                file.write(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
                file.flush()
                os.fsync(file.fileno())
            for body in going:
                self._body_path(body.sha256).unlink(missing_ok=True)
                freed += body.size
        except OSError as error:
            raise StorageError(f"archive {self.root}: {error.strerror or error}: not all was pruned") from error
        return freed

    def pruned_at(self, sha256: str) -> datetime | None:
        """When the body with this hash was pruned; None for one that is there or never was."""
        if self.has(sha256) or not self._pruned.exists():
            return None
        found = None
        for line in self._pruned.read_bytes().split(b"\n"):
            if sha256.encode() in line:
                found = datetime.fromisoformat(json.loads(line)["pruned_at"])
        return found

    def _why_missing(self, sha256: str) -> str:
        pruned = self.pruned_at(sha256)
        if pruned is None:
            return f"no answer {sha256[:12]}…: was it deleted or moved?"
        return f"answer {sha256[:12]}… was pruned on {pruned:%Y-%m-%d}: its description is kept, its content is not"

    @property
    def _pruned(self) -> Path:
        return self.root / "pruned.jsonl"

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
        _make_folder(path.parent)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                packed = body.startswith(_PACKED)  # to try once more would cost seconds and win nothing
                file.write(gzip.compress(body, compresslevel=0 if packed else 6, mtime=0))
                if self._durable:
                    file.flush()
                    os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:  # an interrupt too must not leave a half body; it is raised again
            Path(name).unlink(missing_ok=True)
            raise

    def _is_whole(self, sha256: str) -> bool:
        # A body left empty or cut by a power cut must not stand in the way of the same answer coming again.
        try:
            self.body(sha256)
        except StorageError:
            return False
        return True


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():  # looked at first: making one that is there takes a lock that the other hosts wait for
        folder.mkdir(parents=True, exist_ok=True)


def _kept_headers(headers: Mapping[str, Any]) -> dict[str, str]:
    return {name.lower(): str(value) for name, value in headers.items() if name.lower() in _HEADERS}
