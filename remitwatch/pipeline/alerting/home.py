"""Readings of the home as it is now: its disk and its database. Past days cannot be looked at again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from decimal import Decimal

from db.health import quick_problems
from remitwatch.alerts.readings import Reading, State, state_of
from remitwatch.alerts.rules import Rule
from remitwatch.pipeline.alerting.span import Span

_MEGABYTE = 10**6


def disk_low(rule: Rule, span: Span) -> Iterator[Reading]:
    """The free space of the disk that holds the home, in whole megabytes (10^6 bytes).

    Facts: `free`, `total` (megabytes), `folder`.
    """
    usage = shutil.disk_usage(span.workspace.home.root)
    value = Decimal(usage.free // _MEGABYTE)
    facts = {
        "free": usage.free // _MEGABYTE,
        "total": usage.total // _MEGABYTE,
        "folder": str(span.workspace.home.root),
    }
    yield Reading(rule.key, "home", span.last, state_of(rule, value), value, facts)


def database_unsound(rule: Rule, span: Span) -> Iterator[Reading]:
    """What the database's own checks find (without the digests of the runs, which `remitwatch db check` reads).

    Facts: `problems` (English, the first few), `number`.
    """
    problems = quick_problems(span.workspace.engine)
    state = State.BREACH if problems else State.CLEAR
    yield Reading(
        rule.key, "home", span.last, state, Decimal(len(problems)), {"problems": problems[:5], "number": len(problems)}
    )
