"""What is made of each of many values, of the same ones once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

Made = TypeVar("Made")


class MadeOnce(dict[Any, Made], Generic[Made]):
    """Read like a dict, it gives what `make` makes of a value, made when it is first asked for. Values that are equal
    count as the same: 1.5 and 1.50 do."""

    def __init__(self, make: Callable[[Any], Made]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, value: Any) -> Made:
        made = self[value] = self._make(value)
        return made
