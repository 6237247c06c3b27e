"""One scheduler a database, whichever home and host it runs on."""

import datetime as dt
import os
import socket

import pytest
from sqlalchemy import Engine

from db.engine import Leader, only_writer, open_engine
from remitwatch.errors import BusyError

NOON = dt.datetime(2026, 10, 30, 12, tzinfo=dt.UTC)


def test_a_second_leader_is_told_who_leads(engine: Engine) -> None:
    other = open_engine(engine.url.render_as_string(hide_password=False))
    who = f"already in use by another scheduler, process {os.getpid()} on {socket.gethostname()} since 2"
    with Leader(engine, NOON) as leader, only_writer(engine):  # the leader's own jobs are not kept out
        leader.check()
        with pytest.raises(BusyError, match=who), Leader(other, NOON):
            raise AssertionError("two leaders at once")
    with Leader(other, NOON) as leader:
        leader.check()
    other.dispose()


def test_a_server_that_forgot_the_leader_is_asked_again_and_another_one_may_have_come(engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("a file's lock is forgotten by nobody")
    other = open_engine(engine.url.render_as_string(hide_password=False))

    def forget() -> None:
        with engine.connect() as connection:
            leading = "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'scheduler, process%%'"
            connection.exec_driver_sql(f"SELECT pg_terminate_backend(pid) FROM ({leading}) AS one")

    with Leader(engine, NOON) as leader:
        forget()
        leader.check()  # taken anew
        with pytest.raises(BusyError), Leader(other, NOON):
            raise AssertionError("two leaders at once")
        forget()
        with Leader(other, NOON), pytest.raises(BusyError, match="another scheduler, process"):
            leader.check()
    other.dispose()
