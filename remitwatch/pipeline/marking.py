"""Mark the collected prices: what their reference rate, past and neighbours say of them, and what people decided."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from db.decisions import in_force
from db.records import StoredIssue
from remitwatch.errors import InputError
from remitwatch.marks import QUARANTINED, REJECTED, SERVICE, mark
from remitwatch.pipeline.workspace import Workspace
from remitwatch.quality import Finding

REACH_DAYS = 8
"""How far a price says something of others: to the one before and after it, of sources that come once a week."""


@dataclass(frozen=True)
class Marked:
    """How many prices have other flags than before, and how many of those looked at are in quarantine."""

    changed: int
    quarantined: int


def mark_since(workspace: Workspace, since: dt.date) -> Marked:
    """Mark the prices of the days from `since` on, and those before that they say something of. Done twice, it changes
    nothing the second time."""
    first = since - dt.timedelta(days=REACH_DAYS)
    frame = workspace.queries.observations(since=first - dt.timedelta(days=REACH_DAYS), survey=False)
    found = _marked(workspace, frame, None)
    judged = frame[frame["day"].to_numpy(dtype="datetime64[D]") >= pd.Timestamp(first).to_datetime64()]
    now = judged["quote_id"].map(found)
    changed = judged["flags"].astype(str) != now
    rows = zip(judged["quote_id"][changed].tolist(), now[changed].tolist(), strict=True)
    workspace.store.set_flags([(int(number), str(flags)) for number, flags in rows])
    held = int(now.map(lambda flags: QUARANTINED in flags.split("+")).sum()) if len(now) else 0
    return Marked(int(changed.sum()), held)


def as_it_stood(workspace: Workspace, frame: pd.DataFrame, as_of: dt.datetime) -> pd.DataFrame:
    """An observation frame of what was known at `as_of`, with the marks that its prices had then: without what later
    prices confirmed and people decided later."""
    found = _marked(workspace, frame, as_of)
    flags = frame["quote_id"].map(found)
    return frame.assign(flags=frame["flags"].where(flags.isna(), flags))


def _marked(workspace: Workspace, frame: pd.DataFrame, as_of: dt.datetime | None) -> pd.Series:
    decided = [one for one in workspace.queries.decisions() if as_of is None or one.decided_at <= as_of]
    return mark(frame, in_force(decided))


def decide(workspace: Workspace, issue_id: int, *, released: bool, who: str, why: str) -> list[int]:
    """Release or reject the prices that an issue is about: those of its service that are in quarantine now (to reject,
    the issue's own price at least). The issue is closed and the flags follow at once. Returns the quotes' numbers.

    Raises InputError for an issue that is closed, or about no price.
    """
    found = workspace.queries.issue(issue_id)
    if found.closed_at is not None:
        raise InputError(f"issue {issue_id}: it is closed already")
    quote = _quote_of(found)
    frame = workspace.queries.observations(survey=False)
    own = frame[frame["quote_id"] == quote]
    if own.empty:
        raise InputError(f"issue {issue_id}: quote {quote} is not in force any more: there is nothing to decide")
    of_service = frame[(frame[SERVICE] == own[SERVICE].iloc[0]).all(axis=1)]
    held = of_service[of_service["flags"].map(_waits)]
    if released and held.empty:
        raise InputError(f"issue {issue_id}: no price of its service is in quarantine")
    chosen = held if len(held) else own
    ids = [int(number) for number in chosen["quote_id"]]
    workspace.store.decide_quotes(ids, released=released, who=who, why=why, at=workspace.now(), issue_id=issue_id)
    mark_since(workspace, chosen["day"].min().date())
    return ids


def _waits(flags: str) -> bool:
    found = str(flags).split("+")
    return QUARANTINED in found and REJECTED not in found


def _quote_of(found: StoredIssue) -> int:
    record = found.issue.record or ""
    if not record.startswith("quote ") or not record.removeprefix("quote ").isdigit():
        raise InputError(
            f"issue {found.id}: it is about no single price: a run is decided on with `remitwatch runs accept|reject`"
        )
    return int(record.removeprefix("quote "))


def close_what_is_settled(workspace: Workspace, findings: list[Finding]) -> None:
    """Close the issues about prices in quarantine that are in it no more: their next price confirmed them."""
    still = {one.message for one in findings if one.code == QUARANTINED}
    for one in workspace.queries.issues():
        if one.issue.code != QUARANTINED or one.issue.message in still:
            continue
        flags = workspace.queries.flags_of([_quote_of(one)])
        if not any(QUARANTINED in some for some in flags.values()):
            workspace.store.close_issue(one.id, who="remitwatch", why="no longer in quarantine", at=workspace.now())
