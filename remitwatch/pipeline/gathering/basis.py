"""The figures and services of one basis for a period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd

from remitwatch.figures import IndicatorRow
from remitwatch.indicators import (
    Observations,
    history,
    indicators,
    periods_present,
    quarantine_table,
    service_table,
)
from remitwatch.periods import Period, PeriodKind, parse_period, period_of
from remitwatch.quotes import Basis, Tier
from reports.inputs import (
    INDICATOR_COLUMNS,
    SERVICE_COLUMNS,
    BasisInput,
)

HISTORY_DAYS = 400
SHORT_CHANGE = dt.timedelta(weeks=4)
AMOUNTS: tuple[Tier, ...] = (200, 500)
SCOPES = ("world", "sender", "receiver", "region", "corridor")
BREAKDOWNS = ("provider_type", "payment_instrument", "pickup_method", "speed")


_HISTORY: tuple[tuple[tuple[str, ...], tuple[str, ...] | None, tuple[Tier, ...]], ...] = (
    (("world",), None, AMOUNTS),
    (("region", "corridor"), ("average_total_cost", "average_fee", "average_fx_margin", "smart"), (200,)),
)
"""Scopes, indicators (None: every one) and amounts of which earlier periods are shown."""


def basis_input(
    held: Observations, basis: Basis, asked: Period, as_of: dt.datetime, keeps: Callable[[str], bool] | None
) -> BasisInput | None:
    """The figures of one basis for the period asked; None when it has none."""
    period = _period_ofbasis_input(held, basis, asked, as_of)
    if period is None:
        return None
    span = "latest" if period.kind is PeriodKind.DAY and asked.kind is PeriodKind.LATEST else period.key
    rows = [
        row
        for amount in AMOUNTS
        for row in indicators(held, period=span, scope=SCOPES, amount=amount, basis=basis, as_of=as_of)
    ]
    if not any(row.value is not None for row in rows):
        return None
    rows += [
        row
        for by in BREAKDOWNS
        for row in indicators(held, period=span, scope=("world", "corridor"), basis=basis, by=by, as_of=as_of)
    ]
    kind = _kind_of_history(basis, period)
    past = [
        row
        for scopes, codes, amounts in _HISTORY
        for amount in amounts
        for row in history(
            held,
            basis=basis,
            amount=amount,
            scopes=scopes,
            codes=codes,
            kind=kind,
            until=period.last_day,
            as_of=as_of,
        )
        if _within(row, period)
    ]
    services = [
        service_table(held, period=span, amount=amount, basis=basis, as_of=as_of, stale=True) for amount in AMOUNTS
    ]
    held_back = [quarantine_table(held, period=span, amount=amount, basis=basis, as_of=as_of) for amount in AMOUNTS]
    return BasisInput(
        basis=basis.value,
        period=period.key,
        previous_period=_previous(held, basis, period),
        indicators=_frame(rows, period.key),
        history=_frame(past),
        services=_services([*services, *held_back], keeps),
        promotions=_services(_promotions(held, basis, span, as_of), keeps),
        private=_private(services),
        days=_days_with_prices(held, basis, period),
    )


def _private(tables: list[pd.DataFrame]) -> dict[str, int]:
    """How many private services stand behind each corridor's figures at USD 200; no price and no name of them."""
    table = pd.concat(tables, ignore_index=True)
    counts = (table["tier"] == 200) & table["private"] & table["total_e8"].notna() & ~table["stale"].astype(bool)
    number = table.loc[counts.to_numpy(dtype=bool), "corridor"].value_counts()
    return {str(key): int(number[key]) for key in sorted(number.index)}


def _days_with_prices(held: Observations, basis: Basis, period: Period) -> tuple[dt.date, ...]:
    """Every day up to the period's end that has prices. The survey's quarters are published whole: none."""
    if basis is Basis.SURVEY:
        return ()
    days = held.panel(basis, 200).dates()
    return tuple(day for day in days if period.last_day is None or day <= period.last_day)


def _period_ofbasis_input(held: Observations, basis: Basis, asked: Period, as_of: dt.datetime) -> Period | None:
    """The period that a basis is shown for. The survey has quarters only: for a shorter period the newest begun."""
    if basis is not Basis.SURVEY:
        if asked.kind is not PeriodKind.LATEST:
            return asked
        past = [day for day in held.panel(basis, 200).dates() if day <= as_of.date()]
        return parse_period(past[-1].isoformat()) if past else None
    quarters = periods_present(held, basis=basis)
    if asked.kind in (PeriodKind.QUARTER, PeriodKind.YEAR):
        return asked
    last = as_of.date() if asked.last_day is None else asked.last_day
    begun = [quarter for quarter in quarters if quarter.first_day is not None and quarter.first_day <= last]
    return begun[-1] if begun else None


def _kind_of_history(basis: Basis, period: Period) -> PeriodKind:
    """Trends are of one kind of period: quarters of the survey; weeks behind a day; else periods like the one shown."""
    if basis is Basis.SURVEY:
        return PeriodKind.YEAR if period.kind is PeriodKind.YEAR else PeriodKind.QUARTER
    return PeriodKind.WEEK if period.kind in (PeriodKind.DAY, PeriodKind.WEEK) else period.kind


def _within(row: IndicatorRow, period: Period) -> bool:
    ended = parse_period(row.period).last_day
    assert ended is not None
    assert period.last_day is not None
    return row.period != period.key and ended >= period.last_day - dt.timedelta(days=HISTORY_DAYS * 20)


def _previous(held: Observations, basis: Basis, period: Period) -> str | None:
    """The period that changes are counted from: the survey's quarter before, else the week four weeks earlier."""
    if basis is Basis.SURVEY:
        before = [one for one in periods_present(held, basis=basis) if one.key < period.key]
        return before[-1].key if before else None
    assert period.first_day is not None
    kind = _kind_of_history(basis, period)
    back = period.first_day - (SHORT_CHANGE if kind is PeriodKind.WEEK else dt.timedelta(days=1))
    earlier = period_of(back, kind)
    return earlier.key if earlier in periods_present(held, basis=basis, kind=kind) else None


def _frame(rows: list[IndicatorRow], label: str | None = None) -> pd.DataFrame:
    """Rows of figures as a frame; `label` stands in for `latest`."""
    content = [{name: getattr(row, name) for name in INDICATOR_COLUMNS} for row in rows]
    frame = pd.DataFrame(content, columns=list(INDICATOR_COLUMNS))
    frame["basis"] = [row.basis.value for row in rows]
    if label is not None:
        frame["period"] = label
    return frame


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


def _promotions(held: Observations, basis: Basis, span: str, as_of: dt.datetime) -> list[pd.DataFrame]:
    """Promotions are shown beside the standard prices, never averaged with them."""
    wanted = Basis.PROMOTIONAL if basis is Basis.STANDARD else basis
    tables = [
        service_table(held, period=span, amount=amount, basis=wanted, as_of=as_of)
        for amount in AMOUNTS
        if wanted in held.bases(amount)
    ]
    if basis is Basis.STANDARD and tables:
        return tables
    empty = service_table(held, period=span, amount=200, basis=basis, as_of=as_of).iloc[:0]
    return [empty]
