"""Flows in force: the newest accepted run of a series and year takes the place of the earlier ones, whole."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from sqlalchemy import Connection, Subquery, func, select

from db.frames import run_in_force
from db.tables import FlowRow, RunRow, table
from remitwatch.flows import FlowTable

_FLOW, _RUN = table(FlowRow), table(RunRow)


def tables(connection: Connection, as_of: dt.datetime | None) -> pd.DataFrame:
    """Which series and years are in force: columns series, year, run_id; the newest year first, then the newest run."""
    newest = _newest(as_of)
    found = connection.execute(select(newest).order_by(newest.c.year.desc(), newest.c.run_id.desc(), newest.c.series))
    return pd.DataFrame([tuple(row) for row in found], columns=["series", "year", "run_id"])


def table_of(connection: Connection, series: str, year: int, as_of: dt.datetime | None) -> FlowTable | None:
    """The flows of a series and year; None when there are none."""
    newest = _newest(as_of)
    wanted = (
        select(_FLOW.c.run_id, _FLOW.c.sender, _FLOW.c.receiver, _FLOW.c.value)
        .join(newest, (newest.c.run_id == _FLOW.c.run_id) & (newest.c.series == _FLOW.c.series))
        .where(newest.c.series == series, newest.c.year == year, _FLOW.c.year == year)
        .order_by(_FLOW.c.sender, _FLOW.c.receiver)
    )
    rows = connection.execute(wanted).all()
    if not rows:
        return None
    return FlowTable(series, year, {f"{row.sender}-{row.receiver}": row.value for row in rows}, rows[0].run_id)


def _newest(as_of: dt.datetime | None) -> Subquery:
    return (
        select(_FLOW.c.series, _FLOW.c.year, func.max(_FLOW.c.run_id).label("run_id"))
        .join(_RUN, _RUN.c.id == _FLOW.c.run_id)
        .where(run_in_force(as_of))
        .group_by(_FLOW.c.series, _FLOW.c.year)
        .subquery()
    )
