"""What is said to be held, and what is not said."""

import datetime as dt
from typing import Any

from sqlalchemy import Engine, text

from db.confirmed import ConfirmedPrices
from db.queries import Queries
from db.store import Store
from remitwatch.runs import RunStatus

ONE_DAY = dt.timedelta(days=1)


def test_who_hands_in_privately_is_not_among_the_providers(store: Store, queries: Queries, make: Any) -> None:
    make.run(store, make.quote("partner", private=True), make.quote("zap"), make.quote("wise", private=True))
    make.run(store, make.quote("wise"), day=make.day + ONE_DAY)
    listed = queries.providers()
    assert dict(zip(listed["provider"], listed["quotes"], strict=True)) == {"wise": 1, "zap": 1}


def test_each_quarter_of_each_survey_is_of_its_newest_run_in_force(store: Store, queries: Queries, make: Any) -> None:
    assert (queries.survey_vintages(), queries.days()) == ([], [])
    old, new = make.survey_quote("1", period="2025-Q1"), make.survey_quote("2", period="2025-Q3")
    first = make.run(store, old, new, kind="import")
    make.run(store, make.quote(), day=make.day + ONE_DAY, at=make.at + ONE_DAY)
    second = make.run(store, new, kind="import", day=make.day + ONE_DAY)
    other = make.run(store, new, kind="import", source="other")
    make.run(store, old, kind="import", day=make.day + 2 * ONE_DAY, trial=True)
    make.run(store, old, kind="import", day=make.day + 3 * ONE_DAY, status=RunStatus.HELD)
    told = [(one["period"], one["source"], one["run"]) for one in queries.survey_vintages()]
    assert told == [("2025-Q1", "acme", first.id), ("2025-Q3", "acme", second.id), ("2025-Q3", "other", other.id)]


def test_a_price_is_confirmed_since_a_time_by_the_next_of_its_service(
    engine: Engine, store: Store, queries: Queries, make: Any
) -> None:
    before, after = make.at, make.at + ONE_DAY
    run = make.run(store, make.quote("wise"), make.quote("zap"), make.quote("ria"))
    make.run(store, make.quote("zap"), day=make.day + ONE_DAY, at=before + dt.timedelta(hours=20))
    make.run(store, make.quote("wise"), make.quote("ria"), day=make.day + 2 * ONE_DAY, at=after)
    make.observe(store, queries)
    flags = {"wise": "confirmed+jump", "zap": "confirmed", "ria": "confirmed+quarantined"}
    with engine.begin() as connection:
        for provider, one in flags.items():
            of_first = "quote_id IN (SELECT id FROM quote WHERE provider = :provider AND run_id = :run)"
            update = text(f"UPDATE observation SET flags = :flags WHERE {of_first}")
            connection.execute(update, {"flags": one, "provider": provider, "run": run.id})
    confirmed = ConfirmedPrices(run.id, "standard", make.day, make.day)
    assert queries.confirmed_since(before) == [confirmed]
    assert queries.confirmed_since(before + dt.timedelta(hours=20)) == [confirmed]  # wise, not zap any more
    assert queries.confirmed_since(after) == []
    assert queries.confirmed_since(before - 40 * ONE_DAY) == []
