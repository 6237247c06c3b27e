"""Evidence: from a figure back to the observations behind it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from remitwatch.errors import InputError
from remitwatch.figures import FigureId, IndicatorRow, parse_figure_id
from remitwatch.indicators.compute import outcome_of
from remitwatch.indicators.observations import Observations, prepared
from remitwatch.indicators.selection import Selection, find_indicator, group_units
from remitwatch.method import options_of
from remitwatch.periods import parse_period


def members(frame: pd.DataFrame | Observations, figure: str | FigureId | IndicatorRow) -> pd.DataFrame:
    """The observations behind a figure: rows of the frame, of every day that counts, in the panel's order.

    For SmaRT those in its slots; for averages the disclosed services; for shares every service that is counted.
    Private rows are among them, and those of a figure that is withheld too: whoever shows them hides what is private.
    Empty when the figure rests on nothing. Raises InputError for an id that names no figure of this method.
    """
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
    grouping = group_units(units, Selection((wanted.scope,), (wanted.indicator,), by=wanted.breakdown), wanted.scope)
    group = grouping.number(subject or "", wanted.group)
    rows = units.panel.rows
    if group is None:
        return rows.iloc[:0]
    _, outcome, _ = outcome_of(units, grouping, indicator, wanted.scope, options)
    behind = np.isin(units.unit_of, outcome.used.unit[outcome.used.group == group])
    if indicator.of_costs:
        behind &= units.panel.disclosed[units.row_at]
    return rows.iloc[np.sort(units.row_at[behind])]
