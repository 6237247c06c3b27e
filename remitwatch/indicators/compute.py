"""From observations to figures, and back from a figure to its observations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from remitwatch.errors import InputError
from remitwatch.figures import FigureId, IndicatorRow, Scope, parse_figure_id
from remitwatch.indicators.exact import distinct
from remitwatch.indicators.family import Groups, Indicator, Outcome
from remitwatch.indicators.panel import DEFAULT_MAX_AGE_DAYS, Panel, Units
from remitwatch.indicators.selection import (
    Grouping,
    Selection,
    find_indicator,
    group_units,
    select,
    without_russia,
)
from remitwatch.indicators.smart import slots
from remitwatch.method import Options, options_of
from remitwatch.periods import Period, PeriodKind, parse_period, parse_periods, period_of
from remitwatch.quotes import Basis, Tier

MIN_PROVIDERS_PRIVATE = 3
"""A partner's private rows are published only in figures of so many providers or more."""

DEFAULT_OPTIONS = Options()


class Observations:
    """Observations ready to be computed with. Made once of a frame, it serves any number of figures.

    `frame` has the columns of the observation frame (db.queries.observations): only quotes in force, costs in whole
    1e-8 per cent. `max_age_days`: how old a quote may be in `latest`, for all sources or by source. `precedence`: which
    source speaks for a service that two price on one day.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        *,
        max_age_days: int | Mapping[str, int] = DEFAULT_MAX_AGE_DAYS,
        precedence: Sequence[str] | None = None,
    ) -> None:
        self.frame = frame
        self.max_age_days = max_age_days
        self._precedence = precedence
        self._panels: dict[tuple[Basis, Tier], Panel] = {}

    def panel(self, basis: Basis, amount: Tier) -> Panel:
        """The counted rows of one basis and amount."""
        key = (basis, amount)
        if key not in self._panels:
            self._panels[key] = Panel(self.frame, basis, amount, self._precedence)
        return self._panels[key]

    def bases(self, amount: Tier) -> tuple[Basis, ...]:
        """Every basis that has rows of this amount."""
        held = set(self.frame.loc[self.frame["tier"] == amount, "basis"].unique())
        return tuple(one for one in Basis if one.value in held)

    def units(self, basis: Basis, amount: Tier, period: Period, as_of: dt.datetime) -> Units:
        """The services of a period."""
        return self.panel(basis, amount).units(period, as_of, self.max_age_days)

    def regions(self) -> set[str]:
        """The receiving regions that the rows name."""
        return {str(name) for name in self.frame["region"].dropna().unique()}


def prepared(frame: pd.DataFrame | Observations) -> Observations:
    """The observations of a frame; those given already prepared as they are."""
    return frame if isinstance(frame, Observations) else Observations(frame)


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
    tier = _tier(amount)
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
    bases = observations.bases(tier) if basis is None else (_basis(basis),)
    return [
        row
        for one_basis in bases
        for one_period in periods
        for row in _rows(observations, one_basis, tier, one_period, selection, as_of, options, basis is not None)
    ]


def _tier(amount: int) -> Tier:
    if amount == 200:
        return 200
    if amount == 500:
        return 500
    raise InputError(f"amount {amount!r}: expected 200 or 500 (US dollars, or their local equivalent)")


def _basis(basis: str | Basis) -> Basis:
    try:
        return Basis(basis)
    except ValueError:
        raise InputError(f"basis {basis!r}: expected one of {', '.join(Basis)}") from None


def _rows(
    observations: Observations,
    basis: Basis,
    amount: Tier,
    period: Period,
    selection: Selection,
    as_of: dt.datetime,
    options: Options,
    empty_rows: bool,
) -> Iterator[IndicatorRow]:
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
            rows = list(_rows_of(units, grouping, indicator, scope, selection.by, options, shared))
            yield from rows
            if not rows and empty_rows and selection.by is None and (subject := _named_subject(selection, scope)):
                yield _row(indicator, scope, subject, None, None, shared, flags=["no_observations"])


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
    groups, outcome, general = _outcome(units, grouping, indicator, scope, options)
    used, size = outcome.used, groups.size
    services = np.bincount(used.group, minlength=size)
    providers = distinct(used.group, units.labels("provider").codes[used.unit], size)
    corridors = distinct(used.group, units.labels("corridor").codes[used.unit], size)
    private = np.bincount(used.group[units.private[used.unit]], minlength=size)
    undisclosed = np.bincount(groups.group[~units.transparent[groups.unit]], minlength=size)
    for group in sorted(outcome.values):
        value = outcome.values[group]
        flags = {*outcome.flags.get(group, ()), *general}
        if undisclosed[group] and indicator.code != "share_transparent":
            flags.add("undisclosed_excluded")
        if private[group] and providers[group] < MIN_PROVIDERS_PRIVATE:
            value, flags = None, {*flags, "private_suppressed"}
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
            flags=flags,
        )


def _outcome(
    units: Units, grouping: Grouping, indicator: Indicator, scope: Scope, options: Options
) -> tuple[Groups, Outcome, set[str]]:
    """The groups an indicator was computed on, what it found, and the flags of all its groups."""
    groups, general = grouping.groups, set[str]()
    if scope == "world" and indicator.world_without_russia:
        kept = groups.only(without_russia(units))
        if len(kept.unit) < len(groups.unit):
            general.add("russia_excluded")
        groups = kept
    if units.panel.basis is Basis.SURVEY and units.period.kind is PeriodKind.YEAR:
        general.add("third_quarter")
    return groups, indicator.compute(units, groups, options), general


def members(frame: pd.DataFrame | Observations, figure: str | FigureId | IndicatorRow) -> pd.DataFrame:
    """The observations behind a figure: rows of the frame, of every day that counts, in the panel's order.

    For SmaRT those in its slots; for averages the disclosed services; for shares every service that is counted.
    Empty when the figure rests on nothing. Raises InputError for an id that names no figure of this method.
    """
    observations = prepared(frame)
    wanted = figure.figure if isinstance(figure, IndicatorRow) else figure
    wanted = parse_figure_id(wanted) if isinstance(wanted, str) else wanted
    indicator = find_indicator(wanted.indicator, wanted.scope)
    if indicator is None:
        raise InputError(f"figure id {wanted}: there is no indicator {wanted.indicator} for scope {wanted.scope}")
    try:
        options = options_of(wanted.method)
    except ValueError as error:
        raise InputError(f"figure id {wanted}: {error}") from None
    subject = {
        "world": "",
        "sender": wanted.sender,
        "receiver": wanted.receiver,
        "region": wanted.region,
        "corridor": f"{wanted.sender}-{wanted.receiver}",
    }[wanted.scope]
    units = observations.units(wanted.basis, wanted.amount, parse_period(wanted.period), wanted.as_of)
    grouping = group_units(units, Selection((wanted.scope,), (wanted.indicator,), by=wanted.breakdown), wanted.scope)
    group = grouping.number(subject or "", wanted.group)
    rows = units.panel.rows
    if group is None:
        return rows.iloc[:0]
    _, outcome, _ = _outcome(units, grouping, indicator, wanted.scope, options)
    behind = np.isin(units.unit_of, outcome.used.unit[outcome.used.group == group])
    if indicator.of_costs:
        behind &= units.panel.disclosed[units.row_at]
    return rows.iloc[np.sort(units.row_at[behind])]


def service_table(
    frame: pd.DataFrame | Observations,
    *,
    period: str | Period = "latest",
    amount: int = 200,
    basis: str | Basis,
    as_of: dt.datetime,
    stale: bool = False,
    options: Options = DEFAULT_OPTIONS,
) -> pd.DataFrame:
    """One row a service of the period, in the order of corridor and cost: the columns of the frame and these.

    `fee_e8`, `margin_e8`, `total_e8` are means over the disclosed days, rounded to whole 1e-8 per cent; everything else
    is as on the service's newest day. `days`: on how many days it has a cost. `smart_rank`: its slot in the corridor's
    SmaRT (1, 2, 3), else 0. `age_days`: how old its newest quote is on the day of `as_of`. `stale`: with `stale=True`,
    `latest` also lists services whose newest quote is too old for the figures; they are marked True, slot 0.
    """
    observations = prepared(frame)
    span = period if isinstance(period, Period) else parse_period(period)
    units = observations.units(_basis(basis), _tier(amount), span, as_of)
    table = _service_rows(units, as_of)
    corridors = group_units(units, Selection(("corridor",), ()), "corridor").groups
    chosen, place = slots(units, corridors, options)
    rank = np.zeros(len(units), dtype=np.int64)
    rank[chosen.unit] = place
    table["smart_rank"] = rank
    table["stale"] = False
    if stale and span.kind is PeriodKind.LATEST and units.panel.basis is not Basis.SURVEY:
        newest = units.panel.newest(as_of)
        old = newest[~np.isin(newest, units.row_at)]
        rest = _service_rows(Units(units.panel, old, np.arange(len(old)), span), as_of)
        table = pd.concat([table, rest.assign(smart_rank=0, stale=True)])
    return table.sort_values(["corridor", "total_e8", "service", "quote_id"], kind="stable", ignore_index=True)


def _service_rows(units: Units, as_of: dt.datetime) -> pd.DataFrame:
    table = units.panel.rows.iloc[units.newest].copy()
    for column in ("fee_e8", "margin_e8", "total_e8"):
        averaged = np.rint(units.means(column))
        table[column] = np.where(units.disclosed, averaged, table[column].to_numpy(dtype=np.float64))
    table["days"] = units.days
    today = as_of.date().toordinal() - dt.date(1970, 1, 1).toordinal()
    table["age_days"] = today - units.panel.own_days[units.newest]
    return table


def periods_present(
    frame: pd.DataFrame | Observations,
    *,
    basis: str | Basis,
    amount: int = 200,
    kind: PeriodKind | str | None = None,
    until: dt.date | None = None,
) -> tuple[Period, ...]:
    """The periods that have observations, oldest first: quarters of the survey, weeks (or `kind`) of collected quotes.

    `until`: only periods that end by then.
    """
    panel = prepared(frame).panel(_basis(basis), _tier(amount))
    if panel.basis is Basis.SURVEY:
        if kind is not None and PeriodKind(kind) not in (PeriodKind.QUARTER, PeriodKind.YEAR):
            raise InputError(f"period kind {kind!s}: survey figures are by quarter or year")
        keys = {name for name in panel.labels("survey_period").names if name}
        if kind is not None and PeriodKind(kind) is PeriodKind.YEAR:
            keys = {key[:4] for key in keys if key.endswith("Q3")}
    else:
        wanted = PeriodKind(kind or PeriodKind.WEEK)
        days = (dt.date(1970, 1, 1) + dt.timedelta(days=int(day)) for day in np.unique(panel.days))
        keys = {period_of(day, wanted).key for day in days}
    found = (parse_period(key) for key in keys)
    ended = (one for one in found if until is None or (one.last_day is not None and one.last_day <= until))
    return tuple(sorted(ended, key=lambda one: one.first_day or dt.date.min))


def history(
    frame: pd.DataFrame | Observations,
    *,
    basis: str | Basis,
    amount: int = 200,
    scopes: str | Sequence[str] = ("world", "region", "corridor"),
    codes: str | Iterable[str] | None = ("average_total_cost", "average_fee", "average_fx_margin", "smart"),
    kind: PeriodKind | str | None = None,
    until: dt.date | None = None,
    as_of: dt.datetime,
    options: Options = DEFAULT_OPTIONS,
) -> list[IndicatorRow]:
    """The figures of every period present, oldest first, for trends.

    Quarters of the survey; weeks of collected quotes, or `kind` (day, week, month, quarter, year). `until` leaves out
    periods that end later.
    """
    observations = prepared(frame)
    selection = select(scope=scopes, codes=codes)
    one_basis, tier = _basis(basis), _tier(amount)
    return [
        row
        for period in periods_present(observations, basis=one_basis, amount=tier, kind=kind, until=until)
        for row in _rows(observations, one_basis, tier, period, selection, as_of, options, False)
    ]
