"""The queries: everything that is read, as words and frames. What counts is said in `frames.run_in_force`."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Engine, Select, Subquery, Text, func, or_, select

from db import alerts as alert_rows
from db import coverage, flows
from db import decisions as decision_rows
from db import deliveries as delivery_rows
from db.bodies import ArchivedBodyUse, uses_of_bodies
from db.confirmed import ConfirmedPrices, confirmed_since
from db.distinct import distinct_values
from db.engine import reading
from db.frames import Need, observation_columns, rows_of_quotes, run_in_force
from db.records import (
    StoredIssue,
    StoredQuote,
    StoredTarget,
    issue_of,
    run_of,
    snapshot_of,
    stored_quote,
    stored_target,
)
from db.rows import RunKind
from db.sidecar import Sidecar, data_key, key_of, keys_of
from db.tables import (
    AlertDeliveryRow,
    AlertMessageRow,
    AlertRow,
    AlertSilenceRow,
    BenchmarkRow,
    HomeRow,
    IssueRow,
    NotOfferedRow,
    ObservationRow,
    QuoteRow,
    ReferenceRateRow,
    Row,
    RunRow,
    SnapshotRow,
    TargetRow,
    table,
)
from db.unobserved import unobserved
from remitwatch.alerts.alert import Alert, Silence
from remitwatch.errors import InputError
from remitwatch.flows import FlowTable
from remitwatch.indicators.columns import FIGURES, FRAME, Columns
from remitwatch.quotes import Basis, Tier
from remitwatch.rates import RateScope, ReferenceRate
from remitwatch.reconciliation import Reconciliation
from remitwatch.runs import CollectionRun, RunStatus, Snapshot

if TYPE_CHECKING:
    import pandas as pd

_RUN, _SNAPSHOT, _QUOTE, _RATE = table(RunRow), table(SnapshotRow), table(QuoteRow), table(ReferenceRateRow)
_OBSERVATION, _ISSUE, _BENCHMARK = table(ObservationRow), table(IssueRow), table(BenchmarkRow)
_HOLDS = or_(_RUN.c.accepted, _RUN.c.status == RunStatus.HELD.value, _RUN.c.accepted_by.is_not(None))
_NOT_OFFERED = table(NotOfferedRow)

RateRow = tuple[str, str, str, dt.date, Decimal]
"""(source, base, quote, date, rate): `rate` units of `quote` per 1 unit of `base`, as published."""


@dataclass(frozen=True)
class TracedQuote:
    """A quote with everything it came from, and its observation as stored (None when it has none)."""

    stored: StoredQuote
    snapshot: Snapshot
    run: CollectionRun
    observation: Mapping[str, Any] | None


@dataclass(frozen=True)
class TracedAnswer:
    """An archived answer with its run, the numbers of the quotes read from it, and how many rates were."""

    snapshot: Snapshot
    run: CollectionRun
    quotes: tuple[int, ...]
    rates: int


class Queries:
    """Reads from one database. Raises StorageError (BusyError when it stays locked)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # Runs, answers, issues

    def run(self, run_id: int) -> CollectionRun:
        """The run of this number. Raises InputError when there is none."""
        found = self._rows(select(_RUN).where(_RUN.c.id == run_id))
        if not found:
            raise InputError(f"run {run_id}: there is none of this number; see: remitwatch runs list")
        return run_of(found[0])

    def reconciliation(self, run_id: int) -> Reconciliation | None:
        """What became of the rows of an imported survey file; None for other runs."""
        with reading(self._engine) as connection:
            text = connection.execute(select(_RUN.c.reconciliation).where(_RUN.c.id == run_id)).scalar_one_or_none()
        return None if text is None else Reconciliation.model_validate_json(text)

    def firms(self) -> dict[str, str]:
        """Every provider of a quote: key and one of its names as published."""
        wanted = select(_QUOTE.c.provider, func.max(_QUOTE.c.provider_name)).group_by(_QUOTE.c.provider)
        with reading(self._engine) as connection:
            return {row[0]: row[1] for row in connection.execute(wanted)}

    def runs(
        self,
        source: str | None = None,
        since: dt.date | None = None,
        until: dt.date | None = None,
        *,
        status: RunStatus | None = None,
        accepted: bool | None = None,
        trial: bool | None = None,
        kind: RunKind | None = None,
        limit: int | None = None,
    ) -> list[CollectionRun]:
        """Runs, newest first. `since` and `until` are logical dates, both included; `limit` counts what is left."""
        wanted = select(_RUN).order_by(_RUN.c.logical_date.desc(), _RUN.c.id.desc()).limit(limit)
        wanted = _where(wanted, source, _RUN.c.source.__eq__)
        wanted = _where(wanted, since, _RUN.c.logical_date.__ge__)
        wanted = _where(wanted, until, _RUN.c.logical_date.__le__)
        wanted = _where(wanted, None if status is None else status.value, _RUN.c.status.__eq__)
        wanted = _where(wanted, accepted, _RUN.c.accepted.is_)
        wanted = _where(wanted, trial, _RUN.c.trial.is_)
        wanted = _where(wanted, kind, _RUN.c.kind.__eq__)
        return [run_of(row) for row in self._rows(wanted)]

    def accepted_run(self, source: str, logical_date: dt.date) -> CollectionRun | None:
        """The last accepted run that asked a source for a date; trials and imported files apart."""
        found = self.runs(source, logical_date, logical_date, accepted=True, trial=False, kind="collect", limit=1)
        return found[0] if found else None

    def first_collected_day(self, run_id: int) -> dt.date | None:
        """The earliest day of a run's collected quotes; None when it has none."""
        wanted = select(func.min(_QUOTE.c.day)).where(_QUOTE.c.run_id == run_id, _QUOTE.c.survey_period.is_(None))
        with reading(self._engine) as connection:
            found: dt.date | None = connection.execute(wanted).scalar_one()
            return found

    def newest_in_force(self) -> dt.datetime | None:
        """When a run came in force or was taken out, or a quote was decided on, last; None when none ever was."""
        with reading(self._engine) as connection:
            return coverage.newest_in_force(connection)

    def first_run_date(self, source: str) -> dt.date | None:
        """The logical date of the first run of a source that collected, trials apart; None when it never ran."""
        wanted = select(func.min(_RUN.c.logical_date)).where(
            _RUN.c.source == source, _RUN.c.kind == "collect", ~_RUN.c.trial
        )
        with reading(self._engine) as connection:
            found: dt.date | None = connection.execute(wanted).scalar_one()
            return found

    def run_of_file(self, source: str, sha256: str) -> CollectionRun | None:
        """The newest run that brought in the file with this content and is in force, held, or decided by a person;
        trials apart."""
        wanted = select(_RUN).where(_RUN.c.source == source, _RUN.c.file_sha256 == sha256, _HOLDS, ~_RUN.c.trial)
        found = self._rows(wanted.order_by(_RUN.c.id.desc()).limit(1))
        return run_of(found[0]) if found else None

    def contexts_held(self, source: str, *, trial: bool) -> dict[str, CollectionRun]:
        """The contexts of the questions whose answer is held (`Request.context` as it is kept), with the newest run
        that holds it: one in force, held, or decided by a person. Trial runs count only for another `trial`."""
        wanted = (
            select(_SNAPSHOT.c.url, _SNAPSHOT.c.run_id)
            .join(_RUN, _RUN.c.id == _SNAPSHOT.c.run_id)
            .where(_SNAPSHOT.c.source == source, _SNAPSHOT.c.url.contains("#"), _SNAPSHOT.c.status == 200, _HOLDS)
            .order_by(_SNAPSHOT.c.run_id)
        )
        if not trial:
            wanted = wanted.where(~_RUN.c.trial)
        newest = {urldefrag(row["url"]).fragment: row["run_id"] for row in self._rows(wanted)}
        return {context: self.run(number) for context, number in newest.items()}

    def snapshots(self, run_id: int) -> list[Snapshot]:
        """The archived answers of a run, in the order in which they came."""
        wanted = select(_SNAPSHOT).where(_SNAPSHOT.c.run_id == run_id)
        return [snapshot_of(row) for row in self._rows(wanted.order_by(_SNAPSHOT.c.fetched_at, _SNAPSHOT.c.id))]

    def answers_since(self, source: str, time: dt.datetime) -> int:
        """How many answers the runs brought in which a source was asked from a time on."""
        wanted = (
            select(func.count())
            .select_from(_SNAPSHOT)
            .join(_RUN, _RUN.c.id == _SNAPSHOT.c.run_id)
            .where(_RUN.c.source == source, _RUN.c.kind == "collect", _RUN.c.started_at >= time)
        )
        with reading(self._engine) as connection:
            return int(connection.execute(wanted).scalar_one())

    def holds_private(self, run_id: int) -> bool:
        """Whether a run holds a private price."""
        wanted = select(_QUOTE.c.id).where(_QUOTE.c.run_id == run_id, _QUOTE.c.private).limit(1)
        return bool(self._rows(wanted))

    def not_offered_reasons(self, run_id: int) -> dict[str, int]:
        """Why a run's inquiries were answered without a price, and how often; the most frequent first."""
        count = func.count()
        wanted = (
            select(_NOT_OFFERED.c.why, count.label("count"))
            .where(_NOT_OFFERED.c.run_id == run_id)
            .group_by(_NOT_OFFERED.c.why)
            .order_by(count.desc(), _NOT_OFFERED.c.why)
        )
        return {row["why"]: row["count"] for row in self._rows(wanted)}

    def archived_bodies(self) -> dict[str, ArchivedBodyUse]:
        """By the hash of a body: what rests on it. Every body that an answer of any run names is there."""
        with reading(self._engine) as connection:
            return uses_of_bodies(connection)

    def bodies_named(self) -> list[str]:
        """The hashes of the bodies that answers name, each once, in order."""
        with reading(self._engine) as connection:
            wanted = select(_SNAPSHOT.c.body_sha256).distinct().order_by(_SNAPSHOT.c.body_sha256)
            return list(connection.execute(wanted).scalars())

    def recent_dates(self, limit: int) -> list[tuple[dt.datetime, str]]:
        """Of the newest answers that say it: when they came, and the time of the server that sent them (HTTP Date)."""
        with reading(self._engine) as connection:
            wanted = select(_SNAPSHOT.c.fetched_at, _SNAPSHOT.c.headers).order_by(_SNAPSHOT.c.run_id.desc())
            rows = connection.execute(wanted.where(_SNAPSHOT.c.headers.like('%"date"%')).limit(limit))
            return [(row.fetched_at, json.loads(row.headers)["date"]) for row in rows]

    def tables_that_say(self, texts: Sequence[str]) -> list[str]:
        """The tables in whose texts one of these stands, word for word; prices and rates apart, which are numbers."""
        named = (RunRow, SnapshotRow, IssueRow, AlertRow, AlertMessageRow, AlertDeliveryRow, AlertSilenceRow, HomeRow)
        with reading(self._engine) as connection:
            return [
                found.name
                for found in (table(row) for row in named)
                if connection.execute(
                    select(func.count())
                    .select_from(found)
                    .where(
                        or_(
                            *(
                                column.contains(text, autoescape=True)
                                for column in found.columns
                                if isinstance(column.type, Text)
                                for text in texts
                            )
                        )
                    )
                ).scalar_one()
            ]

    def digests(self) -> dict[int, str]:
        """By run: the digest of what was stored under it, of every run that has one."""
        with reading(self._engine) as connection:
            wanted = select(_RUN.c.id, _RUN.c.digest).where(_RUN.c.digest.is_not(None)).order_by(_RUN.c.id)
            return {int(row[0]): str(row[1]) for row in connection.execute(wanted)}

    def snapshots_of(self, *, snapshot_id: str | None = None, body_sha256: str | None = None) -> list[TracedAnswer]:
        """The archived answers with this id or this body, oldest first: each with its run and the numbers of the quotes
        that were read from it. One answer at one instant may stand in two runs."""
        wanted = select(_SNAPSHOT).order_by(_SNAPSHOT.c.fetched_at, _SNAPSHOT.c.run_id)
        wanted = _where(wanted, snapshot_id, _SNAPSHOT.c.id.__eq__)
        wanted = _where(wanted, body_sha256, _SNAPSHOT.c.body_sha256.__eq__)
        found = []
        for row in self._rows(wanted):
            quotes = select(_QUOTE.c.id).where(_QUOTE.c.run_id == row["run_id"], _QUOTE.c.snapshot_id == row["id"])
            numbers = tuple(one["id"] for one in self._rows(quotes.order_by(_QUOTE.c.id)))
            rates = self._rows(select(_RATE).where(_RATE.c.run_id == row["run_id"], _RATE.c.snapshot_id == row["id"]))
            found.append(TracedAnswer(snapshot_of(row), self.run(row["run_id"]), numbers, len(rates)))
        return found

    def conditional_snapshots(self, source: str) -> list[Snapshot]:
        """The newest answers of runs in force that said by what they are told apart (ETag, Last-Modified)."""
        said = or_(_SNAPSHOT.c.headers.contains('"etag"'), _SNAPSHOT.c.headers.contains('"last-modified"'))
        wanted = (
            select(_SNAPSHOT)
            .join(_RUN, _RUN.c.id == _SNAPSHOT.c.run_id)
            .where(_RUN.c.source == source, run_in_force(None))  # answers have no index by their source
            .where(_SNAPSHOT.c.source == source, _SNAPSHOT.c.status == 200, said)
            .order_by(_SNAPSHOT.c.fetched_at.desc())
            .limit(1000)
        )
        return [snapshot_of(row) for row in self._rows(wanted)]

    def issues(
        self,
        *,
        open_only: bool = True,
        source: str | None = None,
        run_id: int | None = None,
        limit: int | None = None,
    ) -> list[StoredIssue]:
        """Issues, the last seen first."""
        wanted = select(_ISSUE).order_by(_ISSUE.c.last_seen.desc(), _ISSUE.c.id.desc()).limit(limit)
        if open_only:
            wanted = wanted.where(_ISSUE.c.closed_at.is_(None))
        wanted = _where(wanted, source, _ISSUE.c.source.__eq__)
        wanted = _where(wanted, run_id, _ISSUE.c.run_id.__eq__)
        return [issue_of(row) for row in self._rows(wanted)]

    def issue(self, issue_id: int) -> StoredIssue:
        """The issue of this number. Raises InputError when there is none."""
        found = self._rows(select(_ISSUE).where(_ISSUE.c.id == issue_id))
        if not found:
            raise InputError(f"issue {issue_id}: there is none of this number; see: remitwatch issues list")
        return issue_of(found[0])

    # Pricing

    def unobserved_quotes(
        self,
        *,
        method: str,
        after: int = 0,
        limit: int = 5000,
        since: dt.date | None = None,
        new_after: int | None = None,
        run_id: int | None = None,
        rebuild: bool = False,
        ids: Sequence[int] | None = None,
        survey: bool = True,
    ) -> list[StoredQuote]:
        """The next quotes of accepted runs without an observation by this method, in the order of their numbers.

        Which they are: see `db.unobserved`; `ids`: these, observed or not. `survey` off leaves survey prices out.
        Pass the last number as `after` for the next batch; an empty list is the end. A batch is read whole, so that no
        reader stands in the way of writing its observations.
        """
        which = {"since": since, "new_after": new_after, "run_id": run_id, "rebuild": rebuild or ids is not None}
        wanted = unobserved(_QUOTE.columns, method=method, after=after, **which)  # type: ignore[arg-type]
        if ids is not None:
            wanted = wanted.where(_QUOTE.c.id.in_(ids))
        if not survey:
            wanted = wanted.where(_QUOTE.c.survey_period.is_(None))
        return [stored_quote(row) for row in self._rows(wanted.limit(limit))]

    def unpriced(self, since: dt.date) -> int:
        """How many quotes of accepted runs of the days from `since` on have no observation."""
        # Those without an observation first, which indexes alone tell: few, of which the run is looked up.
        lacking = (
            select(_QUOTE.c.id)
            .outerjoin(_OBSERVATION, _OBSERVATION.c.quote_id == _QUOTE.c.id)
            .where(_QUOTE.c.day >= since, _OBSERVATION.c.quote_id.is_(None))
        )
        wanted = (
            select(func.count())
            .select_from(_QUOTE)
            .join(_RUN, _RUN.c.id == _QUOTE.c.run_id)
            .where(_QUOTE.c.id.in_(lacking), run_in_force(None))
        )
        with reading(self._engine) as connection:
            return connection.execute(wanted).scalar_one()

    def market_rates(
        self, since: dt.date | None = None, until: dt.date | None = None, *, as_of: dt.datetime | None = None
    ) -> list[RateRow]:
        """The reference rates in force of the dates `since` to `until`: for each source, pair and date the newest
        accepted run's."""
        with reading(self._engine) as connection:
            wanted = _rates_in_force(as_of, *_between(_RATE.c.date, since, until))
            columns = (wanted.c.source, wanted.c.base, wanted.c.quote, wanted.c.date, wanted.c.rate)
            ordered = select(*columns).where(wanted.c.rank == 1).order_by(*columns[:4])
            return [(row[0], row[1], row[2], row[3], row[4]) for row in connection.execute(ordered)]

    def rates(
        self,
        base: str | None = None,
        quote: str | None = None,
        on: dt.date | None = None,
        source: str | None = None,
        *,
        limit: int | None = None,
    ) -> list[RateRow]:
        """Reference rates in force as published, newest date first."""
        conditions = [
            column == value
            for column, value in (
                (_RATE.c.base, base),
                (_RATE.c.quote, quote),
                (_RATE.c.date, on),
                (_RATE.c.source, source),
            )
            if value is not None
        ]
        with reading(self._engine) as connection:
            wanted = _rates_in_force(None, *conditions)
            columns = (wanted.c.source, wanted.c.base, wanted.c.quote, wanted.c.date, wanted.c.rate)
            ordered = select(*columns).where(wanted.c.rank == 1)
            ordered = ordered.order_by(wanted.c.date.desc(), *columns[:3]).limit(limit)
            return [(row[0], row[1], row[2], row[3], row[4]) for row in connection.execute(ordered)]

    def newest_rate_date(self, source: str, since: dt.date) -> dt.date | None:
        """The newest date, from `since` on, for which an accepted run brought a market rate of this source."""
        wanted = (
            select(func.max(_RATE.c.date))
            .join(_RUN, _RUN.c.id == _RATE.c.run_id)
            .where(_RATE.c.source == source, _RATE.c.scope == RateScope.MARKET.value, _RATE.c.date >= since)
            .where(run_in_force(None))
        )
        with reading(self._engine) as connection:
            found: dt.date | None = connection.execute(wanted).scalar_one()
            return found

    def response_rates(self, snapshot_ids: Iterable[str]) -> dict[str, list[tuple[str, ReferenceRate]]]:
        """By snapshot: the mid rates stated in that answer, valid for its own quotes only, with their source."""
        found: dict[str, list[tuple[str, ReferenceRate]]] = {}
        wanted = select(_RATE).where(_RATE.c.scope == RateScope.RESPONSE.value)
        for some in _in_parts(sorted(set(snapshot_ids))):
            for row in self._rows(wanted.where(_RATE.c.snapshot_id.in_(some)).order_by(_RATE.c.id)):
                rate = ReferenceRate.model_validate({name: row[name] for name in ReferenceRate.model_fields})
                stated = found.setdefault(row["snapshot_id"], [])
                if (row["source"], rate) not in stated:
                    stated.append((row["source"], rate))
        return found

    # Figures and pages

    def observations(
        self,
        *,
        as_of: dt.datetime | None = None,
        basis: Basis | str | None = None,
        since: dt.date | None = None,
        until: dt.date | None = None,
        corridor: str | None = None,
        survey: bool = True,
    ) -> pd.DataFrame:
        """One row an observed quote in force (columns: `indicators.columns.FRAME`): of accepted runs that are no trial;
        of the survey each period's newest vintage; of collected quotes the newest of a service, amount, basis, source
        and day.

        `since` and `until` are days, both included; `as_of` sees what was in force at that time. `*_e8` are float64
        that hold whole numbers of 1e-8 per cent, NaN where undisclosed; `tier` is 0 where there is none; missing text
        is ''; `day` is datetime64, times are UTC; amounts and rates are the nearest floats, for display only.
        `survey` off leaves survey rows out.
        """
        common = _of_corridor(corridor)
        if since is not None or until is not None:  # SQLite finds days by their index where both ends are named
            common.append(_QUOTE.c.day.between(since or dt.date.min, until or dt.date.max))
        if basis is not None:
            common.append(_QUOTE.c.basis == Basis(basis).value)
        (of_survey, collected) = ([*family, *common] for family in Need().conditions())
        with reading(self._engine) as connection:
            # Mostly there is none among some days; to look for its vintages reads every quote there is.
            any_survey = survey and connection.execute(select(_QUOTE.c.id).where(*of_survey).limit(1)).first()
            if not any_survey:
                return observation_columns(connection, [collected], as_of).frame()
            columns = observation_columns(connection, [collected, of_survey], as_of)
            return columns.taking(np.argsort(columns.whole("quote_id"), kind="stable")).frame()

    def observation_columns(self, *, as_of: dt.datetime | None = None, basis: Basis | str | None = None) -> Columns:
        """As `observations`, by columns."""
        conditions = [] if basis is None else [_QUOTE.c.basis == Basis(basis).value]
        with reading(self._engine) as connection:
            return observation_columns(connection, [conditions], as_of)

    def collected_columns(self, since: dt.date, until: dt.date) -> Columns:
        """Of the collected quotes in force of some days, both included: the columns of FIGURES, and of each quote its
        run (`run_id`)."""
        with reading(self._engine) as connection:
            conditions = Need(survey=False, since=since, until=until).conditions()
            return observation_columns(connection, conditions, None, names=(*FIGURES, "run_id"))

    def sources_of_figures(self, since: dt.date, until: dt.date) -> list[tuple[dt.date, str, str, str]]:
        """The days of collected quotes in force, their corridors, and the sources of the quotes and of their reference
        rates (joined by `+`; '' where there is none)."""
        reference = func.coalesce(_OBSERVATION.c.reference_source, "")
        wanted = (
            select(_QUOTE.c.day, _QUOTE.c.sender + "-" + _QUOTE.c.receiver, _QUOTE.c.source, reference)
            .join(_RUN, _RUN.c.id == _QUOTE.c.run_id)
            .join(_OBSERVATION, _OBSERVATION.c.quote_id == _QUOTE.c.id)
            .where(run_in_force(None), _QUOTE.c.survey_period.is_(None), *_between(_QUOTE.c.day, since, until))
            .distinct()
        )
        with reading(self._engine) as connection:
            return [(row[0], row[1], row[2], row[3]) for row in connection.execute(wanted)]

    def figure_columns(
        self, need: Need, as_of: dt.datetime | None, sidecar: Sidecar | None, names: Sequence[str] = FIGURES
    ) -> Columns:
        """What figures are computed from (`names` of `indicators.columns.FIGURES`) of the rows that are needed: from
        the sidecar where it holds them as they are now, else from the database, and then the sidecar holds them."""
        if sidecar is None:
            with reading(self._engine) as connection:
                return observation_columns(connection, need.conditions(), as_of, names=FIGURES)
        return self.figure_columns_of([need], as_of, sidecar, names)[0]

    def figure_columns_of(
        self, needs: Sequence[Need], as_of: dt.datetime | None, sidecar: Sidecar, names: Sequence[str] = FIGURES
    ) -> list[Columns]:
        """`figure_columns` of many needs, of one state of the database."""
        found = []
        with reading(self._engine) as connection:
            for need, key in zip(needs, keys_of(connection, needs, as_of), strict=True):
                held = sidecar.load(need, key, names)
                if held is None:
                    held = observation_columns(connection, need.conditions(), as_of, names=FIGURES)
                    sidecar.save(need, key, held)
                found.append(held)
        return found

    def key_of(self, need: Need, as_of: dt.datetime | None) -> str | None:
        """What the rows of a need are known by: other rows, other key (`sidecar.key_of`). None: it is not known."""
        with reading(self._engine) as connection:
            return key_of(connection, need, as_of)

    def keys_of(self, needs: Sequence[Need], as_of: dt.datetime | None) -> list[str | None]:
        """`key_of` of many needs, of one state of the database."""
        with reading(self._engine) as connection:
            return keys_of(connection, needs, as_of)

    def rows_of_quotes(self, ids: NDArray[np.int64], names: Sequence[str] = FRAME) -> Columns:
        """The columns of these names of the quotes of these numbers, in this order."""
        with reading(self._engine) as connection:
            return rows_of_quotes(connection, ids, names)

    def days(self) -> list[dt.date]:
        """The days that any quote is of, in order: each found by the index, not by reading the quotes."""
        every = distinct_values(_QUOTE.c.day)
        with reading(self._engine) as connection:
            return list(connection.execute(select(every.c.day).where(every.c.day.is_not(None))).scalars())

    def survey_quarter_before(self, quarter: str | None, as_of: dt.datetime | None) -> str | None:
        """The newest quarter of survey rows in force, or the one before `quarter`; None when there is none."""
        found: list[str] = []
        with reading(self._engine) as connection:
            for source in connection.execute(select(_RUN.c.source).where(run_in_force(as_of)).distinct()).scalars():
                wanted = (
                    select(_QUOTE.c.survey_period)
                    .join(_RUN, _RUN.c.id == _QUOTE.c.run_id)
                    .where(_QUOTE.c.source == source, _QUOTE.c.survey_period.is_not(None), run_in_force(as_of))
                    .order_by(_QUOTE.c.survey_period.desc())
                    .limit(1)
                )
                found += connection.execute(_where(wanted, quarter, _QUOTE.c.survey_period.__lt__)).scalars().all()
        return max(found, default=None)

    def sources_of_prices(self, as_of: dt.datetime | None = None) -> list[str]:
        """The sources with prices in force."""
        wanted = select(_RUN.c.source).where(run_in_force(as_of), _RUN.c.quotes > 0).distinct().order_by(_RUN.c.source)
        with reading(self._engine) as connection:
            return list(connection.execute(wanted).scalars())

    def newest_day(
        self, basis: Basis, tier: int, sender: str | None, receiver: str | None, as_of: dt.datetime | None
    ) -> dt.date | None:
        """The newest day of a price of a basis and amount in force; None when there is none."""
        newest = (
            select(_QUOTE.c.day)
            .join(_RUN, _RUN.c.id == _QUOTE.c.run_id)
            .where(run_in_force(as_of), _QUOTE.c.basis == basis.value, _QUOTE.c.tier == tier)
            .order_by(_QUOTE.c.day.desc())
            .limit(1)
        )
        for column, code in ((_QUOTE.c.sender, sender), (_QUOTE.c.receiver, receiver)):
            newest = _where(newest, code, column.__eq__)
        with reading(self._engine) as connection:
            return connection.execute(newest).scalar_one_or_none()

    def quotes_table(self, corridor: str, on: dt.date | None = None) -> pd.DataFrame:
        """The quotes in force of a corridor, with or without an observation: of the day `on`, or each service's newest.

        The columns of `observations`, where `send_amount`, `fee`, `rate` and `receive_amount` are exact Decimals as
        published (None where there is none). Of the survey without `on`: the newest period of each source.
        """
        with reading(self._engine) as connection:
            conditions = [*_between(_QUOTE.c.day, on, on), *_of_corridor(corridor)]
            frame = observation_columns(connection, [conditions], None, unobserved_too=True).frame()
            if on is None and len(frame):
                frame = _newest(frame)
            return _with_exact_amounts(connection, frame)

    def benchmarks(
        self,
        *,
        series: str | None = None,
        corridor: str | None = None,
        source: str | None = None,
        as_of: dt.datetime | None = None,
    ) -> pd.DataFrame:
        """Published figures in force (each one's newest accepted run), or in force at the time `as_of`: columns source,
        series, scope, sender, receiver, period, value (exact Decimal, per cent); missing text is ''. Ordered by source,
        series, sender, receiver, period."""
        columns = ("source", "series", "scope", "sender", "receiver", "period", "value")
        rank = func.row_number().over(
            partition_by=[_BENCHMARK.c.source, _BENCHMARK.c.key], order_by=_BENCHMARK.c.run_id.desc()
        )
        wanted: Select[Any] = (
            select(*(_BENCHMARK.c[name] for name in columns), rank.label("rank"))
            .join(_RUN, _RUN.c.id == _BENCHMARK.c.run_id)
            .where(run_in_force(as_of))
        )
        wanted = _where(wanted, series, _BENCHMARK.c.series.__eq__)
        wanted = _where(wanted, source, _BENCHMARK.c.source.__eq__)
        if corridor is not None:
            sender, receiver = corridor.split("-")
            wanted = wanted.where(_BENCHMARK.c.sender == sender, _BENCHMARK.c.receiver == receiver)
        newest = wanted.subquery()
        with reading(self._engine) as connection:
            found = connection.execute(select(*(newest.c[name] for name in columns)).where(newest.c.rank == 1)).all()
        import pandas as pd

        frame = pd.DataFrame([tuple(row) for row in found], columns=list(columns))
        for name in columns[:-1]:
            frame[name] = frame[name].fillna("").astype("str")
        return frame.sort_values(["source", "series", "sender", "receiver", "period"], ignore_index=True)

    def flow_tables(self, as_of: dt.datetime | None = None) -> pd.DataFrame:
        """The flows in force by series and year, each its newest run's: columns series, year, run_id. The newest year
        first; of one year the newest run first. With `as_of` those in force at that time."""
        with reading(self._engine) as connection:
            return flows.tables(connection, as_of)

    def flows(self, series: str, year: int, as_of: dt.datetime | None = None) -> FlowTable | None:
        """The flows in force of a series and year, whole, of their newest run; None when there are none."""
        with reading(self._engine) as connection:
            return flows.table_of(connection, series, year, as_of)

    def stored_quotes(self, quote_ids: Iterable[int]) -> Iterator[StoredQuote]:
        """The quotes with these numbers, in the order of the numbers."""
        with reading(self._engine) as connection:
            for some in _in_parts(sorted(set(quote_ids))):
                wanted = select(_QUOTE).where(_QUOTE.c.id.in_(some)).order_by(_QUOTE.c.id)
                for row in connection.execute(wanted).mappings():
                    yield stored_quote(dict(row))

    def trace(self, quote_ids: Iterable[int]) -> list[TracedQuote]:
        """The quotes of these numbers with their observations, answers and runs, in the order of their numbers.
        Numbers that are not there (any more) are left out."""
        traced: list[TracedQuote] = []
        with reading(self._engine) as connection:
            for some in _in_parts(sorted(set(quote_ids))):
                traced += _trace(connection, some)
        return traced

    # What people decided of quotes

    def decisions(self, quote_ids: Iterable[int] | None = None) -> list[decision_rows.StoredDecision]:
        """What was decided of quotes that are there, or of some of them, the oldest first."""
        with reading(self._engine) as connection:
            return decision_rows.decisions(connection, quote_ids)

    def flags_of(self, quote_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
        """The flags of the observations of some quotes."""
        wanted = select(_OBSERVATION.c.quote_id, _OBSERVATION.c.flags)
        found: dict[int, tuple[str, ...]] = {}
        with reading(self._engine) as connection:
            for some in _in_parts(sorted(set(quote_ids))):
                for number, flags in connection.execute(wanted.where(_OBSERVATION.c.quote_id.in_(some))):
                    found[number] = tuple(flag for flag in flags.split("+") if flag)
        return found

    def runs_decided_on(self, since: dt.datetime) -> set[int]:
        """The runs of which a person has accepted or rejected something after `since`: the run, or prices of it."""
        accepted = select(_RUN.c.id).where(_RUN.c.accepted_at > since, ~_RUN.c.trial)
        with reading(self._engine) as connection:
            return {*connection.execute(accepted).scalars(), *decision_rows.runs_decided_on(connection, since)}

    def confirmed_since(self, as_of: dt.datetime) -> list[ConfirmedPrices]:
        """The collected prices that were in quarantine at `as_of` and that their service's next price has confirmed
        since, by run and basis."""
        with reading(self._engine) as connection:
            return confirmed_since(connection, as_of)

    def span_of_run(self, run_id: int) -> tuple[tuple[str, ...], tuple[dt.date, dt.date] | None]:
        """The survey quarters of a run's prices, and the first and last day of its collected ones (None: there are
        none)."""
        with reading(self._engine) as connection:
            return coverage.span_of_run(connection, run_id)

    def runs_of_prices(self) -> list[CollectionRun]:
        """The runs in force that hold prices or flows, in the order of their numbers."""
        wanted = select(_RUN).where(run_in_force(None), or_(_RUN.c.quotes > 0, _RUN.c.flows > 0)).order_by(_RUN.c.id)
        return [run_of(row) for row in self._rows(wanted)]

    def survey_vintages(self) -> list[dict[str, Any]]:
        """Of every survey quarter in force: `period`, `source`, and the `run` and file (`file_name`, `file_sha256`)
        that it came from; the oldest first."""
        with reading(self._engine) as connection:
            return coverage.survey_vintages(connection)

    # Alerts

    def alerts(
        self,
        *,
        states: Sequence[str] = (),
        rule: str | None = None,
        subject: str | None = None,
        told_since: dt.datetime | None = None,
        limit: int | None = None,
    ) -> list[Alert]:
        """Alerts, the newest first: of these states, rule and subject, and whose opening was told from a time on."""
        with reading(self._engine) as connection:
            return alert_rows.alerts(
                connection, states=states, rule=rule, subject=subject, told_since=told_since, limit=limit
            )

    def alert(self, alert_id: int) -> Alert:
        """The alert of this number. Raises InputError when there is none."""
        with reading(self._engine) as connection:
            return alert_rows.alert(connection, alert_id)

    def silences(self) -> list[Silence]:
        """Every silence, the newest first."""
        with reading(self._engine) as connection:
            return alert_rows.silences(connection)

    def alert_messages(self, *, limit: int | None = None) -> list[alert_rows.StoredMessage]:
        """The messages of the outbox, the newest first."""
        with reading(self._engine) as connection:
            return alert_rows.messages(connection, limit=limit)

    def deliveries(
        self,
        *,
        states: Sequence[str] = (),
        route: str | None = None,
        due_by: dt.datetime | None = None,
        limit: int | None = None,
    ) -> list[delivery_rows.Delivery]:
        """Deliveries of messages, the oldest first (with `limit` the newest so many, the newest first): of these
        states, of a route, due by a time."""
        with reading(self._engine) as connection:
            return delivery_rows.deliveries(connection, states=states, route=route, due_by=due_by, limit=limit)

    def delivery_counts(self) -> dict[str, int]:
        """How many deliveries are `waiting`, `sent` and `dead`."""
        with reading(self._engine) as connection:
            return delivery_rows.counts(connection)

    def newest_messages(self) -> dict[str, str]:
        """By audience the key of the newest message of the outbox."""
        with reading(self._engine) as connection:
            return delivery_rows.newest_messages(connection)

    def alerts_evaluated(self) -> str | None:
        """The mark of the last evaluation of the rules; None before the first."""
        with reading(self._engine) as connection:
            return alert_rows.evaluated(connection)

    def state_of_alerts_data(self) -> list[str]:
        """What the data that rules look at are known by: other data, other list."""
        with reading(self._engine) as connection:
            return [data_key(connection, None) or "", *alert_rows.state_of_data(connection)]

    # What is held

    def interbank_rates(self, quote_ids: Iterable[int]) -> dict[int, Decimal]:
        """The interbank rates that survey rows state, by quote; those that state none, or 0, are left out."""
        found: dict[int, Decimal] = {}
        with reading(self._engine) as connection:
            for some in _in_parts(sorted(set(quote_ids))):
                wanted = select(_QUOTE.c.id, _QUOTE.c.interbank_rate).where(
                    _QUOTE.c.id.in_(some), _QUOTE.c.interbank_rate.is_not(None)
                )
                found |= {number: rate for number, rate in connection.execute(wanted) if rate}
        return found

    def survey_rows_in_force(self, source: str, period: str | None = None) -> dict[str, int]:
        """By survey period: how many rows of this source are in force."""
        with reading(self._engine) as connection:
            return coverage.survey_rows(connection, source, period)

    def survey_send_amounts(self) -> dict[tuple[str, str, Tier], Decimal]:
        """By sender, currency and tier: the most frequent amount of the newest survey period for it (of equally
        frequent ones the smallest)."""
        with reading(self._engine) as connection:
            return coverage.survey_amounts(connection)

    def providers(self) -> pd.DataFrame:
        """Every provider with a quote in an accepted run: columns provider, name (the newest), types, quotes,
        corridors, sources, first_day, last_day. Ordered by provider."""
        with reading(self._engine) as connection:
            return coverage.providers(connection)

    def corridors(self) -> pd.DataFrame:
        """Every corridor with a quote in an accepted run: columns corridor, basis, quotes, providers, first_day,
        last_day. Ordered by corridor and basis."""
        with reading(self._engine) as connection:
            return coverage.corridors(connection)

    def targets(self) -> list[StoredTarget]:
        """The national targets, ordered by code."""
        target = table(TargetRow)
        return [stored_target(row) for row in self._rows(select(target).order_by(target.c.code))]

    def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        with reading(self._engine) as connection:
            return {
                name: connection.execute(select(func.count()).select_from(found)).scalar_one()
                for name, found in sorted(Row.metadata.tables.items())
            }

    def _rows(self, wanted: Select[Any]) -> list[dict[str, Any]]:
        with reading(self._engine) as connection:
            found = connection.execute(wanted)
            names = tuple(found.keys())
            return [dict(zip(names, row, strict=True)) for row in found]


def _where(wanted: Select[Any], value: Any, condition: Callable[[Any], ColumnElement[bool]]) -> Select[Any]:
    return wanted if value is None else wanted.where(condition(value))


def _between(column: ColumnElement[dt.date], since: dt.date | None, until: dt.date | None) -> list[ColumnElement[bool]]:
    found = [] if since is None else [column >= since]
    return found if until is None else [*found, column <= until]


def _of_corridor(corridor: str | None) -> list[ColumnElement[bool]]:
    if corridor is None:
        return []
    sender, receiver = corridor.split("-")
    return [_QUOTE.c.sender == sender, _QUOTE.c.receiver == receiver]


def _in_parts(values: Sequence[Any], size: int = 500) -> Iterable[Sequence[Any]]:
    return (values[start : start + size] for start in range(0, len(values), size))


def _rates_in_force(as_of: dt.datetime | None, *conditions: ColumnElement[bool]) -> Subquery:
    """The market rates of runs in force, `rank` 1 for the newest run of each source, pair and date."""
    rank = func.row_number().over(
        partition_by=[_RATE.c.source, _RATE.c.base, _RATE.c.quote, _RATE.c.date], order_by=_RATE.c.run_id.desc()
    )
    return (
        select(_RATE.c.source, _RATE.c.base, _RATE.c.quote, _RATE.c.date, _RATE.c.rate, rank.label("rank"))
        .join(_RUN, _RUN.c.id == _RATE.c.run_id)
        .where(_RATE.c.scope == RateScope.MARKET.value, run_in_force(as_of), *conditions)
        .subquery()
    )


def _newest(frame: pd.DataFrame) -> pd.DataFrame:
    """The newest quote of each collected service; of the survey the newest period of each source."""
    survey = frame["survey_period"] != ""
    newest_period = frame["survey_period"].groupby(frame["source"]).transform("max")
    of_survey = survey & (frame["survey_period"] == newest_period)
    collected = frame[~survey].sort_values(["day", "quoted_at", "quote_id"], na_position="first")
    newest = collected.drop_duplicates(["service", "tier", "basis", "source"], keep="last")
    return frame[of_survey | frame.index.isin(newest.index)].reset_index(drop=True)


def _with_exact_amounts(connection: Connection, frame: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    names = ("send_amount", "fee", "rate", "receive_amount")
    exact: dict[int, tuple[Any, ...]] = {}
    for some in _in_parts([int(number) for number in frame["quote_id"]]):
        wanted = select(_QUOTE.c.id, *(_QUOTE.c[name] for name in names)).where(_QUOTE.c.id.in_(some))
        exact |= {row[0]: tuple(row[1:]) for row in connection.execute(wanted)}
    for place, name in enumerate(names):
        cells = [exact[number][place] for number in frame["quote_id"]]
        frame[name] = pd.Series(cells, dtype=object, index=frame.index)
    return frame


def _trace(connection: Connection, numbers: Sequence[int]) -> list[TracedQuote]:
    quotes = connection.execute(select(_QUOTE).where(_QUOTE.c.id.in_(numbers)).order_by(_QUOTE.c.id)).mappings().all()
    observed = connection.execute(select(_OBSERVATION).where(_OBSERVATION.c.quote_id.in_(numbers))).mappings()
    observations = {row["quote_id"]: dict(row) for row in observed}
    run_ids = {row["run_id"] for row in quotes}
    runs = {
        row["id"]: run_of(dict(row))
        for row in connection.execute(select(_RUN).where(_RUN.c.id.in_(run_ids))).mappings()
    }
    answers = {(row["run_id"], row["snapshot_id"]) for row in quotes}
    wanted = select(_SNAPSHOT).where(
        _SNAPSHOT.c.run_id.in_(run_ids), _SNAPSHOT.c.id.in_({snapshot for _run, snapshot in answers})
    )
    snapshots = {(row["run_id"], row["id"]): snapshot_of(dict(row)) for row in connection.execute(wanted).mappings()}
    return [
        TracedQuote(
            stored_quote(dict(row)),
            snapshots[row["run_id"], row["snapshot_id"]],
            runs[row["run_id"]],
            observations.get(row["id"]),
        )
        for row in quotes
    ]
