"""The figures and services of one basis for a period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import pandas as pd

from remitwatch.indicators import Observations, quarantine_table, service_table
from remitwatch.indicators.compute import CELLS, Cells
from remitwatch.indicators.frames import figure_cells, figure_columns, figure_frame
from remitwatch.periods import Period, PeriodKind, parse_period, period_of
from remitwatch.pipeline.gathering.before import services_before
from remitwatch.pipeline.gathering.held import Held
from remitwatch.pipeline.gathering.log import LARGE, change_log, days_of_log
from remitwatch.pipeline.gathering.moves import moves
from remitwatch.pipeline.gathering.past import AMOUNTS, PARTS
from remitwatch.quotes import Basis
from reports.inputs import INDICATOR_COLUMNS, SERVICE_COLUMNS, BasisInput
from reports.sharing import beside

SHORT_CHANGE = dt.timedelta(weeks=4)
SCOPES = ("world", "sender", "receiver", "region", "corridor")
BREAKDOWNS = ("provider_type", "payment_instrument", "pickup_method", "speed")
OF_COUNTRIES = ("provider_type", "payment_instrument", "access_point", "pickup_method")
"""The breakdowns of what is sent from a country, and to it."""


def basis_input(
    held: Held, basis: Basis, keeps: Callable[[str], bool] | None, *, with_history: bool = True
) -> BasisInput | None:
    """The figures of one basis for the period asked, and of earlier ones unless they are not wanted; None when it has
    none."""
    made = without_moves(held, basis, keeps, with_history=with_history)
    return None if made is None else replace(made, moves=moves(held, made)())


def without_moves(
    held: Held, basis: Basis, keeps: Callable[[str], bool] | None, *, with_history: bool = True
) -> BasisInput | None:
    """As `basis_input`, but for the reasons why averages moved (`moves`)."""
    period = _period_of_basis(held, basis)
    if period is None or period.last_day is None:
        return None
    rows = _averages(held, basis, period)
    value = CELLS.index("value")
    if not any(row[value] is not None for row in rows):
        return None
    if basis is Basis.SURVEY:  # it is not collected by day
        return _made(held, basis, period, rows, keeps, with_history)
    days = days_of_log(period, held.as_of)
    observations = held.for_log(basis, *days)
    work = partial(change_log, observations, basis, days, keeps)
    with beside(work, alone=len(observations.columns) < LARGE) as log:
        del work, observations  # they are the largest of all
        made = _made(held, basis, period, rows, keeps, with_history)
        return replace(made, log=log())


def _averages(held: Held, basis: Basis, period: Period) -> list[Cells]:
    """The figures of everything in a group, at both amounts."""
    shown: dict[str, Any] = {"basis": basis, "periods": (held.shown(period),), "as_of": held.as_of}
    return [
        row
        for amount in AMOUNTS
        for row in figure_cells(held.now, amount=amount, scopes=SCOPES, empty_rows=True, **shown)
    ]


def _made(
    held: Held,
    basis: Basis,
    period: Period,
    averages: list[Cells],
    keeps: Callable[[str], bool] | None,
    with_history: bool,
) -> BasisInput:
    """The figures of a period, with what is listed under them."""
    now, as_of, last, span = held.now, held.as_of, period.last_day, held.shown(period)
    assert last is not None
    shown: dict[str, Any] = {"basis": basis, "periods": (span,), "as_of": as_of}
    rows = [
        *averages,
        *(
            row
            for by in BREAKDOWNS
            for row in figure_cells(now, amount=200, scopes=("world", "corridor"), by=by, **shown)
        ),
        *(
            row
            for by in OF_COUNTRIES
            for row in figure_cells(now, amount=200, scopes=("sender", "receiver"), codes=PARTS, by=by, **shown)
        ),
    ]
    kind = _kind_of_history(basis, period)
    past = held.past.figures(basis, kind, last) if with_history else figure_columns([])
    earlier = past["period"] != period.key
    if not earlier.all():
        past = {name: cells[earlier] for name, cells in past.items()}
    listed: dict[str, Any] = {"period": span, "basis": basis, "as_of": as_of}
    services = [service_table(now, amount=amount, stale=True, **listed) for amount in AMOUNTS]
    held_back = [quarantine_table(now, amount=amount, **listed) for amount in AMOUNTS]
    days = _days_with_prices(held, basis, kind, last)
    previous = _previous(held, basis, period, days)
    return BasisInput(
        basis=basis.value,
        period=period.key,
        previous_period=previous,
        indicators=figure_frame(figure_columns(rows), INDICATOR_COLUMNS, period.key),
        history=figure_frame(past, INDICATOR_COLUMNS),
        services=_services([*services, *held_back], keeps),
        promotions=_services(_promotions(now, basis, services[0].iloc[:0], listed), keeps),
        private=_private(services),
        days=days,
        before=services_before(held, basis, previous),
        coverage=_coverage(rows),
    )


def _coverage(rows: list[Cells]) -> Decimal | None:
    """The share of the flows known whose corridors stand behind the world's weighted average."""
    indicator = CELLS.index("indicator")
    for row in rows:
        if row[indicator] != "weighted_average":
            continue
        cells = dict(zip(CELLS, row, strict=True))
        if (cells["scope"], cells["amount"]) == ("world", 200) and cells["value"] is not None:
            found: Decimal | None = cells["coverage"]
            return found
    return None


