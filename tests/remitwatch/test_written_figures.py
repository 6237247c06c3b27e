"""Figures that are kept as JSON come back as they were, every digit of them."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from remitwatch.indicators.compute import CELLS
from remitwatch.indicators.frames import figure_columns
from remitwatch.pipeline.gathering.written import read_figures, written_figures
from remitwatch.quotes import Basis

AS_OF = dt.datetime(2026, 10, 31, 19, tzinfo=dt.UTC)
TEXT = st.none() | st.text(max_size=5)
PERCENT = st.none() | st.decimals(allow_nan=False, allow_infinity=False)
COUNT = st.integers(0, 10**6)
OF: dict[str, st.SearchStrategy[Any]] = {
    "value": PERCENT,
    "coverage": PERCENT,
    "flags": st.lists(st.sampled_from(["stale", "few_services", "withheld"]), unique=True).map(tuple),
    **dict.fromkeys(("services", "providers", "corridors", "undisclosed", "amount"), COUNT),
    "basis": st.just(Basis.SURVEY),
    "as_of": st.just(AS_OF),
    "where": st.none(),
}


@given(st.lists(st.tuples(*(OF.get(name, TEXT) for name in CELLS)), max_size=5))
def test_figures_are_read_as_they_were_written(rows: list[tuple[Any, ...]]) -> None:
    kept = json.loads(json.dumps(written_figures(figure_columns(rows))))
    found = read_figures(kept, Basis.SURVEY, AS_OF)
    assert list(map(repr, zip(*(found[name].tolist() for name in CELLS), strict=True))) == list(map(repr, rows))


def test_digits_behind_the_last_that_counts_are_kept() -> None:
    values = [Decimal("5.000000000000"), Decimal("5"), Decimal("5.0"), None]
    plain = {"flags": (), "basis": Basis.SURVEY, "as_of": AS_OF, "amount": 200}
    rows = [tuple({**plain, "value": value}.get(name) for name in CELLS) for value in values]
    found = read_figures(written_figures(figure_columns(rows)), Basis.SURVEY, AS_OF)
    assert list(map(str, found["value"])) == ["5.000000000000", "5", "5.0", "None"]
