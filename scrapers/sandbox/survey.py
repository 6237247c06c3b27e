"""The sandbox's survey: a workbook a quarter in the layout of Remittance Prices Worldwide, quirks included.

As in the real one, numbers of 2024_3Q and 2024_4Q are stored as text, dates are text up to 2024 and sheet dates from
2025, labels vary in case, several values share a cell, and a firm that does not disclose its rate carries placeholders.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from remitwatch.countries import find_country
from remitwatch.services import AccessPoint as At
from remitwatch.services import PaymentInstrument as Pay
from remitwatch.services import PickupMethod, ProviderType, Speed
from scrapers.sandbox.marks import MARK
from scrapers.sandbox.world import Price, Sold, World

SHEET = "Dataset (from Q2 2016)"
_TIER = ("lcu amount", "denomination amount", "lcu code", "lcu fee", "lcu fx rate", "fx margin", "total cost %")
COLUMNS: tuple[str, ...] = (
    *("id", "period"),
    *("source_code", "source_name", "source_region", "source_income", "source_lending", "source_G8G20"),
    *("destination_code", "destination_name", "destination_region", "destination_income"),
    *("destination_lending", "destination_G8G20"),
    *("firm", "firm_type", "payment instrument", "access point", "speed actual"),
    *(f"cc1 {name}" for name in _TIER),
    *(f"cc2 {name}" for name in _TIER),
    *("inter lcu bank fx", "transparent", "Standard Note", "note2"),
    *("receiving network coverage", "pickup location", "pickup method", "date", "corridor"),
)
_ISSUED_AFTER = timedelta(days=20)  # from the end of the quarter
_CENT = Decimal("0.01")
_LENDING = {"COL": "IBRD", "IND": "IBRD", "MAR": "IBRD", "MEX": "IBRD", "PHL": "IBRD", "TUR": "IBRD"}
_LENDING |= {"KEN": "Blend", "NGA": "Blend", "PAK": "Blend", "TZA": "IDA", "UGA": "IDA"}
_GROUPS = {"DEU": "G8", "GBR": "G8", "USA": "G8", "IND": "G20", "MEX": "G20", "TUR": "G20"}
_FIRM_TYPE = {
    ProviderType.BANK: "Bank",
    ProviderType.MONEY_TRANSFER_OPERATOR: "Money Transfer Operator",
    ProviderType.MOBILE_OPERATOR: "Mobile Operator",
    ProviderType.POST_OFFICE: "Post office",
    ProviderType.NON_BANK_FI: "Non-Bank FI",
    ProviderType.CREDIT_UNION: "credit union",
}
_PAY = {
    Pay.CASH: "Cash",
    Pay.BANK_ACCOUNT: "Bank account transfer",
    Pay.DEBIT_CARD: "Debit card",
    Pay.CREDIT_CARD: "Credit card",
    Pay.MOBILE_MONEY: "Mobile money",
}
_AT = {
    At.INTERNET: "Internet",
    At.AGENT: "Agent",
    At.BANK_BRANCH: "Bank branch",
    At.CALL_CENTER: "Call Center",
    At.POST_OFFICE_BRANCH: "Post Office branch",
    At.MOBILE_PHONE: "Mobile phone",
}
_SPEED = {
    Speed.WITHIN_HOUR: "Less than one hour",
    Speed.SAME_DAY: "Same day",
    Speed.NEXT_DAY: "Next day",
    Speed.TWO_DAYS: "2 days",
    Speed.THREE_TO_FIVE_DAYS: "3-5 days",
    Speed.SIX_DAYS_OR_MORE: "6 days or more",
}
_PICKUP = {
    PickupMethod.CASH: "Cash",
    PickupMethod.BANK_ACCOUNT: "Bank account",
    PickupMethod.PARTNER_BANK_ACCOUNT: "Own/partner bank account",
    PickupMethod.MOBILE_WALLET: "Mobile wallet",
    PickupMethod.ATM: "ATM Network",
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_OPAQUE = "This RSP is not transparent: the exchange rate applied is not disclosed, so the full cost is not known."

Cell = str | Decimal | int | date


def survey_files(world: World, until: date, since: date | None = None) -> list[tuple[date, str, bytes]]:
    """The workbooks issued from `since` to `until`: (day of issue, file name, content), oldest first.

    Without `since` only the newest one. A quarter's workbook comes out 20 days after the quarter's end.
    """
    quarter = _quarter_before(_quarter_of(until))
    if _issued(quarter) > until:
        quarter = _quarter_before(quarter)
    quarters = [quarter]
    while since is not None and _issued(_quarter_before(quarters[-1])) >= since:
        quarters.append(_quarter_before(quarters[-1]))
    return [
        (_issued(key), f"rpw_dataset_sandbox_{key.replace('-Q', '_q')}.xlsx", survey_workbook(world, key))
        for key in reversed(quarters)
        if since is None or _issued(key) >= since
    ]


@lru_cache(maxsize=8)
def survey_workbook(world: World, quarter: str, quarters: int = 8) -> bytes:
    """The workbook that ends with `quarter` (`2026-Q3`) and holds `quarters` quarters. The same world and arguments
    always give the same bytes. Raises ValueError for something that is no quarter or before the sandbox's first day."""
    import xlsxwriter  # only the demo and tests write workbooks: the command line's start does not wait for it

    content = io.BytesIO()
    workbook = xlsxwriter.Workbook(content, {"in_memory": True})
    issued = datetime.combine(_issued(quarter), datetime.min.time(), UTC)
    workbook.set_properties(
        {"title": "Remittance Prices Worldwide", "subject": MARK, "comments": MARK, "keywords": MARK, "created": issued}
    )
    terms = workbook.add_worksheet("Terms of Use")
    for place, text in enumerate(
        (
            MARK,
            "This workbook was made by the sandbox of remitwatch. Every firm (but for two names) and every price in it "
            "is made up.",
            "It has the layout of Remittance Prices Worldwide (The World Bank) so that it can be read in its place.",
        )
    ):
        terms.write_string(place, 0, text)
    sheet = workbook.add_worksheet(SHEET)
    dated = workbook.add_format({"num_format": "yyyy-mm-dd"})
    for column, name in enumerate(COLUMNS):
        sheet.write_string(0, column, name)
    for place, row in enumerate(survey_rows(world, quarter, quarters), start=1):
        for column, cell in enumerate(row.values()):
            if isinstance(cell, str):
                sheet.write_string(place, column, cell)
            elif isinstance(cell, date):
                sheet.write_datetime(place, column, cell, dated)
            else:
                sheet.write_number(place, column, float(cell))
    workbook.close()
    return content.getvalue()


