"""A span of days to be looked at by rules: what they rest on, each read once. Only figures in force are in it: nothing
held, quarantined, of a trial, or of a source that must not be shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np

from db.frames import Need
from db.sidecar import Sidecar
from remitwatch.alerts.alert import Name
from remitwatch.alerts.kinds import Scope
from remitwatch.alerts.rules import Rule
from remitwatch.figures import IndicatorRow
from remitwatch.indicators import Observations, indicators
from remitwatch.indicators.change import Change, changes_between
from remitwatch.indicators.columns import Columns
from remitwatch.periods import Period, parse_period
from remitwatch.pipeline.gathering.past import Past
from remitwatch.pipeline.health import collected_runs, judged_sources
from remitwatch.pipeline.looking import as_of_now, prepared
from remitwatch.pipeline.workspace import Workspace
from remitwatch.quotes import Basis, Tier
from remitwatch.runs import CollectionRun
from remitwatch.sources import SourceDefinition

SURVEY_BACK_DAYS = 550
RESTS_DAYS = 14
"""A figure rests on the sources that had a price in it within so many days: after that the sample is without them."""
EXPLAINED_DAYS = 7
_EPOCH = dt.date(1970, 1, 1)
_LATEST = parse_period("latest")


class Span:
    """The days from `first` to `last`.

    `standing`: the alerts that are not closed, by name: of what they are about, the kinds that see events say when it
    is over. `explained`: breaches come with what moved the average. `finished_by`: only runs that had ended by then are
    seen (to look again at a day that was told). `period`: of the survey this quarter is looked at on every day.
    """

    def __init__(
        self,
        workspace: Workspace,
        first: dt.date,
        last: dt.date,
        *,
        standing: Iterable[Name] = (),
        explained: bool = True,
        finished_by: dt.datetime | None = None,
        period: str | None = None,
        look_back: int,
    ) -> None:
        self.workspace = workspace
        self.first, self.last = first, last
        self.days = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
        self.standing = frozenset(standing)
        self.explained = explained
        self.since = first - dt.timedelta(days=look_back)
        self._finished_by = finished_by
        self._period = period
        self._as_of_now = as_of_now(workspace)
        self._figures: dict[tuple[Any, ...], dict[str, IndicatorRow]] = {}
        self._rests: dict[dt.date, dict[str, tuple[str, ...]]] = {}

    def stands(self, rule: Rule) -> set[str]:
        """The subjects of the alerts of a rule that are not closed."""
        return {subject for key, subject in self.standing if key == rule.key}

    def as_of(self, day: dt.date) -> dt.datetime:
        """The time that stands for a day in figures: the end of a past one, today the usual time of figures."""
        if day >= self._as_of_now.date():
            return self._as_of_now
        return dt.datetime.combine(day, dt.time(23, 59, 59), tzinfo=dt.UTC)

    # Prices

    @cached_property
    def collected(self) -> Observations:
        """The collected prices in force, from the look-back on: kept by day and month as for editions, so that a new
        day is the only one that is read."""
        if self._finished_by is not None:
            return prepared(self._known_then(self.workspace.queries.collected_columns(self.since, self.last)))
        parts = Past(self.workspace, self._as_of_now, None).collected(self.since)
        columns = Columns.joined(parts, rest=self.workspace.queries.rows_of_quotes)
        day = columns.whole("day")
        wanted = np.flatnonzero((day >= day_number(self.since)) & (day <= day_number(self.last)))
        return prepared(columns if len(wanted) == len(columns) else columns.taking(wanted))

    def _known_then(self, columns: Columns) -> Columns:
        runs = self.workspace.queries.runs(since=self.since)
        later = [run.id for run in runs if run.finished_at is None or run.finished_at > self._finished_by]  # type: ignore[operator]
        return columns.taking(np.flatnonzero(~np.isin(columns.whole("run_id"), np.array(later, dtype=np.int64))))

    @cached_property
    def quarters(self) -> tuple[str, ...]:
        """The quarters of the survey in force, oldest first, from well before the first day on."""
        found: list[str] = []
        oldest = self.first - dt.timedelta(days=SURVEY_BACK_DAYS)
        quarter = self.workspace.queries.survey_quarter_before(None, None)
        while quarter is not None and _last_day(quarter) >= oldest:
            found.append(quarter)
            quarter = self.workspace.queries.survey_quarter_before(quarter, None)
        return tuple(reversed(found))

    @cached_property
    def survey(self) -> Observations:
        """The survey's prices in force, of `quarters`."""
        need = Need(survey=True, quarters=self.quarters, collected=False)
        return prepared(self.workspace.queries.figure_columns(need, None, Sidecar(self.workspace.home.cache)))

    def held(self, basis: Basis) -> Observations:
        """The prices of a basis (and others)."""
        return self.survey if basis is Basis.SURVEY else self.collected

    def period(self, basis: Basis, day: dt.date) -> Period | None:
        """What stands on a day: of collected prices the latest of each service, of the survey the newest quarter that
        was over; None where there is none."""
        if basis is not Basis.SURVEY:
            return _LATEST
        if self._period is not None:
            return parse_period(self._period)
        over = [quarter for quarter in self.quarters if _last_day(quarter) <= day]
        return parse_period(over[-1]) if over else None

    # Figures

    def figures(self, rule: Rule, code: str, scope: Scope, day: dt.date) -> dict[str, IndicatorRow]:
        """The figures of an indicator on a day by subject: those of the scope that the rule's choice takes."""
        period = self.period(rule.basis, day)
        if period is None:
            return {}
        at = period.key if rule.basis is Basis.SURVEY else day
        key = (rule.basis, rule.amount, code, scope, at)
        if key not in self._figures:
            rows = indicators(
                self.held(rule.basis),
                period=period,
                scope=scope,
                codes=code,
                amount=rule.amount,
                basis=rule.basis,
                as_of=self.as_of(day),
            )
            self._figures[key] = {row.subject: row for row in rows if "no_observations" not in row.flags}
        return {subject: row for subject, row in self._figures[key].items() if wants(rule, scope, subject)}

    def changes(self, rule: Rule, scope: Scope, day: dt.date, days: int) -> tuple[str, dict[str, Change]]:
        """What moved the averages of a scope up to a day: from so many days before (of the survey, from the quarter
        before), and by subject the change in parts. Empty where there is nothing earlier."""
        now = self.period(rule.basis, day)
        if rule.basis is not Basis.SURVEY:
            start = day - dt.timedelta(days=days)
            found = self._between(rule.basis, rule.amount, scope, (_LATEST, _LATEST), (start, day))
            return start.isoformat(), found
        earlier = [quarter for quarter in self.quarters if now is not None and quarter < now.key]
        if now is None or not earlier:
            return "", {}
        return earlier[-1], self._between(rule.basis, rule.amount, scope, (parse_period(earlier[-1]), now), (day, day))

    def _between(
        self, basis: Basis, amount: Tier, scope: Scope, ends: tuple[Period, Period], days: tuple[dt.date, dt.date]
    ) -> dict[str, Change]:
        found = changes_between(
            self.held(basis),
            *ends,
            basis=basis,
            scopes=(scope,),
            amount=amount,
            as_of=self.as_of(days[1]),
            first_as_of=self.as_of(days[0]),
        )
        return {one.subject: one for one in found}

    # Sources

    @cached_property
    def runs(self) -> list[CollectionRun]:
        """The runs that collected, of the last year and a bit, newest first."""
        return collected_runs(self.workspace)

    @cached_property
    def judged(self) -> list[SourceDefinition]:
        """The sources that are asked here."""
        return judged_sources(self.workspace, self.runs)

    # What figures rest on

    def rests_on(self, scope: Scope, subject: str, day: dt.date) -> tuple[str, ...]:
        """The sources of prices and of reference rates that a figure of collected prices rests on (`source:ecb`)."""
        if day not in self._rests:
            self._rests[day] = self._sources_by_corridor(day)
        by_corridor = self._rests[day]
        if scope == "corridor":
            return by_corridor.get(subject, ())
        ends = {"sender": 0, "receiver": 1}
        chosen = (
            sources
            for corridor, sources in by_corridor.items()
            if scope == "world" or corridor.split("-")[ends[scope]] == subject
        )
        return tuple(sorted({source for sources in chosen for source in sources}))

    def _sources_by_corridor(self, day: dt.date) -> dict[str, tuple[str, ...]]:
        found: dict[str, set[str]] = {}
        for number in range(RESTS_DAYS):
            for corridor, source, reference in self._sources.get(day - dt.timedelta(days=number), ()):
                found.setdefault(corridor, set()).update(filter(None, (source, *reference.split("+"))))
        return {corridor: tuple(f"source:{one}" for one in sorted(sources)) for corridor, sources in found.items()}

    @cached_property
    def _sources(self) -> dict[dt.date, list[tuple[str, str, str]]]:
        """By day the corridors, sources of prices, and sources of their reference rates."""
        first = self.first - dt.timedelta(days=RESTS_DAYS)
        found: dict[dt.date, list[tuple[str, str, str]]] = {}
        for day, *rest in self.workspace.queries.sources_of_figures(first, self.last):
            found.setdefault(day, []).append((rest[0], rest[1], rest[2]))
        return found


