"""Read the archive again with today's parser: the only way a stored quote changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from remitwatch.errors import InputError
from remitwatch.pipeline.importing import give_tiers, reconciled
from remitwatch.pipeline.workspace import Workspace
from remitwatch.runs import CollectionRun, RunStatus, Snapshot
from scrapers import registry, runner


@dataclass(frozen=True)
class Reparsed:
    """What changed: values removed, added and unchanged over all runs read again, and issues of the new reading."""

    runs: int
    removed: int
    added: int
    unchanged: int
    issues: int


def reparse(
    workspace: Workspace, source: str, since: dt.date | None = None, progress: Callable[[str], None] | None = None
) -> Reparsed:
    """Replace the values of the archived answers of `source` fetched since a day; one transaction a run.

    Raises InputError for an unknown source or when nothing is archived.
    """
    scraper = registry.scraper(source)
    by_run = _snapshots_by_run(workspace, source, since)
    if not by_run:
        raise InputError(f"{source}: no archived answers{f' since {since}' if since else ''}")
    runs = removed = added = unchanged = issues = 0
    for run, snapshots in by_run:
        harvest = runner.reparse(scraper, snapshots, workspace.archive, workspace.now, tables=True)
        harvest.source = run.source
        if run.kind == "import" and any(one.value.survey is None for one in harvest.quotes):
            give_tiers(workspace, harvest)
        harvest.reconciliation = reconciled(harvest, workspace)
        report = workspace.store.replace_values(run.id, harvest, workspace.now())
        runs += 1
        removed += report.removed
        added += report.added
        unchanged += report.unchanged
        issues += len(harvest.issues)
        if progress is not None:
            progress(f"run {run.id}")
    return Reparsed(runs, removed, added, unchanged, issues)


def _snapshots_by_run(
    workspace: Workspace, source: str, since: dt.date | None
) -> list[tuple[CollectionRun, list[Snapshot]]]:
    """The runs with archived answers of a source, oldest first. A handed-in file's run has its own source name."""
    found = []
    for run in reversed(workspace.queries.runs(since=None)):
        if run.status is RunStatus.RUNNING or (run.kind == "collect" and run.source != source):
            continue
        snapshots = [
            one
            for one in workspace.queries.snapshots(run.id)
            if one.source == source and (since is None or one.fetched_at.date() >= since)
        ]
        if snapshots:
            found.append((run, snapshots))
    return found
