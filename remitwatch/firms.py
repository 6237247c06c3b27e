"""Firms that changed their name: reference/firm_aliases.csv, so that a service goes on under one key."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from remitwatch.reference import read_rows
from remitwatch.services import provider_key

_SHORTEST = 7
"""Shorter names are near to too many others."""


@cache
def aliases() -> dict[str, str]:
    """The key of a former or other name -> the key of the name in use."""
    return {provider_key(row["name"]): provider_key(row["firm"]) for row in read_rows("firm_aliases.csv")}


def firm_key(name: str) -> str:
    """The key of the firm of this name, under whichever of its names it comes. Raises ValueError for no name at all."""
    key = provider_key(name)
    return aliases().get(key, key)


def near_matches(keys: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of firms whose keys differ by one letter (put in, left out or another) or only by where words are parted.

    Perhaps one firm, perhaps two: they are for a person to look at, and nothing is joined. Names of a few letters and
    those that differ in a number or a word of one letter (`bank_a`, `bank_b`) are not told.
    """
    known = sorted(set(keys))
    near: dict[str, list[str]] = {}
    for key in known:
        plain = key.replace("_", "")
        if len(plain) >= _SHORTEST:
            for form in {plain, *(plain[:at] + plain[at + 1 :] for at in range(len(plain)))}:
                near.setdefault(form, []).append(key)
    pairs = {(first, second) for some in near.values() for first in some for second in some if first < second}
    return sorted(pair for pair in pairs if _one_apart(*pair) and not _meant(*pair))


def _one_apart(first: str, second: str) -> bool:
    """Whether one letter put in, left out or changed makes the one the other: two different left out may be two."""
    one, other = sorted((first.replace("_", ""), second.replace("_", "")), key=len)
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    return one[start + (len(one) == len(other)) :] == other[start + 1 :] if one != other else True


def _meant(first: str, second: str) -> bool:
    """Whether the difference looks like one that is meant: other digits, or other words of one letter."""

    def marks(key: str) -> list[str]:
        return [word for word in key.split("_") if len(word) == 1 or word.isdigit()]

    return marks(first) != marks(second) or [a for a in first if a.isdigit()] != [b for b in second if b.isdigit()]
