"""An empty database for each test: SQLite always, PostgreSQL too when REMITWATCH_TEST_DATABASE_URL names one.

The PostgreSQL database named there is emptied by the tests.
"""

import datetime as dt
import hashlib
import os
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, inspect

from db.engine import open_engine
from db.migrate import head, schema_version, upgrade
from db.queries import Queries
from db.store import Store
from db.tables import Row
from remitwatch.corridors import corridor
from remitwatch.costs import Observation, ReferenceUsed
from remitwatch.quotes import Inquiry, Quote, SurveyRow
from remitwatch.runs import CollectionRun, FromSnapshot, Harvest, RunStatus, Snapshot, Verdict
from remitwatch.services import Provider

POSTGRESQL = os.environ.get("REMITWATCH_TEST_DATABASE_URL", "")


@pytest.fixture(params=["sqlite", *(["postgresql"] if POSTGRESQL else [])])
def backend(request: pytest.FixtureRequest) -> str:
    """Each test that has a database runs on each of these."""
    return str(request.param)


@pytest.fixture
def database_url(backend: str, tmp_path: Path) -> str:
    """The URL of a database without any table."""
    if backend == "sqlite":
        return f"sqlite:///{tmp_path / 'test.sqlite'}"
    engine = open_engine(POSTGRESQL)
    _drop_everything(engine)
    engine.dispose()
    return POSTGRESQL


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with our tables, all empty, for tests to copy: making one takes longer."""
    path = tmp_path_factory.mktemp("made") / "made.sqlite"
    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture
def engine(backend: str, tmp_path: Path, made: Path) -> Iterator[Engine]:
    """An engine on a database with our tables, all empty."""
    if backend == "postgresql":
        engine = open_engine(POSTGRESQL)
        if not _empty(engine):
            _drop_everything(engine)
            upgrade(engine)
    else:
        engine = open_engine(f"sqlite:///{shutil.copy(made, tmp_path / 'test.sqlite')}")
    yield engine
    engine.dispose()


def _drop_everything(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")


def _empty(engine: Engine) -> bool:
    """Empty the tables that the last test left, where they are as they should be: making them anew takes longer."""
    ours = set(Row.metadata.tables)
    if set(inspect(engine).get_table_names()) != {*ours, "alembic_version"} or schema_version(engine) != head():
        return False
    with engine.begin() as connection:
        connection.exec_driver_sql(f"TRUNCATE {', '.join(sorted(ours))} RESTART IDENTITY")
    return True


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite file that is not there yet, for what concerns SQLite only."""
    return f"sqlite:///{tmp_path / 'only.sqlite'}"


@pytest.fixture
def sqlite_engine(sqlite_url: str, made: Path) -> Iterator[Engine]:
    """As `engine`, for what concerns SQLite only."""
    shutil.copy(made, sqlite_url.removeprefix("sqlite:///"))
    engine = open_engine(sqlite_url)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> Store:
    return Store(engine)


@pytest.fixture
def queries(engine: Engine) -> Queries:
    return Queries(engine)


class Maker:
    """Made-up values: a source `acme` that is asked on 2026-10-30 at 06:00 UTC, unless a test says otherwise."""

    at = dt.datetime(2026, 10, 30, 6, tzinfo=dt.UTC)
    day = dt.date(2026, 10, 30)

    def inquiry(self, route: str = "GBR-IND", amount: str = "120", tier: Any = 200) -> Inquiry:
        return Inquiry(corridor=corridor(route), send_amount=amount, tier=tier)

    def quote(self, provider: str = "wise", *, route: str = "GBR-IND", amount: str = "120", **other: Any) -> Quote:
        fields: dict[str, Any] = {
            "provider": Provider(key=provider, name=provider.title(), types=("money_transfer_operator",)),
            "basis": "standard",
            "payment_instrument": ("bank_account", "debit_card"),
            "access_point": "internet",
            "pickup_method": "bank_account",
            "fee": "1.90",
            "fee_model": "added",
            "rate": "110.2500",
        }
        return self.inquiry(route, amount).quote(**fields | other)

    def survey_quote(self, row: str, *, period: str = "2025-Q3", total: str | None = "3.58", **other: Any) -> Quote:
        survey = SurveyRow(
            period=period,
            row=row,
            fx_margin_pct=None if total is None else "2.00",
            total_cost_pct=total,
            interbank_rate="112.5",
            observed_on=other.pop("observed_on", None),
            sender_region=other.pop("sender_region", None),
            receiver_region=other.pop("receiver_region", None),
            receiver_income_group=None,
            labels={"firm_type": "Bank"},
        )
        return self.quote(basis="survey", survey=survey, **other)

    def snapshot(self, name: str = "one", *, source: str = "acme", at: dt.datetime | None = None) -> Snapshot:
        sha = hashlib.sha256(name.encode()).hexdigest()
        return Snapshot(
            id=sha[:24],
            source=source,
            method="GET",
            url=f"https://acme.example/{name}",
            inquiries=(self.inquiry(),),
            status=200,
            headers={"content-type": "application/json"},
            fetched_at=at or self.at,
            body_sha256=sha,
            body_size=17,
        )

    def harvest(self, *values: Any, source: str = "acme", at: dt.datetime | None = None, **other: Any) -> Harvest:
        """A harvest of one answer that holds these quotes."""
        snapshot = self.snapshot(other.pop("snapshot", "one"), source=source, at=at)
        return Harvest(
            source,
            at or self.at,
            requests=1,
            answered=1,
            snapshots=[snapshot],
            quotes=[FromSnapshot(snapshot.id, value) for value in values],
            **{name: [FromSnapshot(snapshot.id, one) for one in listed] for name, listed in other.items()},
        )

    def run(
        self,
        store: Store,
        *quotes: Quote,
        day: dt.date | None = None,
        at: dt.datetime | None = None,
        status: RunStatus = RunStatus.OK,
        source: str = "acme",
        kind: Any = "collect",
        trial: bool = False,
        **other: Any,
    ) -> CollectionRun:
        """A finished run with these quotes."""
        run = store.start_run(
            source=source, logical_date=day or self.day, kind=kind, started_at=at or self.at, trial=trial
        )
        harvest = self.harvest(*quotes, source=source, at=at, **other)
        return store.finish_run(run.id, harvest, Verdict(status), at or self.at)

    def observe(self, store: Store, queries: Queries, total: str | None = "3.58333333") -> int:
        """An observation of every quote that has none: all cost the same."""
        reference = ReferenceUsed(
            source="ecb", date=self.day, rate="112.5", derived=False, how="as published", age_days=0
        )
        cost = None if total is None else Decimal(total)
        observations = [
            Observation(
                quote_id=stored.id,
                fee_pct="1.58333333",
                fx_margin_pct=None if cost is None else cost - Decimal("1.58333333"),
                total_cost_pct=cost,
                received_cost_pct=cost,
                reference=reference,
                flags=("extreme", "inverted"),
                method="1",
            )
            for stored in queries.unobserved_quotes(method="1")
        ]
        return store.save_observations(observations)


@pytest.fixture
def make() -> Maker:
    return Maker()
