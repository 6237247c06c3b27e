"""The disk of a home: how much room there is, and what the home takes."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remitwatch.home import Home

LEAST = 200_000_000
"""Bytes that should be free beside a copy of the database, which an upgrade makes."""
NEARLY_NONE = 20_000_000
"""With fewer bytes free hardly anything can be stored."""


@dataclass(frozen=True)
class Disk:
    """Bytes: free and in all on the disk of the home, and those of the database."""

    free: int
    total: int
    database: int

    @property
    def is_low(self) -> bool:
        """Whether there is too little room for a copy of the database and a few days of work."""
        return self.free < LEAST + self.database

    @property
    def is_full(self) -> bool:
        """Whether there is hardly any room."""
        return self.free < NEARLY_NONE


def disk_of(home: Home, database: Path | None) -> Disk:
    """The disk that a home is on. `database`: its SQLite file (None: it is elsewhere). Raises OSError."""
    usage = shutil.disk_usage(home.root)
    files = [] if database is None else [database, database.with_name(database.name + "-wal")]
    return Disk(usage.free, usage.total, sum(file.stat().st_size for file in files if file.exists()))


def folder_bytes(folder: Path) -> int:
    """The bytes of all files in a folder; 0 where there is none."""
    total = 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    total += folder_bytes(Path(entry.path))
                elif entry.is_file(follow_symlinks=False):
                    total += entry.stat().st_size
    except OSError:  # it went while it was looked at
        return total
    return total


def in_words(size: int) -> str:
    """A size for a person: `1.4 GB`."""
    units = ("bytes", "kB", "MB", "GB", "TB")
    value = float(size)
    for unit in units[:-1]:
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} {units[-1]}"


def of_home(home: Home, database: Path | None) -> dict[str, Any]:
    """What a home takes, for a machine: bytes of the database, the answers and the editions, and what is free."""
    disk = disk_of(home, database)
    return {
        "free_bytes": disk.free,
        "total_bytes": disk.total,
        "database_bytes": disk.database,
        "archive_bytes": folder_bytes(home.archive),
        "editions_bytes": folder_bytes(home.editions),
        "low": disk.is_low,
    }
