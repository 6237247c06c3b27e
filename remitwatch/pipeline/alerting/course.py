"""The course of a figure up to the day of an alert: what the chart of a mail draws."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np

from remitwatch.alerts.kinds import Scope
from remitwatch.alerts.rules import Rule
from remitwatch.indicators import indicators
from remitwatch.periods import parse_period
from remitwatch.pipeline.alerting.span import Span
from remitwatch.pipeline.looking import prepared
from remitwatch.pipeline.workspace import Workspace
from remitwatch.quotes import Basis

DAYS = 90
_BACK_DAYS = 100
"""Past the age at which the oldest price still counts."""


def span_up_to(workspace: Workspace, last: dt.date) -> Span:
    """The days that a course up to `last` is drawn of; several courses share what is read."""
    return Span(workspace, last - dt.timedelta(days=DAYS), last, explained=False, look_back=_BACK_DAYS)


def course(span: Span, rule: Rule, indicator: str, scope: Scope, subject: str) -> list[tuple[str, Decimal]]:
    """(day, per cent) of a place on each day of the span, or (quarter, per cent) of the survey; those without a figure
    are left out. `subject`: `GBR-IND`, `KEN`, `world`."""
    if rule.basis is Basis.SURVEY:
        held, at = span.survey, [(quarter, span.last) for quarter in span.quarters]
    else:
        columns = span.collected.columns
        corridors = columns.labels("corridor")
        chosen = np.array([_is_of(name, scope, subject) for name in corridors.names], dtype=bool)
        # only the prices of the place: so many figures of everything would take long
        held = prepared(columns.taking(np.flatnonzero(chosen[corridors.codes])) if len(chosen) else columns)
        at = [("latest", day) for day in span.days]
    found = []
    for period, day in at:
        rows = indicators(
            held,
            period=parse_period(period),
            scope=scope,
            codes=indicator,
            amount=rule.amount,
            basis=rule.basis,
            as_of=span.as_of(day),
        )
        value = next((row.value for row in rows if row.subject == subject), None)
        if value is not None:
            found.append((day.isoformat() if period == "latest" else period, value))
    return found


def _is_of(corridor: str, scope: Scope, subject: str) -> bool:
    if scope == "corridor":
        return corridor == subject
    ends = dict(zip(("sender", "receiver"), corridor.split("-"), strict=True))
    return scope == "world" or ends[scope] == subject
