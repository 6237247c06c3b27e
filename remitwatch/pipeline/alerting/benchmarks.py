"""Readings of benchmarks: how far published figures of others are from ours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from db.frames import Need
from db.sidecar import Sidecar
from remitwatch.alerts.readings import Reading, State, state_of
from remitwatch.alerts.rules import Rule
from remitwatch.comparison import SERIES, UNEXPLAINED, Compared, Published, compare
from remitwatch.indicators import Columns, Observations
from remitwatch.periods import parse_period
from remitwatch.pipeline.alerting.span import Span, figure, place, subject_of, wants
from remitwatch.pipeline.looking import prepared
from remitwatch.quotes import Basis

RECENT_DAYS = 1100
"""Figures of periods that ended longer ago are history; official annual series come up to two years late."""


def benchmark_apart(rule: Rule, span: Span) -> Iterator[Reading]:
    """The newest published figure of every series and place of the rule's scope, against ours of the same period.

    One that another rule of the method explains (see comparison.RULES) is no contradiction. Facts: the place and our
    figure, `series`, `source`, `published`, `ours`, `period`, `explained_by`.
    """
    wanted = _published(rule, span)
    if not wanted:
        return
    held = _held(rule, span, {figure.period for figure in wanted})
    found, _ = compare(wanted, held, amount=rule.amount, basis=rule.basis, as_of=span.as_of(span.last))
    for one in found:
        yield _reading(rule, span.last, one)


def _published(rule: Rule, span: Span) -> list[Published]:
    frame = span.workspace.queries.benchmarks()
    oldest = span.last - dt.timedelta(days=RECENT_DAYS)
    newest: dict[tuple[str, str, str], Published] = {}
    columns = (frame[name] for name in ("series", "source", "scope", "sender", "receiver", "period", "value"))
    for series, source, scope, sender, receiver, period, value in zip(*columns, strict=True):
        if series not in SERIES or scope != rule.scope or rule.indicator not in (None, SERIES[series]):
            continue
        one = Published(series, source, scope, sender or None, receiver or None, period, value)
        last_day = parse_period(period).last_day
        if last_day is None or last_day < oldest or not wants(rule, rule.scope, one.subject):
            continue
        key = (series, source, one.subject)
        if key not in newest or newest[key].period < period:
            newest[key] = one
    return [newest[key] for key in sorted(newest)]


def _held(rule: Rule, span: Span, periods: set[str]) -> Observations:
    if rule.basis is not Basis.SURVEY:
        return span.collected
    quarters = {f"{period[:4]}-Q{number}" for period in periods for number in range(1, 5)}
    need = Need(survey=True, quarters=tuple(sorted(quarters)), collected=False)
    queries = span.workspace.queries
    columns = queries.figure_columns(need, None, Sidecar(span.workspace.home.cache))
    return prepared(Columns.joined([columns], rest=queries.rows_of_quotes))  # other rules of the method look at rows


def _reading(rule: Rule, day: dt.date, one: Compared) -> Reading:
    published = one.published
    value = None if one.difference is None else abs(one.difference)
    state = state_of(rule, value)
    if state is State.BREACH and one.explained_by != (UNEXPLAINED,):
        state = State.CLEAR
    facts = place(rule.scope, published.subject) | ({} if one.ours is None else figure(one.ours))
    facts |= {
        "series": published.series,
        "source": published.source,
        "published": published.value,
        "ours": None if one.ours is None else one.ours.value,
        "period": published.period,
        "explained_by": list(one.explained_by),
    }
    subject = f"{subject_of(rule.scope, published.subject)}/{published.series}"
    return Reading(rule.key, subject, day, state, value, facts)
