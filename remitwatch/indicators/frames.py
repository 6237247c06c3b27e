"""Figures as frames: what an edition takes, where there are hundreds of thousands of rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

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
    """The rows of `indicators` and `history` as plain cells in the order of CELLS, for `figure_columns`."""
    selection = select(scope=scopes, codes=codes, by=by)
    return list(
        cells_of(
            observations, checked_basis(basis), checked_amount(amount), periods, selection, as_of, options,
            empty_rows=empty_rows,
        )
    )  # fmt: skip


FigureColumns = Mapping[str, NDArray[np.object_]]
"""Figures by columns: the cells of each field of CELLS, equal ones one object where they are many."""


def figure_columns(rows: Sequence[Cells]) -> FigureColumns:
    """Rows of `figure_cells` by columns."""
    cells = zip(*rows, strict=True) if rows else [()] * len(CELLS)
    return {name: objects(column) for name, column in zip(CELLS, cells, strict=True)}


def objects(cells: Collection[Any]) -> NDArray[np.object_]:
    """These cells as an array, each as it is (numpy would take tuples apart)."""
    return np.fromiter(cells, dtype=np.object_, count=len(cells))


def joined(parts: Sequence[FigureColumns]) -> FigureColumns:
    """The figures of all parts, one after the other; all have the same columns."""
    if not parts:
        return figure_columns([])
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def figure_frame(figures: FigureColumns, columns: Sequence[str], label: str | None = None) -> pd.DataFrame:
    """These figures as a frame with these columns: fields of an indicator row, `basis` as text, and `id`, by which each
    is found again. `label` stands for the period of all of them."""
    import pandas as pd

    size = len(figures["period"])
    cells = dict(figures)
    names = {basis: basis.value for basis in set(cells["basis"])}
    cells["basis"] = objects([names[basis] for basis in cells["basis"].tolist()])
    cells["unit"] = np.full(size, "percent", dtype=np.object_)
    if "id" in columns:
        cells["id"] = objects(figure_ids({name: column.tolist() for name, column in cells.items()}))
    if label is not None:
        cells["period"] = np.full(size, label, dtype=np.object_)
    return pd.DataFrame({name: _column(name, cells[name]) for name in columns})


def _column(name: str, cells: NDArray[np.object_]) -> Any:
    import pandas as pd

    if name == "as_of" and len(cells):  # one moment or few: each becomes a time once
        codes, moments = pd.factorize(cells)
        return pd.DatetimeIndex(list(moments)).take(codes)
    return cells.astype(np.int64) if name in ("amount", "services", "providers", "corridors") else cells
