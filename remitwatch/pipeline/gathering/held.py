"""The observations that an edition rests on, read as far as it needs them: those of the period shown, and by `past` the
figures of the periods before it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from db.frames import Need
from db.sidecar import Sidecar
from remitwatch.indicators import Columns, Observations
from remitwatch.periods import Period, PeriodKind
from remitwatch.pipeline.gathering.past import AMOUNTS, COLLECTED, Past, newest_quotes
from remitwatch.pipeline.looking import (
    HANDED_IN_MAX_AGE_DAYS,
    LEAST_MAX_AGE_DAYS,
    flows_in_force,
    prepared,
)
from remitwatch.pipeline.workspace import Workspace
from remitwatch.quotes import Basis
from remitwatch.sources import SourceKind
from scrapers import registry


@dataclass(frozen=True)
class Held:
    """What is held for an edition. `now`: the observations of the period asked for, of `latest` with the newest price
    of every service, however old, since those are listed with their age."""

    workspace: Workspace
    asked: Period
    as_of: dt.datetime
    now: Observations
    past: Past
    whole: Observations | None = None

    @cached_property
    def everything(self) -> Observations:
        """All observations in force, for national targets, which look at many periods."""
        if self.whole is not None:
            return self.whole
        parts = [self.past.surveys(), *self.past.collected()]
        return prepared(Columns.joined(parts, rest=self.workspace.queries.rows_of_quotes), self.now.flows)

    def shown(self, period: Period) -> Period:
        """As what the period of a basis is computed: the newest day, for which `latest` is shown, as `latest`."""
        newest = period.kind is PeriodKind.DAY and self.asked.kind is PeriodKind.LATEST
        return self.asked if newest else period

    def of_period(self, basis: Basis, period: Period) -> Observations:
        """The observations of a basis in an earlier period."""
        return self.whole or self._prepared(self._earlier(basis, period))

    def since(self, basis: Basis, period: Period) -> Observations:
        """Those of a basis in an earlier period and of the period shown."""
        if self.whole is not None:
            return self.whole
        both = Columns.joined([self.now.columns, *self._earlier(basis, period)])
        once = np.unique(both.whole("quote_id"), return_index=True)[1]
        return self._prepared([both.taking(once)])

    def for_log(self, basis: Basis, first: dt.date, last: dt.date) -> Observations:
        """Those of a collected basis at USD 200 that a log of the changes of these days is made from."""
        return self.whole or prepared(self.past.for_log(basis, first, last))

    def _earlier(self, basis: Basis, period: Period) -> list[Columns]:
        if basis is Basis.SURVEY:
            return [_of_survey(self.workspace, period, self.as_of)]
        assert period.first_day is not None
        assert period.last_day is not None
        return self.past.columns(period.first_day, period.last_day, keep=True)

    def _prepared(self, parts: Sequence[Columns]) -> Observations:
        return prepared(Columns.joined(parts, rest=self.workspace.queries.rows_of_quotes), self.now.flows)

    def quarter(self) -> Period | None:
        """The survey's quarter, or year, that is shown; see `quarter_of`."""
        return quarter_of(self.past, self.asked, self.as_of)


def hold(workspace: Workspace, asked: Period, as_of: dt.datetime) -> Held:
    """Read what an edition of the period asked for rests on."""
    flows = flows_in_force(workspace, as_of)
    past = Past(workspace, as_of, flows)
    latest = asked.kind is PeriodKind.LATEST
    first = as_of.date() - dt.timedelta(days=_longest_age()) if latest else asked.first_day
    last = as_of.date() if latest else asked.last_day
    assert first is not None
    assert last is not None
    queries = workspace.queries
    parts = past.columns(first, last, keep=True)
    if latest:
        parts += _older(workspace, past, prepared(Columns.joined(parts)), as_of)
    quarter = quarter_of(past, asked, as_of)
    if quarter is not None:
        parts.append(_of_survey(workspace, quarter, as_of))
    now = prepared(Columns.joined(parts, rest=queries.rows_of_quotes), flows)
    return Held(workspace, asked, as_of, now, past)


def _of_survey(workspace: Workspace, period: Period, as_of: dt.datetime) -> Columns:
    """The columns of the survey that a quarter or year rests on."""
    key = f"{period.key}-Q3" if period.kind is PeriodKind.YEAR else period.key
    quarters = tuple(f"{key[:4]}-Q{n}" for n in range(1, 5)) if period.kind is PeriodKind.POOLED_YEAR else (key,)
    need = Need(survey=True, quarters=quarters, collected=False)
    return workspace.queries.figure_columns(need, as_of, Sidecar(workspace.home.cache))


def quarter_of(past: Past, asked: Period, as_of: dt.datetime) -> Period | None:
    """The period of the survey that is shown: the quarter or year asked for; for a shorter period, which the survey has
    not, its newest quarter that has begun by then."""
    if asked.kind in (PeriodKind.QUARTER, PeriodKind.YEAR, PeriodKind.POOLED_YEAR):
        return asked
    last = as_of.date() if asked.last_day is None else asked.last_day
    begun = [quarter for quarter in past.quarters() if quarter.first_day is not None and quarter.first_day <= last]
    return begun[-1] if begun else None


def _older(workspace: Workspace, past: Past, recent: Observations, as_of: dt.datetime) -> list[Columns]:
    """The newest quote of every collected service that has none lately."""
    ids: list[int] = []
    for basis in COLLECTED:
        for amount in AMOUNTS:
            known = newest_quotes(recent, basis, amount, as_of) if basis in recent.bases(amount) else None
            ids += past.older([known], (basis, amount), as_of.date())
    return [workspace.queries.rows_of_quotes(np.array(sorted(ids), dtype=np.int64))] if ids else []


def _longest_age() -> int:
    """So many days back a collected price may still count in `latest`."""
    cadences = [
        2 * one.schedule.cadence_days
        for one in registry.definitions().values()
        if one.schedule is not None and one.kind is SourceKind.QUOTES
    ]
    return max([LEAST_MAX_AGE_DAYS, HANDED_IN_MAX_AGE_DAYS, *cadences])
