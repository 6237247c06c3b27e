"""What is read back: rows as the words, or as the words with what the database knows about them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from remitwatch.corridors import Corridor
from remitwatch.quotes import Basis, FeeModel, Inquiry, Quote, SurveyRow, Tier
from remitwatch.runs import CollectionRun, Issue, Snapshot
from remitwatch.services import AccessPoint, Coverage, PaymentInstrument, PickupMethod, Provider, ProviderType, Speed
from remitwatch.targets import Target

RUN_FIELDS = tuple(CollectionRun.model_fields)


@dataclass(frozen=True)
class StoredQuote:
    """A quote with its number, run and snapshot, its source, and the day it counts for."""

    id: int
    run_id: int
    snapshot_id: str
    source: str
    day: dt.date
    fetched_at: dt.datetime
    quote: Quote


@dataclass(frozen=True)
class StoredIssue:
    """An issue with its number, its newest run, when it was first and last seen, how often, and who closed it."""

    id: int
    issue: Issue
    run_id: int | None
    opened_at: dt.datetime
    last_seen: dt.datetime
    seen: int
    closed_at: dt.datetime | None
    closed_by: str | None
    closed_why: str | None


@dataclass(frozen=True)
class ReplaceReport:
    """What a reparse changed: values removed, added, and left as they were; a changed one counts as both.

    `fields` says of the changed ones which fields differ, and how often; `examples` shows a few in words.
    """

    removed: int
    added: int
    unchanged: int
    fields: dict[str, int] = field(default_factory=dict, compare=False)
    examples: tuple[str, ...] = field(default=(), compare=False)


def run_of(row: Mapping[str, Any]) -> CollectionRun:
    """A run from its row."""
    cells = {name: row[name] for name in RUN_FIELDS}
    return CollectionRun.model_validate(cells | {"failures": json.loads(row["failures"])})


def issue_of(row: Mapping[str, Any]) -> StoredIssue:
    """An issue from its row."""
    issue = Issue(
        level=row["level"],
        code=row["code"],
        source=row["source"],
        message=row["message"],
        record=row["record"],
        snapshot=row["snapshot"],
        inquiry=row["inquiry"],
    )
    rest = ("id", "run_id", "opened_at", "last_seen", "seen", "closed_at", "closed_by", "closed_why")
    return StoredIssue(issue=issue, **{name: row[name] for name in rest})


def snapshot_of(row: Mapping[str, Any]) -> Snapshot:
    """A snapshot from its row."""
    cells = {name: row[name] for name in Snapshot.model_fields}
    cells["inquiries"] = tuple(Inquiry.model_validate(one) for one in json.loads(row["inquiries"]))
    cells["headers"] = json.loads(row["headers"])
    return Snapshot.model_validate(cells)


_TARGET_FIELDS = (
    "code", "owner", "name", "sender", "receiver", "indicator", "amount", "operator", "value", "deadline", "baseline",
)  # fmt: skip


@dataclass(frozen=True)
class StoredTarget:
    """A national target, when it was added and by whom."""

    target: Target
    added_at: dt.datetime
    added_by: str


def target_row(target: Target) -> dict[str, Any]:
    """The row of a national target, which is about one scope."""
    (scope,) = target.scope
    return {name: getattr(target, name) for name in _TARGET_FIELDS} | {"scope": scope}


def stored_target(row: Mapping[str, Any]) -> StoredTarget:
    """A national target from its row."""
    cells = {name: row[name] for name in _TARGET_FIELDS}
    return StoredTarget(Target(**cells, scope=(row["scope"],), national=True), row["added_at"], row["added_by"])


@cache
def _corridor(sender: str, receiver: str, send_currency: str, receive_currency: str) -> Corridor:
    return Corridor(sender=sender, receiver=receiver, send_currency=send_currency, receive_currency=receive_currency)


@lru_cache(maxsize=10_000)
def _inquiry(corridor: Corridor, send_amount: str, tier: Tier | None) -> Inquiry:
    # by text, because 120 and 120.00 are equal but not the same as published
    return Inquiry(corridor=corridor, send_amount=Decimal(send_amount), tier=tier)


@lru_cache(maxsize=10_000)
def _provider(key: str, name: str, types: str) -> Provider:
    return Provider(key=key, name=name, types=tuple(ProviderType(one) for one in types.split("+")))


@cache
def _instruments(text: str) -> tuple[PaymentInstrument, ...]:
    return tuple(PaymentInstrument(one) for one in text.split("+"))


@cache
def _access_points(text: str) -> tuple[AccessPoint, ...]:
    return tuple(AccessPoint(one) for one in text.split("+"))


def stored_quote(row: Mapping[str, Any]) -> StoredQuote:
    """A stored quote from its row. It was validated when it was made, so it is only put together again here."""
    corridor = _corridor(row["sender"], row["receiver"], row["send_currency"], row["receive_currency"])
    inquiry = _inquiry(corridor, str(row["send_amount"]), row["tier"])
    quote = Quote.model_construct(
        inquiry=inquiry,
        provider=_provider(row["provider"], row["provider_name"], row["provider_type"]),
        basis=Basis(row["basis"]),
        payment_instrument=_instruments(row["payment_instrument"]),
        access_point=_access_points(row["access_point"]),
        pickup_method=PickupMethod(row["pickup_method"]),
        product=row["product"],
        speed=Speed(row["speed"]),
        coverage=Coverage(row["coverage"]),
        fee=row["fee"],
        fee_currency=row["fee_currency"],
        fee_model=FeeModel(row["fee_model"]),
        rate=row["rate"],
        receive_amount=row["receive_amount"],
        reference_rate=row["reference_rate"],
        transparent=row["transparent"],
        private=row["private"],
        quoted_at=row["quoted_at"],
        note=row["note"],
        survey=_survey(row),
    )
    return StoredQuote(
        row["id"], row["run_id"], row["snapshot_id"], row["source"], row["day"], row["fetched_at"], quote
    )


def _survey(row: Mapping[str, Any]) -> SurveyRow | None:
    if row["survey_period"] is None:
        return None
    return SurveyRow.model_construct(
        period=row["survey_period"],
        row=row["survey_row"],
        fx_margin_pct=row["published_margin"],
        total_cost_pct=row["published_total"],
        interbank_rate=row["interbank_rate"],
        observed_on=row["observed_on"],
        sender_region=row["sender_region"],
        receiver_region=row["receiver_region"],
        receiver_income_group=row["receiver_income_group"],
        labels=json.loads(row["labels"]),
    )
