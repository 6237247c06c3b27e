"""Read the archive again with today's parser: the only way a stored quote changes."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from db.records import ReplaceReport
from remitwatch.errors import InputError
from remitwatch.pipeline.importing import give_tiers, reconciled
from remitwatch.pipeline.workspace import Workspace
from remitwatch.runs import CollectionRun, RunStatus, Snapshot
from scrapers import registry, runner


@dataclass(frozen=True)
class Span:
    """Which archived answers are read again: fetched on the days `since` to `until`, both included, UTC; of one run."""

    since: dt.date | None = None
    until: dt.date | None = None
    run: int | None = None

    def holds(self, snapshot: Snapshot) -> bool:
        """Whether an answer is among them."""
        day = snapshot.fetched_at.date()
        return (self.since is None or day >= self.since) and (self.until is None or day <= self.until)

    def __str__(self) -> str:
        parts = [f"of run {self.run}"] if self.run is not None else []
        parts += [f"since {self.since}"] if self.since else []
        return " ".join(parts + ([f"until {self.until}"] if self.until else []))


@dataclass(frozen=True)
class ReparsedRun:
    """What changed in one run: its report, and how many issues the new reading has."""

    run: CollectionRun
    report: ReplaceReport
    issues: int

    def as_json(self) -> dict[str, Any]:
        """The same for a machine."""
        return {
            "run": self.run.id,
            "date": self.run.logical_date,
            "removed": self.report.removed,
            "added": self.report.added,
            "unchanged": self.report.unchanged,
            "fields": self.report.fields,
            "examples": list(self.report.examples),
            "issues": self.issues,
        }


@dataclass(frozen=True)
class Reparsed:
    """What changed: values removed, added and unchanged over all runs read again, and issues of the new reading."""

    runs: tuple[ReparsedRun, ...]

    @property
    def removed(self) -> int:
        """Values that are there no more; a changed value counts as removed and added."""
        return sum(one.report.removed for one in self.runs)

    @property
    def added(self) -> int:
        """Values that were not there before."""
        return sum(one.report.added for one in self.runs)

    @property
    def unchanged(self) -> int:
        """Values that are read as before."""
        return sum(one.report.unchanged for one in self.runs)

    @property
    def issues(self) -> int:
        """Issues of the new reading."""
        return sum(one.issues for one in self.runs)

    @property
    def fields(self) -> dict[str, int]:
        """Which fields of changed values differ, and how often; the most frequent first."""
        counted: Counter[str] = Counter()
        for one in self.runs:
            counted.update(one.report.fields)
        return dict(counted.most_common())


def reparse(
    workspace: Workspace,
    source: str,
    span: Span | None = None,
    progress: Callable[[str], None] | None = None,
    *,
    dry_run: bool = False,
) -> Reparsed:
    """Replace the values of the archived answers of `source` in a span by what is read from them today; one transaction
    a run. `dry_run` reports what would change and changes nothing.

    What was read from an answer that the archive has lost or pruned stays as it is. Raises InputError for an unknown
    source or when nothing is archived.
    """
    span = span or Span()
    scraper = registry.scraper(source)
    by_run = _snapshots_by_run(workspace, source, span)
    if not by_run:
        raise InputError(f"{source}: no archived answers {span}".rstrip())
    done: list[ReparsedRun] = []
    for run, snapshots in by_run:
        harvest = runner.reparse(scraper, snapshots, workspace.archive, workspace.now, tables=True)
        harvest.source = run.source
        if run.kind == "import" and any(one.value.survey is None for one in harvest.quotes):
            give_tiers(workspace, harvest)
        harvest.reconciliation = reconciled(harvest, workspace)
        report = workspace.store.replace_values(run.id, harvest, workspace.now(), dry_run=dry_run)
        done.append(ReparsedRun(run, report, len(harvest.issues)))
        if progress is not None:
            progress(f"run {run.id}")
    return Reparsed(tuple(done))


def _snapshots_by_run(workspace: Workspace, source: str, span: Span) -> list[tuple[CollectionRun, list[Snapshot]]]:
    """The runs with archived answers of a source, oldest first. A handed-in file's run has its own source name."""
    found = []
    runs = workspace.queries.runs() if span.run is None else [workspace.queries.run(span.run)]
    for run in reversed(runs):
        if run.status is RunStatus.RUNNING or (run.kind == "collect" and run.source != source):
            continue
        snapshots = [one for one in workspace.queries.snapshots(run.id) if one.source == source and span.holds(one)]
        if snapshots:
            found.append((run, snapshots))
    return found
