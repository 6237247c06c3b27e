"""History: the figures of every period present, for trends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from remitwatch.errors import InputError
from remitwatch.figures import IndicatorRow
from remitwatch.indicators.columns import Columns
from remitwatch.indicators.compute import figures_of
from remitwatch.indicators.observations import Observations, checked_amount, checked_basis, prepared
from remitwatch.indicators.selection import select
from remitwatch.method import DEFAULT_OPTIONS, Options
from remitwatch.periods import Period, PeriodKind, parse_period, period_of
from remitwatch.quotes import Basis

if TYPE_CHECKING:
    import pandas as pd


_OF_SURVEY = (PeriodKind.QUARTER, PeriodKind.YEAR, PeriodKind.POOLED_YEAR)


def periods_present(
    frame: pd.DataFrame | Columns | Observations,
    *,
    basis: str | Basis,
    amount: int = 200,
    kind: PeriodKind | str | None = None,
    until: dt.date | None = None,
) -> tuple[Period, ...]:
    """The periods that have observations, oldest first: quarters of the survey, weeks (or `kind`) of collected quotes.

    `until`: only periods that end by then.
    """
    panel = prepared(frame).panel(checked_basis(basis), checked_amount(amount))
    if panel.basis is Basis.SURVEY:
        if kind is not None and PeriodKind(kind) not in _OF_SURVEY:
            raise InputError(f"period kind {kind!s}: survey figures are by quarter or year (pooled or not)")
        keys = {name for name in panel.labels("survey_period").names if name}
        if kind is not None and PeriodKind(kind) is PeriodKind.YEAR:
            keys = {key[:4] for key in keys if key.endswith("Q3")}
        if kind is not None and PeriodKind(kind) is PeriodKind.POOLED_YEAR:
            keys = {f"{key[:4]}-pooled" for key in keys}
    else:
        wanted = PeriodKind(kind or PeriodKind.WEEK)
        keys = {period_of(day, wanted).key for day in panel.dates()}
    found = (parse_period(key) for key in keys)
    ended = (one for one in found if until is None or (one.last_day is not None and one.last_day <= until))
    return tuple(sorted(ended, key=lambda one: one.first_day or dt.date.min))


def history(
    frame: pd.DataFrame | Columns | Observations,
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
    one_basis, tier = checked_basis(basis), checked_amount(amount)
    periods = periods_present(observations, basis=one_basis, amount=tier, kind=kind, until=until)
    return list(figures_of(observations, one_basis, tier, periods, selection, as_of, options, empty_rows=False))
