"""What goes into an edition: the figures, services, sources and gaps of a period, gathered for the pages."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib.metadata import version
from typing import Any

import pandas as pd

from remitwatch.errors import InputError
from remitwatch.indicators import METHOD
from remitwatch.periods import PeriodKind, parse_period
from remitwatch.pipeline.coverage import missing, source_lines
from remitwatch.pipeline.gathering.annual import annual_figures
from remitwatch.pipeline.gathering.basis import without_moves
from remitwatch.pipeline.gathering.countries import about_countries
from remitwatch.pipeline.gathering.held import Held, hold
from remitwatch.pipeline.gathering.moves import moves
from remitwatch.pipeline.gathering.promises import targets
from remitwatch.pipeline.gathering.quality import quality_input
from remitwatch.pipeline.gathering.survey_rates import with_interbank_rates
from remitwatch.pipeline.looking import as_of_now, flows_in_force
from remitwatch.pipeline.workspace import Workspace
from remitwatch.quotes import Basis
from remitwatch.runs import CollectionRun, RunStatus
from reports.inputs import (
    BENCHMARK_COLUMNS,
    RUN_COLUMNS,
    BasisInput,
    BriefsInput,
    EditionInput,
    SdmxFlow,
)
from reports.language import language, languages
from reports.row_digest import of_rows
from reports.sharing import WORTH, beside
from scrapers import registry

LEAD = (Basis.SURVEY, Basis.STANDARD, Basis.ESTIMATE)
"""The bases that have pages, the lead first. Promotions are shown apart on the pages of the others."""


_USUAL = ("en", "fr", "es", "ar")
"""The languages of the pages in their usual order."""


class Nothing(InputError):
    """There is no figure to publish."""


@dataclass(frozen=True)
class Gathered:
    """The input of an edition without its number and time of making."""

    data: EditionInput

    @property
    def period(self) -> str:
        """The edition's period."""
        return self.data.period

    @property
    def digest(self) -> str:
        """What tells two editions' contents apart."""
        return self.data.digest

    def numbered(self, number: int, made_at: dt.datetime) -> EditionInput:
        """The input as the pages take it."""
        return replace(self.data, number=number, made_at=made_at)


def gather(
    workspace: Workspace,
    period: str,
    keeps: Callable[[str], bool] | None = None,
    countries: Sequence[str] | None = None,
    languages: Sequence[str] = (),
) -> Gathered:
    """Everything that an edition of `period` says. `keeps` chooses which corridors get a page, `countries` which
    countries do (None: all), `languages` in which ones it is written (none: those of the settings).

    Raises Nothing when no figure is in force, InputError for a period that is none or an unknown language.
    """
    asked = parse_period(period)
    as_of = as_of_now(workspace)
    held = hold(workspace, asked, as_of)
    with ExitStack() as begun:
        bases, moved = _begun(held, keeps, begun)
        short = asked.kind in (PeriodKind.DAY, PeriodKind.WEEK, PeriodKind.MONTH)
        if not bases or (short and all(made.basis == Basis.SURVEY.value for made in bases)):
            raise Nothing(
                "nothing to publish: no figure is in force"
                + ("" if asked.kind is PeriodKind.LATEST else f" for {asked.key}")
                + " (collect or import first; `remitwatch runs list` says what is held)"
            )
        label = asked.key if asked.kind is not PeriodKind.LATEST else _newest_label(bases)
        annual = annual_figures(held.past, bases)
        data = assembled(workspace, held, bases, label, as_of, keeps, countries, annual=annual)
        data = replace(data, bases=tuple(made.with_moves(*found()) for made, found in zip(bases, moved, strict=True)))
    data = replace(
        data,
        runs=runs_in_force(workspace),
        vintages=tuple(workspace.queries.survey_vintages()),
        languages=chosen_languages(languages or workspace.settings.publish.languages),
        briefs=_briefs(workspace),
    )
    return Gathered(replace(data, digest=_digest(data, workspace.today)))


_Moved = Callable[[], tuple[pd.DataFrame, str]]


def _begun(
    held: Held, keeps: Callable[[str], bool] | None, begun: ExitStack
) -> tuple[tuple[BasisInput, ...], tuple[_Moved, ...]]:
    """The bases that have figures, and what to ask for why the averages of each moved and the digest of its rows, which
    are made beside (`reports.sharing`)."""
    found: list[tuple[BasisInput, _Moved]] = []
    for basis in reversed(LEAD):  # the survey last: a log of collected prices is made before much else is held
        if basis not in held.now.bases(200) or (made := without_moves(held, basis, keeps)) is None:
            continue
        made = with_interbank_rates(held.workspace, made)
        work = partial(_moved, made, moves(held, made))
        if found:
            found[-1][1]()  # one copy at a time: each soon holds for itself much of what it looks at
        found.append((made, cache(begun.enter_context(beside(work, alone=len(made.services) < WORTH)))))
    found.reverse()
    return tuple(made for made, _ in found), tuple(moved for _, moved in found)


def _moved(made: BasisInput, find: Callable[[], pd.DataFrame]) -> tuple[pd.DataFrame, str]:
    whole = replace(made, moves=find())
    return whole.moves, whole.rows_digest


