"""kill -9 in the middle of storing a run: nothing half visible, and the date can be done again."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

import db
from db.engine import open_engine
from db.health import problems
from db.migrate import upgrade
from db.queries import Queries
from db.store import Store
from remitwatch.runs import RunStatus, Verdict

QUOTES = 4000

CHILD = """
import runpy, sys, time
from db import store as stores
from db.engine import open_engine
from remitwatch.runs import RunStatus, Verdict

conftest, url, stop_at, count = sys.argv[1:]
make = runpy.run_path(conftest)["Maker"]()
store = stores.Store(open_engine(url))
harvest = make.harvest(*(make.quote(f"p{n}") for n in range(int(count))))
run = store.start_run(source="acme", logical_date=make.day, kind="collect", started_at=make.at)
if stop_at == "written":  # every row is written, nothing is committed
    def wait(*_arguments):
        print("written", flush=True)
        time.sleep(60)
    stores.issue_rows.add_issues = wait
else:
    print("going", flush=True)
store.finish_run(run.id, harvest, Verdict(RunStatus.OK), make.at)
print("done", flush=True)
time.sleep(60)
"""


@contextmanager
def child(url: str, stop_at: str) -> Iterator["subprocess.Popen[str]"]:
    """A process that stores a run, and has said the word that it waits for or goes on from."""
    command = [sys.executable, "-c", CHILD, str(Path(__file__).with_name("conftest.py")), url, stop_at]
    command.append(str(QUOTES))
    with subprocess.Popen(command, cwd=Path(db.__file__).parents[1], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == stop_at
            yield process
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()


def rows(queries: Queries) -> int:
    """How many rows there are beside the runs' and what the database says of itself."""
    return sum(count for name, count in queries.counts().items() if name not in ("run", "home"))


def redo(engine: Engine, make: Any) -> None:
    """What the next start does: close what the kill left, and do the date again."""
    store, queries = Store(engine), Queries(engine)
    (aborted,) = store.abort_unfinished(make.at)
    assert (aborted.status, aborted.reason, aborted.quotes) == (RunStatus.FAILED, "aborted", 0)
    again = store.start_run(source="acme", logical_date=make.day, kind="collect", started_at=make.at)
    ended = store.finish_run(again.id, make.harvest(make.quote()), Verdict(RunStatus.OK), make.at)
    assert (ended.attempt, ended.quotes) == (2, 1)
    assert queries.accepted_run("acme", make.day) == ended
    assert queries.counts()["quote"] == 1


def test_a_kill_before_the_commit_leaves_nothing_of_the_run(database_url: str, make: Any) -> None:
    engine = open_engine(database_url)
    upgrade(engine)
    queries = Queries(engine)
    with child(database_url, "written"):
        assert rows(queries) == 0  # a reader is not kept waiting, and sees nothing of it
    assert rows(queries) == 0
    assert problems(engine) == []
    assert [run.status for run in queries.runs()] == [RunStatus.RUNNING]
    assert len(queries.observations()) == 0
    redo(engine, make)
    engine.dispose()


@pytest.mark.parametrize("share", [0.3, 0.8])
def test_a_kill_at_any_moment_leaves_the_whole_run_or_nothing(
    sqlite_engine: Engine, sqlite_url: str, tmp_path: Path, make: Any, share: float
) -> None:
    beside = open_engine(f"sqlite:///{tmp_path / 'beside.sqlite'}")
    upgrade(beside)
    began = time.perf_counter()
    make.run(Store(beside), *(make.quote(f"p{n}") for n in range(QUOTES // 4)))
    takes = 4 * (time.perf_counter() - began)
    beside.dispose()
    with child(sqlite_url, "going"):
        time.sleep(takes * share)
    queries = Queries(sqlite_engine)
    assert problems(sqlite_engine) == []
    (run,) = queries.runs()
    if run.status is RunStatus.RUNNING:
        assert rows(queries) == 0
        redo(sqlite_engine, make)
    else:
        assert (run.status, run.quotes, queries.counts()["quote"]) == (RunStatus.OK, QUOTES, QUOTES)
