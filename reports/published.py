"""The figures file of an edition: every figure it published, so that a later edition can say which of them changed.

`figures.csv.gz` is a csv with the columns FIGURE_COLUMNS, values with every decimal, empty where a figure had none. The
same figures give the same bytes.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remitwatch.errors import StorageError
from reports.column_texts import column_texts
from reports.inputs import BasisInput
from reports.wording import csv_quoted

FIGURES_FILE = "figures.csv.gz"
FIGURE_COLUMNS = (
    "basis", "indicator", "scope", "sender", "receiver", "region", "breakdown", "group", "period", "amount", "value",
)  # fmt: skip
"""What selects a figure, and its value in per cent."""
_SELECTS = FIGURE_COLUMNS[:-1]
_LARGEST = 1 << 62
_PART = 1 << 13
"""Rows that are held as texts at a time."""


def published_figures(bases: Sequence[BasisInput]) -> pd.DataFrame:
    """Every figure of these bases, of the period shown and of earlier ones: FIGURE_COLUMNS, all text, '' where a field
    does not apply or a figure has no value."""
    parts = [pd.DataFrame(columns=list(FIGURE_COLUMNS), dtype=object), *figure_parts(bases)]
    return pd.concat(parts, ignore_index=True)


def figure_parts(bases: Sequence[BasisInput]) -> Iterator[pd.DataFrame]:
    """The figures of `published_figures`, one part after the other."""
    for made in bases:
        for frame in (made.indicators, made.history[made.history["period"] != made.period]):
            for first in range(0, len(frame), _PART):
                part = frame.iloc[first : first + _PART]
                texts: dict[str, Any] = {name: column_texts(part[name], _text) for name in _SELECTS}
                texts["value"] = list(map(_text, part["value"].tolist()))
                yield pd.DataFrame(texts, dtype=object)


def _text(cell: object) -> str:
    return "" if cell is None or cell != cell else str(cell)


def figures_file(parts: Iterable[pd.DataFrame]) -> bytes:
    """The bytes of the file of these figures, written one part after the other."""
    content = io.BytesIO()
    with (
        gzip.GzipFile("", "wb", 6, content, mtime=0) as packed,
        io.TextIOWrapper(packed, "utf-8", "replace", "\n") as text,
    ):
        text.write(",".join(FIGURE_COLUMNS) + "\n")
        for figures in parts:
            texts = {name: figures[name].tolist() for name in FIGURE_COLUMNS}
            for name in ("region", "group"):
                texts[name] = list(map(csv_quoted, texts[name]))
            text.writelines([f"{row}\n" for row in map(",".join, zip(*texts.values(), strict=True))])
    return content.getvalue()


def read_figures_file(path: Path) -> pd.DataFrame:
    """The figures of a published edition, as `published_figures` gives them. Raises StorageError when the file is
    absent or not whole."""
    try:
        body = gzip.decompress(path.read_bytes())
        frame = pd.read_csv(io.BytesIO(body), dtype=str, keep_default_na=False, na_filter=False)
    except (OSError, EOFError, ValueError) as error:
        raise StorageError(f"{path}: not readable ({error}): restore the edition or move it away") from None
    if tuple(frame.columns) != FIGURE_COLUMNS:
        raise StorageError(f"{path}: expected the columns {', '.join(FIGURE_COLUMNS)}")
    return frame.astype(object)


def numbered(
    one: pd.DataFrame, other: pd.DataFrame, columns: Sequence[str] = _SELECTS
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A number for each row of two such frames: the same where rows have the same texts in these columns (by default
    those that select a figure), and only there."""
    numbers = np.zeros(len(one) + len(other), dtype=np.int64)
    most = 1
    for name in columns:
        codes, texts = pd.factorize(np.concatenate([one[name].to_numpy(), other[name].to_numpy()]))
        if most * len(texts) >= _LARGEST:
            numbers, known = pd.factorize(numbers)
            most = len(known)
        numbers = numbers * len(texts) + codes
        most *= len(texts)
    return numbers[: len(one)], numbers[len(one) :]
