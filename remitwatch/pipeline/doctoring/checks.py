"""A check and what it found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from remitwatch.errors import RemitwatchError

State = Literal["ok", "warning", "fault"]


@dataclass(frozen=True)
class Check:
    """One check: its name, how it came out, what was found, and what to do (empty: nothing)."""

    name: str
    state: State
    found: str
    do: str = ""

    def as_json(self) -> dict[str, Any]:
        """The same for a machine."""
        return {"check": self.name, "state": self.state, "found": self.found, "do": self.do}


def ok(name: str, found: str) -> Check:
    """All is well."""
    return Check(name, "ok", found)


def warning(name: str, found: str, do: str) -> Check:
    """It works, and somebody should see to it."""
    return Check(name, "warning", found, do)


def fault(name: str, found: str, do: str) -> Check:
    """It does not work, or figures cannot be relied on."""
    return Check(name, "fault", found, do)


@contextmanager
def told(name: str, checks: list[Check]) -> Iterator[None]:
    """A fault of what is checked becomes the check's line; the other checks go on."""
    try:
        yield
    except RemitwatchError as error:
        found, _, do = str(error).partition("; ")
        checks.append(fault(name, found, do))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        checks.append(fault(name, f"{where}{error.strerror or error}", "check the disk and the rights of the folder"))
