"""The sidecar: the same rows without a read of the database, never stale ones, and no fault of it reaches anyone."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine

import db.queries
import db.sidecar
from db.engine import reading
from db.frames import Need
from db.queries import Queries
from db.sidecar import KEPT, Sidecar, data_key, key_of, keys_of
from db.store import Store
from remitwatch.indicators.columns import FIGURES, TEXTS, Columns
from remitwatch.runs import Issue

EVERY = Need()


@pytest.fixture
def sidecar(tmp_path: Path) -> Sidecar:
    return Sidecar(tmp_path / "cache")


@pytest.fixture
def stored(store: Store, queries: Queries, make: Any) -> int:
    """A run of two collected and two survey quotes, observed. Gives its number."""
    quotes = (make.quote("a"), make.quote("b"), make.survey_quote("1"), make.survey_quote("2", period="2025-Q1"))
    run = make.run(store, *quotes)
    make.observe(store, queries)
    return int(run.id)


def content(columns: Columns) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for name in FIGURES:
        if name in TEXTS:
            labels = columns.labels(name)
            found[name] = [labels.names[code] for code in labels.codes]
        else:
            found[name] = [str(cell) for cell in columns.whole(name).tolist()]
    return found


def no_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Columns:
        raise AssertionError("the database was read")

    monkeypatch.setattr(db.queries, "observation_columns", refuse)


def key(engine: Engine, as_of: dt.datetime | None = None) -> str | None:
    with reading(engine) as connection:
        return data_key(connection, as_of)


def test_what_was_read_once_is_not_read_again(
    queries: Queries, sidecar: Sidecar, stored: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    cold = content(queries.figure_columns(EVERY, None, sidecar))
    assert (len(cold["quote_id"]), set(cold["survey_period"])) == (4, {"", "2025-Q1", "2025-Q3"})
    no_reading(monkeypatch)
    assert content(queries.figure_columns(EVERY, None, sidecar)) == cold


def test_each_need_has_its_own_rows(queries: Queries, sidecar: Sidecar, stored: int, make: Any) -> None:
    def numbers(need: Need) -> list[int]:
        return queries.figure_columns(need, None, sidecar).whole("quote_id").tolist()

    for _ in range(2):
        assert numbers(Need(quarters=("2025-Q3",), collected=False)) == [3]
        assert numbers(Need(quarters=("2025-Q3", "2025-Q1"), since=make.day, until=make.day)) == [3, 4, 1, 2]
        assert numbers(Need(survey=False, since=make.day + dt.timedelta(days=1))) == []
        assert numbers(Need(quarters=(), collected=False)) == []


def test_every_write_that_could_change_a_figure_changes_the_key(
    engine: Engine, store: Store, queries: Queries, stored: int, make: Any
) -> None:
    writes: list[Callable[[], Any]] = [
        lambda: store.save_observations([], gone=[1]),
        lambda: make.observe(store, queries, "4.1"),
        lambda: store.set_accepted(stored, False, who="me", why="wrong", at=make.at),
        lambda: store.set_accepted(stored, True, who="me", why="right", at=make.at),
        lambda: store.replace_values(stored, make.harvest(make.quote("a", fee="9")), make.at),
        lambda: make.run(store, make.quote("z"), day=make.day + dt.timedelta(days=1)),
    ]
    seen = [key(engine)]
    for write in writes:
        write()
        seen.append(key(engine))
    assert None not in seen
    assert len(set(seen)) == len(seen)


def test_what_changes_no_figure_keeps_the_key(engine: Engine, store: Store, stored: int, make: Any) -> None:
    before = key(engine)
    store.add_issues([Issue(level="warning", code="stale", message="old", source="acme")], make.at)
    store.verify_source("acme", "me", make.at)
    store.set_observed_until(4)
    assert key(engine) == before


def test_a_write_that_was_undone_keeps_the_key(engine: Engine, store: Store, stored: int, make: Any) -> None:
    before = key(engine)
    astray = make.harvest(make.quote(fee="8"))
    astray.snapshots = [make.snapshot("another")]
    with pytest.raises(Exception, match="not one of its answers"):
        store.replace_values(stored, astray, make.at)
    assert key(engine) == before


def test_figures_as_of_then_are_of_the_runs_in_force_then(
    engine: Engine, store: Store, queries: Queries, sidecar: Sidecar, stored: int, make: Any
) -> None:
    later = make.at + dt.timedelta(days=1)
    store.set_accepted(stored, False, who="me", why="wrong", at=later)
    for _ in range(2):
        assert len(queries.figure_columns(EVERY, later, sidecar)) == 0
        assert len(queries.figure_columns(EVERY, make.at, sidecar)) == 4
    assert key(engine, make.at) != key(engine, later)


def test_a_database_that_says_no_revision_is_read(
    engine: Engine, queries: Queries, sidecar: Sidecar, stored: int
) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM home WHERE key = 'revision'")
    assert key(engine) is None
    assert len(queries.figure_columns(EVERY, None, sidecar)) == 4
    assert sidecar.load(EVERY, None) is None


@pytest.mark.parametrize("damage", ["truncated", "garbage", "empty", "flipped", "another shape", "a folder"])
def test_a_damaged_file_is_not_used(
    queries: Queries, sidecar: Sidecar, stored: int, tmp_path: Path, damage: str
) -> None:
    expected = content(queries.figure_columns(EVERY, None, sidecar))
    (path,) = (tmp_path / "cache").iterdir()
    whole = path.read_bytes()
    if damage == "a folder":
        path.unlink()
        path.mkdir()
    elif damage == "another shape":
        with np.load(path) as held:
            arrays = {name: held[name] for name in held.files}
        with path.open("wb") as file:
            np.savez(file, **(arrays | {"day": arrays["day"][:-1]}))
    else:
        at = whole.index(b"standard")
        flipped = whole[:at] + b"x" + whole[at + 1 :]
        damaged = {
            "truncated": whole[: len(whole) // 2],
            "garbage": b"PK" + whole[::-1],
            "empty": b"",
            "flipped": flipped,
        }
        path.write_bytes(damaged[damage])
    assert content(queries.figure_columns(EVERY, None, sidecar)) == expected


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were read."""
    found: list[Path] = []
    load = np.load

    def counted(file: Any, **more: Any) -> Any:
        found.append(Path(file.name))
        return load(file, **more)

    monkeypatch.setattr(np, "load", counted)
    return found