def survey_rows(world: World, quarter: str, quarters: int = 8) -> Iterator[dict[str, Cell]]:
    """The rows of the sheet by column name, in the sheet's order of columns, oldest quarter first."""
    keys = [quarter]
    while len(keys) < quarters:
        keys.append(_quarter_before(keys[-1]))
    for key in reversed(keys):
        first, _ = _span(key)
        number = first.year * 100_000 + first.month * 1_000
        for corridor in world.corridors:
            visited = _visited(world, corridor, key)
            for sold in world.services(corridor, visited):
                # now and then a service cannot be priced in a round
                if world.draws.number("surveyed", key, *sold.key) % 30 == 0:
                    continue
                number += 1
                yield _row(world, sold, key, visited, number)


def _row(world: World, sold: Sold, quarter: str, visited: date, number: int) -> dict[str, Cell]:
    as_text = quarter in ("2024-Q3", "2024-Q4")
    pair = sold.corridor
    sender, receiver = find_country(pair.sender), find_country(pair.receiver)
    prices = [world.price(sold, visited, amount) for amount in world.basket(sold.route.key)]
    disclosed = sold.firm.discloses_rate
    row: dict[str, Cell] = {
        "id": number,
        "period": f"{quarter[:4]}_{quarter[-1]}Q",
        **_place("source", sender.code, sender.name, sender.region, sender.income_group),
        **_place("destination", receiver.code, receiver.name, receiver.region, receiver.income_group),
        "firm": sold.firm.name,
        "firm_type": " / ".join(_FIRM_TYPE[kind] for kind in sold.firm.types),
        "payment instrument": ", ".join(_PAY[code] for code in sold.product.pay),
        "access point": ", ".join(_AT[code] for code in sold.product.at),
        "speed actual": _SPEED[sold.product.speed],
        **_tier("cc1", 200, world.basket(sold.route.key)[0], pair.send_currency, prices[0], disclosed),
        **_tier("cc2", 500, world.basket(sold.route.key)[1], pair.send_currency, prices[1], disclosed),
        "inter lcu bank fx": prices[0].mid if disclosed else 1,
        "transparent": ("Yes" if visited.year >= 2025 else "yes") if disclosed else "no",
        "Standard Note": "" if disclosed else _OPAQUE,
        "note2": MARK,
        "receiving network coverage": sold.firm.coverage.value.capitalize(),
        "pickup location": "",
        "pickup method": _PICKUP[sold.product.pickup],
        "date": visited if visited.year >= 2025 else f"{visited.day:02d}/{_MONTHS[visited.month - 1]}/{visited.year}",
        "corridor": pair.sender + pair.receiver,
    }
    if as_text:
        row = {name: format(cell, "f") if isinstance(cell, Decimal) else str(cell) for name, cell in row.items()}
        row["speed actual"] = f"{row['speed actual']} ".replace("Less", "less")
        row["payment instrument"] = str(row["payment instrument"]).replace("Credit card", "Credit Card")
    return {name: row[name] for name in COLUMNS}


