"""Releases: what a source publishes whole now and then (a survey, a matrix of flows): whether one is held already, and
what a new one would put out of force."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from urllib.parse import parse_qs, urldefrag

from remitwatch.pipeline.workspace import Workspace
from remitwatch.runs import CollectionRun, Harvest, Issue, RunStatus, Snapshot, Verdict

NOTHING_NEW = "nothing_new"
REPLACES_MOST = "replaces_most"
RELEASE_HELD = "release_held"


def released_file(harvest: Harvest) -> tuple[str, str] | None:
    """Name and hash of the file that the prices of a survey were read from; None where none was."""
    for table in harvest.tables:
        snapshot = next(one for one in harvest.snapshots if one.id == table.snapshot)
        return _file_name(snapshot), snapshot.body_sha256
    return None


def leave_out_known(workspace: Workspace, source: str, harvest: Harvest) -> None:
    """Take the prices out of a harvest whose file a run holds already, whatever its source now calls the release: no
    quarter gets a second vintage of the same rows."""
    file = released_file(harvest)
    if file is None or workspace.queries.run_of_file(source, file[1]) is None:
        return
    read_from = {one.snapshot for one in harvest.tables}
    harvest.tables.clear()
    harvest.repairs.clear()
    harvest.issues = [one for one in harvest.issues if one.snapshot not in read_from]
    harvest.duplicates = harvest.rows_read = 0
    harvest.known += 1


def judge_release(workspace: Workspace, harvest: Harvest, verdict: Verdict, holders: list[CollectionRun]) -> Verdict:
    """The verdict on a run that brought a release, or found it held.

    Held is what would put over half of the rows of a quarter, or of the flows of a year, out of force. Where nothing is
    new and the run that holds the release (`holders`) waits for a person, this run says so and is not good either.
    """
    lost = [*survey_losses(workspace, harvest.source, harvest), *_flow_losses(workspace, harvest)]
    if lost and verdict.status in (RunStatus.OK, RunStatus.PARTIAL):
        issues = tuple(_issue(harvest, REPLACES_MOST, message) for message in lost)
        return Verdict(RunStatus.HELD, REPLACES_MOST, issues + verdict.issues)
    waiting = [run for run in holders if run.status is RunStatus.HELD and not run.accepted and run.accepted_by is None]
    if verdict.reason == NOTHING_NEW and waiting:
        number = waiting[0].id
        message = f"the newest release is run {number}, which is held: look (runs show {number}), then accept or reject"
        return replace(
            verdict, status=RunStatus.EMPTY, reason=RELEASE_HELD, issues=(_issue(harvest, RELEASE_HELD, message),)
        )
    return verdict


def survey_losses(workspace: Workspace, source: str, harvest: Harvest) -> list[str]:
    """The quarters of which over half of the survey rows in force would be put out of force, in words."""
    brought: Counter[str] = Counter()
    for one in harvest.tables:
        brought.update(one.value.rows_by_period())
    in_force = workspace.queries.survey_rows_in_force(source) if brought else {}
    return [
        f"{period}: it would replace {in_force[period]} rows in force by {rows}"
        for period, rows in sorted(brought.items())
        if rows * 2 < in_force.get(period, 0)
    ]


def _flow_losses(workspace: Workspace, harvest: Harvest) -> list[str]:
    brought = Counter((one.value.series, one.value.year) for one in harvest.flows)
    lost = []
    for (series, year), flows in sorted(brought.items()):
        held = workspace.queries.flows(series, year)
        if held is not None and flows * 2 < len(held.values):
            lost.append(f"{held.name}: it would replace {len(held.values)} flows in force by {flows}")
    return lost


def _file_name(snapshot: Snapshot) -> str:
    return parse_qs(urldefrag(snapshot.url).fragment)["file"][0]


def _issue(harvest: Harvest, code: str, message: str) -> Issue:
    return Issue(level="error", code=code, source=harvest.source, message=f"{harvest.source}: {message}")
