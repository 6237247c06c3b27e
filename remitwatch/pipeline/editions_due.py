"""The editions of months and quarters that are over: each is made once, on its day of the calendar or when that was
missed, as soon as the clock runs again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from remitwatch.periods import Period, PeriodKind, period_of, preceding
from remitwatch.pipeline import publishing
from remitwatch.pipeline.gathering.edition import Nothing
from remitwatch.pipeline.publishing import Edition
from remitwatch.pipeline.workspace import Workspace
from reports.archive import Summary, read_archive

QUARTER_MONTHS = (1, 4, 7, 10)
"""The months in which the edition of the quarter before is made."""
MOST_MONTHS, MOST_QUARTERS = 12, 4
"""So many periods are caught up at most, the newest ones."""


def publish_due(workspace: Workspace) -> list[Edition]:
    """Publish the editions that are due, the oldest first. Returns those that were made just now."""
    made = []
    for period in due(workspace):
        try:
            edition = publishing.publish(workspace, period=period.key)
        except Nothing:  # prices came in, and none of them is in force
            continue
        made.append(edition)
    return [one for one in made if one.new]


def due(workspace: Workspace) -> list[Period]:
    """The months and quarters whose edition is due and was not made since they are over, the oldest first.

    A period in which this home took nothing in has none: years that are imported later get no editions of their own.
    """
    days = workspace.settings.schedule
    standing = read_archive(workspace.home.editions, workspace.home.cache).editions
    wanted = [
        *_over(workspace.today, PeriodKind.MONTH, days.monthly_day, MOST_MONTHS),
        *_over(workspace.today, PeriodKind.QUARTER, days.quarterly_day, MOST_QUARTERS),
    ]
    missing = [one for one in wanted if not _stands(one, standing) and _took_in(workspace, one)]
    return sorted(missing, key=lambda period: (_last(period), period.kind))


def _over(today: dt.date, kind: PeriodKind, day: int, most: int) -> Iterator[Period]:
    """The newest `most` periods whose edition's day has come by `today`; none where `day` is 0."""
    if day == 0:
        return
    period = preceding(period_of(today, kind))
    if today < _last(period) + dt.timedelta(days=day):
        period = preceding(period)
    for _ in range(most):
        yield period
        period = preceding(period)


def _stands(period: Period, standing: Iterable[Summary]) -> bool:
    """Whether an edition of the period was made after its last day."""
    after = (_last(period) + dt.timedelta(days=1)).isoformat()
    return any(one.period == period.key and one.made_at >= after for one in standing)


def _took_in(workspace: Workspace, period: Period) -> bool:
    first, last = period.first_day, period.last_day
    return bool(workspace.queries.runs(since=first, until=last, accepted=True, trial=False, limit=1))


def _last(period: Period) -> dt.date:
    assert period.last_day is not None, "a month or quarter has days"
    return period.last_day
