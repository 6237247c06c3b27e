"""A made-up edition for tests and for looking at pages: 12 corridors, three bases, and everything awkward."""

from __future__ import annotations

import datetime as dt
import random
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from reports.inputs import (
    BENCHMARK_COLUMNS,
    INDICATOR_COLUMNS,
    MOVE_COLUMNS,
    RUN_COLUMNS,
    SERVICE_COLUMNS,
    BasisInput,
    EditionInput,
    Gap,
    SourceLine,
)
from tests.reports.made_up_figures import AS_OF, PARTS, figures_of

CORRIDORS = {
    # corridor: currencies, rate, send amounts, level of cost, services
    "GBR-IND": ("GBP", "INR", 112.4, (120, 300), 2.6, 18),
    "GBR-NGA": ("GBP", "NGN", 2050.0, (120, 300), 4.2, 11),
    "USA-MEX": ("USD", "MXN", 18.3, (200, 500), 5.1, 22),
    "USA-PHL": ("USD", "PHP", 58.1, (200, 500), 4.6, 14),
    "DEU-TUR": ("EUR", "TRY", 48.2, (140, 345), 6.3, 9),
    "DEU-IND": ("EUR", "INR", 97.9, (140, 345), 4.9, 8),
    "ARE-IND": ("AED", "INR", 23.1, (735, 1840), 3.3, 10),
    "ARE-PAK": ("AED", "PKR", 76.4, (735, 1840), 1.9, 7),
    "KEN-UGA": ("KES", "UGX", 28.4, (18000, 45000), 9.6, 6),
    "TZA-KEN": ("TZS", "KES", 0.0512, (324500, 811000), 48.0, 12),
    "ESP-MAR": ("EUR", "MAD", 10.7, (140, 345), 6.8, 5),
    "ESP-COL": ("EUR", "COP", 4600.0, (140, 345), 5.6, 2),
}
REGIONS = {
    "IND": "South Asia",
    "PAK": "South Asia",
    "NGA": "Sub-Saharan Africa",
    "UGA": "Sub-Saharan Africa",
    "KEN": "Sub-Saharan Africa",
    "MEX": "Latin America & Caribbean",
    "COL": "Latin America & Caribbean",
    "PHL": "East Asia & Pacific",
    "TUR": "Europe & Central Asia",
    "MAR": "Middle East & North Africa",
}
HOSTILE = (
    "<script>alert(1)</script>",
    '=HYPERLINK("http://evil.example","x")',
    r"Bank $\frac{1",
    "Evil \u202egnikcah\u202c Ltd",
    "Long " + "name " * 2000,
    "Nul\x00byte & \"quotes\" 'and' more",
    '"><img src=x onerror=alert(1)>',
    "+1-2 Remit",
    "\ud800 lone",
)
_PROVIDERS = [
    ("northgate_bank", "Northgate Bank", "bank"),
    ("swiftpath", "SwiftPath", "money_transfer_operator"),
    ("pesalink", "Pesa Link", "mobile_operator"),
    ("royal_post", "Royal Postal Transfers", "post_office"),
    ("unionsave", "UnionSave", "credit_union"),
    ("remitly_like", "Kestrel Remit", "money_transfer_operator"),
    ("harbour_fin", "Harbour Finance", "non_bank_fi"),
    ("posta_bank", "Posta & Bank Joint", "bank+post_office"),
    ("blue_heron", "Blue Heron", "money_transfer_operator"),
    ("first_delta", "First Delta Bank", "bank"),
]
_PAY = [
    ("bank_account", "internet", "bank_account"),
    ("cash", "agent", "cash"),
    ("debit_card", "internet", "cash"),
    ("mobile_money", "mobile_phone", "mobile_wallet"),
    ("bank_account+debit_card", "internet", "bank_account"),
]


def edition(
    *,
    world: str = "sandbox",
    bases: tuple[str, ...] = ("survey", "standard", "estimate"),
    hostile: bool = True,
    corridors: tuple[str, ...] = tuple(CORRIDORS),
    number: int | None = 1,
    targets: bool = True,
    **changes: Any,
) -> EditionInput:
    """An EditionInput. The same arguments give the same data."""
    made = tuple(_basis(name, corridors, hostile) for name in bases)
    values: dict[str, Any] = {
        "period": made[0].period if made else "2026-Q3",
        "number": number,
        "as_of": AS_OF,
        "made_at": dt.datetime(2026, 10, 30, 6, 5, tzinfo=dt.UTC),
        "world": world,
        "method": "1",
        "version": "0.1.0",
        "bases": made,
        "sources": SOURCES,
        "missing": (
            Gap("corridors_without_price", {"basis": "standard", "watched": 14, "corridors": ("GBR-KEN", "USA-IND")}),
            Gap(
                "days_without_prices",
                {
                    "source": "transfergo",
                    "days": ((dt.date(2026, 10, 12), "unreachable"), (dt.date(2026, 10, 13), "failed")),
                },
            ),
        ),
        "runs": _runs(),
        "issues_open": 4,
        "targets": _targets(made) if targets else [],
        "digest": "0f" * 32,
        "benchmarks": _benchmarks(corridors),
    }
    return EditionInput(**{**values, **changes})


