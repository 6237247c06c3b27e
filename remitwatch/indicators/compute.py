"""Figures: groups of services in, one row a figure out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from remitwatch.figures import IndicatorRow, Scope
from remitwatch.indicators.exact import distinct
from remitwatch.indicators.family import Groups, Indicator, Outcome
from remitwatch.indicators.observations import Observations, checked_amount, checked_basis, prepared
from remitwatch.indicators.panel import Units
from remitwatch.indicators.private import TELLING_FLAGS, public_only, withheld
from remitwatch.indicators.selection import Grouping, Selection, group_units, select, without_russia
from remitwatch.method import DEFAULT_OPTIONS, Options, with_flows
from remitwatch.periods import Period, PeriodKind, parse_periods
from remitwatch.quotes import Basis, Tier


def indicators(
    frame: pd.DataFrame | Observations,
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
    as_of: dt.datetime,
    options: Options = DEFAULT_OPTIONS,
) -> list[IndicatorRow]:
    """The figures asked for, one row each; the bases apart, never pooled.

    `period` may be a range (`2023-Q1..2025-Q3`). Without `basis` every basis with observations gets its rows; without
    `codes` every indicator that exists for the scope; without `scope` it follows from the filters. With a basis named,
    the world and a subject named by a filter get a row even without observations (value None, `no_observations`).
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
        regions=observations.regions() if region else (),
    )
    bases = observations.bases(tier) if basis is None else (checked_basis(basis),)
    return [
        row
        for one_basis in bases
        for one_period in periods
        for row in figures_of(
            observations, one_basis, tier, one_period, selection, as_of, options, empty_rows=basis is not None
        )
    ]


def figures_of(
    observations: Observations,
    basis: Basis,
    amount: Tier,
    period: Period,
    selection: Selection,
    as_of: dt.datetime,
    options: Options,
    *,
    empty_rows: bool,
) -> Iterator[IndicatorRow]:
    """The rows of one basis and period. `empty_rows`: named subjects without observations get a row too."""
    units = observations.units(basis, amount, period, as_of)
    shared: dict[str, Any] = {
        "period": _period_key(units, period),
        "amount": amount,
        "basis": basis,
        "method": options.method,
        "as_of": as_of,
    }
    for scope in selection.scopes:
        grouping = group_units(units, selection, scope)
        for indicator in selection.indicators(scope):
            told = shared
            if indicator.weighted and units.flows is not None:
                told = {**shared, "method": with_flows(options.method, units.flows.series, units.flows.year)}
            rows = list(_rows_of(units, grouping, indicator, scope, selection.by, options, told))
            yield from rows
            if not rows and empty_rows and selection.by is None and (subject := _named_subject(selection, scope)):
                yield _row(indicator, scope, subject, None, None, told, flags=["no_observations"])


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
    return IndicatorRow(
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


def _rows_of(
    units: Units,
    grouping: Grouping,
    indicator: Indicator,
    scope: Scope,
    by: str | None,
    options: Options,
    shared: Mapping[str, Any],
) -> Iterator[IndicatorRow]:
    """The rows of one indicator for every group."""
    groups, outcome, general = outcome_of(units, grouping, indicator, scope, options)
    used, size = outcome.used, groups.size
    services = np.bincount(used.group, minlength=size)
    providers = distinct(used.group, units.labels("provider").codes[used.unit], size)
    corridors = distinct(used.group, units.labels("corridor").codes[used.unit], size)
    hidden = withheld(units, outcome, scope, _dropped(units, grouping, groups, indicator))
    left_out = _subjects_with_private(units, grouping) if by is not None else set()
    undisclosed = np.bincount(groups.only(~units.transparent & ~units.disclosed).group, minlength=size)
    for group in sorted(outcome.values):
        value = outcome.values[group]
        flags = {*outcome.flags.get(group, ()), *general}
        if undisclosed[group] and indicator.of_costs:
            flags.add("undisclosed_excluded")
        if grouping.subject(group) in left_out:
            flags.add("private_left_out")
        if hidden[group]:
            value, flags = None, {*flags - TELLING_FLAGS, "private_suppressed"}
        yield _row(
            indicator,
            scope,
            _subject(scope, grouping.subject(group)),
            by,
            grouping.member(group),
            shared,
            value=None if value is None else value.value,
            services=int(services[group]),
            providers=int(providers[group]),
            corridors=int(corridors[group]),
            undisclosed=int(undisclosed[group]),
            coverage=outcome.coverage[group].value if group in outcome.coverage else None,
            flags=flags,
        )


def outcome_of(
    units: Units, grouping: Grouping, indicator: Indicator, scope: Scope, options: Options
) -> tuple[Groups, Outcome, set[str]]:
    """The groups an indicator was computed on, what it found, and the flags of all its groups. Breakdowns are computed
    without private rows."""
    groups, general = grouping.groups, set[str]()
    if grouping.members:
        groups = public_only(units, groups)
    if scope == "world" and indicator.world_without_russia:
        kept = groups.only(without_russia(units))
        if len(kept.unit) < len(groups.unit):
            general.add("russia_excluded")
        groups = kept
    if units.panel.basis is Basis.SURVEY and units.period.kind is PeriodKind.YEAR:
        general.add("third_quarter")
    return groups, indicator.compute(units, groups, options), general


def _dropped(units: Units, grouping: Grouping, counted: Groups, indicator: Indicator) -> Groups | None:
    """What the scope's figure leaves out although the figures of its parts count it: senders in Russia."""
    if grouping.members or counted is grouping.groups:
        return None
    left = units.disclosed if indicator.of_costs else np.ones(len(units), dtype=bool)
    left = left.copy()
    left[counted.unit] = False
    return grouping.groups.only(left)


def _subjects_with_private(units: Units, grouping: Grouping) -> set[str]:
    """The subjects of which a breakdown leaves rows out. All their groups say so: one group would name who it is."""
    groups = grouping.groups.only(units.private)
    return {grouping.subject(int(group)) for group in np.unique(groups.group)}
