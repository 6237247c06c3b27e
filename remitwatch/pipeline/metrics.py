"""Metrics for Prometheus, in its text format, for the textfile collector of the node exporter.

Times are given as times (seconds since 1970), so that their age is right whenever it is asked:
`time() - remitwatch_source_last_ok_timestamp_seconds`.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from db.engine import sqlite_path
from remitwatch import heartbeat
from remitwatch.alerts.rules import Severity
from remitwatch.errors import StorageError
from remitwatch.pipeline.backup.making import last_backup
from remitwatch.pipeline.disk import disk_of
from remitwatch.pipeline.gaps import standing_gaps
from remitwatch.pipeline.health import source_rows
from remitwatch.pipeline.status import GAP_DAYS, newest_edition
from remitwatch.pipeline.workspace import Workspace
from remitwatch.runs import RunStatus

log = logging.getLogger("remitwatch.metrics")

SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")
_NOT_WELL = ("stale", "held", "failing")


@dataclass
class Metric:
    """One gauge: its name, what it is, and its values by their labels."""

    name: str
    help: str
    values: list[tuple[Mapping[str, str], int | float]] = field(default_factory=list)

    def add(self, value: float | dt.datetime | None, **labels: str) -> Metric:
        """One more value; a time as seconds since 1970, and nothing for None."""
        if value is not None:
            self.values.append((labels, value.timestamp() if isinstance(value, dt.datetime) else value))
        return self

    def by(self, label: str, counts: Mapping[str, int]) -> Metric:
        """One value for each of these."""
        for name, count in counts.items():
            self.add(count, **{label: name})
        return self


def metrics(workspace: Workspace) -> list[Metric]:
    """Everything that is measured of a home."""
    since = workspace.today - dt.timedelta(days=GAP_DAYS)
    runs = workspace.queries.runs(since=since)
    statuses = Counter(run.status.value for run in runs)
    severities = Counter(one.severity for one in workspace.queries.alerts(states=("open",)))
    deliveries = workspace.queries.delivery_counts()
    disk = disk_of(workspace.home, sqlite_path(workspace.engine))
    edition = newest_edition(workspace)
    in_days = f"in the last {GAP_DAYS} days"
    return [
        Metric("info", "The program and the kind of the home.").add(
            1, version=version("remitwatch"), world=workspace.world
        ),
        *_of_sources(workspace),
        Metric("runs", f"Runs {in_days}, by how they ended.").by(
            "status", {one.value: statuses[one.value] for one in RunStatus}
        ),
        Metric("gaps", f"Scheduled days {in_days} on which a source was not asked.").add(
            len(standing_gaps(workspace, since))
        ),
        Metric("quotes", f"Prices collected {in_days}.").add(sum(run.quotes for run in runs if run.kind == "collect")),
        Metric("issues_open", "Issues that nobody has closed.").add(len(workspace.queries.issues())),
        Metric("alerts_open", "Open alerts.").by("severity", {str(one): severities[one] for one in SEVERITIES}),
        Metric("deliveries", "Messages about alerts that wait for their delivery, and that were given up.").by(
            "state", {one: deliveries[one] for one in ("waiting", "dead")}
        ),
        Metric("disk_free_bytes", "Free on the disk of the home.").add(disk.free),
        Metric("database_bytes", "The size of the SQLite database; 0 where it is elsewhere.").add(disk.database),
        Metric("edition_timestamp_seconds", "When the newest edition was made.").add(edition[1] if edition else None),
        Metric("backup_timestamp_seconds", "When the last backup was made.").add(last_backup(workspace.home)),
        Metric("heartbeat_timestamp_seconds", "When the scheduler last gave a sign.").add(_heartbeat(workspace)),
        Metric("metrics_timestamp_seconds", "When these metrics were made.").add(workspace.now()),
    ]


def _of_sources(workspace: Workspace) -> list[Metric]:
    rows = [row for row in source_rows(workspace) if row["enabled"] and row["last_run"] is not None]
    last_ok = Metric("source_last_ok_timestamp_seconds", "The last day of which a source's values are in force.")
    well = Metric("source_well", "1 where a source is neither stale, held nor failing.")
    for row in rows:
        day = row["last_ok"]
        last_ok.add(None if day is None else dt.datetime.combine(day, dt.time(), dt.UTC), source=row["source"])
        well.add(int(row["state"] not in _NOT_WELL), source=row["source"])
    return [last_ok, well]


def _heartbeat(workspace: Workspace) -> dt.datetime | None:
    try:
        beat = heartbeat.read(workspace.home)
    except StorageError:
        return None
    return None if beat is None else beat.at


def as_text(found: list[Metric]) -> str:
    """Metrics in the text format, those without a value left out."""
    lines = []
    for metric in found:
        if not metric.values:
            continue
        name = f"remitwatch_{metric.name}"
        lines += [f"# HELP {name} {_escaped(metric.help)}", f"# TYPE {name} gauge"]
        for labels, value in metric.values:
            written = ",".join(f'{key}="{_quoted(text)}"' for key, text in labels.items())
            lines.append(f"{name}{{{written}}} {value!r}" if written else f"{name} {value!r}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n")


def _quoted(text: str) -> str:
    return _escaped(text).replace('"', r"\"")


def write(workspace: Workspace, path: Path) -> None:
    """Write the metrics to a file, whole: who reads it meanwhile sees the old ones. Raises StorageError."""
    part = path.with_name(f".{path.name}.{os.getpid()}")  # the collector reads *.prom only
    try:
        part.write_text(as_text(metrics(workspace)), "utf-8")
        part.chmod(0o644)  # the collector is another user
        os.replace(part, path)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror or error}") from None


def keep(workspace: Workspace) -> None:
    """Write the metrics to the file of the settings, where one is set. A fault is told in the log and ends no job."""
    textfile = workspace.settings.metrics.textfile
    if textfile is None:
        return
    try:
        write(workspace, Path(textfile))
    except StorageError as error:
        log.error("metrics: %s", error)
