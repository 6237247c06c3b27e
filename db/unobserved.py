"""Quotes of accepted runs that have no observation yet: which they are, and survey prices by columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Engine, Select, Text, and_, cast, func, or_, select

from db.bulk import insert_plain
from db.engine import reading, writing
from db.frames import run_in_force
from db.tables import ObservationRow, QuoteRow, RunRow, table
from remitwatch.survey_costs import SurveyObservations, SurveyPrice, SurveyPrices

_QUOTE, _RUN, _OBSERVATION = table(QuoteRow), table(RunRow), table(ObservationRow)
_PRICE = (
    _QUOTE.c.id,
    _QUOTE.c.sender,
    _QUOTE.c.send_currency,
    _QUOTE.c.receive_currency,
    cast(_QUOTE.c.send_amount, Text),
    _QUOTE.c.tier,
    cast(_QUOTE.c.fee, Text),
    cast(_QUOTE.c.rate, Text),
    _QUOTE.c.transparent,
    _QUOTE.c.survey_period,
    cast(_QUOTE.c.published_margin, Text),
    cast(_QUOTE.c.published_total, Text),
    cast(_QUOTE.c.interbank_rate, Text),
    cast(_QUOTE.c.observed_on, Text),
)
REPLACE = "ON CONFLICT (quote_id) DO UPDATE SET " + ", ".join(
    f"{column.name} = excluded.{column.name}" for column in _OBSERVATION.columns if column.name != "quote_id"
)


def unobserved(
    columns: Sequence[Any],
    *,
    method: str,
    after: int = 0,
    since: dt.date | None = None,
    new_after: int | None = None,
    run_id: int | None = None,
    rebuild: bool = False,
) -> Select[Any]:
    """The quotes that want an observation by this method, in the order of their numbers, from the one after `after`.

    With `since`, a quote that never had one is taken only when its day is not earlier or its number is above
    `new_after`. `run_id`: those of one run, whatever their day. `rebuild`: every quote, observed or not.
    """
    wanted = (
        select(*columns)
        .select_from(_QUOTE)
        .join(_RUN, _RUN.c.id == _QUOTE.c.run_id)
        .outerjoin(_OBSERVATION, _OBSERVATION.c.quote_id == _QUOTE.c.id)
        .where(_QUOTE.c.id > after, run_in_force(None))
    )
    if run_id is not None:
        wanted = wanted.where(_QUOTE.c.run_id == run_id)
    if not rebuild:
        never: ColumnElement[bool] = _OBSERVATION.c.quote_id.is_(None)
        if since is not None and run_id is None:
            never = and_(never, or_(_QUOTE.c.day >= since, _QUOTE.c.id > (new_after or 0)))
        wanted = wanted.where(or_(never, _OBSERVATION.c.method != method))
    return wanted.order_by(_QUOTE.c.id)


def unobserved_survey(engine: Engine, *, limit: int, **which: Any) -> SurveyPrices:
    """The next survey prices among the unobserved (keywords as in `unobserved`). A batch is read whole, so that no
    reader stands in the way of writing its observations."""
    with reading(engine) as connection:
        wanted = unobserved(_PRICE, **which).where(_QUOTE.c.survey_period.is_not(None)).limit(limit)
        return SurveyPrices.of_rows([SurveyPrice._make(row) for row in connection.execute(wanted)])


def quotes_of_run(engine: Engine, run_id: int) -> NDArray[np.int64]:
    """The numbers of the quotes of a run, in the order in which they were stored."""
    span = select(func.min(_QUOTE.c.id), func.max(_QUOTE.c.id), func.count()).where(_QUOTE.c.run_id == run_id)
    each = select(_QUOTE.c.id).where(_QUOTE.c.run_id == run_id).order_by(_QUOTE.c.id)
    with reading(engine) as connection:
        first, last, count = connection.execute(span).one()
        if count and last - first + 1 == count:  # one after the other, as they are when nothing was replaced
            return np.arange(first, last + 1)
        return np.array(connection.execute(each).scalars().all(), np.int64)


def save_survey_observations(engine: Engine, done: SurveyObservations, method: str) -> int:
    """Store the observations of survey prices; one of the same quote is replaced. Returns how many."""
    columns = ("quote_id", "fee_e8", "margin_e8", "total_e8", "received_e8", "flags")
    constant: dict[str, Any] = {"method": method, "reference_derived": False, "reference_how": ""}
    constant |= dict.fromkeys(("reference_source", "reference_date", "reference_rate", "reference_age"))
    rows = zip(done.ids, done.fee, done.margin, done.total, done.received, done.flags, strict=True)
    with writing(engine) as connection:
        names = [_OBSERVATION.c[name] for name in columns]
        return insert_plain(connection, _OBSERVATION, names, rows, REPLACE, **constant)
