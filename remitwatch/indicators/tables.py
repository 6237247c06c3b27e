"""The services of a period in a table, each with its mean cost and its place in SmaRT."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from remitwatch.indicators.observations import Observations, checked_amount, checked_basis, prepared
from remitwatch.indicators.panel import Units
from remitwatch.indicators.selection import Selection, group_units
from remitwatch.indicators.smart import slots
from remitwatch.method import DEFAULT_OPTIONS, Options
from remitwatch.periods import Period, PeriodKind, parse_period
from remitwatch.quotes import Basis


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
    units = observations.units(checked_basis(basis), checked_amount(amount), span, as_of)
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
