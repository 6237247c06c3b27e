"""Reparse: what is read from archived answers today takes the place of what was read from them before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, delete, select

from db.bulk import insert_of_run
from db.records import ReplaceReport
from db.rows import QUOTES, VALUES, Kind, Tuple, harvest_rows
from db.table_rows import TableRows
from db.tables import ObservationRow, SnapshotRow, table
from remitwatch.errors import StorageError
from remitwatch.runs import CollectionRun, Harvest, Issue

_SNAPSHOT, _OBSERVATION = table(SnapshotRow), table(ObservationRow)


def replace_rows(
    connection: Connection, run: CollectionRun, harvest: Harvest
) -> tuple[ReplaceReport, tuple[Issue, ...], bool]:
    """Replace the rows of the harvest's snapshots under a run. Also returns the issues of contradictions, and whether
    these were all the snapshots of the run. Raises StorageError for a snapshot that is not the run's."""
    held = set(connection.execute(select(_SNAPSHOT.c.id).where(_SNAPSHOT.c.run_id == run.id)).scalars())
    read = {snapshot.id for snapshot in harvest.snapshots}
    if read - held:
        raise StorageError(f"run {run.id}: snapshot {min(read - held)} is not one of its answers")
    rows = harvest_rows(harvest, run.logical_date, run.kind)
    reports = [_replace(connection, kind, run.id, read, _one_by_one(rows.of(kind))) for kind in VALUES]
    total = ReplaceReport(
        sum(one.removed for one in reports),
        sum(one.added for one in reports),
        sum(one.unchanged for one in reports),
    )
    return total, rows.issues, read == held


def _replace(connection: Connection, kind: Kind, run_id: int, read: set[str], new: Sequence[Tuple]) -> ReplaceReport:
    found = connection.execute(select(kind.table.c.id, *kind.columns).where(kind.table.c.run_id == run_id))
    numbers: dict[str, int] = {}
    old: list[Tuple] = []
    kept_keys: set[str] = set()
    for number, *cells in found:
        if cells[0] in read:
            numbers[cells[kind.key]] = number
            old.append(tuple(cells))
        else:
            kept_keys.add(cells[kind.key])  # said by another answer, too: that one stays
    before = {row[kind.key]: row for row in kind.canonical(old)}
    after = {row[kind.key]: row for row in kind.canonical(new) if row[kind.key] not in kept_keys}
    gone = [numbers[key] for key, row in before.items() if after.get(key) != row]
    come = {key for key, row in after.items() if before.get(key) != row}
    for some in _in_parts(gone):
        if kind is QUOTES:
            connection.execute(delete(_OBSERVATION).where(_OBSERVATION.c.quote_id.in_(some)))
        connection.execute(delete(kind.table).where(kind.table.c.id.in_(some)))
    insert_of_run(connection, kind, run_id, (row for row in new if row[kind.key] in come))
    return ReplaceReport(removed=len(gone), added=len(come), unchanged=len(before) - len(gone))


def _one_by_one(rows: Sequence[Tuple] | TableRows) -> Sequence[Tuple]:
    return rows.rows() if isinstance(rows, TableRows) else rows


def _in_parts(numbers: Sequence[int], size: int = 500) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]
