"""How numbers, money, dates and periods are written in the language spoken (CLDR). Rounding is half up, once, from the
exact decimal."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache
from typing import Any

from babel.dates import format_date, format_skeleton
from babel.lists import format_list

from remitwatch.currencies import currencies
from reports.language import N_, SOURCE, Words, _, language, pgettext, spoken, spoken_code

MINUS = "\u2212"
_E8 = -8
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_GROUPS_FROM_FIVE = ("es", "it", "pl", "pt")
"""Languages that write 1568 and 12 568: CLDR's minimumGroupingDigits of 2, which Babel does not carry."""


@dataclass(frozen=True)
class _Marks:
    """The signs of a language's numbers, in western digits."""

    decimal: str
    group: str
    minus: str
    plus: str
    percent: str
    groups_from: int


@cache
def _marks(code: str) -> _Marks:
    locale = language(code).locale
    symbols = locale.number_symbols["latn"]
    pattern = locale.percent_formats[None].pattern
    sign = pattern.replace("#,##0", "").replace("%", symbols["percentSign"])
    if symbols["group"] == "\u202f":  # a language that parts thousands by a narrow space parts the sign by one too
        sign = sign.replace("\u00a0", "\u202f")
    from_five = code.split("_")[0] in _GROUPS_FROM_FIVE
    minus = symbols["minusSign"].replace("-", MINUS)
    return _Marks(
        symbols["decimal"], symbols["group"], minus, symbols["plusSign"], sign, 10_000 if from_five else 1_000
    )


def _marks_now() -> _Marks:
    return _marks(spoken_code())


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
    return value.quantize(_unit(digits), rounding=ROUND_HALF_UP)


@cache
def _unit(digits: int) -> Decimal:
    return Decimal(1).scaleb(-digits)


class Written(str):
    """A number as the language writes it. A translation can put the word for it beside it: `{points}
    {points:point|points}` takes the first where CLDR's plural of the number is `one` (in French below two), else the
    second."""

    value: Decimal

    def __new__(cls, text: str, value: Decimal) -> Written:
        """`value`: what `text` says, with the decimals that it shows."""
        made = super().__new__(cls, text)
        made.value = value
        return made

    def __format__(self, form: str) -> str:
        if "|" not in form:
            return super().__format__(form)
        one, other = form.split("|")
        return one if spoken().locale.plural_form(abs(self.value)) == "one" else other


def number(value: Decimal, digits: int = 1) -> Written:
    """`1,568.4`, with a true minus; what rounds to zero has no sign."""
    result = rounded(value, digits)
    marks = _marks_now()
    text = _unsigned(abs(result), marks)
    return Written(marks.minus + text if result < 0 else text, result)


def _unsigned(value: Decimal, marks: _Marks) -> str:
    text = f"{value:,f}" if value >= marks.groups_from else str(value)
    if "E" in text:
        text = f"{value:f}"
    if (marks.group, marks.decimal) == (",", "."):
        return text
    return text.replace(",", "\0").replace(".", marks.decimal).replace("\0", marks.group)


def percent(value: Decimal | None, digits: int = 1) -> str:
    """`6.7%`, `6,7 %`. None gives `no figure`."""
    return _("no figure") if value is None else f"{number(value, digits)}{_marks_now().percent}"


def percent_sign() -> str:
    """What stands behind a number of per cent: `%`, or a space and `%`."""
    return _marks_now().percent


def change(value: Decimal, digits: int = 1) -> Written:
    """A difference in points with its sign: `+0.2`, `−0.2`, and `±0.0` for none."""
    result = rounded(value, digits)
    if result < 0:
        return number(value, digits)
    marks = _marks_now()
    return Written((marks.plus if result else "±") + _unsigned(abs(result), marks), result)


def count(value: int) -> str:
    """`1,568`, `1 568`."""
    return _unsigned(Decimal(value), _marks_now())


def counted(value: int, one: str, many: str | None = None) -> str:
    """`1 service`, `12 services`, `1,568 services`."""
    return f"{count(value)} {one if value == 1 else many or one + 's'}"


def counted_words(value: int, one: str, many: str | None = None) -> str:
    """`three services`, `14 services`: numbers up to twelve in words, as in a sentence."""
    return f"{in_words(value)} {one if value == 1 else many or one + 's'}"


