"""Runs: one attempt at one source, the answers it archived, what was read from them, and what went wrong."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, TypeVar

from pydantic import Field

from remitwatch.benchmarks import Benchmark
from remitwatch.fields import Key, UtcTime, Value
from remitwatch.flows import Flow
from remitwatch.quotes import Inquiry, NotOffered, Quote
from remitwatch.rates import ReferenceRate

if TYPE_CHECKING:  # they need numpy
    from remitwatch.reconciliation import Reconciliation
    from remitwatch.survey import SurveyTable


class RunStatus(StrEnum):
    """How a run ended. `running` is seen only while it runs, or after a kill until the next start.

    `ok` and `partial` are accepted: their quotes are in force. `held` is stored but out of every figure until a person
    accepts it. `empty`, `failed` and `missed` hold no quotes.
    """

    RUNNING = "running"
    OK = "ok"
    PARTIAL = "partial"
    EMPTY = "empty"
    HELD = "held"
    FAILED = "failed"
    MISSED = "missed"


T = TypeVar("T")

ACCEPTED = (RunStatus.OK, RunStatus.PARTIAL)


class Snapshot(Value):
    """One archived answer. `url` and `request_body` are stored without secrets; the body is found by `body_sha256`."""

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{24}$")]
    source: Key
    method: str
    url: str
    request_body: str = ""
    inquiries: tuple[Inquiry, ...] = ()
    status: int
    headers: dict[str, str]
    fetched_at: UtcTime
    body_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    body_size: int
    attempts: int = 1


IssueLevel = Literal["warning", "error"]


class Issue(Value):
    """Something a person should look at. `code` is a short name of the kind (`refused_record`, `blocked`,
    `below_minimum`, `stale_reference` ...); `record` the offending record as JSON text."""

    level: IssueLevel
    code: Key
    source: Key | None
    message: str
    record: str | None = None
    snapshot: str | None = None
    inquiry: str | None = None


@dataclass(frozen=True)
class FromSnapshot(Generic[T]):
    """A value with the id of the snapshot it was read from."""

    snapshot: str
    value: T


@dataclass
class Harvest:
    """Everything that one attempt at one source brought: plain values, nothing stored yet.

    `requests` counts what was asked (the robots file and retries not included), `answered` the requests whose answer
    was read, at least in part. `failures` counts requests without a usable answer by failure class. The prices of a
    whole survey come in `tables` instead of `quotes`, and what became of its rows is its `reconciliation`. `known`
    counts questions that were not asked because a run holds their answer.
    """

    source: str
    started_at: dt.datetime
    finished_at: dt.datetime | None = None
    requests: int = 0
    answered: int = 0
    snapshots: list[Snapshot] = field(default_factory=list)
    quotes: list[FromSnapshot[Quote]] = field(default_factory=list)
    not_offered: list[FromSnapshot[NotOffered]] = field(default_factory=list)
    rates: list[FromSnapshot[ReferenceRate]] = field(default_factory=list)
    benchmarks: list[FromSnapshot[Benchmark]] = field(default_factory=list)
    flows: list[FromSnapshot[Flow]] = field(default_factory=list)
    tables: list[FromSnapshot[SurveyTable]] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0
    repairs: dict[str, int] = field(default_factory=dict)
    rows_read: int = 0
    reconciliation: Reconciliation | None = None
    known: int = 0

    @property
    def refused(self) -> int:
        """How many records were refused (each has its issue)."""
        return sum(issue.code == "refused_record" for issue in self.issues)

    @property
    def stored(self) -> int:
        """How many values there are to store: quotes, answers without a price, rates, benchmarks and flows."""
        return self.prices + len(self.not_offered) + len(self.rates) + len(self.benchmarks) + len(self.flows)

    @property
    def prices(self) -> int:
        """How many prices there are, those in tables included."""
        return len(self.quotes) + sum(len(one.value) for one in self.tables)


@dataclass(frozen=True)
class Verdict:
    """How a run is judged: its status, the reason in one word where it is not ok, and the issues of the judgement."""

    status: RunStatus
    reason: str = ""
    issues: tuple[Issue, ...] = ()


class Switch(Value):
    """A source switched off or on by an operator: when, who, and why."""

    source: Key
    enabled: bool
    at: UtcTime
    who: Annotated[str, Field(min_length=1)]
    why: str


class CollectionRun(Value):
    """One attempt at one source on a logical date. Unique by (source, logical_date, attempt).

    `accepted` says whether its values are in force: set by the verdict, changed by a person (`accepted_by`).
    `trial` marks a run of a source that nobody has verified: kept, but out of published figures. `failures` counts the
    requests without a usable answer by failure class.
    """

    id: int
    source: Key
    logical_date: dt.date
    attempt: int
    kind: Literal["collect", "import"]
    status: RunStatus
    reason: str
    accepted: bool
    trial: bool
    started_at: UtcTime
    finished_at: UtcTime | None
    requests: int
    answered: int
    quotes: int
    not_offered: int
    rates: int
    benchmarks: int
    flows: int
    refused: int
    duplicates: int
    failures: dict[str, int] = Field(default_factory=dict)
    file_name: str | None = None
    file_sha256: str | None = None
    digest: str | None = None
    accepted_by: str | None = None
    accepted_why: str | None = None


def record_text(record: Any, limit: int = 2000) -> str:
    """A record as JSON text for an issue: decimals kept exact, cut at `limit` characters."""

    def plain(value: Any) -> Any:
        return str(value) if isinstance(value, Decimal | dt.date) else repr(value)

    text = json.dumps(record, ensure_ascii=False, default=plain)
    return text if len(text) <= limit else text[:limit] + "…"
