"""What is in force, and that reading gives it: accepted runs, the newest vintage, the newest quote of a day."""

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from db.queries import Queries
from db.store import Store
from remitwatch.benchmarks import Benchmark
from remitwatch.errors import InputError
from remitwatch.indicators.columns import FRAME as COLUMNS
from remitwatch.rates import RateScope, ReferenceRate
from remitwatch.runs import RunStatus

ONE_DAY = dt.timedelta(days=1)


def fees(frame: pd.DataFrame) -> list[float]:
    return sorted(frame["fee"])


def test_a_row_of_the_frame_says_everything_about_a_quote(store: Store, queries: Queries, make: Any) -> None:
    quote = make.quote(receive_amount="13230.00", quoted_at=make.at - ONE_DAY, product="express:2", note="n")
    run = make.run(store, quote)
    make.observe(store, queries)
    frame = queries.observations()
    assert tuple(frame.columns) == COLUMNS
    (row,) = frame.to_dict("records")
    assert row == {
        "quote_id": 1,
        "run_id": run.id,
        "snapshot": make.snapshot().id,
        "source": "acme",
        "basis": "standard",
        "tier": 200,
        "sender": "GBR",
        "receiver": "IND",
        "corridor": "GBR-IND",
        "send_currency": "GBP",
        "receive_currency": "INR",
        "send_amount": 120.0,
        "provider": "wise",
        "provider_name": "Wise",
        "provider_type": "money_transfer_operator",
        "payment_instrument": "bank_account+debit_card",
        "access_point": "internet",
        "pickup_method": "bank_account",
        "speed": "unknown",
        "coverage": "unknown",
        "product": "express:2",
        "service": quote.service.key,
        "day": pd.Timestamp("2026-10-30"),
        "survey_period": "",
        "region": "South Asia",
        "sender_region": "Europe & Central Asia",
        "income_group": "Lower middle income",
        "transparent": True,
        "private": False,
        "fee_e8": 158333333.0,
        "margin_e8": 200000000.0,
        "total_e8": 358333333.0,
        "received_e8": 358333333.0,
        "rate": 110.25,
        "receive_amount": 13230.0,
        "fee": 1.9,
        "fee_model": "added",
        "reference_rate": 112.5,
        "reference_source": "ecb",
        "reference_date": pd.Timestamp("2026-10-30"),
        "reference_how": "as published",
        "quoted_at": pd.Timestamp(make.at - ONE_DAY),
        "fetched_at": pd.Timestamp(make.at),
        "flags": "extreme+inverted",
        "survey_row": "",
        "note": "n",
    }


def test_the_types_of_the_frame_do_not_depend_on_what_is_in_it(store: Store, queries: Queries, make: Any) -> None:
    empty = queries.observations()
    assert len(empty) == 0
    make.run(store, make.quote(), make.quote("bank", transparent=False, rate=None, amount="77"))
    make.observe(store, queries, total=None)
    frame = queries.observations()
    assert frame.dtypes.to_dict() == empty.dtypes.to_dict()
    assert np.isnan(frame["total_e8"]).all()
    assert frame["rate"].isna().tolist() == [False, True]
    assert frame["quoted_at"].isna().all()


def test_only_accepted_runs_of_verified_sources_count(store: Store, queries: Queries, make: Any) -> None:
    make.run(store, make.quote("a", fee="1"))
    make.run(store, make.quote("b", fee="2"), status=RunStatus.HELD)
    make.run(store, make.quote("c", fee="3"), trial=True)
    make.observe(store, queries)
    assert fees(queries.observations()) == [1.0]


def test_of_a_day_the_newest_run_counts_and_in_it_the_newest_quote(store: Store, queries: Queries, make: Any) -> None:
    make.run(store, make.quote(fee="1"), make.quote("zap", fee="10"))
    make.run(
        store,
        make.quote(fee="2"),
        make.quote(fee="3", quoted_at=make.at),
        make.quote(fee="4", quoted_at=make.at - ONE_DAY),
    )
    make.run(store, make.quote(fee="5"), day=make.day + ONE_DAY)
    make.run(store, make.quote(fee="6", amount="300", basis="promotional"))
    make.run(store, make.quote(fee="7"), source="other")
    make.observe(store, queries)
    assert fees(queries.observations()) == [3.0, 5.0, 6.0, 7.0, 10.0]
    assert fees(queries.observations(since=make.day + ONE_DAY)) == [5.0]
    assert fees(queries.observations(until=make.day)) == [3.0, 6.0, 7.0, 10.0]
    assert fees(queries.observations(basis="promotional")) == [6.0]
    assert fees(queries.observations(corridor="GBR-NGA")) == []


