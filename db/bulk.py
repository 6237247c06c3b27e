"""Rows in bulk: written as tuples (sqlmodel's `add_all` is forty times slower), read back, compared and digested."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, Table, func, select

from db.beside import beside
from db.rows import FLOWS, KINDS, Kind, Tuple
from db.table_rows import TableRows
from db.types import literal

_BATCH = 5000
MANY = 50_000
_ENCODER = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"))


def insert_rows(
    connection: Connection, table: Table, columns: Sequence[Column[Any]], rows: Iterable[Tuple], ending: str = ""
) -> int:
    """Insert tuples in the order of `columns`; `ending` is SQL after the values (`ON CONFLICT ...`). Returns their
    number."""
    dialect = connection.dialect
    statement = _insert(connection, table, columns, ending)
    binds = [
        (place, bind)
        for place, column in enumerate(columns)
        if (bind := column.type.dialect_impl(dialect).bind_processor(dialect)) is not None
    ]
    count = 0
    batch: list[Tuple] = []
    for row in rows:
        cells = list(row)
        for place, bind in binds:
            if cells[place] is not None:
                cells[place] = bind(cells[place])
        batch.append(tuple(cells))
        if len(batch) == _BATCH:
            connection.exec_driver_sql(statement, batch)
            count += len(batch)
            batch = []
    if batch:
        connection.exec_driver_sql(statement, batch)
        count += len(batch)
    return count


def _insert(
    connection: Connection, table: Table, columns: Sequence[Column[Any]], ending: str = "", **constant: Any
) -> str:
    """The statement; `constant` are columns that have one value in all rows, which stands in it."""
    sqlite = connection.dialect.name == "sqlite"
    names = ", ".join(f'"{name}"' for name in (*(column.name for column in columns), *constant))
    values = [literal(value) if sqlite else literal(value).replace("%", "%%") for value in constant.values()]
    marks = ", ".join([*["?" if sqlite else "%s"] * len(columns), *values])
    return f"INSERT INTO {table.name} ({names}) VALUES ({marks}) {ending}"  # noqa: S608 (our own names)


def insert_plain(
    connection: Connection,
    table: Table,
    columns: Sequence[Column[Any]],
    rows: Iterable[Tuple],
    ending: str = "",
    **constant: Any,
) -> int:
    """As `insert_rows` for cells that are what the driver takes already, `constant` being those of all rows."""
    statement, count, some = _insert(connection, table, columns, ending, **constant), 0, iter(rows)
    while batch := list(islice(some, _BATCH)):
        connection.exec_driver_sql(statement, batch)
        count += len(batch)
    return count


def insert_of_run(connection: Connection, kind: Kind, run_id: int, rows: Iterable[Tuple] | TableRows) -> int:
    """Insert the rows of one kind under a run. Returns how many."""
    if isinstance(rows, TableRows):
        columns, cells, constant = rows.bound(connection.dialect)
        with _indexes_afterwards(connection, kind.table, len(rows)):
            return insert_plain(connection, kind.table, columns, cells, run_id=run_id, **constant)
    return insert_rows(connection, kind.table, (kind.table.c.run_id, *kind.columns), ((run_id, *row) for row in rows))


@contextmanager
def _indexes_afterwards(connection: Connection, table: Table, coming: int) -> Iterator[None]:
    """Make the indexes of a table anew after a great many rows have come: three times as fast as row by row, where
    those rows are most of the table. On PostgreSQL it would shut out readers."""
    held = connection.execute(select(func.max(table.c.id))).scalar_one() or 0
    later = sorted(table.indexes, key=lambda index: str(index.name))
    if connection.dialect.name != "sqlite" or coming < MANY or held > coming:
        later = []
    for index in later:
        index.drop(connection)
    yield
    for index in later:
        index.create(connection)


def rows_of_run(connection: Connection, kind: Kind, run_id: int) -> list[Tuple]:
    """The rows of one kind that stand under a run."""
    found = connection.execute(select(*kind.columns).where(kind.table.c.run_id == run_id))
    return [tuple(row) for row in found]


def digest_of_run(connection: Connection, run_id: int) -> str:
    """The digest of everything that stands under a run, read from the database."""
    return digest({kind.table.name: rows_of_run(connection, kind, run_id) for kind in KINDS})


@contextmanager
def digested(rows: Mapping[str, Sequence[Tuple] | TableRows]) -> Iterator[Callable[[], str]]:
    """Begin the digest of rows, of a great many beside this process, and give what waits for it."""
    if sum(map(len, rows.values())) < MANY:
        yield partial(digest, rows)
    else:
        with beside(partial(digest, rows)) as wait:
            yield wait


def digest(rows: Mapping[str, Sequence[Tuple] | TableRows]) -> str:
    """sha256 over the rows of every kind in the order of their natural keys: equal on every database.

    A database's own check finds half of the flipped bits; this finds each one in a value of a run.
    """
    sha = hashlib.sha256()
    for kind in KINDS:
        of_kind = rows[kind.table.name]
        if kind is FLOWS and not len(of_kind):  # runs from before there were flows keep their digest
            continue
        sha.update(f"{kind.table.name}\n".encode())
        if isinstance(of_kind, TableRows):
            for encoded in of_kind.encoded():
                sha.update(encoded.encode())
                sha.update(b"\n")
            continue
        ordered = kind.canonical(of_kind)
        for start in range(0, len(ordered), 500):
            sha.update(_ENCODER.encode(ordered[start : start + 500]).encode())
            sha.update(b"\n")
    return sha.hexdigest()
