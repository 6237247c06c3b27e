"""The heartbeat of the clock: `<home>/heartbeat.json`, written anew every minute, and whenever a job begins or ends.

One JSON object, every key always there, times in UTC (`2026-10-30T15:30:00Z`), null where there is nothing to say:

    {"pid": 4711, "host": "monitor-1", "since": T, "at": T,
     "next_job": "collect ecb", "next_at": T, "working": "observe", "working_since": T,
     "last_job": "check", "last_at": T, "last_outcome": "ok", "last_message": "2 findings", "stopped": false}

`at` is when it was written: one that is older than `STALE_SECONDS` is of a clock that stands or was killed. `next_job`
is the job whose time comes next, `working` the one at work now, `last_*` the one that ended last: its outcome is `ok`,
`failed` (a fault that its message names) or `broke` (an error of this program). `stopped` is true once a clock has
ended as it was told to.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_type_hints

from remitwatch.errors import StorageError
from remitwatch.home import Home

EVERY_SECONDS = 60
STALE_SECONDS = 180
Outcome = Literal["ok", "failed", "broke"]


@dataclass(frozen=True)
class Heartbeat:
    """What a clock says of itself; the words are those of the file."""

    pid: int
    host: str
    since: dt.datetime
    at: dt.datetime
    next_job: str | None = None
    next_at: dt.datetime | None = None
    working: str | None = None
    working_since: dt.datetime | None = None
    last_job: str | None = None
    last_at: dt.datetime | None = None
    last_outcome: Outcome | None = None
    last_message: str | None = None
    stopped: bool = False

    def is_alive(self, now: dt.datetime) -> bool:
        """Whether its clock still ran a short while ago."""
        return not self.stopped and now - self.at < dt.timedelta(seconds=STALE_SECONDS)


def path_of(home: Home) -> Path:
    """Where the heartbeat of a home stands."""
    return home.root / "heartbeat.json"


def write(home: Home, beat: Heartbeat) -> None:
    """Put it in the place of the one before, whole. Raises OSError where the disk does not take it."""
    path = path_of(home)
    content = {key: _written(value) for key, value in asdict(beat).items()}
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        aside.write_text(json.dumps(content, ensure_ascii=False) + "\n", "utf-8")
        os.replace(aside, path)
    except OSError:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise


def read(home: Home) -> Heartbeat | None:
    """The heartbeat of a home; None where no clock ever ran. Raises StorageError when the file is not one."""
    path = path_of(home)
    try:
        content = json.loads(path.read_text("utf-8"))
        return Heartbeat(**_values(content))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise StorageError(f"{path}: not a heartbeat ({error}): delete it, the clock writes it anew") from None


def _written(value: Any) -> Any:
    return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, dt.datetime) else value


def _values(content: Mapping[str, Any]) -> dict[str, Any]:
    kinds = get_type_hints(Heartbeat)
    times = {one.name for one in fields(Heartbeat) if kinds[one.name] in (dt.datetime, dt.datetime | None)}
    return {
        key: dt.datetime.fromisoformat(value) if key in times and value is not None else value
        for key, value in content.items()
    }