SOURCES = (
    SourceLine(
        "worldbank_survey",
        "Remittance Prices Worldwide",
        "surveys",
        "The World Bank, Remittance Prices Worldwide",
        "CC BY 4.0",
        "https://example.org/terms",
        "full",
        True,
        dt.date(2026, 10, 1),
        29,
        "ok",
    ),
    SourceLine(
        "transfergo",
        "TransferGo quotes",
        "quotes",
        "TransferGo",
        "own terms",
        "https://example.org/tg",
        "full",
        True,
        dt.date(2026, 10, 30),
        0,
        "ok",
    ),
    SourceLine(
        "wise_comparisons",
        "Wise comparisons",
        "quotes",
        "Wise",
        "own terms",
        "https://example.org/wise",
        "derived",
        False,
        dt.date(2026, 10, 21),
        9,
        "stale",
        "no accepted run since 21 October",
    ),
    SourceLine(
        "checks_only",
        "Checks only",
        "quotes",
        "Nobody",
        "none",
        "https://example.org/none",
        "none",
        True,
        dt.date(2026, 10, 30),
        0,
        "ok",
    ),
    SourceLine(
        "ecb",
        "European Central Bank reference rates",
        "rates",
        "European Central Bank",
        "free reuse",
        "https://example.org/ecb",
        "full",
        True,
        dt.date(2026, 10, 29),
        1,
        "ok",
    ),
)


def _basis(name: str, corridors: tuple[str, ...], hostile: bool) -> BasisInput:
    survey = name == "survey"
    if survey:
        periods = [f"{year}-Q{quarter}" for year in range(2021, 2027) for quarter in (1, 2, 3, 4)][:23]
        periods = [
            period for period in periods if period not in ("2025-Q2", "2022-Q3", "2022-Q4", "2023-Q1", "2023-Q2")
        ]
    else:
        periods = [f"2026-W{week}" for week in range(31, 44) if week not in (37, 38)] + ["2026-10-30"]
        if name == "estimate":
            corridors = tuple(key for key in corridors if key.startswith(("GBR", "USA")))
    rows: list[dict[str, Any]] = []
    past: list[dict[str, Any]] = []
    services: list[dict[str, Any]] = []
    for place, period in enumerate(periods):
        drift = 1.18 - 0.18 * place / (len(periods) - 1)
        made = [row for key in corridors for row in _services(name, key, period, drift, hostile)]
        figures = figures_of(made, name, period)
        past += [row for row in figures if row["indicator"] in PAST and row["amount"] == 200 and not row["breakdown"]]
        if period == periods[-1]:
            rows, services = figures, made
    promotions = []
    for row in services[:3] if name == "standard" else []:
        promotions.append(
            {
                **row,
                "quote_id": row["quote_id"] + 500000,
                "basis": "promotional",
                "fee_e8": 0.0,
                "total_e8": row["margin_e8"],
                "fee": "0.00",
                "smart_rank": 0,
                "flags": "",
            }
        )
    return BasisInput(
        basis=name,
        period=periods[-1],
        previous_period=periods[-2] if survey else "2026-W40",
        indicators=pd.DataFrame(rows, columns=list(INDICATOR_COLUMNS)),
        history=pd.DataFrame(past, columns=list(INDICATOR_COLUMNS)),
        services=pd.DataFrame(services, columns=list(SERVICE_COLUMNS)),
        promotions=pd.DataFrame(promotions, columns=list(SERVICE_COLUMNS)),
        private={"USA-MEX": 1} if name == "standard" and "USA-MEX" in corridors else {},
        days=() if survey else _days(),
        moves=pd.DataFrame(_moves(rows, past, periods[-1], periods[-2]), columns=list(MOVE_COLUMNS)),
    )


