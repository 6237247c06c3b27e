"""The last touch to a finished page: codes in their order between words from right to left, and no line that ends in an
amount of money, a date or the code of a period."""

from __future__ import annotations

import re
from functools import cache

from reports.language import Language, language, spoken
from reports.parts import LABEL_MARK

NO_BREAK = "\u00a0"
_PERIOD = r"\d{4}-(?:Q\d|W\d\d|\d\d(?:-\d\d)?)(?:-\d+)?"
_CODE = re.compile(rf"(?<![\w-])({_PERIOD}|{LABEL_MARK})(?![\w-])")
_MONEY = re.compile(r"(?<!\w)([A-Z]{3}) (?=\d)")
_WORDS = re.compile(r">[^<]+<")
_SET = re.compile(
    r'(?<!class="nb")(?<!data-as-of="")>[^<]*[\d\ue000][^<]*<(?!/(?:text|tspan|title|desc|option|script)\b)'
)
"""Text that may hold markup; a drawing, a title and a choice may not. The day that a page taken over is dated anew with
(`reports.parts.day_mark`) stays as it is written there."""
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
    dates = _dates(now.code)

    def kept(found: re.Match[str]) -> str:
        joined = dates.sub(f"\\1{NO_BREAK}", _MONEY.sub(f"\\1{NO_BREAK}", found[0]))
        return _CODE.sub('<span class="nb">\\1</span>', joined)

    return _SET.sub(kept, page)


@cache
def _dates(code: str) -> re.Pattern[str]:
    """The space between the day and the month of a date, in words or shortened (CLDR)."""
    forms = language(code).locale.months["format"]
    names = {name for form in ("wide", "abbreviated") for name in forms[form].values()}
    months = "|".join(re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name)))
    return re.compile(rf"(?<![\w.,])(\d{{1,2}}|1er) (?=(?:de )?(?:{months})(?!\w))")
