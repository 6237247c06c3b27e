"""The world map: every country in its place and class, in two drawings that hold without the style sheet."""

import itertools
import re
from collections import Counter
from decimal import Decimal
from importlib.resources import files

import pytest
from lxml import etree

from remitwatch.countries import countries
from reports.charts import topojson
from reports.charts.world_map import FILLS, CallOut, map_class, map_legend, world_map
from reports.charts.world_shapes import HEIGHT, WIDTH, shapes

NAMES = {code: country.name for code, country in countries().items()}


def drawn(values, **changes):
    options = {"ident": "m", "title": "Map of costs", **changes}
    markup = world_map({code: value and Decimal(value) for code, value in values.items()}, NAMES, **options)
    return etree.fromstring(f"<div>{markup}</div>".encode())


def titles(drawing, element):
    """Class and words of every labelled element of the kind, in the order of the drawing."""
    return [
        (next(up.get("class") for up in node.iterancestors("g") if up.get("class")), node.find("title").text)
        for node in drawing.iter(element)
        if node.find("title") is not None
    ]


def points(path):
    found = []
    for part in re.findall(r"M([^M]*)z", path):
        start, steps = part.split("l")
        x, y = (float(value) for value in start.split(","))
        found.append((x, y))
        for step in steps.split():
            right, down = (float(value) for value in step.split(","))
            x, y = x + right, y + down
            found.append((x, y))
    return found


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("-0.5", "c1"), ("2.99999999", "c1"), ("3", "c2"), ("4.99999999", "c2"), ("5", "c3"), ("6.9", "c3"),
        ("7", "c4"), ("9.99999999", "c4"), ("10", "c5"), ("60", "c5"), (None, "cx"),
    ],
)  # fmt: skip
def test_a_cost_of_a_cut_is_in_the_dearer_class(value, kind):
    assert map_class(value and Decimal(value)) == kind


def test_land_and_circles_say_their_country_and_figure_in_their_class():
    drawing = drawn({"KEN": "8.8", "XKX": "5.94", "TON": None, "SOM": "7.5", "LBN": "10.26", "TUR": None})
    wide, narrow = drawing.findall("svg")
    assert titles(wide, "path") == [
        ("cx", "Türkiye: no figure"),
        ("c3", "Kosovo: 5.9%"),
        ("c4", "Kenya: 8.8%"),
        ("c4", "Somalia: 7.5%"),
        ("c5", "Lebanon: 10.3%"),
    ]
    assert titles(wide, "circle") == [("cx", "Tonga: no figure"), ("c5", "Lebanon: 10.3%")]
    assert Counter(titles(narrow, "circle")) == Counter(titles(wide, "circle"))


def test_the_narrow_drawing_shows_the_land_of_the_wide_one_in_its_own_fill():
    wide, narrow = drawn({"KEN": "8.8", "TUR": None}).findall("svg")
    land = {group.get("id") for group in wide.iter("g") if group.get("id")}
    uses = Counter(use.get("href").removeprefix("#") for use in narrow.iter("use"))
    assert uses == dict.fromkeys(land, 2)
    fills = {group.get("fill") for group in narrow.iter("g") if group.get("class") == "cx"}
    assert fills == {"url(#mi)"}
    assert narrow.find(".//pattern[@id='mi']") is not None


