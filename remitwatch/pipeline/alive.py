"""Is the monitor alive? In well under a second, for health checks of containers and service managers."""

from __future__ import annotations

from db.engine import open_engine
from db.migrate import check
from remitwatch import heartbeat
from remitwatch.config import Loaded
from remitwatch.errors import RemitwatchError
from remitwatch.home import Home, refuse_half_restored
from remitwatch.pipeline.disk import disk_of, in_words
from remitwatch.pipeline.places import Now, database_url, sqlite_file, utc_now


def why_not_alive(home: Home, loaded: Loaded, now: Now = utc_now, *, clock: bool = True) -> list[str]:
    """What is wrong, a line each; empty when the database opens, the disk has room and the scheduler gave a sign lately
    (`clock`: it must have)."""
    wrong = []
    try:
        refuse_half_restored(home)
        engine = open_engine(database_url(home, loaded.settings), read_only=True)
        try:
            check(engine)
        finally:
            engine.dispose()
    except RemitwatchError as error:
        wrong.append(str(error))
    try:
        disk = disk_of(home, sqlite_file(home, loaded.settings))
        if disk.is_full:
            wrong.append(f"{home.root}: the disk is full: {in_words(disk.free)} free")
    except OSError as error:
        wrong.append(f"{home.root}: {error.strerror or error}")
    return wrong + (_clock(home, now) if clock else [])


def _clock(home: Home, now: Now) -> list[str]:
    try:
        beat = heartbeat.read(home)
    except RemitwatchError as error:
        return [str(error)]
    if beat is None:
        return ["no scheduler has run here yet: remitwatch schedule (without one: --without-clock)"]
    if beat.is_alive(now()):
        return []
    return [f"the scheduler's last sign is of {beat.at:%Y-%m-%d %H:%M:%S} UTC{' (stopped)' if beat.stopped else ''}"]
