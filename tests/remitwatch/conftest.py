"""A maker of observation frames: rows by what matters to a test, everything else plain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

Rows = Callable[..., pd.DataFrame]


def observation_rows(*rows: dict[str, Any], **common: Any) -> pd.DataFrame:
    """A frame in the contract's columns. `total`, `fee_pct` and `margin` are per cent; a total alone is all fee."""
    made = []
    for number, given in enumerate(rows):
        row = {**common, **given}
        sender, receiver = row.pop("corridor", "GBR-IND").split("-")
        total, fee, margin = row.pop("total", 5.0), row.pop("fee_pct", None), row.pop("margin", None)
        if total is None:
            fee, margin = fee or 0.0, None
        else:
            margin = margin if margin is not None else (total - fee if fee is not None else 0.0)
            fee = fee if fee is not None else total - margin
        provider = row.get("provider", f"firm_{number}")
        product = row.get("product", "")
        plain = {
            "quote_id": number + 1,
            "run_id": 1,
            "snapshot": "0" * 24,
            "source": "worldbank_survey" if row.get("basis", "survey") == "survey" else "hand_in",
            "basis": "survey",
            "tier": 200,
            "sender": sender,
            "receiver": receiver,
            "corridor": f"{sender}-{receiver}",
            "send_currency": "GBP",
            "receive_currency": "INR",
            "send_amount": 120.0,
            "provider": provider,
            "provider_name": provider.title(),
            "provider_type": "bank",
            "payment_instrument": "cash",
            "access_point": "agent",
            "pickup_method": "cash",
            "speed": "same_day",
            "coverage": "high",
            "product": product,
            "service": f"{provider}:{sender}-{receiver}:GBP-INR:cash:agent:cash:{product}",
            "day": dt.date(2025, 8, 18),
            "survey_period": "2025-Q3" if row.get("basis", "survey") == "survey" else "",
            "region": "South Asia",
            "sender_region": "Europe & Central Asia",
            "income_group": "Lower middle income",
            "transparent": total is not None,
            "private": False,
            "fee_e8": round(fee * 1e8),
            "margin_e8": float("nan") if margin is None else float(round(margin * 1e8)),
            "total_e8": float("nan") if total is None else float(round(total * 1e8)),
            "received_e8": float("nan"),
            "rate": 100.0,
            "receive_amount": None,
            "fee": 1.0,
            "fee_model": "added",
            "reference_rate": None,
            "reference_source": "",
            "reference_date": None,
            "reference_how": "",
            "quoted_at": None,
            "fetched_at": dt.datetime(2025, 8, 18, 6, tzinfo=dt.UTC),
            "flags": "",
            "survey_row": str(1000 + number),
            "note": "",
        }
        made.append(plain | row)
    return pd.DataFrame(made)


@pytest.fixture(scope="session")
def rows() -> Rows:
    """The maker of frames."""
    return observation_rows
