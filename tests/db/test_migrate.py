"""Migrations: the models and they agree, they run whole or not at all, and no half-made or foreign file is taken."""

import datetime as dt
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect

from db.engine import APPLICATION_ID, journal_mode, open_engine, reading
from db.health import problems
from db.migrate import MIGRATIONS, check, head, schema_version, upgrade
from db.queries import Queries
from db.store import Store
from db.tables import Row
from remitwatch.errors import InputError, StorageError

MADE = dt.datetime(2026, 10, 30, 6, tzinfo=dt.UTC)
LATER = head() + 1


def differences(engine: Engine) -> list[object]:
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, Row.metadata))


def test_models_and_migrations_agree(engine: Engine) -> None:
    assert differences(engine) == []
    names = set(inspect(engine).get_table_names())
    assert names == {*Row.metadata.tables, "alembic_version"}


def test_an_upgrade_of_an_up_to_date_database_changes_nothing(database_url: str) -> None:
    engine = open_engine(database_url)
    assert upgrade(engine) is True
    assert upgrade(engine) is False
    check(engine)
    assert schema_version(engine) == head()
    engine.dispose()


def test_a_database_without_tables_is_told_as_such(database_url: str) -> None:
    if database_url.startswith("sqlite"):
        with pytest.raises(StorageError, match=r"there is no database yet; make one with: remitwatch init"):
            open_engine(database_url, read_only=True)
        return
    engine = open_engine(database_url, read_only=True)
    with pytest.raises(StorageError, match="no tables yet"):
        check(engine)
    engine.dispose()


def test_the_working_directory_does_not_matter(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    engine = open_engine(sqlite_url)
    upgrade(engine)
    check(engine)
    engine.dispose()
    assert MIGRATIONS.is_absolute()


def test_a_new_file_is_marked_as_ours_and_safe(sqlite_engine: Engine) -> None:
    with reading(sqlite_engine) as connection:
        pragma = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in (
                "application_id",
                "user_version",
                "journal_mode",
                "synchronous",
                "foreign_keys",
                "busy_timeout",
            )
        }
    assert pragma == {
        "application_id": APPLICATION_ID,
        "user_version": head(),
        "journal_mode": journal_mode().lower(),
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
    }


@pytest.mark.parametrize(
    ("version", "mode"), [((3, 40, 1), "TRUNCATE"), ((3, 51, 2), "TRUNCATE"), ((3, 51, 3), "WAL"), ((3, 52, 0), "WAL")]
)
def test_the_journal_mode_follows_the_version(version: tuple[int, ...], mode: str) -> None:
    assert journal_mode(version) == mode


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty; restore a backup"),
        (b"id,period\n1,2025_3Q\n" * 20, "not an SQLite database"),
        (b"SQLite format 3\x00", "not an SQLite database"),
    ],
)
def test_a_file_that_is_no_database_is_refused_untouched(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "remitwatch.sqlite"
    path.write_bytes(content)
    with pytest.raises(StorageError, match=words):
        open_engine(f"sqlite:///{path}")
    assert path.read_bytes() == content


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "firefox.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (id)")
    with pytest.raises(StorageError, match="not one of remitwatch"):
        open_engine(f"sqlite:///{path}")


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "nonsense"])
def test_an_unfit_url_is_bad_input(url: str) -> None:
    with pytest.raises(InputError, match="database"):
        open_engine(url)


