"""Do secrets stand only where they belong: in the settings?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from db.queries import Queries
from remitwatch.config import Loaded, secret_values
from remitwatch.home import Home
from remitwatch.pipeline.doctoring.checks import Check, fault, ok

RECENT_DAYS = 31
_LEAST = 6  # shorter ones stand in many a text by chance
_PIECE = 1 << 20


def check_secrets(home: Home, loaded: Loaded, queries: Queries | None, now: dt.datetime, *, full: bool) -> Check:
    """Look for the secrets of the settings in logs, lists of answers, the heartbeat and the texts of the database;
    `full`: in all of them and in the editions, else in those of the last month."""
    wanted = [value for value in secret_values(loaded.settings) if len(value) >= _LEAST]
    if not wanted:
        return ok("secrets", "none is set")
    found = [str(path) for path in _files(home, now, full=full) if _holds(path, wanted)]
    if queries is not None:
        found += [f"table {name}" for name in queries.tables_that_say(wanted)]
    if found:
        what = f"{found[0]}: a secret of the settings stands in it"
        return fault("secrets", what, "renew that secret, then delete it there")
    return ok("secrets", f"{len(wanted)} looked for: in no log, archive, table{' or edition' if full else ''}")


def _files(home: Home, now: dt.datetime, *, full: bool) -> Iterator[Path]:
    patterns = ["logs/*", "archive/runs/*/*.jsonl", "heartbeat.json", *(["editions/**/*"] if full else [])]
    oldest = now.timestamp() - dt.timedelta(days=RECENT_DAYS).total_seconds()
    for pattern in patterns:
        for path in sorted(home.root.glob(pattern)):
            if path.is_file() and not path.is_symlink() and (full or path.stat().st_mtime >= oldest):
                yield path


def _holds(path: Path, wanted: list[str]) -> bool:
    known = [value.encode() for value in wanted]
    overlap, before = max(map(len, known)), b""
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                if any(value in before + piece for value in known):
                    return True
                before = piece[-overlap:]
    except OSError:
        return False
    return False
