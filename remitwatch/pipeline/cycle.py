"""One daily cycle: collect -> observe -> check -> publish -> alerts, and what was missed before it: gaps, editions of
periods."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from remitwatch.errors import InputError
from remitwatch.pipeline import checking, collecting, editions_due, gaps, observing, publishing
from remitwatch.pipeline.alerting.evaluate import Evaluated, evaluate
from remitwatch.pipeline.workspace import Workspace
from remitwatch.quality import Finding


@dataclass(frozen=True)
class CycleResult:
    """What a cycle did, in lines for a person and as values for a machine. `gaps`: how many days on which nobody asked
    were recorded; `of_periods`: the editions of months and quarters that were due and were made."""

    collected: collecting.Collected
    observed: observing.Observed
    findings: tuple[Finding, ...]
    edition: publishing.Edition | None
    alerts: Evaluated
    exit_code: int
    gaps: int = 0
    of_periods: tuple[publishing.Edition, ...] = ()

    @property
    def lines(self) -> list[str]:
        """One line a step."""
        runs = self.collected.runs
        lines = [
            f"collected: {sum(run.quotes for run in runs)} quotes and {sum(run.rates for run in runs)} rates "
            f"from {len(runs)} sources"
        ]
        lines += [f"  {run.source}: {run.status.value} {run.reason}".rstrip() for run in runs]
        lines += [f"  not asked: {line}" for line in collecting.in_short(self.collected.skipped)]
        if self.gaps:
            lines.append(f"gaps: {self.gaps} scheduled runs of days before were missed; no price is made up for them")
        lines.append(
            f"observed: {self.observed.priced} quotes priced, {self.observed.unpriced} without a rate in force"
        )
        lines.append(f"checked: {len(self.findings)} findings (remitwatch check)")
        lines += [f"published: {one.path / 'index.html'}" for one in self.of_periods]
        if self.edition is None:
            lines.append("published: nothing, no figure is in force yet")
        else:
            lines.append(f"published: {self.edition.path / 'index.html'}{'' if self.edition.new else ' (unchanged)'}")
        return [*lines, f"{self.alerts.line} (remitwatch alerts)"]

    def as_json(self) -> dict[str, Any]:
        """The same for a machine."""
        return {
            "runs": [run.model_dump(mode="json") for run in self.collected.runs],
            "skipped": [{"source": one.source, "why": one.why} for one in self.collected.skipped],
            "gaps": self.gaps,
            "priced": self.observed.priced,
            "unpriced": self.observed.unpriced,
            "findings": [finding.as_json() for finding in self.findings],
            "editions_of_periods": [str(one.path) for one in self.of_periods],
            "edition": None if self.edition is None else str(self.edition.path),
            "alerts": self.alerts.counts,
        }


def run_day(
    workspace: Workspace,
    date: dt.date | None = None,
    *,
    publish: bool = True,
    budget_minutes: float | None = None,
    progress: Callable[[str], None] | None = None,
) -> CycleResult:
    """One cycle for `date` (default today). Sources already accepted for the day are left alone.

    A run of today catches up as the clock does: days on which nobody asked are recorded as gaps, and editions of months
    and quarters that are due are made. `budget_minutes` as in `collecting.collect`: what follows is done all the same.

    Raises InputError for a date to come, when no source can be asked and nothing is in force, and, after all else is
    done, for a rule for alerts that is none.
    """
    if date is not None and date > workspace.today:
        raise InputError(f"--date {date}: that day has not come (today is {workspace.today} UTC)")
    past = date if date is not None and date != workspace.today else None
    missed = 0 if past is not None else gaps.record_gaps(workspace)
    collected = collecting.collect(
        workspace, since=past, until=past, only_undone=True, progress=progress, budget_minutes=budget_minutes
    )
    idle = not collected.runs and not collected.done
    if idle and workspace.queries.newest_in_force() is None:
        raise _nothing_to_do(collected)
    observed = observing.observe(workspace)
    findings = tuple(checking.check(workspace))
    of_periods = editions_due.publish_due(workspace) if publish and past is None else []
    edition = publishing.publish_if_any(workspace) if publish else None
    if idle and publish and edition is None:
        raise _nothing_to_do(collected)
    alerts = evaluate(workspace)  # last: a rule that is none costs no price and no edition
    return CycleResult(
        collected, observed, findings, edition, alerts, collecting.exit_code(collected), missed, tuple(of_periods)
    )


def _nothing_to_do(collected: collecting.Collected) -> InputError:
    brief = [replace(one, why=one.why.partition(":")[0].partition(".")[0]) for one in collected.skipped]
    whys = "; ".join(collecting.in_short(brief))
    return InputError(
        f"nothing to do: no source can be asked{f' ({whys})' if whys else ''} and no figure is in force: ask the "
        "sources live once with `remitwatch sources verify`, or bring in a file with `remitwatch import`"
    )
