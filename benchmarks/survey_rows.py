"""Made-up survey rows in the size and shape of the real workbook: the same services quarter after quarter, drifting.

Nothing here is a real price. `rows` gives them clean; `benchmarks.quirks` makes them as messy as the real file is.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from remitwatch.countries import Country, countries

OLD_ROWS, NEW_ROWS = 49_491, 204_469
TIER = ("lcu amount", "denomination amount", "lcu code", "lcu fee", "lcu fx rate", "fx margin", "total cost %")
_PLACE = ("code", "name", "region", "income", "lending", "G8G20")
_TIERS = tuple(f"{prefix} {name}" for prefix in ("cc1", "cc2") for name in TIER)
_HEAD = (
    "id",
    "period",
    *(f"{side}_{name}" for side in ("source", "destination") for name in _PLACE),
    "firm",
    "firm_type",
)
NEW_COLUMNS = (
    *_HEAD, "payment instrument", "access point", "speed actual", *_TIERS, "inter lcu bank fx", "transparent",
    "Standard Note", "note2", "receiving network coverage", "pickup location", "pickup method", "date", "corridor",
)  # fmt: skip
OLD_COLUMNS = (
    *_HEAD, "product", "sending location", "speed actual", *_TIERS, "inter lcu bank fx", "transparent",
    "note1", "note2", "coverage", "pick-up method", "date", "corridor",
)  # fmt: skip
_ABSENT = {"2011_2Q", "2011_4Q", "2012_2Q", "2012_4Q", "2025_2Q"}
QUARTERS = tuple(
    name
    for year in range(2011, 2026)
    for number in range(1, 5)
    if (name := f"{year}_{number}Q") not in _ABSENT and name <= "2025_3Q"
)
OLD_QUARTERS = tuple(name for name in QUARTERS if name <= "2016_1Q")
NEW_QUARTERS = tuple(name for name in QUARTERS if name > "2016_1Q")

_FIRM_TYPES = (
    "Bank", "Money Transfer Operator", "Mobile Operator", "Post office", "Non-Bank FI", "credit union",
    "Money Transfer Operator / Post office", "Bank / Money Transfer Operator",
)  # fmt: skip
_PAY = (
    "Cash", "Bank account transfer", "Debit card", "Credit card", "Debit/credit card", "Mobile money",
    "Cash, Bank account transfer", "Bank account transfer, Debit/credit card", "Cash, Debit card, Credit card",
)  # fmt: skip
_AT = (
    "Internet", "Agent", "Bank branch", "Call Center", "Post Office branch", "Mobile phone", "Internet, Mobile phone",
    "Agent, Call Center", "Bank branch, Internet",
)  # fmt: skip
_SPEED = ("Less than one hour", "Same day", "Next day", "2 days", "3-5 days", "6 days or more")
_COVERAGE = ("High", "Medium", "Low")
_OLD_COVERAGE = ("Nationwide", "Major cities", "Main city", "Urban only", "Rural only")
_PICKUP = (
    "Cash", "Bank account", "Own/partner bank account", "Bank account (same/partner bank)", "Mobile wallet",
    "Debit card", "ATM Network", "Home Delivery",
)  # fmt: skip
_NOTES = (
    "First transfer is free of charge.", "Fee differs by pay-out partner; the dearest is stated.",
    "The rate was told on the telephone.", "Fee waived for holders of the firm's own account.",
    "Price as of the morning of the visit; it may differ at the counter.",
)  # fmt: skip
OPAQUE = "This RSP is not transparent: the exchange rate applied is not disclosed, so the full cost is not known."
_SENDERS, _RECEIVERS, _CORRIDORS, _SERVICES = 48, 105, 367, 26
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Row = dict[str, Any]


@dataclass(frozen=True)
class _Service:
    sender: Country
    receiver: Country
    firm: str
    firm_type: str
    pay: str
    at: str
    speed: str
    coverage: str
    old_coverage: str
    pickup: str
    discloses: bool
    fee_pct: float
    margin: float


@dataclass(frozen=True)
class Quarter:
    """One round of the survey: its name, which sheet it stands in, its rows."""

    name: str
    old: bool
    rows: tuple[Row, ...]


def quarters(rows: int, seed: int) -> Iterator[Quarter]:
    """The survey, oldest quarter first: about `rows` rows over both sheets, the same for the same arguments."""
    services = _services(seed)
    for names, share, old in ((OLD_QUARTERS, OLD_ROWS, True), (NEW_QUARTERS, NEW_ROWS, False)):
        wanted = round(rows * share / (OLD_ROWS + NEW_ROWS))
        for number, name in enumerate(names):
            count = wanted * (number + 1) // len(names) - wanted * number // len(names)
            yield Quarter(name, old, tuple(_quarter(services, name, count, old, seed)))


def _quarter(services: list[_Service], name: str, count: int, old: bool, seed: int) -> Iterator[Row]:
    draw = random.Random(f"{seed}-{name}")
    year, number = int(name[:4]), int(name[5])
    base = (year * 10 + number) * 100_000
    picked = sorted(draw.sample(range(len(services)), min(count, len(services))))
    twins = draw.sample(
        range(len(picked)), min(len(picked) // 800, count)
    )  # identical but for the id: seen in the file
    drift = 1.25 - 0.02 * (year - 2011)
    made: Row = {}
    for place, index in enumerate(picked):
        if place in twins and made:
            yield {**made, "id": base + place}
            continue
        made = _row(services[index], base + place, name, year, number, drift, old, draw)
        yield made


def _row(
    one: _Service, identity: int, period: str, year: int, number: int, drift: float, old: bool, draw: random.Random
) -> Row:
    sender, receiver = one.sender, one.receiver
    mid = _level(receiver.currency) / _level(sender.currency) * (0.9 + draw.random() * 0.2)
    margin = one.margin * drift + draw.gauss(0, 0.4)
    rate = float(f"{mid * (1 - margin / 100):.{draw.choice((4, 5, 6))}g}")
    margin = round((1 - rate / mid) * 100, 2)
    row: Row = {"id": identity, "period": period}
    for side, country in (("source", sender), ("destination", receiver)):
        cells: tuple[Any, ...] = (
            country.code,
            country.name,
            country.region or "..",
            country.income_group or "..",
            "..",
            "..",
        )
        row.update(zip((f"{side}_{name}" for name in _PLACE), cells, strict=True))
    row |= {"firm": one.firm, "firm_type": one.firm_type}
    if old:
        row |= {"product": one.pay, "sending location": one.at}
    else:
        row |= {"payment instrument": one.pay, "access point": one.at}
    row["speed actual"] = one.speed
    for prefix, dollars in (("cc1", 200), ("cc2", 500)):
        amount = _amount(sender.currency, dollars)
        fee = round(amount * one.fee_pct * drift * (1 if dollars == 200 else 0.6) / 100, 2)
        total = round(fee / amount * 100 + margin, 2) + (0.07 if draw.random() < 0.001 else 0)
        cells = (amount, dollars, sender.currency, fee, rate, margin, total)
        if not one.discloses:  # placeholders
            cells = (amount, dollars, sender.currency, fee, 1, 0, round(fee / amount * 100, 2))
        if dollars == 500 and draw.random() < 0.003:
            cells = (amount, dollars, sender.currency, "", "", "", "")
        row.update(zip((f"{prefix} {name}" for name in TIER), cells, strict=True))
    row |= {
        "inter lcu bank fx": mid if one.discloses else 1,
        "transparent": "yes" if one.discloses or year > 2021 else "no",  # later only the notes tell
        "note1" if old else "Standard Note": "" if one.discloses else OPAQUE,
        "note2": draw.choice(_NOTES) if draw.random() < 0.15 else "",
        "coverage" if old else "receiving network coverage": one.old_coverage if old else one.coverage,
        "pick-up method" if old else "pickup method": one.pickup,
        "date": dt.date(year, number * 3 - 1, draw.randint(1, 28)),
        "corridor": sender.code + receiver.code,
    }
    if not old:
        row["pickup location"] = ""
    return row


def _services(seed: int) -> list[_Service]:
    draw = random.Random(seed)
    # North Korea's is not a currency of the survey; the CFA zone, Kosovo and Turkey are, for their quirks
    known = [one for one in countries().values() if one.region and one.currency and one.code != "PRK"]
    draw.shuffle(known)
    named = [countries()[code] for code in ("CIV", "SEN", "CMR", "TUR", "XKX")]
    senders = [*named[:3], *known[:_SENDERS]]
    receivers = [*named, *known[-_RECEIVERS:]]
    lanes = [(s, r) for s in senders for r in receivers if s.code != r.code]
    firms = [f"{word} {kind}" for word in _words() for kind in ("Remit", "Bank", "Transfer", "Pay", "Express", "Money")]
    draw.shuffle(firms)
    types = {firm: draw.choices(_FIRM_TYPES, (30, 45, 6, 6, 4, 3, 3, 3))[0] for firm in firms}
    opaque = set(draw.sample(firms, 12))
    made = []
    for sender, receiver in draw.sample(lanes, _CORRIDORS):
        for firm in draw.sample(firms, _SERVICES):
            made.append(
                _Service(
                    sender, receiver, firm, types[firm], draw.choice(_PAY), draw.choice(_AT), draw.choice(_SPEED),
                    draw.choice(_COVERAGE), draw.choice(_OLD_COVERAGE), draw.choice(_PICKUP), firm not in opaque,
                    max(0.0, draw.gauss(4.5, 3)), draw.gauss(2.2, 1.6),
                )
            )  # fmt: skip
    return made


def _words() -> list[str]:
    ends = ("aro", "elo", "ino", "usa", "ema", "oria", "anda", "iva", "olo", "etta")
    return [start + end for start in ("Bal", "Cor", "Dun", "Fer", "Gal", "Mor", "Tav") for end in ends]


@cache
def _level(currency: str | None) -> float:
    """Units to the dollar, made up: the order of magnitude is drawn, so that long and short rates are both there."""
    return 1.0 if currency == "USD" else float(f"{10 ** random.Random(str(currency)).uniform(-0.3, 4.3):.6g}")


def _amount(currency: str | None, dollars: int) -> float:
    units = dollars * _level(currency)
    return float(f"{units:.2g}") if units < 1e15 else units
