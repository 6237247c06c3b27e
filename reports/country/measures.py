"""The titles of the shipped policy measures as messages, for `make catalogues` (reports/locale/babel.cfg)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import IO, Any


def titles(
    file: IO[bytes], keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[int, str, str, list[str]]]:
    """What Babel asks of an extractor: line, function, message and comments of every row of events.csv."""
    lines = [line for line in file.read().decode("utf-8").splitlines(keepends=True) if not line.startswith("#")]
    for number, row in enumerate(csv.DictReader(lines), 2):
        yield number, "_", row["title"], []
