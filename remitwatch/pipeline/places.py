"""Which database is in force, and what time it is: light enough for a health check."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from db.engine import sqlite_path_of
from remitwatch.config import Settings
from remitwatch.home import Home

Now = Callable[[], dt.datetime]


def utc_now() -> dt.datetime:
    """The time of this machine, in UTC."""
    return dt.datetime.now(dt.UTC)


def database_url(home: Home, settings: Settings) -> str:
    """The database in force: the setting, else the SQLite file of the home."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    return f"sqlite:///{home.database}"


def sqlite_file(home: Home, settings: Settings) -> Path | None:
    """The file of the database in force; None when it is no SQLite file. Raises InputError for a wrong URL."""
    return sqlite_path_of(database_url(home, settings))
