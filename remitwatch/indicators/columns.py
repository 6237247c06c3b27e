"""The observation frame by columns: texts as numbers into their distinct labels, everything else as plain arrays.

Figures are computed from these; a pandas frame is made only for those who want to see rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from remitwatch.indicators.exact import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    import pandas as pd

NO_TIME = -(2**63)
"""A missing time or day (NaT)."""

TEXTS = (
    "snapshot", "source", "basis", "provider_name", "provider_type", "speed", "coverage", "service", "survey_period",
    "survey_row", "region", "sender_region", "income_group", "fee_model", "note", "reference_source", "reference_how",
    "flags", "provider", "sender", "receiver", "send_currency", "receive_currency", "payment_instrument",
    "access_point", "pickup_method", "product", "corridor",
)  # fmt: skip
WHOLE = ("quote_id", "run_id", "tier")
YES_NO = ("transparent", "private")
NUMBERS = (
    "send_amount", "fee_e8", "margin_e8", "total_e8", "received_e8", "rate", "receive_amount", "fee", "reference_rate",
)  # fmt: skip
DAYS = ("day", "reference_date")
TIMES = ("quoted_at", "fetched_at")

FRAME = (
    "quote_id", "run_id", "snapshot", "source", "basis", "tier", "sender", "receiver", "corridor", "send_currency",
    "receive_currency", "send_amount", "provider", "provider_name", "provider_type", "payment_instrument",
    "access_point", "pickup_method", "speed", "coverage", "product", "service", "day", "survey_period", "region",
    "sender_region", "income_group", "transparent", "private", "fee_e8", "margin_e8", "total_e8", "received_e8", "rate",
    "receive_amount", "fee", "fee_model", "reference_rate", "reference_source", "reference_date", "reference_how",
    "quoted_at", "fetched_at", "flags", "survey_row", "note",
)  # fmt: skip
"""The columns of the observation frame, in its order."""
FIGURES = (
    "quote_id", "tier", "basis", "source", "service", "survey_period", "survey_row", "day", "quoted_at", "fetched_at",
    "flags", "transparent", "private", "fee_e8", "margin_e8", "total_e8", "provider", "provider_name", "provider_type",
    "payment_instrument", "access_point", "pickup_method", "product", "speed", "coverage", "corridor", "sender",
    "receiver", "region", "sender_region", "income_group",
)  # fmt: skip
"""The columns that figures are computed from; rows are shown with all of `FRAME`."""


@dataclass(frozen=True)
class Labels:
    """A text column as codes into its sorted distinct labels."""

    codes: IntArray
    names: tuple[str, ...]

    def code(self, name: str) -> int:
        """The code of a label, -1 when no row has it."""
        return self.names.index(name) if name in self.names else -1

    def taking(self, rows: IntArray) -> Labels:
        """Of these rows, with those labels only that they have."""
        return _with_own_names(self.codes[rows], self.names)

    @classmethod
    def of(cls, codes: IntArray, names: list[str]) -> Labels:
        """Of codes into labels in any order that may repeat; the code -1 is the missing text, ''."""
        every = [*names, ""]
        ordered = sorted(set(every))
        place = {name: at for at, name in enumerate(ordered)}
        number = np.array([place[name] for name in every], dtype=np.int64)
        return _with_own_names(number[codes], tuple(ordered))

    @classmethod
    def joined(cls, parts: Sequence[Labels]) -> Labels:
        """The labels of all parts, one after the other."""
        names = tuple(sorted({name for part in parts for name in part.names}))
        place = {name: at for at, name in enumerate(names)}
        codes = [np.array([place[name] for name in part.names], dtype=np.int64)[part.codes] for part in parts]
        return _with_own_names(np.concatenate(codes), names)


def _with_own_names(codes: IntArray, names: tuple[str, ...]) -> Labels:
    """Labels with those names only that some row has."""
    held = np.zeros(len(names), dtype=bool)
    held[codes] = True
    if held.all():
        return Labels(codes, names)
    renumbered = np.cumsum(held) - 1
    return Labels(renumbered[codes], tuple(names[at] for at in np.flatnonzero(held)))


Column = Labels | NDArray[Any]
Rest = Callable[[IntArray, Sequence[str]], "Columns"]
"""What gives the columns of these names of some quotes, by their numbers."""


class Columns:
    """Rows of the observation frame. A column is fetched when it is first asked for.

    `fetch` gives a column by its name (texts as Labels, days and times as whole numbers of days or microseconds since
    1970, `NO_TIME` where there is none). `origin` is the frame that the rows were taken from, where there is one.
    `rest`: where only the columns of FIGURES are held, what gives others of some rows, by their quote ids.
    """

    def __init__(
        self,
        size: int,
        fetch: Callable[[str], Column],
        origin: pd.DataFrame | None = None,
        rest: Rest | None = None,
    ) -> None:
        self._size = size
        self._fetch = fetch
        self._origin = origin
        self._rest = rest
        self._held: dict[str, Column] = {}

    @classmethod
    def of_frame(cls, frame: pd.DataFrame) -> Columns:
        """The columns of a frame (see db.queries.observations); missing text is ''."""
        return cls(len(frame), lambda name: _of_series(name, frame[name]), frame)

    def __len__(self) -> int:
        return self._size

    def _column(self, name: str) -> Any:
        if name not in self._held:
            self._held[name] = self._fetch(name)
        return self._held[name]

    def labels(self, name: str) -> Labels:
        """A text column."""
        found: Labels = self._column(name)
        return found

    def whole(self, name: str) -> IntArray:
        """A column of whole numbers, days or times."""
        found: IntArray = self._column(name)
        return found

    def numbers(self, name: str) -> FloatArray:
        """A column of numbers, NaN where there is none."""
        found: FloatArray = self._column(name)
        return found

    def yes_no(self, name: str) -> BoolArray:
        """A column of yes and no."""
        found: BoolArray = self._column(name)
        return found

    def taking(self, rows: IntArray) -> Columns:
        """These rows, in this order."""

        def fetch(name: str) -> Column:
            column: Column = self._column(name)
            return column.taking(rows) if isinstance(column, Labels) else column[rows]

        return Columns(len(rows), fetch, None if self._origin is None else self._origin.iloc[rows], self._rest)

    def only(self, rows: IntArray, names: Sequence[str]) -> Columns:
        """These rows, in this order, of these columns alone: what they were taken from can be let go."""
        taken = self.taking(rows)
        return Columns(len(rows), {name: taken._column(name) for name in names}.__getitem__, None, self._rest)

    def relabelled(self, name: str, labels: Labels) -> Columns:
        """The same rows with another text column of this name."""
        return Columns(self._size, lambda other: labels if other == name else self._column(other), None, self._rest)

    @classmethod
    def joined(cls, parts: Sequence[Columns], rest: Rest | None = None) -> Columns:
        """The rows of all parts, one after the other; of the columns of FIGURES."""

        def fetch(name: str) -> Column:
            if not parts:
                return _nothing(name)
            if name not in TEXTS:
                return np.concatenate([part._column(name) for part in parts])
            return Labels.joined([part.labels(name) for part in parts])

        return cls(sum(map(len, parts)), fetch, None, rest)

    def frame(self, names: Sequence[str] = FRAME) -> pd.DataFrame:
        """The rows as a frame of these columns: of that which they came from, where there is one."""
        if self._origin is not None:
            return self._origin[list(names)] if names is not FRAME else self._origin
        import pandas as pd

        text = pd.Series([], dtype="str").dtype
        made: dict[str, Any] = {}
        others = self
        if self._rest is not None and (rest := [name for name in names if name not in FIGURES]):
            others = self._rest(self.whole("quote_id"), rest)
        for name in names:
            column = (self if name in FIGURES else others)._column(name)
            if isinstance(column, Labels):
                cells = np.array([*column.names, ""], dtype=object)[column.codes]
                made[name] = pd.Series(cells, dtype=text)
            elif name in DAYS:
                missing = column == NO_TIME
                days = np.where(missing, 0, column).astype("datetime64[D]").astype("datetime64[us]")
                days[missing] = np.datetime64("NaT")
                made[name] = pd.Series(days)
            elif name in TIMES:
                made[name] = pd.Series(pd.DatetimeIndex(column.view("datetime64[us]")).tz_localize("UTC"))
            else:
                made[name] = pd.Series(column)
        return pd.DataFrame(made)


def _nothing(name: str) -> Column:
    """A column without rows."""
    if name in TEXTS:
        return Labels(np.zeros(0, dtype=np.int64), ())
    return np.zeros(0, dtype=bool if name in YES_NO else np.float64 if name in NUMBERS else np.int64)


def _of_series(name: str, column: pd.Series) -> Column:
    if name in YES_NO:
        return column.to_numpy(dtype=bool)
    if name in WHOLE:
        return column.to_numpy(dtype=np.int64)
    if name in NUMBERS:
        return column.to_numpy(dtype=np.float64)
    if name in DAYS:
        return column.to_numpy(dtype="datetime64[D]").astype(np.int64)
    if name in TIMES:
        return _times(column)
    return _labels(column)


def _labels(column: pd.Series) -> Labels:
    import pandas as pd

    codes, names = pd.factorize(column, sort=True)
    if len(codes) and codes.min() < 0:
        return _labels(column.astype(object).where(column.notna(), ""))
    return Labels(codes.astype(np.int64), tuple(str(name) for name in names))


def _times(column: pd.Series) -> IntArray:
    """Microseconds since 1970 in UTC."""
    import pandas as pd

    if not len(column) or column.isna().all():
        return np.full(len(column), NO_TIME, dtype=np.int64)
    times = pd.to_datetime(column, utc=True, format=None if column.dtype.kind == "M" else "ISO8601")
    found: IntArray = times.dt.tz_localize(None).to_numpy(dtype="datetime64[us]").astype(np.int64)
    return found
