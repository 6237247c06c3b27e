"""Made-up observations in the size of the real ones, as columns: a whole survey, or a year of daily quotes.

Nothing here is a real price. The same seed gives the same rows.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.survey_rows import QUARTERS
from remitwatch.countries import countries
from remitwatch.indicators.columns import FRAME, NO_TIME, NUMBERS, TEXTS, YES_NO, Columns, Labels

SURVEY_ROWS = 254_000
CORRIDORS, SERVICES, DAYS = 367, 20, 365
FIRST_DAY = dt.date(2025, 11, 1)
_SEED = 20261121
_MISSING = 0.01
_STRIDE = 7919  # a prime: corridors taken so far apart are of many senders and receivers
_TYPES = ("bank", "money_transfer_operator", "mobile_operator", "post_office", "non_bank_fi", "credit_union")
_INSTRUMENTS = ("cash", "bank_account", "debit_card", "credit_card", "mobile_money")
_ACCESS = ("internet", "agent", "bank_branch", "call_center", "mobile_phone")
_PICKUP = ("cash", "bank_account", "partner_bank_account", "mobile_wallet")
_SPEEDS = ("within_hour", "same_day", "next_day", "two_days", "three_to_five_days", "six_days_or_more", "unknown")
_DAY = 86_400_000_000

Codes = NDArray[np.int64]


def corridors(count: int = CORRIDORS) -> list[str]:
    """So many corridors between real countries, senders in Russia among them."""
    known = [code for code, country in countries().items() if country.region and country.currency]
    senders = ["RUS", *[code for code in known if code != "RUS"][:47]]
    receivers = [code for code in known if code not in senders]
    every = [f"{sender}-{receiver}" for receiver in receivers for sender in senders]
    return [every[number * _STRIDE % len(every)] for number in range(count)]


def survey_columns(rows: int = SURVEY_ROWS, *, corridor_count: int = CORRIDORS, seed: int = _SEED) -> Columns:
    """A whole survey: rows over all its quarters, one amount."""
    draw = np.random.default_rng(seed)
    quarters = [f"{name[:4]}-Q{name[5]}" for name in QUARTERS]
    quarter = np.sort(draw.integers(0, len(quarters), rows))
    lane = draw.integers(0, corridor_count, rows)
    first = {name: dt.date(int(name[:4]), 3 * int(name[6]) - 2, 1) for name in quarters}
    days = np.array([_day_number(first[name]) for name in quarters], dtype=np.int64)[quarter]
    return _columns(
        draw,
        lane,
        draw.integers(0, 420, rows),
        corridors(corridor_count),
        basis="survey",
        source="worldbank_survey",
        days=days,
        survey_period=Labels.of(quarter, quarters),
        survey_row=Labels.of(np.arange(rows), [str(10**9 + number) for number in range(rows)]),
    )


def daily_columns(
    days: int = DAYS, *, corridor_count: int = CORRIDORS, services: int = SERVICES, seed: int = _SEED
) -> Columns:
    """Daily quotes: every service of every corridor on every day, one in a hundred missing."""
    draw = np.random.default_rng(seed)
    per_day = corridor_count * services
    there = np.flatnonzero(draw.random(days * per_day) >= _MISSING)
    day, service = there // per_day, there % per_day
    lane, provider = service // services, (service * 7) % 97  # a provider once a corridor, so services are unique
    empty = Labels.of(np.zeros(len(there), dtype=np.int64), [""])
    return _columns(
        draw,
        lane,
        provider,
        corridors(corridor_count),
        basis="standard",
        source="hand_in",
        days=day + _day_number(FIRST_DAY),
        survey_period=empty,
        survey_row=empty,
        of_service=service,
    )


def _columns(
    draw: np.random.Generator,
    lane: Codes,
    provider: Codes,
    lanes: list[str],
    *,
    basis: str,
    source: str,
    days: Codes,
    survey_period: Labels,
    survey_row: Labels,
    of_service: Codes | None = None,
) -> Columns:
    size = len(lane)

    def some(names: tuple[str, ...]) -> Labels:
        """Labels drawn by row, or by service where the rows are of services that come again."""
        if of_service is None:
            return Labels.of(draw.integers(0, len(names), size), list(names))
        return Labels.of(draw.integers(0, len(names), int(of_service.max()) + 1)[of_service], list(names))

    disclosed = draw.random(size) > 0.03
    fee = np.round(draw.gamma(3.0, 1.4, size), 2)
    margin = np.round(draw.normal(1.8, 1.3, size), 2)
    fee_e8, margin_e8 = np.rint(fee * 1e8), np.rint(margin * 1e8)
    number = lane * 1000 + provider
    distinct, service = np.unique(number, return_inverse=True)
    names = [_service(lanes[int(one) // 1000], int(one) % 1000) for one in distinct]
    senders, receivers = (sorted({lane.split("-")[side] for lane in lanes}) for side in (0, 1))
    sides = [lane.split("-") for lane in lanes]
    found: dict[str, Any] = {name: np.full(size, np.nan) for name in NUMBERS}
    found |= {name: Labels.of(np.zeros(size, dtype=np.int64), [""]) for name in TEXTS}
    found |= {name: np.zeros(size, dtype=bool) for name in YES_NO}
    found |= {
        "quote_id": np.arange(1, size + 1),
        "run_id": np.ones(size, dtype=np.int64),
        "tier": np.full(size, 200),
        "basis": Labels.of(np.zeros(size, dtype=np.int64), [basis]),
        "source": Labels.of(np.zeros(size, dtype=np.int64), [source]),
        "service": Labels.of(service, names),
        "provider": Labels.of(provider, [f"firm_{number:03}" for number in range(1000)]),
        "provider_type": Labels.of(provider % len(_TYPES), list(_TYPES)),
        "payment_instrument": some(_INSTRUMENTS),
        "access_point": some(_ACCESS),
        "pickup_method": some(_PICKUP),
        "speed": some(_SPEEDS),
        "coverage": some(("high", "medium", "low")),
        "corridor": Labels.of(lane, lanes),
        "sender": Labels.of(np.array([senders.index(one) for one, _ in sides])[lane], senders),
        "receiver": Labels.of(np.array([receivers.index(one) for _, one in sides])[lane], receivers),
        "region": Labels.of(lane, [countries()[one].region or "" for _, one in sides]),
        "sender_region": Labels.of(lane, [countries()[one].region or "" for one, _ in sides]),
        "income_group": Labels.of(lane, [countries()[one].income_group or "" for _, one in sides]),
        "survey_period": survey_period,
        "survey_row": survey_row,
        "day": days,
        "reference_date": np.full(size, NO_TIME),
        "quoted_at": days * _DAY + _DAY // 4,
        "fetched_at": days * _DAY + _DAY // 3,
        "transparent": disclosed,
        "fee_e8": fee_e8,
        "margin_e8": np.where(disclosed, margin_e8, np.nan),
        "total_e8": np.where(disclosed, fee_e8 + margin_e8, np.nan),
        "send_amount": np.full(size, 200.0),
        "rate": np.full(size, 100.0),
        "fee": fee * 2,
    }
    return Columns(size, {name: found[name] for name in FRAME}.__getitem__)


def _service(lane: str, provider: int) -> str:
    sender, receiver = lane.split("-")
    pair = f"{countries()[sender].currency}-{countries()[receiver].currency}"
    return f"firm_{provider:03}:{lane}:{pair}:bank_account:internet:bank_account:"


def _day_number(day: dt.date) -> int:
    return (day - dt.date(1970, 1, 1)).days
