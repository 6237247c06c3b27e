"""Numbers, durations, dates and labels: an exact value or an error, whatever the sign, the spaces and the case."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from babel import Locale
from babel.numbers import format_decimal, format_percent
from hypothesis import given
from hypothesis import strategies as st

from remitwatch.services import PaymentInstrument, PickupMethod, ProviderType, Speed
from scrapers.clean import (
    as_json_number,
    day,
    duration,
    local_number,
    local_percentage,
    number,
    shortest,
    speed_within,
    tidy,
)
from scrapers.labels import ACCESS_POINT, FIRM_TYPE, PAYMENT_INSTRUMENT, PICKUP_METHOD, SPEED

STYLES = [(".", ","), (",", "."), (".", "'"), (",", " "), (".", "")]


@given(
    value=st.decimals(min_value=-(10**12), max_value=10**12, places=4, allow_nan=False),
    style=st.sampled_from(STYLES),
    places=st.integers(0, 4),
)
def test_a_number_written_in_any_style_is_read_back(value: Decimal, style: tuple[str, str], places: int) -> None:
    decimal, group = style
    value = round(value, places)
    text = f"{value:,.{places}f}".replace(",", "G").replace(".", decimal).replace("G", group)
    for written in (text, text.replace(" ", "\u202f"), text.replace("-", "\u2212"), f" {text}\u00a0"):
        assert number(written, decimal=decimal, group=group) == value


@given(st.text(max_size=12))
def test_a_number_is_exact_or_refused(text: str) -> None:
    try:
        value = number(text, group=",")
    except ValueError:
        return
    assert value.is_finite()
    assert re.sub(r"[\s,+]", "", text).replace("\u2212", "-").isascii()
    assert Decimal(re.sub(r"[\s,]", "", text).replace("\u2212", "-")) == value


@pytest.mark.parametrize(
    ("text", "decimal", "group", "value"),
    [
        ("1.234,56", ",", ".", "1234.56"),
        ("1,234.56", ".", ",", "1234.56"),
        ("1'234.50", ".", "'", "1234.50"),
        ("1\u00a0234,56", ",", " ", "1234.56"),
        ("57\u202f443", ",", " ", "57443"),
        ("1.234", ",", ".", "1234"),
        ("1.234", ".", ",", "1.234"),
        ("\u22125", ".", "", "-5"),
        ("+0.10", ".", "", "0.10"),
    ],
)
def test_numbers_of_several_countries(text: str, decimal: str, group: str, value: str) -> None:
    assert str(number(text, decimal=decimal, group=group)) == value


@pytest.mark.parametrize(
    "text",
    ["", " ", "-", ".", ",89", ".89", "5.", "1,23", "12,34.5", "1,2345", ",123", "1,,234", "1 234", "1_000", "1e5"]
    + ["nan", "inf", "N/A", "5 %", "$5", "٣", "５", "1.2.3", "--5", "+-5", "0x10"],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected a number such as 1,234\.50"):
        number(text, group=",")


LOCALES = (
    *("en", "en_IN", "en_ZA", "de", "de_CH", "de_AT", "fr", "fr_CH", "es", "es_MX", "it", "pt_BR", "pt_PT", "nl", "sv"),
    *(
        "pl",
        "ru",
        "uk",
        "tr",
        "id",
        "vi",
        "sw",
        "fil",
        "ar",
        "ar_EG",
        "ar_MA",
        "fa",
        "ur",
        "hi",
        "ne",
        "bn",
        "he",
        "am",
    ),
)
DIGITS = {"arab": "٠١٢٣٤٥٦٧٨٩", "arabext": "۰۱۲۳۴۵۶۷۸۹", "deva": "०१२३४५६७८९", "beng": "০১২৩৪৫৬৭৮৯"}
SPACES = "\u00a0\u2009\u202f\u2007 "
exact = st.decimals(min_value=-(10**12), max_value=10**12, places=4, allow_nan=False)


def in_scripts(locale: str) -> list[str]:
    """The scripts of digits that are used in a locale."""
    found = Locale.parse(locale)
    return sorted({"latn", found.default_numbering_system, *found.other_numbering_systems.values()} & {"latn", *DIGITS})


def in_digits(text: str, script: str) -> str:
    return text.translate(str.maketrans("0123456789", DIGITS[script])) if script in DIGITS else text


@given(data=st.data(), locale=st.sampled_from(LOCALES), value=exact, places=st.integers(0, 4))
def test_a_number_as_a_locale_writes_it_is_read_back(
    data: st.DataObject, locale: str, value: Decimal, places: int
) -> None:
    """By CLDR's own formatter, in every script of the locale, whatever the spaces and the minus sign."""
    value = round(value, places)
    script = data.draw(st.sampled_from(in_scripts(locale)))
    pattern = f"{Locale.parse(locale).decimal_formats[None].pattern.split('.')[0]}.{'0' * places}"
    written = format_decimal(value, format=pattern, locale=locale, numbering_system=script)
    space = data.draw(st.sampled_from(SPACES))
    for text in (
        written,
        written.replace("-", "\u2212"),
        f" {written}\u00a0",
        "".join(space if char in SPACES else char for char in written),
    ):
        assert local_number(in_digits(text, script), locale) == value


