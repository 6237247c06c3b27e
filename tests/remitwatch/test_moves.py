"""Why averages moved, as the pages are given it: the same as `indicators explain` tells, of every corridor at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd

from remitwatch.indicators import Observations, explain, periods_present
from remitwatch.indicators.frames import FigureColumns, figure_cells, figure_columns
from remitwatch.indicators.observations import prepared
from remitwatch.periods import Period, PeriodKind, parse_period
from remitwatch.pipeline.gathering.basis import basis_input
from remitwatch.pipeline.gathering.held import Held
from remitwatch.quotes import Basis
from reports.inputs import MOVE_COLUMNS, BasisInput

Rows = Callable[..., pd.DataFrame]
NOW = dt.datetime(2026, 10, 30, 18, tzinfo=dt.UTC)
A, B = "2024-Q3", "2025-Q3"
PARTS = ("fee", "margin", "entry", "exit", "mix")


def sold(provider: str, period: str, total: float, fee: float, **given: Any) -> dict[str, Any]:
    return {"provider": provider, "survey_period": period, "total": total, "fee_pct": fee} | given


def on(provider: str, day: dt.date, total: float, fee: float, **given: Any) -> dict[str, Any]:
    collected = {"provider": provider, "basis": "standard", "day": day, "survey_period": ""}
    return collected | {"total": total, "fee_pct": fee} | given


class Given:
    """Past figures without a database or kept ones: of the observations given."""

    def __init__(self, held: Observations) -> None:
        self.held = held

    def quarters(self) -> tuple[Period, ...]:
        return tuple(periods_present(self.held, basis=Basis.SURVEY))

    def figures(self, basis: Basis, kind: PeriodKind, until: dt.date) -> FigureColumns:
        periods = [one for one in periods_present(self.held, basis=basis, kind=kind) if one.last_day <= until]
        scopes = ("world", "corridor")
        asked: dict[str, Any] = {"scopes": scopes, "periods": periods, "basis": basis, "as_of": NOW}
        return figure_columns(figure_cells(self.held, amount=200, **asked))

    def days(self, basis: Basis, *_: object) -> set[dt.date]:
        return set(self.held.panel(basis, 200).dates())


def given(frame: pd.DataFrame, basis: Basis, asked: str) -> BasisInput:
    held = prepared(frame)
    past: Any = Given(held)
    none: Any = None
    made = basis_input(Held(none, parse_period(asked), NOW, held, past, held), basis, None)
    assert made is not None
    return made


SURVEY = [
    sold("x", A, 6.0, 4.0), sold("y", A, 10.0, 5.0), sold("z", A, 14.0, 1.0, provider_type="bank"),
    sold("x", B, 5.0, 3.0), sold("y", B, 9.0, 5.0), sold("w", B, 4.0, 4.0),
    sold("x", A, 3.0, 1.0, corridor="GBR-KEN"), sold("x", B, 3.5, 1.0, corridor="GBR-KEN"),
    sold("x", B, 3.5, 1.0, corridor="GBR-UGA"),
]  # fmt: skip


def test_every_corridor_has_the_parts_that_explain_tells(rows: Rows) -> None:
    frame = rows(*SURVEY)
    moves = given(frame, Basis.SURVEY, B).moves
    assert tuple(moves.columns) == MOVE_COLUMNS
    told = {
        one.subject: one
        for one in explain(frame, period=f"{A}..{B}", scope=("world", "corridor"), by="provider_type", as_of=NOW)
    }
    assert len(moves) == len(told) == 4
    for row in moves.to_dict("records"):
        one = told["world" if row["scope"] == "world" else f"{row['sender']}-{row['receiver']}"]
        assert row["from"] == A
        for name in PARTS:
            part = getattr(one, name)
            assert row[name] is None if part is None else abs(row[name] - Decimal(float(part))) < Decimal("1e-9")
        counts = ("services_from", "services_to", "continuing", "entered", "left")
        assert tuple(row[name] for name in counts) == tuple(getattr(one, name) for name in counts)
        assert row["flags"] == one.flags


def test_the_parts_add_up_and_a_corridor_of_one_period_has_none(rows: Rows) -> None:
    moves = given(rows(*SURVEY), Basis.SURVEY, B).moves.set_index("receiver")
    whole = moves[moves["change"].notna()]
    assert len(whole) == 3
    for row in whole.to_dict("records"):
        assert abs(sum(row[name] for name in PARTS) - row["change"]) < Decimal("1e-11")
    new = moves.loc["UGA"]
    assert (new["average_from"], new["change"], new["fee"]) == (None, None, None)


def test_the_latest_prices_are_compared_with_an_earlier_week(rows: Rows) -> None:
    """A day's page shows each service's newest price; its history is by weeks."""
    weeks_ago, today = dt.date(2026, 9, 30), dt.date(2026, 10, 30)
    frame = rows(on("x", weeks_ago, 6.0, 4.0), on("x", today, 5.0, 3.5))
    made = given(frame, Basis.STANDARD, "latest")
    world = made.moves[made.moves["scope"] == "world"].to_dict("records")[0]
    assert (made.period, world["from"]) == ("2026-10-30", "2026-W40")
    assert [world[name] for name in ("average_from", "average_to", "change", "fee", "margin", "entry")] == [
        Decimal(6), Decimal(5), Decimal(-1), Decimal("-0.5"), Decimal("-0.5"), Decimal(0),
    ]  # fmt: skip


def test_an_average_that_rests_on_private_prices_is_taken_apart_as_published(rows: Rows) -> None:
    """Without the mix, because breakdowns leave private prices out."""
    weeks_ago, today = dt.date(2026, 9, 30), dt.date(2026, 10, 30)
    before = [on(name, weeks_ago, 6.0, 4.0, private=True) for name in ("p", "q", "r")]
    now = [on(name, today, 5.0, 3.0, private=True) for name in ("p", "q", "r")]
    frame = rows(*before, *now, on("x", weeks_ago, 8.0, 4.0), on("x", today, 8.0, 4.0))
    made = given(frame, Basis.STANDARD, "latest")
    world = made.moves[made.moves["scope"] == "world"].to_dict("records")[0]
    average = made.indicators.query("indicator == 'average_total_cost' and scope == 'world' and amount == 200")
    published = average[average["breakdown"].isna()]["value"].iloc[0]
    assert (world["average_to"], world["change"], world["mix"]) == (published, Decimal("-0.75"), None)


def test_nothing_earlier_gives_no_rows(rows: Rows) -> None:
    assert given(rows(sold("x", B, 5.0, 3.0)), Basis.SURVEY, B).moves.empty
