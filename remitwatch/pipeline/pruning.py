"""The retention policy of the archive: which bodies may go. What figures rest on stays, unless told otherwise."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from remitwatch.errors import InputError
from remitwatch.pipeline.workspace import Workspace
from scrapers.archive import ArchivedBody


@dataclass(frozen=True)
class Pruning:
    """What goes: bodies and their bytes on the disk (compressed); and what is old enough and stays, by reason."""

    keep_days: int
    before: dt.datetime
    going: tuple[ArchivedBody, ...]
    staying: dict[str, int]
    kept_bytes: int

    @property
    def bytes(self) -> int:
        """The bytes that are free afterwards."""
        return sum(body.size for body in self.going)

    def as_json(self) -> dict[str, Any]:
        """The same for a machine."""
        return {
            "keep_days": self.keep_days,
            "before": self.before,
            "bodies": len(self.going),
            "bytes": self.bytes,
            "kept_bytes": self.kept_bytes,
            "staying": self.staying,
            "sha256": [body.sha256 for body in self.going],
        }


def plan_pruning(workspace: Workspace, keep_days: int | None = None, *, even_in_force: bool = False) -> Pruning:
    """What pruning would delete: bodies last seen over `keep_days` ago (default: the setting) on which nothing rests.

    Never: what is held for a person to decide, and what an open issue points to. Only with `even_in_force`: what values
    rest on that are or were in force. A body that no run knows (of a kill) goes by the time it was written.
    Raises InputError when neither the option nor the setting says how long to keep.
    """
    days = keep_days if keep_days is not None else workspace.settings.archive.keep_days
    if days is None:
        raise InputError(
            f"answers are kept for ever: set archive.keep_days in {workspace.home.config}, or say --keep-days N"
        )
    before = workspace.now() - dt.timedelta(days=days)
    uses = workspace.queries.archived_bodies()
    going: list[ArchivedBody] = []
    staying: dict[str, int] = {}
    kept = 0
    for body in workspace.archive.bodies():
        use = uses.get(body.sha256)
        why = ""
        if (use.last_seen if use else body.written_at) >= before:
            why = "young"
        elif use is not None and use.held:
            why = "held for a person to decide"
        elif use is not None and use.open_issue:
            why = "an open issue points to it"
        elif use is not None and use.in_force and not even_in_force:
            why = "figures rest on it"
        if why:
            kept += body.size
            staying[why] = staying.get(why, 0) + 1
        else:
            going.append(body)
    return Pruning(days, before, tuple(going), staying, kept)


def prune(workspace: Workspace, pruning: Pruning) -> int:
    """Delete what the plan says. Returns the bytes that are free again. Raises StorageError."""
    return workspace.archive.prune(pruning.going, workspace.now())
