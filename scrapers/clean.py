"""Numbers, durations, dates and texts as sources write them, read strictly: an exact value or an error, no guess."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from remitwatch.fields import exact_decimal
from remitwatch.services import Speed

_SPACES = dict.fromkeys("\u00a0\u2007\u2008\u2009\u202f", " ")  # the spaces that pages put between thousands
_DIGITS = {
    "latn": "0123456789",
    "arab": "\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669",  # Arabic-Indic
    "arabext": "\u06f0\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7\u06f8\u06f9",  # Persian, Urdu
    "deva": "\u0966\u0967\u0968\u0969\u096a\u096b\u096c\u096d\u096e\u096f",  # Devanagari
    "beng": "\u09e6\u09e7\u09e8\u09e9\u09ea\u09eb\u09ec\u09ed\u09ee\u09ef",  # Bengali
}
_SCRIPT_OF_DIGIT = {digit: script for script, digits in _DIGITS.items() for digit in digits}
_ASCII_DIGIT = {digit: str(value) for digits in _DIGITS.values() for value, digit in enumerate(digits)}
_MARKS = r"[\u200e\u200f\u061c]*"  # invisible: the direction of what stands beside them
_PERCENT = rf"{_MARKS}[%\u066a]{_MARKS}"
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_DURATION = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?",
    re.ASCII,
)


def tidy(value: str) -> str:
    """The text without surrounding and doubled white space and without control and direction marks (a provider's name
    must not turn a page around)."""
    if value.isprintable():  # none of them in it: nearly every text there is
        return " ".join(value.split())
    visible = "".join(" " if char.isspace() else char for char in value if char.isspace() or _visible(char))
    return " ".join(visible.split())


def _visible(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")


def number(text: str, *, decimal: str = ".", group: str = "") -> Decimal:
    """The exact number in a text written with the source's own `decimal` and `group` signs.

    `number("1.234,50", decimal=",", group=".")` is 1234.50. Groups must be whole groups of three after one to three
    digits; spaces of any width count as the group sign " ". Signs `+`, `-` and the true minus are read. Raises
    ValueError for everything else: other digits than ASCII's, exponents, units, an empty text, a bare point.
    """
    whole = rf"\d{{1,3}}(?:{re.escape(group)}\d{{3}})+|\d+" if group else r"\d+"
    return _exact(text, "".join(_SPACES.get(char, char) for char in text).strip(), decimal, group, whole)


def _exact(text: str, plain: str, decimal: str, group: str, whole: str) -> Decimal:
    """The number in `plain`; `whole` is the pattern of its digits before the decimal sign."""
    sign, digits = "", plain
    if plain[:1] in ("+", "-", "\u2212"):
        sign, digits = ("" if plain[0] == "+" else "-"), plain[1:]
    if re.fullmatch(rf"(?:{whole})(?:{re.escape(decimal)}\d+)?", digits, re.ASCII) is None:
        example = f"1{group}234{decimal}50"
        raise ValueError(f"expected a number such as {example}, got {text!r}")
    before, _, after = digits.partition(decimal)
    if group:
        before = before.replace(group, "")
    return Decimal(f"{sign}{before}.{after}" if after else f"{sign}{before}")


def local_number(text: str, locale: str) -> Decimal:
    """The exact number in a text as it is written in a locale (`de_CH`, `hi`, `ar_EG`), by the signs of CLDR.

    Read are the locale's decimal and group signs (spaces of any width and both apostrophes count as one), groups of
    three digits and of two where the locale has them (`12,34,567` in India), digits of ASCII or of the locale's own
    script, and `+`, `-` or the true minus, with the invisible direction marks that stand beside signs. Raises
    ValueError for everything else, per cent signs and currencies too, and for a locale that CLDR does not know.
    """
    style = _style(locale, _script(text))
    plain = "".join(_ASCII_DIGIT.get(char, _SPACES.get(char, char)) for char in text)
    plain = re.sub(rf"^{_MARKS}([-+\u2212]?){_MARKS}", r"\1", plain.strip())
    if style.group == "'":
        plain = plain.replace("\u2019", "'")
    return _exact(text, plain, style.decimal, style.group, style.whole)


def local_percentage(text: str, locale: str) -> Decimal:
    """The number before or after the one per cent sign of a text (`5 %`, `-%5`, `\u0665\u066a`), in per cent.

    Raises ValueError where there is no per cent sign, and as `local_number`.
    """
    match = re.fullmatch(
        rf"(?P<sign>{_MARKS}[-+\u2212]?){_PERCENT}(?P<after>[^%\u066a]+)|(?P<before>[^%\u066a]+){_PERCENT}",
        text.strip(),
    )
    if match is None:
        raise ValueError(f"expected a percentage such as 5 %, got {text!r}")
    return local_number(match["before"] or match["sign"] + match["after"], locale)


@dataclass(frozen=True)
class _Style:
    """How a locale writes numbers: its signs, and the pattern of the digits before the decimal sign."""

    decimal: str
    group: str
    whole: str


@cache
def _style(name: str, script: str) -> _Style:
    from babel import Locale, UnknownLocaleError
    from babel.numbers import get_decimal_symbol, get_group_symbol

    try:
        locale = Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        raise ValueError(f"unknown locale {name!r}: expected one such as de_CH") from None
    if script not in ("latn", locale.default_numbering_system, *locale.other_numbering_systems.values()):
        raise ValueError(f"digits of {script} in a text in {name}: expected ASCII digits or those of its own script")
    group = get_group_symbol(locale, numbering_system=script)
    group = _SPACES.get(group, group).replace("\u2019", "'")
    sign = re.escape(group)
    whole = rf"\d{{1,3}}(?:{sign}\d{{3}})+|\d+"
    if locale.decimal_formats[None].grouping == (3, 2):  # 12,34,567: beside 1,234,567, which is written there too
        whole = rf"\d{{1,2}}(?:{sign}\d{{2}})*{sign}\d{{3}}|{whole}"
    return _Style(get_decimal_symbol(locale, numbering_system=script), group, whole)


def _script(text: str) -> str:
    """The CLDR name of the script whose digits a text has. Raises ValueError where it mixes two."""
    scripts = {_SCRIPT_OF_DIGIT[char] for char in text if char in _SCRIPT_OF_DIGIT}
    if len(scripts) > 1:
        raise ValueError(f"expected digits of one script, got {text!r}")
    return scripts.pop() if scripts else "latn"


def as_json_number(value: Decimal) -> int | float:
    """The number as JSON writes it (200, 77.5), for the body of a request. Raises ValueError where a binary double
    would not be written with exactly these digits."""
    if value == value.to_integral_value():
        return int(value)
    written = float(value)
    if Decimal(repr(written)) != value:
        raise ValueError(f"{value} cannot be written as a number of JSON")
    return written


def shortest(value: Decimal) -> Decimal:
    """The same number without trailing zeros after the point and without a power of ten: 150000.0 is 150000.

    For numbers that came through a sheet: its cells are binary doubles, so nobody ever wrote a trailing `.0`.
    """
    if value == value.to_integral_value():
        return value.quantize(Decimal(1)) + 0 if value.adjusted() < 27 else value  # + 0: a sheet's -0.0 is 0
    return exact_decimal(format(value.normalize(), "f"))


def duration(text: str) -> dt.timedelta:
    """The length of an ISO 8601 duration of weeks, days, hours, minutes and seconds, fractions allowed in the seconds
    (`PT20H8M16.3S`). Raises ValueError for months and years (they have no length) and for anything else."""
    match = _DURATION.fullmatch(text)
    if match is None or text.endswith(("P", "T")):
        raise ValueError(f"expected an ISO 8601 duration such as PT24H, got {text!r}")
    parts = {unit: Decimal(value) for unit, value in match.groupdict().items() if value is not None}
    seconds = parts.get("seconds", Decimal(0))
    return dt.timedelta(
        weeks=int(parts.get("weeks", 0)),
        days=int(parts.get("days", 0)),
        hours=int(parts.get("hours", 0)),
        minutes=int(parts.get("minutes", 0)),
        microseconds=int(seconds * 1_000_000),
    )


def speed_within(longest: dt.timedelta) -> Speed:
    """The survey's speed class of a transfer that takes at most `longest`.

    Up to one hour is `within_hour`; after that the whole days it takes decide: none is `same_day`, one `next_day`, two
    `two_days`, three to five `three_to_five_days`. The longest time stated counts, so a promise is never made better.
    """
    if longest <= dt.timedelta(hours=1):
        return Speed.WITHIN_HOUR
    days = longest // dt.timedelta(days=1)
    if days < 3:
        return (Speed.SAME_DAY, Speed.NEXT_DAY, Speed.TWO_DAYS)[days]
    return Speed.THREE_TO_FIVE_DAYS if days <= 5 else Speed.SIX_DAYS_OR_MORE


def day(text: str) -> dt.date:
    """The date in `2025-08-18`, `2025-08-18 00:00:00` (the way a sheet's dates come out in a csv) or `24/Jan/2011`.

    Raises ValueError for anything else; `12/03/2026` is refused because it means two different days.
    """
    if match := re.fullmatch(r"(\d{1,2})/([A-Za-z]{3})/(\d{4})", text, re.ASCII):
        month = _MONTHS.get(match[2].lower())
        if month is not None:
            return dt.date(int(match[3]), month, int(match[1]))
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?", text, re.ASCII):
        return dt.datetime.fromisoformat(text).date()
    raise ValueError(f"expected a date such as 2025-08-18 or 18/Aug/2025, got {text!r}")


def day_first(text: str, separator: str) -> dt.date:
    """The date of a source that is known to write the day first: `20/11/2026`, `20.11.2026`, or with an English month
    `20 Nov 2026`. Raises ValueError for anything else."""
    parts = text.split(separator)
    if len(parts) == 3 and re.fullmatch(r"\d{1,2} ([A-Za-z]{3}|\d{1,2}) \d{4}", " ".join(parts), re.ASCII):
        month = _MONTHS.get(parts[1].lower()) if parts[1].isalpha() else int(parts[1])
        if month is not None:
            return dt.date(int(parts[2]), month, int(parts[0]))
    raise ValueError(f"expected a date such as 20{separator}11{separator}2026, got {text!r}")
