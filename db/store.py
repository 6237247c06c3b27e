"""The store: everything that is written, each call one transaction that is kept whole or not at all."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from db import alerts as alert_rows
from db import coverage, decisions
from db import deliveries as delivery_rows
from db import issues as issue_rows
from db.alerts import Addressed, StoredMessage, nobody
from db.bulk import digest_of_run, digested, insert_of_run, insert_rows
from db.engine import reading, touches_days, writing
from db.records import ReplaceReport, run_of, target_row
from db.replace import replace_rows
from db.rows import KINDS, VALUES, RunKind, harvest_rows
from db.tables import (
    HomeRow,
    ObservationRow,
    QuoteRow,
    RunRow,
    SendAmountRow,
    SourceStateRow,
    SourceSwitchRow,
    TargetRow,
    table,
)
from db.unobserved import REPLACE
from remitwatch.alerts.alert import Alert, Silence, Step
from remitwatch.costs import Observation
from remitwatch.errors import InputError, StorageError
from remitwatch.runs import ACCEPTED, CollectionRun, Harvest, Issue, RunStatus, Switch, Verdict
from remitwatch.send_amounts import SendAmount
from remitwatch.targets import Target

_HOME, _RUN, _QUOTE, _OBSERVATION = table(HomeRow), table(RunRow), table(QuoteRow), table(ObservationRow)
_STATE, _AMOUNT, _TARGET = table(SourceStateRow), table(SendAmountRow), table(TargetRow)
_SWITCH = table(SourceSwitchRow)


class Store:
    """Writes to one database. Times are given by the caller. Raises StorageError (BusyError when it stays locked)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # The home

    def home_kind(self) -> str | None:
        """`real` or `sandbox`; None before it is set."""
        with reading(self._engine) as connection:
            return connection.execute(select(_HOME.c.value).where(_HOME.c.key == "kind")).scalar_one_or_none()

    def set_home_kind(self, kind: str, at: dt.datetime) -> None:
        """Say once what kind of home this is. Raises StorageError when it is of another kind."""
        with writing(self._engine) as connection:
            is_kind = connection.execute(select(_HOME.c.value).where(_HOME.c.key == "kind")).scalar_one_or_none()
            if is_kind is None:
                made = [{"key": "kind", "value": kind}, {"key": "made_at", "value": at.isoformat()}]
                connection.execute(insert(_HOME), made)
            elif is_kind != kind:
                raise StorageError(f"this is a {is_kind} home: it cannot become a {kind} one")

    # Runs

    def start_run(
        self,
        *,
        source: str,
        logical_date: dt.date,
        kind: RunKind,
        started_at: dt.datetime,
        trial: bool = False,
        file_name: str | None = None,
        file_sha256: str | None = None,
    ) -> CollectionRun:
        """A new attempt at a source on a date, visible at once as `running`."""
        with writing(self._engine) as connection:
            touches_days(connection, ())
            return run_of(
                _new_run(
                    connection,
                    source=source,
                    logical_date=logical_date,
                    kind=kind,
                    status=RunStatus.RUNNING.value,
                    started_at=started_at,
                    trial=trial,
                    file_name=file_name,
                    file_sha256=file_sha256,
                )
            )

    def finish_run(
        self,
        run_id: int,
        harvest: Harvest,
        verdict: Verdict,
        finished_at: dt.datetime,
        *,
        file: tuple[str, str] | None = None,
    ) -> CollectionRun:
        """Store everything a run brought, its issues and its verdict, in one transaction. `file`: name and hash of the
        one file that it downloaded, where it did.

        Each natural key is stored once: equal records more are counted as duplicates; of contradicting ones the first
        is kept and the others are issues, and the run is `partial` at best. Raises StorageError when the run is not
        running, or was started for another source.
        """
        with writing(self._engine) as connection:
            run = run_of(_run_row(connection, run_id))
            if run.status is not RunStatus.RUNNING:
                raise StorageError(f"run {run_id}: it has ended already ({run.status} {run.reason})".rstrip(" )") + ")")
            if run.source != harvest.source:
                raise StorageError(f"run {run_id}: it is of {run.source}, the values are of {harvest.source}")
            rows = harvest_rows(harvest, run.logical_date, run.kind)
            with digested({kind.table.name: rows.of(kind) for kind in KINDS}) as digest:
                stored = {kind.table.name: insert_of_run(connection, kind, run_id, rows.of(kind)) for kind in KINDS}
                content = digest()
            days = coverage.days_of_run(connection, run_id)
            if days is not None:
                touches_days(connection, days)
            status, reason = verdict.status, verdict.reason
            if rows.issues and status is RunStatus.OK:
                status, reason = RunStatus.PARTIAL, "conflict"
            issues = (*harvest.issues, *verdict.issues, *rows.issues)
            issue_rows.add_issues(connection, issues, finished_at, run_id)
            accepted = status in ACCEPTED
            downloaded = {} if file is None else {"file_name": file[0], "file_sha256": file[1]}
            return _update_run(
                connection,
                run_id,
                **downloaded,
                status=status.value,
                reason=reason,
                accepted=accepted,
                finished_at=finished_at,
                in_force_since=finished_at if accepted else None,
                requests=harvest.requests,
                answered=harvest.answered,
                quotes=stored["quote"],
                not_offered=stored["not_offered"],
                rates=stored["reference_rate"],
                benchmarks=stored["benchmark"],
                flows=stored["flow"],
                refused=harvest.refused,
                duplicates=harvest.duplicates + rows.duplicates,
                rows_read=harvest.rows_read,
                failures=json.dumps(harvest.failures, sort_keys=True),
                repairs=json.dumps(harvest.repairs, sort_keys=True),
                reconciliation=_reconciliation(harvest),
                digest=content,
            )

    def record_missed(self, source: str, logical_date: dt.date, reason: str, at: dt.datetime) -> bool:
        """Record that a source was not asked on a date. False when that has an accepted run (no trial, no imported
        file) or the record already."""
        with writing(self._engine) as connection:
            touches_days(connection, ())
            there = connection.execute(
                select(_RUN.c.id).where(
                    _RUN.c.source == source,
                    _RUN.c.logical_date == logical_date,
                    _RUN.c.kind == "collect",
                    (_RUN.c.accepted & ~_RUN.c.trial) | (_RUN.c.status == RunStatus.MISSED.value),
                )
            ).first()
            if there is not None:
                return False
            row = _new_run(
                connection,
                source=source,
                logical_date=logical_date,
                kind="collect",
                status=RunStatus.MISSED.value,
                started_at=at,
            )
            _update_run(connection, row["id"], reason=reason, finished_at=at)
            return True

    def abort_unfinished(self, at: dt.datetime, reason: str = "aborted") -> list[CollectionRun]:
        """Mark the runs that are still `running` as failed: `aborted` by a kill, seen at the next start, or
        `interrupted` by a signal. Only for the one who holds the home."""
        with writing(self._engine) as connection:
            touches_days(connection, ())
            unfinished = select(_RUN.c.id).where(_RUN.c.status == RunStatus.RUNNING.value).order_by(_RUN.c.id)
            return [
                _update_run(connection, one, status=RunStatus.FAILED.value, reason=reason, finished_at=at)
                for one in connection.execute(unfinished).scalars().all()
            ]

    def replace_values(self, run_id: int, harvest: Harvest, at: dt.datetime, *, dry_run: bool = False) -> ReplaceReport:
        """Replace what was read from the snapshots of this harvest (a reparse) by what it holds, in one transaction.

        Values that did not change keep their numbers and observations; the observations of removed quotes go too. The
        run gets its new counts and digest; its status stays, and a person may accept or reject it. `dry_run` only
        reports. Raises StorageError when the run has not ended or does not hold these snapshots.
        """
        if dry_run:
            with reading(self._engine) as connection:
                return replace_rows(connection, _ended_run(connection, run_id), harvest, write=False)[0]
        with writing(self._engine) as connection:
            run = _ended_run(connection, run_id)
            report, issues, whole = replace_rows(connection, run, harvest)
            issue_rows.add_issues(connection, (*harvest.issues, *issues), at, run_id)
            changed: dict[str, Any] = {"digest": digest_of_run(connection, run_id)}
            for kind, count in zip(VALUES, ("quotes", "not_offered", "rates", "benchmarks", "flows"), strict=True):
                of_run = select(func.count()).select_from(kind.table).where(kind.table.c.run_id == run_id)
                changed[count] = connection.execute(of_run).scalar_one()
            if whole:  # of a part of the answers it is not known which of the old refusals were theirs
                changed["refused"] = harvest.refused
                changed["reconciliation"] = _reconciliation(harvest)
            _update_run(connection, run_id, **changed)
            return report

    def set_accepted(self, run_id: int, accepted: bool, *, who: str, why: str, at: dt.datetime) -> CollectionRun:
        """Put the values of a run in force, or take them out, and keep who decided it and why.

        Raises InputError for an unknown run or one that holds nothing to decide on.
        """
        with writing(self._engine) as connection:
            run = run_of(_run_row(connection, run_id))
            if run.status not in (*ACCEPTED, RunStatus.HELD):
                raise InputError(f"run {run_id}: it is {run.status}: there is nothing in it to accept or reject")
            decided = {"accepted_by": who, "accepted_why": why, "accepted_at": at}
            if accepted == run.accepted:
                return run if run.accepted_by else _update_run(connection, run_id, **decided)
            # A run taken out keeps its observations and its span in force: figures as of that time still see it.
            span = {"in_force_since": at, "in_force_until": None} if accepted else {"in_force_until": at}
            return _update_run(connection, run_id, accepted=accepted, **span, **decided)

    def digest_matches(self, run_id: int) -> bool:
        """Whether what stands under a run is still what was stored: its digest, computed anew. True without one."""
        with reading(self._engine) as connection:
            known = _run_row(connection, run_id)["digest"]
            return known is None or known == digest_of_run(connection, run_id)

    # Issues

    def add_issues(self, issues: Iterable[Issue], at: dt.datetime, run_id: int | None = None) -> int:
        """Add issues. One that is open already (same code, source and message) is counted as seen again. Returns how
        many were given."""
        with writing(self._engine) as connection:
            return issue_rows.add_issues(connection, issues, at, run_id)

    def close_issue(self, issue_id: int, who: str, why: str, at: dt.datetime) -> None:
        """Close an open issue. Raises InputError when there is none of this number."""
        with writing(self._engine) as connection:
            issue_rows.close_issue(connection, issue_id, who, why, at)

    # Observations

    def save_observations(self, observations: Sequence[Observation], *, gone: Sequence[int] = ()) -> int:
        """Store observations; one of the same quote is replaced. Those of the quotes in `gone` are thrown away: they
        are derived, and have no reference rate any more. Returns how many were given."""
        with writing(self._engine) as connection:
            self._touches(connection, [*gone, *(one.quote_id for one in observations)])
            for start in range(0, len(gone), 500):
                some = gone[start : start + 500]
                connection.execute(delete(_OBSERVATION).where(_OBSERVATION.c.quote_id.in_(some)))
            return insert_rows(
                connection, _OBSERVATION, tuple(_OBSERVATION.columns), map(_observation, observations), REPLACE
            )

    def observed_until(self) -> int:
        """The number up to which every quote has been tried to be priced once; 0 at first."""
        with reading(self._engine) as connection:
            wanted = select(_HOME.c.value).where(_HOME.c.key == "observed_until")
            return int(connection.execute(wanted).scalar_one_or_none() or 0)

    def set_observed_until(self, quote_id: int) -> None:
        """Remember it."""
        with writing(self._engine) as connection:
            connection.execute(delete(_HOME).where(_HOME.c.key == "observed_until"))
            connection.execute(insert(_HOME).values(key="observed_until", value=str(quote_id)))

    def set_flags(self, flags: Sequence[tuple[int, str]]) -> int:
        """Give observations their flags (quote number, flags). Returns how many were given."""
        with writing(self._engine) as connection:
            self._touches(connection, [number for number, _ in flags])
            return decisions.set_flags(connection, flags)

    def _touches(self, connection: Connection, ids: Sequence[int]) -> None:
        """Say that only these quotes' figures change, where they are all collected ones."""
        days = coverage.days_of_quotes(connection, ids)
        if days is not None:
            touches_days(connection, days)

    # What an operator decides

    def decide_quotes(
        self, quote_ids: Sequence[int], *, released: bool, who: str, why: str, at: dt.datetime, issue_id: int | None
    ) -> None:
        """Keep what a person decided of some quotes, and close the issue about them, in one transaction. Raises
        InputError for an unknown quote and an issue that is closed."""
        with writing(self._engine) as connection:
            decisions.decide(connection, quote_ids, released=released, who=who, why=why, at=at)
            if issue_id is not None:
                issue_rows.close_issue(
                    connection, issue_id, who, f"{'released' if released else 'rejected'}: {why}", at
                )

    def verify_source(self, key: str, who: str, at: dt.datetime) -> None:
        """Record that a person looked at a source's live answers and found them right."""
        with writing(self._engine) as connection:
            connection.execute(delete(_STATE).where(_STATE.c.source == key))
            connection.execute(insert(_STATE).values(source=key, verified_at=at, verified_by=who))

    def verified_sources(self) -> dict[str, tuple[dt.datetime, str]]:
        """The verified sources: when, and by whom."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(_STATE).order_by(_STATE.c.source)).mappings()
            return {row["source"]: (row["verified_at"], row["verified_by"]) for row in rows}

    def switch_source(self, switch: Switch) -> None:
        """Switch a source off or on. Earlier switches stay on record."""
        with writing(self._engine) as connection:
            connection.execute(insert(_SWITCH).values(**switch.model_dump()))

    def switches(self, source: str | None = None) -> list[Switch]:
        """Every switch, of one source or of all, the newest first."""
        wanted = select(_SWITCH).order_by(_SWITCH.c.at.desc(), _SWITCH.c.id.desc())
        if source is not None:
            wanted = wanted.where(_SWITCH.c.source == source)
        with reading(self._engine) as connection:
            rows = connection.execute(wanted).mappings()
            return [Switch.model_validate({name: row[name] for name in Switch.model_fields}) for row in rows]

    def switched_off(self) -> dict[str, Switch]:
        """The sources whose newest switch is off, with that switch."""
        newest: dict[str, Switch] = {}
        for switch in self.switches():
            newest.setdefault(switch.source, switch)
        return {key: switch for key, switch in newest.items() if not switch.enabled}

    def send_amounts(self) -> list[SendAmount]:
        """The local amounts fixed for this home."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(_AMOUNT).order_by(*_AMOUNT.primary_key.columns)).mappings()
            return [SendAmount.model_validate({name: row[name] for name in SendAmount.model_fields}) for row in rows]

    def fix_send_amount(self, amount: SendAmount, *, fixed_on: dt.date) -> None:
        """Fix the amount of a sender and tier, from then on. The same again changes nothing; another one raises
        StorageError, because figures before and after would not compare."""
        with writing(self._engine) as connection:
            fixed = connection.execute(
                select(_AMOUNT.c.amount).where(
                    _AMOUNT.c.sender == amount.sender,
                    _AMOUNT.c.currency == amount.currency,
                    _AMOUNT.c.tier == amount.tier,
                )
            ).scalar_one_or_none()
            if fixed is None:
                connection.execute(insert(_AMOUNT).values(**amount.model_dump(), fixed_on=fixed_on))
            elif fixed != amount.amount:
                raise StorageError(
                    f"send amount of {amount.sender} for USD {amount.tier}: it is fixed at {amount.currency} {fixed}"
                )

    def add_target(self, target: Target, *, who: str, at: dt.datetime) -> None:
        """Keep a national target. Raises InputError when its code is taken."""
        with writing(self._engine) as connection:
            taken = connection.execute(select(_TARGET.c.code).where(_TARGET.c.code == target.code)).first()
            if taken is not None:
                raise InputError(f"target {target.code}: there is one of this code; remove it first")
            connection.execute(insert(_TARGET).values(**target_row(target), added_at=at, added_by=who))

    def remove_target(self, code: str) -> None:
        """Forget a national target. Raises InputError when there is none of this code."""
        with writing(self._engine) as connection:
            if not connection.execute(delete(_TARGET).where(_TARGET.c.code == code)).rowcount:
                raise InputError(f"target {code}: no national target has this code; see: remitwatch targets list")

    # Alerts

    def alert_step(
        self, step: Step, at: dt.datetime, *, evaluated: str | None = None, addressed: Addressed = nobody
    ) -> list[StoredMessage]:
        """Keep what an evaluation changed, the messages about it and their deliveries, in one transaction (see
        `db.alerts.keep_step`). Returns the messages made."""
        with writing(self._engine) as connection:
            return alert_rows.keep_step(connection, step, at, evaluated=evaluated, addressed=addressed)

    def ack_alert(self, alert_id: int, *, who: str, why: str, at: dt.datetime) -> Alert:
        """Keep that a person has seen an open alert. Raises InputError."""
        with writing(self._engine) as connection:
            return alert_rows.ack(connection, alert_id, who, why, at)

    def add_silence(self, silence: Silence) -> Silence:
        """Keep a silence; returns it with its number."""
        with writing(self._engine) as connection:
            return alert_rows.add_silence(connection, silence)

    def end_silence(self, silence_id: int, at: dt.datetime) -> Silence:
        """End a silence before its time. Raises InputError."""
        with writing(self._engine) as connection:
            return alert_rows.end_silence(connection, silence_id, at)

    def deliveries_begun(self, ids: Sequence[int], at: dt.datetime, next_at: dt.datetime) -> None:
        """Say that an attempt to deliver begins, and when the next one would be."""
        with writing(self._engine) as connection:
            delivery_rows.begun(connection, ids, at, next_at)

    def deliveries_sent(self, ids: Sequence[int], at: dt.datetime, note: str | None = None) -> None:
        """Say that deliveries were made. `note`: what was less than whole about it."""
        with writing(self._engine) as connection:
            delivery_rows.sent(connection, ids, at, note)

    def deliveries_failed(self, ids: Sequence[int], error: str, *, dead: bool) -> None:
        """Say why an attempt failed. `dead`: it is given up."""
        with writing(self._engine) as connection:
            delivery_rows.failed(connection, ids, error, dead=dead)

    def resend(self, delivery_id: int, at: dt.datetime) -> delivery_rows.Delivery:
        """Have a delivery made (again), as if for the first time. Raises InputError for an unknown one."""
        with writing(self._engine) as connection:
            return delivery_rows.resend(connection, delivery_id, at)