@given(data=st.data(), locale=st.sampled_from(LOCALES), value=exact)
def test_a_percentage_as_a_locale_writes_it_is_read_back(data: st.DataObject, locale: str, value: Decimal) -> None:
    script = data.draw(st.sampled_from(in_scripts(locale)))
    written = format_percent(value / 100, locale=locale, numbering_system=script, decimal_quantization=False)
    text = in_digits(written, script)
    assert local_percentage(text, locale) == value
    with pytest.raises(ValueError):
        local_number(text, locale)


@given(text=st.text(alphabet="0123456789٠٣۴५.,'’٫٬  -+−%eE_", max_size=10), locale=st.sampled_from(LOCALES))
def test_a_local_number_is_exact_or_refused(text: str, locale: str) -> None:
    try:
        value = local_number(text, locale)
    except ValueError:
        return
    digits = "".join(str(int(char)) for char in text if char.isdigit())
    assert digits == f"{abs(value):f}".replace(".", "").rjust(len(digits), "0")


@pytest.mark.parametrize(
    ("text", "locale", "value"),
    [
        ("1.234,56", "de", "1234.56"),
        ("1.234", "de", "1234"),
        ("1,234", "en", "1234"),
        ("1,234", "de", "1.234"),
        ("1,234.56", "en", "1234.56"),
        ("1’234.50", "de_CH", "1234.50"),
        ("1'234.50", "de_CH", "1234.50"),
        ("57 443", "sv", "57443"),
        ("60,15", "sv", "60.15"),
        ("12,34,567.5", "en_IN", "1234567.5"),
        ("1,234,567.5", "en_IN", "1234567.5"),
        ("१२,३४,५६७.५", "hi", "1234567.5"),
        ("١٬٢٣٤٫٥٦", "ar_EG", "1234.56"),
        ("۱٬۲۳۴٫۵۶", "fa", "1234.56"),
        ("\u200e\u2212۵", "fa", "-5"),
        ("\u061c-٥", "ar_EG", "-5"),
        ("\u22125", "sv", "-5"),
    ],
)
def test_local_numbers(text: str, locale: str, value: str) -> None:
    assert str(local_number(text, locale)) == value


@pytest.mark.parametrize("locale", ["en", "de", "fr", "de_CH", "ar_EG", "hi"])
@pytest.mark.parametrize(
    "text",
    ["", " ", ",89", ".89", "1_000", "1e5", "nan", "inf", "N/A", "NA", "None", "-", "..", "5 %", "45 kr", "€5", "$5"]
    + ["1٢", "５", "1.2.3,4", "1,2,3.4", "--5", "5-", "(5)", "1\u200e2", "1\u06602", "0x10", "½", "²"],
)
def test_what_is_no_local_number_is_refused(text: str, locale: str) -> None:
    with pytest.raises(ValueError, match=r"expected (a number|digits)|digits of"):
        local_number(text, locale)


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        *(("1,234,56", "de"), ("1.234.56", "en"), ("12,34,567", "en"), ("1 234", "en")),
        *(("1,23", "en"), ("1.2345", "it"), ("१२", "de"), ("٢", "fr"), ("۵", "ar_EG"), ("5", "xx_NOWHERE"), ("5", "")),
    ],
)
def test_signs_of_another_locale_are_refused(text: str, locale: str) -> None:
    """The English `1,23` would be 123 to a reader who drops commas; here only whole groups are groups."""
    with pytest.raises(ValueError):
        local_number(text, locale)


@pytest.mark.parametrize("text", ["5", "%", "5 %%", "% 5 %", "5 percent", "5‰", ""])
def test_what_is_no_percentage_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        local_percentage(text, "en")


def test_a_number_for_the_body_of_a_request_has_the_same_digits() -> None:
    assert [as_json_number(Decimal(text)) for text in ("200", "2.00", "1.4E+2", "60.5")] == [200, 2, 140, 60.5]
    with pytest.raises(ValueError, match="cannot be written"):
        as_json_number(Decimal("0.12345678901234567890"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("150000.0", "150000"),
        ("0.0841", "0.0841"),
        ("7.60", "7.6"),
        ("7.6E-5", "0.000076"),
        ("-0.0", "0"),
        ("1E+3", "1000"),
    ],
)
def test_the_shortest_form_of_a_sheet_number(value: str, text: str) -> None:
    assert str(shortest(Decimal(value))) == text


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e20, max_value=1e20))
def test_the_shortest_form_is_the_same_number(value: float) -> None:
    exact = Decimal(repr(value))
    assert shortest(exact) == exact
    assert shortest(exact).as_tuple().exponent <= 0


