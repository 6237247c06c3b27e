"""The page on the method says what the program does: every option, indicator, rule and target, with words."""

import dataclasses
from decimal import Decimal

from lxml import html

from remitwatch import marks
from remitwatch.failures import FAILURES
from remitwatch.indicators import CODES
from remitwatch.method import OPTIONS
from remitwatch.reference import names, read_notes, read_rows
from remitwatch.targets import targets
from reports import method_words as words
from reports.methodology import EXAMPLE, example, render_methodology
from reports.missing import REASONS
from reports.site import make_site
from tests.reports.made_up import edition


def _page(**changes):
    return html.document_fromstring(render_methodology(make_site(edition(bases=("survey",), **changes))))


def _rows(page, section):
    return [
        [" ".join(cell.text_content().split()) for cell in row.xpath("th|td")]
        for row in page.xpath("//section[@id=$name]//tbody/tr", name=section)
    ]


def test_everything_that_the_program_knows_has_its_words():
    assert set(words.INDICATORS) == set(words.DEFINITIONS) == set(CODES)
    assert [row["code"] for row in read_rows("indicators.csv")].count("smart") == 1
    assert {row["code"] for row in read_rows("indicators.csv")} == set(CODES)
    assert {row["status"] for row in read_rows("indicators.csv")} <= set(words.STATUS)
    assert set(words.OPTIONS) == set(OPTIONS)
    assert set(words.RULES) == set(marks.rules())
    assert set(words.TARGETS) == {target.code for target in targets()}
    assert {failure.code for failure in FAILURES} <= set(REASONS)


def test_every_reference_table_states_its_source_and_vintage():
    assert set(words.TABLES) == set(names())
    assert all(read_notes(name)["source"] and read_notes(name)["as_of"] for name in names())


def test_the_example_is_the_formula_and_not_a_copy():
    """By hand: 1.90 / 120 = 1.5833 and 1 - 98 / 100 = 2; of 121.90 paid 3.5275 is lost, of 120 less the fee 3.5517."""
    made = example()
    assert (made["fee_pct"], made["margin_pct"], made["total_pct"]) == ("1.58%", "2.00%", "3.58%")
    assert (made["added"], made["deducted"], made["paid"]) == ("3.53%", "3.55%", "GBP 121.90")
    assert EXAMPLE["fee"] == Decimal("1.90")


def test_an_option_that_is_changed_stands_out():
    page = _page(method="1+one_per_provider+mto_presence_percent=90")
    changed = [row for row in _rows(page, "options") if row[1] != row[2]]
    assert changed == [
        ["A firm fills at most one of SmaRT’s three slots.one_per_provider", "off", "on"],
        [
            "In how many of 100 corridors an operator must be for the international MTO index.mto_presence_percent",
            "85",
            "90",
        ],
    ]
    assert len(page.xpath("//section[@id='options']//span[@class='tag warn']")) == 2
    assert not _page().xpath("//section[@id='options']//span[@class='tag warn']")


def test_a_published_value_stands_beside_the_figure_of_the_same_quarter():
    data = edition(bases=("survey",))
    history = data.bases[0].history
    chosen = (
        (history["scope"] == "world")
        & (history["indicator"] == "average_total_cost")
        & (history["period"] == "2023-Q3")
    )
    assert chosen.sum() == 1
    value = history.loc[chosen, "value"].iloc[0].quantize(Decimal("0.01"))
    rows = {(row[0], row[1]): row[2:] for row in _rows(_page(), "checks")}
    assert rows["Average total cost", "2023-Q3"] == [
        "6.18%",
        f"{value}% other corridors12 corridors",
        "recomputed: equal",
    ]
    assert rows["Average total cost", "2023-Q1"] == ["6.25%", "not held", "recomputed: equal"]


def test_targets_of_an_operator_stand_beside_the_official_ones_as_text():
    national = {
        "code": "ken_2027", "owner": "<b>Kenya</b>", "name": "=CMD()", "indicator": "average_total_cost",
        "scope": "receiver", "operator": "le", "target": Decimal("4.5"), "deadline": 2027, "national": True,
        "subject": "KEN", "basis": "survey", "status": "improving", "value": Decimal(6),
    }  # fmt: skip
    data = edition(bases=("survey",))
    page = html.document_fromstring(
        render_methodology(make_site(dataclasses.replace(data, targets=[*data.targets, national, national])))
    )
    rows = _rows(page, "targets")
    assert len(rows) == len(targets()) + 1
    assert rows[-1] == [
        "=CMD()<b>Kenya</b> · ken_2027",
        "Average total cost",
        "at most 4.5%",
        "2027",
        "receiving countries",
    ]
    assert rows[0][2:4] == ["less than 3%", "2030"]


def test_rules_show_their_limits_from_the_data():
    rows = {row[0]: row[1:3] for row in _rows(_page(), "rules")}
    assert len(rows) == len(marks.rules())
    limits = {name: limit for name, (limit, _action) in rows.items()}
    assert "25% from the reference rate, either way" in limits.values()
    assert "more than 5 points" in limits.values()