def _moves(rows: list[dict[str, Any]], past: list[dict[str, Any]], now: str, before: str) -> list[dict[str, Any]]:
    """Changes as if every service had been quoted both times, but for a tenth of a point by newcomers."""
    held = {
        (row["indicator"], row["scope"], row["sender"], row["receiver"], row["period"]): row
        for row in [*past, *rows]
        if row["amount"] == 200 and not row["breakdown"] and row["scope"] in ("world", "corridor")
    }
    made = []
    for (code, *place, period), row in held.items():
        old = {part: held.get((part, *place, before)) for part, _ in PARTS}
        new = {part: held.get((part, *place, now)) for part, _ in PARTS}
        if code != PARTS[0][0] or period != now or None in (*old.values(), *new.values()):
            continue
        change, fee, margin = (new[part]["value"] - old[part]["value"] for part, _ in PARTS)
        made.append({
            "scope": place[0], "sender": place[1], "receiver": place[2], "region": None, "from": before,
            "average_from": old[code]["value"], "average_to": row["value"], "change": change, "fee": fee,
            "margin": margin - Decimal("0.1"), "entry": Decimal("0.1"), "exit": Decimal(0), "mix": Decimal(0),
            "services_from": old[code]["services"], "services_to": row["services"],
            "continuing": old[code]["services"], "entered": 1, "left": 0, "flags": (),
        })  # fmt: skip
    return made


def _days() -> tuple[dt.date, ...]:
    """Prices are held from Wednesday 29 July, without the weeks 37 and 38."""
    days = [dt.date(2026, 7, 29) + dt.timedelta(days=count) for count in range(94)]
    return tuple(day for day in days if day.isocalendar()[1] not in (37, 38))


PAST = ("average_total_cost", "average_fee", "average_fx_margin", "smart", "share_corridors_below_5")


