"""What only the pages of countries say: flows, official figures, policy measures."""

from __future__ import annotations

import pandas as pd

from remitwatch.comparison import SERIES
from remitwatch.events import own_events, shipped_events
from remitwatch.flows import FlowTable
from remitwatch.pipeline.workspace import Workspace
from reports.country_inputs import OFFICIAL_COLUMNS, CountryInput
from scrapers import registry


def about_countries(workspace: Workspace, flows: FlowTable | None, published: pd.DataFrame) -> CountryInput:
    """`published`: every benchmark in force. Raises InputError for a row of the home's events.csv that is none."""
    return CountryInput(
        flows=flows,
        flows_source=_publisher(workspace, flows),
        official=_official(published),
        events=(*shipped_events(), *own_events(workspace.home.events)),
    )


def _publisher(workspace: Workspace, flows: FlowTable | None) -> str:
    """Who published the flows, as the terms of their source want it said."""
    if flows is None:
        return ""
    source = workspace.queries.run(flows.run).source
    definition = registry.definitions().get(source)
    return definition.terms.attribution if definition else source


def _official(published: pd.DataFrame) -> pd.DataFrame:
    """The published averages of senders and receivers."""
    wanted = published["scope"].isin(["sender", "receiver"]) & published["series"].isin(list(SERIES))
    return published.loc[wanted, list(OFFICIAL_COLUMNS)].reset_index(drop=True)
