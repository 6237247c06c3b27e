"""Is the database there, sound, and of this program's schema?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Engine

from db.engine import WAL_IS_SAFE, journal_mode, open_engine
from db.health import damaged_pages, damaged_runs
from db.migrate import check, head, schema_version
from db.queries import Queries
from remitwatch.config import Settings
from remitwatch.home import Home, refuse_half_restored
from remitwatch.pipeline.doctoring.checks import Check, fault, ok, told, warning
from remitwatch.pipeline.places import database_url, sqlite_file

RESTORE = "restore a backup: remitwatch restore FILE --replace"


def check_sqlite(database: Path | None) -> Check:
    """Which SQLite, and which journal with it."""
    version, wanted = sqlite3.sqlite_version, journal_mode()
    least = ".".join(map(str, WAL_IS_SAFE))
    why = "safe with this version" if wanted == "WAL" else f"versions before {least} can lose a commit with WAL"
    found = f"SQLite {version}, journal {wanted} ({why})"
    if database is None or not database.exists():
        return ok("sqlite", found)
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            actual = str(connection.execute("PRAGMA journal_mode").fetchone()[0]).upper()
    except sqlite3.Error:
        return ok("sqlite", found)  # what is wrong with the file is told by the check of the database
    if actual == "WAL" and wanted != "WAL":
        return warning("sqlite", f"{found}; the file was last written with WAL", "run: remitwatch db upgrade")
    return ok("sqlite", found)


def check_database(home: Home, settings: Settings, checks: list[Check]) -> bool:
    """Whether the database can be opened and has this program's schema; with one line added to `checks`."""
    with told("database", checks):
        refuse_half_restored(home)
        path = sqlite_file(home, settings)
        if path is not None and not path.exists():
            checks.append(fault("database", f"{path}: there is none", f"make one: remitwatch init; or {RESTORE}"))
            return False
        with opened(home, settings) as engine:
            has, wants = schema_version(engine), head()
            if 0 < has < wants:
                what = "it is copied first" if path is not None else "save it with pg_dump first"
                found = f"its schema is {has}, this program's is {wants}"
                checks.append(warning("database", found, f"run: remitwatch db upgrade ({what})"))
                return False
            check(engine)
            where = engine.url.set(password=None, username=None).render_as_string() if path is None else str(path)
            checks.append(ok("database", f"{where}: schema {has}, this program's"))
        return True
    return False


def check_integrity(home: Home, settings: Settings, checks: list[Check]) -> None:
    """Whether every row is the one that was stored: the database's own checks, and the digest of every run."""
    with told("integrity", checks), opened(home, settings) as engine:
        wrong = damaged_pages(engine) or damaged_runs(engine)
        if wrong:
            more = f" (and {len(wrong) - 1} more: remitwatch db check)" if len(wrong) > 1 else ""
            checks.append(fault("integrity", wrong[0].removesuffix("; restore a backup") + more, RESTORE))
        else:
            checks.append(ok("integrity", f"sound; {len(Queries(engine).digests())} runs agree with their digests"))


@contextmanager
def opened(home: Home, settings: Settings) -> Iterator[Engine]:
    """The database, for reading."""
    engine = open_engine(database_url(home, settings), read_only=True)
    try:
        yield engine
    finally:
        engine.dispose()
