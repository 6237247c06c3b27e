"""The interbank rates that survey rows state: pages recompute the published margins from them."""

from __future__ import annotations

from dataclasses import replace

from remitwatch.pipeline.workspace import Workspace
from remitwatch.quotes import Basis
from reports.inputs import BasisInput


def with_interbank_rates(workspace: Workspace, made: BasisInput) -> BasisInput:
    """The figures of the survey with the stated interbank rate as the reference rate of each service; of another basis
    as they are, because their prices carry the reference rate that they were priced with."""
    if made.basis != Basis.SURVEY.value:
        return made
    quotes = made.services["quote_id"].astype(int)
    rates = workspace.queries.interbank_rates(quotes)
    stated = quotes.map(rates.get).astype(object)
    return replace(made, services=made.services.assign(reference_rate=stated.where(stated.notna(), None)))
