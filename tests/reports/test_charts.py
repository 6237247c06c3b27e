"""The drawings: well-formed, labelled, honest about gaps, negatives and thin data."""

import gettext
import itertools
import re
from decimal import Decimal

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from reports import language
from reports.charts import bars, line, strip, svg


def parsed(markup):
    return etree.fromstring(f'<div xmlns:x="x">{markup}</div>'.encode())


def trend(*points, **changes):
    values = {
        "ident": "t",
        "headline": "h",
        "subtitle": "s",
        "alternative": "a < b & c",
        "lines": (line.Line("average", tuple((period, Decimal(value)) for period, value in points)),),
    }
    return line.Trend(**{**values, **changes})


def test_a_trend_is_drawn_twice_with_text_alternatives_and_both_target_lines():
    drawing = parsed(line.draw(trend(("2025-Q1", "6.1"), ("2025-Q2", "5.9"))))
    charts = drawing.findall("svg")
    assert [chart.get("class") for chart in charts] == ["chart wide-only", "chart narrow"]
    for chart in charts:
        assert chart.get("role") == "img"
        title = chart.find("title")
        assert title.text == "a < b & c"
        assert chart.get("aria-labelledby") == title.get("id")
        assert {"l3", "l5", "ln"} <= {path.get("class") for path in chart.iter("path")}
    ids = [node.get("id") for node in drawing.iter() if node.get("id")]
    assert len(ids) == len(set(ids))


def test_a_gap_breaks_the_line_and_is_hatched_with_words():
    drawing = str(line.draw(trend(*((f"{year}-Q1", "6") for year in (2015, 2023)), ("2023-Q2", "5"))))
    assert drawing.count('class="gapr"') == 2
    assert "no figures held" in drawing
    assert "2015-Q2 to 2022-Q4" in drawing
    assert all(len(path.split("L")) == 2 for path in re.findall(r'class="ln"[^>]* d="([^"]+)"', drawing))


def test_whole_series_has_no_gap():
    drawing = str(line.draw(trend(("2025-Q1", "6"), ("2025-Q2", "5"), ("2025-Q3", "4"))))
    assert "gapr" not in drawing


def test_cost_axes_start_at_zero_and_reach_below_for_negative_values():
    ticks = svg.axis_ticks(0.0, 6.4)
    assert ticks[0] == 0
    assert ticks[-1] >= 6.4
    assert len(ticks) <= 6
    negative = svg.axis_ticks(-4.4, 3.0)
    assert negative[0] <= -4.4
    assert 0 in negative


@given(st.lists(st.floats(10, 300), min_size=1, max_size=6))
def test_labels_are_kept_apart_and_inside(wanted):
    placed = svg.spread(wanted, 17, 0, 320)
    ordered = sorted(placed)
    assert all(right - left >= 17 - 1e-6 for left, right in itertools.pairwise(ordered))
    assert ordered[0] >= -1e-6
    assert ordered[-1] <= 320 + 1e-6


def rectangles(bar):
    return {
        node.get("class"): (float(node.get("x").rstrip("%")), float(node.get("width").rstrip("%")))
        for node in parsed(bar).iter("rect")
    }


def test_a_bar_shows_fee_then_margin_on_the_scale_of_its_table():
    scale = bars.BarScale([Decimal(10)])
    parts = rectangles(scale.bar(Decimal(4), Decimal(6), Decimal(10)))
    assert parts["fee"][0] == 0
    assert parts["margin"][0] == pytest.approx(parts["fee"][1], abs=0.1)
    assert parts["margin"][1] / parts["fee"][1] == pytest.approx(1.5, rel=0.01)


def test_a_negative_margin_is_an_outline_drawn_back_from_the_end_of_the_fee():
    scale = bars.BarScale([Decimal("3.9")], [Decimal("5.1")])
    parts = rectangles(scale.bar(Decimal("5.1"), Decimal("-1.2"), Decimal("3.9")))
    assert set(parts) == {"fee", "neg"}
    assert parts["neg"][0] == pytest.approx(parts["fee"][1], abs=0.1)
    assert sum(parts["neg"]) == pytest.approx(scale.at(5.1), abs=0.1)


def test_a_total_below_zero_is_drawn_to_the_left_of_a_visible_zero():
    scale = bars.BarScale([Decimal("-4.4"), Decimal(3)], [Decimal(0)])
    bar = scale.bar(Decimal(0), Decimal("-4.4"), Decimal("-4.4"))
    assert rectangles(bar)["neg"][0] < scale.at(0)
    assert 'class="axis"' in bar


def test_target_lines_never_cross_a_bar():
    scale = bars.BarScale([Decimal(10)])
    long, short = scale.bar(Decimal(4), Decimal(6), Decimal(10)), scale.bar(Decimal(1), Decimal(1), Decimal(2))
    assert long.count(" pass") == 2
    assert " pass" not in short


def test_a_bar_longer_than_its_scale_is_cut_at_the_edge_and_marked():
    scale = bars.BarScale([Decimal(6)], [Decimal(2)])
    long = scale.bar(Decimal(2), Decimal(90), Decimal(92))
    assert sum(rectangles(long)["margin"]) == pytest.approx(100, abs=0.2)
    assert long.count('class="ground"') == 1
    assert scale.cuts(Decimal(2), Decimal(90), Decimal(92))
    below = scale.bar(Decimal(1), Decimal(-60), Decimal(-59))
    assert rectangles(below)["neg"][0] == 0
    assert below.count('class="ground"') == 1
    whole = scale.bar(None, None, Decimal(40))
    assert sum(rectangles(whole)["nbfi"]) == pytest.approx(100, abs=0.2)
    assert not scale.cuts(Decimal(2), Decimal(4), Decimal(6))
    assert not scale.cuts(None, None, None)
    assert "ground" not in scale.bar(Decimal(2), Decimal(4), Decimal(6))


