"""Copies of an SQLite database while it is in use: by SQLite's own backup, whole or not at all. Plain file copies of a
database in use are torn now and then, so none is ever made."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine

from db.engine import reading, sqlite_path
from remitwatch.errors import InputError, StorageError

PAGES_A_STEP = 4096


def copy_database(engine: Engine, target: Path, progress: Callable[[int, int], None] | None = None) -> None:
    """Copy one state of the database to the file `target`, in place of what is there.

    Others read on meanwhile; who writes waits until it is done (up to 30 seconds). `progress` is told the pages copied
    and how many there are. Raises InputError for a database that is no file, StorageError when the disk refuses; then
    `target` is as it was.
    """
    if sqlite_path(engine) is None:
        raise InputError("database: only an SQLite database can be copied; copy one of PostgreSQL with pg_dump")
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        part.unlink(missing_ok=True)
        # The transaction keeps the state that is copied: without it every commit of another would begin the copy anew.
        with reading(engine) as connection:
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
            source = connection.connection.driver_connection
            assert isinstance(source, sqlite3.Connection)
            _copy(source, part, progress)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(part, target)
        sync_folder(target.parent)
    except OSError as error:
        raise _cannot_be_copied(part, error) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _copy(source: sqlite3.Connection, part: Path, progress: Callable[[int, int], None] | None) -> None:
    told = None if progress is None else lambda _, left, total: progress(total - left, total)
    try:
        with closing(sqlite3.connect(part)) as copy:
            source.backup(copy, pages=PAGES_A_STEP, progress=told)
    except sqlite3.OperationalError as error:
        if "locked" in str(error):  # the database itself is; anything else is the matter of the copy
            raise
        raise _cannot_be_copied(part, error) from error


def _cannot_be_copied(part: Path, error: Exception) -> StorageError:
    return StorageError(f"{part.parent}: the database cannot be copied here ({error}): make room, check the rights")


def older_copies(path: Path, keep: int) -> list[Path]:
    """The copies made before migrations of the database `path` but for the `keep` newest schemas, the oldest first."""
    found = []
    for copy in path.parent.glob(f"{path.name}.schema-*"):
        schema = re.fullmatch(r"schema-(\d+)", copy.name.removeprefix(f"{path.name}."))
        if schema:
            found.append((int(schema[1]), copy))
    return [copy for _, copy in sorted(found)][: max(len(found) - keep, 0)]


def sync_folder(folder: Path) -> None:
    """Make renames in a folder reach the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
