"""Figures: groups of services in, one row a figure out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from remitwatch.errors import InputError
from remitwatch.fields import utc_time
from remitwatch.figures import IndicatorRow, Scope, ratio
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
    for cells in cells_of(observations, basis, amount, periods, selection, as_of, options, empty_rows=empty_rows):
        # thousands of rows; every cell is of our own making
        yield IndicatorRow.model_construct(**dict(zip(CELLS, cells, strict=True)))


def cells_of(
    observations: Observations,
    basis: Basis,
    amount: Tier,
    periods: Sequence[Period],
    selection: Selection,
    as_of: dt.datetime,
    options: Options,
    *,
    empty_rows: bool,
) -> Iterator[Cells]:
    """As `figures_of`, each row as plain cells in the order of CELLS: for tables of very many."""
    as_of = utc_time(as_of)
    where = str(selection.where) or None
    for some in _parts_of(observations, basis, amount, periods, selection):
        units = observations.units_of_periods(basis, amount, some, as_of)
        found = tables_of(units, selection, options)
        for number, period in enumerate(some):
            key = _period_key(units, period)
            for table in found:
                method = options.method
                if table.indicator.weighted and units.flows is not None:
                    method = with_flows(method, units.flows.series, units.flows.year)
                shared = (key, amount, basis, method, as_of, where)
                rows = table.rows(number, selection.by)
                yield from (row + shared for row in rows)
                if not rows and empty_rows and selection.by is None:
                    subject = _named_subject(selection, table.scope)
                    if subject:
                        yield _absent(table.indicator, table.scope, subject) + shared


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


def _place(scope: Scope, name: str) -> tuple[str | None, str | None, str | None]:
    """Sender, receiver and region of a subject, None for those that do not apply."""
    if scope == "corridor":
        sender, receiver = name.split("-")
        return sender, receiver, None
    return tuple(name if scope == part else None for part in ("sender", "receiver", "region"))  # type: ignore[return-value]


Cells = tuple[Any, ...]
_OF_FIGURE = (
    "indicator", "scope", "sender", "receiver", "region", "breakdown", "group", "value", "services", "providers",
    "corridors", "undisclosed", "coverage", "flags",
)  # fmt: skip
CELLS = (*_OF_FIGURE, "period", "amount", "basis", "method", "as_of", "where")
"""The fields of a row in the order in which its cells come."""


def _absent(indicator: Indicator, scope: Scope, subject: Mapping[str, str]) -> Cells:
    """The row of a subject without observations."""
    place = (subject.get("sender"), subject.get("receiver"), subject.get("region"))
    return (indicator.code, scope, *place, None, None, None, 0, 0, 0, 0, None, ("no_observations",))


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

    def rows(self, period: int, by: str | None) -> list[Cells]:
        """The rows of one of the periods, by its number, without what they all share."""
        width, members = self.grouping.width, max(len(self.grouping.members), 1)
        at = period * width + np.flatnonzero(self.outcome.present[period * width : (period + 1) * width])
        if not len(at):
            return []
        places = [_place(self.scope, name) for name in self.grouping.subjects]
        subject = [places[number] for number in (at % width // members).tolist()]
        names = self.grouping.members
        return list(
            zip(
                (self.indicator.code,) * len(at),
                (self.scope,) * len(at),
                (place[0] for place in subject),
                (place[1] for place in subject),
                (place[2] for place in subject),
                (by,) * len(at),
                [names[number] for number in (at % members).tolist()] if names else (None,) * len(at),
                self._values(at),
                self.services[at].tolist(),
                self.providers[at].tolist(),
                self.corridors[at].tolist(),
                self.undisclosed[at].tolist(),
                [found.value if (found := self.outcome.coverage.get(group)) else None for group in at.tolist()],
                self._told(at),
                strict=True,
            )
        )

    def _values(self, at: IntArray) -> list[Decimal | None]:
        """The values of these groups; none where it is withheld."""
        shown = ~self.hidden[at]
        ratios = self.outcome.values
        parts = zip(ratios.numerators[at].tolist(), ratios.denominators[at].tolist(), shown.tolist(), strict=True)
        return [ratio(above, below) if below and seen else None for above, below, seen in parts]

    def _told(self, at: IntArray) -> list[tuple[str, ...]]:
        """The flags of these groups: few different sets of them, each made once."""
        names = sorted(self.flags)
        sets = np.zeros(len(at), dtype=np.int64)
        for bit, name in enumerate(names):
            sets |= self.flags[name][at].astype(np.int64) << bit
        sets = sets * 2 + self.hidden[at]
        different, which = np.unique(sets, return_inverse=True)
        made = []
        for code in different.tolist():
            told = {name for bit, name in enumerate(names) if code >> (bit + 1) & 1}
            made.append(tuple(sorted({*told - TELLING_FLAGS, "private_suppressed"} if code & 1 else told)))
        return [made[number] for number in which.tolist()]


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
