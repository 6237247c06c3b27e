"""The services of a period in a table, each with its mean cost and its place in SmaRT.

The rows of private services are in it for the few who may see them: whoever shows the table hides their names and
costs. Their order and places say nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from remitwatch.indicators.columns import FRAME, Columns
from remitwatch.indicators.observations import Observations, checked_amount, checked_basis, prepared
from remitwatch.indicators.panel import QUARANTINED
from remitwatch.indicators.selection import Selection, group_units
from remitwatch.indicators.smart import slots
from remitwatch.indicators.units import Units
from remitwatch.method import DEFAULT_OPTIONS, Options
from remitwatch.periods import Period, PeriodKind, parse_period
from remitwatch.quotes import Basis

if TYPE_CHECKING:
    import pandas as pd


def service_table(
    frame: pd.DataFrame | Columns | Observations,
    *,
    period: str | Period = "latest",
    amount: int = 200,
    basis: str | Basis,
    as_of: dt.datetime,
    stale: bool = False,
    options: Options = DEFAULT_OPTIONS,
    columns: Sequence[str] = FRAME,
) -> pd.DataFrame:
    """One row a service of the period, in the order of corridor and cost: the columns of the frame (all of them or
    `columns`, with `quote_id`, `corridor`, `service` and the costs at least) and these.

    Private services come last in their corridor, in the order they were stored. In a corridor whose SmaRT rests on a
    private row no service has a place: the others' places would tell between which costs it lies.

    `fee_e8`, `margin_e8`, `total_e8` are means over the disclosed days, rounded to whole 1e-8 per cent; everything else
    is as on the service's newest day. `days`: on how many days it has a cost. `smart_rank`: its slot in the corridor's
    SmaRT (1, 2, 3), else 0. `private`: whether it rests on a private row of any of its days. `age_days`: how old its
    newest quote is on the day of `as_of`. `stale`: with `stale=True`, `latest` also lists services whose newest quote
    is too old for the figures; they are marked True, slot 0.
    """
    import pandas as pd

    observations = prepared(frame)
    span = period if isinstance(period, Period) else parse_period(period)
    units = observations.units(checked_basis(basis), checked_amount(amount), span, as_of)
    table = _service_rows(units, as_of, columns)
    corridors = group_units(units, Selection(("corridor",), ()), "corridor").groups
    chosen, place = slots(units, corridors, options)
    rank = np.zeros(len(units), dtype=np.int64)
    place_is_private = np.bincount(chosen.group[units.private[chosen.unit]], minlength=chosen.size) > 0
    rank[chosen.unit] = np.where(place_is_private[chosen.group], 0, place)
    table["smart_rank"] = rank
    table["stale"] = False
    if stale and span.kind is PeriodKind.LATEST and units.panel.basis is not Basis.SURVEY:
        newest = units.panel.newest(as_of)
        old = newest[~np.isin(newest, units.row_at)]
        rest = _service_rows(
            Units(units.panel, old, np.arange(len(old)), (span,), np.zeros(len(old), dtype=np.int64)),
            as_of,
            columns,
        )
        table = pd.concat([table, rest.assign(smart_rank=0, stale=True)])
    private = table["private"].to_numpy(dtype=bool)
    order = pd.DataFrame(
        {
            "corridor": table["corridor"].to_numpy(),
            "private": private,
            "cost": np.where(private, 0.0, table["total_e8"].to_numpy(dtype=np.float64)),
            "service": np.where(private, "", table["service"].astype(str).to_numpy()),
            "quote_id": table["quote_id"].to_numpy(),
        }
    ).sort_values(["corridor", "private", "cost", "service", "quote_id"], kind="stable")
    return table.iloc[order.index].reset_index(drop=True)


def quarantine_table(
    frame: pd.DataFrame | Columns | Observations,
    *,
    period: str | Period = "latest",
    amount: int = 200,
    basis: str | Basis,
    as_of: dt.datetime,
) -> pd.DataFrame:
    """The services of the period with a price in quarantine: the table of `service_table`, for people to see. None has
    a place in SmaRT, and every one carries the flag `quarantined`."""
    held = prepared(frame).quarantine()
    table = service_table(held, period=period, amount=amount, basis=basis, as_of=as_of)
    flags = [f"{flags}+{QUARANTINED}" if flags else QUARANTINED for flags in table["flags"].astype(str)]
    table["flags"] = flags
    return table.assign(smart_rank=0)


def _service_rows(units: Units, as_of: dt.datetime, columns: Sequence[str]) -> pd.DataFrame:
    table = units.panel.columns.taking(units.newest).frame(columns).copy()
    for column in ("fee_e8", "margin_e8", "total_e8"):
        averaged = np.rint(units.means(column))
        table[column] = np.where(units.disclosed, averaged, table[column].to_numpy(dtype=np.float64))
    table["days"] = units.days
    table["private"] = units.private
    today = as_of.date().toordinal() - dt.date(1970, 1, 1).toordinal()
    table["age_days"] = today - units.panel.own_days[units.newest]
    return table