@given(st.integers(0, 60), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59_999_999))
def test_a_duration_is_read_back(days: int, hours: int, minutes: int, microseconds: int) -> None:
    seconds = f"{microseconds // 1_000_000}.{microseconds % 1_000_000:06}"
    expected = timedelta(days=days, hours=hours, minutes=minutes, microseconds=microseconds)
    assert duration(f"P{days}DT{hours}H{minutes}M{seconds}S") == expected


@pytest.mark.parametrize(
    ("text", "speed"),
    [
        ("PT0S", Speed.WITHIN_HOUR),
        ("PT1H", Speed.WITHIN_HOUR),
        ("PT60M0.1S", Speed.SAME_DAY),
        ("PT20H8M16.305111S", Speed.SAME_DAY),
        ("PT23H59M59S", Speed.SAME_DAY),
        ("PT24H", Speed.NEXT_DAY),
        ("P1DT23H", Speed.NEXT_DAY),
        ("P2D", Speed.TWO_DAYS),
        ("PT72H", Speed.THREE_TO_FIVE_DAYS),
        ("P5DT23H", Speed.THREE_TO_FIVE_DAYS),
        ("P6D", Speed.SIX_DAYS_OR_MORE),
        ("P2W", Speed.SIX_DAYS_OR_MORE),
    ],
)
def test_the_longest_time_decides_the_speed(text: str, speed: Speed) -> None:
    assert speed_within(duration(text)) is speed


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1DT", "P1M", "P1Y", "24H", "PT-1H", "PT1.5H", "pt1h", "PT１H", "P1D "]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="ISO 8601 duration"):
        duration(text)


@given(st.dates())
def test_a_date_is_read_in_both_forms_of_the_survey(value: date) -> None:
    month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][value.month - 1]
    iso = value.isoformat()
    for text in (
        iso,
        f"{iso} 00:00:00",
        f"{value.day:02}/{month}/{value.year:04}",
        f"{value.day}/{month.upper()}/{value.year:04}",
    ):
        assert day(text) == value


@pytest.mark.parametrize(
    "text", ["12/03/2026", "31/Feb/2025", "1/Foo/2025", "2025-13-01", "2025", "", "45000", "20250818"]
)
def test_a_date_that_could_be_two_or_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        day(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Western \u00a0Union\n", "Western Union"),
        ("evil\u202ename\u0000\u200b", "evilname"),
        ("Ünal & Söhne", "Ünal & Söhne"),
        ("送金\ud800", "送金"),
    ],
)
def test_tidy_keeps_what_is_seen(text: str, expected: str) -> None:
    assert tidy(text) == expected


@pytest.mark.parametrize(
    ("vocabulary", "cell", "codes", "known"),
    [
        (FIRM_TYPE, "Money Transfer Operator / Post office", ("money_transfer_operator", "post_office"), True),
        (FIRM_TYPE, "BANK", ("bank",), True),
        (FIRM_TYPE, "Crypto exchange", ("unknown",), False),
        (FIRM_TYPE, "Bank / Crypto exchange", ("bank", "unknown"), False),
        (PAYMENT_INSTRUMENT, "Cash, Debit card,credit Card ", ("cash", "debit_card", "credit_card"), True),
        (PAYMENT_INSTRUMENT, "Debit/credit card", ("debit_card", "credit_card"), True),
        (PAYMENT_INSTRUMENT, "Debit / Credit card, Cash", ("debit_card", "credit_card", "cash"), True),
        (PAYMENT_INSTRUMENT, "", ("unknown",), True),
        (ACCESS_POINT, "Not available", ("unknown",), True),
        (ACCESS_POINT, "N/A", ("unknown",), True),
        (ACCESS_POINT, "Internet,  Post Office branch", ("internet", "post_office_branch"), True),
        (PICKUP_METHOD, "Own/partner Bank Account", ("partner_bank_account",), True),
        (PICKUP_METHOD, "Bank account (same/partner bank)", ("partner_bank_account",), True),
        (SPEED, "3\u20135 days", ("three_to_five_days",), True),
        (SPEED, "less than ONE  hour", ("within_hour",), True),
        (SPEED, "In a jiffy", ("unknown",), False),
    ],
)
def test_labels_as_they_come(vocabulary, cell: str, codes: tuple[str, ...], known: bool) -> None:
    assert vocabulary.read(cell) == (codes, known)


def test_codes_and_labels_are_both_read_from_a_hand_in() -> None:
    assert FIRM_TYPE.codes("bank+post_office") == (ProviderType.BANK, ProviderType.POST_OFFICE)
    assert PAYMENT_INSTRUMENT.codes("Debit card + cash") == (PaymentInstrument.DEBIT_CARD, PaymentInstrument.CASH)
    assert PICKUP_METHOD.code("bank_account") is PickupMethod.BANK_ACCOUNT
    with pytest.raises(ValueError, match="expected one value"):
        PICKUP_METHOD.code("cash+atm")
    for text in ("pigeon", "cash+pigeon", "n/a", "+"):
        with pytest.raises(ValueError, match="expected one of cash"):
            PAYMENT_INSTRUMENT.codes(text)