def _ended_run(connection: Connection, run_id: int) -> CollectionRun:
    run = run_of(_run_row(connection, run_id))
    if run.status is RunStatus.RUNNING:
        raise StorageError(f"run {run_id}: it has not ended")
    return run


def _observation(one: Observation) -> tuple[Any, ...]:
    used = one.reference
    return (
        one.quote_id,
        one.fee_pct,
        one.fx_margin_pct,
        one.total_cost_pct,
        one.received_cost_pct,
        used.source if used else None,
        used.date if used else None,
        used.rate if used else None,
        used.derived if used else False,
        used.how if used else "",
        used.age_days if used else None,
        "+".join(one.flags),
        one.method,
    )


def _reconciliation(harvest: Harvest) -> str | None:
    return None if harvest.reconciliation is None else harvest.reconciliation.model_dump_json()


def _run_row(connection: Connection, run_id: int) -> dict[str, Any]:
    row = connection.execute(select(_RUN).where(_RUN.c.id == run_id)).mappings().one_or_none()
    if row is None:
        raise InputError(f"run {run_id}: there is none of this number; see: remitwatch runs list")
    return dict(row)


def _new_run(connection: Connection, **values: Any) -> dict[str, Any]:
    same_date = (_RUN.c.source == values["source"]) & (_RUN.c.logical_date == values["logical_date"])
    last = connection.execute(select(func.max(_RUN.c.attempt)).where(same_date)).scalar_one() or 0
    new = insert(_RUN).values({**_UNSET, **values, "attempt": last + 1}).returning(*_RUN.columns)
    return dict(connection.execute(new).mappings().one())


_UNSET: dict[str, Any] = {
    "reason": "",
    "accepted": False,
    "trial": False,
    **dict.fromkeys(("requests", "answered", "quotes", "not_offered", "rates", "benchmarks", "flows"), 0),
    **dict.fromkeys(("refused", "duplicates", "rows_read"), 0),
    "failures": "{}",
    "repairs": "{}",
}


def _update_run(connection: Connection, run_id: int, **values: Any) -> CollectionRun:
    changed = update(_RUN).where(_RUN.c.id == run_id).values(**values).returning(*_RUN.columns)
    return run_of(dict(connection.execute(changed).mappings().one()))
