"""Reparse: what is read from archived answers today takes the place of what was read from them before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from sqlalchemy import Connection, delete, select

from db.bulk import insert_of_run
from db.records import ReplaceReport
from db.rows import QUOTES, VALUES, Kind, Tuple, harvest_rows
from db.table_rows import TableRows
from db.tables import ObservationRow, SnapshotRow, table
from remitwatch.errors import StorageError
from remitwatch.runs import CollectionRun, Harvest, Issue

EXAMPLES = 5
"""So many changed values of a run are shown."""
_SNAPSHOT, _OBSERVATION = table(SnapshotRow), table(ObservationRow)


def replace_rows(
    connection: Connection, run: CollectionRun, harvest: Harvest, *, write: bool = True
) -> tuple[ReplaceReport, tuple[Issue, ...], bool]:
    """Replace the rows of the harvest's snapshots under a run; with `write` off only say what would change.

    Also returns the issues of contradictions, and whether these were all the snapshots of the run. Raises StorageError
    for a snapshot that is not the run's.
    """
    held = set(connection.execute(select(_SNAPSHOT.c.id).where(_SNAPSHOT.c.run_id == run.id)).scalars())
    read = {snapshot.id for snapshot in harvest.snapshots}
    if read - held:
        raise StorageError(f"run {run.id}: snapshot {min(read - held)} is not one of its answers")
    rows = harvest_rows(harvest, run.logical_date, run.kind)
    reports = [_replace(connection, kind, run.id, read, _one_by_one(rows.of(kind)), write) for kind in VALUES]
    fields: Counter[str] = Counter()
    for one in reports:
        fields.update(one.fields)
    total = ReplaceReport(
        sum(one.removed for one in reports),
        sum(one.added for one in reports),
        sum(one.unchanged for one in reports),
        dict(fields),
        tuple(example for one in reports for example in one.examples)[:EXAMPLES],
    )
    return total, rows.issues, read == held


def _replace(
    connection: Connection, kind: Kind, run_id: int, read: set[str], new: Sequence[Tuple], write: bool
) -> ReplaceReport:
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
    for some in _in_parts(gone if write else ()):
        if kind is QUOTES:
            connection.execute(delete(_OBSERVATION).where(_OBSERVATION.c.quote_id.in_(some)))
        connection.execute(delete(kind.table).where(kind.table.c.id.in_(some)))
    if write:
        insert_of_run(connection, kind, run_id, (row for row in new if row[kind.key] in come))
    fields, examples = _differences(kind, before, after)
    return ReplaceReport(len(gone), len(come), len(before) - len(gone), fields, examples)


def _differences(
    kind: Kind, before: Mapping[str, Tuple], after: Mapping[str, Tuple]
) -> tuple[dict[str, int], tuple[str, ...]]:
    """Which fields of values with the same key differ, and a few examples in words; of private prices only that."""
    names = [column.name for column in kind.columns]
    private = names.index("private") if "private" in names else None
    fields: Counter[str] = Counter()
    changed: list[str] = []
    gone: list[str] = []
    new: list[str] = []
    for key in (*before, *(one for one in after if one not in before)):
        old, now = before.get(key), after.get(key)
        if old == now:
            continue
        hidden = private is not None and any(row is not None and row[private] for row in (old, now))
        what = "a private price" if hidden else f"{kind.table.name} {key}"
        if old is None or now is None:
            (new if old is None else gone).append(f"{what}: {'new' if old is None else 'gone'}")
            continue
        differing = [place for place, name in enumerate(names) if old[place] != now[place]]
        fields.update(names[place] for place in differing)
        said = ", ".join(f"{names[place]} {old[place]} -> {now[place]}" for place in differing)
        changed.append(f"{what}: {'changed' if hidden else said}")
    in_turn = [one for pair in zip_longest(gone[:EXAMPLES], new[:EXAMPLES]) for one in pair if one is not None]
    return dict(fields), tuple([*changed, *in_turn][:EXAMPLES])


def _one_by_one(rows: Sequence[Tuple] | TableRows) -> Sequence[Tuple]:
    return rows.rows() if isinstance(rows, TableRows) else rows


def _in_parts(numbers: Sequence[int], size: int = 500) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]
