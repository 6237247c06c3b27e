"""What only the pages of countries say: flows, official figures, policy measures."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from remitwatch.events import Event
from remitwatch.flows import FlowTable

OFFICIAL_COLUMNS = ("source", "series", "scope", "sender", "receiver", "period", "value")


@dataclass(frozen=True)
class CountryInput:
    """`flows`: the flows that weigh, None where none are in force; `flows_source` their publisher in words. `official`:
    OFFICIAL_COLUMNS, what others publish of senders and receivers (per cent). `events`: policy measures."""

    flows: FlowTable | None = None
    flows_source: str = ""
    official: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(OFFICIAL_COLUMNS)))
    events: tuple[Event, ...] = ()