def _last_day(quarter: str) -> dt.date:
    day = parse_period(quarter).last_day
    assert day is not None
    return day


def day_number(day: dt.date) -> int:
    """Days since 1970-01-01, as columns hold them."""
    return (day - _EPOCH).days


def day_of(number: int) -> dt.date:
    """The day of such a number."""
    return _EPOCH + dt.timedelta(days=int(number))


def wants(rule: Rule, scope: Scope, subject: str) -> bool:
    """Whether the choice of a rule takes a subject of figures."""
    if scope == "corridor":
        return rule.wants_corridor(subject)
    return scope == "world" or rule.wants_country(subject)


def subject_of(scope: Scope, subject: str) -> str:
    """A subject of figures as alerts name it."""
    if scope == "corridor":
        return f"corridor:{subject}"
    return "world" if scope == "world" else f"country:{subject}"


def place(scope: Scope, subject: str) -> dict[str, Any]:
    """The facts about a place: its codes, and its page in an edition."""
    if scope == "corridor":
        sender, receiver = subject.split("-")
        return {"sender": sender, "receiver": receiver, "page": f"corridors/{subject}.html"}
    if scope == "world":
        return {"page": "index.html"}
    return {"country": subject, "side": scope, "page": f"countries/{subject}.html"}


def figure(row: IndicatorRow) -> dict[str, Any]:
    """The facts about a figure: which one it is, and what is behind it."""
    return {
        "indicator": row.indicator,
        "basis": row.basis.value,
        "amount": row.amount,
        "period": row.period,
        "figure": row.id,
        "services": row.services,
        "providers": row.providers,
        "flags": list(row.flags),
    }


def moved(start: str, change: Change | None) -> dict[str, Any]:
    """The facts about what moved an average, its parts adding up to the change as they are shown (None where they are
    not told: nothing continues, or private prices); none without a change."""
    if change is None or change.change is None:
        return {}
    told = change.as_json()
    names = (
        "average_from", "average_to", "change", "fee", "margin", "entry", "exit", "services_from", "services_to",
        "continuing", "entered", "left",
    )  # fmt: skip
    return {"moved": {"from": start, **{name: told[name] for name in names}}}