def assembled(
    workspace: Workspace,
    held: Held,
    bases: tuple[BasisInput, ...],
    label: str,
    as_of: dt.datetime,
    keeps: Callable[[str], bool] | None,
    countries: Sequence[str] | None = None,
    *,
    annual: pd.DataFrame,
) -> EditionInput:
    """The input of an edition or export of these bases, with what stands behind them and what is missing; without its
    digest."""
    sdmx = workspace.settings.sdmx
    published = workspace.queries.benchmarks()
    benchmarks = published[published["series"] == "ATCR.CORR"].reset_index(drop=True)
    quality = quality_input(workspace)
    return EditionInput(
        period=label,
        number=None,
        as_of=as_of,
        made_at=as_of,
        world=workspace.world,
        method=METHOD,
        version=version("remitwatch"),
        bases=bases,
        sources=source_lines(workspace, bases),
        missing=missing(workspace, bases, quality.unpriced),
        runs=runs_behind(workspace, bases),
        issues_open=len(workspace.queries.issues()),
        targets=[one for made in bases for one in targets(workspace, held, made)],
        digest="",
        benchmarks=benchmarks[list(BENCHMARK_COLUMNS)],
        corridors=None if keeps is None else _chosen(bases, keeps),
        countries=None if countries is None else tuple(sorted(set(countries))),
        about_countries=about_countries(workspace, flows_in_force(workspace, as_of), published),
        languages=chosen_languages(workspace.settings.publish.languages),
        annual=annual,
        sdmx=SdmxFlow(sdmx.flow, sdmx.version, sdmx.reporting_type, sdmx.sender),
        contact=workspace.settings.contact or "",
        quality=quality,
    )


def _briefs(workspace: Workspace) -> BriefsInput | None:
    """The briefs of the settings, None for none."""
    chosen, base_url = workspace.settings.publish.briefs, workspace.settings.publish.base_url
    match chosen:
        case ():
            return None
        case ("overview",):
            return BriefsInput((), base_url)
        case ("all",):
            return BriefsInput(None, base_url)
        case _:
            return BriefsInput(chosen, base_url)


def _chosen(bases: tuple[BasisInput, ...], keeps: Callable[[str], bool]) -> tuple[str, ...]:
    """The corridors with figures that get a page. Raises Nothing when there is none."""
    known: set[str] = set()
    for made in bases:
        rows = made.indicators[made.indicators["scope"] == "corridor"]
        known |= set(rows["sender"] + "-" + rows["receiver"])
    chosen = tuple(sorted(key for key in known if keeps(key)))
    if not chosen:
        raise Nothing("nothing to publish: no figure of the corridors asked for is in force")
    return chosen


def chosen_languages(codes: Sequence[str] | None) -> tuple[str, ...]:
    """The languages of the pages: those asked for, else all, the usual ones first. Raises InputError for one without a
    catalogue."""
    usual = [code for code in _USUAL if code in languages()]
    return tuple(dict.fromkeys(language(code).code for code in codes or (*usual, *languages())))


def _newest_label(bases: tuple[BasisInput, ...]) -> str:
    """The name of the latest edition: the newest day collected, else the survey's quarter."""
    days = [made.period for made in bases if parse_period(made.period).kind is PeriodKind.DAY]
    return max(days) if days else bases[0].period


def runs_in_force(workspace: Workspace) -> pd.DataFrame:
    """The runs whose prices or flows are in force, those of sources used for checks only left out."""
    definitions = registry.definitions()
    return _run_frame([
        run
        for run in workspace.queries.runs_of_prices()
        if run.source not in definitions or definitions[run.source].terms.redistribution != "none"
    ])  # fmt: skip


def runs_behind(workspace: Workspace, bases: tuple[BasisInput, ...]) -> pd.DataFrame:
    """The runs whose quotes are in the tables of services and promotions."""
    listed = [frame for made in bases for frame in (made.services, made.promotions)]
    numbers = {int(number) for frame in listed for number in frame["run_id"]}
    runs = [run for run in workspace.queries.runs() if run.id in numbers]
    return _run_frame(sorted(runs, key=lambda run: run.id))


def _run_frame(runs: Sequence[CollectionRun]) -> pd.DataFrame:
    content = [{name: _plain(getattr(run, name)) for name in RUN_COLUMNS} for run in runs]
    return pd.DataFrame(content, columns=list(RUN_COLUMNS))


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, RunStatus) else value


def _digest(data: EditionInput, today: dt.date) -> str:
    """sha256 over everything that an edition says but its number and time of making."""
    parts: list[Any] = [
        data.period, data.as_of.isoformat(), data.world, data.method, data.version, today.isoformat(), data.corridors,
        data.languages, data.contact, data.countries, str(data.about_countries.flows),
        data.about_countries.flows_source,
        [str(event) for event in data.about_countries.events], [str(line) for line in data.sources], data.missing,
        data.issues_open, data.targets, str(data.sdmx), *([str(data.briefs)] if data.briefs else []),
    ]  # fmt: skip
    sha = hashlib.sha256(json.dumps(parts, default=str).encode())
    for made in data.bases:
        sha.update(
            f"{made.basis} {made.period} {made.previous_period} {made.coverage} {made.private} {made.days}\n".encode()
        )
        if made.log is not None:
            sha.update(f"{made.log.first} {made.log.last} {made.log.left}\n".encode())
        sha.update(made.rows_digest.encode())
    sha.update(of_rows((data.runs, data.benchmarks, data.about_countries.official, data.annual)).encode())
    if data.quality is not None:
        sha.update(of_rows((data.quality.days, data.quality.issues, data.quality.health)).encode())
        counts = (data.quality.watched, data.quality.unpriced, data.quality.released, data.quality.rejected)
        sha.update(repr(counts).encode())
    return sha.hexdigest()
