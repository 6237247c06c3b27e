"""Decimals keep every digit, percentages are whole numbers of 1e-8, times keep their instant: on either database."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Engine, Integer, MetaData, Table, create_engine, insert, select
from sqlalchemy.exc import StatementError

from db.types import ExactDecimal, Percent8, UtcTime, decimal_text

KEPT = Table(
    "kept",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("amount", ExactDecimal),
    Column("cost", Percent8),
    Column("at", UtcTime),
)


@pytest.fixture
def kept(engine: Engine) -> Iterator[Engine]:
    KEPT.create(engine)
    yield engine
    KEPT.drop(engine)


def through(engine: Engine, **value: object) -> object:
    with engine.begin() as connection:
        connection.execute(KEPT.delete())
        connection.execute(insert(KEPT).values(**value))
        return connection.execute(select(KEPT.c[next(iter(value))])).scalar_one()


@pytest.mark.parametrize(
    "text", ["0.1", "1.50", "-58.92", "12345678901234567890.123456789012345678", "1E+3", "1E-30", "0.000", "-0.00"]
)
def test_a_decimal_comes_back_with_the_digits_it_had(kept: Engine, text: str) -> None:
    back = through(kept, amount=Decimal(text))
    assert isinstance(back, Decimal)
    assert decimal_text(back) == decimal_text(Decimal(text))


@pytest.mark.parametrize("wrong", [1.5, Decimal("NaN"), Decimal("Infinity"), True])
def test_what_is_not_an_exact_number_is_refused(kept: Engine, wrong: object) -> None:
    with pytest.raises(StatementError, match="expected"):
        through(kept, amount=wrong)


@pytest.mark.parametrize("text", ["3.58333333", "-58.92", "307.2", "0", "0.00000001"])
def test_a_percentage_comes_back_equal(kept: Engine, text: str) -> None:
    assert through(kept, cost=Decimal(text)) == Decimal(text)


def test_a_percentage_is_never_rounded_on_the_way_in(kept: Engine) -> None:
    with pytest.raises(StatementError, match="at most eight decimals"):
        through(kept, cost=Decimal("0.000000001"))


def test_a_percentage_that_no_column_can_hold_is_refused(kept: Engine) -> None:
    with pytest.raises(StatementError, match="too large"):
        through(kept, cost=Decimal("1E+12"))


def test_a_time_of_any_zone_comes_back_as_the_same_instant_in_utc(kept: Engine) -> None:
    tashkent = dt.datetime(2026, 10, 30, 12, 0, 0, 5, tzinfo=dt.timezone(dt.timedelta(hours=5)))
    back = through(kept, at=tashkent)
    assert back == dt.datetime(2026, 10, 30, 7, 0, 0, 5, tzinfo=dt.UTC)
    assert isinstance(back, dt.datetime)
    assert back.utcoffset() == dt.timedelta(0)


def test_a_naive_time_is_refused(kept: Engine) -> None:
    with pytest.raises(StatementError, match="naive"):
        through(kept, at=dt.datetime(2026, 10, 30, 12))


def test_times_are_in_order_whatever_their_fraction(kept: Engine) -> None:
    times = [dt.datetime(2026, 10, 30, 6, 0, 0, micro, tzinfo=dt.UTC) for micro in (0, 5, 500000)]
    with kept.begin() as connection:
        connection.execute(insert(KEPT), [{"at": time} for time in reversed(times)])
        assert list(connection.execute(select(KEPT.c.at).order_by(KEPT.c.at)).scalars()) == times
        assert connection.execute(select(KEPT.c.at).where(KEPT.c.at <= times[1]).order_by(KEPT.c.at)).all() == [
            (times[0],),
            (times[1],),
        ]


MEMORY = create_engine("sqlite://")


@given(st.decimals(-(10**20), 10**20, places=9) | st.integers(-(10**20), 10**20).map(Decimal))
def test_the_text_of_a_decimal_is_plain_and_loses_nothing(value: Decimal) -> None:
    text = decimal_text(value)
    assert Decimal(text) == value
    assert set(text) <= set("-0123456789.")
    assert ExactDecimal().process_bind_param(value, MEMORY.dialect) == text
