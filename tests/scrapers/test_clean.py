"""Numbers, durations, dates and labels: an exact value or an error, whatever the sign, the spaces and the case."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remitwatch.services import PaymentInstrument, PickupMethod, ProviderType, Speed
from scrapers.clean import day, duration, number, shortest, speed_within, tidy
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
