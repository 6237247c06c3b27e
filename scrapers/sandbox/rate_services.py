"""The sandbox's services with long lists of rates: Frankfurter's blend of banks and the open ExchangeRate-API."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from typing import Any

from scrapers.sandbox.fx import CURRENCIES, PEGGED, business_days
from scrapers.sandbox.wire import Answer, Question, json_answer
from scrapers.sandbox.world import World


def frankfurter(world: World, question: Question, day: date) -> Answer:
    """A row a currency and business day. A row that is made of a peg has no `providers`; a code that the service does
    not know fails the whole question."""
    if question.path != "/v2/rates":
        return json_answer({"status": 404, "message": "not found"}, 404)
    base, quotes = question.query["base"], question.query["quotes"].split(",")
    unknown = [code for code in (base, *quotes) if code not in CURRENCIES]
    if unknown:
        return json_answer({"status": 422, "message": f"invalid currency: {unknown[0]}"}, 422)
    first, last = (date.fromisoformat(question.query[name]) for name in ("from", "to"))
    rows = [_row(world, base, quote, one) for one in business_days(first, min(last, day)) for quote in quotes]
    return json_answer(rows)


def _row(world: World, base: str, quote: str, day: date) -> dict[str, Any]:
    rate = world.rates.cross(base, quote, day)
    row: dict[str, Any] = {"date": str(day), "base": base, "quote": quote, "rate": rate}
    if quote in PEGGED:
        return row
    banks = [{"key": "SBX", "date": str(day), "rate": rate}]
    if quote == "KES":  # one bank is far off and left out of the blend
        banks.append({"key": "SBY", "date": str(day), "rate": rate * 102 / 100, "excluded": True})
    return {**row, "providers": banks}


def open_er_api(world: World, question: Question, day: date) -> Answer:
    """All rates of one base, every day of the week, with the notices that have to be kept."""
    base = question.path.removeprefix("/v6/latest/")
    if base not in CURRENCIES:
        return json_answer({"result": "error", "error-type": "unsupported-code"}, 404)
    updated = datetime.combine(day, time(0, 2, 31), UTC)
    following = updated + timedelta(days=1)
    rates = {code: world.rates.cross(base, code, day) for code in CURRENCIES if code != base}
    return json_answer(
        {
            "result": "success",
            "provider": "https://www.exchangerate-api.com",
            "time_last_update_unix": int(updated.timestamp()),
            "time_last_update_utc": format_datetime(updated),
            "time_next_update_unix": int(following.timestamp()),
            "time_next_update_utc": format_datetime(following),
            "time_eol_unix": 0,
            "base_code": base,
            "rates": {base: 1, **rates, "XDR": world.rates.cross(base, "USD", day), "GGP": 1},
        }
    )