def _private(tables: list[pd.DataFrame]) -> dict[str, int]:
    """How many private services stand behind each corridor's figures at USD 200; no price and no name of them."""
    table = pd.concat(tables, ignore_index=True)
    counts = (table["tier"] == 200) & table["private"] & table["total_e8"].notna() & ~table["stale"].astype(bool)
    number = table.loc[counts.to_numpy(dtype=bool), "corridor"].value_counts()
    return {str(key): int(number[key]) for key in sorted(number.index)}


def _days_with_prices(held: Held, basis: Basis, kind: PeriodKind, last: dt.date) -> tuple[dt.date, ...]:
    """Every day up to the period's end that has prices. The survey's quarters are published whole: none."""
    if basis is Basis.SURVEY:
        return ()
    return tuple(sorted(held.past.days(basis, kind, last)))


def _period_of_basis(held: Held, basis: Basis) -> Period | None:
    """The period that a basis is shown for."""
    if basis is Basis.SURVEY:
        return held.quarter()
    if held.asked.kind is not PeriodKind.LATEST:
        return held.asked
    past = [day for day in held.now.panel(basis, 200).dates() if day <= held.as_of.date()]
    return parse_period(past[-1].isoformat()) if past else None


def _kind_of_history(basis: Basis, period: Period) -> PeriodKind:
    """Trends are of one kind of period: quarters of the survey; weeks behind a day; else periods like the one shown."""
    if basis is Basis.SURVEY:
        return PeriodKind.YEAR if period.kind is PeriodKind.YEAR else PeriodKind.QUARTER
    return PeriodKind.WEEK if period.kind in (PeriodKind.DAY, PeriodKind.WEEK) else period.kind


def _previous(held: Held, basis: Basis, period: Period, days: Sequence[dt.date]) -> str | None:
    """The period that changes are counted from: the survey's quarter before, else the week four weeks earlier."""
    if basis is Basis.SURVEY:
        before = [one for one in held.past.quarters() if one.key < period.key]
        return before[-1].key if before else None
    assert period.first_day is not None
    kind = _kind_of_history(basis, period)
    back = period.first_day - (SHORT_CHANGE if kind is PeriodKind.WEEK else dt.timedelta(days=1))
    earlier = period_of(back, kind)
    return earlier.key if earlier in {period_of(day, kind) for day in days} else None


def _services(tables: list[pd.DataFrame], keeps: Callable[[str], bool] | None) -> pd.DataFrame:
    """Service tables as the pages take them: private rows left out, stale ones flagged, amounts as numbers."""
    table = pd.concat(tables, ignore_index=True)
    table = table[~table["private"].to_numpy(dtype=bool)]
    if keeps is not None:
        table = table[table["corridor"].map(keeps).to_numpy(dtype=bool)]
    flags = table["flags"].astype(str)
    stale = table["stale"].to_numpy(dtype=bool)
    table = table.assign(flags=[_with_stale(flag) if old else flag for flag, old in zip(flags, stale, strict=True)])
    return table.reindex(columns=list(SERVICE_COLUMNS)).reset_index(drop=True)


def _with_stale(flags: str) -> str:
    return "+".join(filter(None, (flags, "stale")))


def _promotions(now: Observations, basis: Basis, none: pd.DataFrame, listed: Mapping[str, Any]) -> list[pd.DataFrame]:
    """Promotions are shown beside the standard prices, never averaged with them."""
    wanted = dict(listed) | {"basis": Basis.PROMOTIONAL}
    tables = [
        service_table(now, amount=amount, **wanted) for amount in AMOUNTS if Basis.PROMOTIONAL in now.bases(amount)
    ]
    return tables if basis is Basis.STANDARD and tables else [none]