def _place(prefix: str, code: str, name: str, region: str | None, income: str | None) -> dict[str, Cell]:
    return {
        f"{prefix}_code": code,
        f"{prefix}_name": name,
        f"{prefix}_region": region or "..",
        f"{prefix}_income": income or "..",
        f"{prefix}_lending": _LENDING.get(code, ".."),
        f"{prefix}_G8G20": _GROUPS.get(code, ".."),
    }


def _tier(prefix: str, dollars: int, amount: Decimal, currency: str, price: Price, disclosed: bool) -> dict[str, Cell]:
    """One amount's columns. The published margin is rounded to two decimals, the total is fee and that margin."""
    rate, margin = price.rate, (100 - price.rate / price.mid * 100).quantize(_CENT, rounding=ROUND_HALF_UP)
    if not disclosed:
        rate, margin = Decimal(1), Decimal(0)
    total = (price.fee / amount * 100 + margin).quantize(_CENT, rounding=ROUND_HALF_UP)
    values: tuple[Any, ...] = (amount, dollars, currency, price.fee, rate, margin, total)
    return {f"{prefix} {name}": value for name, value in zip(_TIER, values, strict=True)}


def _visited(world: World, corridor: str, quarter: str) -> date:
    """The day on which a corridor's firms were visited: a weekday in the quarter's second month."""
    first, _ = _span(quarter)
    day = date(first.year, first.month + 1, world.draws.between(6, 24, "visit", corridor, quarter))
    return day - timedelta(days=max(day.weekday() - 4, 0))


def _span(quarter: str) -> tuple[date, date]:
    year, number = int(quarter[:4]), int(quarter[-1])
    if quarter != f"{year:04d}-Q{number}" or not 1 <= number <= 4:
        raise ValueError(f"expected a quarter such as 2026-Q3, got {quarter!r}")
    after = date(year + number // 4, number % 4 * 3 + 1, 1)
    return date(year, number * 3 - 2, 1), after - timedelta(days=1)


def _issued(quarter: str) -> date:
    return _span(quarter)[1] + _ISSUED_AFTER


def _quarter_of(day: date) -> str:
    return f"{day.year:04d}-Q{(day.month + 2) // 3}"


def _quarter_before(quarter: str) -> str:
    return _quarter_of(_span(quarter)[0] - timedelta(days=1))
