"""A table of survey prices is stored exactly as the same prices one by one: rows, order, digest."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, func, inspect, select

from benchmarks.workbook import write_workbook
from db.bulk import digest_of_run
from db.engine import reading
from db.rows import harvest_rows
from db.store import Store
from db.tables import QuoteRow, table
from remitwatch.errors import StorageError
from remitwatch.runs import FromSnapshot, Harvest, RunStatus, Verdict
from scrapers import registry
from scrapers.runner import read_file

NOW = dt.datetime(2026, 10, 30, 12, tzinfo=dt.UTC)
QUOTE = table(QuoteRow)


@pytest.fixture(scope="module")
def harvests(tmp_path_factory: pytest.TempPathFactory) -> tuple[Harvest, Harvest]:
    path = write_workbook(tmp_path_factory.mktemp("survey") / "survey.xlsx", rows=1500).path
    survey = registry.scraper("worldbank_survey")
    one, other = (read_file(survey, path, archive=None, now=lambda: NOW, tables=tables) for tables in (False, True))
    return one, other


def stored(engine: Engine, harvest: Harvest, day: dt.date) -> int:
    store = Store(engine)
    run = store.start_run(source=harvest.source, logical_date=day, kind="import", started_at=NOW)
    done = store.finish_run(run.id, harvest, Verdict(RunStatus.OK), NOW)
    assert done.quotes == harvest.prices
    assert store.digest_matches(run.id)
    return run.id


def test_rows_and_digest_are_the_same(engine: Engine, harvests: tuple[Harvest, Harvest]) -> None:
    runs = [stored(engine, harvest, dt.date(2026, 10, day)) for day, harvest in enumerate(harvests, start=1)]
    columns = [column for column in QUOTE.columns if column.name not in ("id", "run_id")]
    with reading(engine) as connection:
        rows = [
            connection.execute(select(*columns).where(QUOTE.c.run_id == run).order_by(QUOTE.c.id)).all() for run in runs
        ]
        texts = [list(map(str, some)) for some in rows]
        assert len(rows[0]) > 2900
        assert rows[0] == rows[1]
        assert texts[0] == texts[1]  # 1.5 and 1.50 are equal
        assert digest_of_run(connection, runs[0]) == digest_of_run(connection, runs[1])


def test_a_great_many_are_digested_beside_and_indexed_afterwards(
    engine: Engine, harvests: tuple[Harvest, Harvest], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = stored(engine, harvests[1], dt.date(2026, 10, 1))
    with reading(engine) as connection:
        before = {one["name"]: one for one in inspect(connection).get_indexes("quote")}
    monkeypatch.setattr("db.bulk.MANY", 10)
    many = stored(engine, harvests[1], dt.date(2026, 10, 2))
    with reading(engine) as connection:
        assert digest_of_run(connection, many) == digest_of_run(connection, plain)
        assert {one["name"]: one for one in inspect(connection).get_indexes("quote")} == before


def test_two_rows_of_one_key_are_refused_by_the_index_that_comes_afterwards(
    engine: Engine, harvests: tuple[Harvest, Harvest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.bulk.MANY", 10)
    (one,) = harvests[1].tables
    twice = replace(harvests[1], tables=[FromSnapshot(one.snapshot, one.value.taking(np.array([*range(100), 5])))])
    with pytest.raises(StorageError, match="a rule of the tables is broken"):
        stored(engine, twice, NOW.date())
    with reading(engine) as connection:
        assert connection.execute(select(func.count()).select_from(QUOTE)).scalar_one() == 0
        assert "uq_quote_run_id_key" in {one["name"] for one in inspect(connection).get_indexes("quote")}


def test_rows_one_by_one_are_the_same(harvests: tuple[Harvest, Harvest]) -> None:
    plain, together = (harvest_rows(harvest, NOW.date(), "import").by_kind["quote"] for harvest in harvests)
    assert isinstance(plain, list)
    assert not isinstance(together, list)
    assert together.rows() == plain


def test_read_again_as_a_table_nothing_changes(
    engine: Engine, harvests: tuple[Harvest, Harvest], tmp_path: Path
) -> None:
    run = stored(engine, harvests[0], dt.date(2026, 10, 1))
    report = Store(engine).replace_values(run, harvests[1], NOW)
    assert (report.removed, report.added, report.unchanged) == (0, 0, harvests[0].prices)


def test_two_tables_of_one_run_are_stored_whole(engine: Engine, harvests: tuple[Harvest, Harvest]) -> None:
    (one,) = harvests[1].tables
    parts = [np.arange(0, 1000), np.arange(1000, len(one.value))]
    split = replace(harvests[1], tables=[FromSnapshot(one.snapshot, one.value.taking(part)) for part in parts])
    first, second = stored(engine, harvests[1], NOW.date()), stored(engine, split, dt.date(2026, 10, 2))
    with reading(engine) as connection:
        assert digest_of_run(connection, first) == digest_of_run(connection, second)
