"""Issues in the database: one open issue a subject, counted as often as it is seen, closed by a person."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable

from sqlalchemy import Connection, select, update

from db.bulk import insert_rows
from db.rows import clean
from db.tables import IssueRow, table
from remitwatch.errors import InputError
from remitwatch.runs import Issue

_ISSUE = table(IssueRow)
_COLUMNS = tuple(
    _ISSUE.c[name]
    for name in (
        "fingerprint", "level", "code", "source", "run_id", "message", "record", "snapshot", "inquiry",
        "opened_at", "last_seen", "seen",
    )
)  # fmt: skip
_SEEN_AGAIN = """ON CONFLICT (fingerprint) WHERE closed_at IS NULL DO UPDATE SET
    seen = issue.seen + 1, last_seen = excluded.last_seen, level = excluded.level, run_id = excluded.run_id,
    record = excluded.record, snapshot = excluded.snapshot, inquiry = excluded.inquiry"""


def add_issues(connection: Connection, issues: Iterable[Issue], at: dt.datetime, run_id: int | None) -> int:
    """Add issues; one that is open already with the same code, source and message is counted as seen again, and shows
    its newest record. Returns how many were given."""
    rows = (
        (
            _fingerprint(issue),
            issue.level,
            issue.code,
            issue.source,
            run_id,
            clean(issue.message),
            None if issue.record is None else clean(issue.record),
            issue.snapshot,
            None if issue.inquiry is None else clean(issue.inquiry),
            at,
            at,
            1,
        )
        for issue in issues
    )
    return insert_rows(connection, _ISSUE, _COLUMNS, rows, _SEEN_AGAIN)


def close_issue(connection: Connection, issue_id: int, who: str, why: str, at: dt.datetime) -> None:
    """Close an issue. Raises InputError when there is none of this number, or it is closed."""
    closed = connection.execute(
        update(_ISSUE)
        .where(_ISSUE.c.id == issue_id, _ISSUE.c.closed_at.is_(None))
        .values(closed_at=at, closed_by=who, closed_why=why)
    )
    if closed.rowcount == 1:
        return
    if connection.execute(select(_ISSUE.c.id).where(_ISSUE.c.id == issue_id)).first() is None:
        raise InputError(f"issue {issue_id}: there is none of this number; see: remitwatch issues list")
    raise InputError(f"issue {issue_id}: it is closed already")


def _fingerprint(issue: Issue) -> str:
    subject = "\n".join((issue.code, issue.source or "", issue.message))
    return hashlib.sha256(subject.encode()).hexdigest()[:32]
