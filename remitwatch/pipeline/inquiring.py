"""What is asked: corridors x send amounts. The local amount of a tier is fixed once and kept from then on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from remitwatch.corridors import Corridor
from remitwatch.costs import RateBook
from remitwatch.pipeline.workspace import Workspace
from remitwatch.quotes import Inquiry, Tier
from remitwatch.ratebook import RateRow
from remitwatch.runs import Issue
from remitwatch.send_amounts import SendAmount, confirmed_amount, derived_amount
from scrapers import registry

OLDEST_RATE_DAYS = 15
"""Older than any source's rates may be carried on."""


@dataclass(frozen=True)
class Inquiries:
    """The inquiries, and an issue for every corridor that could not be asked."""

    inquiries: tuple[Inquiry, ...]
    issues: tuple[Issue, ...]


def make_inquiries(
    workspace: Workspace, corridors: Sequence[Corridor], tiers: Sequence[Tier], day: dt.date, *, fix: bool = True
) -> Inquiries:
    """The inquiries for these corridors and tiers on `day`. An amount that is new is fixed from then on, if `fix`."""
    wanted = [tier for tier in tiers if tier in workspace.settings.collect.send_amounts]
    amounts = _Amounts(workspace, day, fix)
    inquiries: list[Inquiry] = []
    issues: list[Issue] = []
    for corridor in corridors:
        for tier in wanted:
            amount = amounts.of(corridor.sender, corridor.send_currency, tier)
            if amount is None:
                issues.append(_no_amount(corridor, tier))
            else:
                inquiries.append(Inquiry(corridor=corridor, send_amount=amount, tier=tier))
    return Inquiries(tuple(inquiries), tuple(issues))


def _no_amount(corridor: Corridor, tier: Tier) -> Issue:
    return Issue(
        level="warning",
        code="no_send_amount",
        source=None,
        message=f"{corridor}: no local amount for USD {tier}: no confirmed survey amount for {corridor.sender} and no "
        f"reference rate of {corridor.send_currency} against USD; it is not asked",
    )


class _Amounts:
    """The send amounts of this home: fixed ones first, then the reference table, the imported survey, a dated rate."""

    def __init__(self, workspace: Workspace, day: dt.date, fix: bool) -> None:
        self._fix = fix
        self._workspace = workspace
        self._day = day
        self._fixed = {(one.sender, one.currency, one.tier): one.amount for one in workspace.store.send_amounts()}
        self._book: RateBook | None = None
        self._survey: dict[tuple[str, str, Tier], Decimal] | None = None

    def of(self, sender: str, currency: str, tier: Tier) -> Decimal | None:
        """The amount in force, or None when nothing dependable is known. A newly found one is kept."""
        key = (sender, currency, tier)
        if key not in self._fixed:
            found = self._find(sender, currency, tier)
            if found is None:
                return None
            if self._fix:
                self._workspace.store.fix_send_amount(found, fixed_on=self._day)
            self._fixed[key] = found.amount
        return self._fixed[key]

    def _find(self, sender: str, currency: str, tier: Tier) -> SendAmount | None:
        confirmed = confirmed_amount(sender, currency, tier)
        if confirmed is not None:
            return confirmed
        if self._survey is None:
            self._survey = self._workspace.queries.survey_send_amounts()
        if (sender, currency, tier) in self._survey:
            amount = self._survey[sender, currency, tier]
            return SendAmount(sender=sender, currency=currency, tier=tier, amount=amount, origin="survey")
        return self._derive(sender, currency, tier)

    def _derive(self, sender: str, currency: str, tier: Tier) -> SendAmount | None:
        if self._book is None:
            self._book = rate_book(self._workspace, self._day)
        rate = self._book.find("USD", currency, self._day)
        if rate is None:
            return None
        amount = derived_amount(tier, rate.rate)
        since = f"{rate.date} ({rate.source})"
        return SendAmount(sender=sender, currency=currency, tier=tier, amount=amount, origin="derived", since=since)


def rate_book(
    workspace: Workspace, since: dt.date, until: dt.date | None = None, *, also: Iterable[RateRow] = ()
) -> RateBook:
    """The reference rates that may be in force on the days from `since` to `until`, and those of `also`."""
    definitions = registry.definitions()
    rows = workspace.queries.market_rates(since=since - dt.timedelta(days=OLDEST_RATE_DAYS), until=until or since)
    return RateBook(
        [*rows, *also],
        max_age={key: one.max_age_days for key, one in definitions.items()},
        published_at={
            key: dt.time.fromisoformat(one.published_at)
            for key, one in definitions.items()
            if one.published_at is not None
        },
    )
