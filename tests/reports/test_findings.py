"""Headlines and findings say what the figures say, and no more."""

import dataclasses
import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest

from reports import compare, corridor_words, findings, held, promises, trends
from reports.charts import line
from reports.inputs import INDICATOR_COLUMNS, SERVICE_COLUMNS, BasisInput
from reports.key_findings import key_findings
from reports.lookup import read_figures, read_offers
from tests.reports.made_up import AS_OF, SOURCES, edition


def row(indicator, value, period="2026-Q3", scope="world", **changes):
    values = dict.fromkeys(INDICATOR_COLUMNS)
    values |= {
        "indicator": indicator,
        "scope": scope,
        "period": period,
        "amount": 200,
        "basis": "survey",
        "unit": "percent",
        "value": None if value is None else Decimal(value),
        "services": 40,
        "providers": 12,
        "corridors": 12,
        "flags": (),
        "method": "1",
        "as_of": AS_OF,
        "id": "x",
    }
    return values | changes


def basis(now, past=(), name="survey", period="2026-Q3", previous="2026-Q2"):
    return BasisInput(
        name,
        period,
        previous,
        pd.DataFrame(list(now), columns=list(INDICATOR_COLUMNS)),
        pd.DataFrame(list(past), columns=list(INDICATOR_COLUMNS)),
        pd.DataFrame([], columns=list(SERVICE_COLUMNS)),
        pd.DataFrame([], columns=list(SERVICE_COLUMNS)),
    )


def headline(now, past=(), target=None, **changes):
    data = basis(now, past, **changes)
    figures = read_figures(data)
    earlier = compare.earlier_period(data, figures, AS_OF.date())
    return findings.headline(data, figures, earlier, target)


AVERAGE = "average_total_cost"
PACE = {"status": "improving", "projected_year": 2037, "deadline": 2030, "window": "2016-Q2 to 2026-Q3, 10.3 years"}


def test_a_landing_year_is_named_for_a_long_pace_and_only_of_the_corridors_held():
    now = [row(AVERAGE, "6.7")]
    assert headline(now, target=PACE) == "At this pace these 12 corridors meet the 3% target in 2037, not 2030"
    world = [row(AVERAGE, "6.7", corridors=285)]
    assert headline(world, target=PACE) == "At this pace the 3% target is met in 2037, not 2030"


def test_a_short_window_names_no_landing_year():
    short = PACE | {"window": "2026-W31 to 2026-W44, 0.3 years"}
    assert (
        headline([row(AVERAGE, "6.7")], target=short)
        == "In the 12 corridors held, sending USD 200 costs 6.7% on average, more than twice the 3% target"
    )


def test_a_change_in_a_year_is_in_the_headline():
    past = [row(AVERAGE, "6.9", "2025-Q3"), row(AVERAGE, "6.8", "2026-Q2")]
    assert headline([row(AVERAGE, "6.7")], past) == (
        "In the 12 corridors held, sending USD 200 costs 6.7% on average, down from 6.9% a year earlier"
    )


def test_only_an_average_of_the_survey_of_many_corridors_is_without_their_number():
    def average(corridors):
        return [row(AVERAGE, "2.5", corridors=corridors)]

    assert headline(average(285)) == "Sending USD 200 costs 2.5% on average, under the 3% target"
    held = "sending USD 200 costs 2.5% on average, under the 3% target"
    assert headline(average(285), name="standard") == f"In the 285 corridors held, {held}"
    assert headline(average(6)) == f"In the 6 corridors held, {held}"
    assert headline(average(1)) == f"In the only corridor held, {held}"


def test_under_five_hundredths_of_a_point_nothing_moved():
    past = [row(AVERAGE, "6.74", "2025-Q3")]
    assert "down" not in headline([row(AVERAGE, "6.70")], past)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("2.99", "under the 3% target"),
        ("3.00", "above the 3% target"),
        ("5.5", "nearly twice"),
        ("9.01", "more than three times"),
    ],
)
def test_the_target_is_strictly_below_three(value, words):
    assert words in headline([row(AVERAGE, value)])


