"""Packing: files into one stream, each with its checksum on the way."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import BaseModel

from remitwatch.pipeline.backup.form import Entry

LEVEL = 4
"""Of gzip: answers are packed already, and the database packs nearly as well as with 6 in half the time."""


class Packer:
    """Writes one backup to `out`, front to back. `moment` (seconds since 1970) is the time of every file in it."""

    def __init__(self, out: BinaryIO, moment: int) -> None:
        self._out = _Counting(out)
        self._moment = moment
        self._zipped = gzip.GzipFile(filename="", mode="wb", fileobj=self._out, compresslevel=LEVEL, mtime=moment)
        self._tar = tarfile.open(fileobj=self._zipped, mode="w|")  # noqa: SIM115 (closed by `close`)
        self.files: dict[str, Entry] = {}
        self.links: dict[str, str] = {}

    def add(self, name: str, content: bytes, *, listed: bool = True) -> None:
        """Add a file of these bytes."""
        self._tar.addfile(self._info(name, len(content)), io.BytesIO(content))
        if listed:
            self.files[name] = Entry(bytes=len(content), sha256=hashlib.sha256(content).hexdigest())

    def add_json(self, name: str, content: BaseModel) -> None:
        """Add what the backup says of itself; it does not stand in the manifest."""
        text = json.dumps(content.model_dump(mode="json"), ensure_ascii=False, indent=1)
        self.add(name, text.encode() + b"\n", listed=False)

    def add_path(self, name: str, path: Path) -> None:
        """Add a file of the disk that nobody writes to. Raises OSError."""
        with path.open("rb") as file:
            size = path.stat().st_size
            hashing = _Hashing(file)
            self._tar.addfile(self._info(name, size), hashing)  # type: ignore[arg-type]
            self.files[name] = Entry(bytes=size, sha256=hashing.sha256.hexdigest())

    def add_link(self, name: str, target: str) -> None:
        """Add a link to something beside it."""
        info = self._info(name, 0)
        info.type, info.linkname = tarfile.SYMTYPE, target
        self._tar.addfile(info)
        self.links[name] = target

    def close(self) -> tuple[int, str]:
        """End the stream; returns its size and SHA-256."""
        self._tar.close()
        self._zipped.close()
        return self._out.bytes, self._out.sha256.hexdigest()

    def _info(self, name: str, size: int) -> tarfile.TarInfo:
        info = tarfile.TarInfo(name)
        info.size, info.mtime, info.mode = size, self._moment, 0o600
        return info


class _Hashing:
    """A file that is read, with the checksum of what was."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def read(self, size: int) -> bytes:
        part = self._file.read(size)
        self.sha256.update(part)
        return part


class _Counting(io.RawIOBase):
    """A stream that is written, with its size and checksum."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.bytes = 0
        self.sha256 = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, part: Any) -> int:
        self._out.write(part)
        self.bytes += len(part)
        self.sha256.update(part)
        return len(part)
