"""Readings of the sources: stale, failing, held, changed, not asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from remitwatch import quality
from remitwatch.alerts.readings import Reading, State, state_of
from remitwatch.alerts.rules import Rule
from remitwatch.pipeline.alerting.span import Span
from remitwatch.pipeline.gaps import not_made_good
from remitwatch.pipeline.health import verified_on
from remitwatch.quality import Finding
from remitwatch.runs import CollectionRun, RunStatus
from remitwatch.sources import SourceDefinition

_CHANGED = ("changed", "invalid", "refused_record")
"""The failure classes that say that the answers are not as documented."""
LISTED = 20


def source_stale(rule: Rule, span: Span) -> Iterator[Reading]:
    """The sources without an accepted run for too long, or without any (age None).

    Facts: `source`, `name`, `last_ok`, `age`, `cadence` (days), `words` (English).
    """
    yield from _findings(rule, span, ("stale", "never"))


def source_failing(rule: Rule, span: Span) -> Iterator[Reading]:
    """The sources whose last two runs brought nothing. Facts as of `source_stale`, and the newest `run`, `reason`."""
    yield from _findings(rule, span, ("failing",))


def source_held(rule: Rule, span: Span) -> Iterator[Reading]:
    """The sources whose newest run is held. Facts as of `source_failing`."""
    yield from _findings(rule, span, ("held",))


def _findings(rule: Rule, span: Span, codes: tuple[str, ...]) -> Iterator[Reading]:
    runs = span.runs
    definitions = [one for one in span.judged if rule.wants_source(one.key)]
    verified = verified_on(span.workspace)
    for day in span.days:
        found: dict[str | None, Finding] = {}
        for one in quality.freshness(definitions, runs, day, verified):
            if one.code in codes:
                found.setdefault(one.source, one)
        newest = _newest(runs, day)
        for definition in definitions:
            finding, run = found.get(definition.key), newest.get(definition.key)
            value = None if finding is None or finding.age_days is None else Decimal(finding.age_days)
            facts = _named(definition, run)
            if finding is not None:
                facts |= {"last_ok": finding.last_ok, "age": finding.age_days, "words": finding.message}
            subject = f"source:{definition.key}"
            state = State.CLEAR if finding is None else State.BREACH
            yield Reading(rule.key, subject, day, state, value, facts, (subject,))


def source_changed(rule: Rule, span: Span) -> Iterator[Reading]:
    """How many answers or records of the newest run of a source were not as documented.

    Facts: `source`, `name`, `run`, `reason`, `answers` (by failure class).
    """
    runs = span.runs
    definitions = [one for one in span.judged if rule.wants_source(one.key)]
    for day in span.days:
        newest = _newest(runs, day)
        for definition in definitions:
            run = newest.get(definition.key)
            if run is None:
                continue
            answers = {code: run.failures[code] for code in _CHANGED if run.failures.get(code)}
            if run.refused:
                answers["refused_record"] = run.refused
            number = sum(answers.values())
            facts = _named(definition, run) | {"answers": answers}
            subject = f"source:{definition.key}"
            state = State.BREACH if number else State.CLEAR
            yield Reading(rule.key, subject, day, state, Decimal(number), facts, (subject,))


def _newest(runs: list[CollectionRun], day: dt.date) -> dict[str, CollectionRun]:
    """By source its newest run up to a day that was one: not a trial, not under way, not missed."""
    found: dict[str, CollectionRun] = {}
    for run in runs:  # newest first
        counts = not run.trial and run.status not in (RunStatus.RUNNING, RunStatus.MISSED)
        if counts and run.logical_date <= day:
            found.setdefault(run.source, run)
    return found


def _named(definition: SourceDefinition, run: CollectionRun | None) -> dict[str, Any]:
    facts: dict[str, Any] = {"source": definition.key, "name": definition.name}
    if definition.schedule is not None:
        facts["cadence"] = definition.schedule.cadence_days
    if run is not None:
        facts |= {"run": run.id, "status": run.status.value, "reason": run.reason}
    return facts


def runs_missed(rule: Rule, span: Span) -> Iterator[Reading]:
    """On how many scheduled days within the rule's days sources were not asked: gaps, which nothing can fill. A time
    that was missed counts where no later attempt has made its day good.

    Facts: `missed`, `sources`, `first_day`, `last_day`, `reasons`.
    """
    assert rule.days is not None
    runs = [run for run in not_made_good(span.runs) if rule.wants_source(run.source)]
    for day in span.days:
        since = day - dt.timedelta(days=rule.days)
        gaps = [run for run in runs if since < run.logical_date <= day]
        facts: dict[str, Any] = {"missed": len(gaps)}
        if gaps:
            facts |= {
                "sources": sorted({run.source for run in gaps})[:LISTED],
                "first_day": min(run.logical_date for run in gaps),
                "last_day": max(run.logical_date for run in gaps),
                "reasons": sorted({run.reason for run in gaps}),
            }
        value = Decimal(len(gaps))
        yield Reading(rule.key, "home", day, state_of(rule, value), value, facts)