def test_a_newer_quote_without_a_price_hides_the_older_one(store: Store, queries: Queries, make: Any) -> None:
    make.run(store, make.quote(fee="1"))
    make.observe(store, queries)
    make.run(store, make.quote(fee="2"))  # no reference rate yet: no observation
    assert len(queries.observations()) == 0


def test_as_of_sees_what_was_in_force_then(store: Store, queries: Queries, make: Any) -> None:
    later = make.at + dt.timedelta(hours=2)
    make.run(store, make.quote(fee="1"))
    held = make.run(store, make.quote(fee="2"), at=make.at + dt.timedelta(hours=1), status=RunStatus.HELD)
    store.set_accepted(held.id, True, who="ana", why="checked", at=later)
    make.observe(store, queries)
    assert fees(queries.observations(as_of=make.at - ONE_DAY)) == []
    assert fees(queries.observations(as_of=make.at)) == [1.0]
    assert fees(queries.observations(as_of=later - dt.timedelta(minutes=1))) == [1.0]
    assert fees(queries.observations(as_of=later)) == [2.0]


def test_the_newest_vintage_replaces_a_whole_survey_period(store: Store, queries: Queries, make: Any) -> None:
    first = [make.survey_quote(str(row), fee=str(row)) for row in (1, 2, 3)]
    make.run(store, *first, make.survey_quote("9", period="2025-Q1", fee="9"), kind="import")
    make.run(store, make.survey_quote("2", fee="20"), kind="import", day=make.day + ONE_DAY)
    make.observe(store, queries)
    assert fees(queries.observations()) == [9.0, 20.0]
    assert queries.survey_rows_in_force("acme") == {"2025-Q1": 1, "2025-Q3": 1}
    assert queries.survey_rows_in_force("acme", "2025-Q1") == {"2025-Q1": 1}
    assert queries.survey_rows_in_force("other") == {}


def test_an_older_vintage_does_not_come_back_for_days_the_newer_lacks(
    store: Store, queries: Queries, make: Any
) -> None:
    early, late = dt.date(2025, 8, 1), dt.date(2025, 9, 1)
    make.run(store, make.survey_quote("1", fee="1", observed_on=early), kind="import")
    make.run(store, make.survey_quote("1", fee="2", observed_on=late), kind="import")
    make.observe(store, queries)
    assert fees(queries.observations(until=early)) == []
    assert fees(queries.observations(since=late)) == [2.0]


def test_every_survey_row_counts_and_its_own_labels_go_first(store: Store, queries: Queries, make: Any) -> None:
    make.run(
        store,
        make.survey_quote("1"),
        make.survey_quote("2", receiver_region="Asia of 2011", sender_region="High income: OECD"),
        make.survey_quote("2", amount="300"),
        kind="import",
    )
    make.observe(store, queries)
    frame = queries.observations(basis="survey")
    assert frame["survey_row"].tolist() == ["1", "2", "2"]
    assert frame["region"].tolist() == ["South Asia", "Asia of 2011", "South Asia"]
    assert frame["sender_region"].tolist() == ["Europe & Central Asia", "High income: OECD", "Europe & Central Asia"]
    assert frame["day"].tolist() == [pd.Timestamp("2025-09-30")] * 3
    assert queries.survey_rows_in_force("acme") == {"2025-Q3": 2}


def test_survey_and_collected_rows_of_some_days_come_in_the_order_of_their_numbers(
    store: Store, queries: Queries, make: Any
) -> None:
    make.run(store, make.quote("old"), day=make.day - 9 * ONE_DAY)
    make.run(store, make.quote("a"))
    make.run(store, make.survey_quote("1", observed_on=make.day), make.survey_quote("2"), kind="import")
    make.run(store, make.quote("b"), day=make.day + ONE_DAY)
    make.observe(store, queries)
    since = make.day - ONE_DAY
    assert queries.observations(since=since)["quote_id"].tolist() == [2, 3, 5]
    assert queries.observations(since=since, survey=False)["quote_id"].tolist() == [2, 5]
    assert queries.observations(since=since, until=make.day)["quote_id"].tolist() == [2, 3]
    assert queries.observations(since=make.day + ONE_DAY)["quote_id"].tolist() == [5]
    assert queries.observations()["quote_id"].tolist() == [1, 2, 3, 4, 5]


