"""The edition before the one in the making: which one it is, what it published, and what happened to the data since."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from remitwatch.errors import StorageError
from remitwatch.method import METHOD
from remitwatch.periods import PeriodKind, parse_period
from remitwatch.pipeline.workspace import Workspace
from remitwatch.quotes import Basis
from remitwatch.runs import CollectionRun
from reports.archive import Summary
from reports.inputs import DataChange, EditionInput, PreviousEdition
from reports.published import FIGURES_FILE, read_figures_file
from scrapers import registry

_COLLECTED = (Basis.STANDARD.value, Basis.ESTIMATE.value)
_SHORT = (PeriodKind.DAY, PeriodKind.WEEK)


def edition_before(standing: Sequence[Summary], period: str) -> Summary | None:
    """Of the editions that stand (the newest first) the one that a new edition of `period` is compared with: the last
    of the same period, else the last of a period of the same kind, else the last of all."""
    kind = _kind(period)
    same = [one for one in standing if one.period == period]
    return next(iter([*same, *(one for one in standing if _kind(one.period) == kind), *standing]), None)


def _kind(period: str) -> PeriodKind:
    kind = parse_period(period).kind
    return PeriodKind.DAY if kind in _SHORT else kind


def previous_edition(workspace: Workspace, folder: Path, data: EditionInput) -> PreviousEdition | None:
    """What an edition published and what has changed since; None when it was made before editions kept their figures.

    Raises StorageError when its manifest is not readable; reading its figures, when they are not.
    """
    figures = folder / FIGURES_FILE
    if not figures.is_file():
        return None
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        as_of = dt.datetime.fromisoformat(str(manifest["as_of"]).replace("Z", "+00:00"))
        before = {int(run["id"]): run for run in manifest["runs"]}
        label, method, version = (str(manifest[name]) for name in ("edition", "method", "version"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageError(f"{folder}: not readable ({error!r}): restore the edition or move it away") from None
    changes = [*_program_changes(method, version, data.version), *_run_changes(workspace, before, data, as_of)]
    return PreviousEdition(label, as_of.date(), partial(read_figures_file, figures), tuple(changes))


def _program_changes(method: str, version: str, version_now: str) -> list[DataChange]:
    if method != METHOD:
        return [DataChange("method", {"old": method, "new": METHOD})]
    if version != version_now:
        return [DataChange("program", {"old": version, "new": version_now})]
    return []


def _run_changes(
    workspace: Workspace, before: Mapping[int, Mapping[str, Any]], data: EditionInput, as_of: dt.datetime
) -> list[DataChange]:
    """What the runs in force tell: new ones for past days, those read again, taken out, or decided on; and their prices
    that left quarantine because the next price confirmed them."""
    now = {int(run["id"]): run for run in data.runs.to_dict("records")}
    found: list[DataChange] = []
    for number in sorted(now.keys() | before.keys()):
        if number not in before:
            found += _came(workspace, workspace.queries.run(number), as_of)
        elif number not in now:
            found += _of_run(workspace, workspace.queries.run(number), "removed")
        elif now[number]["digest"] != before[number]["digest"]:
            found += _of_run(workspace, workspace.queries.run(number), "reparsed")
    for number in sorted(workspace.queries.runs_decided_on(as_of)):
        found += _of_run(workspace, workspace.queries.run(number), "decision")
    for one in workspace.queries.confirmed_since(as_of):
        run = workspace.queries.run(one.run_id)
        found.append(DataChange("confirmed", _values(run), one.basis, one.first, one.last))
    return found


def _came(workspace: Workspace, run: CollectionRun, as_of: dt.datetime) -> list[DataChange]:
    """A run that came in force since: nothing to tell where its prices are of later days only."""
    if run.flows and not run.quotes:
        return [DataChange("flows", _values(run), indicator="weighted_average")]
    if run.kind == "collect" and run.logical_date > as_of.date():
        return []
    quarters, days = workspace.queries.span_of_run(run.id)
    if quarters or (days is not None and days[0] <= as_of.date()):
        return _of_run(workspace, run, "vintage" if quarters else "late")
    return []


def _of_run(workspace: Workspace, run: CollectionRun, kind: str) -> list[DataChange]:
    """What happened to a run, for the figures of its quarters or days."""
    quarters, days = workspace.queries.span_of_run(run.id)
    found = []
    for quarter in quarters:
        period = parse_period(quarter)
        found.append(DataChange(kind, _values(run), Basis.SURVEY.value, period.first_day, period.last_day))
    if days is not None:
        found += [DataChange(kind, _values(run), basis, *days) for basis in _COLLECTED]
    return found


def _values(run: CollectionRun) -> dict[str, str]:
    known = registry.definitions().get(run.source)
    return {"source": known.name if known else run.source, "run": str(run.id)}
