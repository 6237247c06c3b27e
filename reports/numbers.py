"""How numbers, money, dates and periods are written in English. Rounding is half up, once, from the exact decimal."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache
from typing import Any

from remitwatch.currencies import currencies

MINUS = "\u2212"
_E8 = -8
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def decimal_of(value: Any) -> Decimal | None:
    """A Decimal from whatever a frame's cell holds; None for None, NaN, empty text and infinities."""
    if value is None:
        return None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, str):
        try:
            number = Decimal(value)
        except InvalidOperation:
            return None
        return number if number.is_finite() else None
    try:
        if not math.isfinite(value):
            return None
    except TypeError:
        return None
    return Decimal(repr(value).removesuffix(".0")) if isinstance(value, float) else Decimal(str(value))


def percent_of_e8(value: Any) -> Decimal | None:
    """Per cent from a cell that counts units of 1e-8 per cent (NaN when not disclosed)."""
    if value is None or not math.isfinite(value):
        return None
    return Decimal(int(value)).scaleb(_E8)


def rounded(value: Decimal, digits: int) -> Decimal:
    """`value` rounded half up (away from zero) to `digits` decimals."""
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def number(value: Decimal, digits: int = 1) -> str:
    """`1,568.4`, with a true minus; what rounds to zero has no sign."""
    result = rounded(value, digits)
    if result == 0:
        result = abs(result)
    return f"{result:,f}".replace("-", MINUS)


def percent(value: Decimal | None, digits: int = 1) -> str:
    """`6.7%`. None gives `no figure`."""
    return "no figure" if value is None else f"{number(value, digits)}%"


def change(value: Decimal, digits: int = 1) -> str:
    """A difference in points with its sign: `+0.2`, `−0.2`, and `±0.0` for none."""
    result = rounded(value, digits)
    if result == 0:
        return f"±{abs(result):f}"
    return number(value, digits) if result < 0 else f"+{number(value, digits)}"


def count(value: int) -> str:
    """`1,568`."""
    return f"{value:,d}"


def counted(value: int, one: str, many: str | None = None) -> str:
    """`1 service`, `12 services`, `1,568 services`."""
    return f"{count(value)} {one if value == 1 else many or one + 's'}"


def counted_words(value: int, one: str, many: str | None = None) -> str:
    """`three services`, `14 services`: numbers up to twelve in words, as in a sentence."""
    word = _WORDS[value] if 0 <= value < len(_WORDS) else count(value)
    return f"{word} {one if value == 1 else many or one + 's'}"


def in_words(value: int) -> str:
    """`three`, `14`."""
    return _WORDS[value] if 0 <= value < len(_WORDS) else count(value)


def money(amount: Decimal, currency: str, *, units: bool = False) -> str:
    """`GBP 1.90`, `TZS 324,500`: the currency's own decimals, none where the amount is whole or `units` is set."""
    known = currencies().get(currency)
    digits = 0 if units else (known.exponent if known else 2)
    if amount == amount.to_integral_value():
        digits = 0
    return f"{currency} {number(amount, digits)}"


def rate(value: Decimal) -> str:
    """An exchange rate with six significant digits, or more before the point."""
    digits = max(0, min(10, 5 - value.adjusted()))
    return number(value, digits)


def share_in_words(part: Decimal, whole: Decimal) -> str:
    """`a third`, `half`, `three tenths`: the nearest plain fraction of a positive whole."""
    if whole <= 0 or part <= 0:
        return "none"
    names = {
        "a tenth": Decimal("0.1"),
        "a fifth": Decimal("0.2"),
        "a quarter": Decimal("0.25"),
        "three tenths": Decimal("0.3"),
        "a third": Decimal(1) / 3,
        "two fifths": Decimal("0.4"),
        "half": Decimal("0.5"),
        "three fifths": Decimal("0.6"),
        "two thirds": Decimal(2) / 3,
        "three quarters": Decimal("0.75"),
        "four fifths": Decimal("0.8"),
        "nine tenths": Decimal("0.9"),
    }
    value = part / whole
    if value < Decimal("0.05"):
        return "hardly any"
    if value > Decimal("0.95"):
        return "nearly all"
    return min(names, key=lambda name: abs(names[name] - value))


