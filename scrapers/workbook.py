"""Workbooks, read in processes of their own with limits: whatever the file does, this process goes on.

Looked at first, before that process starts: macros, how far the parts say that they unpack, how far the cells of the
sheets reach. One cell at XFD1048576 makes a reader ask for 400 GB. What gets past the look meets the limits.
"""

from __future__ import annotations

import io
import pickle
import re
import struct
import subprocess
import sys
import threading
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scrapers.base import AnswerError

CHILD = Path(__file__).with_name("workbook_child.py")
MAX_UNPACKED = 2 * 2**30  # the survey's workbook unpacks to 0.4 GB
MAX_RATIO = 100  # ... and to ten times its size
_SMALL = 16 * 2**20  # that much may be unpacked from however little
MAX_CELLS = 40_000_000  # the survey's larger sheet has 9 million; a cell takes 32 bytes in the reader
MEMORY = 2 * 2**30
SECONDS = 300
READERS = 2  # processes that read the sheets of a large workbook side by side
_LARGE = 4 * 2**20
_HEAD = 4096
_LOOKED_AT = 32 * 2**20  # so much is looked at in all; of a larger sheet the head, which says how far its cells reach
_DIMENSION = re.compile(rb'<dimension ref="[A-Z]+\d+:([A-Z]{1,3})(\d{1,7})"')
_ADDRESS = re.compile(rb'r="([A-Z]{1,3})(\d{1,7})"')
_ENTITIES = (b"<!DOCTYPE", b"<!ENTITY")
_OLD_OFFICE = bytes.fromhex("d0cf11e0a1b11ae1")


def is_old_workbook(head: bytes) -> bool:
    """Whether a file starts like an .xls, or like a workbook with a password."""
    return head.startswith(_OLD_OFFICE)


@dataclass(frozen=True)
class Part:
    """Some rows of one sheet by columns. `cells` are a column's distinct cells by code; the lists grow from part to
    part of a sheet, so that a code means the same in all of them."""

    sheet: str
    number: int
    first: int
    count: int
    codes: tuple[NDArray[np.int32], ...]
    cells: tuple[list[Any], ...]

    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        """The rows one by one, each with its number from 1."""
        columns = [
            [cells[code] for code in codes.tolist()] for codes, cells in zip(self.codes, self.cells, strict=True)
        ]
        return zip(range(self.first, self.first + self.count), map(list, zip(*columns, strict=True)), strict=True)

    def row(self, place: int) -> list[Any]:
        """One row, by its place in this part from 0."""
        return [cells[codes[place]] for codes, cells in zip(self.codes, self.cells, strict=True)]

    def after(self, place: int) -> Part:
        """The part without the rows before `place`."""
        codes = tuple(some[place:] for some in self.codes)
        return Part(self.sheet, self.number, self.first + place, self.count - place, codes, self.cells)


class PartsOf:
    """Puts the parts of one sheet together from frames: keeps the distinct cells of its columns."""

    def __init__(self, sheet: str, number: int) -> None:
        self._sheet = sheet
        self._number = number
        self._cells: list[list[Any]] = []

    def part(self, first: int, count: int, columns: list[tuple[Any, list[Any]]]) -> Part:
        """The next part. Codes come as an array or its bytes."""
        self._cells += [[] for _ in range(len(columns) - len(self._cells))]
        codes = []
        for known, (some, new) in zip(self._cells, columns, strict=False):
            known.extend(new)
            codes.append(np.frombuffer(some, dtype=np.int32))
        return Part(self._sheet, self._number, first, count, tuple(codes), tuple(self._cells[: len(columns)]))


def workbook_parts(body: bytes, *, memory: int | None = None, seconds: float | None = None) -> Iterator[Part]:
    """The rows of every sheet of an xlsx or xls in their order, by columns, cached values in place of formulas.

    Raises AnswerError (`invalid`) in one line for what is no workbook, is too large, or cannot be read within `memory`
    bytes and `seconds` (the limits above when left out).
    """
    old = is_old_workbook(body)  # not a zip: nothing to look at first, and the limits hold for it too
    if not old:
        check_package(body)
        check_sheets(body)
    memory, seconds = MEMORY if memory is None else memory, SECONDS if seconds is None else seconds
    readers = READERS if len(body) > _LARGE else 1
    with ExitStack() as stack:
        started = [stack.enter_context(_reading(body, memory, seconds, first, readers)) for first in range(readers)]
        for number, frames in enumerate(cycle(started), start=1):
            name = frames.next("sheet")
            if name is None:
                return
            parts = PartsOf(name[0], number)
            while (part := frames.next("part")) is not None:
                yield parts.part(*part)


