"""Numbers, durations, dates and texts as sources write them, read strictly: an exact value or an error, no guess."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal

from remitwatch.fields import exact_decimal
from remitwatch.services import Speed

_SPACES = dict.fromkeys("\u00a0\u2007\u2008\u2009\u202f", " ")  # the spaces that pages put between thousands
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
    plain = "".join(_SPACES.get(char, char) for char in text).strip()
    sign, digits = "", plain
    if plain[:1] in ("+", "-", "\u2212"):
        sign, digits = ("" if plain[0] == "+" else "-"), plain[1:]
    whole = rf"\d{{1,3}}(?:{re.escape(group)}\d{{3}})+|\d+" if group else r"\d+"
    if re.fullmatch(rf"(?:{whole})(?:{re.escape(decimal)}\d+)?", digits, re.ASCII) is None:
        example = f"1{group}234{decimal}50"
        raise ValueError(f"expected a number such as {example}, got {text!r}")
    before, _, after = digits.partition(decimal)
    if group:
        before = before.replace(group, "")
    return Decimal(f"{sign}{before}.{after}" if after else f"{sign}{before}")


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