def day(value: dt.date, *, year: bool = True) -> str:
    """`19 August 2025`."""
    return f"{value.day} {_MONTHS[value.month - 1]}" + (f" {value.year}" if year else "")


def short_day(value: dt.date) -> str:
    """`19 Aug`."""
    return f"{value.day} {_MONTHS[value.month - 1][:3]}"


def date_of(value: Any) -> dt.date | None:
    """A date from a date, a datetime, a pandas Timestamp or an ISO text; None for what is missing."""
    if value is None or value != value:  # NaN and NaT differ from themselves
        return None
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


@cache
def period_days(period: str) -> tuple[dt.date, dt.date]:
    """First and last day of `2025-Q3`, `2025-09`, `2025-09-14`, `2025-W37` or `2025`. Raises ValueError."""
    if match := re.fullmatch(r"(\d{4})-Q([1-4])", period):
        year, quarter = int(match[1]), int(match[2])
        return dt.date(year, 3 * quarter - 2, 1), _month_end(year, 3 * quarter)
    if match := re.fullmatch(r"(\d{4})-W(\d{2})", period):
        monday = dt.date.fromisocalendar(int(match[1]), int(match[2]), 1)
        return monday, monday + dt.timedelta(days=6)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", period):
        return dt.date.fromisoformat(period), dt.date.fromisoformat(period)
    if match := re.fullmatch(r"(\d{4})-(\d{2})", period):
        return dt.date(int(match[1]), int(match[2]), 1), _month_end(int(match[1]), int(match[2]))
    if re.fullmatch(r"\d{4}", period):
        return dt.date(int(period), 1, 1), dt.date(int(period), 12, 31)
    raise ValueError(f"period {period!r}: expected 2025-Q3, 2025-09, 2025-W37, 2025-09-14 or 2025")


def _month_end(year: int, month: int) -> dt.date:
    following = dt.date(year + month // 12, month % 12 + 1, 1)
    return following - dt.timedelta(days=1)


def period_kind(period: str) -> str:
    """`quarter`, `month`, `week`, `day`, `year`, or `latest` for anything that is no calendar period."""
    for kind, pattern in (
        ("quarter", r"\d{4}-Q[1-4]"),
        ("week", r"\d{4}-W\d{2}"),
        ("day", r"\d{4}-\d{2}-\d{2}"),
        ("month", r"\d{4}-\d{2}"),
        ("year", r"\d{4}"),
    ):
        if re.fullmatch(pattern, period):
            return kind
    return "latest"


def next_period(period: str) -> str:
    """The calendar period of the same kind that follows."""
    kind = period_kind(period)
    following = period_days(period)[1] + dt.timedelta(days=1)
    if kind == "quarter":
        return f"{following.year}-Q{(following.month + 2) // 3}"
    if kind == "month":
        return f"{following.year}-{following.month:02d}"
    if kind == "week":
        year, week, _ = following.isocalendar()
        return f"{year}-W{week:02d}"
    return following.isoformat() if kind == "day" else str(following.year)


def year_earlier(period: str) -> str | None:
    """The same quarter, month or year one year before; None for kinds without one."""
    kind = period_kind(period)
    return f"{int(period[:4]) - 1}{period[4:]}" if kind in ("quarter", "month", "year") else None


def period_words(period: str, *, with_in: bool = True) -> str:
    """`in the third quarter of 2025`, `in September 2025`, `on 14 September 2025`; the plain noun without `with_in`."""
    kind = period_kind(period)
    ordinals = ("first", "second", "third", "fourth")
    if kind == "quarter":
        name, lead = f"the {ordinals[int(period[-1]) - 1]} quarter of {period[:4]}", "in"
    elif kind == "month":
        name, lead = f"{_MONTHS[int(period[5:7]) - 1]} {period[:4]}", "in"
    elif kind == "day":
        name, lead = day(dt.date.fromisoformat(period)), "on"
    elif kind == "week":
        name, lead = f"the week of {day(period_days(period)[0])}", "in"
    elif kind == "year":
        name, lead = period, "in"
    else:
        return "at the latest prices" if with_in else "the latest prices"
    return f"{lead} {name}" if with_in else name
