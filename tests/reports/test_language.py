"""Languages: catalogues are whole and sound, numbers, dates and names follow the language spoken."""

from __future__ import annotations

import datetime as dt
import re
import string
from decimal import Decimal
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from remitwatch.errors import InputError
from reports import names, numbers
from reports.about import render_about
from reports.country.measures import titles
from reports.held import span
from reports.language import NP_, Words, _, language, languages, marked, ngettext, speaking, spoken
from reports.methodology import render_methodology
from reports.overview import render_overview
from reports.site import make_site
from reports.typography import typeset
from tests.reports.made_up import edition

REPORTS = Path(__file__).parents[2] / "reports"
KEYWORDS = {
    "_": None,
    "_m": None,
    "N_": None,
    "NP_": ((1, "c"), 2),
    "marked": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
OTHERS = [code for code in languages() if code != "en"]


def messages_of_the_code() -> set[tuple[str | None, str | tuple[str, ...]]]:
    found = extract_from_dir(
        REPORTS,
        method_map=[("**.py", "python"), ("**/templates/**.html", "jinja2")],
        options_map={"**/templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}},
        keywords=KEYWORDS,
    )
    with (REPORTS.parent / "remitwatch" / "reference" / "events.csv").open("rb") as file:
        measures = {(None, title) for _line, _name, title, _comments in titles(file, KEYWORDS, [], {})}
    return {(context, message) for _file, _line, message, _comments, context in found} | measures


def catalogue(code: str) -> Catalog:
    with (REPORTS / "locale" / code / "LC_MESSAGES" / "remitwatch.po").open("rb") as file:
        return read_po(file, locale=code, abort_invalid=True)


def fields(text: str) -> set[str]:
    return {name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("code", OTHERS)
def test_no_string_is_missing_and_none_is_left_over(code: str) -> None:
    held = {(message.context, message.id): message for message in catalogue(code) if message.id}
    wanted = messages_of_the_code()
    assert {key for key in wanted if key not in held} == set()
    assert {key for key in held if key not in wanted} == set()
    empty = [key for key, message in held.items() if message.fuzzy or not all(_strings(message.string))]
    assert empty == []


def _strings(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, tuple | list) else [str(value or "")]


@pytest.mark.parametrize("code", OTHERS)
def test_translations_keep_names_in_braces_and_tags(code: str) -> None:
    wrong = []
    for message in catalogue(code):
        if not message.id:
            continue
        originals = list(message.id) if isinstance(message.id, tuple) else [message.id]
        known = set().union(*map(fields, originals))
        for text in _strings(message.string):
            # a plural may leave its number out where the word says it (one, two)
            lacking = known - fields(text) - ({"n"} if isinstance(message.id, tuple) else set())
            tags = sorted(re.findall(r"</?\w+", text)) == sorted(re.findall(r"</?\w+", originals[-1]))
            if lacking or fields(text) - known or not tags or "\u202e" in text or "<script" in text:
                wrong.append((message.id, text))
    assert wrong == []


@pytest.mark.parametrize("code", OTHERS)
def test_plurals_are_those_of_the_language(code: str) -> None:
    held = catalogue(code)
    number = language(code).locale.plural_form.tags
    assert held.num_plurals >= min(2, len(number))
    wrong = [
        message.id
        for message in held
        if isinstance(message.id, tuple) and message.id and len(_strings(message.string)) != held.num_plurals
    ]
    assert wrong == []


def test_a_language_without_a_catalogue_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"language 'tlh': expected one of en"):
        language("tlh")


def test_the_language_spoken_ends_with_its_block() -> None:
    assert spoken().code == "en"
    with pytest.raises(InputError), speaking("tlh"):
        pass
    with speaking("en") as now:
        assert (now.name, now.direction) == ("English", "ltr")
    assert spoken().code == "en"


@pytest.mark.parametrize(
    ("code", "percent", "count", "change", "minus", "day", "short", "quarter"),
    [
        ("en", "6.7%", "1,568", "+0.2", "−1,568.4", "19 August 2025", "19 Aug", "the third quarter of 2025"),
        ("fr", "6,7\u202f%", "1\u202f568", "+0,2", "−1\u202f568,4", "19 août 2025", "19 août", None),
        ("es", "6,7\u00a0%", "1568", "+0,2", "−1568,4", "19 de agosto de 2025", "19 ago", None),
        ("ar", "6.7\u200e%\u200e", "1,568", "\u200e+0.2", "\u200e−1,568.4", "19 أغسطس 2025", "19 أغسطس", None),
    ],
)
def test_numbers_and_dates_follow_the_language(
    code: str, percent: str, count: str, change: str, minus: str, day: str, short: str, quarter: str | None
) -> None:
    if code not in languages():
        pytest.skip(f"no catalogue of {code} yet")
    with speaking(code):
        assert numbers.percent(Decimal("6.74")) == percent
        assert numbers.count(1568) == count
        assert numbers.change(Decimal("0.2")) == change
        assert numbers.number(Decimal("-1568.4")) == minus
        assert numbers.day(dt.date(2025, 8, 19)) == day
        assert numbers.short_day(dt.date(2025, 8, 19)) == short
        if quarter:
            assert numbers.period_words("2025-Q3", with_in=False) == quarter


def test_names_are_those_of_the_language() -> None:
    assert (names.country("KEN"), names.currency("KES")) == ("Kenya", "Kenyan Shilling")
    with pytest.raises(InputError, match="XXX"):
        names.country("XXX")
    for code, kenya in (("fr", "Kenya"), ("es", "Kenia"), ("ar", "كينيا")):
        if code in languages():
            with speaking(code):
                assert names.country("KEN") == kenya


def test_values_are_put_into_messages_and_escaped_in_markup() -> None:
    assert _("{sender} to {receiver}", sender="{x}", receiver="Kenya") == "{x} to Kenya"
    assert ngettext("{n} service", "{n} services", 1568) == "1,568 services"
    assert ngettext("{n} service", "{n} services", 1) == "1 service"
    assert str(marked("<b>{name}</b>", name="<script>")) == "<b>&lt;script&gt;</b>"


@pytest.mark.skipif("fr" not in languages(), reason="no catalogue of fr yet")
def test_a_french_decimal_below_two_is_singular_and_the_first_of_a_month_is_an_ordinal() -> None:
    def cheaper(by: str) -> str:
        return _("cheaper by {points} points", points=numbers.number(Decimal(by)))

    with speaking("fr"):
        assert [cheaper(by) for by in ("0.3", "1.94", "1.96", "12")] == [
            "moins cher de 0,3 point", "moins cher de 1,9 point",
            "moins cher de 2,0 points", "moins cher de 12,0 points",
        ]  # fmt: skip
        assert _("{change} points since {period}", change=numbers.change(Decimal("-0.2")), period="2026-Q1") == (
            "−0,2 point depuis 2026-Q1"
        )
        assert numbers.day(dt.date(2026, 11, 1)) == "1er novembre 2026"
        assert numbers.short_day(dt.date(2026, 11, 11)) == "11 nov."
        assert span(dt.date(2026, 8, 1), dt.date(2026, 8, 27)) == "du 1er au 27 août 2026"
    assert cheaper("0.3") == "cheaper by 0.3 points"


def test_a_message_kept_with_its_context_is_found_in_every_language() -> None:
    kept = Words({"target": NP_("target", "Met"), "requirement": NP_("requirement", "Met")})
    assert (kept["target"], _(NP_("requirement", "Met"))) == ("Met", "Met")
    if "fr" in languages():
        with speaking("fr"):
            assert (kept["target"], kept["requirement"]) == ("Atteinte", "Remplie")


def test_no_compiled_catalogue_stands_beside_the_text() -> None:
    assert not list(REPORTS.rglob("*.mo"))


@pytest.mark.skipif("ar" not in languages(), reason="no catalogue of ar yet")
def test_codes_of_periods_and_editions_keep_their_order_between_arabic_words() -> None:
    with speaking("ar"):
        page = render_about(make_site(edition(languages=("ar",))))
    text = re.sub(r"<[^>]+>", "", page)
    codes = re.findall(r"(.?)(2026-Q3(?:-1)?)", text)
    assert codes
    assert {before for before, _code in codes} == {"\u200e"}
    assert 'href="' in page
    assert "\u200e" not in "".join(re.findall(r'(?:href|id|src)="[^"]*"', page))


@pytest.mark.skipif("ar" not in languages(), reason="no catalogue of ar yet")
def test_a_percentage_before_another_number_is_followed_by_a_mark_in_arabic() -> None:
    with speaking("ar"):
        site = make_site(edition(languages=("ar",)))
        page = render_overview(site, site.views[0])
    assert set(re.findall(r"%\u200e(\u200f?)\s*[.،؛:·]\s*[\d\u200e±<]", page)) == {"\u200f"}


@pytest.mark.skipif("ar" not in languages(), reason="no catalogue of ar yet")
def test_the_decimals_of_an_amount_stay_with_it_in_arabic() -> None:
    with speaking("ar"):
        set_ = typeset("<p>تكلفة USD 11.84 في المتوسط</p><p>GBP 1.75</p><p>USD 1,568. 3 ممرات</p>")
    assert set_ == ("<p>تكلفة USD\u00a011.84 في المتوسط</p><p>GBP\u00a01.75</p><p>USD\u00a01,568\u200f. 3 ممرات</p>")


@pytest.mark.parametrize(
    ("code", "given", "told"),
    [
        ("en", "<p>in 2024-Q3 at USD 200</p>", '<p>in <span class="nb">2024-Q3</span> at USD\u00a0200</p>'),
        ("en", "<p>on 19 August 2025, 3 May be</p>", "<p>on 19\u00a0August 2025, 3\u00a0May be</p>"),
        ("en", "<p>2.5 March, 12 corridors</p>", "<p>2.5 March, 12 corridors</p>"),
        ("fr", "<p>1er novembre, 8 oct.</p>", "<p>1er\u00a0novembre, 8\u00a0oct.</p>"),
        ("es", "<p>19 de agosto de 2025</p>", "<p>19\u00a0de agosto de 2025</p>"),
        ("en", '<th class="nb">2024-Q3</th>', '<th class="nb">2024-Q3</th>'),
        ("en", '<a href="2026-10">2026-10-30-1</a>', '<a href="2026-10"><span class="nb">2026-10-30-1</span></a>'),
        ("en", "<title>2024-Q3</title>", "<title>2024-Q3</title>"),
        ("en", "<svg><text>2024-Q3</text></svg>", "<svg><text>2024-Q3</text></svg>"),
        ("en", "<p>remitwatch-2026-10-30.xlsx, ABCD 1</p>", "<p>remitwatch-2026-10-30.xlsx, ABCD 1</p>"),
    ],
)  # fmt: skip
def test_amounts_dates_and_codes_of_periods_stay_on_one_line(code: str, given: str, told: str) -> None:
    if code not in languages():
        pytest.skip(f"no catalogue of {code} yet")
    with speaking(code):
        assert typeset(given) == told


@pytest.mark.skipif("ar" not in languages(), reason="no catalogue of ar yet")
def test_arabic_counts_three_to_ten_and_eleven_to_ninety_nine_and_hundreds_each_in_their_form() -> None:
    with speaking("ar"):
        words = [
            ngettext("{n} country", "{n} countries", n) for n in (0, 1, 2, 3, 10, 11, 99, 100, 102, 103, 111, 1000)
        ]
    assert words == [
        "لا بلدان", "بلد واحد", "بلدان اثنان", "3 بلدان", "10 بلدان", "11 بلدًا", "99 بلدًا",
        "100 بلد", "102 بلد", "103 بلدان", "111 بلدًا", "1,000 بلد",
    ]  # fmt: skip


@pytest.mark.skipif("ar" not in languages(), reason="no catalogue of ar yet")
def test_an_arabic_phrase_that_begins_with_a_percentage_runs_from_right_to_left() -> None:
    with speaking("ar"):
        page = render_methodology(make_site(edition(languages=("ar",))))
    assert "<bdi>\u200f75\u200e%\u200e من المدفوعات" in page
