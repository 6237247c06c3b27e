"""Change points: has a service left the level of its own past for good? Robust, so that a single odd day is none.

The recent days are the last RECENT on which the service had a cost, the past those of `days` days before them. Both
levels are medians. The past's spread is the median absolute deviation from its median, MAD; a cost x is far away where

    0.6745 |x - median| / MAD > 3.5

(the modified z-score and its limit: Iglewicz and Hoaglin, How to Detect and Handle Outliers, ASQC 1993). Prices often
stand still, and then MAD is 0: LEAST_MAD takes its place, below which a move says nothing. A change point: every recent
cost is far away on the same side, and the levels differ by more than the rule's threshold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from remitwatch.indicators.exact import BoolArray, FloatArray

RECENT = 3
FEWEST = 8
"""A past of fewer days with a cost says nothing."""
FAR = 3.5
LEAST_MAD = 5_000_000.0
"""0.05 percentage points, in 1e-8 per cent."""


@dataclass(frozen=True)
class Levels:
    """By service: whether it can be judged, its level before and now (1e-8 per cent), and whether every recent cost is
    far from the past on one side."""

    judged: BoolArray
    before: FloatArray
    now: FloatArray
    left: BoolArray


def levels(costs: FloatArray, days: int) -> Levels:
    """The levels at the last column of a matrix, services by days, of costs in 1e-8 per cent (NaN: none that day).

    A service is judged on a day on which it has a cost.
    """
    rows, width = costs.shape
    shown = ~np.isnan(costs)
    rank = np.cumsum(shown[:, ::-1], axis=1)[:, ::-1]  # 1 at the newest cost, 2 at the one before ...
    recent = shown & (rank <= RECENT)
    first = np.where(recent.any(axis=1), recent.argmax(axis=1), width)  # the column of the oldest recent one
    column = np.arange(width)
    past = shown & (column < first[:, None]) & (column >= (first - days)[:, None])
    judged = (recent.sum(axis=1) == RECENT) & (past.sum(axis=1) >= FEWEST)
    if width:
        judged &= shown[:, -1]
    before, now, left = np.full(rows, np.nan), np.full(rows, np.nan), np.zeros(rows, dtype=bool)
    at = np.flatnonzero(judged)
    if len(at):
        old = np.where(past[at], costs[at], np.nan)
        new = np.where(recent[at], costs[at], np.nan)
        before[at], now[at] = np.nanmedian(old, axis=1), np.nanmedian(new, axis=1)
        spread = np.nanmedian(np.abs(old - before[at][:, None]), axis=1)
        reach = FAR / 0.6745 * np.maximum(spread, LEAST_MAD)
        low, high = np.nanmin(new, axis=1), np.nanmax(new, axis=1)
        left[at] = (low > before[at] + reach) | (high < before[at] - reach)
    return Levels(judged, before, now, left)
