"""The store: runs kept whole, once, with their digest; decisions with who and why."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from db.engine import open_engine
from db.health import problems
from db.migrate import upgrade
from db.queries import Queries
from db.store import Store
from remitwatch.benchmarks import Benchmark
from remitwatch.errors import InputError, StorageError
from remitwatch.rates import RateScope, ReferenceRate
from remitwatch.runs import Issue, RunStatus, Switch, Verdict
from remitwatch.send_amounts import SendAmount

NEXT_DAY = dt.timedelta(days=1)


def issue(message: str = "fee: expected a number", **other: Any) -> Issue:
    return Issue(**{"level": "error", "code": "refused_record", "source": "acme", "message": message} | other)


def test_a_run_is_seen_as_running_and_then_whole(store: Store, queries: Queries, make: Any) -> None:
    started = store.start_run(source="acme", logical_date=make.day, kind="collect", started_at=make.at)
    assert (started.status, started.attempt, started.accepted) == (RunStatus.RUNNING, 1, False)
    assert queries.run(started.id) == started

    rate = ReferenceRate(base="GBP", quote="INR", date=make.day, rate="112.5")
    figure = Benchmark(series="ATCR.CORR", scope="corridor", sender="GBR", receiver="IND", period="2025-Q3", value="3")
    harvest = make.harvest(
        make.quote(),
        make.quote("zap"),
        rates=[rate],
        benchmarks=[figure],
        not_offered=[make.inquiry().not_offered("x")],
    )
    harvest.issues = [issue()]
    harvest.failures = {"unreachable": 2}
    ended = store.finish_run(started.id, harvest, Verdict(RunStatus.PARTIAL, "unreachable"), make.at)

    assert (ended.status, ended.reason, ended.accepted) == (RunStatus.PARTIAL, "unreachable", True)
    assert (ended.quotes, ended.not_offered, ended.rates, ended.benchmarks, ended.refused) == (2, 1, 1, 1, 1)
    assert queries.run(ended.id) == ended
    assert queries.snapshots(ended.id) == harvest.snapshots
    assert [one.issue for one in queries.issues()] == harvest.issues


def test_quotes_come_back_as_they_were_to_the_last_digit(store: Store, queries: Queries, make: Any) -> None:
    quotes = [
        make.quote(fee="1.90", rate="110.2500", receive_amount="13230.00", speed="same_day", product="express:2"),
        make.quote("bank", transparent=False, rate=None, private=True, note="a\nb é"),
        make.quote("mtn", amount="120.00", quoted_at=make.at, reference_rate="112.123456789012345678"),
        make.survey_quote("1212255001", observed_on=make.day, sender_region="High income: OECD"),
    ]
    make.run(store, *quotes)
    back = [stored.quote for stored in queries.unobserved_quotes(method="1")]
    assert back == quotes
    assert [str(quote.fee) for quote in back] == ["1.90"] * 4
    assert str(back[2].inquiry.send_amount) == "120.00"
    assert str(back[2].reference_rate) == "112.123456789012345678"


def test_text_that_postgresql_cannot_hold_is_mended_openly(store: Store, queries: Queries, make: Any) -> None:
    make.run(store, make.quote(note="a\x00b"), status=RunStatus.OK)
    (stored,) = queries.unobserved_quotes(method="1")
    assert stored.quote.note == "a\ufffdb"


def test_attempts_of_a_date_are_counted(store: Store, make: Any) -> None:
    attempts = [make.run(store, make.quote()).attempt for _ in range(3)]
    assert attempts == [1, 2, 3]
    assert make.run(store, make.quote(), day=make.day + NEXT_DAY).attempt == 1


def test_attempts_started_side_by_side_are_all_different(engine: Engine, queries: Queries, make: Any) -> None:
    def start(_number: int) -> int:
        store = Store(engine)
        run = store.start_run(source="acme", logical_date=make.day, kind="collect", started_at=make.at)
        return run.attempt

    with ThreadPoolExecutor(4) as pool:
        attempts = list(pool.map(start, range(24)))
    assert sorted(attempts) == list(range(1, 25))
    assert len(queries.runs("acme")) == 24


@pytest.mark.parametrize(
    ("status", "accepted"), [("ok", True), ("partial", True), ("held", False), ("empty", False), ("failed", False)]
)
def test_the_verdict_decides_what_is_in_force(store: Store, make: Any, status: str, accepted: bool) -> None:
    assert make.run(store, make.quote(), status=RunStatus(status)).accepted is accepted


def test_equal_records_are_one_and_counted(store: Store, queries: Queries, make: Any) -> None:
    run = make.run(store, make.quote(), make.quote(), make.quote())
    assert (run.quotes, run.duplicates, run.status) == (1, 2, RunStatus.OK)
    assert queries.issues() == []


def test_of_contradicting_records_the_first_stays_and_the_other_is_an_issue(
    store: Store, queries: Queries, make: Any
) -> None:
    run = make.run(store, make.quote(fee="1.90"), make.quote(fee="9.10"))
    assert (run.quotes, run.status, run.reason) == (1, RunStatus.PARTIAL, "conflict")
    (stored,) = queries.unobserved_quotes(method="1")
    assert stored.quote.fee == Decimal("1.90")
    (found,) = queries.issues()
    assert found.issue.code == "conflict"
    assert '"fee": "9.10"' in str(found.issue.record)


def test_a_run_ends_once(store: Store, queries: Queries, make: Any) -> None:
    run = make.run(store, make.quote())
    with pytest.raises(StorageError, match=rf"run {run.id}: it has ended already \(ok\)"):
        store.finish_run(run.id, make.harvest(make.quote("zap")), Verdict(RunStatus.OK), make.at)
    assert queries.counts()["quote"] == 1


def test_values_of_an_unknown_answer_or_another_source_store_nothing(store: Store, queries: Queries, make: Any) -> None:
    run = store.start_run(source="acme", logical_date=make.day, kind="collect", started_at=make.at)
    astray = make.harvest(make.quote())
    astray.snapshots = []
    with pytest.raises(StorageError, match="which its run does not hold"):
        store.finish_run(run.id, astray, Verdict(RunStatus.OK), make.at)
    with pytest.raises(StorageError, match="it is of acme, the values are of other"):
        store.finish_run(run.id, make.harvest(source="other"), Verdict(RunStatus.OK), make.at)
    assert queries.run(run.id).status is RunStatus.RUNNING
    assert queries.counts() | {"run": 0, "home": 0} == dict.fromkeys(queries.counts(), 0)


def test_unfinished_runs_are_aborted_and_nothing_else(store: Store, queries: Queries, make: Any) -> None:
    done = make.run(store, make.quote())
    left = store.start_run(source="acme", logical_date=make.day, kind="collect", started_at=make.at)
    (aborted,) = store.abort_unfinished(make.at)
    assert (aborted.id, aborted.status, aborted.reason) == (left.id, RunStatus.FAILED, "aborted")
    assert store.abort_unfinished(make.at) == []
    assert queries.run(done.id) == done
    store.start_run(source="acme", logical_date=make.day, kind="collect", started_at=make.at)
    assert [run.reason for run in store.abort_unfinished(make.at, "interrupted")] == ["interrupted"]


def test_a_gap_is_recorded_once_and_never_over_an_accepted_run(store: Store, queries: Queries, make: Any) -> None:
    assert store.record_missed("acme", make.day, "gap", make.at) is True
    assert store.record_missed("acme", make.day, "gap", make.at) is False
    (gap,) = queries.runs("acme")
    assert (gap.status, gap.reason, gap.quotes) == (RunStatus.MISSED, "gap", 0)
    make.run(store, make.quote(), day=make.day + NEXT_DAY)
    assert store.record_missed("acme", make.day + NEXT_DAY, "gap", make.at) is False
    make.run(store, make.quote(), day=make.day + 2 * NEXT_DAY, trial=True)
    make.run(store, make.quote(), day=make.day + 2 * NEXT_DAY, kind="import")
    assert store.record_missed("acme", make.day + 2 * NEXT_DAY, "gap", make.at) is True  # nobody asked in earnest


def test_the_digest_says_what_is_stored_and_not_in_which_order(store: Store, make: Any) -> None:
    one, other = make.quote(), make.quote("zap")
    forward = make.run(store, one, other)
    assert make.run(store, other, one).digest == forward.digest
    assert make.run(store, one, make.quote("zap", fee="1.91")).digest != forward.digest
    assert make.run(store, one, make.quote("zap", fee="1.9")).digest != forward.digest


def test_the_digest_is_the_same_on_every_database(store: Store, make: Any, tmp_path: Any) -> None:
    beside = open_engine(f"sqlite:///{tmp_path / 'beside.sqlite'}")
    upgrade(beside)
    quotes = [
        make.quote(fee="0.00", quoted_at=make.at, note="é\x00"),
        make.quote("big", rate="1E+2", private=True),
        make.survey_quote("17", observed_on=make.day),
    ]
    rates = [ReferenceRate(base="GBP", quote="INR", date=make.day, rate="1E-7", scope=RateScope.RESPONSE)]
    here = make.run(store, *quotes, rates=rates)
    there = make.run(Store(beside), *quotes, rates=rates)
    beside.dispose()
    assert here.digest == there.digest
    assert store.digest_matches(here.id)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE quote SET rate = '111.2500'",
        "UPDATE quote SET private = TRUE",
        "UPDATE quote SET day = '2026-10-29'",
        "UPDATE snapshot SET status = 201",
        "DELETE FROM quote",
    ],
)
def test_a_changed_value_is_found_by_the_digest(engine: Engine, store: Store, make: Any, damage: str) -> None:
    run = make.run(store, make.quote())
    sound = make.run(store, day=make.day + NEXT_DAY)
    assert problems(engine) == []
    damaged = damage if "snapshot" not in damage else f"{damage} WHERE run_id = {run.id}"
    if engine.dialect.name == "postgresql":
        damaged = damaged.replace("'111.2500'", "111.2500")
    with engine.begin() as connection:
        connection.exec_driver_sql(damaged)
    assert not store.digest_matches(run.id)
    assert store.digest_matches(sound.id)
    (line,) = problems(engine)
    assert line.startswith(f"run {run.id} (acme 2026-10-30): its rows are not those that were stored")


def test_a_person_accepts_and_rejects_with_who_and_why(store: Store, queries: Queries, make: Any) -> None:
    held = make.run(store, make.quote(), status=RunStatus.HELD)
    assert make.observe(store, queries) == 0
    accepted = store.set_accepted(held.id, True, who="ana", why="seen", at=make.at)
    assert (accepted.accepted, accepted.status, accepted.accepted_by, accepted.accepted_why) == (
        True,
        RunStatus.HELD,
        "ana",
        "seen",
    )
    assert make.observe(store, queries) == 1
    rejected = store.set_accepted(held.id, False, who="bo", why="wrong", at=make.at)
    assert (rejected.accepted, rejected.accepted_by) == (False, "bo")
    assert len(queries.observations()) == 0
    assert len(queries.observations(as_of=make.at - dt.timedelta(seconds=1))) == 0


def test_there_is_nothing_to_accept_in_a_failed_or_unknown_run(store: Store, make: Any) -> None:
    failed = make.run(store, status=RunStatus.FAILED)
    with pytest.raises(InputError, match="it is failed: there is nothing in it"):
        store.set_accepted(failed.id, True, who="ana", why="x", at=make.at)
    with pytest.raises(InputError, match="run 77: there is none of this number"):
        store.set_accepted(77, True, who="ana", why="x", at=make.at)


def test_an_issue_is_open_once_and_counted(store: Store, queries: Queries, make: Any) -> None:
    store.add_issues([issue(record="1"), issue("other")], make.at)
    run = make.run(store, make.quote())
    later = make.at + NEXT_DAY
    store.add_issues([issue(record="2")], later, run.id)
    first, other = queries.issues()
    assert (first.seen, first.opened_at, first.last_seen, first.run_id) == (2, make.at, later, run.id)
    assert first.issue.record == "2"
    assert (other.seen, other.issue.message) == (1, "other")
    assert queries.issue(first.id) == first
    assert queries.issues(run_id=run.id) == [first]


def test_a_closed_issue_stays_closed_and_a_new_one_opens(store: Store, queries: Queries, make: Any) -> None:
    store.add_issues([issue()], make.at)
    (found,) = queries.issues()
    store.close_issue(found.id, "ana", "the source mended it", make.at)
    assert queries.issues() == []
    (closed,) = queries.issues(open_only=False)
    assert (closed.closed_by, closed.closed_why, closed.closed_at) == ("ana", "the source mended it", make.at)
    with pytest.raises(InputError, match="closed already"):
        store.close_issue(found.id, "ana", "again", make.at)
    with pytest.raises(InputError, match="issue 99: there is none"):
        store.close_issue(99, "ana", "x", make.at)
    store.add_issues([issue()], make.at)
    (again,) = queries.issues()
    assert (again.id != found.id, again.seen) == (True, 1)


def test_observations_of_a_quote_are_replaced(store: Store, queries: Queries, make: Any) -> None:
    make.run(store, make.quote())
    (stored,) = queries.unobserved_quotes(method="1")
    assert make.observe(store, queries) == 1
    assert queries.unobserved_quotes(method="1") == []
    (old,) = queries.unobserved_quotes(method="2")  # a new method prices everything anew
    assert old.id == stored.id
    (traced,) = queries.trace([stored.id])
    assert traced.observation is not None
    newer = {"quote_id": stored.id, "fee_pct": "1", "fx_margin_pct": None, "total_cost_pct": None}
    from remitwatch.costs import Observation

    store.save_observations(
        [Observation(**newer, received_cost_pct=None, reference=None, flags=("undisclosed",), method="2")]
    )
    (traced,) = queries.trace([stored.id])
    assert traced.observation is not None
    assert (traced.observation["fee_e8"], traced.observation["total_e8"]) == (Decimal(1), None)
    assert (traced.observation["flags"], traced.observation["method"]) == ("undisclosed", "2")
    assert queries.counts()["observation"] == 1


def test_the_kind_of_a_home_is_set_once(store: Store, make: Any) -> None:
    assert store.home_kind() is None
    store.set_home_kind("sandbox", make.at)
    store.set_home_kind("sandbox", make.at)
    with pytest.raises(StorageError, match="this is a sandbox home"):
        store.set_home_kind("real", make.at)
    assert store.home_kind() == "sandbox"


def test_a_send_amount_is_fixed_once(store: Store, make: Any) -> None:
    amount = SendAmount(
        sender="GBR", currency="GBP", tier=200, amount="160", origin="derived", since="2026-10-30 (ecb)"
    )
    store.fix_send_amount(amount, fixed_on=make.day)
    store.fix_send_amount(amount, fixed_on=make.day + NEXT_DAY)
    with pytest.raises(StorageError, match="it is fixed at GBP 160"):
        store.fix_send_amount(amount.model_copy(update={"amount": Decimal(170)}), fixed_on=make.day)
    assert store.send_amounts() == [amount]


def test_verified_sources_keep_who_and_when(store: Store, make: Any) -> None:
    store.verify_source("acme", "ana", make.at)
    store.verify_source("acme", "bo", make.at + NEXT_DAY)
    assert store.verified_sources() == {"acme": (make.at + NEXT_DAY, "bo")}


def test_a_switch_is_kept_for_good_and_the_newest_is_in_force(store: Store, make: Any) -> None:
    off = Switch(source="acme", enabled=False, at=make.at, who="ana", why="the owner asked")
    on = Switch(source="acme", enabled=True, at=make.at, who="ben", why="they agreed")
    assert store.switched_off() == {}
    store.switch_source(off)
    assert store.switched_off() == {"acme": off}
    store.switch_source(on)
    store.switch_source(off.model_copy(update={"source": "zap"}))
    assert set(store.switched_off()) == {"zap"}
    assert store.switches("acme") == [on, off]
