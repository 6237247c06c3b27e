"""Countries by the names that publishers give them: only what is certain (reference/country_names.csv)."""

from __future__ import annotations

import difflib
from functools import cache
from typing import Literal, NamedTuple

from remitwatch.reference import read_rows

What = Literal["country", "total", "no_code"]


class Named(NamedTuple):
    """What a name stands for: a country with its code; a total of countries, or a place without a code of its own,
    both with code ''."""

    code: str
    what: What


def named(name: str) -> Named:
    """What stands behind a name, whatever its case and spaces. Raises ValueError for an unknown one, with the nearest
    known names: they are told, never taken."""
    found = _names().get(_plain(name))
    if found is None:
        near = difflib.get_close_matches(_plain(name), _names(), n=3)
        known = f": nearest known: {', '.join(_as_written()[one] for one in near)}" if near else ""
        raise ValueError(f"unknown country name {name!r}{known}")
    return found


def _plain(name: str) -> str:
    return " ".join(name.replace("’", "'").casefold().split())


@cache
def _names() -> dict[str, Named]:
    found = {
        _plain(row[column]): Named(row["code"], "country")
        for column in ("name", "worldbank_name")
        for row in read_rows("countries.csv")
        if row[column]
    }
    return found | {_plain(row["name"]): Named(row["code"], row["what"]) for row in read_rows("country_names.csv")}  # type: ignore[arg-type]


@cache
def _as_written() -> dict[str, str]:
    """The names in the spelling of the tables."""
    rows = (*read_rows("countries.csv"), *read_rows("country_names.csv"))
    return {
        _plain(row[column]): row[column] for row in rows for column in ("name", "worldbank_name") if row.get(column)
    }