def test_bars_of_a_long_table_refer_to_target_lines_that_stand_once():
    scale = bars.BarScale([Decimal(10)], ident="t")
    axis = scale.axis()
    assert [node.get("id") for node in parsed(axis).iter("g")] == ["t0", "t1", "t2"]
    assert [group.count(" pass") for group in str(axis).split("<g ")[1:]] == [0, 1, 2]
    for total, kept in (("2", "#t0"), ("4", "#t1"), ("9", "#t2")):
        bar = scale.bar(Decimal(1), Decimal(total) - 1, Decimal(total))
        assert [node.get("href") for node in parsed(bar).iter("use")] == [kept]
        assert "<line" not in bar


def test_without_a_total_only_the_lines_are_drawn():
    assert rectangles(bars.BarScale([]).bar(None, None, None)) == {}


def test_the_big_bar_is_markup_and_not_escaped():
    bar = bars.big_bar(Decimal(4), Decimal(3))
    assert parsed(bar).find("svg").get("height") == "26"


def test_a_spark_needs_two_values():
    assert bars.spark([[Decimal(1)]]) == ""
    assert bars.spark([[Decimal(1), Decimal(1)]]).count("<path") == 1
    gap = bars.spark([[Decimal(1)], [Decimal(2)]])  # two values far apart in time: two dots, no line between them
    assert "<path" not in gap
    assert gap.count("<circle") == 3


def marks(*totals):
    return [strip.Mark(f"<b>{number}&", "bank", Decimal(total), number < 3) for number, total in enumerate(totals)]


def test_every_service_is_on_the_strip_with_its_mark_and_the_cheapest_by_name():
    drawing = parsed(strip.draw(marks("0.7", "3.9", "7.9", "57.4", "88.4", "57.4"), ident="s", title="t"))
    for chart in drawing.findall("svg"):
        assert len(chart.findall("g")) == 6
        assert sum(circle.get("class") == "ring" for circle in chart.iter("circle")) == 3
        texts = [node.text for node in chart.iter("text")]
        assert "<b>0& 0.7%" in texts
        assert any("no service" in text for text in texts)


def test_marks_of_the_same_cost_are_stacked_not_hidden():
    drawing = parsed(strip.draw(marks(*["4"] * 12), ident="s", title="t"))
    places = [group.get("transform") for group in drawing.find("svg").findall("g")]
    assert len(set(places)) == 12


def test_the_middle_half_lies_under_the_axis():
    middle = strip.Middle(Decimal(2), Decimal(3), Decimal(6))
    plain, drawing = (strip.draw(marks("0", "10"), ident="s", title="t", middle=one) for one in (None, middle))
    chart = parsed(drawing).find("svg")
    half = next(box for box in chart.iter("rect") if box.get("class") == "lnp")
    stroke = next(box for box in chart.iter("rect") if box.get("class") == "pt")
    left, right = (float(mark.get("transform")[10:].split(",")[0]) + 7 for mark in chart.findall("g"))
    assert float(half.get("x")) == pytest.approx(left + 0.2 * (right - left), abs=0.2)
    assert float(half.get("width")) == pytest.approx(0.4 * (right - left), abs=0.2)
    assert float(stroke.get("x")) + 1.5 == pytest.approx(left + 0.3 * (right - left), abs=0.2)
    assert "lnp" not in plain


@pytest.fixture
def arabic(monkeypatch):
    """Words in Arabic without a catalogue of them."""
    spoken = language.Language("ar", "العربية", Locale.parse("ar"), gettext.NullTranslations())
    monkeypatch.setattr(svg, "spoken", lambda: spoken)


def test_where_one_reads_from_the_right_costs_run_from_the_right_and_time_does_not(arabic):
    wide = parsed(strip.draw(marks("0.7", "3.9", "7.9", "57.4"), ident="s", title="t")).find("svg")
    places = [float(group.get("transform")[10:].split(",")[0]) for group in wide.findall("g")]
    assert places == sorted(places, reverse=True)
    names = [node for node in wide.iter("text") if node.text.startswith("<b>")]
    assert {node.get("text-anchor") for node in names} == {"end"}
    ticks = list(parsed(bars.BarScale([Decimal(10)]).axis()).iter("text"))
    assert ticks[0].get("x") == "100%"
    assert ticks[0].get("text-anchor") == "end"
    points = re.search(
        r'class="ln"[^>]* d="M([\d.]+),[^L]*L([\d.]+)', line.draw(trend(("2025-Q1", "6"), ("2025-Q2", "5")))
    )
    assert float(points[1]) < float(points[2])


def test_words_from_the_right_are_isolated_and_others_are_not(arabic):
    assert ">\u2067لا خدمة 5%\u2069<" in svg.text(0, 0, "لا خدمة 5%")
    assert ">Western Union 0.7%<" in svg.text(0, 0, "Western Union 0.7%")


def test_a_name_from_the_right_does_not_turn_the_words_beside_it():
    assert svg.isolated("شركة") == "\u2068شركة\u2069"
    assert svg.isolated("Société") == "Société"
    assert ">\u2068شركة\u2069 3.0%<" in svg.text(0, 0, f"{svg.isolated('شركة')} 3.0%")


def test_the_widest_gap_counts_only_when_it_is_wide():
    assert strip.widest_gap([Decimal(1), Decimal(8), Decimal(57), Decimal(60)]) == (Decimal(8), Decimal(57))
    assert strip.widest_gap([Decimal(1), Decimal(3), Decimal(5)]) is None
    assert strip.widest_gap([Decimal(1)]) is None
