"""Indicators: named statistics of observations (METHODOLOGY section 3), by scope and period, with the n behind them."""

from remitwatch.figures import SCOPES, FigureId, IndicatorRow, parse_figure_id, rounded
from remitwatch.indicators.change import Change, explain
from remitwatch.indicators.columns import Columns
from remitwatch.indicators.compute import indicators
from remitwatch.indicators.evidence import member_ids, members
from remitwatch.indicators.history import history, periods_present
from remitwatch.indicators.matched import MatchedPoint, matched_index
from remitwatch.indicators.observations import Observations
from remitwatch.indicators.selection import BREAKDOWNS, CODES
from remitwatch.indicators.tables import quarantine_table, service_table
from remitwatch.method import METHOD, Options

__all__ = [
    "BREAKDOWNS",
    "CODES",
    "METHOD",
    "SCOPES",
    "Change",
    "Columns",
    "FigureId",
    "IndicatorRow",
    "MatchedPoint",
    "Observations",
    "Options",
    "explain",
    "history",
    "indicators",
    "matched_index",
    "member_ids",
    "members",
    "parse_figure_id",
    "periods_present",
    "quarantine_table",
    "rounded",
    "service_table",
]
