"""What is missing is handed over as codes, and told in sentences."""

import datetime as dt

import pytest

from reports.inputs import Gap
from reports.missing import missing, told
from reports.site import make_site
from tests.reports.made_up import edition

MANY = ("GBR-IND", "GBR-KEN", "USA-IND", "USA-MEX", "ESP-COL", "ESP-MAR", "ARE-IND", "ARE-PAK", "KEN-UGA", "TZA-KEN",
        "DEU-TUR", "DEU-IND", "USA-PHL", "GBR-NGA")  # fmt: skip


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (Gap("no_survey"), "No survey figures are held."),
        (
            Gap("corridors_without_price", {"basis": "standard", "watched": 14, "corridors": ("GBR-KEN", "USA-IND")}),
            "Standard prices: no price is held for 2 of 14 watched corridors: "
            "United Kingdom to Kenya and United States to India.",
        ),
        (
            Gap("days_without_prices", {"source": "transfergo", "days": (
                (dt.date(2026, 10, 12), "unreachable"), (dt.date(2026, 10, 13), "some_new_reason"))}),
            "TransferGo quotes: no usable prices on 12 Oct (not reached) and 13 Oct (some new reason); "
            "nothing was filled in.",
        ),
        (
            Gap("quotes_without_rate", {"quotes": 1, "days": 90}),
            "1 quote of the last 90 days had no reference rate in force and is in no figure.",
        ),
        (
            Gap("quotes_without_rate", {"quotes": 1200, "days": 90}),
            "1,200 quotes of the last 90 days had no reference rate in force and are in no figure.",
        ),
    ],
)  # fmt: skip
def test_a_gap_is_a_sentence(gap, words):
    assert told(edition(), gap) == words


def test_long_lists_are_cut_and_say_so():
    cut = told(edition(), Gap("corridors_without_price", {"basis": "standard", "watched": 90, "corridors": MANY}))
    assert cut.endswith("Germany to India and 2 others.")
    days = tuple((dt.date(2026, 10, day), "failed") for day in range(1, 12))
    assert "6 Oct (failed) and 5 more days;" in told(
        edition(), Gap("days_without_prices", {"source": "x", "days": days})
    )


def test_a_gap_without_a_sentence_is_an_error():
    with pytest.raises(KeyError):
        told(edition(), Gap("something_else"))


def test_what_follows_from_the_figures_is_told_for_each_basis():
    lines = missing(make_site(edition()))
    assert "Survey: 2 services do not disclose the rate; they are in no average." in lines
    assert "Standard prices: 1 price was handed in privately; it is only in averages." in lines
    assert any("TransferGo quotes: no usable prices on" in line for line in lines)
