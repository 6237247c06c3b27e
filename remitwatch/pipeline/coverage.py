"""What stands behind an edition and what is missing from it: sources with their terms and health, and the gaps."""

from __future__ import annotations

import datetime as dt

from remitwatch.corridors import watched_corridors
from remitwatch.pegs import PEG
from remitwatch.pipeline.health import source_rows
from remitwatch.pipeline.workspace import Workspace
from remitwatch.quotes import Basis
from remitwatch.runs import CollectionRun
from reports.inputs import BasisInput, Gap, SourceLine
from scrapers import registry

GAP_DAYS = 90
"""How far back gaps are told."""


def source_lines(workspace: Workspace, bases: tuple[BasisInput, ...]) -> tuple[SourceLine, ...]:
    """Every source that is asked here or has rows in the edition, with its terms and health."""
    listed = [frame for made in bases for frame in (made.services, made.promotions)]
    shown = {str(key) for frame in listed for key in frame["source"].unique()}
    for frame in listed:  # a peg's rate names the source of its anchor's too: `peg+ecb`
        for used in frame["reference_source"].dropna().unique():
            shown |= set(str(used).split("+"))
    definitions = registry.definitions()
    lines = []
    for row in source_rows(workspace):
        definition = definitions[row["source"]]
        if row["source"] not in shown and (row["state"] == "import" or not row["verified"]):
            continue
        state = row["state"] if row["state"] in ("ok", "stale", "held", "failing", "never") else "ok"
        if row["state"] == "off":  # nobody asks it: what is shown of it grows old
            state = "never" if row["last_ok"] is None else "stale"
        lines.append(
            SourceLine(
                key=definition.key,
                name=definition.name,
                kind=definition.kind.value,
                attribution=definition.terms.attribution,
                licence=definition.terms.licence,
                terms_url=definition.terms.terms_url,
                redistribution=definition.terms.redistribution,
                verified=row["verified"],
                last_ok=row["last_ok"],
                age_days=row["age_days"],
                state=state,
                note=row["note"],
            )
        )
    if PEG in shown:
        lines.append(_PEGS)
    for key in sorted(shown - set(definitions) - {"", "quote", "identity", PEG}):
        lines.append(_handed_in(workspace, key))
    return tuple(lines)


_PEGS = SourceLine(
    key=PEG,
    name="official currency pegs",
    kind="rates",
    attribution="Rates fixed by the central banks concerned",
    licence="facts, listed with their dates in this program",
    terms_url="",
    redistribution="full",
    verified=True,
    last_ok=None,
    age_days=None,
    state="ok",
)


def _handed_in(workspace: Workspace, key: str) -> SourceLine:
    """A source that is no site or API: a team or provider that hands in its prices."""
    runs = workspace.queries.runs(source=key, accepted=True, limit=1)
    last = runs[0].logical_date if runs else None
    return SourceLine(
        key=key,
        name=f"handed in by {key}",
        kind="quotes",
        attribution=f"Prices handed in by {key}",
        licence="as agreed with who hands them in",
        terms_url="",
        redistribution="full",
        verified=True,
        last_ok=last,
        age_days=None if last is None else (workspace.today - last).days,
        state="ok",
        handed_in=True,
    )


def missing(workspace: Workspace, bases: tuple[BasisInput, ...], unpriced: int) -> tuple[Gap, ...]:
    """What a reader would expect and does not find; the words are `reports.missing`'s. `unpriced`: how many quotes of
    the last GAP_DAYS days have no reference rate."""
    present = {made.basis for made in bases}
    gaps = [Gap(f"no_{basis.value}") for basis in (Basis.SURVEY, Basis.STANDARD) if basis.value not in present]
    watched = list(workspace.settings.collect.corridors or watched_corridors())
    for made in bases:
        if made.basis == Basis.SURVEY.value:
            continue
        figures = made.indicators
        pairs = figures.loc[figures["scope"] == "corridor", ["sender", "receiver"]].drop_duplicates()
        covered = set(pairs["sender"] + "-" + pairs["receiver"])
        without = tuple(key for key in watched if key not in covered)
        if without:
            values = {"basis": made.basis, "watched": len(watched), "corridors": without}
            gaps.append(Gap("corridors_without_price", values))
    for source, runs in _gaps(workspace).items():
        days = tuple((run.logical_date, run.reason or run.status.value) for run in runs)
        gaps.append(Gap("days_without_prices", {"source": source, "days": days}))
    if unpriced:
        gaps.append(Gap("quotes_without_rate", {"quotes": unpriced, "days": GAP_DAYS}))
    return tuple(gaps)


def _gaps(workspace: Workspace) -> dict[str, list[CollectionRun]]:
    """By source: the days of the last 90 on which no run was accepted, newest run of each day."""
    since = workspace.today - dt.timedelta(days=GAP_DAYS - 1)
    days: dict[tuple[str, dt.date], list[CollectionRun]] = {}
    for run in workspace.queries.runs(since=since):
        if run.kind == "collect" and not run.trial:
            days.setdefault((run.source, run.logical_date), []).append(run)
    gaps: dict[str, list[CollectionRun]] = {}
    for (source, _), runs in sorted(days.items()):
        if not any(run.accepted for run in runs):
            gaps.setdefault(source, []).append(runs[0])
    return gaps
