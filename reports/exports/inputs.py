"""What an export is made of: the frames of the periods asked for, without words of any language.

The same values serve `remitwatch export` and the exports that lie in an edition.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

from reports import numbers
from reports.exports.layout_rows import Layout
from reports.inputs import EditionInput
from reports.lookup import Offer
from reports.site import BasisView, Site

_PART = 1 << 13
"""Rows of a part of the history."""


@dataclass(frozen=True)
class ExportInput:
    """Everything an export may say.

    `site`: the newest period asked for of each basis, as the pages of an edition have it: findings, targets, sources
    with their terms, runs, what is missing. `views`: one a basis and period asked for, the lead basis first, the oldest
    period first; their services are those that may be listed (private ones left out, `derived` ones without amounts and
    rates). `label`: what was asked for, fit for a file name (`2025-Q3`, `all`). `country`: ISO alpha-3, where only the
    figures of one country were asked for (those from it, to it and of its corridors). `layouts`: rows for the survey's
    own layout, for the form that writes it.
    """

    label: str
    site: Site
    views: tuple[BasisView, ...]
    country: str | None = None
    layouts: tuple[Layout, ...] = ()

    @classmethod
    def of_edition(cls, site: Site) -> ExportInput:
        """The exports of an edition: its period, every country."""
        return cls(site.data.period, site, site.views)

    @property
    def data(self) -> EditionInput:
        """What stands behind all of it: its time, world, method, sources, runs and targets."""
        return self.site.data

    @property
    def sandbox(self) -> bool:
        """Whether the prices are made up."""
        return self.data.world == "sandbox"

    @property
    def indicators(self) -> tuple[pd.DataFrame, ...]:
        """INDICATOR_COLUMNS: every figure of the periods asked for, all scopes, breakdowns and amounts, a frame of each
        view. They are long: whoever needs them together takes first what is needed."""
        return tuple(view.data.indicators for view in self.views)

    @property
    def history(self) -> Iterator[pd.DataFrame]:
        """INDICATOR_COLUMNS: figures of the world, regions and corridors in the periods before those asked for, basis
        by basis, in parts: a copy of all would be as long as what it is made of."""
        given = {(view.basis, view.data.period) for view in self.views}
        for view in self.site.views:
            rows = view.data.history
            for first in range(0, len(rows), _PART):
                yield _without(rows.iloc[first : first + _PART], given)


def public_costs(offer: Offer) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """Fee, margin and total of a listed service as they may be given away, in per cent of the amount sent. Those of
    `derived` sources have two decimals: with every digit, the fee and the rate could be worked out from them."""
    fee, margin, total = (
        numbers.rounded(cost, 2) if offer.derived and cost is not None else cost
        for cost in (offer.fee_pct, offer.margin_pct, offer.total_pct)
    )
    return fee, margin, total


def _without(rows: pd.DataFrame, given: set[tuple[str, str]]) -> pd.DataFrame:
    """The rows of other periods than those of a basis that are given."""
    known = np.zeros(len(rows), bool)
    for basis, period in given:
        known |= ((rows["period"] == period) & (rows["basis"] == basis)).to_numpy(dtype=bool)
    return rows[~known] if known.any() else rows