def in_words(value: int) -> str:
    """`three`, `14`. Other languages have digits only: their words for numbers depend on what is counted."""
    return _WORDS[value] if 0 <= value < len(_WORDS) and spoken().code == SOURCE else count(value)


def listed(items: Iterable[str]) -> str:
    """`one, two and three`."""
    return format_list(list(items), style="standard", locale=spoken().locale)


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


def separated(items: Iterable[str]) -> str:
    """`one, two, three`: with the comma of the language."""
    return pgettext("separator", ", ").join(items)


_FRACTIONS = (
    (Decimal("0.1"), N_("a tenth")),
    (Decimal("0.2"), N_("a fifth")),
    (Decimal("0.25"), N_("a quarter")),
    (Decimal("0.3"), N_("three tenths")),
    (Decimal(1) / 3, N_("a third")),
    (Decimal("0.4"), N_("two fifths")),
    (Decimal("0.5"), N_("half")),
    (Decimal("0.6"), N_("three fifths")),
    (Decimal(2) / 3, N_("two thirds")),
    (Decimal("0.75"), N_("three quarters")),
    (Decimal("0.8"), N_("four fifths")),
    (Decimal("0.9"), N_("nine tenths")),
)


def share_in_words(part: Decimal, whole: Decimal) -> str:
    """`a third`, `half`, `three tenths`: the nearest plain fraction of a positive whole."""
    if whole <= 0 or part <= 0:
        return pgettext("share of the cost", "none")
    value = part / whole
    if value < Decimal("0.05"):
        return _("hardly any")
    if value > Decimal("0.95"):
        return _("nearly all")
    return _(min(_FRACTIONS, key=lambda named: abs(named[0] - value))[1])


def day(value: dt.date, *, year: bool = True) -> str:
    """`19 August 2025`, `19 de agosto de 2025`; without the year `19 August`."""
    return _day(value, "long" if year else "MMMMd", spoken().code)


def short_day(value: dt.date) -> str:
    """`19 Aug`."""
    return _day(value, "MMMd", spoken().code)


def month(value: dt.date) -> str:
    """`August 2025`."""
    return _day(value, "yMMMM", spoken().code)


def short_month(value: dt.date, *, year: bool = False) -> str:
    """`Aug`; with the year `Aug 2025`."""
    return _day(value, "yMMM" if year else "MMM", spoken().code)


@cache
def _day(value: dt.date, form: str, code: str) -> str:
    locale = language(code).locale
    text = format_date(value, "long", locale) if form == "long" else format_skeleton(form, value, locale=locale)
    return f"{day_of_month(value)}{text[1:]}" if text.startswith("1 ") else text


def day_of_month(value: dt.date) -> str:
    """`19`; the first one as the language says it between day and month (French `1er`)."""
    return pgettext("first day of a month", "1") if value.day == 1 else str(value.day)


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


@cache
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


@cache
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


_QUARTERS = Words({
    "1": N_("the first quarter of {year}"),
    "2": N_("the second quarter of {year}"),
    "3": N_("the third quarter of {year}"),
    "4": N_("the fourth quarter of {year}"),
})  # fmt: skip
_IN_QUARTERS = Words({
    "1": N_("in the first quarter of {year}"),
    "2": N_("in the second quarter of {year}"),
    "3": N_("in the third quarter of {year}"),
    "4": N_("in the fourth quarter of {year}"),
})  # fmt: skip


def period_words(period: str, *, with_in: bool = True) -> str:
    """`in the third quarter of 2025`, `in September 2025`, `on 14 September 2025`; the plain noun without `with_in`."""
    kind = period_kind(period)
    if kind == "latest":
        return _("at the latest prices") if with_in else _("the latest prices")
    first = period_days(period)[0]
    if kind == "quarter":
        return (_IN_QUARTERS if with_in else _QUARTERS)[period[-1]].format(year=period[:4])
    if kind == "month":
        return pgettext("month", "in {month}", month=month(first)) if with_in else month(first)
    if kind == "week":
        monday = day(first)
        return _("in the week of {day}", day=monday) if with_in else _("the week of {day}", day=monday)
    if kind == "day":
        return pgettext("day", "on {day}", day=day(first)) if with_in else day(first)
    return pgettext("year", "in {year}", year=period) if with_in else period
