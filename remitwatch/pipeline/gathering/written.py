"""Figures by columns as JSON holds them: of each column what stands in it, once, and by row which of them it is.

Written by rows, hundreds of thousands of figures take ten times as long to read, and as many objects for each cell.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from sys import intern
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remitwatch.indicators.compute import CELLS
from remitwatch.indicators.frames import FigureColumns, objects
from remitwatch.quotes import Basis

_GIVEN = ("basis", "as_of", "where")
"""The same in all rows: not written. None is of a restricted population (`where`)."""
_TEXT_OF: Mapping[str, Callable[[Any], Any]] = {"value": str, "coverage": str, "flags": "+".join}
_CELL_OF: Mapping[str, Callable[[Any], Any]] = {
    "value": Decimal,
    "coverage": Decimal,
    "flags": lambda text: tuple(text.split("+")) if text else (),
}


def written_figures(figures: FigureColumns) -> dict[str, Any]:
    """What JSON keeps of figures of one basis that were computed at one time."""
    return {name: _written(figures[name].tolist(), _TEXT_OF.get(name)) for name in CELLS if name not in _GIVEN}


def _written(cells: Sequence[Any], text_of: Callable[[Any], Any] | None) -> list[Any]:
    numbers: dict[Any, int] = {}
    codes = [
        numbers.setdefault(cell if cell is None or text_of is None else text_of(cell), len(numbers)) for cell in cells
    ]
    return [list(numbers), base64.b64encode(np.array(codes, dtype="<i4").tobytes()).decode()]


def read_figures(written: Mapping[str, tuple[list[Any], str]], basis: Basis, as_of: dt.datetime) -> FigureColumns:
    """The figures as they were, as computed at `as_of`."""
    found = {name: _column(once, codes, _CELL_OF.get(name, _same)) for name, (once, codes) in written.items()}
    size = len(found["period"])
    given = dict(zip(_GIVEN, (basis, as_of, None), strict=True))
    return {name: found[name] if name in found else objects([given[name]] * size) for name in CELLS}


def _column(once: list[Any], codes: str, cell_of: Callable[[Any], Any]) -> NDArray[np.object_]:
    cells = objects([None if one is None else cell_of(one) for one in once])
    found: NDArray[np.object_] = cells[np.frombuffer(base64.b64decode(codes), dtype="<i4")]
    return found


def _same(cell: Any) -> Any:
    """A cell that is kept as it is; equal texts of many files are one object."""
    return intern(cell) if type(cell) is str else cell
