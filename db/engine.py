"""The engine: how a database is opened, locked for writing and read, and how its faults are told in one line.

Only this module, `types` and `migrate` know which database is underneath.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import secrets
import socket
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError

from remitwatch.errors import BusyError, InputError, RemitwatchError, StorageError
from remitwatch.locks import locked

APPLICATION_ID = 0x52575443  # "RWTC", in the header of every SQLite file of ours
WAL_IS_SAFE = (3, 51, 3)  # 3.7.0 to 3.51.2 can lose a commit in the WAL-reset race
LOCK_SECONDS = 30
# PostgreSQL's advisory locks: transactions that write queue at the first, as SQLite's own lock makes them do; the
# second is held through a whole writing session. Two numbers: the session's own transactions must not wait for it.
_WRITERS = 0x52575443
_SESSION = 0x52575444
_LEADER = 0x52575445  # held by the one scheduler
_WRITING = "remitwatch_writing"
REVISION = "revision"
"""The row of the table `home` that is renewed by every transaction which writes quotes, observations or runs; one that
says by `touches_days` that it changes the collected prices of some days only renews the rows of these days instead
(`revision:2026-10-30`)."""
_OBSERVED = re.compile(r'\s*(INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+"?(quote|observation|run)\b', re.IGNORECASE)
_TOUCHED = "remitwatch_touched"
_DAYS = "remitwatch_days"


def journal_mode(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> str:
    """`WAL` where this version of SQLite is safe with it, else `TRUNCATE` (a rollback journal)."""
    return "WAL" if version >= WAL_IS_SAFE else "TRUNCATE"


def sqlite_path(engine: Engine) -> Path | None:
    """The file of an SQLite database; None for PostgreSQL."""
    return Path(engine.url.database or "") if engine.dialect.name == "sqlite" else None


def sqlite_path_of(url: str) -> Path | None:
    """The file that `sqlite:///path` names; None for another database. Raises InputError for a wrong URL."""
    parsed = _parsed(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
        parsed.get_backend_name()
    except ArgumentError:
        raise InputError(
            "database: the URL cannot be read, expected sqlite:///path or postgresql+psycopg://..."
        ) from None
    return parsed


def open_engine(url: str, *, read_only: bool = False) -> Engine:
    """An engine for `sqlite:///path` or `postgresql+psycopg://...`. Close it with `.dispose()`.

    An SQLite file that is there must be a database of remitwatch; one that is not there is made by `migrate.upgrade`.
    Raises InputError for a wrong URL, StorageError (one line: what is wrong and what to do) for a file that is empty,
    foreign, damaged or cannot be opened.
    """
    parsed = _parsed(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return _open_sqlite(url, Path(str(parsed.database)), read_only)
    if backend == "postgresql":
        return _open_postgresql(url, read_only)
    raise InputError(f"database {backend!r}: expected sqlite:///path or postgresql+psycopg://...")


def _open_sqlite(url: str, path: Path, read_only: bool) -> Engine:
    if path.exists():
        check_header(path)
    elif read_only:
        raise StorageError(f"{path}: there is no database yet; make one with: remitwatch init")

    def connect() -> sqlite3.Connection:
        if read_only:
            _roll_back_what_a_kill_left(path)
        # No file is made here: a database comes into being whole (migrate.py), so an empty file is always damage.
        where = f"file:{quote(str(path.absolute()))}?mode={'ro' if read_only else 'rw'}"
        connection = sqlite3.connect(
            where, uri=True, timeout=LOCK_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            if not read_only:
                connection.execute(f"PRAGMA journal_mode = {journal_mode()}")
                connection.execute("PRAGMA synchronous = FULL")
                # A transaction that outgrows the cache writes to the file before its commit, and then shuts readers out
                # until it ends. 64 MB hold about 80,000 new quotes; the default of 2 MB held 2,000.
                connection.execute("PRAGMA cache_size = -65536")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    engine = create_engine(url, creator=connect)

    # The driver's own BEGIN is deferred: a transaction that reads and then writes fails at once with "locked" in spite
    # of the timeout. So we say BEGIN ourselves, and writers take the lock first.
    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get(_WRITING)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    _watch(engine)
    _keep_to_this_process(engine)
    return engine


def _roll_back_what_a_kill_left(path: Path) -> None:
    """A writer that was killed may leave its journal behind. Undoing its half transaction needs a connection that may
    write; a reading one would be refused. Beside a living writer this does nothing: the writer holds its lock."""
    journal = path.with_name(path.name + "-journal")
    try:
        left = journal.stat().st_size > 0
    except FileNotFoundError:
        return
    if left:
        where = f"file:{quote(str(path.absolute()))}?mode=rw"
        with closing(sqlite3.connect(where, uri=True, timeout=LOCK_SECONDS)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()


def _open_postgresql(url: str, read_only: bool) -> Engine:
    options = f"-c timezone=UTC -c lock_timeout={LOCK_SECONDS}s"
    if read_only:
        options += " -c default_transaction_read_only=on"
    try:
        engine = create_engine(
            url, pool_pre_ping=True, connect_args={"options": options, "connect_timeout": LOCK_SECONDS}
        )
    except (NoSuchModuleError, ModuleNotFoundError):
        raise InputError(
            "database: PostgreSQL needs the extra 'postgres': pip install 'remitwatch[postgres]'"
        ) from None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get(_WRITING):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS})")

    _watch(engine)
    _keep_to_this_process(engine)
    return engine


def check_header(path: Path) -> None:
    """Check that a file is an SQLite database of remitwatch, without opening it. Raises StorageError with one line."""
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except OSError as error:
        raise StorageError(f"{path}: cannot be read: {error.strerror}") from None
    if not head:
        raise StorageError(f"{path}: the file is empty; restore a backup, or delete it to start anew")
    if len(head) < 100 or not head.startswith(b"SQLite format 3\x00"):
        raise StorageError(f"{path}: not an SQLite database, or its header is damaged; restore a backup")
    if int.from_bytes(head[68:72], "big") != APPLICATION_ID:
        raise StorageError(
            f"{path}: an SQLite database, but not one of remitwatch; point --home or --database elsewhere"
        )


@contextmanager
def only_writer(engine: Engine) -> Iterator[None]:
    """Hold a database for a whole writing session, whichever home it is opened from: another session would take this
    one's unfinished runs for those of a kill. The lock is gone when the process ends, however it ends.

    Raises BusyError at once when another session holds it.
    """
    path = sqlite_path(engine)
    if path is not None:
        path = path.resolve()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"{path}: the database cannot be made here: {error}") from None
        with locked(path.with_name(f"{path.name}.lock"), str(path)):
            yield
        return
    with told(engine):
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")  # never idle in a transaction
        connection.detach()  # closed at the end, not put back: the lock goes with it
    try:
        with told(engine):
            held = connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_SESSION})").scalar_one()
        if not held:
            where = engine.url.set(password=None, username=None).render_as_string()
            raise BusyError(f"database {where}: already in use by another home; try again when it has ended")
        yield
    finally:
        connection.close()


class Leader:
    """The lock of the one scheduler of a database, whichever home and host it runs on. Gone when the process ends."""

    def __init__(self, engine: Engine, now: dt.datetime) -> None:
        self._engine = engine
        self._since = f"{now:%Y-%m-%d %H:%M:%S} UTC"
        self._held = ExitStack()
        self._connection: Connection | None = None

    def __enter__(self) -> Leader:
        path = sqlite_path(self._engine)
        if path is None:
            self._take()
        else:
            path = path.resolve()
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = path.with_name(f"{path.name}.scheduler.lock")
            since = f" on {socket.gethostname()} since {self._since}"
            self._held.enter_context(locked(lock, str(path), by="another scheduler, ", since=since))
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()
        self._held.close()

    def check(self) -> None:
        """Make sure that it is still held: a PostgreSQL server that restarts forgets it, and then it is taken anew.
        Raises BusyError when another scheduler has it by now, StorageError when the server cannot be reached."""
        if self._connection is None:
            return
        try:
            self._connection.exec_driver_sql("SELECT 1")
        except DBAPIError:
            self._connection.close()
            self._take()

    def _take(self) -> None:
        with told(self._engine):
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            connection.detach()
        try:
            with told(self._engine):
                who = f"scheduler, process {os.getpid()} on {socket.gethostname()}"
                connection.exec_driver_sql("SELECT set_config('application_name', %s, false)", (who[:63],))
                held = connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_LEADER})").scalar_one()
                holder = None if held else connection.exec_driver_sql(_HOLDER, (_LEADER,)).first()
        except BaseException:  # an interrupt too must not leave the connection open; it is raised again
            connection.close()
            raise
        if not held:
            connection.close()
            where = self._engine.url.set(password=None, username=None).render_as_string()
            known = "scheduler" if holder is None else f"{holder[0]} since {holder[1]:%Y-%m-%d %H:%M:%S} UTC"
            raise BusyError(f"database {where}: already in use by another {known}; try again when it has ended")
        self._connection = connection


_HOLDER = """SELECT a.application_name, a.backend_start AT TIME ZONE 'UTC' FROM pg_locks l
    JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 0 AND l.objid = %s AND l.database =
        (SELECT oid FROM pg_database WHERE datname = current_database())"""


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes: everything in it is kept, or nothing. Writers queue for up to 30 seconds.

    Raises BusyError when another writer holds the database longer, StorageError for any other fault of the database.
    """
    with told(engine), engine.connect().execution_options(**{_WRITING: True}) as connection, connection.begin():
        connection.info.pop(_TOUCHED, None)
        connection.info.pop(_DAYS, None)
        yield connection
        days = connection.info.pop(_DAYS, None)
        if connection.info.pop(_TOUCHED, False):
            _renew(connection, days)