def test_a_handed_in_quote_counts_for_its_own_day(store: Store, queries: Queries, make: Any) -> None:
    make.run(store, make.quote(quoted_at=make.at - 3 * ONE_DAY), make.quote("zap"), kind="import")
    make.observe(store, queries)
    days = dict(zip(queries.observations()["provider"], queries.observations()["day"].dt.date, strict=True))
    assert days == {"wise": make.day - 3 * ONE_DAY, "zap": make.day}


def test_the_order_of_storing_does_not_change_the_frame(store: Store, queries: Queries, make: Any) -> None:
    quotes = [make.quote(name, fee=str(place)) for place, name in enumerate("abcdef")]
    make.run(store, *quotes)
    make.run(store, *reversed(quotes), day=make.day + ONE_DAY)
    make.observe(store, queries)
    frame = queries.observations()
    days = [frame[frame["day"].dt.date == day] for day in (make.day, make.day + ONE_DAY)]
    columns = ["service", "fee", "total_e8"]
    first, second = (day[columns].sort_values(columns).reset_index(drop=True) for day in days)
    pd.testing.assert_frame_equal(first, second)


def test_the_table_of_a_corridor_has_exact_amounts_and_quotes_without_a_price(
    store: Store, queries: Queries, make: Any
) -> None:
    make.run(store, make.quote(fee="1.10"), make.quote("zap", fee="2.20"), make.quote("far", route="GBR-NGA"))
    make.observe(store, queries)
    make.run(store, make.quote(fee="1.00"), day=make.day + ONE_DAY)
    newest = queries.quotes_table("GBR-IND")
    assert dict(zip(newest["provider"], map(str, newest["fee"]), strict=True)) == {"zap": "2.20", "wise": "1.00"}
    assert dict(zip(newest["provider"], newest["total_e8"].isna(), strict=True)) == {"zap": False, "wise": True}
    assert newest["rate"].map(str).tolist() == ["110.2500"] * 2
    assert newest["receive_amount"].tolist() == [None, None]
    on_the_day = queries.quotes_table("GBR-IND", make.day)
    assert sorted(map(str, on_the_day["fee"])) == ["1.10", "2.20"]
    assert len(queries.quotes_table("GBR-KEN")) == 0


def test_the_table_of_a_corridor_shows_the_newest_survey_period(store: Store, queries: Queries, make: Any) -> None:
    rows = [make.survey_quote("1", period="2025-Q1"), make.survey_quote("2"), make.survey_quote("3")]
    make.run(store, *rows, kind="import")
    assert queries.quotes_table("GBR-IND")["survey_row"].tolist() == ["2", "3"]


def test_unobserved_quotes_come_in_batches_with_an_end(store: Store, queries: Queries, make: Any) -> None:
    make.run(store, *(make.quote(name) for name in "abcde"))
    make.run(store, make.quote("held"), status=RunStatus.HELD)
    first = queries.unobserved_quotes(method="1", limit=3)
    rest = queries.unobserved_quotes(method="1", after=first[-1].id, limit=3)
    assert [stored.quote.provider.key for stored in (*first, *rest)] == list("abcde")
    assert queries.unobserved_quotes(method="1", after=rest[-1].id, limit=3) == []


def test_of_a_rate_the_newest_accepted_run_is_in_force(store: Store, queries: Queries, make: Any) -> None:
    def rate(value: str, day: dt.date = make.day, **other: Any) -> ReferenceRate:
        return ReferenceRate(base="EUR", quote="INR", date=day, rate=value, **other)

    make.run(store, rates=[rate("100.1"), rate("99.5000", make.day - ONE_DAY)], source="ecb")
    make.run(store, rates=[rate("100.2")], source="ecb", status=RunStatus.HELD)
    make.run(store, rates=[rate("100.3")], source="ecb")
    make.run(store, rates=[rate("101"), rate("102", scope=RateScope.RESPONSE)], source="boi")
    make.run(store, rates=[rate("90", make.day + ONE_DAY)], source="boi", trial=True)
    yesterday = ("ecb", "EUR", "INR", make.day - ONE_DAY, Decimal("99.5000"))
    today = ("ecb", "EUR", "INR", make.day, Decimal("100.3"))
    other = ("boi", "EUR", "INR", make.day, Decimal(101))
    assert queries.market_rates() == [other, yesterday, today]
    assert queries.market_rates(since=make.day) == [other, today]
    assert queries.market_rates(until=make.day - ONE_DAY) == [yesterday]
    assert queries.market_rates(as_of=make.at - ONE_DAY) == []
    assert queries.rates("EUR", "INR") == [other, today, yesterday]
    assert queries.rates(source="ecb", on=make.day) == [today]
    assert queries.rates("USD") == []
    assert queries.rates(limit=1) == [other]
    dates = [queries.newest_rate_date(source, make.day) for source in ("boi", "none")]
    assert (dates, queries.newest_rate_date("boi", make.day + ONE_DAY)) == ([make.day, None], None)
    assert str(queries.market_rates(until=make.day - ONE_DAY)[0][4]) == "99.5000"


