"""The services of the period that changes are counted from."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from remitwatch.indicators import Observations, service_table
from remitwatch.quotes import Basis
from reports.inputs import BEFORE_COLUMNS


def services_before(held: Observations, basis: Basis, period: str | None, as_of: dt.datetime) -> pd.DataFrame:
    """What each disclosed service of a period cost at USD 200 (BEFORE_COLUMNS), without private rows; empty where there
    is no such period."""
    if period is None:
        return pd.DataFrame(columns=list(BEFORE_COLUMNS))
    table = service_table(held, period=period, amount=200, basis=basis, as_of=as_of)
    shown = ~table["private"].to_numpy(dtype=bool) & table["total_e8"].notna().to_numpy()
    return table.loc[shown, list(BEFORE_COLUMNS)].reset_index(drop=True)
