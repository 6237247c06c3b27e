"""Migrations, run from code: a database is brought to this program's schema in one transaction, or left as it was.

A migration is a file `migrations/versions/vNNNN_<words>.py` with `revision = "NNNN"`, written or checked by hand; a
test holds the models and the migrations together.
"""

from __future__ import annotations

import logging
import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect

from db.copying import copy_database, older_copies, sync_folder
from db.engine import APPLICATION_ID, open_engine, reading, sqlite_path, writing_alone
from remitwatch.errors import StorageError

log = logging.getLogger("remitwatch.db")

MIGRATIONS = Path(__file__).parent / "migrations"
COPIES = 3
"""So many copies made before migrations are kept, unless the settings say another number."""


def head(migrations: Path = MIGRATIONS) -> int:
    """The number of the newest migration."""
    names = (re.match(r"v(\d{4})_\w+\.py$", path.name) for path in (migrations / "versions").iterdir())
    return max(int(name[1]) for name in names if name)


def schema_version(engine: Engine) -> int:
    """The number of the last migration that this database has had; 0 when it has had none. Raises StorageError."""
    with reading(engine) as connection:
        return _version(connection)


def check(engine: Engine, migrations: Path = MIGRATIONS) -> None:
    """Check that the database has the schema of this program. Raises StorageError: not made yet, older, or newer."""
    has, wants = schema_version(engine), head(migrations)
    if has == 0:
        raise StorageError("database: it has no tables yet; make them with: remitwatch init")
    if has < wants:
        raise StorageError(f"database: its schema is {has}, this program's is {wants}; run: remitwatch db upgrade")
    if has > wants:
        raise StorageError(_newer(has, wants))


def upgrade(engine: Engine, migrations: Path = MIGRATIONS, *, keep_copies: int = COPIES) -> bool:
    """Bring the database to the schema of this program; make it where there is none. Returns whether anything changed.

    An older SQLite database is copied first, to `<file>.schema-<version>` beside it; of such copies those of the
    `keep_copies` newest schemas stay. Raises StorageError when the
    database is newer than this program, or a migration fails (then nothing has changed).
    """
    path = sqlite_path(engine)
    if path is not None and not path.exists():
        _create(path, migrations)
        return True
    has, wants = schema_version(engine), head(migrations)
    if has == wants:
        return False
    if has > wants:
        raise StorageError(_newer(has, wants))
    if path is not None and has > 0:
        copy_database(engine, path.with_name(f"{path.name}.schema-{has}"))
    with writing_alone(engine) as connection:
        if _version(connection) != wants:  # another process may have done it while this one waited for the lock
            _run(connection, migrations)
    log.info("database brought from schema %d to %d", has, wants)
    for old in [] if path is None else older_copies(path, keep_copies):
        old.unlink(missing_ok=True)
    return True


def _newer(has: int, wants: int) -> str:
    return (
        f"database: its schema is {has}, made by a newer remitwatch than this one ({wants}); update remitwatch, or "
        "restore the copy made before the upgrade"
    )


def _create(path: Path, migrations: Path) -> None:
    """Make the file elsewhere and give it its name when it is whole: a kill leaves no empty or half-made database."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(path)
    build = path.with_name(f".{path.name}.new-{os.getpid()}")
    try:
        with closing(sqlite3.connect(build)) as connection:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        engine = open_engine(f"sqlite:///{build}")
        try:
            with writing_alone(engine) as migrating:
                _run(migrating, migrations)
        finally:
            engine.dispose()
        os.link(build, path)
        sync_folder(path.parent)
    except FileExistsError:
        return  # another process made it meanwhile
    except (OSError, sqlite3.Error) as error:
        raise StorageError(f"{path}: the database cannot be made here: {error}") from error
    finally:
        for leftover in path.parent.glob(f"{build.name}*"):
            leftover.unlink(missing_ok=True)


def _remove_leftovers(path: Path) -> None:
    for leftover in path.parent.glob(f".{path.name}.new-*"):
        pid = re.search(r"new-(\d+)", leftover.name)
        if pid and not _alive(int(pid[1])):
            leftover.unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table("alembic_version"):
        return 0
    (revision,) = connection.exec_driver_sql("SELECT max(version_num) FROM alembic_version").one()
    if revision is None:
        return 0
    if not str(revision).isdigit():
        raise StorageError(f"the database has the unknown layout {str(revision)[:40]!r}: use the version that made it")
    return int(revision)


def _run(connection: Connection, migrations: Path) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util.exc import CommandError

    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StorageError(f"database: the migrations cannot be run: {error}") from error
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise StorageError(
                f"database: after the migration a row of {broken[0]} points nowhere; nothing was changed"
            )
        connection.exec_driver_sql(f"PRAGMA user_version = {head(migrations)}")
