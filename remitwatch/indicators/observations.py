"""Observations made ready: the frame, its panels by basis and amount, and how old a quote may be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pandas as pd

from remitwatch.errors import InputError
from remitwatch.flows import FlowTable
from remitwatch.indicators.panel import DEFAULT_MAX_AGE_DAYS, QUARANTINED, Panel, Units
from remitwatch.periods import Period
from remitwatch.quotes import Basis, Tier


class Observations:
    """Observations ready to be computed with. Made once of a frame, it serves any number of figures.

    `frame` has the columns of the observation frame (db.queries.observations): only quotes in force, costs in whole
    1e-8 per cent. `max_age_days`: how old a quote may be in `latest`, for all sources or by source. `precedence`: which
    source speaks for a service that two price on one day. `flows`: the weights of the weighted average, if any.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        *,
        max_age_days: int | Mapping[str, int] = DEFAULT_MAX_AGE_DAYS,
        precedence: Sequence[str] | None = None,
        flows: FlowTable | None = None,
    ) -> None:
        self.frame = frame
        self.flows = flows
        self.max_age_days = max_age_days
        self._precedence = precedence
        self._panels: dict[tuple[Basis, Tier], Panel] = {}

    def quarantine(self) -> Observations:
        """The collected quotes in quarantine, as if they counted: to show them, never to compute with."""
        flags = self.frame["flags"].astype(str).str.split("+")
        held = flags.map(lambda found: QUARANTINED in found).astype(bool) & (self.frame["basis"] != Basis.SURVEY.value)
        rest = flags[held].map(lambda found: "+".join(flag for flag in found if flag != QUARANTINED))
        rows = self.frame[held].assign(flags=rest.astype("str"))
        return Observations(rows, max_age_days=self.max_age_days, precedence=self._precedence)

    def panel(self, basis: Basis, amount: Tier) -> Panel:
        """The counted rows of one basis and amount."""
        key = (basis, amount)
        if key not in self._panels:
            self._panels[key] = Panel(self.frame, basis, amount, self._precedence)
        return self._panels[key]

    def bases(self, amount: Tier) -> tuple[Basis, ...]:
        """Every basis that has rows of this amount."""
        held = set(self.frame.loc[self.frame["tier"] == amount, "basis"].unique())
        return tuple(one for one in Basis if one.value in held)

    def units(self, basis: Basis, amount: Tier, period: Period, as_of: dt.datetime) -> Units:
        """The services of a period, with the flows that weigh their corridors."""
        found = self.panel(basis, amount).units(period, as_of, self.max_age_days)
        found.flows = self.flows
        return found

    def regions(self) -> set[str]:
        """The receiving regions that the rows name."""
        return {str(name) for name in self.frame["region"].dropna().unique()}


def prepared(frame: pd.DataFrame | Observations) -> Observations:
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
