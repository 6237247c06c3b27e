"""Freshness and plausibility: what is stale, held or failing, and which prices stand out. Alert rules come on top."""

from __future__ import annotations

import datetime as dt

from db.health import problems
from remitwatch import plausibility, rate_checks
from remitwatch.pegs import pegs
from remitwatch.pipeline.collecting import is_verified
from remitwatch.pipeline.health import freshness
from remitwatch.pipeline.marking import close_what_is_settled
from remitwatch.pipeline.workspace import Workspace
from remitwatch.quality import Finding
from remitwatch.runs import Issue
from remitwatch.sources import SourceKind
from scrapers import registry

RECENT_DAYS = 16
"""How far back prices are looked at by `check`: past the two weeks after which a provider counts as vanished."""
RATE_DAYS = 30
"""How far back reference rates are looked at: past the age at which any may still be used."""


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


def _rates(workspace: Workspace) -> list[Finding]:
    """What stands out among the reference rates in force. Stale can be who is asked here and publishes daily."""
    rows = workspace.queries.market_rates(workspace.today - dt.timedelta(days=RATE_DAYS), workspace.today)
    daily = {
        one.key: one.max_age_days
        for one in registry.definitions().values()
        if one.kind is SourceKind.RATES
        and one.schedule is not None
        and one.schedule.cadence_days == 1
        and workspace.settings.source(one.key).enabled
        and is_verified(workspace, one)
    }
    return rate_checks.find(rows, workspace.today, pegs=pegs(), max_age=daily)


def check_database(workspace: Workspace) -> list[str]:
    """What is wrong with the database, a line each: its own checks, and every run's content against its digest."""
    return problems(workspace.engine)
