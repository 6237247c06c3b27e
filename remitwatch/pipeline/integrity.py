"""Whether the prices to be published are those that were stored: the digests of their runs, checked before they are.

Computing the digest of a whole survey takes some twenty seconds, so a run is checked when it is new or was read again,
and then once more every thirty days, one run an edition. What was checked is kept beside the other caches; without it
everything is checked anew. `remitwatch doctor` checks all of them at any time.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

from remitwatch.errors import StorageError
from remitwatch.pipeline.workspace import Workspace

AGAIN = dt.timedelta(days=30)


def check_runs(workspace: Workspace) -> None:
    """Check the runs behind the figures that have not been checked lately. Raises StorageError naming one whose rows
    are not those that were stored: nothing may be published from it."""
    path = workspace.home.cache / "digests.json"
    held, now = _held(path), workspace.now()
    runs = [run for run in workspace.queries.runs_of_prices() if run.digest is not None]
    kept = {str(run.id): held[str(run.id)] for run in runs if held.get(str(run.id), ("", ""))[0] == run.digest}
    due = [run for run in runs if str(run.id) not in kept]
    old = sorted((moment, number) for number, (_, moment) in kept.items() if moment < (now - AGAIN).isoformat())
    due += [run for run in runs if old and str(run.id) == old[0][1]]
    for run in due:
        if not workspace.store.digest_matches(run.id):
            raise StorageError(
                f"run {run.id} ({run.source} {run.logical_date}): its rows are not those that were stored: nothing is "
                "published from a damaged database; restore a backup"
            )
        kept[str(run.id)] = (str(run.digest), now.isoformat())
    if kept != held:
        _keep(path, kept)


def _held(path: Path) -> dict[str, tuple[str, str]]:
    try:
        content: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return {str(number): (str(digest), str(moment)) for number, (digest, moment) in content.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _keep(path: Path, content: dict[str, tuple[str, str]]) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with contextlib.suppress(OSError):  # a cache: without it the runs are checked again
        path.parent.mkdir(exist_ok=True)
        part.write_text(json.dumps(content), "utf-8")
        os.replace(part, path)
