"""The sidecar: what figures are computed from, kept by columns beside the database, for figures without a full read.

A file holds one need (which rows) of one state of the data, and its name says both: a state has a key that no other one
has, so a stale file is never found. Whatever is wrong with a file, or with writing one, is no fault of the command: the
database is read instead.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import os
import sys
import threading
import time
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, select

from db import frames
from db.coverage import newest_in_force
from db.engine import REVISION
from db.frames import Need, run_in_force
from db.migrate import head
from db.tables import HomeRow, RunRow, table
from remitwatch.indicators import columns as columns_module
from remitwatch.indicators.columns import FIGURES, NUMBERS, TEXTS, YES_NO, Column, Columns, Labels
from remitwatch.reference import read_text

log = logging.getLogger("remitwatch.db")

_HOME, _RUN = table(HomeRow), table(RunRow)
KEPT = 8
"""So many files are kept of a folder, the newest, unless it says another number."""
LOADED_FILES, LOADED_BYTES = 200, 16 * 2**20
"""So many of the files that were loaded last, and no more bytes of them, are held in memory by a process: rules look
back over some 130 days."""
_LEFT_OVER_SECONDS = 3600
_NAMES = ".names"
_LEAST = tuple(np.dtype(name) for name in ("uint8", "uint16", "int32", "int64"))


def data_key(connection: Connection, as_of: dt.datetime | None) -> str | None:
    """What the rows in force at that time are known by: other rows, other key. None where the database has no revision
    yet (it was last written by a version without).

    In it are the revisions, renewed by every transaction that writes quotes, observations or runs (`engine.writing`);
    the runs in force; the schema; and the code and the reference table by which the columns are made.
    """
    held = _revisions(connection, _HOME.c.key.startswith(REVISION))
    if REVISION not in held:
        return None
    runs = connection.execute(select(_RUN.c.id).where(run_in_force(as_of)).order_by(_RUN.c.id)).scalars().all()
    return _digest([sorted(held.items()), list(runs), head(), _made_by()])


def key_of(connection: Connection, need: Need, as_of: dt.datetime | None) -> str | None:
    """As `data_key`, of the rows of a need alone where nothing came in force or was taken out after `as_of`: what is
    written of other days' collected prices leaves it as it is."""
    return keys_of(connection, [need], as_of)[0]


def keys_of(connection: Connection, needs: Sequence[Need], as_of: dt.datetime | None) -> list[str | None]:
    """`key_of` of many needs, of one state of the database, which is asked once for all of them."""
    if not all(_surveys_only(need) or _days_only(need) for need in needs) or _changed_since(connection, as_of):
        return [data_key(connection, as_of)] * len(needs)
    ends = [_ends(need) for need in needs if _days_only(need)]
    wanted = _HOME.c.key == REVISION
    if ends:  # days of one form stand in their order whatever the database's collation is
        wanted |= _HOME.c.key.between(min(first for first, _ in ends), max(last for _, last in ends))
    held = _revisions(connection, wanted)
    whole = held.pop(REVISION, None)
    if whole is None:
        return [None] * len(needs)
    days = sorted(held)
    found: list[str | None] = []
    for need in needs:
        of_need = [whole]
        if _days_only(need):
            first, last = _ends(need)
            of_need += [f"{day}={held[day]}" for day in days[bisect_left(days, first) : bisect_right(days, last)]]
        found.append(_digest([of_need, head(), _made_by()]))
    return found


def _surveys_only(need: Need) -> bool:
    return need.survey and not need.collected


def _days_only(need: Need) -> bool:
    return not need.survey and need.since is not None and need.until is not None


def _ends(need: Need) -> tuple[str, str]:
    """The names of the revisions of its first and last day."""
    return f"{REVISION}:{need.since}", f"{REVISION}:{need.until}"


def _revisions(connection: Connection, wanted: ColumnElement[bool]) -> dict[str, str]:
    rows = connection.execute(select(_HOME.c.key, _HOME.c.value).where(wanted))
    return {str(row.key): str(row.value) for row in rows}


def _changed_since(connection: Connection, as_of: dt.datetime | None) -> bool:
    newest = newest_in_force(connection)
    return as_of is not None and newest is not None and as_of < newest


@cache
def _made_by() -> str:
    """The code that makes and keeps the columns, and the reference table they take facts from."""
    code = (Path(str(module)).read_text("utf-8") for module in (frames.__file__, columns_module.__file__, __file__))
    return _digest([*code, read_text("countries.csv")])


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]


