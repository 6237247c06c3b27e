"""What is tidied away daily: leftovers of kills, old copies of the database, what a restore replaced, and answers where
the settings say so. Figures and editions never."""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.copying import older_copies
from db.engine import sqlite_path
from remitwatch.pipeline import pruning
from remitwatch.pipeline.backup.restoring import REPLACED
from remitwatch.pipeline.disk import folder_bytes, in_words
from remitwatch.pipeline.leftovers import leftovers
from remitwatch.pipeline.workspace import Workspace


@dataclass(frozen=True)
class Tidied:
    """What went: files and folders of the home by name, answers, and the bytes that are free again."""

    gone: tuple[str, ...]
    answers: int
    bytes: int

    @property
    def line(self) -> str:
        """The same in a few words; empty when nothing went."""
        if not self.gone and not self.answers:
            return ""
        what = [*self.gone, *([f"{self.answers} answers"] if self.answers else [])]
        return f"{', '.join(what)}: {in_words(self.bytes)}"

    def as_json(self) -> dict[str, Any]:
        """The same for a machine."""
        return {"gone": list(self.gone), "answers": self.answers, "bytes": self.bytes}


def tidy(workspace: Workspace) -> Tidied:
    """Tidy the home away by its settings (`[retention]`, `[archive] keep_days`). Raises StorageError."""
    home, settings = workspace.home, workspace.settings.retention
    going = leftovers(home, workspace.now())
    database = sqlite_path(workspace.engine)
    if database is not None:
        going += older_copies(database, settings.schema_copies)
    if settings.replaced_days is not None:
        before = workspace.now() - dt.timedelta(days=settings.replaced_days)
        going += [path for path in home.root.glob(f"{REPLACED}*") if path.stat().st_mtime < before.timestamp()]
    freed = sum(_remove(path) for path in going)
    answers = 0
    if settings.prune_archive and workspace.settings.archive.keep_days is not None:
        plan = pruning.plan_pruning(workspace)
        freed += pruning.prune(workspace, plan)
        answers = len(plan.going)
    return Tidied(tuple(path.name for path in going), answers, freed)


def _remove(path: Path) -> int:
    if path.is_dir() and not path.is_symlink():
        size = folder_bytes(path)
        shutil.rmtree(path, ignore_errors=True)
        return size
    with contextlib.suppress(OSError):
        size = path.lstat().st_size
        path.unlink()
        return size
    return 0
