"""A population restricted to services of a kind: `payment_instrument=cash` and `provider_type=bank` together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from remitwatch.errors import InputError

_BETWEEN = ";"


@dataclass(frozen=True)
class Where:
    """The restriction: pairs of column and group, by column; a service must be in all of the groups."""

    parts: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return _BETWEEN.join(f"{column}={group}" for column, group in self.parts)


NOWHERE = Where()


def read_where(given: Iterable[str], groups_of: Callable[[str], Iterable[str]]) -> Where:
    """The restriction of `column=group` each. `groups_of` tells the groups of a column and refuses an unknown column.

    Raises InputError for anything else, for a group that is not there, and for a column given twice.
    """
    found: dict[str, str] = {}
    for text in given:
        column, equals, group = (part.strip() for part in text.partition("="))
        if not equals or not group:
            raise InputError(f"where {text!r}: expected COLUMN=GROUP, such as provider_type=bank")
        if column in found:
            raise InputError(f"where {text!r}: {column} is given twice")
        known = sorted(groups_of(column))
        named = next((one for one in known if one.casefold() == group.casefold()), None)
        if named is None:
            listed = ", ".join(known[:30]) + (" ..." if len(known) > 30 else "")
            raise InputError(f"where {text!r}: expected one of {listed or 'nothing: no price is held'}")
        found[column] = named
    return Where(tuple(sorted(found.items())))


def where_of(text: str | None) -> Where:
    """The restriction that a row names. Raises InputError."""
    if text is None:
        return NOWHERE
    pairs = [part.partition("=") for part in text.split(_BETWEEN)]
    if not all(column and equals and group for column, equals, group in pairs):
        raise InputError(f"where {text!r}: expected COLUMN=GROUP, joined by {_BETWEEN}")
    return Where(tuple((column, group) for column, _, group in pairs))
