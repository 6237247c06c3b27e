"""One writing session a database, whichever home it is opened from."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

import db
from db.engine import only_writer, open_engine, writing
from remitwatch.errors import BusyError

HOLDER = """
import sys
from db.engine import only_writer, open_engine
with only_writer(open_engine(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def _url(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def test_a_second_session_is_refused_until_the_first_has_ended(engine: Engine) -> None:
    other = open_engine(_url(engine))
    with only_writer(engine):
        with pytest.raises(BusyError, match="in use by"), only_writer(other):
            raise AssertionError("two writers at once")
        with writing(engine) as connection:  # the session does not stand in its own way
            connection.exec_driver_sql("DELETE FROM issue")
    with only_writer(other):
        pass
    other.dispose()


def test_a_killed_session_leaves_no_lock(engine: Engine) -> None:
    command = [sys.executable, "-c", HOLDER, _url(engine)]
    root = Path(db.__file__).parents[1]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        with pytest.raises(BusyError), only_writer(engine):
            pass
        child.kill()
        child.wait()
    with only_writer(engine):
        pass


def test_an_sqlite_file_is_the_same_by_another_name(sqlite_engine: Engine, tmp_path: Path) -> None:
    beside = tmp_path / "beside.sqlite"
    beside.symlink_to(str(sqlite_engine.url.database))
    other = open_engine(f"sqlite:///{beside}")
    with only_writer(sqlite_engine), pytest.raises(BusyError, match=r"process \d+"), only_writer(other):
        raise AssertionError("two writers at once")
    other.dispose()