def _services(basis: str, key: str, period: str, drift: float, hostile: bool) -> list[dict[str, Any]]:
    send, receive, rate, amounts, level, number = CORRIDORS[key]
    sender, receiver = key.split("-")
    made = []
    wide = random.Random(f"{basis}{key}")
    shake = random.Random(f"{basis}{key}{period}")
    if basis != "survey":
        number = max(2, number // 2)
    for place in range(number):
        code, provider_name, kind = _PROVIDERS[(place * 3 + len(key) + ord(key[0])) % len(_PROVIDERS)]
        if hostile and key == "GBR-NGA" and place < len(HOSTILE):
            provider_name, code = HOSTILE[place], f"hostile_{place}"
        pay = _PAY[place % len(_PAY)]
        share = wide.uniform(0.15, 0.85)
        cost = level * wide.choice([0.35, 0.6, 0.8, 1.0, 1.2, 1.5, 2.2]) * drift + shake.uniform(-0.1, 0.1)
        if key == "TZA-KEN":
            cost = wide.uniform(0.7, 8) if place < 3 else wide.uniform(57, 89)
        margin_pct = cost * (1 - share) if key != "ARE-PAK" or place else -1.4
        speed = wide.choice(["within_hour", "within_hour", "same_day", "next_day", "two_days", "three_to_five_days"])
        open_rate = not (basis == "survey" and place == 5 and key in ("USA-MEX", "DEU-TUR"))
        private = basis == "standard" and place == 4 and key == "USA-MEX"
        source = (
            "worldbank_survey" if basis == "survey" else "wise_comparisons" if basis == "estimate" else "transfergo"
        )
        day = (
            dt.date.fromisoformat(period)
            if basis != "survey"
            else dt.date(int(period[:4]), int(period[6]) * 3 - 1, 12 + place % 9)
        )
        stale = basis == "standard" and place == 2 and key == "USA-PHL"
        for tier, amount in zip((200, 500), amounts, strict=True):
            fee = (Decimal(repr(cost * share / 100 * amounts[0])) * (1 if tier == 200 else Decimal("1.25"))).quantize(
                Decimal("1") if send == "TZS" else Decimal("0.01"), ROUND_HALF_UP
            )
            fee_e8 = int((fee / amount * 100).scaleb(8).to_integral_value())
            margin_e8 = int(round(margin_pct, 4) * 10**8)
            flags = []
            if margin_pct < 0:
                flags.append("rate_advantage")
            if not open_rate:
                flags.append("undisclosed")
            if cost > 50:
                flags.append("extreme")
            if stale:
                flags.append("stale")
            reference = Decimal(repr(rate))
            applied = (reference * (1 - Decimal(margin_e8).scaleb(-10))).quantize(Decimal("0.000001"))
            made.append(
                {
                    "quote_id": abs(hash_of(f"{basis}{key}{place}{tier}{period}")) % 10**7,
                    "run_id": 11,
                    "snapshot": "ab" * 12,
                    "source": source,
                    "basis": basis,
                    "tier": tier,
                    "sender": sender,
                    "receiver": receiver,
                    "corridor": key,
                    "send_currency": send,
                    "receive_currency": receive,
                    "send_amount": float(amount),
                    "provider": code,
                    "provider_name": provider_name,
                    "provider_type": kind,
                    "payment_instrument": pay[0],
                    "access_point": pay[1],
                    "pickup_method": pay[2],
                    "speed": speed,
                    "coverage": "high",
                    "product": "",
                    "service": f"{code}:{key}:{pay[0]}:{place}",
                    "day": day,
                    "survey_period": period if basis == "survey" else "",
                    "region": REGIONS[receiver],
                    "sender_region": "",
                    "income_group": "",
                    "transparent": open_rate,
                    "private": private,
                    "fee_e8": float(fee_e8),
                    "margin_e8": float(margin_e8) if open_rate else float("nan"),
                    "total_e8": float(fee_e8 + margin_e8) if open_rate else float("nan"),
                    "received_e8": float("nan"),
                    "rate": applied if open_rate else None,
                    "receive_amount": None,
                    "fee": fee,
                    "fee_model": "added",
                    "reference_rate": reference,
                    "reference_source": "ecb" if basis != "survey" else source,
                    "reference_date": day,
                    "quoted_at": None
                    if basis == "survey"
                    else dt.datetime(day.year, day.month, day.day, 6, 11, tzinfo=dt.UTC),
                    "fetched_at": AS_OF,
                    "flags": "+".join(flags),
                    "survey_row": str(1212255000 + place) if basis == "survey" else "",
                    "smart_rank": 0,
                }
            )
    cheapest = sorted(
        (
            row
            for row in made
            if row["tier"] == 200 and row["total_e8"] == row["total_e8"] and "stale" not in row["flags"]
        ),
        key=lambda row: row["total_e8"],
    )
    for rank, row in enumerate(cheapest[:3], start=1):
        row["smart_rank"] = rank
    return made


def hash_of(text: str) -> int:
    """A number from a text, the same in every process."""
    return random.Random(text).randrange(10**9)


def _runs() -> pd.DataFrame:
    return pd.DataFrame(
        [
            (
                9,
                "worldbank_survey",
                dt.date(2026, 10, 1),
                "partial",
                "refused",
                260,
                2,
                "aa" * 32,
                "rpw_2026_3Q.xlsx",
                "bb" * 32,
            ),
            (10, "transfergo", dt.date(2026, 10, 13), "failed", "unreachable", 0, 0, None, None, None),
            (11, "transfergo", dt.date(2026, 10, 30), "ok", "", 88, 0, "cc" * 32, None, None),
        ],
        columns=list(RUN_COLUMNS),
    )


def _targets(made: tuple[BasisInput, ...]) -> list[dict[str, Any]]:
    found = []
    for basis in made:
        frame = basis.indicators
        world = frame[(frame["scope"] == "world") & (frame["amount"] == 200) & frame["breakdown"].isna()].set_index(
            "indicator"
        )["value"]
        long = basis.basis == "survey"
        found += [
            {
                "code": "sdg_10c_average",
                "owner": "SDG 10.c",
                "name": "Average cost of sending USD 200 under 3%",
                "scope": "world",
                "subject": "world",
                "indicator": "average_total_cost",
                "basis": basis.basis,
                "operator": "lt",
                "target": Decimal(3),
                "deadline": 2030,
                "value": world["average_total_cost"],
                "status": "improving",
                "required_pace": Decimal("-1.35") if long else None,
                "actual_pace": Decimal("-0.45"),
                "projected_year": 2037 if long else None,
                "window": "2021-Q1 to 2026-Q3, 5.5 years" if long else "2026-W31 to 2026-W44, 0.2 years",
                "why": "",
            },
            {
                "code": "g20_speed",
                "owner": "G20",
                "name": "75% of payments within one hour",
                "scope": "world",
                "subject": "world",
                "indicator": "share_services_within_hour",
                "basis": basis.basis,
                "operator": "ge",
                "target": Decimal(75),
                "deadline": 2027,
                "value": None,
                "status": "not_assessable",
                "why": "Speeds are not recorded for enough services.",
            },
        ]
    return found


def _benchmarks(corridors: tuple[str, ...]) -> pd.DataFrame:
    rows = []
    for key in corridors[:6]:
        shake = random.Random(key)
        for year in range(2013, 2021):
            for quarter in (1, 2, 3, 4):
                rows.append(
                    (
                        *key.split("-"),
                        f"{year}-Q{quarter}",
                        Decimal(f"{CORRIDORS[key][4] + shake.uniform(0, 3):.4f}"),
                        "ATCR.CORR",
                    )
                )
    return pd.DataFrame(rows, columns=list(BENCHMARK_COLUMNS))
