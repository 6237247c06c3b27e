"""Freshness and plausibility: what is stale, held or failing, and which prices stand out; then the alert rules."""

from __future__ import annotations

import datetime as dt

from db.health import problems
from remitwatch import plausibility, rate_checks
from remitwatch.pegs import pegs
from remitwatch.pipeline.addressing import addressed
from remitwatch.pipeline.alerting.evaluate import Evaluated, evaluate
from remitwatch.pipeline.health import RATE_DAYS, freshness, rate_ages
from remitwatch.pipeline.marking import close_what_is_settled
from remitwatch.pipeline.workspace import Workspace
from remitwatch.quality import Finding
from remitwatch.runs import Issue

RECENT_DAYS = 16
"""How far back prices are looked at by `check`: past the two weeks after which a provider counts as vanished."""


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


def check_and_alert(workspace: Workspace) -> tuple[list[Finding], Evaluated]:
    """Every finding of today, and then what the rules for alerts find, addressed to the routes that are set. Raises
    InputError for a rule or route that is none."""
    found = check(workspace)
    return found, evaluate(workspace, addressed=addressed(workspace))


def _rates(workspace: Workspace) -> list[Finding]:
    """What stands out among the reference rates in force. Stale can be who is asked here and publishes daily."""
    rows = workspace.queries.market_rates(workspace.today - dt.timedelta(days=RATE_DAYS), workspace.today)
    return rate_checks.find(rows, workspace.today, pegs=pegs(), max_age=rate_ages(workspace))


def check_database(workspace: Workspace) -> list[str]:
    """What is wrong with the database, a line each: its own checks, and every run's content against its digest."""
    return problems(workspace.engine)
