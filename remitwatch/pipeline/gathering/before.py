"""The services of the period that changes are counted from."""

from __future__ import annotations

import pandas as pd

from remitwatch.indicators import service_table
from remitwatch.periods import parse_period
from remitwatch.pipeline.gathering.held import Held
from remitwatch.quotes import Basis
from reports.inputs import BEFORE_COLUMNS


def services_before(held: Held, basis: Basis, period: str | None) -> pd.DataFrame:
    """What each disclosed service of a period cost at USD 200 (BEFORE_COLUMNS), without private rows; empty where there
    is no such period."""
    if period is None:
        return pd.DataFrame(columns=list(BEFORE_COLUMNS))
    earlier = held.of_period(basis, parse_period(period))
    names = ("quote_id", *BEFORE_COLUMNS)
    table = service_table(earlier, period=period, amount=200, basis=basis, as_of=held.as_of, columns=names)
    shown = ~table["private"].to_numpy(dtype=bool) & table["total_e8"].notna().to_numpy()
    return table.loc[shown, list(BEFORE_COLUMNS)].reset_index(drop=True)
