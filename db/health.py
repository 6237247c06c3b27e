"""The health of a database: what its own checks and our digests find."""

from __future__ import annotations

from sqlalchemy import Engine, select

from db.bulk import digest_of_run
from db.engine import reading, sqlite_path
from db.migrate import check
from db.tables import RunRow, table
from remitwatch.errors import StorageError

_RUN = table(RunRow)


def problems(engine: Engine) -> list[str]:
    """Everything that is wrong with the database, one line each; empty when it is sound.

    SQLite's own check finds about half of all flipped bits, so each run's digest is computed anew as well. Raises
    BusyError when the database stays locked.
    """
    try:
        check(engine)
        return _damaged_pages(engine) or damaged_runs(engine)
    except StorageError as error:
        return [str(error)]


def quick_problems(engine: Engine) -> list[str]:
    """As `problems`, without the digests of the runs, which read every row."""
    try:
        check(engine)
        return _damaged_pages(engine)
    except StorageError as error:
        return [str(error)]


def damaged_runs(engine: Engine) -> list[str]:
    """The runs whose rows are not those that were stored, one line each. Raises StorageError for a faulty database."""
    with reading(engine) as connection:
        stored = connection.execute(
            select(_RUN.c.id, _RUN.c.source, _RUN.c.logical_date, _RUN.c.digest)
            .where(_RUN.c.digest.is_not(None))
            .order_by(_RUN.c.id)
        ).all()
        return [
            f"run {run_id} ({source} {day}): its rows are not those that were stored; restore a backup"
            for run_id, source, day, digest in stored
            if digest_of_run(connection, run_id) != digest
        ]


def _damaged_pages(engine: Engine) -> list[str]:
    path = sqlite_path(engine)
    if path is None:
        return []
    with reading(engine) as connection:
        # one row may hold a heading and a finding: "*** in database main ***\nPage 44: ..."
        found = [" ".join(str(row[0]).split("\n")) for row in connection.exec_driver_sql("PRAGMA quick_check")]
        astray = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    lines = [f"{path}: {line}; restore a backup" for line in found if line != "ok"]
    return lines + [
        f"{path}: row {row[1]} of {row[0]} points to a row of {row[2]} that is gone; restore a backup" for row in astray
    ]