class _Loaded:
    """The small files that were loaded last, so that a clock, which looks at the same days every day, reads each once.
    A file is known by what makes it another one: its name, its number, its time and its size."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[Any, ...], dict[str, Column]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def columns(self, path: Path, names: tuple[str, ...]) -> dict[str, Column]:
        """The columns of these names as the file has them. Raises what reading it raises."""
        state = path.stat()
        known_by = (path.absolute(), state.st_ino, state.st_mtime_ns, state.st_size, names)
        with self._lock:
            if known_by in self._held:
                self._held.move_to_end(known_by)
                return self._held[known_by]
        columns = _read(path, names)
        size = _bytes_of(columns)
        if size > LOADED_BYTES // 8:
            return columns
        with self._lock:
            if known_by not in self._held:
                self._held[known_by] = columns
                self._bytes += size
            while self._bytes > LOADED_BYTES or len(self._held) > LOADED_FILES:
                self._bytes -= _bytes_of(self._held.popitem(last=False)[1])
        return columns


_LOADED = _Loaded()


def _read(path: Path, names: Sequence[str]) -> dict[str, Column]:
    """The columns as a file has them: nobody may change them, and whole numbers are of few bytes. The names of labels
    are the same from day to day, and held once."""
    # A zip: every member is checked by its checksum.
    with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
        columns: dict[str, Column] = {}
        for name in names:
            column = held[name]
            column.setflags(write=False)
            if name in TEXTS:
                labels = tuple(map(sys.intern, json.loads(held[name + _NAMES].tobytes())))
                columns[name] = Labels(column, labels)
            else:
                columns[name] = column
        return columns


def _as_needed(name: str, column: Column) -> Column:
    """A column of a file as figures are computed from it."""
    if isinstance(column, Labels):
        return Labels(column.codes.astype(np.int64), column.names)
    return column if name in NUMBERS or name in YES_NO else column.astype(np.int64)


def _array(column: Column) -> NDArray[Any]:
    return column.codes if isinstance(column, Labels) else column


def _bytes_of(columns: dict[str, Column]) -> int:
    return sum(_array(column).nbytes for column in columns.values())


class Sidecar:
    """The files of one folder. `load` and `save` raise nothing."""

    def __init__(self, folder: Path, kept: int = KEPT) -> None:
        self._folder = folder
        self._kept = kept

    def load(self, need: Need, key: str | None, names: Sequence[str] = FIGURES) -> Columns | None:
        """The columns of these names of this need in this state; None where they are not held, or not whole."""
        if key is None:
            return None
        path = self._path(need, key)
        try:
            held = _LOADED.columns(path, tuple(names))
            columns = {name: _as_needed(name, column) for name, column in held.items()}
            (size,) = {len(_array(column)) for column in columns.values()}
        except FileNotFoundError:
            return None
        except Exception as fault:  # truncated, garbage, unreadable: whatever it is, the database has the rows
            log.debug("sidecar %s: not used: %r", path, fault)
            return None
        return Columns(size, columns.__getitem__)

    def save(self, need: Need, key: str | None, columns: Columns) -> None:
        """Keep the columns, whole or not at all, and drop what they take the place of."""
        if key is None:
            return
        path = self._path(need, key)
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                np.savez(file, allow_pickle=False, **_arrays(columns))
            part.replace(path)
            self._clean(path)
        except OSError as fault:  # a home that may only be read, a full disk
            log.debug("sidecar %s: not kept: %r", path, fault)
            try:
                part.unlink(missing_ok=True)
            except OSError:
                return

    def _path(self, need: Need, key: str) -> Path:
        return self._folder / f"figures-{_need_digest(need)}-{key}.npz"

    def _clean(self, kept: Path) -> None:
        """Drop older states of the same need, all but the newest files, and what a kill left."""
        for path in self._folder.glob(f"{kept.name.rsplit('-', 1)[0]}-*.npz"):
            if path != kept:
                path.unlink(missing_ok=True)
        files = sorted(self._folder.glob("figures-*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in files[self._kept :]:
            path.unlink(missing_ok=True)
        for path in self._folder.glob("figures-*.part"):
            if path.stat().st_mtime < time.time() - _LEFT_OVER_SECONDS:
                path.unlink(missing_ok=True)


def _need_digest(need: Need) -> str:
    ends = [None if day is None else day.isoformat() for day in (need.since, need.until)]
    return _digest([need.survey, need.quarters, need.collected, ends])[:12]


def _arrays(columns: Columns) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in FIGURES:
        if name in TEXTS:
            labels = columns.labels(name)
            found[name] = _smallest(labels.codes)
            found[name + _NAMES] = np.frombuffer(json.dumps(labels.names).encode(), dtype=np.uint8)
        elif name in NUMBERS:
            found[name] = columns.numbers(name)
        elif name in YES_NO:
            found[name] = columns.yes_no(name)
        else:
            found[name] = _smallest(columns.whole(name))
    return found


def _smallest(values: Any) -> Any:
    """The same whole numbers in as few bytes as they fit."""
    low, high = (int(values.min()), int(values.max())) if len(values) else (0, 0)
    least = next(kind for kind in _LEAST if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max)
    return values.astype(least)