def test_a_newer_database_is_not_touched(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for act in (check, upgrade):
        with pytest.raises(StorageError, match=r"its schema is 9999, made by a newer remitwatch than this one"):
            act(engine)


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    """A copy of the migrations, for a test to add one to."""
    return Path(shutil.copytree(MIGRATIONS, tmp_path / "migrations"))


def add_migration(migrations: Path, body: str) -> None:
    text = (
        f'from alembic import op\nimport sqlalchemy as sa\nrevision = "{LATER:04}"\ndown_revision = "{head():04}"\n\n'
    )
    (migrations / "versions" / f"v{LATER:04}_later.py").write_text(text + "def upgrade():\n" + body)


def test_an_older_database_is_copied_and_then_upgraded(database_url: str, migrations: Path, tmp_path: Path) -> None:
    engine = open_engine(database_url)
    upgrade(engine)
    Store(engine).set_home_kind("real", MADE)
    add_migration(migrations, "    op.add_column('issue', sa.Column('note', sa.Text))\n")
    with pytest.raises(StorageError, match="run: remitwatch db upgrade"):
        check(engine, migrations)
    assert upgrade(engine, migrations) is True
    assert schema_version(engine) == LATER
    assert "note" in {column["name"] for column in inspect(engine).get_columns("issue")}
    assert Store(engine).home_kind() == "real"
    engine.dispose()
    if database_url.startswith("sqlite"):
        copy = open_engine(f"sqlite:///{tmp_path}/test.sqlite.schema-{head()}")
        assert schema_version(copy) == head()
        assert Store(copy).home_kind() == "real"
        copy.dispose()


def test_a_migration_that_rebuilds_a_table_keeps_what_points_to_it(
    sqlite_engine: Engine, migrations: Path, make: Any
) -> None:
    store = Store(sqlite_engine)
    make.run(store, make.quote())
    add_migration(migrations, "    with op.batch_alter_table('run') as run:\n        run.drop_column('rows_read')\n")
    upgrade(sqlite_engine, migrations)
    assert Queries(sqlite_engine).counts()["quote"] == 1
    with reading(sqlite_engine) as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def test_a_migration_that_fails_leaves_the_database_as_it_was(database_url: str, migrations: Path) -> None:
    engine = open_engine(database_url)
    upgrade(engine)
    Store(engine).set_home_kind("real", MADE)
    add_migration(
        migrations,
        "    op.add_column('issue', sa.Column('note', sa.Text))\n    op.execute('DELETE FROM home')\n"
        "    op.execute('UPDATE nowhere SET x = 1')\n",
    )
    with pytest.raises(StorageError):
        upgrade(engine, migrations)
    assert schema_version(engine) == head()
    assert Store(engine).home_kind() == "real"
    assert differences(engine) == []
    engine.dispose()
    if database_url.startswith("sqlite"):
        engine = open_engine(database_url)
        check(engine)
        engine.dispose()


def test_of_the_copies_made_before_migrations_the_newest_stay(
    sqlite_engine: Engine, migrations: Path, tmp_path: Path
) -> None:
    path = Path(sqlite_engine.url.database or "")
    for schema in (2, 3, 10):
        path.with_name(f"{path.name}.schema-{schema}").write_bytes(b"an older one")
    add_migration(migrations, "    op.add_column('issue', sa.Column('note', sa.Text))\n")
    upgrade(sqlite_engine, migrations, keep_copies=2)
    kept = sorted(copy.name.rsplit("-", 1)[1] for copy in path.parent.glob(f"{path.name}.schema-*"))
    assert kept == sorted([str(head()), "10"])


def test_without_a_copy_there_is_no_migration(sqlite_engine: Engine, migrations: Path) -> None:
    Store(sqlite_engine).set_home_kind("real", MADE)
    path = Path(sqlite_engine.url.database or "")
    path.with_name(f"{path.name}.schema-{head()}").mkdir()  # in the way, as a full disk is
    add_migration(migrations, "    op.execute('DELETE FROM home')\n")
    with pytest.raises(StorageError, match="the database cannot be copied here"):
        upgrade(sqlite_engine, migrations)
    assert schema_version(sqlite_engine) == head()
    assert Store(sqlite_engine).home_kind() == "real"
    assert not list(path.parent.glob("*.part"))


@pytest.mark.parametrize("at", ["before", "within", "after"])
def test_a_kill_in_the_middle_of_a_migration_leaves_the_old_schema(
    sqlite_engine: Engine, migrations: Path, at: str
) -> None:
    """SIGKILL in the transaction: before, within and after the work of the migration; the copy is there, too."""
    Store(sqlite_engine).set_home_kind("real", MADE)
    sqlite_engine.dispose()
    kill = "    import os, signal\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    work = [
        "    op.add_column('issue', sa.Column('note', sa.Text))\n",
        "    op.execute('DELETE FROM home')\n",
    ]
    work.insert({"before": 0, "within": 1, "after": 2}[at], kill)
    add_migration(migrations, "".join(work))
    code = (
        "import sys; from pathlib import Path; from db.engine import open_engine; from db.migrate import upgrade\n"
        "upgrade(open_engine(sys.argv[1]), Path(sys.argv[2]))"
    )
    url = str(sqlite_engine.url)
    ended = subprocess.run([sys.executable, "-c", code, url, str(migrations)], check=False, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    path = Path(sqlite_engine.url.database or "")
    for one in (path, path.with_name(f"{path.name}.schema-{head()}")):
        engine = open_engine(f"sqlite:///{one}")
        check(engine)
        assert problems(engine) == []
        assert Store(engine).home_kind() == "real"
        assert differences(engine) == []
        engine.dispose()


def test_a_database_that_cannot_be_made_leaves_nothing(tmp_path: Path, migrations: Path) -> None:
    add_migration(migrations, "    op.execute('UPDATE nowhere SET x = 1')\n")
    home = tmp_path / "home"
    engine = open_engine(f"sqlite:///{home / 'remitwatch.sqlite'}")
    with pytest.raises(StorageError):
        upgrade(engine, migrations)
    engine.dispose()
    assert list(home.iterdir()) == []


def test_what_a_kill_left_of_the_making_is_cleared_away(tmp_path: Path, sqlite_url: str) -> None:
    dead = 2**22 + 1  # above the largest process number of Linux
    leftover = tmp_path / f".only.sqlite.new-{dead}"
    other = tmp_path / f".only.sqlite.new-{os.getppid()}"
    for path in (leftover, other):
        path.write_bytes(b"half")
    engine = open_engine(sqlite_url)
    upgrade(engine)
    engine.dispose()
    assert not leftover.exists()
    assert other.exists()  # its maker is alive
    assert sorted(path.name for path in tmp_path.iterdir()) == [other.name, "only.sqlite"]


def test_a_sound_database_has_no_problems(engine: Engine) -> None:
    assert problems(engine) == []


def test_the_first_schema_with_its_runs_is_brought_to_this_one(database_url: str, migrations: Path) -> None:
    for later in sorted((migrations / "versions").glob("v*.py"))[1:]:
        later.unlink()
    engine = open_engine(database_url)
    upgrade(engine, migrations)
    assert schema_version(engine) == 1
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO run (source, logical_date, attempt, kind, status, reason, accepted, trial, started_at,"
            " requests, answered, quotes, not_offered, rates, benchmarks, refused, duplicates, rows_read, failures,"
            " repairs) VALUES ('acme', '2026-10-30', 1, 'collect', 'ok', '', TRUE, FALSE,"
            " '2026-10-30T06:00:00.000000+00:00', 1, 1, 0, 0, 0, 0, 0, 0, 0, '{}', '{}')"
        )
    assert upgrade(engine) is True
    assert differences(engine) == []
    (run,) = Queries(engine).runs()
    assert (run.source, run.flows) == ("acme", 0)
    engine.dispose()