def touches_days(connection: Connection, days: Iterable[dt.date]) -> None:
    """Say of this transaction that what it writes changes the figures of collected prices of these days at most (none:
    it changes no figure). Only for a transaction of which that is true of everything that it writes."""
    connection.info.setdefault(_DAYS, set()).update(day.isoformat() for day in days)


def _watch(engine: Engine) -> None:
    """Notice statements that change what figures are computed from, whoever wrote them and however they are sent."""

    @event.listens_for(engine, "before_cursor_execute")
    def notice(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        if _OBSERVED.match(statement):
            connection.info[_TOUCHED] = True


def _keep_to_this_process(engine: Engine) -> None:
    """See that no copy of this process (fork) uses its connections: both would write and read through one, and SQLite's
    locks would be of neither."""
    ours = os.getpid()

    @event.listens_for(engine, "engine_connect")
    def check(_connection: Connection) -> None:
        if os.getpid() != ours:
            raise RuntimeError("a database is used in a copy of the process that opened it")


def _renew(connection: Connection, days: set[str] | None) -> None:
    """Renew the revision of these days; of everything where no days are known, or where there was none yet. The numbers
    were never there before: a restored backup, too, gets no revision twice."""
    keys = [f"{REVISION}:{day}" for day in sorted(days or ())]
    there = connection.execute(text("SELECT value FROM home WHERE key = :key"), {"key": REVISION}).first()
    if days is None or there is None:
        keys.append(REVISION)
    for key in keys:
        renewed = {"key": key, "value": secrets.token_hex(16)}
        connection.execute(text("DELETE FROM home WHERE key = :key"), {"key": key})
        connection.execute(text("INSERT INTO home (key, value) VALUES (:key, :value)"), renewed)


@contextmanager
def writing_alone(engine: Engine) -> Iterator[Connection]:
    """As `writing`, for a change of the tables themselves.

    SQLite alters a table by dropping and rebuilding it; with foreign keys on, the drop would delete what points to it.
    The pragma does nothing inside a transaction, so it comes before, on a connection that goes back to no pool.
    """
    with told(engine), engine.connect().execution_options(**{_WRITING: True}) as connection:
        driver = connection.connection.driver_connection
        connection.detach()
        if isinstance(driver, sqlite3.Connection):
            driver.execute("PRAGMA foreign_keys = OFF")
        with connection.begin():
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that reads a single state of the database. Raises as `writing` does."""
    with told(engine), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def told(engine: Engine) -> Iterator[None]:
    """Tell the faults of the database in one line that a person can act on."""
    try:
        yield
    except DBAPIError as error:
        raise _as_ours(engine, error) from error
    except sqlite3.Error as error:  # from the connection's own pragmas and from backups
        raise _sqlite_fault(engine, error) from error


def _as_ours(engine: Engine, error: DBAPIError) -> RemitwatchError:
    fault: Any = error.orig
    if isinstance(fault, sqlite3.Error) and not isinstance(error, IntegrityError):
        return _sqlite_fault(engine, fault)
    first_line = str(fault).strip().partition("\n")[0]
    if isinstance(error, IntegrityError):
        return StorageError(f"database: a rule of the tables is broken: {first_line}")
    if getattr(fault, "sqlstate", None) == "55P03":
        return BusyError(f"database: another writer has held it for {LOCK_SECONDS} s; try again when it is done")
    where = engine.url.set(password=None, username=None).render_as_string()
    return StorageError(f"database {where}: {first_line}")


def _sqlite_fault(engine: Engine, fault: sqlite3.Error) -> RemitwatchError:
    path = sqlite_path(engine)
    text = str(fault)
    if "locked" in text:
        return BusyError(f"{path}: locked by another process for {LOCK_SECONDS} s; try again when it is done")
    known = {
        "full": "the disk is full; make room and run again (what was stored before is intact)",
        "readonly": "cannot be written; check the permissions of the file and its folder",
        "unable to open": "cannot be opened; check that the file is there and the permissions of its folder",
        "malformed": "the database is damaged; restore a backup",
        "not a database": "the database is damaged; restore a backup",
        "disk I/O": "the disk cannot be read or written",
        "no such table": "its tables are not those of this program; run: remitwatch db upgrade",
        "no such column": "its tables are not those of this program; run: remitwatch db upgrade",
    }
    for sign, advice in known.items():
        if sign in text:
            return StorageError(f"{path}: {advice} (SQLite: {text})")
    return StorageError(f"{path}: {text}")
