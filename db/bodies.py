"""What rests on the bodies of the archive: which may be pruned and which are evidence of figures."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, select, union

from db.rows import VALUES
from db.tables import IssueRow, RunRow, SnapshotRow, table
from remitwatch.runs import RunStatus

_RUN, _SNAPSHOT, _ISSUE = table(RunRow), table(SnapshotRow), table(IssueRow)


@dataclass(frozen=True)
class ArchivedBodyUse:
    """What rests on one body: when it was last seen, values that are or were in force, values that are held for a
    person, an issue that is open."""

    last_seen: dt.datetime
    in_force: bool
    held: bool
    open_issue: bool


def uses_of_bodies(connection: Connection) -> dict[str, ArchivedBodyUse]:
    """By hash, of every body that an answer names."""
    ever_in_force = _RUN.c.in_force_since.is_not(None) & ~_RUN.c.trial
    undecided = _RUN.c.status.in_((RunStatus.HELD.value, RunStatus.RUNNING.value)) & _RUN.c.accepted_by.is_(None)
    valued: dict[bool, set[tuple[int, str]]] = {True: set(), False: set()}
    for is_force, condition in ((True, ever_in_force), (False, undecided)):
        answers = union(
            *(
                select(kind.table.c.run_id, kind.table.c.snapshot_id)
                .join(_RUN, _RUN.c.id == kind.table.c.run_id)
                .where(condition)
                .distinct()
                for kind in VALUES
            )
        )
        valued[is_force] = {(run_id, snapshot) for run_id, snapshot in connection.execute(answers)}
    open_issues = select(_ISSUE.c.snapshot).where(_ISSUE.c.closed_at.is_(None), _ISSUE.c.snapshot.is_not(None))
    troubled = set(connection.execute(open_issues).scalars())
    found: dict[str, ArchivedBodyUse] = {}
    columns = (_SNAPSHOT.c.run_id, _SNAPSHOT.c.id, _SNAPSHOT.c.body_sha256, _SNAPSHOT.c.fetched_at)
    for run_id, snapshot, sha256, fetched_at in connection.execute(select(*columns)):
        known = found.get(sha256)
        found[sha256] = ArchivedBodyUse(
            fetched_at if known is None else max(known.last_seen, fetched_at),
            (run_id, snapshot) in valued[True] or (known is not None and known.in_force),
            (run_id, snapshot) in valued[False] or (known is not None and known.held),
            snapshot in troubled or (known is not None and known.open_issue),
        )
    return found
