"""Price the accepted quotes against the reference rate in force. No rate, no observation: never a guess."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from db.records import StoredQuote
from db.unobserved import quotes_of_run, save_survey_observations, unobserved_survey
from remitwatch.costs import METHOD, Observation
from remitwatch.costs import observe as price
from remitwatch.pipeline.inquiring import rate_book
from remitwatch.pipeline.marking import mark_since
from remitwatch.pipeline.workspace import Workspace
from remitwatch.rates import ReferenceRate
from remitwatch.runs import CollectionRun, Issue
from remitwatch.survey import SurveyTable
from remitwatch.survey_costs import SurveyPrices, observe_survey

LATE_RATE_DAYS = 14
"""How long a quote waits for a reference rate of its day: some central banks publish days late."""
BATCH = 5000
SURVEY_BATCH = 50_000
NO_RATE = "no_reference_rate"


@dataclass(frozen=True)
class Observed:
    """How many quotes were priced, how many had no reference rate in force, and how many of the prices looked at are in
    quarantine."""

    priced: int
    unpriced: int
    quarantined: int = 0


def observe(workspace: Workspace, *, rebuild: bool = False, run_id: int | None = None) -> Observed:
    """Price the accepted quotes that have no observation yet and store the observations.

    Every quote is tried when it is new (collected, imported, read again), of one run with `run_id` (just accepted), or
    all of them anew with `rebuild`. One without a rate in force makes an issue a day, source and pair, and is tried
    again for two weeks after its day. The issue is closed when its quotes are priced. Then the prices of the days that
    got new ones are marked (see marks): some are put in quarantine.
    """
    new_after = workspace.store.observed_until()
    retry_since = workspace.today - dt.timedelta(days=LATE_RATE_DAYS)
    which: dict[str, Any] = {
        "method": METHOD,
        "rebuild": rebuild,
        "run_id": run_id,
        "new_after": new_after,
        "since": retry_since,
    }
    priced, last = _price_surveys(workspace, which)
    after = 0
    first: dt.date | None = None
    without: Counter[tuple[str, str, dt.date]] = Counter()
    while True:
        batch = workspace.queries.unobserved_quotes(after=after, limit=BATCH, survey=False, **which)
        if not batch:
            break
        after = batch[-1].id
        done, left = _price(workspace, batch)
        workspace.store.save_observations(done, gone=[one.id for one in left] if rebuild else ())
        priced += len(done)
        days = [one.day for one in batch]
        first = min([*days, first] if first is not None else days)
        without.update((one.source, _pair(one), one.day) for one in left)
        if len(batch) < BATCH:
            break
    if run_id is None:
        workspace.store.set_observed_until(max(after, last, new_after))
        _tell(workspace, without)
    marked = None if first is None else mark_since(workspace, first)
    return Observed(priced, without.total(), 0 if marked is None else marked.quarantined)


def _price_surveys(workspace: Workspace, which: dict[str, Any]) -> tuple[int, int]:
    """Price the survey rows by columns; the few that need it one by one. Returns how many, and the last number seen."""
    priced = after = 0
    while len(prices := unobserved_survey(workspace.engine, after=after, limit=SURVEY_BATCH, **which)):
        after = int(prices.ids[-1])
        priced += _price_survey(workspace, prices)
        if len(prices) < SURVEY_BATCH:
            break
    return priced, after


def observe_table(workspace: Workspace, run: CollectionRun, table: SurveyTable) -> None:
    """Price the survey prices of a table that were just stored as a run: the same as `observe`, without reading them
    back. Those of a run that is not in force are left alone, and what is left here `observe` prices."""
    if run.accepted and not run.trial:
        _price_survey(workspace, SurveyPrices.of_table(table, quotes_of_run(workspace.engine, run.id)))


def _price_survey(workspace: Workspace, prices: SurveyPrices) -> int:
    seen = observe_survey(prices)
    priced = save_survey_observations(workspace.engine, seen, METHOD)
    for start in range(0, len(seen.left), 500):
        ids = seen.left[start : start + 500]
        done, _ = _price(workspace, workspace.queries.unobserved_quotes(method=METHOD, ids=ids))
        priced += workspace.store.save_observations(done)
    return priced


def _tell(workspace: Workspace, without: Counter[tuple[str, str, dt.date]]) -> None:
    """Open an issue for what is not priced, close those that were about something that is priced by now."""
    still = {_no_rate(source, pair, day).message for source, pair, day in without}
    for one in workspace.queries.issues():
        if one.issue.code != NO_RATE or one.issue.message in still or one.issue.record is None:
            continue
        if one.issue.record >= (workspace.today - dt.timedelta(days=LATE_RATE_DAYS)).isoformat():  # it was tried again
            workspace.store.close_issue(one.id, who="remitwatch", why="priced", at=workspace.now())
    issues = [_no_rate(source, pair, day) for source, pair, day in sorted(without)]
    workspace.store.add_issues(issues, workspace.now())


def _price(workspace: Workspace, batch: list[StoredQuote]) -> tuple[list[Observation], list[StoredQuote]]:
    book = rate_book(workspace, min(map(_priced_on, batch)), max(one.day for one in batch))
    stated = workspace.queries.response_rates({one.snapshot_id for one in batch})
    done: list[Observation] = []
    left: list[StoredQuote] = []
    for one in batch:
        seen = price(
            one.quote,
            one.id,
            day=one.day,
            book=book,
            response_rate=_mid_of(one, stated),
            fetched_at=one.fetched_at,
        )
        if seen is None:
            left.append(one)
        else:
            done.append(seen)
    return done, left


def _priced_on(one: StoredQuote) -> dt.date:
    return one.day if one.quote.quoted_at is None else min(one.day, one.quote.quoted_at.date())


def _mid_of(one: StoredQuote, stated: dict[str, list[tuple[str, ReferenceRate]]]) -> tuple[str, ReferenceRate] | None:
    """The mid that the quote's own answer states for its pair, in either direction."""
    lane = one.quote.inquiry.corridor
    pair = {lane.send_currency, lane.receive_currency}
    return next((rate for rate in stated.get(one.snapshot_id, ()) if {rate[1].base, rate[1].quote} == pair), None)


def _pair(one: StoredQuote) -> str:
    lane = one.quote.inquiry.corridor
    return f"{lane.send_currency}/{lane.receive_currency}"


def _no_rate(source: str, pair: str, day: dt.date) -> Issue:
    return Issue(
        level="warning",
        code=NO_RATE,
        source=source,
        message=f"{pair} on {day}: no reference rate in force, its quotes are not priced",
        record=day.isoformat(),
    )
