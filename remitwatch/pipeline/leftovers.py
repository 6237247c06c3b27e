"""What a kill left in a home: files and folders that were being made."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from remitwatch.home import Home
from remitwatch.pipeline.backup.restoring import STAGING

LEFT_OVER_SECONDS = 3600
_LEFTOVERS = (
    *("*.part", ".*.part", ".*.new-*", f"{STAGING}*", ".remitwatch-backup-*", "cache/*.part"),
    *("archive/bodies/*/.writing-*", "editions/.building-*", "editions/.latest-*", "editions/.archive-*"),
)


def leftovers(home: Home, now: dt.datetime) -> list[Path]:
    """What a kill left in the home over an hour ago: nothing that is still being written."""
    return [path for pattern in _LEFTOVERS for path in home.root.glob(pattern) if is_old(path, now)]


def is_old(path: Path, now: dt.datetime) -> bool:
    """Whether a file was last touched over an hour ago; one that is gone is not."""
    try:
        return path.lstat().st_mtime < now.timestamp() - LEFT_OVER_SECONDS
    except FileNotFoundError:
        return False
