"""Gaps: scheduled days on which a source was not asked. Prices are never collected for the past, so they stay gaps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from remitwatch.pipeline import collecting
from remitwatch.pipeline.workspace import Workspace
from remitwatch.runs import CollectionRun, RunStatus
from remitwatch.sources import SourceDefinition

LOOK_BACK_DAYS = 31
"""So far back at least every day is looked at; further back where a source was last asked, or missed, before that."""


def record_gaps(workspace: Workspace) -> int:
    """Record every scheduled day before today on which a source was not asked at all as missed (`gap`), since its first
    run (trials and imported files apart). Returns how many were recorded; a day is recorded once."""
    chosen, _ = collecting.sources_to_ask(workspace)
    return sum(_record(workspace, definition) for definition in chosen)


def standing_gaps(workspace: Workspace, since: dt.date) -> list[CollectionRun]:
    """The missed runs since a day whose day no later attempt has made good, newest first."""
    return not_made_good(workspace.queries.runs(since=since, trial=False, kind="collect"))


def not_made_good(runs: Sequence[CollectionRun]) -> list[CollectionRun]:
    """Of these runs those that were missed, and on whose day none of them was accepted, trials apart."""
    good = {(run.source, run.logical_date) for run in runs if run.accepted and not run.trial}
    return [run for run in runs if run.status is RunStatus.MISSED and (run.source, run.logical_date) not in good]


def _record(workspace: Workspace, definition: SourceDefinition) -> int:
    first = workspace.queries.first_run_date(definition.key)
    if first is None:
        return 0
    newest = workspace.queries.runs(definition.key, until=workspace.today, trial=False, kind="collect", limit=1)
    since = workspace.today - dt.timedelta(days=LOOK_BACK_DAYS)
    since = max(first, min([since, *(run.logical_date for run in newest)]))
    asked = workspace.queries.runs(definition.key, since, trial=False, kind="collect")
    days = {run.logical_date for run in asked}
    recorded = 0
    for number in range((workspace.today - since).days):
        day = since + dt.timedelta(days=number)
        if day not in days and collecting.due_at(definition, day) is not None:
            recorded += workspace.store.record_missed(definition.key, day, "gap", workspace.now())
    return recorded
