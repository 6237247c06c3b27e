"""Why averages moved since an earlier period: of everything and of every corridor, in parts that add up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from fractions import Fraction
from functools import partial

import pandas as pd

from remitwatch.figures import ratio
from remitwatch.indicators import Observations
from remitwatch.indicators.change import Change, changes_between
from remitwatch.periods import Period, parse_period
from remitwatch.pipeline.gathering.held import Held
from remitwatch.quotes import Basis
from reports.compare import period_before
from reports.inputs import MOVE_COLUMNS, BasisInput

SCOPES = ("world", "corridor")
MIX_BY = "provider_type"
"""The grouping of the mix: dearer and cheaper types of provider."""


def moves(held: Held, made: BasisInput) -> Callable[[], pd.DataFrame]:
    """What makes MOVE_COLUMNS: the changes of the averages of a basis from the earlier period that its pages compare
    with to the one shown; no rows where nothing earlier is held. What they are made from is read now.

    With the mix by type of provider. That leaves private rows out; averages that rest on some are taken apart without
    the mix instead, so that every row speaks of the published average.
    """
    first = period_before(made, held.as_of.date())
    if first is None:
        return lambda: pd.DataFrame(columns=list(MOVE_COLUMNS))
    ends = (parse_period(first), held.shown(parse_period(made.period)))
    basis = Basis(made.basis)
    return partial(_moves, held.since(basis, ends[0]), basis, ends, held.as_of)


def _moves(observations: Observations, basis: Basis, ends: tuple[Period, Period], as_of: dt.datetime) -> pd.DataFrame:
    found = changes_between(observations, *ends, basis=basis, scopes=SCOPES, by=MIX_BY, as_of=as_of)
    if any("private_left_out" in one.flags for one in found):
        plain = changes_between(observations, *ends, basis=basis, scopes=SCOPES, as_of=as_of)
        whole = {(one.scope, one.subject): one for one in plain}
        found = [whole[one.scope, one.subject] if "private_left_out" in one.flags else one for one in found]
    return pd.DataFrame([_row(one, ends[0].key) for one in found], columns=list(MOVE_COLUMNS))


def _row(one: Change, first: str) -> dict[str, object]:
    names = ("average_from", "average_to", "change", "fee", "margin", "entry", "exit", "mix")
    same = ("scope", "sender", "receiver", "region", "services_from", "services_to", "continuing", "entered", "left")
    values = {name: _decimal(getattr(one, name)) for name in names}
    return {name: getattr(one, name) for name in same} | values | {"from": first, "flags": one.flags}


def _decimal(value: Fraction | None) -> object:
    return None if value is None else ratio(value.numerator, value.denominator)
