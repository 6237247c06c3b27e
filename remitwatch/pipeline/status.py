"""The health of a home on one screen: what runs, what is missing, what needs a person."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from db.deliveries import DEAD
from db.engine import sqlite_path
from remitwatch import heartbeat
from remitwatch.alerts.alert import Alert
from remitwatch.errors import StorageError
from remitwatch.failures import explain
from remitwatch.heartbeat import Heartbeat
from remitwatch.pipeline.backup.making import last_backup
from remitwatch.pipeline.disk import in_words, of_home
from remitwatch.pipeline.gaps import standing_gaps
from remitwatch.pipeline.health import freshness, source_rows
from remitwatch.pipeline.workspace import Workspace
from remitwatch.runs import CollectionRun
from reports.archive import read_archive

GAP_DAYS = 31
_LISTED = 5
OPERATORS = "operators"


@dataclass(frozen=True)
class Status:
    """The screen, the same for a machine, and why a person is needed (nothing: nobody is)."""

    lines: list[str]
    content: dict[str, Any]

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody should look."""
        return bool(self.content["needs_a_person"])

    def as_json(self) -> dict[str, Any]:
        """The same for a machine."""
        return self.content


def status(workspace: Workspace) -> Status:
    """Sources, gaps, the last runs, open issues and alerts, deliveries, disk, scheduler, what runs next, the newest
    edition and backup."""
    now = workspace.now()
    findings = freshness(workspace)
    sources = [row for row in source_rows(workspace) if row["state"] != "import"]
    gaps = standing_gaps(workspace, workspace.today - dt.timedelta(days=GAP_DAYS))
    open_alerts = workspace.queries.alerts(states=("open",))
    unseen = [one for one in open_alerts if one.audience == OPERATORS and one.acked_at is None and one.cause is None]
    beat = _heartbeat(workspace)
    edition, backup = newest_edition(workspace), last_backup(workspace.home)
    content = {
        "home": str(workspace.home.root),
        "world": workspace.world,
        "needs_a_person": [],
        "sources": sources,
        "findings": [finding.as_json() for finding in findings],
        "gaps": [{"source": run.source, "date": run.logical_date, "reason": run.reason} for run in gaps],
        "runs": [run.model_dump(mode="json") for run in workspace.queries.runs(limit=_LISTED)],
        "open_issues": len(workspace.queries.issues()),
        "alerts": {
            "open": len(open_alerts),
            "by_severity": dict(sorted(Counter(one.severity for one in open_alerts).items())),
            "not_acknowledged": [one.as_json() for one in unseen],
        },
        "deliveries": {
            **workspace.queries.delivery_counts(),
            "dead_letters": [one.as_json() for one in workspace.queries.deliveries(states=[DEAD], limit=_LISTED)],
        },
        "disk": of_home(workspace.home, sqlite_path(workspace.engine)),
        "scheduler": None if beat is None else {**beat.__dict__, "alive": beat.is_alive(now)},
        "next_runs": _next_runs(workspace, sources),
        "edition": None if edition is None else edition[0],
        "edition_made_at": None if edition is None else edition[1],
        "last_backup": backup,
    }
    content["needs_a_person"] = _why_a_person(content)
    return Status(_lines(workspace, content, workspace.queries.runs(limit=_LISTED), unseen, beat), content)


def _why_a_person(content: dict[str, Any]) -> list[str]:
    why = [f"{row['code']}: {row['message']}" for row in content["findings"]]
    if content["alerts"]["not_acknowledged"]:
        why.append(f"{len(content['alerts']['not_acknowledged'])} alerts for operators are not acknowledged")
    if content["deliveries"]["dead"]:
        why.append(f"{content['deliveries']['dead']} messages could not be delivered")
    if content["disk"]["low"]:
        why.append(f"the disk is low: {in_words(content['disk']['free_bytes'])} free")
    beat = content["scheduler"]
    if beat is not None and not beat["alive"] and not beat["stopped"]:
        why.append(f"the scheduler's last sign is of {beat['at']:%Y-%m-%d %H:%M} UTC")
    return why


def newest_edition(workspace: Workspace) -> tuple[str, dt.datetime] | None:
    """The name of the edition that `latest` leads to, and when it was made."""
    latest = workspace.home.editions / "latest"
    name = latest.resolve().name if latest.is_symlink() and latest.exists() else None
    standing = read_archive(workspace.home.editions, workspace.home.cache).editions
    return next(((one.name, dt.datetime.fromisoformat(one.made_at)) for one in standing if one.name == name), None)


def _heartbeat(workspace: Workspace) -> Heartbeat | None:
    try:
        return heartbeat.read(workspace.home)
    except StorageError:  # the doctor says what is wrong with the file
        return None


