"""Reference tables: facts with their source and date, kept as data files beside this one.

Every csv starts with comment lines (`# source: ...`, `# as_of: ...`): where the facts come from and when they held.
A fact that is not known is an empty cell; one that was written from memory carries `unverified` in its row.
"""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def read_text(name: str) -> str:
    """The text of the reference file `name` (UTF-8)."""
    return files(__name__).joinpath(name).read_text("utf-8")


def names() -> list[str]:
    """The names of all reference tables, in order."""
    return sorted(file.name for file in files(__name__).iterdir() if file.name.endswith((".csv", ".toml")))


@cache
def read_rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of the reference csv `name`, every cell as text (an empty cell is '')."""
    return csv_rows(read_text(name))


def csv_rows(text: str) -> tuple[dict[str, str], ...]:
    """The rows of a reference csv given as text: its comment lines are left out."""
    return tuple(csv.DictReader(line for line in text.splitlines() if line and not line.startswith("#")))


@cache
def read_notes(name: str) -> dict[str, str]:
    """The `# key: value` lines at the head of the reference csv `name`: source, as_of, vintage ..."""
    notes: dict[str, str] = {}
    for line in read_text(name).splitlines():
        if not line.startswith("#"):
            break
        key, _, value = line.lstrip("# ").partition(":")
        notes[key.strip()] = value.strip()
    return notes


@cache
def read_toml(name: str) -> dict[str, Any]:
    """The content of the reference toml `name`."""
    return tomllib.loads(read_text(name))