def test_no_value_is_said_in_words():
    assert (
        headline([row(AVERAGE, None, flags=("private_suppressed",))])
        == "No average cost is held in the third quarter of 2026"
    )
    data = basis([row(AVERAGE, None, flags=("private_suppressed",))])
    assert "Withheld" in findings.lead(data, read_figures(data))


def test_smart_of_exactly_five_is_within_and_thin_corridors_are_not_judged():
    corridors = [("GBR", "IND", "5.0000", ()), ("GBR", "NGA", "5.0001", ()), ("ESP", "COL", "1", ("fewer_than_three",))]
    data = basis(
        [row("smart", value, scope="corridor", sender=a, receiver=b, flags=flags) for a, b, value, flags in corridors]
    )
    counted = findings.smart_count(read_figures(data))
    assert (counted.within, counted.above, counted.thin) == (1, 1, 1)


def test_the_last_finding_is_the_caveat_and_sentences_are_short():
    for data in edition().bases:
        figures = read_figures(data)
        earlier = compare.earlier_period(data, figures, AS_OF.date())
        made = key_findings(data, figures, earlier, 2, ["Wise is late."])
        assert 4 <= len(made) <= 11
        assert made[-1].strong == "Read with care."
        assert "2 services do not disclose the rate" in made[-1].rest
        for finding in made:
            for sentence in finding.text.split(". "):
                assert len(sentence.split()) <= 25, sentence


def offers(key, name="survey"):
    data = next(one for one in edition(hostile=False).bases if one.basis == name)
    return [offer for offer in read_offers(data.services, SOURCES)[key] if offer.tier == 200], read_figures(data)


def test_a_corridor_with_an_empty_middle_says_so():
    listed, figures = offers("TZA-KEN")
    assert corridor_words.headline("TZA-KEN", figures, ("corridor", "TZA", "KEN"), listed).startswith(
        "Tanzania to Kenya: three services cost under 8%, nine over 5"
    )


def test_a_corridor_of_two_services_names_both_and_judges_nothing():
    listed, figures = offers("ESP-COL")
    place = ("corridor", "ESP", "COL")
    assert "only two services" in corridor_words.headline("ESP-COL", figures, place, listed)
    assert "the 5% ceiling is not judged" in corridor_words.lead(figures, place, None)


def test_targets_without_a_value_are_not_judged_and_short_paces_not_shown():
    figures = read_figures(basis([row(AVERAGE, "7.8")]))
    given = [
        {
            "code": "sdg_10c_average",
            "owner": "SDG 10.c",
            "name": "A",
            "indicator": AVERAGE,
            "scope": "world",
            "basis": "survey",
            "deadline": 2030,
            "value": Decimal("7.8"),
            "status": "improving",
            "actual_pace": Decimal(-9),
            "window": "2026-W31 to 2026-W44, 0.3 years",
        },
        {
            "code": "g20_speed",
            "owner": "G20",
            "name": "B",
            "indicator": "share_services_within_hour",
            "scope": "world",
            "basis": "survey",
            "value": None,
            "status": "not_assessable",
            "why": "no_value",
        },
        {"code": "other", "scope": "world", "basis": "standard", "value": Decimal(1), "status": "met"},
    ]
    cards = promises.cards(promises.sound(given, basis([]), figures), figures, "survey")
    assert [card.status for card in cards] == ["not_met", "not_assessable", "not_assessable"]
    assert "too short to judge a pace" in cards[0].text
    assert "9" not in cards[0].text
    assert cards[2].value == "–"
    assert cards[2].text == "The figure that this target names is not held."


def test_a_year_earlier_is_preferred_and_the_named_period_else():
    held = [row(AVERAGE, "7", period) for period in ("2025-Q3", "2026-Q2")]
    data = basis([row(AVERAGE, "6.7")], held)
    assert compare.earlier_period(data, read_figures(data), AS_OF.date()).words == "a year earlier"
    data = dataclasses.replace(data, history=data.history[data.history["period"] != "2025-Q3"])
    assert compare.earlier_period(data, read_figures(data), AS_OF.date()).head == "Since 2026-Q2"
    data = dataclasses.replace(data, history=data.history.iloc[:0])
    assert compare.earlier_period(data, read_figures(data), AS_OF.date()) is None