def test_a_mid_of_an_answer_is_found_by_its_answer_only(store: Store, queries: Queries, make: Any) -> None:
    mid = ReferenceRate(base="GBP", quote="INR", date=make.day, rate="112.5", scope=RateScope.RESPONSE)
    market = ReferenceRate(base="GBP", quote="INR", date=make.day, rate="113")
    make.run(store, rates=[mid, market], snapshot="one")
    make.run(store, rates=[mid.model_copy(update={"rate": Decimal(114)})], snapshot="two")
    one, two = make.snapshot("one").id, make.snapshot("two").id
    assert queries.response_rates([one]) == {one: [("acme", mid)]}
    assert [float(rate.rate) for _source, rate in queries.response_rates([one, two, "none"])[two]] == [114.0]
    assert queries.response_rates([]) == {}


def test_benchmarks_keep_every_digit_and_the_newest_edition_counts(store: Store, queries: Queries, make: Any) -> None:
    def figure(value: str, receiver: str = "IND", period: str = "2025-Q3") -> Benchmark:
        return Benchmark(series="ATCR", scope="corridor", sender="GBR", receiver=receiver, period=period, value=value)

    make.run(store, benchmarks=[figure("3.10"), figure("4.123456789012345", "NGA")])
    make.run(store, benchmarks=[figure("3.20")], day=make.day + ONE_DAY)
    frame = queries.benchmarks()
    assert [(row.receiver, str(row.value)) for row in frame.itertuples()] == [
        ("IND", "3.20"),
        ("NGA", "4.123456789012345"),
    ]
    assert queries.benchmarks(corridor="GBR-NGA")["receiver"].tolist() == ["NGA"]
    assert len(queries.benchmarks(series="none")) == 0


def test_a_quote_is_traced_to_its_answer_and_run(store: Store, queries: Queries, make: Any) -> None:
    run = make.run(store, make.quote(), make.quote("zap"))
    make.observe(store, queries)
    first, second = queries.trace([2, 1, 99])
    assert (first.stored.id, second.stored.id) == (1, 2)
    assert first.stored.quote == make.quote()
    assert first.snapshot == make.snapshot()
    assert first.run == run
    assert first.observation is not None
    assert first.observation["total_e8"] == Decimal("3.58333333")


def test_runs_are_found_by_source_date_status_and_file(store: Store, queries: Queries, make: Any) -> None:
    old = make.run(store, make.quote())
    new = make.run(store, make.quote(), day=make.day + ONE_DAY)
    held = make.run(store, make.quote(), day=make.day + ONE_DAY, status=RunStatus.HELD)
    other = make.run(store, make.quote(), source="other")
    assert [run.id for run in queries.runs("acme")] == [held.id, new.id, old.id]
    assert queries.runs(since=make.day + ONE_DAY, accepted=True) == [new]
    assert queries.runs(until=make.day, limit=1) == [other]
    assert queries.runs(status=RunStatus.HELD) == [held]
    assert queries.accepted_run("acme", make.day + ONE_DAY) == new
    assert queries.accepted_run("acme", make.day + 2 * ONE_DAY) is None
    started = store.start_run(
        source="acme", logical_date=make.day, kind="import", started_at=make.at, file_name="f.csv", file_sha256="ab"
    )
    assert queries.run_of_file("acme", "ab") is None  # it has not ended: the import was killed, and may be done again
    from remitwatch.runs import Verdict

    done = store.finish_run(started.id, make.harvest(make.quote()), Verdict(RunStatus.OK), make.at)
    assert queries.run_of_file("acme", "ab") == done
    assert queries.run_of_file("other", "ab") is None
    with pytest.raises(InputError, match="run 99: there is none"):
        queries.run(99)
    with pytest.raises(InputError, match="issue 99: there is none"):
        queries.issue(99)


