"""Reparse: only what changed is written, the rest keeps its numbers and observations."""

from typing import Any

import pytest

from db.queries import Queries
from db.records import ReplaceReport
from db.store import Store
from remitwatch.errors import StorageError
from remitwatch.runs import FromSnapshot, Harvest, Issue, RunStatus, Verdict


def numbers(queries: Queries, method: str = "2") -> dict[str, int]:
    return {stored.quote.provider.key: stored.id for stored in queries.unobserved_quotes(method=method)}


def test_the_same_again_changes_nothing(store: Store, queries: Queries, make: Any) -> None:
    run = make.run(store, make.quote(), make.quote("zap"), not_offered=[make.inquiry().not_offered("closed")])
    make.observe(store, queries)
    before = numbers(queries)
    again = make.harvest(make.quote("zap"), make.quote(), not_offered=[make.inquiry().not_offered("closed")])
    assert store.replace_values(run.id, again, make.at) == ReplaceReport(removed=0, added=0, unchanged=3)
    assert numbers(queries) == before
    assert queries.run(run.id) == run
    assert queries.counts()["observation"] == 2


def test_only_what_changed_is_replaced(store: Store, queries: Queries, make: Any) -> None:
    run = make.run(store, make.quote(), make.quote("zap"), make.quote("old"))
    make.observe(store, queries)
    before = numbers(queries)
    mended = make.harvest(make.quote(), make.quote("zap", fee="2.50"), make.quote("new"))
    mended.issues = [Issue(level="warning", code="label", source="acme", message="a new label")]
    assert store.replace_values(run.id, mended, make.at) == ReplaceReport(removed=2, added=2, unchanged=1)
    after = numbers(queries)
    assert after["wise"] == before["wise"]
    assert set(after) == {"wise", "zap", "new"}
    assert min(after["zap"], after["new"]) > max(before.values())  # a number once published is never given again
    assert set(numbers(queries, method="1")) == {"zap", "new"}  # the observations of the removed ones are gone
    changed = queries.run(run.id)
    assert (changed.quotes, changed.status, changed.accepted) == (3, RunStatus.OK, True)
    assert changed.digest != run.digest
    assert store.digest_matches(run.id)
    assert [found.issue.code for found in queries.issues()] == ["label"]


def test_the_answers_not_read_again_keep_their_values(store: Store, queries: Queries, make: Any) -> None:
    one, two = make.snapshot("one"), make.snapshot("two")
    run = store.start_run(source="acme", logical_date=make.day, kind="collect", started_at=make.at)
    both = Harvest(
        "acme",
        make.at,
        snapshots=[one, two],
        quotes=[FromSnapshot(one.id, make.quote()), FromSnapshot(two.id, make.quote("zap"))],
    )
    store.finish_run(run.id, both, Verdict(RunStatus.OK), make.at)
    # Today's parser finds the other answer's quote in this one as well: said twice, it is kept once.
    reread = make.harvest(make.quote("new"), make.quote("zap"), snapshot="one")
    assert store.replace_values(run.id, reread, make.at) == ReplaceReport(removed=1, added=1, unchanged=0)
    (zap,) = [stored for stored in queries.unobserved_quotes(method="1") if stored.quote.provider.key == "zap"]
    assert zap.snapshot_id == two.id
    assert store.digest_matches(run.id)


def test_reading_nothing_from_an_answer_takes_its_values_away(store: Store, queries: Queries, make: Any) -> None:
    run = make.run(store, make.quote())
    assert store.replace_values(run.id, make.harvest(), make.at) == ReplaceReport(removed=1, added=0, unchanged=0)
    assert queries.run(run.id).quotes == 0


def test_an_answer_of_another_run_is_refused_and_nothing_changes(store: Store, queries: Queries, make: Any) -> None:
    run = make.run(store, make.quote())
    with pytest.raises(StorageError, match="is not one of its answers"):
        store.replace_values(run.id, make.harvest(make.quote("zap"), snapshot="elsewhere"), make.at)
    assert set(numbers(queries)) == {"wise"}


def test_a_run_that_has_not_ended_cannot_be_reparsed(store: Store, make: Any) -> None:
    run = store.start_run(source="acme", logical_date=make.day, kind="collect", started_at=make.at)
    with pytest.raises(StorageError, match="it has not ended"):
        store.replace_values(run.id, make.harvest(), make.at)


def test_a_dry_run_reports_the_same_and_changes_nothing(store: Store, queries: Queries, make: Any) -> None:
    run = make.run(store, make.quote(), make.quote("zap"), make.quote("old"))
    before = (numbers(queries, method="1"), queries.run(run.id), queries.counts())
    mended = make.harvest(make.quote(), make.quote("zap", fee="2.50"), make.quote("new"))
    mended.issues = [Issue(level="warning", code="label", source="acme", message="a new label")]
    dry = store.replace_values(run.id, mended, make.at, dry_run=True)
    assert (numbers(queries, method="1"), queries.run(run.id), queries.counts()) == before
    done = store.replace_values(run.id, mended, make.at)
    assert (done, done.fields, done.examples) == (dry, dry.fields, dry.examples)
    assert done.fields.keys() >= {"fee"}
    changed, gone, new = done.examples
    assert "-> 2.50" in changed
    assert (gone.endswith(": gone"), new.endswith(": new")) == (True, True)


def test_of_private_prices_an_example_says_only_that_they_changed(store: Store, make: Any) -> None:
    run = make.run(store, make.quote("secret_bank", private=True))
    report = store.replace_values(run.id, make.harvest(make.quote("secret_bank", fee="7.77", private=True)), make.at)
    assert report.examples == ("a private price: changed",)
