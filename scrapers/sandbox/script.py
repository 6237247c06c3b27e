"""What happens in the sandbox, as data: faults and market events, all dated from the world's last day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from scrapers.sandbox.market import LEAVER

Kind = Literal["down", "blocked", "fee_promotion", "rate_promotion", "provider_leaves", "price_change"]


@dataclass(frozen=True)
class Event:
    """One scripted event, from `first_day` to `last_day`, both included (None: for good).

    `source` for what happens to one source; `provider` and `corridors` for what happens in the market (no corridors:
    in all). `factor` multiplies the provider's fees (price_change) or is the discount in per cent of the rate
    (rate_promotion). `reason` is the failure class that a collection of a day with this fault must report.
    """

    kind: Kind
    first_day: date
    last_day: date | None
    note: str
    source: str | None = None
    provider: str | None = None
    corridors: tuple[str, ...] = ()
    factor: Decimal = Decimal(1)
    reason: str = ""

    def on(self, day: date) -> bool:
        """Whether it holds on this day."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)

    @property
    def days(self) -> tuple[date, ...]:
        """Its days. Raises ValueError for an event without an end."""
        if self.last_day is None:
            raise ValueError(f"{self.kind} has no end")
        return tuple(self.first_day + timedelta(days=n) for n in range((self.last_day - self.first_day).days + 1))

    def where(self, corridor: str) -> bool:
        """Whether it holds in this corridor."""
        return not self.corridors or corridor in self.corridors


def script(last_day: date) -> tuple[Event, ...]:
    """The events of a world, in order of their first day."""

    def back(days: int) -> date:
        return last_day - timedelta(days=days)

    events = (
        Event(
            "price_change", back(63), None, "Kitewing Transfer raises its fees by 40 %",
            provider="kitewing_transfer", corridors=("GBR-IND", "USA-MEX"), factor=Decimal("1.4"),
        ),
        Event(
            "price_change", back(50), None, "Zephyrel Remit halves its fees",
            provider="zephyrel_remit", corridors=("DEU-TUR", "KEN-UGA"), factor=Decimal("0.5"),
        ),
        Event(
            "down", back(38), back(37), "TransferGo answers 503 for two days",
            source="transfergo", reason="unreachable",
        ),
        Event("provider_leaves", back(30), None, "Halcombe Remit leaves the market", provider=LEAVER),
        Event(
            "blocked", back(22), back(22), "Wise's comparison answers 200 with a challenge page for a day",
            source="wise_comparisons", reason="blocked",
        ),
        Event(
            "fee_promotion", back(12), back(-5), "TransferGo waives its fee",
            source="transfergo", provider="transfergo", corridors=("GBR-IND", "USA-PHL"), factor=Decimal(0),
        ),
        Event(
            "rate_promotion", back(9), back(-5), "TransferGo gives a better rate to new customers",
            source="transfergo", provider="transfergo", corridors=("DEU-TUR",), factor=Decimal("0.8"),
        ),
    )  # fmt: skip
    return tuple(sorted(events, key=lambda event: event.first_day))
