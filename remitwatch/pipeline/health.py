"""The health of the sources: one row each, all on one screen, and what is stale, held or failing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from remitwatch import quality
from remitwatch.pipeline import collecting
from remitwatch.pipeline.collecting import Decided
from remitwatch.pipeline.workspace import Workspace
from remitwatch.quality import Finding
from remitwatch.runs import CollectionRun, RunStatus
from remitwatch.sources import SourceDefinition, SourceKind
from scrapers import registry

SUCCESS_RUNS = 10
"""Over how many of its last runs the success rate of a source is told."""
RATE_DAYS = 30
"""How far back reference rates are looked at: past the age at which any may still be used."""
_LOOK_BACK_DAYS = 400
_LOOK_AHEAD_DAYS = 32  # a day of the month comes round in 31


def freshness(workspace: Workspace) -> list[Finding]:
    """What is stale, held or failing among the sources that are asked here: verified ones, and those asked before.
    A source that is off is left alone."""
    runs = collected_runs(workspace)
    return quality.freshness(judged_sources(workspace, runs), runs, workspace.today, verified_on(workspace))


def judged_sources(workspace: Workspace, runs: Iterable[CollectionRun]) -> list[SourceDefinition]:
    """The sources that are asked here: verified, or asked before, and not off."""
    asked, decided = {run.source for run in runs if not run.trial}, Decided.read(workspace)
    return [
        one
        for one in registry.definitions().values()
        if one.method != "file"
        and collecting.why_off(workspace, one, decided) is None
        and (one.key in asked or collecting.is_verified(workspace, one, decided))
    ]


def verified_on(workspace: Workspace) -> dict[str, dt.date]:
    """By source: the day on which a person found its live answers right."""
    return {key: at.date() for key, (at, _) in workspace.store.verified_sources().items()}


def rate_ages(workspace: Workspace) -> dict[str, int]:
    """By source of reference rates that is asked here and publishes daily: for how many days a rate may be used."""
    decided = Decided.read(workspace)
    return {
        one.key: one.max_age_days
        for one in registry.definitions().values()
        if one.kind is SourceKind.RATES
        and one.schedule is not None
        and one.schedule.cadence_days == 1
        and workspace.settings.source(one.key).enabled
        and collecting.is_verified(workspace, one, decided)
    }


def source_rows(workspace: Workspace) -> list[dict[str, Any]]:
    """One row a source: what it gives, how it is, what its last run brought, when it is asked next (UTC), its terms.

    `age_cadences` is the age of the last good run in cadences of its schedule; `values` what the newest run brought and
    `expected` its least and most; `succeeded` of `counted` of the last runs were ok, every answer read (trials and runs
    that go on apart).
    """
    findings = {finding.source: finding for finding in freshness(workspace)}
    by_source: dict[str, list[CollectionRun]] = {}
    for run in workspace.queries.runs(since=workspace.today - dt.timedelta(days=_LOOK_BACK_DAYS)):
        if run.status is not RunStatus.RUNNING:
            by_source.setdefault(run.source, []).append(run)
    decided = Decided.read(workspace)
    return [
        _row(workspace, definition, decided, findings.get(definition.key), by_source.get(definition.key, []))
        for definition in registry.definitions().values()
    ]


def _row(
    workspace: Workspace,
    definition: SourceDefinition,
    decided: Decided,
    finding: Finding | None,
    runs: list[CollectionRun],
) -> dict[str, Any]:
    counted = [run for run in runs if not run.trial][:SUCCESS_RUNS]
    last_ok = next((run.logical_date for run in runs if run.accepted and not run.trial), None)
    newest = next((run for run in counted if run.status is not RunStatus.MISSED), None)
    verified = collecting.is_verified(workspace, definition, decided)
    why_not = collecting.why_not_asked(workspace, definition, decided)
    schedule, expect = definition.schedule, definition.expect
    age = None if last_ok is None else (workspace.today - last_ok).days
    switch = decided.switched_off.get(definition.key)
    enabled = collecting.why_off(workspace, definition, decided) is None
    return {
        "source": definition.key,
        "name": definition.name,
        "kind": definition.kind.value,
        "state": _state(definition, finding, last_ok, enabled=enabled),
        "last_ok": last_ok,
        "age_days": age,
        "age_cadences": None if age is None or schedule is None else _cadences(age, schedule.cadence_days),
        "last_run": None if newest is None else newest.id,
        "last_status": None if newest is None else newest.status.value,
        "last_reason": None if newest is None else newest.reason,
        "values": None if newest is None else values_of(newest, definition.kind),
        "expected": {"least": expect.min_quotes, "most": expect.max_quotes, "answered": str(expect.answered)},
        "succeeded": sum(run.status is RunStatus.OK for run in counted),
        "counted": len(counted),
        "at": None if schedule is None else schedule.at,
        "next_run": None if why_not else next_run(definition, workspace.now()),
        "verdict": definition.terms.verdict,
        "redistribution": definition.terms.redistribution,
        "verified": verified,
        "enabled": enabled,
        "switched_off": None if switch is None else switch.model_dump(mode="json"),
        "note": finding.message if finding else "" if definition.method == "file" else why_not or "",
    }


def next_run(definition: SourceDefinition, now: dt.datetime) -> dt.datetime | None:
    """When the clock asks a source next, UTC; None for one that is on no schedule."""
    days = (now.date() + dt.timedelta(days=ahead) for ahead in range(_LOOK_AHEAD_DAYS))
    times = (collecting.due_at(definition, day) for day in days)
    return next((time for time in times if time is not None and time > now), None)


def values_of(run: CollectionRun, kind: SourceKind) -> int:
    """How many of the values that its source is read for a run brought: what `min_quotes` counts."""
    counts = {SourceKind.RATES: run.rates, SourceKind.BENCHMARKS: run.benchmarks, SourceKind.FLOWS: run.flows}
    return counts.get(kind, run.quotes)


def _cadences(age_days: int, cadence_days: int) -> Decimal:
    return (Decimal(age_days) / cadence_days).quantize(Decimal("0.1"))


def _state(definition: SourceDefinition, finding: Finding | None, last_ok: dt.date | None, *, enabled: bool) -> str:
    if not enabled:
        return "off"
    if finding is not None:
        return finding.code
    if last_ok is None:
        return "import" if definition.method == "file" else "never"
    return "ok"


def collected_runs(workspace: Workspace) -> list[CollectionRun]:
    """The runs that collected, of the last year and a bit, newest first."""
    runs = workspace.queries.runs(since=workspace.today - dt.timedelta(days=_LOOK_BACK_DAYS))
    return [run for run in runs if run.kind == "collect"]
