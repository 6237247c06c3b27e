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
# traded in the sandbox, but not published by its central bank; decimals for one euro
_UNPUBLISHED: dict[str, tuple[str, int]] = {
    "COP": ("4500", 2),
    "KES": ("150", 3),
    "MAD": ("10.7", 4),
    "NGN": ("1670", 2),
    "PKR": ("326", 3),
    "TZS": ("2900", 2),
    "UGX": ("4100", 2),
}
# no corridor of the sandbox uses them: they fill the lists of central banks and of the services with long lists
_LISTED_ONLY = (
    "AFN 76 ALL 97 AMD 445 AOA 1060 ARS 1720 AZN 1.97 BBD 2.32 BDT 142 BIF 3450 BMD 1.16 BND 1.48 BOB 8 BWP 15.6 "
    "BYN 3.4 BZD 2.33 CDF 2600 CLP 1080 CRC 585 CVE 110.3 DJF 206 DOP 73 DZD 151 EGP 55 ETB 178 FJD 2.62 "
    "GEL 3.13 GHS 12.5 GMD 85 GNF 10050 GTQ 8.9 GYD 243 HNL 30.5 HTG 152 IQD 1520 JMD 186 KGS 101 KHR 4660 "
    "KZT 600 LAK 25100 LKR 353 LRD 209 MDL 19.6 MGA 5200 MKD 61.6 MMK 2435 MNT 4170 MRU 46 MUR 53 MVR 17.9 "
    "MWK 2010 MZN 74 NIO 42.7 PEN 3.9 PGK 4.9 PYG 8100 RSD 117.2 RUB 93 RWF 1690 SBD 9.6 SCR 16.8 SDG 697 "
    "SOS 663 SRD 44 SZL 19.5 TJS 10.7 TMT 4.06 TND 3.4 TOP 2.75 TTD 7.9 TWD 36.5 UAH 48.8 UYU 46 UZS 13900 "
    "VND 30500 VUV 140 WST 3.2 YER 277 ZMW 26"
)
_UNPUBLISHED |= {
    code: (level, 4) for code, level in zip(_LISTED_ONLY.split()[::2], _LISTED_ONLY.split()[1::2], strict=True)
}
# currency -> (anchor, units for one of it), as these pegs really are
_PEGS = {
    "AED": ("USD", Decimal("3.6725")),
    "BHD": ("USD", Decimal("0.376")),
    "BTN": ("INR", Decimal(1)),
    "JOD": ("USD", Decimal("0.709")),
    "KWD": ("USD", Decimal("0.3075")),  # a basket in truth
    "NPR": ("INR", Decimal("1.6")),
    "OMR": ("USD", Decimal("0.3845")),
    "QAR": ("USD", Decimal("3.64")),
    "SAR": ("USD", Decimal("3.75")),
    "XAF": ("EUR", Decimal("655.957")),
    "XOF": ("EUR", Decimal("655.957")),
}
PEGGED = frozenset(_PEGS) - {"KWD"}
_EURO_LEVELS = PUBLISHED | _UNPUBLISHED
CURRENCIES: tuple[str, ...] = tuple(sorted({"EUR", *_EURO_LEVELS, *_PEGS}))
"""All that the sandbox has a rate of."""
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


def business_days(first: date, last: date) -> tuple[date, ...]:
    """The business days of a span, both ends included, oldest first."""
    return tuple(day for day in BUSINESS_DAYS if first <= day <= last)


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

    def cross(self, base: str, quote: str, day: date) -> Decimal:
        """Units of `quote` for one `base` by the central bank's rates of the newest business day: six digits."""
        return six_digits(self.per_euro(quote, day) / self.per_euro(base, day))

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
