"""Flows in force: the newest accepted run of a series and year, whole, as of any time."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from db.queries import Queries
from db.store import Store
from remitwatch.flows import Flow
from remitwatch.runs import FromSnapshot, Harvest, RunStatus, Verdict

DAY = dt.timedelta(days=1)


def bring(store: Store, make: Any, at: dt.datetime, *flows: tuple[str, str, int, str], status: str = "ok") -> int:
    run = store.start_run(source="acme", logical_date=at.date(), kind="import", started_at=at)
    snapshot = make.snapshot()
    harvest = Harvest("acme", at, snapshots=[snapshot])
    harvest.flows = [
        FromSnapshot(
            snapshot.id,
            Flow(series=series, sender=key[:3], receiver=key[4:], year=year, value=Decimal(value)),
        )
        for series, key, year, value in flows
    ]
    done = store.finish_run(run.id, harvest, Verdict(RunStatus(status)), at)
    assert done.flows == len(flows)
    assert store.digest_matches(run.id)
    return run.id


def test_the_newest_run_replaces_a_series_and_year_whole(store: Store, queries: Queries, make: Any) -> None:
    first = bring(
        store, make, make.at, ("m", "GBR-IND", 2017, "12.50"), ("m", "GBR-PAK", 2017, "3"), ("m", "GBR-IND", 2016, "9")
    )
    second = bring(
        store, make, make.at + DAY, ("m", "GBR-IND", 2017, "181.64248063430426"), ("n", "GBR-IND", 2017, "1")
    )
    bring(store, make, make.at + 2 * DAY, ("m", "GBR-IND", 2019, "1"), status="held")
    assert [tuple(row) for row in queries.flow_tables().itertuples(index=False)] == [
        ("m", 2017, second), ("n", 2017, second), ("m", 2016, first),
    ]  # fmt: skip
    found = queries.flows("m", 2017)
    assert found is not None
    assert (found.name, found.run, dict(found.values)) == ("m:2017", second, {"GBR-IND": Decimal("181.64248063430426")})
    before = queries.flows("m", 2017, make.at)
    assert before is not None
    assert (before.run, set(before.values)) == (first, {"GBR-IND", "GBR-PAK"})
    assert queries.flows("m", 2019) is None
    store.set_accepted(second, False, who="me", why="wrong", at=make.at + 3 * DAY)
    assert [tuple(row) for row in queries.flow_tables().itertuples(index=False)] == [
        ("m", 2017, first),
        ("m", 2016, first),
    ]