def test_what_is_covered(store: Store, queries: Queries, make: Any) -> None:
    from remitwatch.services import Provider

    bank = Provider(key="wise", name="Wise plc", types=("bank",))
    make.run(store, make.quote(), make.quote("zap", route="GBR-NGA"))
    make.run(
        store,
        make.quote(provider="wise", route="GBR-NGA").model_copy(update={"provider": bank}),
        day=make.day + ONE_DAY,
        source="other",
    )
    providers = queries.providers().to_dict("records")
    assert providers[0] == {
        "provider": "wise",
        "name": "Wise plc",
        "types": "bank+money_transfer_operator",
        "quotes": 2,
        "corridors": 2,
        "sources": "acme+other",
        "first_day": make.day,
        "last_day": make.day + ONE_DAY,
    }
    corridors = queries.corridors()
    assert corridors["corridor"].tolist() == ["GBR-IND", "GBR-NGA"]
    assert corridors["providers"].tolist() == [1, 2]
    assert queries.counts()["quote"] == 3


def test_the_amounts_that_a_survey_asked_for(store: Store, queries: Queries, make: Any) -> None:
    rows = [("1", "120"), ("2", "120.00"), ("3", "125"), ("4", "125")]
    make.run(store, *(make.survey_quote(row, amount=amount) for row, amount in rows), kind="import")
    make.run(store, make.survey_quote("1", period="2025-Q1", amount="99"), kind="import")
    assert queries.survey_send_amounts() == {("GBR", "GBP", 200): Decimal(120)}


def test_when_something_came_in_force_last(store: Store, queries: Queries, make: Any) -> None:
    assert (queries.newest_in_force(), queries.first_run_date("acme")) == (None, None)
    make.run(store, make.quote(), day=make.day + ONE_DAY, at=make.at + ONE_DAY)
    make.run(store, make.quote())
    make.run(store, make.quote(), at=make.at + 2 * ONE_DAY, trial=True)
    assert queries.newest_in_force() == make.at + ONE_DAY
    make.run(store, make.quote(), day=make.day - ONE_DAY, at=make.at - ONE_DAY, trial=True)
    assert queries.first_run_date("acme") == make.day  # before it there was a trial only
    make.run(store, make.quote(), at=make.at + 3 * ONE_DAY, kind="import")
    assert queries.accepted_run("acme", make.day) == queries.run(2)  # a trial or a file does not make a date done
    assert [run.id for run in queries.runs("acme", trial=False, kind="collect", limit=2)] == [1, 2]


def test_observations_are_made_anew_and_those_without_a_rate_go(store: Store, queries: Queries, make: Any) -> None:
    make.run(store, make.quote())
    make.observe(store, queries)
    before = queries.observations()
    (stored,) = queries.unobserved_quotes(method="1", rebuild=True)
    assert queries.unpriced(make.day) == 0
    store.save_observations([], gone=[stored.id])
    make.run(store, make.quote("held"), day=make.day + ONE_DAY, status=RunStatus.HELD)
    assert (len(queries.observations()), queries.unpriced(make.day)) == (0, 1)
    assert queries.unpriced(make.day + ONE_DAY) == 0
    make.observe(store, queries)
    pd.testing.assert_frame_equal(queries.observations(), before)


def test_which_quotes_are_tried_to_be_priced(store: Store, queries: Queries, make: Any) -> None:
    old = make.run(store, make.quote())
    new = make.run(store, make.quote(), day=make.day + ONE_DAY)
    (first,) = queries.unobserved_quotes(method="1", run_id=old.id, since=make.day + ONE_DAY)
    (second,) = queries.unobserved_quotes(method="1", since=make.day + ONE_DAY, new_after=first.id)
    assert (first.run_id, second.run_id) == (old.id, new.id)
    both = queries.unobserved_quotes(method="1", since=make.day + ONE_DAY)  # a new quote is tried whatever its day
    assert [stored.id for stored in both] == [first.id, second.id]
    assert store.observed_until() == 0
    store.set_observed_until(second.id)
    assert store.observed_until() == second.id
