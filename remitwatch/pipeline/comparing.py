"""Ours against the published figures in force."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from remitwatch.comparison import SERIES, Compared, Published, Summary, compare
from remitwatch.corridors import corridor_key
from remitwatch.countries import find_country
from remitwatch.errors import InputError
from remitwatch.fields import utc_time
from remitwatch.figures import SCOPES
from remitwatch.indicators.observations import checked_amount
from remitwatch.periods import PeriodKind, parse_period, parse_periods
from remitwatch.pipeline.looking import as_of_now, check_basis, observations
from remitwatch.pipeline.workspace import Workspace
from remitwatch.quotes import Basis, Tier

COLUMNS = (
    "series", "source", "scope", "sender", "receiver", "period", "published", "ours", "difference", "verdict",
    "explained_by", "indicator", "amount", "basis", "services", "flags", "method", "as_of", "id",
)  # fmt: skip
SUMMARY_COLUMNS = (
    "series", "source", "indicator", "amount", "basis", "compared", "equal", "within", "apart", "explained",
    "unexplained", "ours_missing", "theirs_missing",
)  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """Which published figures are compared, and with which of ours. Make it with `read`, which checks it."""

    amount: Tier
    basis: Basis
    series: str | None
    source: str | None
    scope: str | None
    sender: str | None
    receiver: str | None
    days: tuple[dt.date, dt.date] | None
    as_of: dt.datetime | None

    @classmethod
    def read(
        cls,
        *,
        amount: int = 200,
        basis: str = Basis.SURVEY.value,
        series: str | None = None,
        source: str | None = None,
        scope: str | None = None,
        sender: str | None = None,
        receiver: str | None = None,
        corridor: str | None = None,
        period: str | None = None,
        as_of: str | None = None,
    ) -> Choice:
        """Raises InputError for anything unknown or that does not fit together."""
        check_basis(basis)
        if series is not None and series not in SERIES:
            raise InputError(f"--series {series!r}: expected one of {', '.join(SERIES)}")
        if scope is not None and scope not in SCOPES:
            raise InputError(f"--scope {scope!r}: expected one of {', '.join(SCOPES)}")
        if corridor is not None:
            if sender or receiver or scope not in (None, "corridor"):
                raise InputError("--corridor names sender, receiver and scope: leave those out")
            sender, receiver = corridor_key(corridor).split("-")
            scope = "corridor"
        try:
            time = None if as_of is None else utc_time(as_of)
        except (ValueError, OverflowError):
            raise InputError(f"--as-of {as_of!r}: expected a time with its offset: 2026-11-21T06:00:00Z") from None
        return cls(
            amount=checked_amount(amount),
            basis=Basis(basis),
            series=series,
            source=source,
            scope=scope,
            sender=find_country(sender).code if sender else None,
            receiver=find_country(receiver).code if receiver else None,
            days=_days(period),
            as_of=time,
        )

    def holds(self, figure: Published) -> bool:
        """Whether a published figure was asked for: its whole period lies in the one asked for."""
        if self.scope not in (None, figure.scope) or not self.is_of(figure.sender, figure.receiver):
            return False
        if self.days is None:
            return True
        span = parse_period(figure.period)
        assert span.first_day is not None
        assert span.last_day is not None
        return self.days[0] <= span.first_day and span.last_day <= self.days[1]

    def is_of(self, sender: str | None, receiver: str | None) -> bool:
        """Whether a figure of this sender and receiver was asked for."""
        return self.sender in (None, sender) and self.receiver in (None, receiver)


def _days(period: str | None) -> tuple[dt.date, dt.date] | None:
    if period is None:
        return None
    spans = parse_periods(period)
    if spans[0].kind is PeriodKind.LATEST:
        raise InputError("--period latest: published figures have dates: name a quarter, a year or a range of them")
    assert spans[0].first_day is not None
    assert spans[-1].last_day is not None
    return spans[0].first_day, spans[-1].last_day


def compared(workspace: Workspace, choice: Choice) -> tuple[list[Compared], list[Summary]]:
    """The published figures asked for beside ours, and how each series agrees. Raises InputError for an unknown
    source."""
    as_of = choice.as_of or as_of_now(workspace)
    frame = workspace.queries.benchmarks(series=choice.series, as_of=as_of)
    sources = sorted(frame["source"].unique())
    if choice.source is not None and choice.source not in sources:
        raise InputError(f"--source {choice.source!r}: expected one of {', '.join(sources) or '(none is imported)'}")
    columns = (frame[name] for name in ("series", "source", "scope", "sender", "receiver", "period", "value"))
    figures = [
        Published(series, source, scope, sender or None, receiver or None, period, value)
        for series, source, scope, sender, receiver, period, value in zip(*columns, strict=True)
        if choice.source in (None, source)
    ]
    wanted = [figure for figure in figures if choice.holds(figure)]
    if not wanted:
        return [], []
    held = observations(workspace, as_of, choice.basis.value)
    return compare(wanted, held, amount=choice.amount, basis=choice.basis, as_of=as_of, is_wanted=choice.is_of)
