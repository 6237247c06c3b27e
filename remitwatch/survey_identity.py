"""The identities of a whole survey: fee plus margin is the total, and the margin follows from the two rates.

Computed by columns in floating point; a price so near a limit that this could decide is computed exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from remitwatch.fields import Value
from remitwatch.identity import IDENTITY_TOLERANCE, margin_gap, total_gap
from remitwatch.survey import SurveyTable

LIMITS = (IDENTITY_TOLERANCE, Decimal("0.05"))
"""Percentage points: within the first, within the second, apart."""
UNCHECKED, CLOSE, NEAR, APART = -1, 0, 1, 2
Classes = NDArray[np.int8]
_FIGURES = {
    "total": ("fee", "send_amount", "fx_margin_pct", "total_cost_pct"),
    "margin": ("rate", "interbank_rate", "fx_margin_pct"),
}
_SURE = 1e-9  # of the size of the numbers: a thousand times what rounding can reach


class Agreement(Value):
    """How many rows were checked, and how far published and computed figures are apart, in percentage points."""

    checked: int
    within_0_01: int
    within_0_05: int
    apart: int


@dataclass(frozen=True)
class Identities:
    """Of each row of a survey the worse class of its prices (UNCHECKED, CLOSE, NEAR, APART), and whether it discloses
    its rate. `period` and `row` are the numbers of their values in the table."""

    period: NDArray[np.int64]
    row: NDArray[np.int64]
    disclosed: NDArray[np.bool_]
    total: Classes
    margin: Classes


def identities(table: SurveyTable) -> Identities:
    """Check both identities on every row of a table."""
    period, row = (table.columns[name] for name in ("period", "row"))
    key = period.codes.astype(np.int64) * max(len(row.values), 1) + row.codes
    rows, number = np.unique(key, return_inverse=True)
    return Identities(
        period=rows // max(len(row.values), 1),
        row=rows % max(len(row.values), 1),
        disclosed=np.bincount(number, weights=_disclosed(table), minlength=len(rows)) > 0,
        total=_worst(_total(table), number, len(rows)),
        margin=_worst(_margin(table), number, len(rows)),
    )


def agreement(classes: Classes) -> Agreement:
    """How many of some rows agree."""
    close, near, apart = (int((classes == one).sum()) for one in (CLOSE, NEAR, APART))
    return Agreement(checked=close + near + apart, within_0_01=close, within_0_05=close + near, apart=apart)


def _disclosed(table: SurveyTable) -> NDArray[np.bool_]:
    column = table.columns["transparent"]
    return np.array([bool(value) for value in column.values] or [False])[column.codes]


def _worst(classes: Classes, number: NDArray[np.int64], rows: int) -> Classes:
    worst = np.full(rows, UNCHECKED, np.int8)
    np.maximum.at(worst, number, classes)
    return worst


def gap(table: SurveyTable, place: int, what: str) -> Decimal | None:
    """By how many percentage points one price misses the identity of its `total` or of its `margin`, exactly; None
    where a figure for it is missing."""
    figures = [_exact(table, name, place) for name in _FIGURES[what]]
    known = [figure for figure in figures if figure is not None]
    if len(known) < len(figures) or (what == "margin" and known[1] == 0):
        return None
    return total_gap(*known) if what == "total" else margin_gap(*known)


def _total(table: SurveyTable) -> Classes:
    fee, amount, margin, total = (_floats(table, name) for name in _FIGURES["total"])
    share = fee / amount * 100
    return _classes(table, "total", np.abs(share + margin - total), np.abs(share) + np.abs(margin) + np.abs(total))


def _margin(table: SurveyTable) -> Classes:
    rate, interbank, margin = (_floats(table, name) for name in _FIGURES["margin"])
    share = rate / interbank * 100
    return _classes(table, "margin", np.abs(100 - share - margin), 100 + np.abs(share) + np.abs(margin))


def _classes(table: SurveyTable, what: str, gaps: NDArray[np.float64], size: NDArray[np.float64]) -> Classes:
    """The class of each gap; a gap that is not a number was not checked."""
    classes = np.full(len(gaps), UNCHECKED, np.int8)
    known = np.isfinite(gaps)
    classes[known] = CLOSE
    unsure = np.zeros(len(gaps), bool)
    for limit in LIMITS:
        classes[known & (gaps > float(limit))] += 1
        unsure |= known & (np.abs(gaps - float(limit)) < _SURE * (1 + size))
    for place in np.flatnonzero(unsure).tolist():
        true_gap = gap(table, place, what)
        assert true_gap is not None
        classes[place] = sum(true_gap > limit for limit in LIMITS)
    return classes


def _floats(table: SurveyTable, name: str) -> NDArray[np.float64]:
    column = table.columns[name]
    values = np.array([np.nan if value is None else float(value) for value in column.values] or [np.nan])
    found: NDArray[np.float64] = values[column.codes]
    return found


def _exact(table: SurveyTable, name: str, place: int) -> Decimal | None:
    column = table.columns[name]
    value = column.values[column.codes[place]]
    return None if value is None else Decimal(value)