def _next_runs(workspace: Workspace, sources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What runs next when the scheduler does, soonest first: sources, then the daily jobs of the same minute."""
    times = workspace.settings.schedule
    daily = {"observe": times.observe_at, "check": times.check_at, "publish": times.publish_at}
    rows = [{"job": f"collect {row['source']}", "at": row["next_run"]} for row in sources if row["next_run"]]
    rows += [{"job": name, "at": _next_time(workspace.now(), at)} for name, at in daily.items()]
    return sorted(rows, key=lambda row: (row["at"], row["job"]))[:_LISTED]


def _next_time(now: dt.datetime, at: str) -> dt.datetime:
    today = dt.datetime.combine(now.date(), dt.time.fromisoformat(at), tzinfo=dt.UTC)
    return today if today > now else today + dt.timedelta(days=1)


def _lines(
    workspace: Workspace,
    content: dict[str, Any],
    runs: list[CollectionRun],
    unseen: list[Alert],
    beat: Heartbeat | None,
) -> list[str]:
    now, disk, gaps = workspace.now(), content["disk"], content["gaps"]
    lines = [f"{workspace.home.root} ({'sandbox data, not real prices' if workspace.world == 'sandbox' else 'real'})"]
    shown = [row for row in content["sources"] if row["last_run"] is not None or row["switched_off"] is not None]
    lines += [_source_line(row) for row in shown]
    others = len(content["sources"]) - len(shown)
    if others:
        lines.append(f"{others} other sources have not been asked here: remitwatch sources list")
    newest = f"; newest: {gaps[0]['source']} {gaps[0]['date']} {gaps[0]['reason']}" if gaps else ""
    lines.append(f"gaps in the last {GAP_DAYS} days: {len(gaps)}{newest}")
    lines += [_run_line(run) for run in runs]
    lines.append(f"open issues: {content['open_issues']}")
    severities = ", ".join(f"{count} {name}" for name, count in content["alerts"]["by_severity"].items())
    lines.append(f"open alerts: {content['alerts']['open']}{f' ({severities})' if severities else ''}")
    lines += [f"  alert {one.id}: {one.severity} {one.rule} {one.subject}" for one in unseen[:_LISTED]]
    lines.append(f"deliveries: {content['deliveries']['waiting']} waiting, {content['deliveries']['dead']} given up")
    for one in content["deliveries"]["dead_letters"]:
        why = one["last_error"] or "no reason known"
        lines.append(f"  {one['route']}: message {one['message']}, {one['attempts']} attempts: {why}")
    lines.append(
        f"disk: {in_words(disk['free_bytes'])} free{' (low)' if disk['low'] else ''}; database "
        f"{in_words(disk['database_bytes'])}, answers {in_words(disk['archive_bytes'])}, editions "
        f"{in_words(disk['editions_bytes'])}"
    )
    lines.append(f"scheduler: {_scheduler(beat, now)}")
    lines.append("next: " + ", ".join(f"{row['job']} {row['at']:%m-%d %H:%M}" for row in content["next_runs"]))
    edition, made_at, backup = content["edition"], content["edition_made_at"], content["last_backup"]
    lines.append(f"newest edition: {'none' if edition is None else f'{edition}, made {_ago(now - made_at)} ago'}")
    lines.append(f"last backup: {'none' if backup is None else f'{_ago(now - backup)} ago'}")
    lines += [f"needs a person: {why}" for why in content["needs_a_person"]]
    return lines


def _scheduler(beat: Heartbeat | None, now: dt.datetime) -> str:
    if beat is None:
        return "none has run here"
    if not beat.is_alive(now):
        return f"{'stopped' if beat.stopped else 'no sign'} since {beat.at:%Y-%m-%d %H:%M} UTC"
    doing = f"works on {beat.working}" if beat.working else "waits"
    last = f"; last: {beat.last_job} {beat.last_outcome}: {beat.last_message}" if beat.last_job else ""
    return f"runs since {beat.since:%Y-%m-%d %H:%M} UTC, {doing}{last}"


def _ago(age: dt.timedelta) -> str:
    hours = max(int(age.total_seconds() // 3600), 0)
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"


def _source_line(row: Mapping[str, Any]) -> str:
    return f"{row['source']:20} {row['state']:8} last ok {row['last_ok'] or '-'}  {row['note']}".rstrip()


def _run_line(run: CollectionRun) -> str:
    line = f"run {run.id}: {run.source} {run.logical_date} {run.status.value} {run.reason}".rstrip()
    known = explain(run.reason)
    return f"{line}: {known.means}" if known else line
