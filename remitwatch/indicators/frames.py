"""Figures as frames: what an edition takes, where there are hundreds of thousands of rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from remitwatch.figures import figure_ids
from remitwatch.indicators.compute import CELLS, Cells, cells_of
from remitwatch.indicators.observations import Observations, checked_amount, checked_basis
from remitwatch.indicators.selection import select
from remitwatch.method import DEFAULT_OPTIONS, Options
from remitwatch.periods import Period
from remitwatch.quotes import Basis

if TYPE_CHECKING:
    import pandas as pd


def figure_cells(
    observations: Observations,
    *,
    basis: Basis,
    amount: int,
    periods: Sequence[Period],
    scopes: Sequence[str],
    codes: Iterable[str] | None = None,
    by: str | None = None,
    as_of: dt.datetime,
    options: Options = DEFAULT_OPTIONS,
    empty_rows: bool = False,
) -> list[Cells]:
    """The rows of `indicators` and `history` as plain cells in the order of CELLS, for `figure_frame`."""
    selection = select(scope=scopes, codes=codes, by=by)
    return list(
        cells_of(
            observations, checked_basis(basis), checked_amount(amount), periods, selection, as_of, options,
            empty_rows=empty_rows,
        )
    )  # fmt: skip


def figure_frame(rows: Sequence[Cells], columns: Sequence[str], label: str | None = None) -> pd.DataFrame:
    """These rows as a frame with these columns: fields of an indicator row, `basis` as text, and `id`, by which each is
    found again. `label` stands for the period of all of them."""
    import pandas as pd

    cells: dict[str, Sequence[Any]] = dict.fromkeys(CELLS, ())
    if rows:
        cells = dict(zip(CELLS, zip(*rows, strict=True), strict=True))
    cells["basis"] = tuple(one.value for one in cells["basis"])
    cells["unit"] = ("percent",) * len(rows)
    if "id" in columns:
        cells["id"] = figure_ids(cells)
    if label is not None:
        cells["period"] = (label,) * len(rows)
    return pd.DataFrame({name: _column(name, cells[name]) for name in columns})


def _column(name: str, cells: Sequence[Any]) -> Any:
    if name == "as_of":
        return list(cells)
    kind = np.int64 if name in ("amount", "services", "providers", "corridors") else np.object_
    return np.fromiter(cells, dtype=kind, count=len(cells))
