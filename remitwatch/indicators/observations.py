"""Observations made ready: the frame, its panels by basis and amount, and how old a quote may be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from remitwatch.countries import country_groups
from remitwatch.errors import InputError
from remitwatch.flows import FlowTable
from remitwatch.indicators.columns import Columns, Labels
from remitwatch.indicators.panel import DEFAULT_MAX_AGE_DAYS, QUARANTINED, SENDER_GROUP, Panel
from remitwatch.indicators.units import Units
from remitwatch.periods import Period
from remitwatch.quotes import Basis, Tier

if TYPE_CHECKING:
    import pandas as pd


class Observations:
    """Observations ready to be computed with. Made once of a frame, it serves any number of figures.

    `frame` has the columns of the observation frame (db.queries.observations), or is these columns already: only quotes
    in force, costs in whole 1e-8 per cent. `max_age_days`: how old a quote may be in `latest`, for all sources or by
    source. `precedence`: which source speaks for a service that two price on one day. `flows`: the weights of the
    weighted average, if any.
    """

    def __init__(
        self,
        frame: pd.DataFrame | Columns,
        *,
        max_age_days: int | Mapping[str, int] = DEFAULT_MAX_AGE_DAYS,
        precedence: Sequence[str] | None = None,
        flows: FlowTable | None = None,
    ) -> None:
        self.columns = frame if isinstance(frame, Columns) else Columns.of_frame(frame)
        self.flows = flows
        self.max_age_days = max_age_days
        self._precedence = precedence
        self._panels: dict[tuple[Basis, Tier], Panel] = {}

    def quarantine(self) -> Observations:
        """The collected quotes in quarantine, as if they counted: to show them, never to compute with."""
        flags, bases = self.columns.labels("flags"), self.columns.labels("basis")
        held = np.array([QUARANTINED in name.split("+") for name in flags.names], dtype=bool)[flags.codes]
        rows = self.columns.taking(np.flatnonzero(held & (bases.codes != bases.code(Basis.SURVEY.value))))
        flags = rows.labels("flags")
        rest = ["+".join(flag for flag in name.split("+") if flag != QUARANTINED) for name in flags.names]
        rows = rows.relabelled("flags", Labels.of(flags.codes, rest))
        return Observations(rows, max_age_days=self.max_age_days, precedence=self._precedence)

    def panel(self, basis: Basis, amount: Tier) -> Panel:
        """The counted rows of one basis and amount."""
        key = (basis, amount)
        if key not in self._panels:
            self._panels[key] = Panel(self.columns, basis, amount, self._precedence)
        return self._panels[key]

    def bases(self, amount: Tier) -> tuple[Basis, ...]:
        """Every basis that has rows of this amount."""
        bases = self.columns.labels("basis")
        held = {bases.names[code] for code in np.unique(bases.codes[self.columns.whole("tier") == amount])}
        return tuple(one for one in Basis if one.value in held)

    def units(self, basis: Basis, amount: Tier, period: Period, as_of: dt.datetime) -> Units:
        """The services of a period."""
        return self.units_of_periods(basis, amount, (period,), as_of)

    def units_of_periods(self, basis: Basis, amount: Tier, periods: Sequence[Period], as_of: dt.datetime) -> Units:
        """The services of periods that do not overlap, oldest first, with the flows that weigh their corridors."""
        found = self.panel(basis, amount).units(periods, as_of, self.max_age_days)
        found.flows = self.flows
        return found

    def labels(self, column: str) -> tuple[str, ...]:
        """The labels of a text column, or of the sending countries' groups, that some row has."""
        if column == SENDER_GROUP:
            return tuple(country_groups().get(name, "") for name in self.columns.labels("sender").names)
        return self.columns.labels(column).names

    def regions(self) -> set[str]:
        """The receiving regions that the rows name."""
        return set(self.columns.labels("region").names) - {""}


def prepared(frame: pd.DataFrame | Columns | Observations) -> Observations:
    """The observations of a frame; those given already prepared as they are."""
    return frame if isinstance(frame, Observations) else Observations(frame)


def checked_amount(amount: int) -> Tier:
    """200 or 500. Raises InputError for any other amount."""
    if amount == 200:
        return 200
    if amount == 500:
        return 500
    raise InputError(f"amount {amount!r}: expected 200 or 500 (US dollars, or their local equivalent)")


def checked_basis(basis: str | Basis) -> Basis:
    """The basis of this name. Raises InputError for any other."""
    try:
        return Basis(basis)
    except ValueError:
        raise InputError(f"basis {basis!r}: expected one of {', '.join(Basis)}") from None
