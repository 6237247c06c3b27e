"""The two pages that list: all corridors on each basis, and the quality of the data."""

from __future__ import annotations

from typing import Any

from reports import numbers, wording
from reports.findings import AVERAGE
from reports.missing import missing
from reports.ranking import ranked
from reports.site import Site, render

MOST_RUNS = 60
_STATES = {
    "ok": ("Fresh", "met", "tick"),
    "stale": ("Late", "slow", "slope"),
    "held": ("Held back", "slow", "slope"),
    "failing": ("Failing", "bad", "cross"),
    "never": ("Never read", "none", "dash"),
}
_RUNS = {
    "ok": ("Accepted", "met", "tick"),
    "partial": ("Accepted in part", "slow", "slope"),
    "held": ("Held back", "slow", "slope"),
    "failed": ("Failed", "bad", "cross"),
    "empty": ("Empty", "none", "dash"),
    "missed": ("Missed", "bad", "cross"),
    "running": ("Running", "none", "dash"),
}
_SHOWN = {
    "full": "Prices and amounts",
    "derived": "Percentages only",
    "none": "Not shown; used for checks",
}


def render_corridors(site: Site) -> str:
    """The page of all corridors, one table a basis."""
    parts = []
    for view in site.views:
        name, what = wording.basis_name(view.basis), wording.BASES_MEAN.get(view.basis, "")
        parts.append({"view": view, "name": f"{name}, {view.data.period}", "help": what, "ranking": ranked(site, view)})
    lead = site.views[0]
    total = len({key for view in site.views for key in view.corridors})
    costs = [
        value for place in lead.figures.places("corridor") if (value := lead.figures.value(AVERAGE, place)) is not None
    ]
    headline = f"{numbers.counted(total, 'corridor')}, cheapest first"
    if costs:
        span = f"from {numbers.percent(min(costs))} to {numbers.percent(max(costs))}"
        headline = f"{numbers.counted(total, 'corridor')}: {span} on average"
    paged = len({key for view in site.views for key in view.paged})
    few = f" {numbers.counted(paged, 'corridor')} of {total} {'has' if paged == 1 else 'have'} a page in this edition."
    return render(
        site,
        "corridors.html",
        "corridors.html",
        title=f"Corridors by cost, {site.data.period} · remitwatch",
        description="Average cost of sending USD 200 in each corridor, split into fee and exchange-rate margin. "
        "Each basis has its own table." + (few if paged < total else ""),
        strip=[f"{numbers.counted(len(site.views), 'basis', 'bases')}", f"Method version {site.data.method}"],
        page="corridors",
        switch=[],
        headline=headline,
        parts=parts,
    )


def render_quality(site: Site) -> str:
    """The page on sources, runs and what is missing."""
    lines = []
    for line in sorted(site.data.sources, key=lambda line: (line.state == "ok", line.name)):
        words, kind, icon = _STATES.get(line.state, (wording.plain(line.state), "none", "dash"))
        lines.append((line, words, kind, icon, _SHOWN.get(line.redistribution, line.redistribution)))
    troubled = [line.name for line in site.data.sources if line.state != "ok"]
    fresh = len(site.data.sources) - len(troubled)
    if not site.data.sources:
        headline = "No source is described in this edition"
    elif troubled:
        headline = f"{fresh} of {numbers.counted(len(site.data.sources), 'source')} are fresh"
    else:
        headline = "All sources are fresh"
    issues = numbers.counted(site.data.issues_open, "issue")
    description = f"{issues} {'waits' if site.data.issues_open == 1 else 'wait'} for a person."
    if troubled:
        description = f"Not fresh: {', '.join(troubled[:5])}. {description}"
    runs = _runs(site)
    return render(
        site,
        "quality.html",
        "quality.html",
        title=f"Data quality, {site.data.period} · remitwatch",
        description=description,
        strip=[f"As of {numbers.day(site.data.as_of.date())}", f"Method version {site.data.method}"],
        page="quality",
        switch=[],
        headline=headline,
        lines=lines,
        missing_lines=missing(site),
        runs=runs[:MOST_RUNS],
        more_runs=max(0, len(runs) - MOST_RUNS),
    )


def _runs(site: Site) -> list[dict[str, Any]]:
    rows = []
    for row in site.data.runs.to_dict("records"):
        words, kind, icon = _RUNS.get(str(row["status"]), (wording.plain(str(row["status"])), "none", "dash"))
        name = row["file_name"]
        rows.append({
            "id": int(row["id"]), "source": str(row["source"]), "date": str(numbers.date_of(row["logical_date"]) or ""),
            "words": words, "kind": kind, "icon": icon,
            "reason": wording.plain(str(row["reason"])) if row["reason"] else "",
            "quotes": numbers.count(int(row["quotes"])), "refused": numbers.count(int(row["refused"])),
            "file": wording.clean_text(name, 80) if isinstance(name, str) and name else "",
        })  # fmt: skip
    return sorted(rows, key=lambda row: -row["id"])