def check_package(body: bytes) -> None:
    """Refuse a workbook by its table of contents, before anything is unpacked. Raises AnswerError."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, struct.error) as error:
        raise AnswerError("invalid", f"not readable as an xlsx workbook: {error}") from None
    if any(member.filename.lower().endswith("vbaproject.bin") for member in members):
        raise AnswerError("invalid", "the workbook holds macros: save it as .xlsx without them")
    if any(member.flag_bits & 1 for member in members):
        raise AnswerError("invalid", "the workbook is encrypted: save it without a password")
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED:
        raise AnswerError("invalid", f"the workbook unpacks to {unpacked:,} bytes: at most {MAX_UNPACKED:,} are read")
    if unpacked > max(_SMALL, MAX_RATIO * len(body)):
        raise AnswerError(
            "invalid",
            f"the workbook unpacks to {unpacked // len(body)} times its size: at most {MAX_RATIO} times are read",
        )


def check_sheets(body: bytes) -> None:
    """Refuse a workbook with a sheet whose cells reach too far, or a part with a document type. Raises AnswerError."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            left = _LOOKED_AT
            for member in archive.infolist():
                if member.filename.endswith((".xml", ".rels")):
                    sheet = member.filename.startswith("xl/worksheets/")
                    with archive.open(member) as content:
                        text = content.read(left if sheet and member.file_size <= left else _HEAD)
                    left -= len(text)
                    _check_part(text, member.filename)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise AnswerError("invalid", f"not readable as an xlsx workbook: {error}") from None


def _check_part(text: bytes, name: str) -> None:
    if any(word in text[:_HEAD] for word in _ENTITIES):
        raise AnswerError("invalid", f"{name} declares a document type: such a workbook is not read")
    if not name.startswith("xl/worksheets/"):
        return
    rows = columns = 1
    for match in (*_DIMENSION.finditer(text[:_HEAD]), *_ADDRESS.finditer(text)):
        rows, columns = max(rows, int(match[2])), max(columns, _column(match[1]))
    if rows * columns > MAX_CELLS:
        raise AnswerError(
            "invalid", f"{name} reaches over {rows:,} rows and {columns:,} columns: delete what stands far outside"
        )


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


@contextmanager
def _reading(body: bytes, memory: int, seconds: float, first: int, every: int) -> Iterator[_Frames]:
    """The other process, from its start to its end, however this one goes on. It reads each `every`-th sheet from the
    one at the place `first`."""
    command = [sys.executable, "-P", str(CHILD), *map(str, (memory, int(seconds) + 1, first, every))]
    child = subprocess.Popen(  # noqa: S603 (our own program)
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    late = threading.Event()

    def stop() -> None:
        late.set()
        child.kill()

    clock = threading.Timer(seconds, stop)
    clock.daemon = True
    clock.start()
    try:
        assert child.stdin is not None
        with suppress(BrokenPipeError):  # it ended early: its frames, or their lack, say why
            child.stdin.write(body)
        with suppress(BrokenPipeError):
            child.stdin.close()
        yield _Frames(child, late, memory, seconds, _kind(body))
    finally:
        clock.cancel()
        child.kill()
        assert child.stdout is not None
        child.stdout.close()
        child.wait()


def _kind(body: bytes) -> str:
    return "an .xls workbook (one with a password is not read)" if is_old_workbook(body) else "an xlsx workbook"


class _Frames:
    """What the other process says. `kind` names what it reads (`an xlsx workbook`)."""

    def __init__(
        self, child: subprocess.Popen[bytes], late: threading.Event, memory: int, seconds: float, kind: str
    ) -> None:
        self._child = child
        self._late = late
        self._memory = memory
        self._seconds = seconds
        self._kind = kind
        self._kept: tuple[Any, ...] | None = None

    def next(self, kind: str) -> tuple[Any, ...] | None:
        """What the next frame holds if it is of this kind; None, and it is kept, if not. Raises AnswerError where it
        says that this is no workbook, or where there is none: the process ended, or was ended."""
        frame = self._read() if self._kept is None else self._kept
        if frame[0] == "invalid":
            raise AnswerError("invalid", f"not readable as {self._kind}: {frame[1]}")
        self._kept = None if frame[0] == kind else frame
        return frame[1:] if frame[0] == kind else None

    def _read(self) -> tuple[Any, ...]:
        assert self._child.stdout is not None
        head = self._child.stdout.read(8)
        if len(head) == 8:
            (length,) = struct.unpack(">Q", head)
            content = self._child.stdout.read(length)
            if len(content) == length:
                return _unpickle(content)
        if self._late.is_set():
            raise AnswerError("invalid", f"reading the workbook took over {self._seconds:g} seconds: it was stopped")
        raise AnswerError(
            "invalid", f"the workbook cannot be read within {self._memory / 2**20:.0f} MiB of memory: it was stopped"
        )


class _PlainUnpickler(pickle.Unpickler):
    """Takes plain values, dates and times only: what comes from a process that read a hostile file is not trusted."""

    def find_class(self, module: str, name: str) -> Any:
        if module == "datetime" and name in ("date", "datetime", "time", "timedelta"):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no cell")


def _unpickle(content: bytes) -> tuple[Any, ...]:
    frame = _PlainUnpickler(io.BytesIO(content)).load()
    assert isinstance(frame, tuple)
    return frame
