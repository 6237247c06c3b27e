"""An empty database for each test: SQLite always, PostgreSQL too when REMITWATCH_TEST_DATABASE_URL names one.

The PostgreSQL database named there is emptied by the tests.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from db.engine import open_engine
from db.migrate import upgrade
from db.queries import Queries
from db.store import Store

POSTGRESQL = os.environ.get("REMITWATCH_TEST_DATABASE_URL", "")


@pytest.fixture(params=["sqlite", *(["postgresql"] if POSTGRESQL else [])])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.sqlite'}"
    engine = open_engine(POSTGRESQL)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()
    return POSTGRESQL


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a database with our tables, all empty."""
    engine = open_engine(database_url)
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite_engine(tmp_path: Path) -> Iterator[Engine]:
    """As `engine`, for what concerns SQLite only."""
    engine = open_engine(f"sqlite:///{tmp_path / 'only.sqlite'}")
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> Store:
    return Store(engine)


@pytest.fixture
def queries(engine: Engine) -> Queries:
    return Queries(engine)
