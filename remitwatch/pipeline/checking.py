"""Freshness and plausibility: what is stale, held or failing, and which prices stand out; then the alert rules."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from db.alerts import Addressed, nobody
from db.health import problems
from remitwatch import plausibility, rate_checks
from remitwatch.failures import explain
from remitwatch.pegs import pegs
from remitwatch.pipeline.alerting.evaluate import Evaluated, evaluate
from remitwatch.pipeline.gaps import standing_gaps
from remitwatch.pipeline.health import RATE_DAYS, freshness, rate_ages, source_rows
from remitwatch.pipeline.marking import close_what_is_settled
from remitwatch.pipeline.workspace import Workspace
from remitwatch.quality import Finding
from remitwatch.runs import CollectionRun, Issue

RECENT_DAYS = 16
"""How far back prices are looked at by `check`: past the two weeks after which a provider counts as vanished."""


@dataclass(frozen=True)
class Status:
    """The health of a home on one screen."""

    lines: list[str]
    content: dict[str, Any]
    needs_a_person: bool

    def as_json(self) -> dict[str, Any]:
        """The same for a machine."""
        return self.content


def check(workspace: Workspace) -> list[Finding]:
    """Every finding of today. Each becomes an issue too: one a trouble, not one a day."""
    recent = workspace.queries.observations(since=workspace.today - dt.timedelta(days=RECENT_DAYS))
    found = [*freshness(workspace), *plausibility.find(recent, workspace.today), *_rates(workspace)]
    issues = [
        Issue(
            level=one.level,
            code=one.code,
            source=one.source,
            message=one.message,
            record=None if one.quote_id is None else f"quote {one.quote_id}",
        )
        for one in found
    ]
    workspace.store.add_issues(issues, workspace.now())
    close_what_is_settled(workspace, found)
    return found


def check_and_alert(workspace: Workspace, *, addressed: Addressed = nobody) -> tuple[list[Finding], Evaluated]:
    """Every finding of today, and then what the rules for alerts find. `addressed` names the routes of a message."""
    return check(workspace), evaluate(workspace, addressed=addressed)


def _rates(workspace: Workspace) -> list[Finding]:
    """What stands out among the reference rates in force. Stale can be who is asked here and publishes daily."""
    rows = workspace.queries.market_rates(workspace.today - dt.timedelta(days=RATE_DAYS), workspace.today)
    return rate_checks.find(rows, workspace.today, pegs=pegs(), max_age=rate_ages(workspace))


def status(workspace: Workspace) -> Status:
    """Sources, gaps, the last runs, open issues, the newest edition."""
    findings = freshness(workspace)
    sources = [row for row in source_rows(workspace) if row["state"] != "import"]
    recent = workspace.queries.runs(limit=5)
    gaps = standing_gaps(workspace, workspace.today - dt.timedelta(days=31))
    open_issues = len(workspace.queries.issues())
    newest = workspace.home.editions / "latest"
    edition = newest.resolve().name if newest.is_symlink() and newest.exists() else None
    lines = [f"{workspace.home.root} ({'sandbox data, not real prices' if workspace.world == 'sandbox' else 'real'})"]
    lines += [f"{row['source']:20} {row['state']:8} last ok {row['last_ok'] or '-'}  {row['note']}" for row in sources]
    lines += [f"{finding.code}: {finding.message}" for finding in findings]
    lines.append(f"gaps in the last 31 days: {len(gaps)}")
    lines += [_run_line(run) for run in recent]
    lines.append(f"open issues: {open_issues}; newest edition: {edition or 'none'}")
    content = {
        "home": str(workspace.home.root),
        "world": workspace.world,
        "sources": sources,
        "findings": [finding.as_json() for finding in findings],
        "gaps": [{"source": run.source, "date": run.logical_date, "reason": run.reason} for run in gaps],
        "runs": [run.model_dump(mode="json") for run in recent],
        "open_issues": open_issues,
        "edition": edition,
    }
    return Status(lines, content, bool(findings))


def _run_line(run: CollectionRun) -> str:
    line = f"run {run.id}: {run.source} {run.logical_date} {run.status.value} {run.reason}".rstrip()
    known = explain(run.reason)
    return f"{line}: {known.means}" if known else line


def check_database(workspace: Workspace) -> list[str]:
    """What is wrong with the database, a line each: its own checks, and every run's content against its digest."""
    return problems(workspace.engine)
