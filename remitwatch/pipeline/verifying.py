"""Verify a source: ask it once, show its numbers beside reference rate and survey cost, record the yes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from remitwatch import quality
from remitwatch.corridors import Corridor
from remitwatch.costs import observe
from remitwatch.errors import InputError
from remitwatch.indicators import indicators
from remitwatch.pipeline import collecting, importing, releases
from remitwatch.pipeline.asking import client_for
from remitwatch.pipeline.inquiring import make_inquiries, rate_book
from remitwatch.pipeline.looking import observations
from remitwatch.pipeline.verified_releases import release_rows
from remitwatch.pipeline.workspace import Workspace
from remitwatch.quotes import Basis
from remitwatch.ratebook import RateRow
from remitwatch.rates import RateScope, ReferenceRate
from remitwatch.runs import CollectionRun, FromSnapshot, Harvest
from remitwatch.send_amounts import TIERS
from remitwatch.sources import SourceKind
from scrapers import registry, runner

CORRIDORS = 6


@dataclass(frozen=True)
class Verification:
    """What a source answered: its run (a trial, in no figure), the rows to look at, and its reference rates."""

    source: str
    run: CollectionRun
    rows: list[dict[str, Any]]
    issues: list[str]
    rates: list[RateRow]


def ask_once(workspace: Workspace, key: str, known: Iterable[RateRow] = ()) -> Verification:
    """Ask one source for a few corridors, or for today's rates. Raises InputError as `collect` does.

    `known` are rates that a person has just found right: on the first day none is in force yet, and prices must be
    looked at beside one.
    """
    (definition,), _ = collecting.sources_to_ask(workspace, [key])
    inquiries = make_inquiries(workspace, _one_a_sender(workspace), definition.send_amounts, workspace.today)
    if definition.kind is SourceKind.QUOTES and not inquiries.inquiries:
        raise InputError(f"{key}: nothing to ask: {inquiries.issues[0].message}")
    left = collecting.requests_left(workspace, definition)
    run = workspace.store.start_run(
        source=key, logical_date=workspace.today, kind="collect", started_at=workspace.now(), trial=True
    )
    with client_for(workspace) as client:
        harvest = runner.collect(
            registry.scraper(key),
            inquiries.inquiries,
            client=client,
            archive=workspace.archive,
            now=workspace.now,
            world=workspace.world,
            since=collecting.first_missing_day(workspace, definition, workspace.today),
            until=workspace.today,
            run_label=runner.run_label(workspace.today, key, run.attempt),
            requests_left=left,
            tables=definition.kind is SourceKind.SURVEYS,
        )
    harvest.reconciliation = importing.reconciled(harvest, workspace)
    verdict = quality.judge(harvest, definition, [])
    file = releases.released_file(harvest)
    run = workspace.store.finish_run(run.id, harvest, verdict, workspace.now(), file=file)
    rows = [
        *_rate_rows(workspace, harvest),
        *_quote_rows(workspace, harvest, known),
        *release_rows(workspace, harvest),
    ]
    rates = [(key, rate.base, rate.quote, rate.date, rate.rate) for rate in _market_rates(harvest)]
    return Verification(key, run, rows, [issue.message for issue in harvest.issues], rates)


def _one_a_sender(workspace: Workspace) -> list[Corridor]:
    """The first watched corridor of each of the first few sending countries."""
    first: dict[str, Corridor] = {}
    for one in collecting.watched_by(workspace):
        first.setdefault(one.sender, one)
    return list(first.values())[:CORRIDORS]


def confirm(workspace: Workspace, key: str, who: str) -> None:
    """Record that a person has looked at a source's live numbers and found them right."""
    workspace.store.verify_source(key, who, workspace.now())


def _market_rates(harvest: Harvest) -> list[ReferenceRate]:
    return [record.value for record in harvest.rates if record.value.scope is RateScope.MARKET]


def _rate_rows(workspace: Workspace, harvest: Harvest) -> list[dict[str, Any]]:
    """The newest rate of each pair beside the one in force (of other sources: this run is a trial)."""
    newest = {(rate.base, rate.quote): rate for rate in sorted(_market_rates(harvest), key=lambda rate: rate.date)}
    if not newest:
        return []
    days = [rate.date for rate in newest.values()]
    book = rate_book(workspace, min(days), max(days))
    rows = []
    for rate in newest.values():
        known = book.find(rate.base, rate.quote, rate.date)
        rows.append(
            {
                "what": f"{rate.base}/{rate.quote}",
                "date": rate.date,
                "rate": rate.rate,
                "reference": None if known is None else known.rate,
                "of": None if known is None else f"{known.source} {known.date}",
                "off by %": None if known is None else _two((rate.rate / known.rate - 1) * 100),
            }
        )
    return rows


def _quote_rows(workspace: Workspace, harvest: Harvest, known: Iterable[RateRow]) -> list[dict[str, Any]]:
    book = rate_book(workspace, workspace.today, also=known)
    survey = _survey_averages(workspace)
    stated = _stated_mids(harvest)
    rows = []
    for record in harvest.quotes:
        quote = record.value
        lane = quote.inquiry.corridor
        seen = observe(
            quote, 0, day=workspace.today, book=book, response_rate=stated.get((record.snapshot, *_pair(record)))
        )
        rows.append(
            {
                "what": f"{lane} {lane.send_currency} {quote.inquiry.send_amount} {quote.provider.name}",
                "basis": quote.basis.value,
                "fee": quote.fee,
                "rate": quote.rate,
                "reference": None if seen is None or seen.reference is None else seen.reference.rate,
                "cost %": None if seen is None else _two(seen.total_cost_pct),
                "survey's last %": _two(survey.get((lane.key, quote.inquiry.tier or 0))),
            }
        )
    return rows


def _survey_averages(workspace: Workspace) -> dict[tuple[str, int], Decimal | None]:
    """The corridor averages of the newest survey quarter held, per cent, by corridor and tier."""
    held = observations(workspace, basis=Basis.SURVEY.value)
    return {
        (row.subject, row.amount): row.value
        for amount in TIERS
        for row in indicators(
            held, scope="corridor", amount=amount, basis="survey", codes="average_total_cost", as_of=workspace.now()
        )
    }


def _pair(record: FromSnapshot[Any]) -> tuple[str, str]:
    lane = record.value.inquiry.corridor
    return lane.send_currency, lane.receive_currency


def _stated_mids(harvest: Harvest) -> dict[tuple[str, str, str], tuple[str, ReferenceRate]]:
    return {
        (record.snapshot, record.value.base, record.value.quote): (harvest.source, record.value)
        for record in harvest.rates
        if record.value.scope is RateScope.RESPONSE
    }


def _two(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(Decimal("0.01"))