def test_a_change_of_what_is_measured_is_neither_compared_nor_bridged():
    past = [row(AVERAGE, "6.3", "2026-W42", services=212), row(AVERAGE, "6.1", "2026-W43", services=212)]
    now = [row(AVERAGE, "2.7", "2026-10-30", services=17)]
    data = basis(now, past, name="standard", period="2026-10-30", previous="2026-W43")
    figures = read_figures(data)
    earlier = compare.earlier_period(data, figures, AS_OF.date())
    assert earlier is None
    assert "down" not in findings.headline(data, figures, earlier, None)
    shown = trends.world_trend(figures, None)
    assert shown.trend.headline == "The average cost is 2.7%"
    assert "rests on 212 services in 12 corridors; now on 17 services in 12 corridors." in shown.trend.note
    assert len(line.unbroken(shown.trend.lines[0])) == 2


def test_half_as_many_services_are_still_compared():
    past = [row(AVERAGE, "6.9", "2025-Q3", services=80)]
    assert "down from 6.9%" in headline([row(AVERAGE, "6.7")], past)


def test_a_window_is_read_in_every_form_it_is_given():
    for given in (("2016-Q2", "2019-Q4"), ("2016-Q2 to 2019-Q4, 3.5 years",), "2016-Q2 to 2019-Q4, 3.5 years"):
        assert findings.window_of({"window": given}) == ("2016-Q2", "2019-Q4")
    for nothing in ((), "", None):
        assert findings.window_of({"window": nothing}) is None


def corridors(period, keys, value="6.0", **changes):
    """Corridor rows of a period: an average, its fee and its margin each."""
    return [
        row(code, part, period, "corridor", sender=key[:3], receiver=key[4:], services=5, corridors=1, **changes)
        for key in keys
        for code, part in ((AVERAGE, value), ("average_fee", "2"), ("average_fx_margin", value))
    ]


EAST = ("TZA-KEN", "TZA-UGA", "TZA-RWA", "RWA-KEN")


def test_no_change_is_stated_between_different_corridors():
    """The sample of the survey: three corridors in 2011, four in 2025."""
    now = [row(AVERAGE, "50.7", corridors=4), *corridors("2026-Q3", EAST, "50.7")]
    past = [row(AVERAGE, "23.6", "2026-Q2", corridors=3), *corridors("2026-Q2", EAST[:3], "23.6")]
    data = basis(now, past)
    figures = read_figures(data)
    earlier = compare.earlier_period(data, figures, AS_OF.date())
    assert earlier is None
    assert "23.6" not in findings.headline(data, figures, earlier, None)
    made = key_findings(data, figures, earlier, 0)
    assert "23.6" not in " ".join(one.text for one in made)
    assert "rests on another set of corridors" in made[0].rest
    shown = trends.world_trend(figures, None)
    assert "23.6" not in shown.trend.headline
    assert "4 corridors, in another set of corridors" in shown.trend.note
    assert [(cells[0], cells[1], cells[-1]) for cells in shown.rows] == [
        ("2026-Q3", "50.70", "4"),
        ("2026-Q2", "23.60", "3"),
    ]
    assert compare.period_before(data, AS_OF.date()) == "2026-Q2"  # each corridor is still compared with itself


def test_as_many_corridors_are_not_the_same_corridors():
    ten = [f"GBR-{code}" for code in ("IND", "NGA", "KEN", "PAK", "PHL", "UGA", "GHA", "ZAF", "RWA", "TZA")]
    for other, stated in ((["GBR-MEX"], True), (["GBR-MEX", "GBR-COL"], False)):
        before = [*ten[len(other) :], *other]
        now = [row(AVERAGE, "6.0", corridors=10), *corridors("2026-Q3", ten)]
        past = [row(AVERAGE, "7.0", "2025-Q3", corridors=10), *corridors("2025-Q3", before)]
        assert ("down from 7.0%" in headline(now, past)) is stated


