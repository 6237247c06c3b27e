"""Figures: groups of services in, one row a figure out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from remitwatch.errors import InputError
from remitwatch.fields import utc_time
from remitwatch.figures import IndicatorRow, Scope
from remitwatch.indicators.columns import Columns
from remitwatch.indicators.exact import BoolArray, IntArray, distinct
from remitwatch.indicators.family import Groups, Indicator, Outcome, narrowed
from remitwatch.indicators.observations import Observations, checked_amount, checked_basis, prepared
from remitwatch.indicators.private import TELLING_FLAGS, public_only, withheld
from remitwatch.indicators.selection import (
    BREAKDOWNS,
    JOINT,
    Grouping,
    Selection,
    group_units,
    select,
)
from remitwatch.indicators.units import Units
from remitwatch.indicators.where import read_where
from remitwatch.method import DEFAULT_OPTIONS, Options, with_flows
from remitwatch.periods import Period, PeriodKind, parse_periods
from remitwatch.quotes import Basis, Tier

if TYPE_CHECKING:
    import pandas as pd

_MOST_GROUPS = 2**22
"""So many groups are computed at once: a range of many periods is computed in several parts."""


def indicators(
    frame: pd.DataFrame | Columns | Observations,
    *,
    period: str | Period = "latest",
    scope: str | Sequence[str] | None = None,
    amount: int = 200,
    basis: str | Basis | None = None,
    codes: str | Iterable[str] | None = None,
    sender: str | None = None,
    receiver: str | None = None,
    region: str | None = None,
    corridor: str | None = None,
    by: str | None = None,
    where: Iterable[str] = (),
    as_of: dt.datetime,
    options: Options = DEFAULT_OPTIONS,
) -> list[IndicatorRow]:
    """The figures asked for, one row each; the bases apart, never pooled.

    `period` may be a range (`2023-Q1..2025-Q3`). Without `basis` every basis with observations gets its rows; without
    `codes` every indicator that exists for the scope; without `scope` it follows from the filters. With a basis named,
    the world and a subject named by a filter get a row even without observations (value None, `no_observations`).
    `where` restricts the population: `column=group` each, a service must be in all of the groups.
    `as_of` (UTC) is stamped on every row and ends `latest`; the frame must hold what was known then.

    Raises InputError for anything unknown or that does not fit together.
    """
    observations = prepared(frame)
    tier = checked_amount(amount)
    periods = (period,) if isinstance(period, Period) else parse_periods(period)
    selection = select(
        scope=scope,
        codes=codes,
        sender=sender,
        receiver=receiver,
        region=region,
        corridor=corridor,
        by=by,
        where=read_where(where, lambda column: _groups_of(observations, column)),
        regions=observations.regions() if region else (),
    )
    bases = observations.bases(tier) if basis is None else (checked_basis(basis),)
    return [
        row
        for one_basis in bases
        for row in figures_of(
            observations, one_basis, tier, periods, selection, as_of, options, empty_rows=basis is not None
        )
    ]


def _groups_of(observations: Observations, column: str) -> set[str]:
    """The groups of a column that some row is in."""
    if column not in BREAKDOWNS:
        raise InputError(f"where {column!r}: expected one of {', '.join(BREAKDOWNS)}")
    names = set(observations.labels(column))
    if column in JOINT:
        names |= {part for name in names for part in name.split("+")}
    return names - {"", "unknown"}


def figures_of(
    observations: Observations,
    basis: Basis,
    amount: Tier,
    periods: Sequence[Period],
    selection: Selection,
    as_of: dt.datetime,
    options: Options,
    *,
    empty_rows: bool,
) -> Iterator[IndicatorRow]:
    """The rows of one basis and of periods that do not overlap, oldest first: period by period, scope by scope.

    `empty_rows`: named subjects without observations get a row too.
    """
    as_of = utc_time(as_of)
    for some in _parts_of(observations, basis, amount, periods, selection):
        units = observations.units_of_periods(basis, amount, some, as_of)
        found = tables_of(units, selection, options)
        for number, period in enumerate(some):
            shared: dict[str, Any] = {
                "period": _period_key(units, period),
                "amount": amount,
                "basis": basis,
                "method": options.method,
                "as_of": as_of,
                "where": str(selection.where) or None,
            }
            for table in found:
                told = shared
                if table.indicator.weighted and units.flows is not None:
                    told = shared | {"method": with_flows(options.method, units.flows.series, units.flows.year)}
                rows = table.rows(number, selection.by, told)
                yield from rows
                if not rows and empty_rows and selection.by is None:
                    subject = _named_subject(selection, table.scope)
                    if subject:
                        flags = ["no_observations"]
                        yield _row(table.indicator, table.scope, subject, None, None, told, flags=flags)


def _parts_of(
    observations: Observations, basis: Basis, amount: Tier, periods: Sequence[Period], selection: Selection
) -> Iterator[Sequence[Period]]:
    panel = observations.panel(basis, amount)
    widest = max((len(panel.labels(scope).names) for scope in selection.scopes if scope != "world"), default=1)
    members = 1 if selection.by is None else len(panel.labels(selection.by).names)
    most = max(1, _MOST_GROUPS // max(widest * members, 1))
    return (periods[start : start + most] for start in range(0, len(periods), most))


def tables_of(units: Units, selection: Selection, options: Options = DEFAULT_OPTIONS) -> list[FigureTable]:
    """The figures of every wanted scope and indicator, each a table with a line a group."""
    return [
        _table(units, grouping, indicator, scope, options)
        for scope in selection.scopes
        for grouping in [group_units(units, selection, scope, options)]
        for indicator in selection.indicators(scope)
    ]


def _period_key(units: Units, period: Period) -> str:
    """`latest` of the survey is a quarter and says which; of collected quotes it stays `latest` with its as-of time."""
    if period.kind is PeriodKind.LATEST and units.panel.basis is Basis.SURVEY and len(units):
        labels = units.labels("survey_period")
        return labels.names[int(labels.codes[0])]
    return period.key


def _named_subject(selection: Selection, scope: Scope) -> dict[str, str] | None:
    """The one subject that a selection names for a scope, {} -> None when it names none."""
    if scope == "world":
        return {"world": ""}
    if scope == "corridor":
        if selection.corridor:
            sender, receiver = selection.corridor.split("-")
            return {"sender": sender, "receiver": receiver}
        if selection.sender and selection.receiver:
            return {"sender": selection.sender, "receiver": selection.receiver}
        return None
    named: str | None = getattr(selection, scope)
    return {scope: named} if named else None


def _subject(scope: Scope, name: str) -> dict[str, str]:
    if scope == "corridor":
        sender, receiver = name.split("-")
        return {"sender": sender, "receiver": receiver}
    return {scope: name}


def _row(
    indicator: Indicator,
    scope: Scope,
    subject: Mapping[str, str],
    breakdown: str | None,
    group: str | None,
    shared: Mapping[str, Any],
    *,
    value: Any = None,
    services: int = 0,
    providers: int = 0,
    corridors: int = 0,
    undisclosed: int = 0,
    coverage: Any = None,
    flags: Iterable[str] = (),
) -> IndicatorRow:
    return IndicatorRow.model_construct(  # thousands of rows; every cell is of our own making
        indicator=indicator.code,
        scope=scope,
        sender=subject.get("sender"),
        receiver=subject.get("receiver"),
        region=subject.get("region"),
        breakdown=breakdown,
        group=group,
        value=value,
        services=services,
        providers=providers,
        corridors=corridors,
        undisclosed=undisclosed,
        coverage=coverage,
        flags=tuple(sorted(set(flags))),
        **shared,
    )


@dataclass(frozen=True)
class FigureTable:
    """The figures of one indicator and scope, by group number: whether there is a figure, its value, what is behind it
    and its flags. `hidden`: the value is withheld because of private rows."""

    indicator: Indicator
    scope: Scope
    grouping: Grouping
    outcome: Outcome
    services: IntArray
    providers: IntArray
    corridors: IntArray
    undisclosed: IntArray
    hidden: BoolArray
    flags: dict[str, BoolArray]

    def rows(self, period: int, by: str | None, shared: Mapping[str, Any]) -> list[IndicatorRow]:
        """The rows of one of the periods, by its number."""
        width = self.grouping.width
        span = slice(period * width, (period + 1) * width)
        flags: dict[int, set[str]] = {}
        for name, groups in self.flags.items():
            for at in np.flatnonzero(groups[span]).tolist():
                flags.setdefault(at, set()).add(name)
        found = []
        for at in np.flatnonzero(self.outcome.present[span]).tolist():
            group = span.start + at
            told, value = flags.get(at, set()), self.outcome.values[group]
            if self.hidden[group]:
                value, told = None, {*told - TELLING_FLAGS, "private_suppressed"}
            found.append(
                _row(
                    self.indicator,
                    self.scope,
                    _subject(self.scope, self.grouping.subject(group)),
                    by,
                    self.grouping.member(group),
                    shared,
                    value=None if value is None else value.value,
                    services=int(self.services[group]),
                    providers=int(self.providers[group]),
                    corridors=int(self.corridors[group]),
                    undisclosed=int(self.undisclosed[group]),
                    coverage=coverage.value if (coverage := self.outcome.coverage.get(group)) else None,
                    flags=told,
                )
            )
        return found


def _table(units: Units, grouping: Grouping, indicator: Indicator, scope: Scope, options: Options) -> FigureTable:
    """The figures of one indicator for every group."""
    groups, outcome, general = outcome_of(units, grouping, indicator, scope, options)
    used, size = outcome.used, groups.size

    def behind(column: str) -> IntArray:
        codes = units.labels(column).codes
        return used.once(("distinct", column), lambda: distinct(used.group, units.of(codes, used.unit), size))

    def not_disclosed() -> IntArray:
        return groups.only(~units.transparent & ~units.disclosed).counts

    corridors = used.present.astype(np.int64) if scope == "corridor" else behind("corridor")
    undisclosed = groups.once("undisclosed", not_disclosed)
    flags = dict(outcome.flags)
    for name in general:
        flags[name] = np.ones(size, dtype=bool)
    if indicator.of_costs:
        flags["undisclosed_excluded"] = undisclosed > 0
    if (grouping.parts or indicator.of_part) and units.private.any():
        flags["private_left_out"] = _subjects_with_private(units, grouping)
    hidden = withheld(units, outcome, scope, _dropped(units, grouping, groups, indicator))
    return FigureTable(
        indicator, scope, grouping, outcome, used.counts, behind("provider"), corridors, undisclosed, hidden,
        flags,
    )  # fmt: skip


def outcome_of(
    units: Units, grouping: Grouping, indicator: Indicator, scope: Scope, options: Options
) -> tuple[Groups, Outcome, set[str]]:
    """The groups an indicator was computed on, what it found, and the flags of all its groups. Parts of the
    population are computed without private rows."""
    whole, general = grouping.groups, set[str]()
    groups = whole
    if grouping.parts or indicator.of_part:
        groups = whole.once("public", lambda: public_only(units, whole))
    russia = None
    leaves_russia = indicator.world_without_russia or (indicator.of_part and options.indexes_without_russia)
    if scope == "world" and leaves_russia:
        every = groups
        groups = every.once("without_russia", lambda: narrowed(units, every, units.without_russia))
        if len(groups.unit) < len(every.unit):
            russia = every.once("russia", lambda: _periods_where_fewer(units, grouping, every, groups))
    kind = units.periods[0].kind
    if kind is PeriodKind.YEAR and units.panel.basis is Basis.SURVEY:
        general.add("third_quarter")
    if kind is PeriodKind.POOLED_YEAR:
        general.add("pooled_year")
    outcome = indicator.compute(units, groups, options)
    if russia is not None:
        outcome.flag("russia_excluded", russia)
    return groups, outcome, general


def _periods_where_fewer(units: Units, grouping: Grouping, every: Groups, kept: Groups) -> BoolArray:
    """The groups of those periods of which memberships were left out."""
    fewer = (every.counts - kept.counts).reshape(len(units.periods), grouping.width).sum(axis=1) > 0
    return np.repeat(fewer, grouping.width)


def _dropped(units: Units, grouping: Grouping, counted: Groups, indicator: Indicator) -> Groups | None:
    """What the scope's figure leaves out although the figures of its parts count it: senders in Russia."""
    if grouping.parts or indicator.of_part or counted is grouping.groups:
        return None
    left = units.disclosed if indicator.of_costs else np.ones(len(units), dtype=bool)
    left = left.copy()
    left[counted.unit] = False
    return grouping.groups.only(left)


def _subjects_with_private(units: Units, grouping: Grouping) -> BoolArray:
    """The groups of the subjects of which rows are left out. All groups of a subject say so: one would name it."""
    members = max(len(grouping.members), 1)
    subject = grouping.groups.group[units.private[grouping.groups.unit]] // members
    return np.repeat(np.bincount(subject, minlength=grouping.groups.size // members) > 0, members)
