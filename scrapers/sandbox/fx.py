"""The sandbox's exchange rates: they walk from business day to business day around round levels.

Everything hangs on the euro, as at the central bank whose answers are imitated. `EURO_LEVELS` are round numbers near
to those of 2026; the walk pulls back towards them, so that the market stays plausible for years.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from threading import Lock

from scrapers.sandbox.draws import Draws

FIRST_DAY = date(2022, 1, 3)
FINAL_DAY = date(2031, 12, 31)

# currency -> (units per euro, decimals as published), in the order of the daily file
PUBLISHED: dict[str, tuple[str, int]] = {
    "USD": ("1.16", 4),
    "JPY": ("184", 2),
    "CZK": ("24.4", 3),
    "DKK": ("7.47", 4),
    "GBP": ("0.875", 5),
    "HUF": ("390", 2),
    "PLN": ("4.26", 4),
    "RON": ("5.09", 4),
    "SEK": ("10.9", 4),
    "CHF": ("0.92", 4),
    "ISK": ("143", 2),
    "NOK": ("11.2", 4),
    "TRY": ("52", 4),
    "AUD": ("1.68", 4),
    "BRL": ("6.1", 4),
    "CAD": ("1.59", 4),
    "CNY": ("8", 4),
    "HKD": ("9.05", 4),
    "IDR": ("19400", 2),
    "ILS": ("3.7", 4),
    "INR": ("106", 4),
    "KRW": ("1720", 2),
    "MXN": ("20.6", 4),
    "MYR": ("4.6", 4),
    "NZD": ("1.98", 4),
    "PHP": ("68.5", 3),
    "SGD": ("1.48", 4),
    "THB": ("37.5", 3),
    "ZAR": ("19.5", 4),
}
# traded in the sandbox, but not published by its central bank
_UNPUBLISHED: dict[str, tuple[str, int]] = {
    "COP": ("4500", 2),
    "KES": ("150", 3),
    "MAD": ("10.7", 4),
    "NGN": ("1670", 2),
    "PKR": ("326", 3),
    "TZS": ("2900", 2),
    "UGX": ("4100", 2),
}
_PEGS = {"AED": ("USD", Decimal("3.6725"))}
_EURO_LEVELS = PUBLISHED | _UNPUBLISHED
_CALM = {"DKK": 60, "CHF": 2_000, "CZK": 2_000}  # parts per million a day; the others move about 0.35 %
_USUAL = 3_500
_PULL = 985  # thousandths of the distance that are left the next day
_SIX = Context(prec=6, rounding=ROUND_HALF_UP)
_TEN = Context(prec=10, rounding=ROUND_HALF_UP)


def six_digits(value: Decimal) -> Decimal:
    """Rounded half up to six significant digits, as rates are shown to customers."""
    return _SIX.plus(value)


def is_business_day(day: date) -> bool:
    """Whether the central bank publishes on this day: not at weekends nor on the six closing days of TARGET."""
    if day.weekday() >= 5 or (day.month, day.day) in {(1, 1), (5, 1), (12, 25), (12, 26)}:
        return False
    return (day - _easter(day.year)).days not in (-2, 1)


def _easter(year: int) -> date:
    """Easter Sunday (Gregorian, by the anonymous algorithm)."""
    century, rest = divmod(year, 100)
    epact = (19 * (year % 19) + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    shift = (year % 19 + 11 * epact + 22 * week) // 451
    month, day = divmod(epact + week - 7 * shift + 114, 31)
    return date(year, month, day + 1)


BUSINESS_DAYS: tuple[date, ...] = tuple(
    day
    for day in (FIRST_DAY + timedelta(number) for number in range((FINAL_DAY - FIRST_DAY).days + 1))
    if is_business_day(day)
)


def last_business_day(day: date) -> date:
    """The newest business day up to `day`. Raises ValueError outside the sandbox's years."""
    return BUSINESS_DAYS[_place(day)]


def _place(day: date) -> int:
    if not FIRST_DAY <= day <= FINAL_DAY:
        raise ValueError(f"the sandbox knows {FIRST_DAY} to {FINAL_DAY}, not {day}")
    return bisect_right(BUSINESS_DAYS, day) - 1


class Rates:
    """All rates of one seed: a pure function of (seed, currencies, day)."""

    def __init__(self, draws: Draws) -> None:
        self._draws = draws
        self._walks: dict[str, list[int]] = {}
        self._lock = Lock()

    def per_euro(self, currency: str, day: date) -> Decimal:
        """Units of `currency` per euro on the newest business day up to `day`, with the decimals as published.

        Raises KeyError for a currency that the sandbox does not trade.
        """
        if currency == "EUR":
            return Decimal(1)
        if currency in _PEGS:
            anchor, parity = _PEGS[currency]
            return self.per_euro(anchor, day) * parity
        level, decimals = _EURO_LEVELS[currency]
        moved = Decimal(level) * (1_000_000 + self._walk(currency)[_place(day)]) / 1_000_000
        return moved.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)

    def mid(self, send: str, receive: str, day: date) -> Decimal:
        """The market's mid rate: units of `receive` per unit of `send`; within 0.1 % of the central bank's cross."""
        cross = self.per_euro(receive, day) / self.per_euro(send, day)
        if receive in _PEGS or send in _PEGS:
            off = 0 if {send, receive} == {"AED", "USD"} else self._drift(send, receive, day)
        else:
            off = self._drift(send, receive, day)
        return _TEN.plus(cross * (1_000_000 + off) / 1_000_000)

    def _drift(self, send: str, receive: str, day: date) -> int:
        return self._draws.between(-800, 800, "mid", send, receive, last_business_day(day).toordinal())

    def _walk(self, currency: str) -> list[int]:
        """Distances from the level, in parts per million, one a business day."""
        with self._lock:
            walk = self._walks.get(currency)
            if walk is None:
                step = _CALM.get(currency, _USUAL)
                walk, distance = [], self._draws.bell_steps("start", currency) * step * 4 // 10_000
                for day in BUSINESS_DAYS:
                    moved = self._draws.bell_steps("walk", currency, day.toordinal()) * step // 10_000
                    distance = distance * _PULL // 1000 + moved
                    walk.append(distance)
                self._walks[currency] = walk
            return walk
