"""The digest of frames, row by row: by it an edition knows whether its figures, and its pages, are those of before."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_OF_EDITION = ("as_of", "id")
"""Columns of figures that say when they were computed: no page shows them."""


def of_rows(frames: Sequence[pd.DataFrame]) -> str:
    """The digest of whole frames, row by row; when their figures were computed apart."""
    sha = hashlib.sha256()
    for frame in frames:
        sha.update(repr((tuple(frame.columns), len(frame))).encode())
        sha.update(_row_hashes(_of_data(frame)).tobytes())
    return sha.hexdigest()[:32]


def _of_data(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame without what says when its figures were computed."""
    return frame.drop(columns=list(_OF_EDITION)) if "as_of" in frame and "id" in frame else frame


def _row_hashes(frame: pd.DataFrame) -> NDArray[np.uint64]:
    """A 64-bit hash of each row: of its cells' hashes, each turned by the place of its column."""
    total = np.zeros(len(frame), dtype=np.uint64)
    for name in frame.columns:
        total = total * np.uint64(1_000_003) ^ _cell_hashes(frame[name])
    return total


def _cell_hashes(column: pd.Series) -> NDArray[np.uint64]:
    """A hash of each cell: few distinct ones are hashed once."""
    codes, values = pd.factorize(column, use_na_sentinel=False)
    texts = np.array([ascii(value) for value in values], dtype=object)
    found: NDArray[np.uint64] = pd.util.hash_array(texts, categorize=False)[codes]
    return found
