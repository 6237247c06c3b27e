"""Why averages moved, and how they moved where the sample stayed, of the observations in force."""

from __future__ import annotations

from typing import Any

from remitwatch.indicators import Change, MatchedPoint, explain, matched_index
from remitwatch.pipeline.looking import Wanted, as_of_now, observations_of
from remitwatch.pipeline.workspace import Workspace

CHANGE_COLUMNS = (
    "from", "to", "scope", "sender", "receiver", "region", "by", "amount", "basis", "unit", "average_from",
    "average_to", "change", "fee", "margin", "entry", "exit", "mix", "services_from", "services_to", "continuing",
    "entered", "left", "flags", "method", "as_of",
)  # fmt: skip
MATCHED_COLUMNS = (
    "period", "base", "previous", "scope", "sender", "receiver", "region", "amount", "basis", "index", "level",
    "change", "mean_before", "mean_now", "average", "services", "matched", "flags", "method", "as_of",
)  # fmt: skip


def changes(workspace: Workspace, wanted: Wanted) -> list[Change]:
    """The changes asked for, in parts. Raises InputError for anything unknown or that does not fit together."""
    as_of = wanted.as_of or as_of_now(workspace)
    held = observations_of(workspace, wanted.choice["period"], as_of, wanted.basis, wanted.choice["amount"])
    return explain(held, basis=wanted.basis, as_of=as_of, options=wanted.options, **_choice(wanted))


def matched_points(workspace: Workspace, wanted: Wanted) -> list[MatchedPoint]:
    """The matched-sample index asked for. Raises InputError for anything unknown or that does not fit together."""
    as_of = wanted.as_of or as_of_now(workspace)
    held = observations_of(workspace, wanted.choice["period"], as_of, wanted.basis, wanted.choice["amount"])
    return matched_index(held, basis=wanted.basis, as_of=as_of, options=wanted.options, **_choice(wanted))


def _choice(wanted: Wanted) -> dict[str, Any]:
    """The choice without the indicator: it is the average total cost."""
    return {name: value for name, value in wanted.choice.items() if name != "codes"}
