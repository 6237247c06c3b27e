"""The cells of a column as texts, what stands in it many times made once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def column_texts(column: pd.Series, text: Callable[[Any], str]) -> NDArray[np.object_]:
    """The text of each cell. `text` is asked once for all cells that are the same; it must not matter to it of which
    of them."""
    places, known = pd.factorize(column, use_na_sentinel=False)
    return np.array([text(value) for value in known.tolist()], dtype=object)[places]
