"""Price the accepted quotes against the reference rate in force. No rate, no observation: never a guess."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from db.records import StoredQuote
from remitwatch.costs import METHOD, Observation
from remitwatch.costs import observe as price
from remitwatch.pipeline.inquiring import rate_book
from remitwatch.pipeline.workspace import Workspace
from remitwatch.rates import ReferenceRate
from remitwatch.runs import Issue

LATE_RATE_DAYS = 14
"""How long a quote waits for a reference rate of its day: some central banks publish days late."""
BATCH = 5000


@dataclass(frozen=True)
class Observed:
    """How many quotes were priced, and how many had no reference rate in force."""

    priced: int
    unpriced: int


def observe(workspace: Workspace, *, rebuild: bool = False) -> Observed:
    """Price the accepted quotes that have no observation yet (`rebuild`: all of them) and store the observations.

    Quotes without a rate in force make one issue a day, source and pair; they are tried again for two weeks.
    """
    if rebuild:
        workspace.store.forget_observations()
    since = dt.date.min if rebuild else workspace.today - dt.timedelta(days=LATE_RATE_DAYS)
    priced, after = 0, 0
    without: Counter[tuple[str, str, dt.date]] = Counter()
    more = True
    while more:
        batch = workspace.queries.unobserved_quotes(method=METHOD, after=after, limit=BATCH, since=since)
        more = len(batch) == BATCH
        if not batch:
            break
        after = batch[-1].id
        done, left = _price(workspace, batch)
        workspace.store.save_observations(done)
        priced += len(done)
        without.update((one.source, _pair(one), one.day) for one in left)
    workspace.store.add_issues(
        [_no_rate(source, pair, day, count) for (source, pair, day), count in sorted(without.items())], workspace.now()
    )
    return Observed(priced, without.total())


def _price(workspace: Workspace, batch: list[StoredQuote]) -> tuple[list[Observation], list[StoredQuote]]:
    book = rate_book(workspace, min(one.day for one in batch), max(one.day for one in batch))
    stated = workspace.queries.response_rates({one.snapshot_id for one in batch})
    done: list[Observation] = []
    left: list[StoredQuote] = []
    for one in batch:
        seen = price(one.quote, one.id, day=one.day, book=book, response_rate=_mid_of(one, stated))
        if seen is None:
            left.append(one)
        else:
            done.append(seen)
    return done, left


def _mid_of(one: StoredQuote, stated: dict[str, list[tuple[str, ReferenceRate]]]) -> tuple[str, ReferenceRate] | None:
    """The mid that the quote's own answer states for its pair, in either direction."""
    lane = one.quote.inquiry.corridor
    pair = {lane.send_currency, lane.receive_currency}
    return next((rate for rate in stated.get(one.snapshot_id, ()) if {rate[1].base, rate[1].quote} == pair), None)


def _pair(one: StoredQuote) -> str:
    lane = one.quote.inquiry.corridor
    return f"{lane.send_currency}/{lane.receive_currency}"


def _no_rate(source: str, pair: str, day: dt.date, count: int) -> Issue:
    return Issue(
        level="warning",
        code="no_reference_rate",
        source=source,
        message=f"{pair} on {day}: no reference rate in force, {count} quotes are not priced",
    )
