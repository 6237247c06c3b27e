"""Readings of reference rates: do they agree, and are they young enough."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from decimal import Decimal

from remitwatch import rate_checks
from remitwatch.alerts.readings import Reading, State
from remitwatch.alerts.rules import Rule
from remitwatch.pegs import pegs
from remitwatch.pipeline.alerting.span import Span
from remitwatch.pipeline.health import RATE_DAYS, rate_ages
from remitwatch.quality import Finding
from remitwatch.ratebook import RateRow
from scrapers import registry

_OLDEST_DAYS = 5
"""A contradiction of rates older than this is no news of the day any more."""


def rates_apart(rule: Rule, span: Span) -> Iterator[Reading]:
    """What contradicts itself among the rates of the newest date of a currency up to a day (see rate_checks).

    Facts: `pair`, `date`, `codes` (`rates_apart`, `rate_inverted`, `rate_repeated`), `words` (English, with the rates).
    """
    rows = _rates(span)
    findings = rate_checks.find(rows, span.last, pegs=pegs(), days=len(span.days) + _OLDEST_DAYS)
    by_pair: dict[str, dict[dt.date, list[Finding]]] = {}
    for one in findings:
        if one.day is not None:
            for pair in one.pairs:
                by_pair.setdefault(pair, {}).setdefault(one.day, []).append(one)
    dates = _dates_by_currency(rows)
    for pair in sorted(by_pair.keys() | {subject.removeprefix("pair:") for subject in span.stands(rule)}):
        known = sorted(set.union(*(dates.get(one, set()) for one in pair.split("/") if one != "USD")))
        for day in span.days:
            at = bisect_right(known, day)
            if not at or (day - known[at - 1]).days > _OLDEST_DAYS:
                continue
            found = by_pair.get(pair, {}).get(known[at - 1], [])
            facts = {
                "pair": pair,
                "date": known[at - 1],
                "codes": sorted({one.code for one in found}),
                "words": [one.message for one in found],
            }
            sources = sorted({f"source:{one.source}" for one in found if one.source})
            yield Reading(
                rule.key,
                f"pair:{pair}",
                day,
                State.BREACH if found else State.CLEAR,
                facts=facts,
                depends=tuple(sources),
            )


def rate_stale(rule: Rule, span: Span) -> Iterator[Reading]:
    """How old the newest rate of every daily source is, in days.

    Facts: `source`, `name`, `newest` (date), `age`, `most` (days).
    """
    ages = rate_ages(span.workspace)
    dates: dict[str, set[dt.date]] = {}
    for source, _, _, date, _ in _rates(span):
        dates.setdefault(source, set()).add(date)
    for source, most in sorted(ages.items()):
        known = sorted(dates.get(source, ()))
        if not rule.wants_source(source):
            continue
        for day in span.days:
            at = bisect_right(known, day)
            if not at:
                continue
            age = (day - known[at - 1]).days
            facts = {
                "source": source,
                "name": registry.definitions()[source].name,
                "newest": known[at - 1],
                "age": age,
                "most": most,
            }
            state = State.BREACH if age > most else State.CLEAR
            subject = f"source:{source}"
            yield Reading(rule.key, subject, day, state, Decimal(age), facts, (subject,))


def _rates(span: Span) -> list[RateRow]:
    return span.workspace.queries.market_rates(span.first - dt.timedelta(days=RATE_DAYS), span.last)


def _dates_by_currency(rows: Iterable[RateRow]) -> dict[str, set[dt.date]]:
    found: dict[str, set[dt.date]] = {}
    for _, base, quote, date, _ in rows:
        found.setdefault(base, set()).add(date)
        found.setdefault(quote, set()).add(date)
    return found
