"""Evidence: from a figure back to the observations behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from remitwatch.errors import InputError
from remitwatch.figures import FigureId, IndicatorRow, parse_figure_id
from remitwatch.indicators.columns import Columns
from remitwatch.indicators.compute import outcome_of
from remitwatch.indicators.observations import Observations, prepared
from remitwatch.indicators.selection import Selection, find_indicator, group_units
from remitwatch.indicators.where import where_of
from remitwatch.method import options_of
from remitwatch.periods import parse_period

if TYPE_CHECKING:
    import pandas as pd


def members(frame: pd.DataFrame | Columns | Observations, figure: str | FigureId | IndicatorRow) -> pd.DataFrame:
    """The observations behind a figure: rows of the frame, of every day that counts, in the panel's order.

    For SmaRT those in its slots; for averages the disclosed services; for shares every service that is counted.
    Private rows are among them, and those of a figure that is withheld too: whoever shows them hides what is private.
    Empty when the figure rests on nothing. Raises InputError for an id that names no figure of this method.
    """
    return _members(frame, figure).frame()


def member_ids(frame: pd.DataFrame | Columns | Observations, figure: str | FigureId | IndicatorRow) -> list[int]:
    """The numbers of their quotes. Raises as `members` does."""
    found: list[int] = _members(frame, figure).whole("quote_id").tolist()
    return found


def _members(frame: pd.DataFrame | Columns | Observations, figure: str | FigureId | IndicatorRow) -> Columns:
    observations = prepared(frame)
    wanted = figure.figure if isinstance(figure, IndicatorRow) else figure
    wanted = parse_figure_id(wanted) if isinstance(wanted, str) else wanted
    indicator = find_indicator(wanted.indicator, wanted.scope)
    if indicator is None:
        raise InputError(f"figure id {wanted}: there is no indicator {wanted.indicator} for scope {wanted.scope}")
    try:
        options = options_of(wanted.method)
    except ValueError as error:
        raise InputError(f"figure id {wanted}: {error}") from None
    subject = {
        "world": "",
        "sender": wanted.sender,
        "receiver": wanted.receiver,
        "region": wanted.region,
        "corridor": f"{wanted.sender}-{wanted.receiver}",
    }[wanted.scope]
    units = observations.units(wanted.basis, wanted.amount, parse_period(wanted.period), wanted.as_of)
    where = where_of(wanted.where)
    selection = Selection((wanted.scope,), (wanted.indicator,), by=wanted.breakdown, where=where)
    grouping = group_units(units, selection, wanted.scope, options)
    group = grouping.number(subject or "", wanted.group)
    columns = units.panel.columns
    if group is None:
        return columns.taking(units.row_at[:0])
    _, outcome, _ = outcome_of(units, grouping, indicator, wanted.scope, options)
    behind = np.isin(units.unit_of, outcome.used.unit[outcome.used.group == group])
    if indicator.of_costs:
        behind &= units.panel.disclosed[units.row_at]
    return columns.taking(np.sort(units.row_at[behind]))
