"""How the data came in: every source day by day, what was refused, what waits for a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pandas as pd

from remitwatch.corridors import watched_corridors
from remitwatch.pipeline.coverage import GAP_DAYS
from remitwatch.pipeline.health import source_rows
from remitwatch.pipeline.workspace import Workspace
from remitwatch.runs import CollectionRun, RunStatus
from reports.inputs import DAY_COLUMNS, HEALTH_COLUMNS, ISSUE_COLUMNS, QualityInput
from scrapers import registry

NOT_ASKED = "none"
"""The status of a day on which a source should have been asked and no run is known."""


def quality_input(workspace: Workspace) -> QualityInput:
    """The last GAP_DAYS days of every source that was asked, the open issues, and the decisions of people."""
    last = workspace.today
    first = last - dt.timedelta(days=GAP_DAYS - 1)
    runs = [
        run
        for run in workspace.queries.runs(since=first, until=last, kind="collect", trial=False)
        if run.status is not RunStatus.RUNNING
    ]
    decided = {one.quote_id: one.released for one in workspace.queries.decisions() if one.holds}
    return QualityInput(
        first=first,
        last=last,
        days=_days(workspace, runs, last),
        issues=_issues(workspace),
        health=_health(workspace, {run.source for run in runs}),
        watched=tuple(workspace.settings.collect.corridors or watched_corridors()),
        unpriced=workspace.queries.unpriced(first),
        released=sum(decided.values()),
        rejected=sum(not released for released in decided.values()),
    )


def _days(workspace: Workspace, runs: Iterable[CollectionRun], last: dt.date) -> pd.DataFrame:
    by_day: dict[tuple[str, dt.date], list[CollectionRun]] = {}
    for run in runs:  # newest first
        by_day.setdefault((run.source, run.logical_date), []).append(run)
    rows = []
    for (source, day), attempts in by_day.items():
        one = next((run for run in attempts if run.accepted), attempts[0])
        refused = sum(run.refused for run in attempts)
        rows.append((source, day, one.status.value, one.reason, refused))
    first_of: dict[str, dt.date] = {}
    for source, day in by_day:
        first_of[source] = min(day, first_of.get(source, day))
    for source, start in first_of.items():
        rows += [(source, day, NOT_ASKED, "", 0) for day in _due(source, start, last) if (source, day) not in by_day]
    return pd.DataFrame(sorted(rows), columns=list(DAY_COLUMNS))


def _due(source: str, start: dt.date, last: dt.date) -> list[dt.date]:
    """The days from `start` to the one before `last` on which the source's schedule asks it; the last is not over."""
    definition = registry.definitions().get(source)
    if definition is None or definition.schedule is None:
        return []
    days = (start + dt.timedelta(days=count) for count in range((last - start).days))
    return [day for day in days if definition.schedule.falls_on(day)]


def _issues(workspace: Workspace) -> pd.DataFrame:
    counts: dict[tuple[str, str, str], list[dt.date]] = {}
    for stored in workspace.queries.issues():
        key = (stored.issue.code, stored.issue.level, stored.issue.source or "")
        counts.setdefault(key, []).append(stored.opened_at.date())
    rows = [(*key, len(opened), min(opened)) for key, opened in sorted(counts.items())]
    return pd.DataFrame(rows, columns=list(ISSUE_COLUMNS))


def _health(workspace: Workspace, asked: set[str]) -> pd.DataFrame:
    rows = [
        (
            row["source"],
            row["state"],
            row["succeeded"],
            row["counted"],
            row["values"],
            row["expected"]["least"],
            row["expected"]["most"],
        )
        for row in source_rows(workspace)
        if row["source"] in asked
    ]
    return pd.DataFrame(rows, columns=list(HEALTH_COLUMNS), dtype=object)