def test_a_process_reads_a_file_once_until_it_is_another_one(
    queries: Queries, sidecar: Sidecar, stored: int, tmp_path: Path, reads: list[Path]
) -> None:
    first = content(queries.figure_columns(EVERY, None, sidecar))
    assert [content(queries.figure_columns(EVERY, None, sidecar)) for _ in range(3)] == [first] * 3
    (path,) = (tmp_path / "cache").iterdir()
    assert reads == [path]
    with pytest.raises(ValueError, match="read-only"):  # they are everybody's
        queries.figure_columns(EVERY, None, sidecar).numbers("total_e8")[0] = 0
    whole = path.read_bytes()
    path.write_bytes(whole[:-200])
    assert content(queries.figure_columns(EVERY, None, sidecar)) == first  # the database's, and kept anew
    assert path.read_bytes() == whole
    assert content(queries.figure_columns(EVERY, None, sidecar)) == first
    assert reads == [path] * 3


def test_no_more_is_held_in_memory_than_the_bound(
    queries: Queries, stored: int, make: Any, tmp_path: Path, reads: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    sidecar = Sidecar(tmp_path / "cache", kept=20)
    days = [make.day - dt.timedelta(days=number) for number in range(9)]
    some = [Need(survey=False, quarters=(), since=day, until=make.day) for day in days]  # of the same two rows each
    for need in some:
        queries.figure_columns(need, None, sidecar)
    with np.load(next((tmp_path / "cache").iterdir())) as held:
        size = sum(held[name].nbytes for name in FIGURES)

    def reads_of(*needs: Need) -> int:
        before = len(reads)
        for need in needs:
            queries.figure_columns(need, None, sidecar)
        return len(reads) - before

    monkeypatch.setattr(db.sidecar, "LOADED_BYTES", 8 * size)
    assert reads_of(*some) == 9  # the ninth takes the place of the first
    assert reads_of(*some[1:]) == 0
    assert reads_of(some[0], *some[2:]) == 1
    monkeypatch.setattr(db.sidecar, "LOADED_BYTES", 8 * size - 1)
    assert reads_of(some[1], some[1]) == 2  # a file of more than an eighth is not held
    monkeypatch.setattr(db.sidecar, "LOADED_BYTES", 2**20)
    monkeypatch.setattr(db.sidecar, "LOADED_FILES", 2)
    assert reads_of(*some[:3], some[1], some[2]) == 2  # the first is held still, until the third takes its place
    assert reads_of(some[0]) == 1


def test_many_needs_are_known_by_what_each_is_known_by(
    engine: Engine, store: Store, queries: Queries, stored: int, make: Any
) -> None:
    days = [make.day + dt.timedelta(days=number) for number in range(3)]
    make.run(store, make.quote("z"), day=days[1])
    needs = [Need(survey=False, quarters=(), since=day, until=day) for day in days]
    needs += [Need(survey=False, since=days[0], until=days[2]), Need(quarters=("2025-Q3",), collected=False)]
    for some in (needs, [*needs, EVERY], []):
        for as_of in (None, make.at - dt.timedelta(days=1)):
            with reading(engine) as connection:
                assert keys_of(connection, some, as_of) == (
                    [key_of(connection, need, as_of) for need in some]
                    if EVERY not in some
                    else [data_key(connection, as_of)] * len(some)
                )


def test_a_pickle_is_not_opened(queries: Queries, sidecar: Sidecar, stored: int, tmp_path: Path) -> None:
    queries.figure_columns(EVERY, None, sidecar)
    (path,) = (tmp_path / "cache").iterdir()
    with np.load(path) as held:
        arrays = {name: held[name] for name in held.files}
    with path.open("wb") as file:
        np.savez(file, allow_pickle=True, **(arrays | {"day": np.array([object()] * 4, dtype=object)}))
    assert len(queries.figure_columns(EVERY, None, sidecar)) == 4


def test_what_cannot_be_kept_is_not_kept(
    queries: Queries, stored: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    assert len(queries.figure_columns(EVERY, None, Sidecar(tmp_path / "file"))) == 4
    assert len(queries.figure_columns(EVERY, None, Sidecar(tmp_path / "no" / "home"))) == 4

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    assert len(queries.figure_columns(EVERY, None, Sidecar(tmp_path / "cache"))) == 4
    assert list((tmp_path / "cache").iterdir()) == []


def test_old_files_go(store: Store, queries: Queries, sidecar: Sidecar, stored: int, tmp_path: Path, make: Any) -> None:
    for day in range(KEPT + 3):
        queries.figure_columns(Need(since=make.day - dt.timedelta(days=day)), None, sidecar)
    assert len(list((tmp_path / "cache").iterdir())) == KEPT
    queries.figure_columns(EVERY, None, sidecar)
    before = set((tmp_path / "cache").iterdir())
    store.save_observations([], gone=[1])
    queries.figure_columns(EVERY, None, sidecar)
    assert len(set((tmp_path / "cache").iterdir()) - before) == 1
    assert len(list((tmp_path / "cache").iterdir())) == KEPT


def test_the_newest_quarter_is_found_and_the_one_before(queries: Queries, stored: int) -> None:
    assert queries.survey_quarter_before(None, None) == "2025-Q3"
    assert queries.survey_quarter_before("2025-Q3", None) == "2025-Q1"
    assert queries.survey_quarter_before("2025-Q1", None) is None


def key_of_day(engine: Engine, day: dt.date) -> str | None:
    with reading(engine) as connection:
        return key_of(connection, Need(survey=False, quarters=(), since=day, until=day), None)


def test_a_day_keeps_its_key_while_other_days_are_written(
    engine: Engine, store: Store, queries: Queries, stored: int, make: Any
) -> None:
    def keys() -> list[str | None]:
        with reading(engine) as connection:
            surveys = key_of(connection, Need(quarters=None, collected=False), None)
        return [key_of_day(engine, make.day), key_of_day(engine, make.day + dt.timedelta(days=1)), surveys]

    def changed(write: Callable[[], Any]) -> list[bool]:
        before = keys()
        write()
        return [one != other for one, other in zip(before, keys(), strict=True)]

    next_day = make.day + dt.timedelta(days=1)
    assert changed(lambda: make.run(store, make.quote("z"), day=next_day)) == [False, True, False]
    newest = max(one.id for one in queries.unobserved_quotes(method="1"))
    assert changed(lambda: store.save_observations([], gone=[newest])) == [False, True, False]
    assert changed(lambda: store.set_flags([(1, "jump")])) == [True, False, False]
    assert changed(lambda: store.set_flags([])) == [False, False, False]
    assert changed(lambda: store.set_flags([(3, "jump")])) == [True, True, True]  # a survey row: everything
    assert changed(lambda: store.set_accepted(stored, False, who="me", why="wrong", at=make.at)) == [True, True, True]
    # as of a time before something came in force, a day is known by all that was in force then
    with reading(engine) as connection:
        need = Need(survey=False, quarters=(), since=make.day, until=make.day)
        early = make.at - dt.timedelta(days=9)
        assert key_of(connection, need, early) == data_key(connection, early)