def test_every_drawing_has_its_text_alternative_and_ids_are_unique():
    drawing = drawn({"KEN": "8.8", "TUR": None}, title="Costs < 5 & more", description="Kenya: 8.8%.")
    for chart, kind in zip(drawing.findall("svg"), ("chart map wide-only", "chart map narrow"), strict=True):
        assert (chart.get("class"), chart.get("role")) == (kind, "img")
        assert chart.find(f"title[@id='{chart.get('aria-labelledby')}']").text == "Costs < 5 & more"
        assert chart.find(f"desc[@id='{chart.get('aria-describedby')}']").text == "Kenya: 8.8%."
    ids = [node.get("id") for node in drawing.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    references = re.findall(r"#(m\w+)", etree.tostring(drawing).decode())
    assert set(references) <= set(ids)


def test_marks_hold_without_the_style_sheet_and_with_a_strict_policy():
    drawing = drawn({"KEN": "8.8", "TON": None})
    for group in drawing.iter("g"):
        if group.get("class"):
            assert group.get("fill")
            assert group.get("stroke")
    assert not [node for node in drawing.iter() if node.get("style")]


def test_names_are_text():
    names = {**NAMES, "KEN": "<script>x</script>&"}
    markup = str(world_map({"KEN": Decimal(8)}, names, ident="m", title="t"))
    assert "<script>" not in markup
    assert "&lt;script&gt;x&lt;/script&gt;&amp;: 8.0%" in markup


def test_a_country_that_is_not_known_is_not_left_out_silently():
    with pytest.raises(KeyError):
        world_map({"ZZZ": Decimal(8)}, {**NAMES, "ZZZ": "Nowhere"}, ident="m", title="t")
    with pytest.raises(KeyError):
        world_map({"KEN": Decimal(8)}, {}, ident="m", title="t")


def test_call_outs_take_different_empty_places():
    calls = [CallOut("SWZ", "Eswatini 21.2%", "all from South Africa"), CallOut("LSO", "Lesotho 17.3%")]
    wide, narrow = drawn({"SWZ": "21.2", "LSO": "17.3"}, call_outs=calls).findall("svg")
    places = [(text.get("x"), text.get("y"), text.text) for text in wide.iter("text")]
    assert [words for *_, words in places] == ["Eswatini 21.2%", "all from South Africa", "Lesotho 17.3%"]
    assert len({(x, y) for x, y, _ in places}) == 3
    assert not list(narrow.iter("text"))


def test_every_country_of_the_reference_table_has_a_place_on_the_sheet():
    assert set(shapes()) == set(countries())
    for code, shape in shapes().items():
        assert 4 <= shape.x <= WIDTH - 4, code
        assert 4 <= shape.y <= HEIGHT - 4, code
        for x, y in points(shape.path):
            assert 0 <= x <= WIDTH, code
            assert 0 <= y <= HEIGHT, code


def test_places_agree_with_the_compass():
    at = {code: (shape.x, shape.y) for code, shape in shapes().items()}
    assert at["MEX"][0] < at["BRA"][0] < at["SEN"][0] < at["KEN"][0] < at["IND"][0] < at["PHL"][0] < at["FJI"][0]
    assert at["FJI"][0] < at["TON"][0] < at["WSM"][0]  # the Pacific is not torn at the date line
    assert at["GBR"][1] < at["MAR"][1] < at["NGA"][1] < at["ZAF"][1]
    assert at["GUF"][0] < at["BRA"][0] + 40 < at["FRA"][0]


def test_no_country_is_torn_where_the_sheet_is_cut():
    for code, shape in shapes().items():
        for part in re.findall(r"M[^M]*z", shape.path):
            across = [x for x, _ in points(part)]
            assert max(across) - min(across) < WIDTH / 2.5, code


def test_areas_are_equal_to_those_of_the_sphere():
    # Square kilometres of the 1:110m polygons and of the sheet stand in one ratio: Brazil near the equator, Sweden far.
    def area(code):
        total = 0.0
        for part in re.findall(r"M[^M]*z", shapes()[code].path):
            ring = points(part)
            total += abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1], strict=True)))
        return total / 2

    ratio = area("BRA") / 8_510_000
    for code, square_kilometres in (("SWE", 450_000), ("DZA", 2_382_000), ("MNG", 1_564_000), ("ARG", 2_780_000)):
        assert area(code) / square_kilometres == pytest.approx(ratio, rel=0.06), code


def test_a_map_of_all_countries_keeps_the_page_small():
    markup = world_map(dict.fromkeys(countries(), Decimal(6)), NAMES, ident="m", title="t")
    assert len(markup.encode()) < 110_000
    covered = dict.fromkeys(list(countries())[::3], Decimal(6))
    assert len(world_map(covered, NAMES, ident="m", title="t").encode()) < 92_000


def test_the_legend_names_the_hatch_only_where_the_map_has_one():
    def words(values):
        legend = etree.fromstring(map_legend(values, ident="m"))
        return ["".join(item.itertext()) for item in legend.iter("li")]

    whole = ["under 3%", "3% to 5%", "5% to 7%", "7% to 10%", "10% or more", "covered, no figure", "not covered"]
    assert words({"KEN": Decimal(8), "TON": None}) == whole
    assert words({"KEN": Decimal(8)}) == [word for word in whole if word != "covered, no figure"]


def luminance(colour):
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_greys_of_the_classes_step_one_way_in_light_and_dark_and_agree_with_the_style_sheet():
    css = files("reports").joinpath("static/style.css").read_text("utf-8")
    found = re.findall(r"--(c[0-5]): (#[0-9a-f]{6});", css)
    light, dark = dict(found[:6]), dict(found[6:])
    assert light == FILLS
    for scheme, falling in ((light, True), (dark, False)):
        greys = [luminance(scheme[f"c{number}"]) for number in range(1, 6)]
        assert greys == sorted(greys, reverse=falling)
        assert all(abs(first - second) > 0.02 for first, second in itertools.pairwise(greys))


def test_a_ring_walks_its_arcs_forwards_and_backwards():
    topology = {
        "transform": {"scale": [0.5, 2.0], "translate": [10.0, -20.0]},
        "arcs": [[[0, 0], [4, 0], [0, 3]], [[0, 0], [-2, 1], [6, 2]]],
        "objects": {
            "land": {
                "geometries": [
                    {"type": "Polygon", "id": "404", "properties": {"name": "A"}, "arcs": [[0, -2]]},
                    {"type": "MultiPolygon", "properties": {"name": "B"}, "arcs": [[[0]], [[1]]]},
                ]
            }
        },
    }
    first, second = topojson.features(topology, "land")
    one = [(10.0, -20.0), (12.0, -20.0), (12.0, -14.0)]
    other = [(10.0, -20.0), (9.0, -18.0), (12.0, -14.0)]
    assert (first.id, first.name, first.polygons) == ("404", "A", (([*one, *other[::-1][1:]],),))
    assert (second.id, second.name, second.polygons) == (None, "B", ((one,), (other,)))


def test_a_geometry_that_is_no_polygon_is_refused():
    topology = {
        "transform": {"scale": [1, 1], "translate": [0, 0]},
        "arcs": [],
        "objects": {"land": {"geometries": [{"type": "Point", "properties": {"name": "A"}}]}},
    }
    with pytest.raises(ValueError, match="'Point': expected Polygon or MultiPolygon"):
        list(topojson.features(topology, "land"))
