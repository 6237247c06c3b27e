"""The last touch to a finished page: codes in their order between words from right to left, and no line that ends in an
amount of money, a date or the code of a period."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from reports.language import Language, language, spoken
from reports.parts import LABEL_MARK

NO_BREAK = "\u00a0"
_YEAR = 4
"""Digits of a year."""
_AFTER_YEAR = r"(?:Q\d|W\d\d|\d\d(?:-\d\d)?)(?:-\d+)?"
_PERIOD = rf"\d{{{_YEAR}}}-{_AFTER_YEAR}"
_CODE = re.compile(rf"(?<![\w-])({_PERIOD}|{LABEL_MARK})(?![\w-])")
_CODE_FROM_HYPHEN = re.compile(rf"-(?<=(?<![\w-])\d{{{_YEAR}}}-){_AFTER_YEAR}(?![\w-])")
_MARK = re.compile(rf"{LABEL_MARK}(?<=(?<![\w-]){LABEL_MARK})(?![\w-])")
_WORDS = re.compile(r">[^<]+<")
_NOT_SET_AFTER = ('class="nb"', 'data-as-of=""')
"""Ends of tags: what is marked already, and the day that a page taken over is dated anew with
(`reports.parts.day_mark`), stay as they are."""
_NOT_SET_BEFORE = tuple(f"</{tag}>" for tag in ("text", "tspan", "title", "desc", "option", "script"))
"""A drawing, a title and a choice may hold no markup."""
_BEFORE_A_NUMBER = re.compile(
    rf"(%\u200e|\u200e(?:{_PERIOD}|{LABEL_MARK})|\b[A-Z]{{3}} \d++(?:[,.]\d++)*+)"
    r"(?=\s*[.،؛:·]\s*(?:[\d\u200e±]|<))"
)
_PHRASE = re.compile("<bdi>(?=[^<]*[\u0621-\u064a])")


def typeset(page: str) -> str:
    """The page, as HTML in the language spoken, ready to be read."""
    now = spoken()
    return _kept_together(_codes_in_order(page) if now.direction == "rtl" else page, now)


def _codes_in_order(page: str) -> str:
    """The page with the codes of periods and editions (`2026-Q3`) kept from left to right between words that run from
    right to left, by a mark before each; with a percentage, a code or an amount of money that only punctuation parts
    from a number after it kept before it, by a mark after each (else `5.4%. 3` is drawn with the 3 first); and with
    the isolated phrases that begin with a number or a Latin name but are Arabic made to run as Arabic."""
    marked = _WORDS.sub(lambda found: _BEFORE_A_NUMBER.sub("\\1\u200f", _CODE.sub("\u200e\\1", found[0])), page)
    return _PHRASE.sub("<bdi>\u200f", marked)


def _kept_together(page: str, now: Language) -> str:
    """The page with `USD 200` and the day and month of `19 August 2025` joined by a space that does not break, and with
    codes of periods, which break at their hyphens, marked as not to be broken (class `nb`)."""
    made: list[str] = []
    done = 0
    part = _Stretch(0, sets=False)
    for first, end in sorted(_breaks(page, now.code)):
        if first >= part.end:
            part = _stretch(page, first)
        if not part.sets:
            continue
        made.append(page[done:first])
        made += (NO_BREAK,) if page[first] == " " else ('<span class="nb">', page[first:end], "</span>")
        done = end
    return "".join((*made, page[done:]))


class _Stretch(NamedTuple):
    """A tag or a text between two tags: where it ends, and whether it is a text that may be set."""

    end: int
    sets: bool


def _stretch(page: str, at: int) -> _Stretch:
    """The stretch that a place of the page is in."""
    opened = page.rfind("<", 0, at)
    closed = page.find(">", opened)
    if not 0 <= closed < at:
        return _Stretch(at + 1 if closed < 0 else closed, sets=False)
    end = page.find("<", at)
    free = not page.endswith(_NOT_SET_AFTER, 0, closed) and not page.startswith(_NOT_SET_BEFORE, end)
    return _Stretch(len(page) if end < 0 else end, sets=free and end >= 0)


def _breaks(page: str, code: str) -> Iterator[tuple[int, int]]:
    """Where a line must not break, first place and end: the space of `USD 200` and of `19 August`, a period's code,
    the mark of the edition. A page is long and holds few of them: each is looked for by one character."""
    yield from (found.span() for found in _spaces(code).finditer(page))
    yield from ((found.start() - _YEAR, found.end()) for found in _CODE_FROM_HYPHEN.finditer(page))
    yield from (found.span() for found in _MARK.finditer(page))


@cache
def _spaces(code: str) -> re.Pattern[str]:
    """The space between a currency and its amount, and between the day and the month of a date, in words or shortened
    (CLDR)."""
    forms = language(code).locale.months["format"]
    names = {name for form in ("wide", "abbreviated") for name in forms[form].values()}
    months = "|".join(re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name)))
    days = "|".join(rf"(?<=(?<![\w.,]){day} )" for day in (r"\d", r"\d\d", "1er"))
    money = r"(?=\d)(?<=(?<!\w)[A-Z]{3} )"
    return re.compile(rf" (?<=[A-Z\dr] )(?:{money}|(?=(?:de )?(?:{months})(?!\w))(?:{days}))")