def test_no_change_is_stated_over_more_than_five_years():
    for period, stated in (("2021-Q2", True), ("2021-Q1", False)):
        past = [row(AVERAGE, "7.0", period)]
        data = basis([row(AVERAGE, "6.0")], past, previous=period)
        figures = read_figures(data)
        earlier = compare.earlier_period(data, figures, AS_OF.date())
        assert (earlier is not None) is stated
        assert stated or "more than five years old" in compare.untold(data, figures)
        assert len(figures.steady(AVERAGE)) == (2 if stated else 1)


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        ("11.24", "11.16", "It was the same a year earlier."),
        ("6.76", "6.74", "It hardly changed from 6.7% a year earlier."),
        ("6.81", "6.74", "It rose from 6.7% a year earlier."),
        ("6.60", "6.74", "It fell from 6.7% a year earlier."),
    ],
)
def test_words_follow_the_printed_figures(now, before, words):
    data = basis([row(AVERAGE, now)], [row(AVERAGE, before, "2025-Q3")])
    figures = read_figures(data)
    earlier = compare.earlier_period(data, figures, AS_OF.date())
    assert key_findings(data, figures, earlier, 0)[0].rest.startswith(words)
    shown = trends.world_trend(figures, None).trend.headline
    assert ("as in 2025-Q3" in shown) is ("same" in words)
    assert ("rose" in shown, "fell" in shown) == ("rose" in words, "fell" in words)


def test_figures_of_a_day_and_of_its_chart_name_their_dates():
    """The week before it was cheaper, two months before dearer: `up` and `fell` are both true, of different dates."""
    past = [row(AVERAGE, "6.4", "2026-W32"), row(AVERAGE, "6.1", "2026-W40")]
    data = basis([row(AVERAGE, "6.2", "2026-10-30")], past, "standard", "2026-10-30", "2026-W40")
    figures = read_figures(data)
    earlier = compare.earlier_period(data, figures, AS_OF.date())
    assert findings.headline(data, figures, earlier, None) == (
        "On 30 October, in the 12 corridors held, sending USD 200 cost 6.2% on average, up from 6.1% in the week of "
        "28 September"
    )
    assert trends.world_trend(figures, None).trend.headline == (
        "The average cost fell from 6.4% in the week of 3 August to 6.2% on 30 October"
    )
    first = key_findings(data, figures, earlier, 0)[0].rest
    assert first.startswith(
        "It rose from 6.1% in the week of 28 September. The oldest comparable figure is 6.4%, in the week of 3 August."
    )


DAYS = tuple(dt.date(2026, 8, 2) + dt.timedelta(days=count) for count in range(90))


def test_what_part_of_a_period_is_held_is_said():
    """Prices run from 2 August to 30 October; the quarters shown are longer."""
    past = [row(AVERAGE, "6.4", "2026-Q3")]
    data = basis([row(AVERAGE, "6.2", "2026-Q4")], past, "standard", "2026-Q4", "2026-Q3")
    data = dataclasses.replace(data, days=DAYS)
    figures = read_figures(data)
    part = held.part_of(DAYS, "2026-Q4", AS_OF.date())
    earlier = compare.earlier_period(data, figures, AS_OF.date())
    assert findings.headline(data, figures, earlier, None, part=part) == (
        "In the 12 corridors held, sending USD 200 costs 6.2% on average so far, down from 6.4% in the third quarter "
        "of 2026 (60 of 92 days)"
    )
    assert "Prices are held for 30 of 92 days so far, from 1 to 30 October 2026." in findings.lead(
        data, figures, part=part
    )
    parts = {"2026-Q4": part, "2026-Q3": held.part_of(DAYS, "2026-Q3", AS_OF.date())}
    shown = trends.world_trend(figures, None, parts=parts)
    assert [cells[0] for cells in shown.rows] == ["2026-Q4 (30 of 92 days so far)", "2026-Q3 (60 of 92 days)"]
    assert shown.trend.subtitle.endswith("(2026-Q3: 60 of 92 days, 2026-Q4: 30 of 92 days so far)")
    assert 'class="pace"' in shown.svg
    assert 'class="ln"' not in shown.svg


