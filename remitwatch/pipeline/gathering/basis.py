"""The figures and services of one basis for a period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd

from remitwatch.indicators import Observations, quarantine_table, service_table
from remitwatch.indicators.compute import CELLS, Cells
from remitwatch.indicators.frames import figure_cells, figure_columns, figure_frame
from remitwatch.periods import Period, PeriodKind, parse_period, period_of
from remitwatch.pipeline.gathering.before import services_before
from remitwatch.pipeline.gathering.held import Held
from remitwatch.pipeline.gathering.log import change_log, days_of_log
from remitwatch.pipeline.gathering.moves import moves
from remitwatch.pipeline.gathering.past import AMOUNTS, PARTS
from remitwatch.quotes import Basis
from reports.inputs import INDICATOR_COLUMNS, SERVICE_COLUMNS, BasisInput, ChangeLog

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
    period, now, as_of = _period_of_basis(held, basis), held.now, held.as_of
    if period is None or period.last_day is None:
        return None
    latest = period.kind is PeriodKind.DAY and held.asked.kind is PeriodKind.LATEST
    span = parse_period("latest") if latest else period
    shown: dict[str, Any] = {"basis": basis, "periods": (span,), "as_of": as_of}
    rows = [
        row for amount in AMOUNTS for row in figure_cells(now, amount=amount, scopes=SCOPES, empty_rows=True, **shown)
    ]
    value = CELLS.index("value")
    if not any(row[value] is not None for row in rows):
        return None
    log = _log(held, basis, period, keeps)
    rows += [
        row for by in BREAKDOWNS for row in figure_cells(now, amount=200, scopes=("world", "corridor"), by=by, **shown)
    ]
    rows += [
        row
        for by in OF_COUNTRIES
        for row in figure_cells(now, amount=200, scopes=("sender", "receiver"), codes=PARTS, by=by, **shown)
    ]
    kind = _kind_of_history(basis, period)
    past = held.past.figures(basis, kind, period.last_day) if with_history else figure_columns([])
    earlier = past["period"] != period.key
    listed: dict[str, Any] = {"period": span, "basis": basis, "as_of": as_of}
    services = [service_table(now, amount=amount, stale=True, **listed) for amount in AMOUNTS]
    held_back = [quarantine_table(now, amount=amount, **listed) for amount in AMOUNTS]
    days = _days_with_prices(held, basis, kind, period.last_day)
    previous = _previous(held, basis, period, days)
    made = BasisInput(
        basis=basis.value,
        period=period.key,
        previous_period=previous,
        indicators=figure_frame(figure_columns(rows), INDICATOR_COLUMNS, period.key),
        history=figure_frame({name: cells[earlier] for name, cells in past.items()}, INDICATOR_COLUMNS),
        services=_services([*services, *held_back], keeps),
        promotions=_services(_promotions(now, basis, services[0].iloc[:0], listed), keeps),
        private=_private(services),
        days=days,
        before=services_before(held, basis, previous),
        log=log,
        coverage=_coverage(rows),
    )
    return replace(made, moves=moves(held, made, span))


def _log(held: Held, basis: Basis, period: Period, keeps: Callable[[str], bool] | None) -> ChangeLog | None:
    """What changed in the last days of a period; None for the survey, which is not collected by day."""
    if basis is Basis.SURVEY:
        return None
    days = days_of_log(period, held.as_of)
    return change_log(held.for_log(basis, *days), basis, days, keeps)


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
