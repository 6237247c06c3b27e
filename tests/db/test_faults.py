"""A full disk, a locked, damaged, unwritable or vanished database: one clear line, and what was stored is intact."""

import shutil
import socket
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

import db.engine
from db.engine import open_engine, reading, writing
from db.health import problems
from db.migrate import check, upgrade
from db.queries import Queries
from db.store import Store
from remitwatch.errors import BusyError, StorageError
from remitwatch.runs import RunStatus, Verdict
from reports import sharing


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "only.sqlite"


def test_a_full_disk_stores_nothing_of_the_run_and_recovers(sqlite_engine: Engine, make: Any) -> None:
    store, queries = Store(sqlite_engine), Queries(sqlite_engine)
    make.run(store, make.quote())
    big = make.harvest(*(make.quote(f"p{n}") for n in range(3000)))
    run = store.start_run(source="acme", logical_date=make.day, kind="collect", started_at=make.at)
    with reading(sqlite_engine) as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 20}")
    with pytest.raises(StorageError, match=r"the disk is full; make room and run again"):
        store.finish_run(run.id, big, Verdict(RunStatus.OK), make.at)
    assert queries.counts()["quote"] == 1
    assert problems(sqlite_engine) == []
    with reading(sqlite_engine) as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    assert store.finish_run(run.id, big, Verdict(RunStatus.OK), make.at).quotes == 3000


def test_a_writer_that_waits_too_long_says_that_it_is_locked(
    sqlite_url: str, path: Path, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db.engine, "LOCK_SECONDS", 0.2)
    engine = open_engine(sqlite_url)
    upgrade(engine)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyError, match=r"only\.sqlite: locked by another process"):
            Store(engine).set_home_kind("real", make.at)
        assert Store(engine).home_kind() is None  # reading goes on
        other.execute("COMMIT")
    Store(engine).set_home_kind("real", make.at)
    engine.dispose()


def test_a_waiting_writer_of_postgresql_says_the_same(
    backend: str, engine: Engine, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if backend != "postgresql":
        pytest.skip("SQLite has its own test")
    monkeypatch.setattr(db.engine, "LOCK_SECONDS", 1)
    impatient = open_engine(engine.url.render_as_string(hide_password=False))
    with writing(engine), pytest.raises(BusyError, match="another writer has held it for 1 s"):
        Store(impatient).set_home_kind("real", make.at)
    impatient.dispose()


def test_a_fault_inside_a_transaction_undoes_all_of_it(engine: Engine, store: Store, make: Any) -> None:
    def stopped() -> None:
        with writing(engine) as connection:
            connection.exec_driver_sql("INSERT INTO home (key, value) VALUES ('kind', 'real')")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        stopped()
    assert store.home_kind() is None


def test_a_read_only_engine_reads_and_does_not_write(engine: Engine, store: Store, make: Any) -> None:
    make.run(store, make.quote())
    reader = open_engine(engine.url.render_as_string(hide_password=False), read_only=True)
    check(reader)
    assert Queries(reader).counts()["quote"] == 1
    with pytest.raises(StorageError, match=r"read-?only"):
        Store(reader).set_home_kind("real", make.at)
    reader.dispose()


def test_a_file_that_vanished_is_not_made_anew(sqlite_engine: Engine, path: Path) -> None:
    sqlite_engine.dispose()
    path.unlink()
    with pytest.raises(StorageError, match="cannot be opened"):
        Store(sqlite_engine).home_kind()
    assert not path.exists()


@pytest.mark.parametrize("damage", ["truncated", "page", "bit"])
def test_damage_is_found_and_told_in_a_line(sqlite_engine: Engine, path: Path, make: Any, damage: str) -> None:
    make.run(Store(sqlite_engine), *(make.quote(f"p{n}", note="note") for n in range(300)))
    sqlite_engine.dispose()
    content = bytearray(path.read_bytes())
    if damage == "truncated":
        del content[len(content) // 2 :]
    elif damage == "page":
        place = len(content) // 2 // 4096 * 4096
        content[place : place + 4096] = b"\xff" * 4096
    else:
        place = content.index(b"110.2500", len(content) // 3)
        content[place] ^= 1  # 110.2500 is 010.2500 now: no check of SQLite's own sees it
    path.write_bytes(content)
    engine = open_engine(f"sqlite:///{path}")
    lines = problems(engine)
    assert lines
    assert all("\n" not in line and "restore a backup" in line for line in lines)
    engine.dispose()


def test_a_row_that_points_nowhere_is_found(sqlite_engine: Engine, path: Path, make: Any) -> None:
    make.run(Store(sqlite_engine), make.quote())
    with closing(sqlite3.connect(path)) as connection:  # foreign keys are off for it
        connection.execute("UPDATE quote SET snapshot_id = 'gone'")
        connection.commit()
    assert any("points to a row of snapshot that is gone" in line for line in problems(sqlite_engine))


@pytest.mark.parametrize("read_only", [False, True])
def test_a_hot_journal_is_rolled_back_at_the_next_start(
    sqlite_engine: Engine, path: Path, tmp_path: Path, make: Any, read_only: bool
) -> None:
    """The files as they are in the middle of a commit, copied away: what a power cut leaves."""
    store = Store(sqlite_engine)
    store.set_home_kind("real", make.at)
    left = tmp_path / "left"
    left.mkdir()

    def cut() -> None:
        with writing(sqlite_engine) as connection:
            connection.exec_driver_sql(
                "PRAGMA cache_size = 2"
            )  # so that changed pages reach the file before the commit
            for number in range(2000):
                connection.exec_driver_sql(f"INSERT INTO home (key, value) VALUES ('k{number}', '{'x' * 200}')")
            for file in path.parent.glob("only.sqlite*"):
                shutil.copy(file, left / file.name)
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        cut()
    assert {file.name for file in left.iterdir()} > {"only.sqlite"}
    engine = open_engine(f"sqlite:///{left / 'only.sqlite'}", read_only=read_only)
    assert problems(engine) == []
    assert Store(engine).home_kind() == "real"
    assert Queries(engine).counts()["home"] == 2
    engine.dispose()


def test_a_server_that_is_not_there_is_told_without_its_password() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    engine = open_engine(f"postgresql+psycopg://someone:secret@127.0.0.1:{port}/remitwatch")
    with pytest.raises(StorageError) as told:
        Store(engine).home_kind()
    assert "127.0.0.1" in str(told.value)
    assert "secret" not in str(told.value)
    assert "\n" not in str(told.value)
    engine.dispose()


def test_a_copy_of_the_process_uses_no_database_of_it(
    queries: Queries, store: Store, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "can_share", lambda: True)
    make.run(store, make.quote())
    with (
        pytest.raises(RuntimeError, match="a copy of the process"),
        sharing.beside(queries.days, alone=False) as days,
    ):
        days()
    assert queries.days() == [make.day]