@pytest.mark.parametrize(
    ("period", "as_of", "words"),
    [
        ("2026-Q3", dt.date(2026, 10, 30), "60 of 92 days"),
        ("2026-Q4", dt.date(2027, 1, 5), "30 of 92 days"),
        ("2026-Q4", dt.date(2026, 10, 30), "30 of 92 days so far"),
        ("2026-W40", dt.date(2026, 10, 30), None),
        ("2026-W31", dt.date(2026, 10, 30), "1 of 7 days"),
        ("2026-10-30", dt.date(2026, 10, 30), None),
        ("2026-Q2", dt.date(2026, 10, 30), None),
        ("latest", dt.date(2026, 10, 30), None),
    ],
)
def test_a_part_is_what_is_not_the_whole(period, as_of, words):
    part = held.part_of(DAYS, period, as_of)
    assert (part.words if part else None) == words


def test_a_few_missed_days_leave_a_period_whole():
    missed = [day for day in DAYS if day not in (dt.date(2026, 9, 8), dt.date(2026, 9, 9))]
    assert held.part_of(missed, "2026-09", AS_OF.date()) is None
    assert held.part_of(missed[::2], "2026-09", AS_OF.date()).words == "14 of 30 days"


def pace(**changes):
    return {
        "code": "sdg_10c_average", "scope": "world", "basis": "survey", "indicator": AVERAGE, "deadline": 2030,
        "value": Decimal("6.0"), "status": "improving", "actual_pace": Decimal("-0.32"), "projected_year": 2035,
        "required_pace": Decimal("-0.56"), "required_from_now": Decimal("-0.67"), "window": "2020-Q3 to 2026-Q3",
    } | changes  # fmt: skip


def test_a_pace_is_stated_with_both_paces_needed_on_one_base():
    figures = read_figures(basis([row(AVERAGE, "6.0")], [row(AVERAGE, "8.0", "2020-Q3"), row(AVERAGE, "7", "2024-Q3")]))
    target = pace()
    assert promises.sound([target], basis([]), figures) == [target]
    (card, *_) = promises.cards([target], figures, "survey")
    assert card.text == "Fell 0.32 points a year since 2020-Q3. Needed: 0.56 a year from then, 0.67 from now."
    shown = trends.world_trend(figures, target).trend
    assert shown.headline == "The average cost falls 0.32 points a year; 0.67 are needed from now"


def test_no_pace_is_stated_from_other_corridors_or_across_years_without_figures():
    others = [row(AVERAGE, "8.0", "2020-Q3", corridors=9), row(AVERAGE, "7", "2024-Q3")]
    gap = [row(AVERAGE, "8.0", "2020-Q3")]
    for past, words in ((others, "another set of corridors"), (gap, "over five years")):
        figures = read_figures(basis([row(AVERAGE, "6.0")], past))
        (target,) = promises.sound([pace()], basis([]), figures)
        assert (target["status"], target["actual_pace"], target["projected_year"]) == ("not_assessable", None, None)
        (card, *_) = promises.cards([target], figures, "survey")
        assert card.status == "not_met"
        assert words in card.text
        assert "0.32" not in card.text
        assert "2035" not in findings.headline(basis([row(AVERAGE, "6.0")]), figures, None, target)
    grown = read_figures(basis([row(AVERAGE, "6.0", corridors=365)], [row(AVERAGE, "8", "2022-Q3", corridors=220)]))
    world = pace(window="2022-Q3 to 2026-Q3")
    assert promises.sound([world], basis([]), grown) == [world]  # the world's own series


def test_a_pace_rests_on_the_days_that_are_held_not_on_the_length_of_periods():
    data = dataclasses.replace(basis([row(AVERAGE, "6.2", "2026")], (), "standard", "2026"), days=DAYS)
    target = pace(basis="standard", window="2025 to 2026")
    (found,) = promises.sound([target], data, read_figures(data))
    (card, *_) = promises.cards([found], read_figures(data), "standard")
    assert card.text == "Prices of 90 days are held (2 August to 30 October 2026): too short to judge a pace."
    assert not findings.long_pace(found)


def test_an_overview_with_chosen_pages_says_that_it_speaks_of_all():
    now = [row(AVERAGE, "6.2", corridors=285)]
    data = basis(now)
    figures = read_figures(data)
    assert findings.headline(data, figures, None, None, all_held=True) == (
        "In the 285 corridors held, sending USD 200 costs 6.2% on average, more than twice the 3% target"
    )
    assert findings.lead(data, figures, pages=1).endswith("of all corridors held; 1 corridor has a page here.")
